"""What a user asks of a server before the next one is touched."""

from __future__ import annotations

import http.server
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivc.deploy.server_check import Judge, ServerCheck
from ivc.deploy.standing import Standing

LOCAL = Standing(id="www-1", addresses={"backend": ("127.0.0.1",)})


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def failure(text: str, server: Standing = LOCAL, seconds: float = 5) -> str | None:
    return ServerCheck.parse(text).failure(server, seconds=seconds)


@pytest.fixture
def port() -> Iterator[int]:
    """A web server, which has one page and sends everybody who asks for another elsewhere."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = {"/health?deep=1": 200, "/elsewhere": 302}.get(self.path, 503)
            self.send_response(status)
            self.send_header("Location", "http://192.0.2.1/")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tcp:22", "'tcp:22' is none: give tcp://{address}:22, http://{address}/health, or a command"),
        ("ftp://{address}", "'ftp://{address}' is none"),
        (" ", "' ' is none"),
        ("tcp://{address}", "is no address to ask: write tcp://{address}:PORT"),
        ("tcp://{address}:0", "is no address to ask: write tcp://{address}:PORT"),
        ("tcp://{address}:22/path", "is no address to ask: write tcp://{address}:PORT"),
        ("http://{address}:99999/", "is no address to ask: write http://{address}:PORT/path"),
        ("http:///health", "is no address to ask"),
        ("http://{adress}/", "write {name}, {address} or {address:NETWORK} in it"),
    ],
)
def test_what_is_no_check_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^--check: .*{re.escape(said)}"):
        ServerCheck.parse(text)


def test_a_port_that_accepts_passes_and_one_that_is_shut_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        shut = f"tcp://{{address}}:{listening.getsockname()[1]}"
        assert failure(shut) is None
    assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+: .*Connection refused", failure(shut) or "")


def test_an_answer_that_is_no_error_passes_and_leads_nowhere_else(port: int) -> None:
    assert failure(f"http://{{address:backend}}:{port}/health?deep=1") is None
    assert failure(f"http://{{address}}:{port}/elsewhere") is None
    assert failure(f"http://{{address}}:{port}") == f"http://127.0.0.1:{port}: the answer is 503 Service Unavailable"


def test_a_certificate_is_not_taken_on_trust(port: int) -> None:
    """That one does not speak TLS at all."""
    assert "SSL" in (failure(f"https://{{address}}:{port}/health") or "")


def test_a_command_passes_by_its_status_and_its_last_line_is_told() -> None:
    assert failure("test {name} = www-1 && test {address} = 127.0.0.1") is None
    assert failure("echo first; echo why >&2; exit 3") == (
        "echo first; echo why >&2; exit 3: it ends with status 3, and says: why"
    )


def test_a_name_is_one_word_of_a_command() -> None:
    """Of one of many, `for_each` made it."""
    assert failure("""test {name} = 'b["x y"]'""", Standing(id='b["x y"]')) is None


def test_what_is_the_shells_own_stays() -> None:
    assert failure("name=x; test ${name} = x && awk 'BEGIN {exit 0}'") is None


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    said = failure(f"(sleep 1.5; touch {tmp_path}/late) & sleep 60", seconds=0.5)
    assert (said or "").endswith("it did not end within 0 s")
    time.sleep(1.5)
    assert not (tmp_path / "late").exists()


def test_an_ipv6_address_stands_in_brackets_but_in_a_command() -> None:
    server = Standing(id="www-1", addresses={"backend": ("2001:db8::1",)})
    assert ServerCheck.parse("tcp://{address}:22").for_server(server) == "tcp://[2001:db8::1]:22"
    assert ServerCheck.parse("ping {address}").for_server(server) == "ping 2001:db8::1"


def test_a_floating_ip_goes_first_and_ipv4_before_ipv6() -> None:
    addresses = {"backend": ("10.0.0.11", "2001:db8::1"), "office": ("2001:db8::2", "203.0.113.5")}
    server = Standing(id="www-1", addresses=addresses, floating_ips={"backend": "198.51.100.7"})
    assert ServerCheck.parse("{address} {address:office}").for_server(server) == "198.51.100.7 203.0.113.5"
    assert Standing(id="www-1", addresses=addresses).address == "10.0.0.11"
    assert Standing(id="www-1", addresses=addresses, public=["office"]).address == "203.0.113.5"
    assert Standing(id="www-1").address is None


def test_a_network_that_a_server_is_not_on_is_told_before_anything_happens() -> None:
    check = ServerCheck.parse("tcp://{address:office}:22")
    check.check_places("www-1", ["backend", "office"])
    with pytest.raises(ValueError, match=r"^--check: \{address:office\}: www-1 has no such address: .* has backend of"):
        check.check_places("www-1", ["backend"])
    with pytest.raises(ValueError, match=r"has none of it$"):
        ServerCheck.parse("tcp://{address}:22").check_places("web.www-1", [])


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (None, "it is not in the state"),
        (Standing(id="www-1", is_whole=False), "it was not made whole"),
        (Standing(id="www-1", status="error"), "its status is error, not active"),
        (Standing(id="www-1", status="\x1b[1m"), "its status is \\x1b[1m, not active"),
        (Standing(id="www-1"), None),
    ],
)
def test_a_server_is_judged_by_its_status_first(server: Standing | None, said: str | None) -> None:
    assert Judge(None, 60).failure(server) == said


def test_a_check_is_tried_until_it_passes(tmp_path: Path) -> None:
    clock = Clock()
    counted = f"echo x >> {tmp_path}/tries; test $(wc -l < {tmp_path}/tries) -ge 4"
    judge = Judge(ServerCheck.parse(counted), 60, clock.read, clock.sleep)
    assert judge.failure(LOCAL) is None
    assert len(clock.slept) == 3


def test_a_check_that_never_passes_ends_with_its_last_reason() -> None:
    clock = Clock()
    judge = Judge(ServerCheck.parse("echo no; false"), 60, clock.read, clock.sleep)
    assert judge.failure(LOCAL) == "echo no; false: it ends with status 1, and says: no"
    assert 55 <= clock.now <= 60


def test_what_a_check_prints_obeys_nothing() -> None:
    assert "\x1b" not in (failure("printf '\\033[2J'; false") or "")
