"""What must stop before anything is made, and what must not be lost when something went wrong."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud
from practice.ready import PATIENCE

from ivc import Instance, Network, OpenStackStack, SecurityGroup, Tcp, Volume
from tests.cloud import witness
from tests.cloud.terraform import Deployment, TerraformError

NOTHING: dict[str, list[str]] = {"networks": [], "subnets": [], "ports": [], "groups": [], "servers": []}


def small(
    name: str = "small-1",
    *,
    image: str = "Debian 12",
    flavor: str = "d2-2",
    network: str = "Ext-Net",
    volume: str | None = None,
    cloud_name: str | None = None,
    renamed_from: str | None = None,
    tier: str = "small",
    tier_renamed_from: str | None = None,
) -> Callable[[OpenStackStack], None]:
    """One server on the outside network and one of its own."""

    def declare(stack: OpenStackStack) -> None:
        inside = Network(stack, tier, name="small", cidr="10.8.0.0/24", renamed_from=tier_renamed_from)
        group = SecurityGroup(stack, tier, name="small", renamed_from=tier_renamed_from)
        group.allow_from_anywhere(Tcp(443))
        Instance(
            stack,
            name,
            image=image,
            flavor=flavor,
            nics=[Network.lookup(stack, network, public=True).nic(group), inside.nic(group)],
            volumes=[Volume.lookup(stack, volume)] if volume else [],
            name=cloud_name,
            renamed_from=renamed_from,
        )

    return declare


@pytest.mark.parametrize(
    ("wrong", "address"),
    [
        ({"image": "no-image"}, "data.openstack_images_image_v2.no-image"),
        ({"flavor": "no-flavor"}, "data.openstack_compute_flavor_v2.no-flavor"),
        ({"network": "no-network"}, "data.openstack_networking_network_v2.no-network"),
        ({"volume": "no-volume"}, "data.openstack_blockstorage_volume_v3.no-volume"),
    ],
    ids=["image", "flavor", "network", "volume"],
)
def test_a_name_that_does_not_exist_fails_at_plan_and_is_named(
    wrong: dict[str, str], address: str, deployment: Deployment, demo: Connection
) -> None:
    deployment.declare(small(**wrong))

    with pytest.raises(TerraformError, match=address):
        deployment.apply()
    assert witness.marked(demo, "estate") == NOTHING


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"project": "demo", "region": "RegionOne"}, "Stack estate belongs to the project demo"),
        ({"region": "RegionTwo"}, "Stack estate belongs to the region RegionTwo"),
    ],
    ids=["project", "region"],
)
def test_credentials_for_another_place_fail_at_plan(
    settings: dict[str, str], said: str, cloud: Cloud, tmp_path: Path
) -> None:
    elsewhere = Deployment(tmp_path, credentials=cloud.credentials("other"))
    elsewhere.declare(small(), **settings)

    with pytest.raises(TerraformError) as refused:
        elsewhere.plan()
    assert said in " ".join(str(refused.value).replace("│", "").split())


def test_credentials_for_the_right_place_plan(cloud: Cloud, tmp_path: Path) -> None:
    right = Deployment(tmp_path, credentials=cloud.credentials())
    right.declare(small(), project="demo", region="RegionOne")

    assert right.plan().servers == {"small-1": ["create"]}


def test_a_killed_apply_leaves_only_what_carries_its_mark(
    deployment: Deployment, demo: Connection, admin: Connection
) -> None:
    deployment.declare(small())
    before = {port.id for port in demo.network.ports()}
    running = deployment.start_apply()
    assert running.stdout is not None
    for line in running.stdout:
        if "openstack_compute_instance_v2.small-1: Creating..." in line:
            break
    _wait(lambda: bool(witness.marked(demo, "estate")["servers"]))
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()

    left = witness.marked(demo, "estate")
    assert left == {
        "networks": ["small"],
        "subnets": ["small"],
        "ports": ["small-1_Ext-Net", "small-1_small"],
        "groups": ["small"],
        "servers": ["small-1"],
    }
    made = [port for port in demo.network.ports() if port.id not in before]
    assert all(port.description.startswith("ivc:estate/") for port in made if port.device_owner != "network:dhcp")

    # The server is in the cloud and not in the state: what its mark is for.
    for server in demo.compute.servers():
        if server.metadata.get("ivc") == "estate/small-1":
            demo.compute.delete_server(server)
            demo.compute.wait_for_delete(server, interval=0.5, wait=PATIENCE)
    _unlock_and_apply(deployment)
    assert witness.running(demo, "small-1").status == "ACTIVE"


def test_a_group_added_by_hand_is_a_warning_in_the_next_plan(deployment: Deployment, demo: Connection) -> None:
    _unlock_and_apply(deployment)
    assert "Check block assertion failed" not in deployment.plan().text
    (default,) = demo.network.security_groups(name="default")
    port = demo.network.get_port(witness.running(demo, "small-1").port_ids[1])
    demo.network.update_port(port, security_group_ids=[*port.security_group_ids, default.id])

    plan = deployment.plan()

    assert "Check block assertion failed" in plan.text
    said = " ".join(plan.text.replace("│", "").split())
    assert "Instance small-1: its port small-1_small has other security groups than the declared ones (small)" in said
    demo.network.update_port(port, security_group_ids=port.security_group_ids)


def test_a_rename_moves_and_changes_nothing(deployment: Deployment, demo: Connection) -> None:
    _unlock_and_apply(deployment)
    before = witness.running(demo, "small-1")

    deployment.declare(small("renamed", cloud_name="small-1", renamed_from="small-1"))
    plan = deployment.plan()

    assert plan.changes == {}
    assert plan.moved == {
        "openstack_compute_instance_v2.renamed": "openstack_compute_instance_v2.small-1",
        "openstack_networking_port_v2.renamed_Ext-Net": "openstack_networking_port_v2.small-1_Ext-Net",
        "openstack_networking_port_v2.renamed_small": "openstack_networking_port_v2.small-1_small",
        "terraform_data.renamed__image": "terraform_data.small-1__image",
        "terraform_data.renamed__user_data": "terraform_data.small-1__user_data",
    }
    deployment.apply()
    assert witness.running(demo, "small-1") == before
    deployment.declare(small("renamed", cloud_name="small-1"))
    assert deployment.plan().changes == {}
    deployment.declare(small("small-1", renamed_from="renamed"))
    deployment.apply()


def test_a_rename_of_a_network_and_a_group_changes_nothing(deployment: Deployment, demo: Connection) -> None:
    _unlock_and_apply(deployment)
    before = witness.running(demo, "small-1")

    deployment.declare(small(tier="inside", tier_renamed_from="small"))
    plan = deployment.plan()

    assert plan.changes == {}
    assert plan.moved == {
        f"openstack_networking_{kind}.{new}": f"openstack_networking_{kind}.{old}"
        for kind, new, old in (
            ("network_v2", "inside", "small"),
            ("subnet_v2", "inside", "small"),
            ("port_v2", "small-1_inside", "small-1_small"),
            ("secgroup_v2", "inside", "small"),
            *(
                ("secgroup_rule_v2", f"inside_{rule}", f"small_{rule}")
                for traffic in ("ingress_tcp-443_anywhere", "egress_any_anywhere")
                for rule in (f"{traffic}_ipv4", f"{traffic}_ipv6")
            ),
        )
    }
    deployment.apply()
    assert witness.running(demo, "small-1") == before
    # Said no more, the marks follow in place.
    deployment.declare(small(tier="inside"))
    plan = deployment.plan()
    assert {tuple(actions) for actions in plan.changes.values()} == {("update",)}
    deployment.declare(small(tier_renamed_from="inside"))
    deployment.apply()


def test_a_server_deleted_by_hand_comes_back_with_its_addresses_and_its_volume(
    deployment: Deployment, demo: Connection, volume: Callable[[str], str]
) -> None:
    data = volume("guards-data")
    deployment.declare(small(volume="guards-data"))
    deployment.apply()
    before = witness.running(demo, "small-1")
    demo.compute.delete_server(before.id)
    demo.compute.wait_for_delete(demo.compute.get_server(before.id), interval=0.5, wait=PATIENCE)

    deployment.apply()

    after = witness.running(demo, "small-1")
    assert after.id != before.id
    assert (after.port_ids, after.addresses, after.volumes) == (before.port_ids, before.addresses, [data])
    deployment.destroy()
    kept = demo.block_storage.get_volume(data)
    assert (kept.id, kept.status) == (data, "available")


def _unlock_and_apply(deployment: Deployment) -> None:
    """Bring the small estate up, after a run that was killed with its hand on the state."""
    deployment.declare(small())
    for lock in deployment.folder.glob(".terraform.*.lock.info"):
        lock.unlink()
    deployment.apply()


def _wait(holds: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)
