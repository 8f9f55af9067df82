"""`ivc plan`, `deploy` and `destroy` on the practice cloud, as a person uses them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.deploy.outputs import command, environment

PROGRAM = """
from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData

app = App()
site = OpenStackStack(app, "site")
backend = Network(site, "backend", cidr="10.0.0.0/24")
web = SecurityGroup(site, "web")
web.allow_from_anywhere(Tcp(80))
for number in range(1, {servers} + 1):
    Instance(
        site,
        f"www-{{number}}",
        image={image!r},
        flavor="b2-7",
        nics=[backend.nic(web, ip=f"10.0.0.{{10 + number}}")],
        user_data=UserData.template("www.jinja", site={site!r}),
    )
app.synth()
"""


class Project:
    """A project's folder, and `ivc` in it."""

    def __init__(self, folder: Path, credentials: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment(**credentials)
        (folder / "userdata").mkdir()
        (folder / "userdata" / "www.jinja").write_text("#cloud-config\nfqdn: {{ site }}\n")
        (folder / "cdktf.json").write_text('{"language": "python", "app": "python main.py"}')

    def declare(self, *, servers: int = 3, image: str = "Debian 12", site: str = "a.example") -> None:
        (self.folder / "main.py").write_text(PROGRAM.format(servers=servers, image=image, site=site))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(*arguments),
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ivc(self, *arguments: str, status: int = 0) -> str:
        process = self.start(*arguments)
        said = process.communicate()[0]
        assert process.returncode == status, said
        return said

    def log(self) -> str:
        path = self.folder / ".ivc/site/apply.log"
        return path.read_text() if path.exists() else ""

    def servers_in_state(self) -> dict[str, str]:
        """By name, the id."""
        found = json.loads((self.folder / "terraform.site.tfstate").read_text())["resources"]
        # Of one that was halted before it began there is an entry without an instance.
        servers = [one for one in found if one["type"] == "openstack_compute_instance_v2" and one["instances"]]
        return {one["name"]: one["instances"][0]["attributes"]["id"] for one in servers}


@pytest.fixture
def project(cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path, cloud.credentials())
    project.declare()
    yield project
    if (tmp_path / "terraform.site.tfstate").exists():
        project.ivc("destroy", "--yes")


def in_cloud(demo: Connection) -> dict[str, str]:
    """By name, the id of what of this stack runs."""
    return {one.name: one.id for one in demo.compute.servers() if one.metadata.get("ivc", "").startswith("site/")}


def test_what_was_planned_is_deployed_and_destroyed_again(project: Project, demo: Connection) -> None:
    planned = project.ivc("plan")
    assert "warning: check security_groups: is known only after the apply, and speaks then\n" in planned
    assert in_cloud(demo) == {}
    deployed = project.ivc("deploy", "--planned", "--yes")
    assert re.search(r"^site: instance www-2 made \(\d+ s\), \d+ of \d+$", deployed, re.MULTILINE)
    assert re.search(r"^site: \d+ made in (\d+ s|\d:\d\d)\.$", deployed, re.MULTILINE)
    assert re.search(r"^ www-3 +backend +10\.0\.0\.13 *$", deployed, re.MULTILINE)
    assert in_cloud(demo) == project.servers_in_state()
    assert {*in_cloud(demo)} == {"www-1", "www-2", "www-3"}
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")
    outputs = json.loads(project.ivc("outputs", "--json"))
    assert outputs["site"]["instances"]["www-1"]["addresses"] == {"backend": ["10.0.0.11"]}
    destroyed = project.ivc("destroy", "--yes")
    assert "www-1 will be destroyed; " in destroyed
    assert ("wait for ten minutes" in destroyed, "Policies" in destroyed) == (False, False)
    assert in_cloud(demo) == {}
    assert witness.marked(demo, "site") == {"networks": [], "subnets": [], "ports": [], "groups": [], "servers": []}


def test_after_ctrl_c_the_state_knows_all_that_is_in_the_cloud(project: Project, demo: Connection) -> None:
    project.declare(servers=8)
    running = project.start("deploy", "--yes")
    while '"type":"apply_start"' not in "".join(
        line for line in project.log().splitlines() if "openstack_compute_instance_v2" in line
    ):
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said = running.communicate()[0]
    assert running.returncode == 1, said
    assert "site: stopping: what was begun is brought to its end" in said
    assert "`ivc deploy site` goes on from there." in said
    assert in_cloud(demo) == project.servers_in_state()
    assert witness.marked(demo, "site")["ports"] != []
    before = in_cloud(demo)
    project.ivc("deploy", "--yes")
    assert {*in_cloud(demo)} == {f"www-{number}" for number in range(1, 9)}
    assert before.items() <= in_cloud(demo).items()
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")


def test_two_at_once_lose_nothing(project: Project, demo: Connection) -> None:
    first = project.start("deploy", "--yes")
    while "apply_start" not in project.log():
        assert first.poll() is None
        time.sleep(0.05)
    second = project.ivc("deploy", "--yes", status=1)
    said = first.communicate()[0]
    assert first.returncode == 0, said
    assert "ivc: stack site: another ivc is at work on it in " in second
    assert in_cloud(demo) == project.servers_in_state()
    assert {*in_cloud(demo)} == {"www-1", "www-2", "www-3"}


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
    before = in_cloud(demo)
    project.declare(site="b.example")
    said = project.ivc("deploy", "--yes", "--only", "www-2")
    after = in_cloud(demo)
    assert {name for name in after if after[name] != before[name]} == {"www-2"}
    (left,) = re.findall(r"^Left as it is, since --only is given: 2\n\* (.*)\n\* (.*)$", said, re.MULTILINE)
    assert [one.split()[:4] for one in left] == [
        ["www-1", "will", "be", "replaced:"],
        ["www-3", "will", "be", "replaced:"],
    ]
    assert project.ivc("plan", "--only", "www-9", status=1).endswith(
        "ivc: --only: stack site declares no server www-9; did you mean www-3\n"
    )
