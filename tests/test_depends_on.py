"""Order beyond what refers to each other: between declarations, and to what is made by hand."""

from __future__ import annotations

import re

import pytest
from cdktf_cdktf_provider_openstack.data_openstack_networking_router_v2 import DataOpenstackNetworkingRouterV2
from cdktf_cdktf_provider_openstack.networking_router_interface_v2 import NetworkingRouterInterfaceV2
from cdktf_cdktf_provider_openstack.networking_router_v2 import NetworkingRouterV2

from ivc import (
    Cidr,
    FloatingIp,
    Icmp,
    Network,
    OpenStackStack,
    Route,
    Router,
    SecurityGroup,
    Subnet,
    SubnetPool,
    Vip,
    Volume,
)
from tests.helpers import (
    ASSOCIATION,
    FLOATING_IP,
    GROUP,
    INSTANCE,
    INTERFACE,
    NETWORK,
    PORT,
    ROUTE,
    ROUTER,
    RULE,
    SUBNET,
    VOLUME,
    VOLUME_ID,
    Json,
    backend,
    resources,
    server,
    synth,
)


def waits(synthesized: Json, kind: str, name: str) -> list[str] | None:
    found: list[str] | None = resources(synthesized, kind)[name].get("depends_on")
    return found


def test_a_server_waits_for_an_element_made_by_hand(shop: OpenStackStack) -> None:
    network = backend(shop)
    router = NetworkingRouterV2(shop, "way-out", name="way-out")
    interface = NetworkingRouterInterfaceV2(shop, "door", router_id=router.id, subnet_id=network.subnets[0].id)
    found = DataOpenstackNetworkingRouterV2(shop, "found", name="found")
    server(shop, "www", network, depends_on=[interface, found])
    synthesized = synth(shop)
    assert waits(synthesized, INSTANCE, "www") == [
        "data.openstack_networking_router_v2.found",
        "openstack_networking_router_interface_v2.door",
    ]
    assert waits(synthesized, PORT, "www_backend") == ["local.automatic_addresses_in_backend"]


