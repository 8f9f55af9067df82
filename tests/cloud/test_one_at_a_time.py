"""`ivc deploy --one-at-a-time` and `ivc replace` on the practice cloud: what Nova's own records say of it."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud.project import Project

ROW = ("site-1", "site-2", "site-3")


@pytest.fixture
def project(cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    """Three servers that run, and a change that replaces each."""
    project = Project(tmp_path, cloud.credentials(), "site")
    project.declare()
    project.ivc("deploy", "--yes")
    project.declare(site="b.example")
    yield project
    project.ivc("destroy", "--yes")


def broken(project: Project, *servers: str) -> tuple[str, ...]:
    """The options for a deploy whose check fails for some servers."""
    file = project.folder / "broken"
    file.write_text("".join(f"{one}\n" for one in servers))
    return ("--one-at-a-time", "--check", f"! grep -qx {{name}} {file}", "--check-seconds", "3")


def records(cloud: Connection) -> dict[str, tuple[str, str]]:
    """What Nova says of the servers: by name, the id and when it last changed anything."""
    servers = (one for one in cloud.compute.servers() if one.metadata.get("ivc", "").startswith("site/"))
    return {one.name: (one.id, one.updated_at) for one in servers}


def addresses_there(cloud: Connection) -> dict[str, str]:
    """By server, its port's id and address."""
    return {
        one.name: f"{one.id} {one.fixed_ips[0]['ip_address']}"
        for one in cloud.network.ports()
        if (one.description or "").startswith("ivc:site/")
    }


def test_the_second_of_three_fails_its_check_and_once_mended_it_goes_on(project: Project, demo: Connection) -> None:
    before, ports = records(demo), addresses_there(demo)
    stopped = project.ivc("deploy", "--yes", *broken(project, "site-2"), status=1)
    assert "site: one at a time: site-1, site-2, site-3; each must be ACTIVE, then ! grep " in stopped
    assert "site: stopped: site-2 fails its check: " in stopped
    assert " Done, and well: site-1; not touched: site-3. " in stopped
    between = records(demo)
    assert between["site-3"] == before["site-3"]
    assert {name for name in ROW if between[name][0] != before[name][0]} == {"site-1", "site-2"}
    assert project.in_cloud(demo) == project.in_state()
    assert not (project.folder / ".ivc/site/plan").exists()

    again = project.ivc("deploy", "--yes", *broken(project, "site-2"), status=1)
    assert "Done, and well: none; not touched: site-3. " in again
    assert records(demo) == between

    mended = project.ivc("deploy", "--yes", *broken(project))
    assert "site: one at a time, and well: site-3." in mended
    after = records(demo)
    assert (after["site-1"], after["site-2"]) == (between["site-1"], between["site-2"])
    assert after["site-3"][0] != before["site-3"][0]
    assert addresses_there(demo) == ports
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")


@pytest.mark.long
@pytest.mark.parametrize("server", ["site-1", "site-2"])
def test_interrupted_in_the_middle_it_goes_on_when_it_is_called_again(
    project: Project, demo: Connection, server: str
) -> None:
    before = records(demo)
    running = project.start("deploy", "--yes", *broken(project))
    while not project.begins(f"openstack_compute_instance_v2.{server}"):
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said = running.communicate()[0]
    assert running.returncode == 1, said
    assert "site: stopped: it was interrupted. " in said
    between = records(demo)
    later = ROW[ROW.index(server) + 1 :]
    assert {name: between[name] for name in later} == {name: before[name] for name in later}
    assert project.in_cloud(demo) == project.in_state()
    assert not (project.folder / ".ivc/site/plan").exists()

    project.ivc("deploy", "--yes", *broken(project))
    after = records(demo)
    assert {*after} == {*ROW}
    assert not {one[0] for one in after.values()} & {one[0] for one in before.values()}
    done = [name for name in ROW if name in between and between[name][0] != before[name][0]]
    assert {name: after[name] for name in done} == {name: between[name] for name in done}
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")


def test_a_server_is_replaced_with_its_port_and_address(project: Project, demo: Connection) -> None:
    project.declare()
    before, ports = records(demo), addresses_there(demo)
    said = project.ivc("replace", "site-1", "--yes")
    assert "site-1 will be replaced: the plan was asked to; keeps its address 10.0.0.11" in said
    assert "what is on its root disk is lost" in said
    assert re.search(
        r"^site-1 is made of the image Debian 12 of \d{4}-\d\d-\d\d \(.*\), the newest of its name, as now\.$",
        said,
        re.MULTILINE,
    )
    after = records(demo)
    assert {name for name in ROW if after[name] != before[name]} == {"site-1"}
    assert after["site-1"][0] != before["site-1"][0]
    assert addresses_there(demo) == ports
    assert "its plan failed, or was applied" in project.ivc("deploy", "--planned", "--yes", status=1)
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")


@pytest.mark.long
def test_a_server_is_replaced_alone_where_others_wait_for_a_deploy(project: Project, demo: Connection) -> None:
    before = records(demo)
    said = project.ivc("replace", "site-2", "--yes")
    assert "site-2 will be replaced: user data changed; keeps its address 10.0.0.12" in said
    assert "Left as it is, since it is none of what is replaced: 2\n* site-1 will be replaced: user data" in said
    assert {name for name, record in records(demo).items() if record != before[name]} == {"site-2"}


@pytest.mark.long
def test_a_protected_server_is_not_replaced(project: Project, demo: Connection) -> None:
    project.declare()
    program = project.folder / "main.py"
    unprotected = program.read_text()
    program.write_text(unprotected.replace('flavor="b2-7",', 'flavor="b2-7",\n        prevent_destroy=True,'))
    before = records(demo)
    try:
        said = project.ivc("replace", "site-1", "--yes", status=1)
    finally:
        program.write_text(unprotected)
    (sentence,) = (line for line in said.splitlines() if line.startswith("ivc: "))
    assert sentence == (
        "ivc: main.py:10: instance site-1: the plan would destroy or replace it, and it is protected; say "
        "prevent_destroy=False where it is declared, if you mean it"
    )
    assert records(demo) == before
