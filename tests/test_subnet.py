"""Subnets: IPv6 modes, allocation pools, host routes, ranges from subnet pools, and what Neutron would refuse."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from ivc import AllocationPool, Cidr, Network, OpenStackStack, Route, Segment, Subnet, SubnetPool
from ivc.declare.allocation_pool import around
from ivc.terraform.circle import circle
from tests.helpers import (
    HOST_ROUTE,
    NETWORK,
    PORT,
    RBAC_POLICY,
    SUBNET,
    Json,
    backend,
    data_sources,
    rendered,
    resources,
    server,
    synth,
    template,
)

SUBNET_POOL = "openstack_networking_subnetpool_v2"
PROJECT_ID = "0123456789abcdef0123456789abcdef"


def subnet(stack: OpenStackStack, name: str = "backend") -> Json:
    found: Json = resources(synth(stack), SUBNET)[name]
    return found


def refused(sentence: str) -> Any:
    return pytest.raises(ValueError, match=f"^{re.escape(sentence)}$")


# IPv6.


@pytest.mark.parametrize("mode", ["slaac", "dhcpv6-stateful", "dhcpv6-stateless"])
def test_a_mode_is_said_of_addresses_and_of_the_routers_word(shop: OpenStackStack, mode: Any) -> None:
    backend(shop, cidr="fd00::/64", ipv6_mode=mode)
    found = subnet(shop)
    assert (found["ipv6_address_mode"], found["ipv6_ra_mode"], found["ip_version"]) == (mode, mode, 6)


def test_without_a_mode_nothing_is_said_of_it(shop: OpenStackStack) -> None:
    backend(shop, cidr="fd00::/64")
    assert [key for key in subnet(shop) if key.startswith("ipv6_")] == []


@pytest.mark.parametrize("mode", ["slaac", "dhcpv6-stateless"])
@pytest.mark.parametrize("cidr", ["fd00::/63", "fd00::/65", "fd00::/127"])
def test_addresses_of_the_mac_want_a_64(shop: OpenStackStack, mode: Any, cidr: str) -> None:
    with refused(f"Subnet backend: ipv6_mode: {mode} wants a /64, and {cidr} is none; give one"):
        backend(shop, cidr=cidr, ipv6_mode=mode)


def test_stateful_addresses_take_any_range(shop: OpenStackStack) -> None:
    backend(shop, cidr="fd00::/96", ipv6_mode="dhcpv6-stateful")
    assert subnet(shop)["cidr"] == "fd00::/96"


def test_a_range_of_a_pool_is_a_64_too(shop: OpenStackStack) -> None:
    pool = SubnetPool.lookup(shop, "six", ip_version="IPv6")
    network = Network(shop, "backend")
    Subnet(shop, "fine", network=network, subnet_pool=pool, prefix_length=64, ipv6_mode="slaac")
    Subnet(shop, "default", network=network, subnet_pool=pool, ipv6_mode="slaac")
    with refused("Subnet wide: ipv6_mode: slaac wants a /64, and /60 is none; give one"):
        Subnet(shop, "wide", network=network, subnet_pool=pool, prefix_length=60, ipv6_mode="slaac")


def test_a_mode_of_ipv4_is_refused(shop: OpenStackStack) -> None:
    with refused("Subnet backend: ipv6_mode: 10.0.0.0/24 is IPv4, which has none; leave it out"):
        backend(shop, ipv6_mode="slaac")


def test_a_mode_without_dhcp_is_refused(shop: OpenStackStack) -> None:
    with refused("Subnet backend: ipv6_mode: it needs dhcp=True, also where only the router tells; leave dhcp out"):
        backend(shop, cidr="fd00::/64", ipv6_mode="slaac", dhcp=False)


@pytest.mark.parametrize("subnet_first", [True, False])
@pytest.mark.parametrize("mode", ["slaac", "dhcpv6-stateless"])
def test_a_fixed_address_where_the_mac_makes_it_is_refused(shop: OpenStackStack, mode: Any, subnet_first: bool) -> None:
    network = Network(shop, "backend")
    sentence = (
        f"Instance www: nics[0].ip: fd00::11 lies in subnet six, which makes each port's address of its MAC ({mode}) "
        "and takes no other; leave it out, each port has one there"
    )
    if not subnet_first:
        server(shop, "www", nics=[network.nic(ip="fd00::11")])
    six = Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode=mode)
    with refused(sentence):
        if subnet_first:
            server(shop, "www", nics=[network.nic(ip="fd00::11")])
        synth(shop)
    assert six.gives_each_port_an_address


def test_a_fixed_address_on_a_stateful_subnet_is_taken(shop: OpenStackStack) -> None:
    server(shop, "www", nics=[backend(shop, cidr="fd00::/64", ipv6_mode="dhcpv6-stateful").nic(ip="fd00::11")])
    assert resources(synth(shop), PORT)["www_backend"]["fixed_ip"][0]["ip_address"] == "fd00::11"


@pytest.mark.parametrize("subnet_first", [True, False])
def test_a_port_comes_after_the_subnet_that_gives_it_an_address_unasked(
    shop: OpenStackStack, subnet_first: bool
) -> None:
    network = backend(shop)
    if not subnet_first:
        server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="slaac")
    Subnet(shop, "stateful", network=network, cidr="fd00:0:0:1::/64", ipv6_mode="dhcpv6-stateful")
    if subnet_first:
        server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    assert resources(synth(shop), PORT)["www_backend"]["depends_on"] == [f"{SUBNET}.six"]


# An address in a subnet that the cloud chooses.


def test_a_fixed_address_stands_beside_an_automatic_one(shop: OpenStackStack) -> None:
    network = backend(shop)
    six = Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="dhcpv6-stateful")
    www = server(shop, "www", nics=[network.nic(ip=["10.0.0.11", six])])
    synthesized = synth(shop)
    assert resources(synthesized, PORT)["www_backend"]["fixed_ip"] == [
        {"ip_address": "10.0.0.11", "subnet_id": f"${{{SUBNET}.backend.id}}"},
        {"subnet_id": f"${{{SUBNET}.six.id}}"},
    ]
    assert resources(synthesized, PORT)["www_backend"]["depends_on"] == ["local.declared_addresses_in_backend"]
    assert www.address_on(network) == "10.0.0.11"
    assert circle(synthesized) == ()


def test_one_subnet_stands_without_a_list(shop: OpenStackStack) -> None:
    network = backend(shop)
    more = Subnet(shop, "more", network=network, cidr="10.1.0.0/24")
    server(shop, "www", nics=[network.nic(ip=more)])
    assert resources(synth(shop), PORT)["www_backend"]["fixed_ip"] == [{"subnet_id": f"${{{SUBNET}.more.id}}"}]


def test_an_address_on_each_family_is_known(shop: OpenStackStack) -> None:
    network = backend(shop)
    six = Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="dhcpv6-stateful")
    www = server(shop, "www", nics=[network.nic(ip=["10.0.0.11", six])])
    db = server(shop, "db", nics=[network.nic(ip=[network.subnets[0], "fd00::12"])])
    told = [www.ipv4_on(network), db.ipv6_on(network), db.address_on(network)]
    assert told == ["10.0.0.11", "fd00::12", "fd00::12"]
    text = "#cloud-config\n# {{ four }} {{ six }}\n"
    found = template(shop, text, four=db.ipv4_on(network), six=www.ipv6_on(network))
    server(shop, "app", network, user_data=found)
    assert rendered(shop, "app") == (
        b"#cloud-config\n# <IPv4 address of db on backend> <IPv6 address of www on backend>\n"
    )


def test_a_family_that_a_nic_has_not_is_an_error(shop: OpenStackStack) -> None:
    network = backend(shop)
    six = Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="dhcpv6-stateful")
    only_six = server(shop, "a", nics=[network.nic(ip=six)])
    only_four = server(shop, "b", nics=[network.nic(ip="10.0.0.11")])
    with refused(
        "Instance a: it has no IPv4 address on backend, but one of subnet six; declare one with .nic(ip=[...])"
    ):
        only_six.ipv4_on(network)
    with refused("Instance b: it has no IPv6 address on backend, but 10.0.0.11; declare one with .nic(ip=[...])"):
        only_four.ipv6_on(network)


def test_a_slaac_address_is_had_unasked(shop: OpenStackStack) -> None:
    network = backend(shop)
    Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="slaac")
    www = server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    server(shop, "app", network, user_data=template(shop, "#cloud-config\n# {{ x }}\n", x=www.ipv6_on(network)))
    assert rendered(shop, "app") == b"#cloud-config\n# <IPv6 address of www on backend>\n"


def test_a_subnet_of_another_network_is_refused(shop: OpenStackStack) -> None:
    network, other = backend(shop), backend(shop, "other", cidr="10.1.0.0/24")
    with refused(
        "Instance www: nics[0].ip: subnet other is in network other, and the NIC in backend; give one of that network"
    ):
        server(shop, "www", nics=[network.nic(ip=other.subnets[0])])


# Allocation pools.


def test_pools_are_as_they_are_said(shop: OpenStackStack) -> None:
    pools = [AllocationPool("10.0.0.100", "10.0.0.199"), AllocationPool("10.0.0.20", "10.0.0.20")]
    backend(shop, allocation_pools=pools)
    assert subnet(shop)["allocation_pool"] == [
        {"start": "10.0.0.100", "end": "10.0.0.199"},
        {"start": "10.0.0.20", "end": "10.0.0.20"},
    ]


def test_a_pool_is_said_in_the_usual_spelling() -> None:
    pool = AllocationPool("FD00:0::5", "fd00:0::000f")
    assert (pool.first, pool.last, f"{pool}") == ("fd00::5", "fd00::f", "fd00::5 to fd00::f")


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("10.0.0.9", "10.0.0.5", "it is reversed; write AllocationPool('10.0.0.5', '10.0.0.9')"),
        ("10.0.0.9", "fd00::5", "one is IPv4 and the other IPv6; give two of one family"),
        ("10.0.0.9", "10.0.0.300", "'10.0.0.300' is no IP address; write one such as 10.0.0.11"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(first: str, last: str, sentence: str) -> None:
    with refused(f"AllocationPool({first!r}, {last!r}): {sentence}"):
        AllocationPool(first, last)


@pytest.mark.parametrize(
    ("first", "last"),
    [("10.0.1.5", "10.0.1.9"), ("10.0.0.0", "10.0.0.9"), ("10.0.0.9", "10.0.0.255"), ("fd00::5", "fd00::9")],
)
def test_a_pool_that_neutron_would_refuse_is_refused(shop: OpenStackStack, first: str, last: str) -> None:
    with refused(
        f"Subnet backend: allocation_pools: {first} to {last} is outside of 10.0.0.0/24, which has 10.0.0.1 to "
        "10.0.0.254; take addresses in it"
    ):
        backend(shop, allocation_pools=[AllocationPool(first, last)])


def test_an_ipv6_pool_holds_the_last_address_and_not_the_first(shop: OpenStackStack) -> None:
    backend(shop, cidr="fd00::/124", allocation_pools=[AllocationPool("fd00::1", "fd00::f")])
    assert subnet(shop)["allocation_pool"] == [{"start": "fd00::1", "end": "fd00::f"}]
    with pytest.raises(
        ValueError, match=r"^Subnet other: allocation_pools: fd00:: to fd00::f is outside of fd00::/124"
    ):
        backend(shop, "other", cidr="fd00::/124", allocation_pools=[AllocationPool("fd00::", "fd00::f")])


@pytest.mark.parametrize(
    "other", [("10.0.0.9", "10.0.0.12"), ("10.0.0.1", "10.0.0.5"), ("10.0.0.6", "10.0.0.7"), ("10.0.0.1", "10.0.0.99")]
)
def test_pools_that_overlap_are_refused(shop: OpenStackStack, other: tuple[str, str]) -> None:
    sentence = (
        f"Subnet backend: allocation_pools: {other[0]} to {other[1]} overlaps 10.0.0.5 to 10.0.0.9; give each address "
        "once"
    )
    with refused(sentence):
        backend(shop, allocation_pools=[AllocationPool("10.0.0.5", "10.0.0.9"), AllocationPool(*other)])


@pytest.mark.parametrize("gateway", ["10.0.0.5", "10.0.0.7", "10.0.0.9"])
def test_a_pool_that_holds_the_gateway_is_refused(shop: OpenStackStack, gateway: str) -> None:
    with refused(
        f"Subnet backend: allocation_pools: 10.0.0.5 to 10.0.0.9 holds the gateway {gateway}, which the cloud would "
        "refuse; leave it out of the pool"
    ):
        backend(shop, gateway=gateway, allocation_pools=[AllocationPool("10.0.0.5", "10.0.0.9")])


@st.composite
def _range_and_gateway(draw: st.DrawFn) -> tuple[Any, Any]:
    """A range of either family, and an address in it."""
    if draw(st.booleans()):
        bits, length, make = 32, draw(st.integers(8, 31)), ipaddress.IPv4Address
    else:
        bits, length, make = 128, draw(st.integers(48, 127)), ipaddress.IPv6Address  # type: ignore[assignment]
    base = draw(st.integers(0, 2**length - 1)) << (bits - length)
    offset = draw(st.one_of(st.integers(0, 2), st.integers(0, 2 ** (bits - length) - 1)))
    last = 2 ** (bits - length) - 1
    return ipaddress.ip_network((base, length)), make(base + draw(st.sampled_from([min(offset, last), last, last - 1])))


def neutrons_pools(cidr: Any, gateway: Any) -> list[tuple[int, int]]:
    """What Neutron says of itself: all but the network's own address and IPv4's broadcast address, of which a /31 has
    none, around the gateway.
    """
    first, last = int(cidr[0]), int(cidr[-1])
    if cidr.version == 6:
        first += 1
    elif cidr.prefixlen <= 30:
        first, last = first + 1, last - 1
    at = int(gateway)
    parts = [(first, at - 1), (at + 1, last)] if first <= at <= last else [(first, last)]
    return [(low, high) for low, high in parts if low <= high]


@given(both=_range_and_gateway())
def test_the_pools_around_a_gateway_are_neutrons_own(both: tuple[Any, Any]) -> None:
    cidr, gateway = both
    found = [(int(first), int(last)) for pool in around(cidr, gateway) for first, last in [pool.ends]]
    assert found == neutrons_pools(cidr, gateway)


@pytest.mark.parametrize(
    ("cidr", "gateway", "pools"),
    [
        ("10.0.0.0/8", "10.0.0.1", ["10.0.0.2 to 10.255.255.254"]),
        ("10.0.0.0/24", "10.0.0.9", ["10.0.0.1 to 10.0.0.8", "10.0.0.10 to 10.0.0.254"]),
        ("10.0.0.0/24", "10.0.0.254", ["10.0.0.1 to 10.0.0.253"]),
        ("10.0.0.0/31", "10.0.0.0", ["10.0.0.1 to 10.0.0.1"]),
        ("255.255.255.254/31", "255.255.255.255", ["255.255.255.254 to 255.255.255.254"]),
        ("fd00::/64", "fd00::1", ["fd00::2 to fd00::ffff:ffff:ffff:ffff"]),
        ("fd00::/127", "fd00::", ["fd00::1 to fd00::1"]),
        ("fd00::/127", "fd00::1", []),
        ("::/127", "::", ["::1 to ::1"]),
    ],
)
def test_the_pools_around_a_gateway_read_so(cidr: str, gateway: str, pools: list[str]) -> None:
    found = around(ipaddress.ip_network(cidr), ipaddress.ip_address(gateway))
    assert [str(pool) for pool in found] == pools


# The gateway that is said.


@pytest.mark.parametrize("gateway", ["10.0.0.0", "10.0.0.255"])
def test_a_gateway_that_no_router_can_have_is_refused(shop: OpenStackStack, gateway: str) -> None:
    with refused(
        f"Subnet backend: gateway: {gateway} is 10.0.0.0/24's own or its broadcast address; take another, such as "
        "10.0.0.1"
    ):
        backend(shop, gateway=gateway)


@pytest.mark.parametrize(("cidr", "gateway"), [("10.0.0.0/31", "10.0.0.1"), ("fd00::5/128", "fd00::5")])
def test_a_narrow_range_has_no_place_for_one(shop: OpenStackStack, cidr: str, gateway: str) -> None:
    with refused(f"Subnet backend: gateway: {cidr} of subnet backend has no address for a gateway; widen it"):
        backend(shop, cidr=cidr, gateway=gateway)


def test_an_ipv6_gateway_may_be_any_address(shop: OpenStackStack) -> None:
    backend(shop, cidr="fd00::/64", gateway="fd00::")
    assert subnet(shop)["gateway_ip"] == "fd00::"


def test_a_gateway_outside_of_the_range_is_refused(shop: OpenStackStack) -> None:
    with refused("Subnet backend: gateway: 10.1.0.1 is outside of 10.0.0.0/24; take an address in it"):
        backend(shop, gateway="10.1.0.1")


# Host routes.


def test_a_host_route_is_a_resource_of_its_own(shop: OpenStackStack) -> None:
    backend(shop, host_routes=[Route("10.9.0.0/16", next_hop="10.0.0.254"), Route("10.8.0.0/16", "10.0.0.253")])
    assert resources(synth(shop), HOST_ROUTE) == {
        f"backend_10-{number}-0-0-16": {
            "subnet_id": f"${{{SUBNET}.backend.id}}",
            "destination_cidr": f"10.{number}.0.0/16",
            "next_hop": f"10.0.0.{hop}",
        }
        for number, hop in ((9, 254), (8, 253))
    }


def test_a_host_routes_hop_may_be_known_at_apply_alone(shop: OpenStackStack) -> None:
    outer = backend(shop, "outer", cidr="10.1.0.0/24")
    hop = server(shop, "vpn", outer).address_on(outer)
    server(shop, "www", backend(shop, host_routes=[Route("10.9.0.0/16", next_hop=hop)]))
    synthesized = synth(shop)
    assert "vpn_outer.all_fixed_ips" in resources(synthesized, HOST_ROUTE)["backend_10-9-0-0-16"]["next_hop"]
    assert circle(synthesized) == ()


def test_a_hop_outside_of_the_subnet_is_refused(shop: OpenStackStack) -> None:
    with refused("Subnet backend: host_routes: 10.1.0.254 is outside of 10.0.0.0/24; take an address in it"):
        backend(shop, host_routes=[Route("10.9.0.0/16", next_hop="10.1.0.254")])


def test_two_host_routes_to_one_destination_are_refused(shop: OpenStackStack) -> None:
    routes = [Route("10.9.0.0/16", next_hop="10.0.0.9"), Route("10.9.0.0/16", next_hop="10.0.0.9")]
    with refused(
        "Subnet backend: host_routes: two of them lead to 10.9.0.0/16; leave one of the two out, 10.0.0.9 or 10.0.0.9"
    ):
        backend(shop, host_routes=routes)


def test_a_network_without_a_range_has_nothing_of_a_subnet(shop: OpenStackStack) -> None:
    said: dict[str, Any] = {
        "gateway": "10.0.0.1",
        "dhcp": False,
        "ipv6_mode": "slaac",
        "allocation_pools": [AllocationPool("10.0.0.5", "10.0.0.9")],
        "dns_nameservers": ["9.9.9.9"],
        "host_routes": [Route("10.9.0.0/16", next_hop="10.0.0.254")],
    }
    sentences = []
    for number, (name, value) in enumerate(said.items()):
        with pytest.raises(ValueError) as raised:  # noqa: PT011 - the sentences are compared below
            Network(shop, f"n{number}", **{name: value})
        sentences.append(str(raised.value))
    assert sentences == [
        f"Network n{number}: cidr: it is missing, and {name} needs it; give it" for number, name in enumerate(said)
    ]


# Ranges from a subnet pool.


def test_a_range_comes_from_a_pool(shop: OpenStackStack) -> None:
    pool = SubnetPool(shop, "office", prefixes=[Cidr("10.0.0.0/8")], default_prefix_length=26)
    Subnet(shop, "low", network=Network(shop, "backend"), subnet_pool=pool, prefix_length=28)
    synthesized = synth(shop)
    assert resources(synthesized, SUBNET_POOL) == {
        "office": {
            "name": "office",
            "description": "ivc:shop/office",
            "prefixes": ["10.0.0.0/8"],
            "ip_version": 4,
            "default_prefixlen": 26,
        }
    }
    assert resources(synthesized, SUBNET)["low"] == {
        "name": "low",
        "description": "ivc:shop/low",
        "network_id": f"${{{NETWORK}.backend.id}}",
        "ip_version": 4,
        "enable_dhcp": True,
        "no_gateway": True,
        "subnetpool_id": f"${{{SUBNET_POOL}.office.id}}",
        "prefix_length": 28,
    }


def test_a_pool_that_exists_is_looked_up_with_its_family(shop: OpenStackStack) -> None:
    pool = SubnetPool.lookup(shop, "six", ip_version="IPv6")
    Subnet(shop, "low", network=Network(shop, "backend"), subnet_pool=pool)
    synthesized = synth(shop)
    assert data_sources(synthesized, SUBNET_POOL) == {"six": {"name": "six"}}
    assert resources(synthesized, SUBNET)["low"]["ip_version"] == 6


@pytest.mark.parametrize(
    ("prefixes", "problem"),
    [
        ([], "there are none; give a range"),
        (["10.0.0.0/8", "fd00::/48"], "they are of both address families; give one pool to each"),
    ],
)
def test_a_pool_is_of_one_family(shop: OpenStackStack, prefixes: list[str], problem: str) -> None:
    with refused(f"SubnetPool office: prefixes: {problem}"):
        SubnetPool(shop, "office", prefixes=[Cidr(prefix) for prefix in prefixes])


POOL_ERRORS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "cidr: it is missing; give it, or a subnet_pool"),
    "length alone": (
        {"cidr": "10.0.0.0/24", "prefix_length": 24},
        "prefix_length: 10.0.0.0/24 has one; leave it out, or give a subnet_pool",
    ),
    "both": (
        {"cidr": "10.0.0.0/24", "prefix_length": 24, "subnet_pool": "office"},
        "prefix_length: 10.0.0.0/24 has one; leave one of the two out",
    ),
    "other family": (
        {"cidr": "fd00::/64", "subnet_pool": "office"},
        "cidr: fd00::/64 is of the other address family than subnet pool office; take one of each",
    ),
    "gateway": (
        {"subnet_pool": "office", "gateway": "10.0.0.1"},
        "gateway: only apply knows the range that 10.0.0.1 would lie in; leave it out",
    ),
    "pools": (
        {"subnet_pool": "office", "allocation_pools": [AllocationPool("10.0.0.5", "10.0.0.9")]},
        "cidr: only apply knows it, and allocation_pools and host_routes need it; give it, or leave these out",
    ),
    "routes": (
        {"subnet_pool": "office", "host_routes": [Route("10.9.0.0/16", next_hop="10.0.0.254")]},
        "cidr: only apply knows it, and allocation_pools and host_routes need it; give it, or leave these out",
    ),
}


@pytest.mark.parametrize(("said", "sentence"), POOL_ERRORS.values(), ids=POOL_ERRORS)
def test_a_range_is_said_in_one_way(shop: OpenStackStack, said: dict[str, Any], sentence: str) -> None:
    given = {**said, "subnet_pool": SubnetPool.lookup(shop, "office")} if "subnet_pool" in said else said
    with refused(f"Subnet low: {sentence}"):
        Subnet(shop, "low", network=Network(shop, "backend"), **given)


def test_subnets_of_a_network_come_from_one_pool(shop: OpenStackStack) -> None:
    one, two = SubnetPool.lookup(shop, "one"), SubnetPool.lookup(shop, "two")
    network = Network(shop, "backend")
    Subnet(shop, "a", network=network, subnet_pool=one)
    Subnet(shop, "same", network=network, subnet_pool=SubnetPool.lookup(shop, "one"))
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    sentence = (
        "subnet_pool: all IPv4 subnets of a network come from one, and subnet a does not come from this one; give both "
        "the same"
    )
    with refused(f"Subnet b: {sentence}"):
        Subnet(shop, "b", network=network, subnet_pool=two)
    with refused(f"Subnet c: {sentence}"):
        Subnet(shop, "c", network=network, cidr="10.0.0.0/24")
    assert list(resources(synth(shop), SUBNET)) == ["a", "same", "six"]


def test_a_fixed_address_in_a_range_that_only_apply_knows_is_refused(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    Subnet(shop, "low", network=network, subnet_pool=SubnetPool.lookup(shop, "office"))
    server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    with refused(
        "Instance www: nics[0].ip: 10.0.0.11 is outside of the subnets of network backend (low, whose range only apply "
        "knows); take an address in one, or add a Subnet"
    ):
        synth(shop)


def test_a_range_that_is_taken_from_a_pool_holds_fixed_addresses(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    Subnet(shop, "low", network=network, subnet_pool=SubnetPool.lookup(shop, "office"), cidr="10.0.0.0/24")
    server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    assert resources(synth(shop), SUBNET)["low"]["cidr"] == "10.0.0.0/24"


# The network itself.


def test_a_network_has_the_settings_that_are_said(shop: OpenStackStack) -> None:
    Network(shop, "backend", mtu=1400, segment=Segment("vlan", physical_network="phys", segmentation_id=17))
    network = resources(synth(shop), NETWORK)["backend"]
    assert network["mtu"] == 1400
    assert network["segments"] == [
        {"network_type": "vlan", "physical_network": "phys", "segmentation_id": 17},
    ]


@pytest.mark.parametrize("mtu", [67, 65_536, 0, -1])
def test_an_mtu_that_cannot_be_is_refused(shop: OpenStackStack, mtu: int) -> None:
    with refused(f"Network backend: mtu: {mtu} is none; give a number of bytes from 68 to 65535"):
        backend(shop, mtu=mtu)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("vlan",), "physical_network: it is missing; give the cloud's name of it"),
        (("flat", ""), "physical_network: it is missing; give the cloud's name of it"),
        (("vxlan", "phys"), "physical_network: only flat and vlan have one; leave it out"),
        (("flat", "phys", 7), "segmentation_id: it has none; leave it out"),
        (("local", None, 7), "segmentation_id: it has none; leave it out"),
        (("vlan", "phys", 0), "segmentation_id: 0 is no VLAN; give one from 1 to 4094"),
        (("vlan", "phys", 4095), "segmentation_id: 4095 is no VLAN; give one from 1 to 4094"),
    ],
)
def test_a_segment_that_cannot_be_is_refused(said: tuple[Any, ...], sentence: str) -> None:
    with refused(f"Segment({said[0]!r}): {sentence}"):
        Segment(*said)


def test_a_network_is_shared_with_each_project_once(shop: OpenStackStack) -> None:
    dashed = "01234567-89AB-cdef-0123-456789abcdef"
    backend(shop, shared_with=[PROJECT_ID, dashed])
    assert resources(synth(shop), RBAC_POLICY) == {
        f"backend_{PROJECT_ID}": {
            "action": "access_as_shared",
            "object_type": "network",
            "object_id": f"${{{NETWORK}.backend.id}}",
            "target_tenant": PROJECT_ID,
        }
    }


def test_a_project_is_said_by_its_id(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match=r"^Network backend: shared_with: 'demo' is not an id \(a UUID such as "):
        backend(shop, shared_with=["demo"])


def test_a_renamed_network_takes_all_that_belongs_to_it_with_it(shop: OpenStackStack) -> None:
    said: dict[str, Any] = {
        "host_routes": [Route("10.9.0.0/16", next_hop="10.0.0.254")],
        "shared_with": [PROJECT_ID],
        "renamed_from": "old",
    }
    network = backend(Construct(shop, "paris"), **said)
    server(shop, "www", network)
    assert [(block["from"], block["to"]) for block in synth(shop)["moved"]] == [
        (f"{one}.{old}", f"{one}.{old.replace('old', 'backend')}")
        for one, old in [
            (NETWORK, "paris_old"),
            (PORT, "www_paris_old"),
            (RBAC_POLICY, f"paris_old_{PROJECT_ID}"),
            (HOST_ROUTE, "paris_old_10-9-0-0-16"),
            (SUBNET, "paris_old"),
        ]
    ]


@pytest.mark.parametrize(
    ("servers", "sentence"),
    [
        (["9.9.9.9", "9.9.9.9"], "9.9.9.9 is there twice; give it once"),
        (["2620:fe::fe"], "2620:fe::fe is IPv6, and the subnet IPv4; give one of its family"),
    ],
)
def test_name_servers_that_neutron_would_refuse_are_refused(
    shop: OpenStackStack, servers: list[str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^Subnet n: dns_nameservers: {sentence}$"):
        Network(shop, "n", cidr="10.0.0.0/24", dns_nameservers=servers)


@pytest.mark.parametrize(
    ("pool", "asked", "sentence"),
    [
        ({}, {}, "Subnet s: subnet pool p has no /8 in 10.0.0.0/16; give a prefix_length that fits"),
        (
            {},
            {"cidr": "192.168.0.0/24"},
            "Subnet s: subnet pool p has no 192.168.0.0/24 in 10.0.0.0/16; give a prefix_le",
        ),
        ({}, {"prefix_length": 40}, "Subnet s: prefix_length: 40 is none of IPv4; give 1 to 32"),
        (
            {"min_prefix_length": 20},
            {"prefix_length": 18},
            "Subnet s: subnet pool p gives prefixes of 20 to 32, and 18 is none of them; give another",
        ),
        (
            {"min_prefix_length": 28, "max_prefix_length": 20},
            {},
            "SubnetPool p: prefix lengths: 28 is not between 28 and 20; give a least",
        ),
    ],
)
def test_a_range_that_a_pool_does_not_have_is_refused(
    shop: OpenStackStack, pool: dict[str, Any], asked: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        Subnet(
            shop,
            "s",
            network=Network(shop, "n"),
            subnet_pool=SubnetPool(shop, "p", prefixes=[Cidr("10.0.0.0/16")], **pool),
            **asked,
        )


def test_a_server_in_a_network_without_a_subnet_is_refused(shop: OpenStackStack) -> None:
    server(shop, "a", Network(shop, "n"))
    with pytest.raises(ValueError, match=r"^Instance a: nics\[0\]: network n has no subnet, so that the server would"):
        synth(shop)
