"""What a guest fetches by HTTP: no guest is needed to tell."""

from __future__ import annotations

import socket
import subprocess
import sys
from http.client import HTTPResponse
from pathlib import Path

import pytest
from practice.errors import PracticeError
from practice.guest import Nic, answer, served

NIC = Nic("192.0.2.17/24")
BESIDE = "http://192.0.2.1/shop/page.html"


def fetched(folder: Path, path: str) -> HTTPResponse:
    """What a call gets, that comes as qemu brings it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(f"GET {path} HTTP/1.1\r\nHost: guest\r\n\r\n".encode())
        subprocess.run([sys.executable, answer.__file__, str(folder)], stdin=theirs.fileno(), timeout=60, check=True)
        theirs.close()
        response = HTTPResponse(ours)
        response.begin()
        return response


def test_a_call_gets_the_file_of_its_address_and_nothing_beside_it(tmp_path: Path) -> None:
    page, other = tmp_path / "page", tmp_path / "other"
    page.write_bytes(b"\x00page\xff")
    other.write_text("not for guests")
    ((host, folder),) = served.put({BESIDE: page}, tmp_path / "objects", NIC)
    assert host == "192.0.2.1:80"
    assert fetched(folder, "/shop/page.html").read() == b"\x00page\xff"
    for path in ("/other", "/shop/page.htm", "/../../other", "/%2e%2e/%2e%2e/other"):
        assert fetched(folder, path).status == 404


def test_each_host_has_a_folder_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    hosts = served.put({BESIDE: file, "http://192.0.2.2:8080/a/b": file}, tmp_path / "objects", NIC)
    assert [host for host, _ in hosts] == ["192.0.2.1:80", "192.0.2.2:8080"]
    said = served.network(NIC, hosts)
    assert said.startswith("user,restrict=on,ipv6=off,net=192.0.2.0/24,guestfwd=tcp:192.0.2.1:80-cmd:")
    assert ",guestfwd=tcp:192.0.2.2:8080-cmd:" in said


def test_a_comma_in_a_folder_s_name_is_said_as_qemu_takes_it(tmp_path: Path) -> None:
    assert served.network(NIC, (("192.0.2.1:80", Path("/a, b")),)).endswith(" '/a,, b'")


@pytest.mark.parametrize(
    ("url", "nic", "said"),
    [
        ("https://192.0.2.1/a", NIC, "a guest fetches by http://ADDRESS/PATH alone."),
        ("http://192.0.2.1/a?b", NIC, "a guest fetches by http://ADDRESS/PATH alone."),
        ("http://192.0.2.1/../../a", NIC, "a guest fetches by http://ADDRESS/PATH alone."),
        ("http://192.0.2.1/%2e%2e/a", NIC, "a guest fetches by http://ADDRESS/PATH alone."),
        (
            "http://198.51.100.1/a",
            NIC,
            "the guest is 192.0.2.17/24: give an address of its own first network, and IPv4.",
        ),
        ("http://192.0.2.17/a", NIC, "the guest is 192.0.2.17/24: give an address of its own first network, and IPv4."),
        ("http://store/a", NIC, "the guest is 192.0.2.17/24: give an address of its own first network, and IPv4."),
        ("http://[2001:db8::1]/a", Nic("2001:db8::2/64"), "the guest is 2001:db8::2/64: give an address of"),
        ("http://192.0.2.1/a", None, "the guest has no network card: give an address of its own first network"),
        ("http://192.0.2.1/a", NIC, "there is no file "),
    ],
)
def test_what_cannot_be_fetched_is_one_sentence(url: str, nic: Nic | None, said: str, tmp_path: Path) -> None:
    with pytest.raises(PracticeError) as raised:
        served.put({url: tmp_path / "none"}, tmp_path / "objects", nic)
    assert str(raised.value).startswith(f"{url}: {said}")
