"""Routers: interfaces, the gateways that subnets get with them, routes, and what cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from constructs import Construct

from ivc import AllocationPool, Network, OpenStackStack, Route, Router, Subnet, SubnetPool
from ivc.declare.network import AnyNetwork
from tests.helpers import (
    INTERFACE,
    NETWORK,
    PORT,
    ROUTE,
    ROUTER,
    SUBNET,
    Json,
    backend,
    data_sources,
    resources,
    server,
    synth,
)

ROUTER_ID = "cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee"


def internet(stack: OpenStackStack) -> AnyNetwork:
    return Network.lookup(stack, "Ext-Net", public=True)


def gate(stack: OpenStackStack, *networks: Any, **said: Any) -> Router:
    router = Router(stack, "gate", **said)
    for network in networks:
        router.add_interface(network)
    return router


def moved(synthesized: Json) -> list[tuple[str, str]]:
    return [(block["from"], block["to"]) for block in synthesized["moved"]]


def test_a_router_leads_out_and_is_marked(shop: OpenStackStack) -> None:
    gate(shop, external_network=internet(shop), description="the way out", name="gate.example ${x}")
    assert resources(synth(shop), ROUTER) == {
        "gate": {
            "name": "gate.example $${x}",
            "description": "the way out [ivc:shop/gate]",
            "external_network_id": f"${{data.{NETWORK}.Ext-Net.id}}",
            "lifecycle": {
                "precondition": [
                    {
                        "condition": f"${{data.{NETWORK}.Ext-Net.external}}",
                        "error_message": "Router gate: external_network: network Ext-Net is no outside network; give "
                        "one that `openstack network list --external` lists.",
                    }
                ]
            },
        }
    }


def test_a_router_says_nothing_that_only_an_administrator_may(shop: OpenStackStack) -> None:
    gate(shop)
    assert resources(synth(shop), ROUTER)["gate"] == {"name": "gate", "description": "ivc:shop/gate"}


@pytest.mark.parametrize("said", [True, False])
def test_the_translation_of_addresses_is_said_where_the_declaration_says_it(shop: OpenStackStack, said: bool) -> None:
    gate(shop, external_network=internet(shop), enable_snat=said)
    assert resources(synth(shop), ROUTER)["gate"]["enable_snat"] is said


# The gateway of a subnet.


def subnet_and_interface(stack: OpenStackStack, name: str = "backend") -> tuple[Json, Json]:
    synthesized = synth(stack)
    return resources(synthesized, SUBNET)[name], resources(synthesized, INTERFACE)[name]


def test_a_subnet_behind_a_router_has_its_first_address_as_gateway_and_is_told_so_nowhere(shop: OpenStackStack) -> None:
    gate(shop, backend(shop))
    subnet, interface = subnet_and_interface(shop)
    assert interface == {"router_id": f"${{{ROUTER}.gate.id}}", "subnet_id": f"${{{SUBNET}.backend.id}}"}
    assert subnet["gateway_ip"] == "10.0.0.1"
    assert "no_gateway" not in subnet
    # One that had no gateway had its address in its pool, and Neutron takes no gateway that is in one.
    assert subnet["allocation_pool"] == [{"start": "10.0.0.2", "end": "10.0.0.254"}]


def test_a_slaac_subnet_behind_a_router_has_a_gateway_outside_of_its_pool(shop: OpenStackStack) -> None:
    gate(shop, backend(shop, cidr="fd00:0:0:1::/64", ipv6_mode="slaac"))
    subnet, _ = subnet_and_interface(shop)
    assert subnet["gateway_ip"] == "fd00:0:0:1::1"
    assert subnet["allocation_pool"] == [{"start": "fd00:0:0:1::2", "end": "fd00::1:ffff:ffff:ffff:ffff"}]


def test_a_gateway_that_is_said_is_kept_with_the_pools_that_neutron_makes(shop: OpenStackStack) -> None:
    gate(shop, backend(shop, gateway="10.0.0.254"))
    subnet, _ = subnet_and_interface(shop)
    assert subnet["gateway_ip"] == "10.0.0.254"
    assert "allocation_pool" not in subnet


def test_pools_that_are_said_are_kept(shop: OpenStackStack) -> None:
    gate(shop, backend(shop, allocation_pools=[AllocationPool("10.0.0.100", "10.0.0.199")]))
    subnet, _ = subnet_and_interface(shop)
    assert subnet["gateway_ip"] == "10.0.0.1"
    assert subnet["allocation_pool"] == [{"start": "10.0.0.100", "end": "10.0.0.199"}]


def test_a_subnet_behind_no_router_has_none(shop: OpenStackStack) -> None:
    gate(shop, backend(shop))
    backend(shop, "lonely", cidr="10.1.0.0/24")
    subnet = resources(synth(shop), SUBNET)["lonely"]
    assert subnet["no_gateway"] is True
    assert "gateway_ip" not in subnet


def test_a_subnet_of_a_pool_is_given_one_by_neutron(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    Subnet(shop, "low", network=network, subnet_pool=SubnetPool.lookup(shop, "office"), prefix_length=26)
    gate(shop, network)
    subnet, _ = subnet_and_interface(shop, "low")
    assert subnet.keys() & {"gateway_ip", "no_gateway", "allocation_pool", "cidr"} == set()


def declare(stack: OpenStackStack, order: str) -> None:
    """A network with two subnets, joined by a router as a whole, in an order: n, r, j (joins), 1, 2."""
    made: dict[str, Any] = {}
    steps: dict[str, Callable[[], Any]] = {
        "n": lambda: Network(stack, "backend"),
        "r": lambda: Router(stack, "gate"),
        "j": lambda: made["r"].add_interface(made["n"]),
        "1": lambda: Subnet(stack, "low", network=made["n"], cidr="10.0.0.0/24"),
        "2": lambda: Subnet(stack, "high", network=made["n"], cidr="10.0.1.0/24"),
    }
    for step in order:
        made[step] = steps[step]()


@pytest.mark.parametrize("order", ["rnj12", "n12rj", "n2r1j", "nrj21", "n1rj2"])
def test_a_network_is_joined_with_all_its_subnets_also_later_ones(shop: OpenStackStack, order: str) -> None:
    declare(shop, order)
    synthesized = synth(shop)
    assert list(resources(synthesized, INTERFACE)) == ["high", "low"]
    assert {name: subnet["gateway_ip"] for name, subnet in resources(synthesized, SUBNET).items()} == {
        "high": "10.0.1.1",
        "low": "10.0.0.1",
    }


def test_both_families_of_a_network_are_joined(shop: OpenStackStack) -> None:
    network = backend(shop)
    gate(shop, network)
    Subnet(shop, "backend-6", network=network, cidr="fd00::/64", ipv6_mode="slaac")
    assert list(resources(synth(shop), INTERFACE)) == ["backend", "backend-6"]


def test_an_address_that_the_gateway_takes_later_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "www", nics=[network.nic(ip="10.0.0.1")])
    gate(shop, network)
    sentence = "Instance www: nics[0].ip: 10.0.0.1 is its gateway in 10.0.0.0/24 of subnet backend; take another, "
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        synth(shop)


def test_a_gateways_address_that_a_server_may_have_got_by_itself_fails_at_plan(shop: OpenStackStack) -> None:
    network = backend(shop)
    gate(shop, network)
    server(shop, "www", network)
    synthesized = synth(shop)
    assert resources(synthesized, INTERFACE)["backend"]["lifecycle"] == {
        "precondition": [
            {
                "condition": '${!contains(flatten(local.addresses_in_backend), "10.0.0.1")}',
                "error_message": "Router gate: add_interface: subnet backend: a server has 10.0.0.1 there, which the "
                "interface would take; give the subnet another address that is free, with gateway=.",
            }
        ]
    }
    assert synthesized["locals"]["addresses_in_backend"] == [f"${{{PORT}.www_backend.all_fixed_ips}}"]


def test_no_condition_stands_where_every_address_is_declared(shop: OpenStackStack) -> None:
    network = backend(shop)
    gate(shop, network)
    server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    synthesized = synth(shop)
    assert "lifecycle" not in resources(synthesized, INTERFACE)["backend"]
    assert "addresses_in_backend" not in synthesized["locals"]


def test_an_existing_subnet_without_a_gateway_fails_at_plan(shop: OpenStackStack) -> None:
    office = Network.lookup(shop, "office")
    gate(shop, Subnet.lookup(shop, "desks", network=office))
    interface = resources(synth(shop), INTERFACE)["existing__desks"]
    assert interface["subnet_id"] == f"${{data.{SUBNET}.desks.id}}"
    (condition,) = interface["lifecycle"]["precondition"]
    assert condition["condition"] == f'${{data.{SUBNET}.desks.gateway_ip != ""}}'
    assert condition["error_message"].startswith("Router gate: add_interface: subnet desks has no gateway, whose ")


# A router that exists.


def test_a_router_that_exists_joins_a_network_that_is_made_here(shop: OpenStackStack) -> None:
    Router.lookup(shop, "gate").add_interface(backend(shop))
    synthesized = synth(shop)
    assert data_sources(synthesized, ROUTER) == {"gate": {"name": "gate"}}
    assert resources(synthesized, INTERFACE) == {
        "backend": {"router_id": f"${{data.{ROUTER}.gate.id}}", "subnet_id": f"${{{SUBNET}.backend.id}}"}
    }
    assert resources(synthesized, SUBNET)["backend"]["gateway_ip"] == "10.0.0.1"


def test_a_router_is_looked_up_by_its_id_too(shop: OpenStackStack) -> None:
    Router.lookup(shop, id=ROUTER_ID).add_interface(backend(shop))
    synthesized = synth(shop)
    assert data_sources(synthesized, ROUTER) == {f"id_{ROUTER_ID}": {"router_id": ROUTER_ID}}


def test_a_router_cannot_be_made_by_its_looked_up_class(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match=r"^LookedUpRouter: it exists already and is looked up; write Router\.lookup"):
        type(Router.lookup(shop, "gate"))(shop, "gate")


def test_a_router_and_one_that_exists_may_have_one_name(shop: OpenStackStack) -> None:
    gate(shop, backend(shop))
    Router.lookup(shop, "gate").add_interface(backend(shop, "other", cidr="10.1.0.0/24"))
    routers = {name: one["router_id"] for name, one in resources(synth(shop), INTERFACE).items()}
    assert routers == {"backend": f"${{{ROUTER}.gate.id}}", "other": f"${{data.{ROUTER}.gate.id}}"}


def test_a_subnet_and_one_that_exists_may_have_one_name(shop: OpenStackStack) -> None:
    network = backend(shop)
    office = Network.lookup(shop, "office")
    gate(shop, network, Subnet.lookup(shop, "backend", network=office, cidr="192.0.2.0/24"))
    assert list(resources(synth(shop), INTERFACE)) == ["backend", "existing__backend"]


# Look-ups that are made twice are one.


@pytest.mark.parametrize("subnet_first", [True, False])
def test_a_network_that_is_looked_up_twice_has_the_same_subnets(shop: OpenStackStack, subnet_first: bool) -> None:
    one, other = Network.lookup(shop, "office"), Network.lookup(shop, "office")
    if not subnet_first:
        gate(shop, other)
    Subnet.lookup(shop, "desks", network=one)
    if subnet_first:
        gate(shop, other)
    assert list(resources(synth(shop), INTERFACE)) == ["existing__desks"]


def test_a_subnet_that_is_looked_up_twice_is_joined_once(shop: OpenStackStack) -> None:
    office = Network.lookup(shop, "office")
    Subnet.lookup(shop, "desks", network=office)
    gate(shop, office)
    again = Subnet.lookup(shop, "desks", network=office)
    assert list(resources(synth(shop), INTERFACE)) == ["existing__desks"]
    with pytest.raises(ValueError, match=r"^Router other: add_interface: subnet desks is joined already, by router"):
        Router(shop, "other").add_interface(again)


def test_two_look_ups_of_a_subnet_that_differ_are_refused(shop: OpenStackStack) -> None:
    office = Network.lookup(shop, "office")
    Subnet.lookup(shop, "desks", network=office)
    sentence = (
        "Subnet.lookup('desks'): it is looked up twice in stack shop, once without that and once with dhcp=False; look "
        "it up once and use that"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Subnet.lookup(shop, "desks", network=office, dhcp=False)


def test_two_look_ups_of_a_router_are_one(shop: OpenStackStack) -> None:
    Router.lookup(shop, "gate").add_interface(backend(shop))
    with pytest.raises(ValueError, match=r"^Router\.lookup\('gate'\): add_interface: 10\.0\.0\.0/25 of subnet b overl"):
        Router.lookup(shop, "gate").add_interface(backend(shop, "b", cidr="10.0.0.0/25"))


# What cannot be joined.


def test_ranges_that_overlap_on_a_router_are_refused(shop: OpenStackStack) -> None:
    router = gate(shop, backend(shop))
    wide = backend(shop, "wide", cidr="10.0.0.0/16")
    sentence = (
        "Router gate: add_interface: 10.0.0.0/16 of subnet wide overlaps 10.0.0.0/24 of subnet backend, which router "
        "gate joins too; give one of the two another range"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        router.add_interface(wide)


def test_ranges_that_overlap_on_two_routers_are_two_places(shop: OpenStackStack) -> None:
    gate(shop, backend(shop))
    Router(shop, "other").add_interface(backend(shop, "wide", cidr="10.0.0.0/16"))
    assert list(resources(synth(shop), INTERFACE)) == ["backend", "wide"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_subnet_on_two_routers_is_refused(shop: OpenStackStack, whole: bool) -> None:
    network = backend(shop)
    gate(shop, network)
    sentence = (
        f"Router other: add_interface: {'network' if whole else 'subnet'} backend is joined already, by router gate, "
        "and a subnet has one gateway; leave one of the two out"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Router(shop, "other").add_interface(network if whole else network.subnets[0])


@pytest.mark.parametrize("first", ["network", "subnet"])
@pytest.mark.parametrize("second", ["network", "subnet"])
def test_a_subnet_is_joined_once_by_a_router(shop: OpenStackStack, first: str, second: str) -> None:
    network = backend(shop)
    either: dict[str, Any] = {"network": network, "subnet": network.subnets[0]}
    router = gate(shop, either[first])
    called = "network" if first == second == "network" else "subnet"
    sentence = f"Router gate: add_interface: {called} backend is joined already; leave one of the two out"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        router.add_interface(either[second])


def test_a_network_is_joined_once_as_a_whole_also_before_it_has_a_subnet(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    router = gate(shop, network)
    sentence = "Router gate: add_interface: network backend is joined already; leave one of the two out"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        router.add_interface(network)


def test_a_network_is_joined_as_a_whole_by_one_router_also_before_it_has_a_subnet(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    gate(shop, network)
    sentence = (
        "Router other: add_interface: network backend is joined already, by router gate, and a subnet has one "
        "gateway; leave one of the two out"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Router(shop, "other").add_interface(network)


def test_two_ipv6_subnets_of_a_network_on_a_router_are_refused(shop: OpenStackStack) -> None:
    network = Network(shop, "backend", cidr="fd00::/64")
    router = gate(shop, network)
    sentence = (
        "Router gate: add_interface: subnets backend and more are both IPv6 and of network backend, of which a router "
        "joins one; put one of them into another network"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Subnet(shop, "more", network=network, cidr="fd00:0:0:1::/64")
    assert router.name == "gate"


def test_an_ipv6_subnet_of_each_of_two_networks_is_joined(shop: OpenStackStack) -> None:
    gate(shop, backend(shop, "a", cidr="fd00::/64"), backend(shop, "b", cidr="fd00:0:0:1::/64"))
    assert list(resources(synth(shop), INTERFACE)) == ["a", "b"]


def test_an_outside_network_that_is_made_here_is_refused(shop: OpenStackStack) -> None:
    sentence = (
        "Router gate: external_network: network backend is made here, and is no outside network; look one up, such as "
        'Network.lookup(stack, "Ext-Net")'
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        gate(shop, external_network=backend(shop))


@pytest.mark.parametrize("network", [Network, Network.lookup])
def test_a_network_without_a_subnet_cannot_be_joined(shop: OpenStackStack, network: Any) -> None:
    gate(shop, network(shop, "empty"))
    sentence = (
        "Router gate: add_interface: no subnet of network empty is declared; declare one with Subnet(...), or look it "
        "up with Subnet.lookup(...)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        synth(shop)


def test_a_pool_that_holds_the_gateway_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop, allocation_pools=[AllocationPool("10.0.0.1", "10.0.0.9")])
    sentence = (
        "Router gate: add_interface: 10.0.0.1 to 10.0.0.9 holds the gateway 10.0.0.1, which the cloud would refuse; "
        "leave it out of the pool"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        gate(shop, network)


@pytest.mark.parametrize("cidr", ["10.0.0.0/31", "10.0.0.7/32", "fd00::5/128"])
def test_a_range_that_has_no_address_for_a_gateway_is_refused(shop: OpenStackStack, cidr: str) -> None:
    sentence = f"Router gate: add_interface: {cidr} of subnet narrow has no address for a gateway; widen it"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        gate(shop, backend(shop, "narrow", cidr=cidr))


@pytest.mark.parametrize(
    ("cidr", "gateway", "pool"),
    [
        ("10.0.0.0/30", "10.0.0.1", {"start": "10.0.0.2", "end": "10.0.0.2"}),
        ("fd00::/127", "fd00::", {"start": "fd00::1", "end": "fd00::1"}),
        ("::/127", "::", {"start": "::1", "end": "::1"}),
    ],
)
def test_a_narrow_range_has_a_gateway_and_a_server(
    shop: OpenStackStack, cidr: str, gateway: str, pool: dict[str, str]
) -> None:
    gate(shop, backend(shop, "narrow", cidr=cidr))
    subnet, _ = subnet_and_interface(shop, "narrow")
    assert (subnet["gateway_ip"], subnet["allocation_pool"]) == (gateway, [pool])


def test_a_network_of_another_stack_is_refused(shop: OpenStackStack) -> None:
    other = OpenStackStack(shop.app, "other")
    with pytest.raises(ValueError, match=r"^Router gate: add_interface: to: Network backend is of stack other, and "):
        gate(shop, backend(other))
    hop = server(other, "www", other_network := backend(other, "b")).address_on(other_network)
    with pytest.raises(ValueError, match=r"^Router g: routes\[0\]: Instance www is of stack other, and this is stack"):
        Router(shop, "g", routes=[Route("10.9.0.0/16", next_hop=hop)])


# Routes.


def test_a_route_comes_after_the_interfaces(shop: OpenStackStack) -> None:
    router = gate(shop, routes=[Route("10.9.0.0/16", next_hop="10.0.0.254"), Route("fd09::/48", next_hop="fd00::9")])
    router.add_interface(backend(shop))
    router.add_interface(backend(shop, "six", cidr="fd00::/64"))
    after = [f"{INTERFACE}.backend", f"{INTERFACE}.six"]
    assert resources(synth(shop), ROUTE) == {
        "gate_10-9-0-0-16": {
            "router_id": f"${{{ROUTER}.gate.id}}",
            "destination_cidr": "10.9.0.0/16",
            "next_hop": "10.0.0.254",
            "depends_on": after,
        },
        "gate_fd09---48": {
            "router_id": f"${{{ROUTER}.gate.id}}",
            "destination_cidr": "fd09::/48",
            "next_hop": "fd00::9",
            "depends_on": after,
        },
    }


def test_a_next_hop_may_be_an_address_that_only_apply_knows(shop: OpenStackStack) -> None:
    network = backend(shop)
    hop = server(shop, "vpn", network).address_on(network)
    gate(shop, network, routes=[Route("10.9.0.0/16", next_hop=hop)])
    route = resources(synth(shop), ROUTE)["gate_10-9-0-0-16"]
    assert f"{PORT}.vpn_backend.all_fixed_ips" in route["next_hop"]


def test_two_routes_to_one_destination_are_refused(shop: OpenStackStack) -> None:
    routes = [Route("fd09::/48", next_hop="fd00::8"), Route("FD09:0::/48", next_hop="fd00::9")]
    sentence = "Router gate: routes: two of them lead to fd09::/48; leave one of the two out, fd00::8 or fd00::9"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        gate(shop, routes=routes)


@pytest.mark.parametrize(("joined", "known"), [((), "there is none"), (("backend",), "10.0.0.0/24")])
def test_a_next_hop_that_is_nowhere_is_refused(shop: OpenStackStack, joined: tuple[str, ...], known: str) -> None:
    gate(shop, *(backend(shop, name) for name in joined), routes=[Route("10.9.0.0/16", next_hop="10.1.0.9")])
    sentence = (
        f"Router gate: routes: the next hop 10.1.0.9 to 10.9.0.0/16 is in no network that it joins ({known}); join its "
        "network, or give another"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        synth(shop)


def test_a_next_hop_may_be_outside_where_the_router_leads_out_or_a_range_is_unknown(shop: OpenStackStack) -> None:
    gate(shop, external_network=internet(shop), routes=[Route("10.9.0.0/16", next_hop="192.0.2.9")])
    router = Router(shop, "other", routes=[Route("10.9.0.0/16", next_hop="192.0.2.9")])
    router.add_interface(Subnet.lookup(shop, "desks", network=Network.lookup(shop, "office")))
    assert list(resources(synth(shop), ROUTE)) == ["gate_10-9-0-0-16", "other_10-9-0-0-16"]


@pytest.mark.parametrize("outside", [True, False])
def test_a_next_hop_that_is_the_router_itself_is_refused(shop: OpenStackStack, outside: bool) -> None:
    said: dict[str, Any] = {"external_network": internet(shop)} if outside else {}
    gate(shop, backend(shop), routes=[Route("10.9.0.0/16", next_hop="10.0.0.1")], **said)
    sentence = "Router gate: routes: the next hop 10.0.0.1 to 10.9.0.0/16 is its own address; give another's"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        synth(shop)


@pytest.mark.parametrize(
    ("destination", "hop", "sentence"),
    [
        (
            "10.9.0.1/16",
            "10.0.0.9",
            "Route('10.9.0.1/16'): destination: '10.9.0.1/16' has address bits behind its mask",
        ),
        ("10.9.0.0/16", "there", "Route('10.9.0.0/16'): next_hop: 'there' is no IP address"),
        ("::/0", "10.0.0.9", "Route('::/0'): next_hop: 10.0.0.9 is IPv4, and the destination IPv6; give an address of"),
    ],
)
def test_a_route_that_cannot_be_is_refused(destination: str, hop: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        Route(destination, next_hop=hop)


# Names.


def test_a_renamed_router_takes_its_routes_with_it_and_keeps_its_interfaces(shop: OpenStackStack) -> None:
    router = Router(shop, "gate", renamed_from="door", routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
    router.add_interface(backend(shop))
    synthesized = synth(shop)
    assert moved(synthesized) == [
        (f"{ROUTE}.door_10-9-0-0-16", f"{ROUTE}.gate_10-9-0-0-16"),
        (f"{ROUTER}.door", f"{ROUTER}.gate"),
    ]
    assert list(resources(synthesized, INTERFACE)) == ["backend"]


def test_a_renamed_network_takes_the_interface_of_its_subnet_with_it(shop: OpenStackStack) -> None:
    gate(shop, backend(shop, renamed_from="old"))
    assert (f"{INTERFACE}.old", f"{INTERFACE}.backend") in moved(synth(shop))


def test_a_router_in_a_scope_has_the_scope_in_its_addresses(shop: OpenStackStack) -> None:
    paris = Construct(shop, "paris")
    router = Router(paris, "gate", routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")], renamed_from="door")
    network = backend(Construct(paris, "net"))
    router.add_interface(network)
    synthesized = synth(shop)
    assert list(resources(synthesized, ROUTER)) == ["paris_gate"]
    assert list(resources(synthesized, ROUTE)) == ["paris_gate_10-9-0-0-16"]
    assert list(resources(synthesized, INTERFACE)) == ["paris_net_backend"]
    assert moved(synthesized) == [
        (f"{ROUTE}.paris_door_10-9-0-0-16", f"{ROUTE}.paris_gate_10-9-0-0-16"),
        (f"{ROUTER}.paris_door", f"{ROUTER}.paris_gate"),
    ]


def test_what_a_router_was_declared_with_stays(shop: OpenStackStack) -> None:
    router = gate(shop)
    for name in ("routes", "external_network", "enable_snat"):
        with pytest.raises(ValueError, match=rf"^Router gate: {name}: it is set where it is declared; set it there$"):
            setattr(router, name, None)


def test_all_of_a_stack_of_routers_is_decided_the_same_way_twice(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    gate(shop, network, external_network=internet(shop), routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
    server(shop, "www", network)
    Subnet(shop, "low", network=network, cidr="10.0.0.0/24")
    assert synth(shop) == synth(shop)
