"""`ivc plan`, `deploy` and `destroy` on the practice cloud, as a person uses them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.cloud.project import Project
from tests.terraform import state_servers


@pytest.fixture
def project(cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path, cloud.credentials(), "site")
    project.declare()
    yield project
    if project.state.exists():
        project.ivc("destroy", "--yes")


def test_what_was_planned_is_deployed_and_destroyed_again(project: Project, demo: Connection) -> None:
    planned = project.ivc("plan")
    assert "warning: check security_groups: is known only after the apply, and speaks then\n" in planned
    assert project.in_cloud(demo) == {}
    deployed = project.ivc("deploy", "--planned", "--yes")
    assert re.search(r"^site: instance site-2 made \(\d+ s\), \d+ of \d+$", deployed, re.MULTILINE)
    assert re.search(r"^site: \d+ made in (\d+ s|\d:\d\d)\.$", deployed, re.MULTILINE)
    assert re.search(r"^ site-3 +site +10\.0\.0\.13 *$", deployed, re.MULTILINE)
    assert project.in_cloud(demo) == project.in_state()
    assert {*project.in_cloud(demo)} == {"site-1", "site-2", "site-3"}
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")
    outputs = json.loads(project.ivc("outputs", "--json", "-"))
    assert outputs["site"]["instances"]["site-1"]["addresses"] == {"site": ["10.0.0.11"]}
    assert "\n          ansible_host: 10.0.0.11\n" in project.ivc("inventory")
    destroyed = project.ivc("destroy", "--yes")
    assert "site-1 will be destroyed; " in destroyed
    assert ("wait for ten minutes" in destroyed, "Policies" in destroyed) == (False, False)
    assert project.in_cloud(demo) == {}
    assert witness.marked(demo, "site") == {"networks": [], "subnets": [], "ports": [], "groups": [], "servers": []}


def test_after_ctrl_c_the_state_knows_all_that_is_in_the_cloud(project: Project, demo: Connection) -> None:
    project.declare(servers=8)
    said = project.deploy_until_ctrl_c()
    assert "site: stopping: what was begun is brought to its end" in said
    assert "`ivc deploy site` goes on from there." in said
    assert project.in_cloud(demo) == project.in_state()
    assert witness.marked(demo, "site")["ports"] != []
    before = project.in_cloud(demo)
    went_on = project.ivc("deploy", "--yes")
    assert {*project.in_cloud(demo)} == {f"site-{number}" for number in range(1, 9)}
    assert before.items() <= project.in_cloud(demo).items(), said + went_on
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")


def test_two_at_once_lose_nothing(project: Project, demo: Connection) -> None:
    # One call at a time: it is at it when the other comes, however busy the machine is.
    first = project.start("deploy", "--yes", "--parallelism", "1")
    while not project.begins(""):
        assert first.poll() is None
        time.sleep(0.05)
    second = project.ivc("deploy", "--yes", status=1)
    said = first.communicate()[0]
    assert first.returncode == 0, said
    assert "ivc: stack site: another ivc is at work on it in " in second
    assert project.in_cloud(demo) == project.in_state()
    assert {*project.in_cloud(demo)} == {"site-1", "site-2", "site-3"}


@contextmanager
def _kept_in_postgres() -> Iterator[dict[str, str]]:
    with state_servers.postgres() as address:
        yield {"IVC_BACKEND": "postgres", "PG_CONN_STR": address}


@contextmanager
def _kept_in_s3() -> Iterator[dict[str, str]]:
    with state_servers.s3() as address:
        backend = f"s3://{state_servers.BUCKET}?region=gra&endpoint={address}"
        yield {"IVC_BACKEND": backend, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


@pytest.mark.parametrize("kept", [_kept_in_postgres, pytest.param(_kept_in_s3, marks=pytest.mark.long)])
def test_two_people_at_once_lose_nothing(
    cloud: Cloud, demo: Connection, tmp_path: Path, kept: Callable[[], AbstractContextManager[dict[str, str]]]
) -> None:
    """Each in a folder of their own, the state elsewhere: one is interrupted, and both go on at once."""
    with kept() as state:
        people = []
        for name in ("ann", "bob"):
            (tmp_path / name).mkdir()
            people.append(Project(tmp_path / name, {**cloud.credentials(), **state}, "shared"))
            people[-1].declare(servers=2)
        ann, bob = people
        try:
            ann.deploy_until_ctrl_c("--parallelism", "1")
            interrupted = ann.in_cloud(demo)
            assert interrupted == ann.in_state() != {}
            bob.ivc("plan")
            ann.declare(servers=4)
            # One call at a time: she is at it when he comes.
            with ann.start("deploy", "--yes", "--parallelism", "1") as running:
                while not ann.begins("openstack_compute_instance_v2"):
                    assert running.poll() is None
                    time.sleep(0.05)
                refused = bob.ivc("deploy", "--yes", status=1)
                assert "shared: its state is locked by another run" in refused
                said = running.communicate()[0]
                assert running.returncode == 0, said
            assert interrupted.items() <= ann.in_cloud(demo).items()
            bob.declare(servers=4)
            assert "\nNo changes.\n" in bob.ivc("plan", "--exit-code")
            assert bob.in_state() == ann.in_cloud(demo)
            assert {*bob.in_state()} == {f"shared-{number}" for number in range(1, 5)}
        finally:
            bob.ivc("destroy", "--yes")
        assert ann.in_cloud(demo) == {}


def test_a_look_up_that_finds_nothing_is_one_sentence_with_its_line(project: Project) -> None:
    project.declare(image="Debain 12")
    said = project.ivc("plan", status=1)
    (sentence,) = (line for line in said.splitlines() if line.startswith("ivc: "))
    assert sentence.startswith("ivc: main.py:10: look-up of image Debain 12: ")
    assert sentence.endswith(
        "correct the name where it is looked up; or are the credentials of another project or region?"
    )


def test_one_server_and_what_is_its_own_alone(project: Project, demo: Connection) -> None:
    project.ivc("deploy", "--yes")
    before = project.in_cloud(demo)
    project.declare(site="b.example")
    said = project.ivc("deploy", "--yes", "--only", "site-2")
    after = project.in_cloud(demo)
    assert {name for name in after if after[name] != before[name]} == {"site-2"}
    (left,) = re.findall(r"^Left as it is, since --only is given: 2\n\* (.*)\n\* (.*)$", said, re.MULTILINE)
    assert [one.split()[:4] for one in left] == [
        ["site-1", "will", "be", "replaced:"],
        ["site-3", "will", "be", "replaced:"],
    ]
    assert project.ivc("plan", "--only", "site-9", status=1).endswith(
        "ivc: --only: stack site declares no server site-9; did you mean site-3\n"
    )
