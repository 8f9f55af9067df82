"""examples/cluster on the practice cloud: another count of nodes, and one of another image."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy, change
from tests.cloud.terraform import Deployment
from tests.examples import pages

pytestmark = pytest.mark.long

NODE = "openstack_compute_instance_v2.compute-{0}"
PARTS = (NODE, "openstack_networking_port_v2.compute-{0}_private", "terraform_data.compute-{0}__image")
PROGRAM = (pages.FOLDER / "cluster" / "main.py").read_text()
OTHER = 'members={3: Member(image="Ubuntu 24.04")}'


ZONES = ("nova", "zone-2")


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Iterator[Deployment]:
    """Over both zones of the practice cloud."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("ZONES", ",".join(ZONES))
        yield deploy("cluster")


def nodes(cloud: Connection) -> dict[str, str]:
    """The compute nodes that are there: by name, the id."""
    return {one.name: one.id for one in cloud.compute.servers() if one.name.startswith("compute-")}


def zones(cloud: Connection) -> dict[str, str]:
    """Where each compute node runs, by its name."""
    return {one.name: one.availability_zone for one in cloud.compute.servers() if one.name.startswith("compute-")}


def test_another_count_moves_only_those_that_come_or_go(estate: Deployment, demo: Connection) -> None:
    eight = nodes(demo)
    assert zones(demo) == {f"compute-{number}": ZONES[(number - 1) % 2] for number in range(1, 9)}
    assert estate.plan().changes == {}

    change(estate, "cluster", PROGRAM.replace("NODES = 8", "NODES = 9"))
    planned = estate.plan().changes
    assert {address: planned[address] for address in (part.format(9) for part in PARTS)} == {
        part.format(9): ["create"] for part in PARTS
    }
    assert all("compute-9" in address for address in planned)
    estate.apply()
    nine = nodes(demo)
    assert {*nine} - {*eight} == {"compute-9"}
    assert eight.items() <= nine.items()

    change(estate, "cluster", PROGRAM.replace("NODES = 8", "NODES = 7"))
    planned = estate.plan().changes
    assert {*map(tuple, planned.values())} == {("delete",)}
    assert all("compute-8" in address or "compute-9" in address for address in planned)
    estate.apply()
    assert nodes(demo) == {name: eight[name] for name in eight if name != "compute-8"}
    assert zones(demo) == {f"compute-{number}": ZONES[(number - 1) % 2] for number in range(1, 8)}


def test_one_member_on_another_image_is_replaced_alone(estate: Deployment, demo: Connection) -> None:
    before = nodes(demo)
    change(
        estate,
        "cluster",
        PROGRAM.replace("NODES = 8", "NODES = 7")
        .replace("    count=NODES,", f"    count=NODES,\n    {OTHER},")
        .replace("    Instance,\n", "    Instance,\n    Member,\n"),
    )
    assert estate.plan().servers == {"compute-3": ["delete", "create"]}
    estate.apply()
    after = nodes(demo)
    assert {name for name in after if after[name] != before[name]} == {"compute-3"}
    assert estate.plan().changes == {}


def test_destroy_leaves_nothing(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, "cluster") == []
    # Nova names no root disk that it makes.
    assert "" not in {one.name for one in demo.block_storage.volumes()}
