"""Key pairs, server groups and order, as the cloud has them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from openstack.connection import Connection

from ivc import Instance, KeyPair, Network, OpenStackStack, SecurityGroup, ServerGroup
from tests.cloud import witness
from tests.cloud.terraform import Deployment
from tests.helpers import PUBLIC_KEY

OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f other@practice"


def apart(*, grouped: bool = True, key: str = PUBLIC_KEY) -> Callable[[OpenStackStack], None]:
    """Two servers of one group, the second of which waits for the first."""

    def declare(stack: OpenStackStack) -> None:
        network = Network(stack, "apart", cidr="10.45.0.0/24")
        web = SecurityGroup(stack, "apart")
        keys = KeyPair(stack, "apart", public_key=key)
        group = ServerGroup(stack, "apart")
        first = Instance(
            stack,
            "apart-1",
            image="Debian 12",
            flavor="d2-2",
            key_pair=keys,
            nics=[network.nic(web)],
            server_group=group,
            depends_on=[web],
        )
        Instance(
            stack,
            "apart-2",
            image="Debian 12",
            flavor="d2-2",
            nics=[network.nic(web)],
            server_group=group if grouped else None,
            depends_on=[first],
        )

    return declare


@pytest.fixture(scope="module")
def deployed(deployment: Deployment) -> Deployment:
    deployment.declare(apart())
    deployment.apply()
    return deployment


def test_the_servers_are_in_their_group_and_have_their_key(deployed: Deployment, demo: Connection) -> None:
    servers = [witness.running(demo, name) for name in ("apart-1", "apart-2")]
    (group,) = (one for one in demo.compute.server_groups() if one.name == "apart")
    assert sorted(group.member_ids) == sorted(server.id for server in servers)
    assert group.policy == "soft-anti-affinity"
    assert demo.compute.get_server(servers[0].id).key_name == "apart"
    assert demo.compute.get_keypair("apart").public_key == PUBLIC_KEY


def test_who_waits_is_made_after_what_it_waits_for(deployed: Deployment, demo: Connection) -> None:
    first, second = (demo.compute.get_server(witness.running(demo, f"apart-{n}").id) for n in (1, 2))
    assert first.launched_at < second.created_at


def test_a_second_plan_is_empty(deployed: Deployment) -> None:
    assert deployed.plan().changes == {}


def test_to_leave_a_group_replaces_the_server_alone(deployed: Deployment) -> None:
    deployed.declare(apart(grouped=False))
    assert deployed.plan().servers == {"apart-2": ["delete", "create"]}


def test_another_key_replaces_the_key_pair_and_no_server(deployed: Deployment) -> None:
    deployed.declare(apart(key=OTHER_KEY))
    assert deployed.plan().changes == {"openstack_compute_keypair_v2.apart": ["delete", "create"]}
