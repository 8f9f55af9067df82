"""Three environments of one estate at once in one project, each with its volume; one is a branch's, and goes again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.deploy import outputs
from tests.helpers import PUBLIC_KEY

pytestmark = pytest.mark.long

PROGRAM = f"""
from dataclasses import dataclass

from ivc import App, Environment, Instance, KeyPair, Network, OpenStackStack, SecurityGroup, ServerGroup, Tcp, Volume


@dataclass(frozen=True)
class Settings:
    data: str
    flavor: str = "b2-7"


app = App()
for environment in Environment.read(app, Settings):
    net = OpenStackStack(environment, "tier-net")
    network = Network(net, "tier", cidr="10.0.0.0/24")
    tier = OpenStackStack(environment, "tier")
    tier.add_dependency(net)
    group = SecurityGroup(tier, "tier")
    group.allow_from_anywhere(Tcp(80))
    Instance(
        tier,
        "tier-1",
        image="Debian 12",
        flavor=environment.settings.flavor,
        nics=[Network.lookup(tier, network.name).nic(group, ip="10.0.0.11")],
        key_pair=KeyPair(tier, "tier", public_key="{PUBLIC_KEY}"),
        server_group=ServerGroup(tier, "tier"),
        volumes=[Volume.lookup(tier, environment.settings.data).attach()],
    )
app.synth()
"""
SETTINGS = """
[prod]
data = "tier-data-prod"
flavor = "b2-15"

[staging]
data = "tier-data-staging"

["pr-*"]
data = "tier-data-of-a-branch"
"""
BRANCH = {"IVC_ENVIRONMENT": "pr-7"}
NOTHING: dict[str, list[str]] = {"networks": [], "subnets": [], "ports": [], "groups": [], "servers": []}


@pytest.fixture(scope="module")
def volumes(volume: Callable[[str], str]) -> dict[str, str]:
    """By environment, the id of its volume, which exists before it and after it."""
    names = {"prod": "tier-data-prod", "staging": "tier-data-staging", "pr-7": "tier-data-of-a-branch"}
    return {environment: volume(name) for environment, name in names.items()}


@pytest.fixture(scope="module")
def ivc(
    cloud: Cloud, volumes: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., str]]:
    """Runs `ivc` in the project, which is deployed: prod and staging from the file, pr-7 by its name alone."""
    folder = tmp_path_factory.mktemp("environments")
    (folder / "cdktf.json").write_text('{"language": "python", "app": "python main.py"}')
    (folder / "main.py").write_text(PROGRAM)
    (folder / "environments.toml").write_text(SETTINGS)

    def run(*arguments: str, **more: str) -> str:
        done = outputs.ivc(folder, *arguments, **cloud.credentials(), **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        run("deploy", "--yes")
        run("deploy", "--yes", **BRANCH)
        yield run
    finally:
        for named in ({}, BRANCH):
            run("destroy", "--yes", **named)


def servers(cloud: Connection) -> dict[str, str]:
    """The estate's servers: by their name in the cloud, their volumes."""
    found = {one.name: one.id for one in cloud.compute.servers() if one.name.startswith("tier-1-")}
    return {name: " ".join(witness.running(cloud, name).volumes) for name in found}


def test_three_environments_stand_in_one_project_each_with_its_own(
    ivc: Callable[..., str], demo: Connection, volumes: dict[str, str]
) -> None:
    assert servers(demo) == {f"tier-1-{name}": id_ for name, id_ in volumes.items()}
    for name in volumes:
        server = witness.running(demo, f"tier-1-{name}")
        assert (server.networks, server.addresses) == ([f"tier-{name}"], [["10.0.0.11"]])
        assert witness.marked(demo, f"tier-{name}")["servers"] == ["tier-1"]
    assert {one.name for one in demo.compute.keypairs()} >= {f"tier-{name}" for name in volumes}
    for named in ({}, BRANCH):
        assert ivc("plan", "--exit-code", **named).startswith("No changes.\n")


def test_one_is_taken_away_and_the_others_plans_are_empty(
    ivc: Callable[..., str], demo: Connection, volumes: dict[str, str]
) -> None:
    before = {name: witness.running(demo, f"tier-1-{name}").id for name in ("prod", "staging")}
    said = ivc("destroy", "--yes", **BRANCH)
    assert re.findall(r"^Stack (\S+)$", said, re.MULTILINE) == ["tier-pr-7", "tier-net-pr-7"]
    for stack in ("tier-pr-7", "tier-net-pr-7"):
        assert witness.marked(demo, stack) == NOTHING
    assert "tier-pr-7" not in {one.name for one in demo.compute.keypairs()}
    assert demo.block_storage.get_volume(volumes["pr-7"]).status == "available"
    assert ivc("plan", "--exit-code").startswith("No changes.\n")
    assert {name: witness.running(demo, f"tier-1-{name}").id for name in before} == before
