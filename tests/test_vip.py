"""VIPs: addresses that several servers may use, the ports that reserve them, and the order that they ask for."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc import FloatingIp, Network, OpenStackStack, Route, Router, SecurityGroup, Subnet, Vip
from ivc.terraform.circle import circle
from tests.helpers import (
    ASSOCIATION,
    INTERFACE,
    NETWORK,
    PORT,
    SUBNET,
    Json,
    backend,
    new_stack,
    rendered,
    resources,
    server,
    synth,
    template,
)


def port(stack: OpenStackStack, name: str = "web") -> Json:
    found: Json = resources(synth(stack), PORT)[name]
    return found


def refused(sentence: str, declare: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        declare()


def test_a_vip_is_a_port_without_a_server(shop: OpenStackStack) -> None:
    Vip(shop, "web", network=backend(shop), ip="10.0.0.100", name="web.example", description="keepalived")
    synthesized = synth(shop)
    assert resources(synthesized, PORT) == {
        "web": {
            "name": "web.example",
            "description": "keepalived [ivc:shop/web]",
            "network_id": f"${{{NETWORK}.backend.id}}",
            "no_security_groups": True,
            "fixed_ip": [{"ip_address": "10.0.0.100", "subnet_id": f"${{{SUBNET}.backend.id}}"}],
        }
    }
    assert "security_groups_of_ports" not in synthesized.get("locals", {})


def test_servers_ports_may_use_its_address(shop: OpenStackStack) -> None:
    network = backend(shop)
    vip = Vip(shop, "web", network=network, ip="10.0.0.100")
    server(shop, "www", nics=[network.nic(ip="10.0.0.11", vips=[vip, vip])])
    assert port(shop, "www_backend")["allowed_address_pairs"] == [{"ip_address": "10.0.0.100"}]


def test_an_address_that_the_cloud_chooses_is_one_of_ipv4_if_there_is_any(shop: OpenStackStack) -> None:
    network = backend(shop)
    vip = Vip(shop, "web", network=network)
    server(shop, "www", nics=[network.nic(vips=[vip])])
    synthesized = synth(shop)
    assert "fixed_ip" not in resources(synthesized, PORT)["web"]
    every = f"sort({PORT}.web.all_fixed_ips)"
    assert resources(synthesized, PORT)["www_backend"]["allowed_address_pairs"] == [
        {"ip_address": f'${{concat([for ip in {every} : ip if !strcontains(ip, ":")], {every})[0]}}'}
    ]


def test_a_template_may_say_a_vips_address(shop: OpenStackStack) -> None:
    network = backend(shop)
    vips = [Vip(shop, "a", network=network, ip="10.0.0.100"), Vip(shop, "b", network=network)]
    text = "#cloud-config\n# {{ a }} {{ b }}\n"
    server(shop, "www", network, user_data=template(shop, text, a=vips[0].address, b=vips[1].address))
    assert rendered(shop, "www") == b"#cloud-config\n# 10.0.0.100 <address of VIP b>\n"


def test_a_subnet_that_is_declared_later_holds_its_address(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    Vip(shop, "web", network=network, ip="10.0.1.100")
    Subnet(shop, "high", network=network, cidr="10.0.1.0/24")
    assert port(shop)["fixed_ip"] == [{"ip_address": "10.0.1.100", "subnet_id": f"${{{SUBNET}.high.id}}"}]


def test_an_address_in_a_looked_up_network_is_left_to_the_cloud(shop: OpenStackStack) -> None:
    Vip(shop, "web", network=Network.lookup(shop, "office"), ip="192.0.2.100")
    assert port(shop)["fixed_ip"] == [{"ip_address": "192.0.2.100"}]


def test_a_floating_ip_leads_to_it(shop: OpenStackStack) -> None:
    network, internet = backend(shop), Network.lookup(shop, "Ext-Net")
    Vip(shop, "web", network=network, floating_ip=FloatingIp(shop, "www", network=internet))
    Router(shop, "gate", external_network=internet).add_interface(network)
    synthesized = synth(shop)
    found = resources(synthesized, ASSOCIATION)["www"]
    assert found["port_id"] == f"${{{PORT}.web.id}}"
    assert found["depends_on"] == [f"{INTERFACE}.backend"]
    assert circle(synthesized) == ()


# What cannot be.


def test_an_address_outside_of_the_network_is_refused(shop: OpenStackStack) -> None:
    Vip(shop, "web", network=backend(shop), ip="10.1.0.100")
    sentence = (
        "Vip web: ip: 10.1.0.100 is outside of the subnets of network backend (10.0.0.0/24); take an address in one, "
        "or add a Subnet"
    )
    refused(sentence, lambda: synth(shop))


def test_the_gateways_address_is_refused_also_where_the_router_comes_later(shop: OpenStackStack) -> None:
    network = backend(shop)
    Vip(shop, "web", network=network, ip="10.0.0.1")
    Router(shop, "gate").add_interface(network)
    sentence = "Vip web: ip: 10.0.0.1 is its gateway in 10.0.0.0/24 of subnet backend; take another, such as 10.0.0.2"
    refused(sentence, lambda: synth(shop))


def test_a_servers_address_is_refused_in_either_order(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    sentence = (
        "Vip web: the address 10.0.0.11 in network backend is already Instance www: nics[0].ip's; give one of the two "
        "another"
    )
    refused(sentence, lambda: Vip(shop, "web", network=network, ip="10.0.0.11"))
    vip = Vip(shop, "db", network=network, ip="10.0.0.12")
    sentence = (
        "Instance b: nics[0].ip: the address 10.0.0.12 in network backend is already Vip db's; give one of the two "
        "another"
    )
    refused(sentence, lambda: server(shop, "b", nics=[network.nic(ip="10.0.0.12", vips=[vip])]))


def test_two_vips_have_two_addresses(shop: OpenStackStack) -> None:
    network = backend(shop)
    Vip(shop, "a", network=network, ip="10.0.0.11")
    sentence = "Vip b: the address 10.0.0.11 in network backend is already Vip a's; give one of the two another"
    refused(sentence, lambda: Vip(shop, "b", network=network, ip="10.0.0.11"))


def test_a_vip_of_another_network_is_refused(shop: OpenStackStack) -> None:
    network, other = backend(shop), backend(shop, "other", cidr="10.1.0.0/24")
    vip = Vip(shop, "web", network=other, ip="10.1.0.100")
    sentence = (
        "Instance www: nics[0].vips: VIP web is in network other, and the NIC in backend; give one of that network"
    )
    refused(sentence, lambda: server(shop, "www", nics=[network.nic(vips=[vip])]))


def test_a_network_that_is_looked_up_twice_is_one(shop: OpenStackStack) -> None:
    vip = Vip(shop, "web", network=Network.lookup(shop, "office"), ip="192.0.2.100")
    server(shop, "www", nics=[Network.lookup(shop, "office").nic(vips=[vip])])
    assert port(shop, "www_office")["allowed_address_pairs"] == [{"ip_address": "192.0.2.100"}]


@pytest.mark.parametrize(("of_network", "of_nic"), [(False, None), (True, False), (False, False)])
def test_without_port_security_there_is_nothing_to_allow(
    shop: OpenStackStack, of_network: bool, of_nic: bool | None
) -> None:
    network = backend(shop, port_security=of_network)
    vip = Vip(shop, "web", network=network, ip="10.0.0.100")
    sentence = (
        "Instance www: nics[0]: vips: without port security its port may use any address, and takes none by name; set "
        "port_security=True, or leave them out"
    )
    refused(sentence, lambda: server(shop, "www", nics=[network.nic(vips=[vip], port_security=of_nic)]))


def test_a_nic_that_turns_port_security_on_has_vips(shop: OpenStackStack) -> None:
    network = backend(shop, port_security=False)
    vip = Vip(shop, "web", network=network, ip="10.0.0.100")
    server(shop, "www", nics=[network.nic(vips=[vip], port_security=True)])
    assert port(shop, "www_backend")["allowed_address_pairs"] == [{"ip_address": "10.0.0.100"}]


@pytest.mark.parametrize("ip", [["10.0.0.11"], ["10.0.0.11", "fd00::11"]])
def test_a_declared_address_beside_a_vip_that_the_cloud_chooses_is_refused(shop: OpenStackStack, ip: list[str]) -> None:
    """The VIP's port would have to be before the NIC's, and after it."""
    network = backend(shop)
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    vip = Vip(shop, "web", network=network)
    sentence = (
        "Instance www: nics[0].vips: VIP web has an address that the cloud chooses, and it may choose 10.0.0.11, which "
        "the NIC declares; give the VIP its ip="
    )
    refused(sentence, lambda: server(shop, "www", nics=[network.nic(ip=ip, vips=[vip])]))


def test_an_ipv6_vip_has_no_floating_ip(shop: OpenStackStack) -> None:
    network = backend(shop, cidr="fd00::/64")
    address = FloatingIp(shop, "www", network=Network.lookup(shop, "Ext-Net"))
    sentence = "Vip web: floating_ip: it leads to IPv4 addresses alone, and fd00::100 is none; leave it out"
    refused(sentence, lambda: Vip(shop, "web", network=network, ip="fd00::100", floating_ip=address))


def test_a_floating_ip_needs_a_router_to_its_subnet(shop: OpenStackStack) -> None:
    network, internet = backend(shop), Network.lookup(shop, "Ext-Net")
    more = Subnet(shop, "more", network=network, cidr="10.1.0.0/24")
    Router(shop, "gate", external_network=internet).add_interface(more)
    Vip(shop, "web", network=network, ip="10.0.0.100", floating_ip=FloatingIp(shop, "www", network=internet))
    sentence = (
        "Vip web: floating_ip: it would lead nowhere: no router joins subnet backend, where its address lies; "
        "add_interface(backend) does"
    )
    refused(sentence, lambda: synth(shop))


def test_an_address_on_a_slaac_subnet_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop, cidr="fd00::/64", ipv6_mode="slaac")
    sentence = (
        "Vip web: ip: fd00::100 lies in subnet backend, which makes each port's address of its MAC (slaac) and takes "
        "no other; leave it out, each port has one there"
    )
    refused(sentence, lambda: Vip(shop, "web", network=network, ip="fd00::100"))


def test_a_port_and_a_vip_of_one_name_are_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = server(shop, "www", network)
    with pytest.raises(ValueError, match=rf"^Vip backend: {PORT}\.www_backend is already declared in stack shop, by "):
        Vip(www, "backend", network=network)


def test_what_it_was_declared_with_stays(shop: OpenStackStack) -> None:
    vip = Vip(shop, "web", network=backend(shop), ip="10.0.0.100")
    with pytest.raises(ValueError, match=r"^Vip web: ip: it is set where it is declared; set it there$"):
        vip.ip = "10.0.0.101"


def test_a_renamed_vip_is_moved(shop: OpenStackStack) -> None:
    Vip(Construct(shop, "paris"), "web", network=backend(shop), renamed_from="www", name="www")
    synthesized = synth(shop)
    assert synthesized["moved"] == [{"from": f"{PORT}.paris_www", "to": f"{PORT}.paris_web"}]
    assert resources(synthesized, PORT)["paris_web"]["description"] == "ivc:shop/paris_www"


# The order.


def test_it_comes_after_declared_addresses_and_before_automatic_ones(shop: OpenStackStack) -> None:
    network = backend(shop)
    six = Subnet(shop, "six", network=network, cidr="fd00::/64")
    vip = Vip(shop, "web", network=network)
    server(shop, "automatic", nics=[network.nic(vips=[vip])])
    server(shop, "fixed", nics=[network.nic(ip="10.0.0.11")])
    server(shop, "mixed", nics=[network.nic(ip=["10.0.0.12", six])])
    Vip(shop, "db", network=network, ip="10.0.0.100")
    synthesized = synth(shop)
    assert {name: one.get("depends_on") for name, one in resources(synthesized, PORT).items()} == {
        "automatic_backend": ["local.automatic_addresses_in_backend"],
        "db": None,
        "fixed_backend": None,
        "mixed_backend": ["local.declared_addresses_in_backend"],
        "web": ["local.addresses_before_vips_in_backend"],
    }
    first = [f"{PORT}.db", f"{PORT}.fixed_backend", f"{SUBNET}.backend", f"{SUBNET}.six"]
    mixed, last = sorted([*first, f"{PORT}.mixed_backend"]), sorted([*first, f"{PORT}.mixed_backend", f"{PORT}.web"])
    assert {name: value for name, value in synthesized["locals"].items() if "groups" not in name} == {
        "declared_addresses_in_backend": [f"${{{one}.id}}" for one in first],
        "addresses_before_vips_in_backend": [f"${{{one}.id}}" for one in mixed],
        "automatic_addresses_in_backend": [f"${{{one}.id}}" for one in last],
    }


@st.composite
def _estates(draw: st.DrawFn) -> Json:
    """What a network holds, and what leads in and out of it."""
    kinds = st.sampled_from(["fixed", "automatic", "mixed", "in a subnet"])
    return {
        "servers": draw(st.lists(st.tuples(kinds, st.booleans(), st.booleans()), min_size=1, max_size=4)),
        "vips": draw(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=3)),
        "six": draw(st.sampled_from([None, "slaac", "dhcpv6-stateful"])),
        "router": draw(st.sampled_from(["none", "before", "after", "looked up"])),
        "hop": draw(st.sampled_from(["none", "server", "vip"])),
        "is_host_route": draw(st.booleans()),
        "waits": draw(st.booleans()),
    }


def _declare(stack: OpenStackStack, said: Json) -> None:
    network, internet = Network(stack, "backend"), Network.lookup(stack, "Ext-Net", public=True)
    routed = said["router"] != "none"

    def floating_ip(name: str, wanted: bool) -> FloatingIp | None:
        return FloatingIp(stack, name, network=internet) if wanted and routed else None

    def join(routes: list[Route]) -> Router:
        router: Any = (
            Router.lookup(stack, "gate")
            if said["router"] == "looked up"
            else Router(stack, "gate", external_network=internet, routes=routes)
        )
        router.add_interface(network)
        return router  # type: ignore[no-any-return]

    router = join([]) if said["router"] in ("before", "looked up") else None
    low = Subnet(stack, "low", network=network, cidr="10.0.0.0/24")
    six = low if said["six"] is None else Subnet(stack, "six", network=network, cidr="fd00::/64", ipv6_mode=said["six"])
    vips = [
        Vip(
            stack,
            f"vip-{number}",
            network=network,
            ip=f"10.0.0.10{number}" if fixed else None,
            floating_ip=floating_ip(f"vip-{number}", has_floating_ip),
        )
        for number, (fixed, has_floating_ip) in enumerate(said["vips"])
    ]
    web = SecurityGroup(stack, "web")
    servers = []
    for number, (kind, has_floating_ip, has_vips) in enumerate(said["servers"]):
        fixed = f"10.0.0.1{number}"
        ip: Any = {"fixed": fixed, "automatic": (), "in a subnet": low}.get(
            kind, (fixed, six) if six is not low else fixed
        )
        allowed = [vip for vip in vips if kind not in ("fixed", "mixed") or isinstance(vip.address, str)]
        nic = network.nic(
            web, ip=ip, floating_ip=floating_ip(f"www-{number}", has_floating_ip), vips=allowed if has_vips else ()
        )
        waits: list[Any] = [router] if router is not None and said["waits"] else []
        servers.append(server(stack, f"www-{number}", nics=[nic], depends_on=waits))
    hop = {"server": servers[0].address_on(network), "vip": vips[0].address if vips else "10.0.0.9"}.get(said["hop"])
    routes = [] if hop is None else [Route("10.9.0.0/16", next_hop=hop)]
    if said["router"] == "after":
        join(routes)
    if said["is_host_route"]:
        other = Network(stack, "other")
        Subnet(stack, "o", network=other, cidr="10.5.0.0/24", host_routes=[Route("10.9.0.0/16", next_hop="10.5.0.9")])
        server(stack, "other", nics=[other.nic(), network.nic(web)], depends_on=servers)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=_estates())
def test_nothing_waits_in_a_circle(said: Json) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = new_stack(Path(folder))
        _declare(stack, said)
        assert circle(synth(stack)) == ()


@pytest.mark.parametrize("ip", ["10.0.0.100", None])
def test_it_waits_for_the_subnet_that_gives_each_port_an_address(shop: OpenStackStack, ip: str | None) -> None:
    """Made before it, it would miss that address now and then."""
    network = backend(shop)
    Vip(shop, "web", network=network, ip=ip)
    Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="slaac")
    Subnet(shop, "four", network=network, cidr="10.1.0.0/24")
    waits = [one for one in resources(synth(shop), PORT)["web"]["depends_on"] if not one.startswith("local.")]
    assert waits == ["openstack_networking_subnet_v2.six"]
