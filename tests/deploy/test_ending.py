"""When Terraform is let go on after a Ctrl-C."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from ivc.deploy import ending
from ivc.deploy.ending import Ending

pytestmark = pytest.mark.skipif(not ending.IS_POSSIBLE, reason="nobody can tell here when a provider is quiet")
_A_CALL = b"x" * 200
_ANSWERED = "import os; os.write(1, b'r')\nwhile os.read(0, 4096): pass"
_CALLS = (
    "import os, socket; place = os.environ['HOST'], int(os.environ['PORT']); spare = socket.create_connection(place)\n"
    "os.write(1, b'r'); os.read(0, 1); cloud = socket.create_connection(place)\n"
    "for _ in range(2): cloud.send(b'GET'); cloud.recv(9)\n"
    "os.write(1, b'a'); os.read(0, 1)"
)
_TELLS = (
    "import os; os.write(1, b'r'); os.read(0, 1); os.write(2, b'x' * 300_000); os.write(1, b'd')\n"
    "while os.read(0, 1): pass"
)
_ASKS = "import os; os.write(1, b'r')\nwhile (asked := os.read(0, 1)): os.write(1, asked * 200)"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of the clock, to be set."""
    clock = [0.0]
    monkeypatch.setattr("ivc.deploy.ending.time.monotonic", lambda: clock[0])
    return clock


@contextmanager
def terraform_with(provider: str) -> Iterator[subprocess.Popen[bytes]]:
    """What stands for Terraform, with a program of Python for its provider; ends with 7 where it is not interrupted.

    Where a test fails, both are killed: they would be halted, and waited for without an end.
    """
    command = ["sh", "-c", '"$0" -c "$1"; exit 7', sys.executable, provider]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe) as terraform:
        try:
            yield terraform
        except BaseException:
            for child in psutil.Process(terraform.pid).children(recursive=True):
                child.kill()
            terraform.kill()
            raise


def moved(process: psutil.Process) -> int:
    counted = process.io_counters()
    return counted.read_chars + counted.write_chars


def until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("nothing came of it in a minute")


def stays_halted(end: Ending, now: list[float]) -> None:
    """Though nothing moves."""
    for _ in range(3):
        now[0] += 100
        end.look()
        assert end.is_under_way


def goes_on_after_15_seconds(end: Ending, now: list[float]) -> None:
    now[0] += 14
    end.look()
    assert end.is_under_way
    now[0] += 1
    end.look()
    assert not end.is_under_way


@pytest.mark.parametrize(
    ("provider", "said"), [(_ANSWERED, _A_CALL), (_ASKS, b"x")], ids=["an answer comes", "a call is made"]
)
def test_it_is_halted_for_as_long_as_its_childspeaks_with_the_cloud(
    now: list[float], provider: str, said: bytes
) -> None:
    """A provider waits ten seconds from an answer, and not from its call, to its next look."""
    with terraform_with(provider) as terraform:
        assert terraform.stdin is not None
        assert terraform.stdout is not None
        assert terraform.stdout.read(1) == b"r", "all that a program reads when it begins was read"
        (child,) = psutil.Process(terraform.pid).children()
        end = Ending(terraform)
        end.begin()
        until(lambda: psutil.Process(terraform.pid).status() == psutil.STATUS_STOPPED)
        end.look()
        for _ in range(3):
            now[0] += 14
            wanted = moved(child) + len(_A_CALL)
            terraform.stdin.write(said)
            until(lambda wanted=wanted: moved(child) >= wanted)  # type: ignore[misc]
            end.look()
            assert end.is_under_way
        goes_on_after_15_seconds(end, now)
        terraform.stdin.close()
    assert terraform.returncode != 7, "it was interrupted when it went on"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_is_halted_for_as_long_as_its_childwaits_for_an_answer(
    now: list[float], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a busy cloud takes for it: a call comes right after its connection stands, or after an answer."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as cloud:
        monkeypatch.setenv("HOST", host)
        monkeypatch.setenv("PORT", str(cloud.getsockname()[1]))
        with terraform_with(_CALLS) as terraform:
            assert terraform.stdin is not None
            assert terraform.stdout is not None
            assert terraform.stdout.read(1) == b"r"
            terraform.stdin.write(b"x")
            with cloud.accept()[0], cloud.accept()[0] as connection:
                end = Ending(terraform)
                assert connection.recv(9) == b"GET"
                end.begin()
                stays_halted(end, now)
                connection.send(b"200")
                assert connection.recv(9) == b"GET"
                stays_halted(end, now)
                # No cloud answers within one of the kernel's steps.
                time.sleep(0.05)
                connection.send(b"200")
                assert terraform.stdout.read(1) == b"a"
                goes_on_after_15_seconds(end, now)
                terraform.stdin.close()
    assert terraform.returncode != 7, "it was interrupted when it went on"


def test_a_childthat_tells_much_is_not_kept_waiting_by_a_halted_terraform(now: list[float]) -> None:
    """Its pipe to Terraform would be full, and it silent for as long as Terraform is halted."""
    with terraform_with(_TELLS) as terraform:
        assert terraform.stdin is not None
        assert terraform.stdout is not None
        assert terraform.stdout.read(1) == b"r"
        end = Ending(terraform)
        end.begin()
        terraform.stdin.write(b"x")
        os.set_blocking(terraform.stdout.fileno(), False)

        def has_done_it() -> bool:
            end.look()
            return terraform.stdout is not None and terraform.stdout.read(1) == b"d"

        until(has_done_it)
        assert end.is_under_way
        goes_on_after_15_seconds(end, now)
        terraform.stdin.close()
    assert terraform.returncode != 7, "it was interrupted when it went on"
