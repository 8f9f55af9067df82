"""examples/load-balanced-site in two guests, each asked as the load balancer and its monitor ask it."""

from __future__ import annotations

from pathlib import Path

import pytest
from practice.guest import Nic, Report

from tests.guest.examples.booting import boots

pytestmark = [pytest.mark.guest, pytest.mark.long]

# What the monitor does: it connects, says nothing and goes.
CONNECTS = "python3 -c 'import socket; socket.create_connection((\"{ip}\", 80), timeout=3).close()' && echo it answers"


@pytest.mark.parametrize(("server", "ip"), [("web-1", "10.0.0.11"), ("web-2", "10.0.0.12")])
def test_a_member_answers_the_monitor_and_each_request_with_its_own_address(
    server: str, ip: str, tmp_path: Path
) -> None:
    report: Report = boots(
        "load-balanced-site",
        server,
        tmp_path,
        nics=[Nic(f"{ip}/24")],
        commands=[
            CONNECTS.format(ip=ip),
            f"curl -s -H 'X-Forwarded-For: 203.0.113.9' http://{ip}/",
            f"curl -s -o /dev/null -w '%{{http_code}} %{{content_type}}' http://{ip}/",
        ],
    )
    assert report.problems == ()
    assert [answer.output.strip() for answer in report.answers] == ["it answers", ip, "200 text/html"]
