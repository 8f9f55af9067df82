"""examples/private-cloud in guests: a web server, which takes the shared address as there is no other, and the
bastion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from practice.guest import Nic, Report

from tests.guest.examples.booting import boots

pytestmark = pytest.mark.guest


def boot_one(server: str, folder: Path, ip: str, commands: Sequence[str]) -> list[str]:
    report: Report = boots("private-cloud", server, folder, commands=commands, nics=[Nic(f"{ip}/24")])
    assert report.problems == ()
    return [answer.output.strip() for answer in report.answers]


def test_a_web_server_serves_on_the_shared_address_while_its_nginx_runs(tmp_path: Path) -> None:
    has_it = "ip -o -4 address | grep -c 10.0.0.100/24"
    page, shared, without, again = boot_one(
        "web-2",
        tmp_path,
        "10.0.0.12",
        [
            "curl -s http://10.0.0.12/",
            f"for n in $(seq 60); do {has_it} >/dev/null && break; sleep 1; done; curl -s http://10.0.0.100/",
            f"systemctl stop nginx; for n in $(seq 60); do {has_it} >/dev/null || break; sleep 1; done; {has_it}",
            f"systemctl start nginx; for n in $(seq 60); do {has_it} >/dev/null && break; sleep 1; done; {has_it}",
        ],
    )
    assert (page, shared) == ("This is web-2.", "This is web-2.")
    assert (without, again) == ("0", "1")


@pytest.mark.long
def test_the_bastion_passes_connections_on_and_nothing_else(tmp_path: Path) -> None:
    said, active = boot_one("bastion-1", tmp_path, "10.0.0.5", ["sshd -T", "systemctl is-active ssh"])
    settings = dict(line.split(" ", 1) for line in said.splitlines() if " " in line)
    expected = {
        "passwordauthentication": "no",
        "allowagentforwarding": "no",
        "x11forwarding": "no",
        "permittunnel": "no",
        "allowtcpforwarding": "yes",
    }
    assert {key: settings[key] for key in expected} == expected
    assert active == "active"
