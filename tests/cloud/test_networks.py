"""Networks as Neutron takes them: pools of ranges and of addresses, host routes, sharing; a router that comes later."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from openstack.connection import Connection

from ivc import AllocationPool, Cidr, Network, OpenStackStack, Route, Router, Subnet, SubnetPool
from tests.cloud.terraform import Deployment, TerraformError
from tests.helpers import server

Declare = Callable[[OpenStackStack], None]


@pytest.fixture(scope="module")
def other_project(admin: Connection) -> str:
    return next(str(one.id) for one in admin.list_projects() if one.name == "other")


@pytest.fixture(scope="module")
def networks(deployment: Deployment, other_project: str) -> Deployment:
    def declare(stack: OpenStackStack) -> None:
        pool = SubnetPool(stack, "ranges", prefixes=[Cidr("10.60.0.0/16")], default_prefix_length=26)
        taken = Network(stack, "taken", mtu=1400, shared_with=[other_project])
        Subnet(stack, "taken", network=taken, subnet_pool=pool)
        Subnet(stack, "taken-6", network=taken, cidr="fd00:60::/64", ipv6_mode="dhcpv6-stateful")
        Network(
            stack,
            "routed",
            cidr="10.61.0.0/24",
            dhcp=False,
            allocation_pools=[AllocationPool("10.61.0.100", "10.61.0.199")],
            host_routes=[Route("10.62.0.0/16", next_hop="10.61.0.254")],
        )
        Router(stack, "between").add_interface(taken)
        server(stack, "in-taken", nics=[taken.nic()])

    deployment.declare(declare)
    deployment.apply()
    return deployment


def test_a_subnet_of_a_pool_has_a_range_of_it_and_a_gateway(networks: Deployment, demo: Connection) -> None:
    (subnet,) = demo.network.subnets(name="taken")
    assert (subnet.cidr, subnet.gateway_ip) == ("10.60.0.0/26", "10.60.0.1")


def test_a_network_is_shared_with_the_project_that_is_named(
    networks: Deployment, other_project: str, demo: Connection
) -> None:
    (network,) = demo.network.networks(name="taken")
    (policy,) = [one for one in demo.network.rbac_policies() if one.object_id == network.id]
    assert (policy.action, policy.target_project_id, network.mtu) == ("access_as_shared", other_project, 1400)


def test_pools_and_host_routes_are_what_was_declared(networks: Deployment, demo: Connection) -> None:
    (subnet,) = demo.network.subnets(name="routed")
    assert subnet.is_dhcp_enabled is False
    assert subnet.allocation_pools == [{"start": "10.61.0.100", "end": "10.61.0.199"}]
    assert subnet.host_routes == [{"destination": "10.62.0.0/16", "nexthop": "10.61.0.254"}]


def test_a_server_has_an_address_of_each_family(networks: Deployment, demo: Connection) -> None:
    (port,) = demo.network.ports(name="in-taken_taken")
    assert sorted(":" in ip["ip_address"] for ip in port.fixed_ips) == [False, True]


def test_a_second_plan_is_empty(networks: Deployment) -> None:
    assert networks.plan().changes == {}


@pytest.mark.parametrize("gateway", [None, "10.63.0.2"])
def test_a_router_that_comes_later_finds_its_address_taken_or_free(
    networks: Deployment, demo: Connection, gateway: str | None
) -> None:
    """A server that chose no address has the one that the router's interface would take."""

    def side(**more: object) -> Declare:
        def declare(stack: OpenStackStack) -> None:
            late = Network(stack, "late", cidr="10.63.0.0/24", **more)  # type: ignore[arg-type]
            server(stack, "early", nics=[late.nic()])
            if "allocation_pools" not in more:
                Router(stack, "late").add_interface(late)

        return declare

    networks.declare(side(allocation_pools=[AllocationPool("10.63.0.1", "10.63.0.1")]))
    networks.apply()
    networks.declare(side(gateway=gateway))
    if gateway is None:
        with pytest.raises(TerraformError, match=r"a server has 10\.63\.0\.1 there"):
            networks.plan()
        return
    assert [name for name in networks.plan().changes if "instance" in name] == []
    networks.apply()
    (subnet,) = demo.network.subnets(name="late")
    assert subnet.gateway_ip == "10.63.0.2"
    assert networks.plan().changes == {}