def test_a_server_waits_for_a_group_with_all_its_rules_also_later_ones(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web", egress="closed")
    server(shop, "www", backend(shop), depends_on=[web])
    web.allow_from(web, Icmp())
    assert waits(synth(shop), INSTANCE, "www") == [
        f"{RULE}.web_egress_icmp_group-web_ipv4",
        f"{RULE}.web_egress_icmp_group-web_ipv6",
        f"{RULE}.web_ingress_icmp_group-web_ipv4",
        f"{RULE}.web_ingress_icmp_group-web_ipv6",
        f"{GROUP}.web",
    ]


def test_a_server_waits_for_a_network_with_its_subnet_for_another_server_and_for_a_look_up(
    shop: OpenStackStack,
) -> None:
    network = backend(shop)
    first = server(shop, "first", network, volumes=[Volume.lookup(shop, "data").attach(live=True)])
    server(shop, "second", network, depends_on=[network, first, Volume.lookup(shop, "other")])
    assert waits(synth(shop), INSTANCE, "second") == [
        f"data.{VOLUME}.other",
        f"{INSTANCE}.first",
        "openstack_compute_volume_attach_v2.first_data",
        f"{NETWORK}.backend",
        f"{PORT}.first_backend",
        f"{SUBNET}.backend",
    ]


def test_each_declaration_can_wait(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web")
    network = Network(shop, "backend", depends_on=[web])
    Subnet(shop, "low", network=network, cidr="10.0.0.0/24", depends_on=[web])
    SecurityGroup(shop, "db", egress="closed", depends_on=[network])
    synthesized = synth(shop)
    all_of_web = [f"{RULE}.web_egress_any_anywhere_ipv4", f"{RULE}.web_egress_any_anywhere_ipv6", f"{GROUP}.web"]
    assert waits(synthesized, NETWORK, "backend") == all_of_web
    assert waits(synthesized, SUBNET, "low") == all_of_web
    assert waits(synthesized, GROUP, "db") == [f"{NETWORK}.backend"]


def test_a_server_waits_for_a_router_with_its_interfaces_and_routes_also_later_ones(shop: OpenStackStack) -> None:
    router = Router(shop, "gate", routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
    server(shop, "www", Network.lookup(shop, "office"), depends_on=[router])
    router.add_interface(backend(shop))
    assert waits(synth(shop), INSTANCE, "www") == [
        f"{INTERFACE}.backend",
        f"{ROUTE}.gate_10-9-0-0-16",
        f"{ROUTER}.gate",
    ]


def test_a_server_waits_for_what_a_router_that_exists_is_given_here_by_whichever_look_up(shop: OpenStackStack) -> None:
    server(shop, "www", Network.lookup(shop, "office"), depends_on=[Router.lookup(shop, "gate")])
    Router.lookup(shop, "gate").add_interface(backend(shop))
    assert waits(synth(shop), INSTANCE, "www") == [f"data.{ROUTER}.gate", f"{INTERFACE}.backend"]


def test_a_server_waits_for_a_floating_ip_with_its_association_and_for_a_vip(shop: OpenStackStack) -> None:
    office = Network.lookup(shop, "office")
    address = FloatingIp(shop, "new", network=Network.lookup(shop, "Ext-Net"))
    vip = Vip(shop, "vip", network=office, ip="192.0.2.100", floating_ip=address)
    server(shop, "www", office, depends_on=[address, vip])
    assert waits(synth(shop), INSTANCE, "www") == [f"{ASSOCIATION}.new", f"{FLOATING_IP}.new", f"{PORT}.vip"]


def test_routers_floating_ips_and_vips_wait_too(shop: OpenStackStack) -> None:
    first = Network(shop, "first")
    internet = Network.lookup(shop, "Ext-Net")
    Router(shop, "gate", depends_on=[first])
    FloatingIp(shop, "new", network=internet, depends_on=[first])
    Vip(shop, "vip", network=backend(shop), ip="10.0.0.100", depends_on=[first])
    SubnetPool(shop, "pool", prefixes=[Cidr("10.0.0.0/8")], depends_on=[first])
    synthesized = synth(shop)
    kinds = {ROUTER: "gate", FLOATING_IP: "new", PORT: "vip", "openstack_networking_subnetpool_v2": "pool"}
    assert {kind: waits(synthesized, kind, name) for kind, name in kinds.items()} == {
        kind: [f"{NETWORK}.first"] for kind in kinds
    }


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("www", "'www' is a text; give a list, each item a declaration or a resource or data source of CDKTF's"),
        (["www"], "item 1, 'www', is a text; give a declaration or a resource or data source of CDKTF's"),
        ([None], "item 1, None, is nothing; give a declaration or a resource or data source of CDKTF's"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(shop: OpenStackStack, wrong: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^Instance www: depends_on: {re.escape(sentence)}$"):
        server(shop, "www", backend(shop), depends_on=wrong)


def test_one_thing_to_wait_for_stands_in_a_list_too(shop: OpenStackStack) -> None:
    network = backend(shop)
    with pytest.raises(ValueError, match=r"^Instance www: depends_on: Network backend stands alone; give a list, "):
        server(shop, "www", network, depends_on=network)


def test_a_volume_that_is_given_by_its_id_is_there_already(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), depends_on=[Volume.lookup(shop, id=VOLUME_ID)])
    assert waits(synth(shop), INSTANCE, "www") is None


def test_the_id_of_a_declaration_serves_an_element_made_by_hand(shop: OpenStackStack) -> None:
    network = backend(shop)
    NetworkingRouterInterfaceV2(shop, "door", router_id="r", subnet_id=network.subnets[0].id)
    (door,) = resources(synth(shop), "openstack_networking_router_interface_v2").values()
    assert door["subnet_id"] == f"${{{SUBNET}.backend.id}}"
