"""Floating IPs: addresses outside that lead to a server or a VIP, and what cannot lead anywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from constructs import Construct

from ivc import FloatingIp, Network, OpenStackStack, Router, Subnet, Vip
from ivc.declare.network import AnyNetwork
from tests.helpers import (
    ASSOCIATION,
    FLOATING_IP,
    INSTANCE,
    INTERFACE,
    NETWORK,
    PORT,
    Json,
    backend,
    data_sources,
    rendered,
    resources,
    server,
    synth,
    template,
)


def internet(stack: OpenStackStack) -> AnyNetwork:
    return Network.lookup(stack, "Ext-Net", public=True)


def floating_ip(stack: OpenStackStack, id_: str = "www", **said: Any) -> FloatingIp:
    return FloatingIp(stack, id_, network=internet(stack), **said)


def behind(stack: OpenStackStack, id_: str = "backend", **said: Any) -> Network:
    """A private network behind a router of its own, which leads out."""
    network = backend(stack, id_, **said)
    Router(stack, f"gate-{id_}", external_network=internet(stack)).add_interface(network)
    return network


def association(stack: OpenStackStack, name: str = "www") -> Json:
    found: Json = resources(synth(stack), ASSOCIATION)[name]
    return found


def test_a_floating_ip_is_of_the_outside_network_by_its_name_and_is_protected(shop: OpenStackStack) -> None:
    floating_ip(shop, description="the shop")
    assert resources(synth(shop), FLOATING_IP) == {
        "www": {
            "pool": f"${{data.{NETWORK}.Ext-Net.name}}",
            "description": "the shop [ivc:shop/www]",
            "lifecycle": {
                "prevent_destroy": True,
                "precondition": [
                    {
                        "condition": f"${{data.{NETWORK}.Ext-Net.external}}",
                        "error_message": "FloatingIp www: network: network Ext-Net is no outside network; give one "
                        "that `openstack network list --external` lists.",
                    }
                ],
            },
        }
    }


def test_a_floating_ip_is_given_back_where_that_is_said(shop: OpenStackStack) -> None:
    floating_ip(shop, prevent_destroy=False)
    assert "prevent_destroy" not in resources(synth(shop), FLOATING_IP)["www"]["lifecycle"]


def test_it_leads_to_a_server_by_an_association_that_follows_the_routers_interface(shop: OpenStackStack) -> None:
    server(shop, "www", nics=[behind(shop).nic(floating_ip=floating_ip(shop))])
    assert association(shop) == {
        "floating_ip": f"${{{FLOATING_IP}.www.address}}",
        "port_id": f"${{{PORT}.www_backend.id}}",
        "depends_on": [f"{INTERFACE}.backend"],
        "lifecycle": {"replace_triggered_by": [f"{INTERFACE}.backend"]},
    }


def test_another_server_takes_it_over_and_neither_changes(shop: OpenStackStack, make_stack: Any) -> None:
    def declared(stack: OpenStackStack, led: str) -> Json:
        network, address = behind(stack), floating_ip(stack)
        for name in ("a", "b"):
            server(stack, name, nics=[network.nic(floating_ip=address if name == led else None)])
        return synth(stack)

    old, new = declared(shop, "a"), declared(make_stack(), "b")
    (before,), (after,) = (resources(one, ASSOCIATION).values() for one in (old, new))
    assert {key for key in before if before[key] != after[key]} == {"port_id"}
    assert resources(old, INSTANCE) == resources(new, INSTANCE)
    assert resources(old, PORT) == resources(new, PORT)


@pytest.mark.parametrize("router_first", [True, False])
def test_the_router_may_be_declared_before_or_after(shop: OpenStackStack, router_first: bool) -> None:
    network, router = backend(shop), Router(shop, "gate", external_network=internet(shop))
    if router_first:
        router.add_interface(network)
    server(shop, "www", nics=[network.nic(floating_ip=floating_ip(shop))])
    if not router_first:
        router.add_interface(network)
    assert association(shop)["depends_on"] == [f"{INTERFACE}.backend"]


def test_an_existing_one_is_associated_and_never_released(shop: OpenStackStack) -> None:
    server(shop, "www", nics=[behind(shop).nic(floating_ip=FloatingIp.lookup(shop, "203.0.113.7"))])
    synthesized = synth(shop)
    assert resources(synthesized, FLOATING_IP) == {}
    ((name, found),) = data_sources(synthesized, FLOATING_IP).items()
    assert found == {"address": "203.0.113.7"}
    assert resources(synthesized, ASSOCIATION)[name]["floating_ip"] == "203.0.113.7"


def test_a_looked_up_network_needs_no_router_that_is_declared(shop: OpenStackStack) -> None:
    server(shop, "www", nics=[Network.lookup(shop, "office").nic(floating_ip=floating_ip(shop))])
    assert association(shop).keys() == {"floating_ip", "port_id"}


def test_a_router_that_exists_may_lead_out(shop: OpenStackStack) -> None:
    network = backend(shop)
    Router.lookup(shop, "gate").add_interface(network)
    server(shop, "www", nics=[network.nic(floating_ip=floating_ip(shop))])
    assert association(shop)["depends_on"] == [f"{INTERFACE}.backend"]


def test_only_the_interface_on_its_way_is_followed(shop: OpenStackStack) -> None:
    network = behind(shop)
    more = Subnet(shop, "more", network=network, cidr="10.1.0.0/24")
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    server(shop, "www", nics=[network.nic(ip=more, floating_ip=floating_ip(shop))])
    server(shop, "any", nics=[network.nic(floating_ip=floating_ip(shop, "any"))])
    assert association(shop)["depends_on"] == [f"{INTERFACE}.more"]
    assert association(shop, "any")["depends_on"] == [f"{INTERFACE}.backend", f"{INTERFACE}.more"]


# To which of a NIC's addresses.


def test_it_leads_to_the_one_fixed_ipv4_address(shop: OpenStackStack) -> None:
    network = behind(shop)
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    server(shop, "www", nics=[network.nic(ip=["fd00::11", "10.0.0.11"], floating_ip=floating_ip(shop))])
    assert "fixed_ip" not in association(shop)


def test_it_leads_to_that_of_several_that_is_said(shop: OpenStackStack) -> None:
    nic = behind(shop).nic(ip=["10.0.0.11", "10.0.0.12"], floating_ip=floating_ip(shop), floating_ip_to="10.0.0.12")
    server(shop, "www", nics=[nic])
    assert association(shop)["fixed_ip"] == "10.0.0.12"


def wrong_nic(stack: OpenStackStack, sentence: str, subnets: tuple[str, ...] = (), **said: Any) -> None:
    """That a NIC with these arguments is refused; `subnets` are those of `ip` that stand for an address in them."""
    network = behind(stack)
    made: dict[str, Any] = {
        "low": network.subnets[0],
        "high": Subnet(stack, "high", network=network, cidr="10.1.0.0/24"),
        "six": Subnet(stack, "six", network=network, cidr="fd00::/64"),
    }
    said["ip"] = [*said.get("ip", ()), *(made[name] for name in subnets)]
    with pytest.raises(ValueError, match=f"^{re.escape(f'Instance www: nics[0]: {sentence}')}$"):
        server(stack, "www", nics=[network.nic(**{"floating_ip": floating_ip(stack)} | said)])


@pytest.mark.parametrize(
    ("ip", "subnets", "ways"),
    [
        (["10.0.0.11", "10.0.0.12"], (), "10.0.0.11 or 10.0.0.12"),
        (["10.0.0.11"], ("high",), "10.0.0.11 or one of subnet high"),
        ([], ("low", "high"), "one of subnet backend or one of subnet high"),
    ],
)
def test_of_several_ipv4_addresses_one_must_be_said(
    shop: OpenStackStack, ip: list[str], subnets: tuple[str, ...], ways: str
) -> None:
    wrong_nic(shop, f"floating_ip: it may lead to {ways}; say which, with floating_ip_to=", subnets, ip=ip)


@pytest.mark.parametrize(
    ("ip", "subnets", "has"),
    [
        (["fd00::11"], (), "fd00::11"),
        ([], ("six",), "one of subnet six"),
        (["fd00::11"], ("six",), "fd00::11, one of subnet six"),
    ],
)
def test_a_nic_of_ipv6_alone_has_none(shop: OpenStackStack, ip: list[str], subnets: tuple[str, ...], has: str) -> None:
    sentence = (
        f"floating_ip: it leads to IPv4 addresses alone, and the NIC has {has}; give the NIC one, or leave it out"
    )
    wrong_nic(shop, sentence, subnets, ip=ip)


def test_an_existing_subnet_of_a_family_that_nobody_says_may_be_ipv4(shop: OpenStackStack) -> None:
    office = Network.lookup(shop, "office")
    desks = Subnet.lookup(shop, "desks", network=office)
    server(shop, "www", nics=[office.nic(ip=["fd00::11", desks], floating_ip=floating_ip(shop))])
    assert association(shop)["port_id"] == f"${{{PORT}.www_office.id}}"


@pytest.mark.parametrize(
    ("to", "has"), [("10.0.0.12", "10.0.0.11"), ("nonsense", "10.0.0.11"), ("fd00::11", "10.0.0.11")]
)
def test_what_it_leads_to_is_an_address_of_the_nic(shop: OpenStackStack, to: str, has: str) -> None:
    sentence = f"floating_ip_to: {to} is none of its IPv4 addresses ({has}); give one of them, or leave it out"
    wrong_nic(shop, sentence, ip=["10.0.0.11", "fd00::11"], floating_ip_to=to)


def test_what_it_leads_to_is_said_of_fixed_addresses_alone(shop: OpenStackStack) -> None:
    sentence = (
        "floating_ip_to: 10.0.0.11 is none of its IPv4 addresses (none is fixed); give one of them, or leave it out"
    )
    wrong_nic(shop, sentence, floating_ip_to="10.0.0.11")


def test_there_is_no_where_without_one(shop: OpenStackStack) -> None:
    sentence = "floating_ip_to: there is no floating_ip; give it, or leave this out"
    wrong_nic(shop, sentence, ip=["10.0.0.11"], floating_ip_to="10.0.0.11", floating_ip=None)


# No way.


def no_way(stack: OpenStackStack, network: AnyNetwork, sentence: str, **said: Any) -> None:
    server(stack, "www", nics=[network.nic(**{"floating_ip": floating_ip(stack)} | said)])
    with pytest.raises(ValueError, match=f"^{re.escape(f'Instance www: nics[0]: floating_ip: {sentence}')}$"):
        synth(stack)


NOWHERE = (
    "it would lead nowhere: no router joins network backend with Ext-Net; declare a Router with external_network= and "
    "its add_interface(backend)"
)


def test_a_network_without_a_router_is_refused(shop: OpenStackStack) -> None:
    no_way(shop, backend(shop), NOWHERE)


def test_a_router_that_leads_nowhere_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    Router(shop, "gate").add_interface(network)
    sentence = "it would lead nowhere: router gate, which joins network backend, has no external_network; give it one"
    no_way(shop, network, sentence)


def test_a_router_with_another_outside_network_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    Router(shop, "gate", external_network=Network.lookup(shop, "Other-Net")).add_interface(network)
    sentence = (
        "it would lead nowhere: router gate, which joins network backend, leads to another network than Ext-Net; give "
        "both the same"
    )
    no_way(shop, network, sentence)


def test_a_router_that_joins_only_the_ipv6_subnet_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    six = Subnet(shop, "six", network=network, cidr="fd00::/64")
    Router(shop, "gate", external_network=internet(shop)).add_interface(six)
    sentence = (
        "it would lead nowhere: it leads to IPv4 addresses alone, and network backend is joined by IPv6; add an IPv4 "
        "subnet"
    )
    no_way(shop, network, sentence)


def test_a_router_that_joins_another_subnet_than_the_addresss_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    more = Subnet(shop, "more", network=network, cidr="10.1.0.0/24")
    Router(shop, "gate", external_network=internet(shop)).add_interface(network.subnets[0])
    sentence = "it would lead nowhere: no router joins subnet more, where its address lies; add_interface(more) does"
    no_way(shop, network, sentence, ip="10.1.0.11")
    assert more.gateway is None


def test_an_existing_one_needs_a_router_that_leads_out_too(shop: OpenStackStack) -> None:
    sentence = (
        "it would lead nowhere: no router joins network backend with an outside network; declare a Router with "
        "external_network= and its add_interface(backend)"
    )
    no_way(shop, backend(shop), sentence, floating_ip=FloatingIp.lookup(shop, "203.0.113.7"))


def test_a_nic_in_its_own_outside_network_is_refused(shop: OpenStackStack) -> None:
    sentence = "network Ext-Net is an outside one itself, and FloatingIp www leads into others; leave it out"
    no_way(shop, Network.lookup(shop, "Ext-Net", public=True), sentence)


@pytest.mark.parametrize("again", ["the same", "looked up again"])
def test_it_leads_to_one_place(shop: OpenStackStack, again: str) -> None:
    network = behind(shop)
    one = FloatingIp.lookup(shop, "203.0.113.7")
    other = one if again == "the same" else FloatingIp.lookup(shop, "203.0.113.7")
    server(shop, "a", nics=[network.nic(floating_ip=one)])
    sentence = (
        "Instance b: nics[0]: floating_ip: FloatingIp.lookup('203.0.113.7') leads to Instance a: nics[0] already, and "
        "to one place only; take another"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        server(shop, "b", nics=[network.nic(floating_ip=other)])


def test_it_leads_to_a_server_or_a_vip(shop: OpenStackStack) -> None:
    network, address = behind(shop), floating_ip(shop)
    Vip(shop, "web", network=network, floating_ip=address)
    sentence = (
        "Instance www: nics[0]: floating_ip: FloatingIp www leads to Vip web already, and to one place only; take "
        "another"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        server(shop, "www", nics=[network.nic(floating_ip=address)])


def test_a_network_that_is_made_here_is_refused(shop: OpenStackStack) -> None:
    sentence = (
        "FloatingIp www: network: network backend is made here, and is no outside network; look one up, such as "
        'Network.lookup(stack, "Ext-Net")'
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        FloatingIp(shop, "www", network=backend(shop))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("2001:db8::7", "there are none of IPv6; a server's own address is reached from everywhere"),
        ("www.example.com", "'www.example.com' is no IP address; write one such as 10.0.0.11"),
        ("", "'' is no IP address; write one such as 10.0.0.11"),
    ],
)
def test_what_is_no_floating_ip_cannot_be_looked_up(shop: OpenStackStack, address: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'FloatingIp.lookup({address!r}): address: {sentence}')}$"):
        FloatingIp.lookup(shop, address)


def test_one_of_another_stack_is_refused(shop: OpenStackStack) -> None:
    other = OpenStackStack(shop.app, "other")
    with pytest.raises(ValueError, match=r"^Network backend: nic: floating_ip: FloatingIp www is of stack other, and "):
        behind(shop).nic(floating_ip=floating_ip(other))


# What a server knows of it.


def test_a_server_knows_its_floating_ips_by_their_networks(shop: OpenStackStack) -> None:
    network, found = behind(shop), FloatingIp.lookup(shop, "203.0.113.7")
    other = behind(shop, "other", cidr="10.1.0.0/24")
    third = backend(shop, "third", cidr="10.2.0.0/24")
    nics = [network.nic(floating_ip=found), other.nic(floating_ip=floating_ip(shop)), third.nic()]
    www = server(shop, "www", nics=nics)
    assert list(www.floating_ips) == ["backend", "other"]
    assert www.floating_ips["backend"] == "203.0.113.7"
    assert synth(shop)["output"]["instances"]["value"]["www"]["floating_ips"] == {
        "backend": "203.0.113.7",
        "other": f"${{{FLOATING_IP}.www.address}}",
    }


def test_a_server_without_one_says_nothing_of_it(shop: OpenStackStack) -> None:
    assert server(shop, "www", backend(shop)).floating_ips == {}
    assert "floating_ips" not in synth(shop)["output"]["instances"]["value"]["www"]


def test_a_template_has_the_servers_own(shop: OpenStackStack) -> None:
    text = "#cloud-config\n# {{ instance.floating_ips.backend }} {{ instance.floating_ips.other }}\n"
    other = behind(shop, "other", cidr="10.1.0.0/24")
    nics = [
        behind(shop).nic(floating_ip=FloatingIp.lookup(shop, "203.0.113.7")),
        other.nic(floating_ip=floating_ip(shop)),
    ]
    server(shop, "www", nics=nics, user_data=template(shop, text))
    assert rendered(shop, "www") == b"#cloud-config\n# 203.0.113.7 <address of floating IP www>\n"


# Names.


def test_a_renamed_one_takes_its_association_with_it(shop: OpenStackStack) -> None:
    address = floating_ip(shop, renamed_from="old")
    server(shop, "www", nics=[behind(shop).nic(floating_ip=address)])
    synthesized = synth(shop)
    assert [(block["from"], block["to"]) for block in synthesized["moved"]] == [
        (f"{ASSOCIATION}.old", f"{ASSOCIATION}.www"),
        (f"{FLOATING_IP}.old", f"{FLOATING_IP}.www"),
    ]
    assert resources(synthesized, FLOATING_IP)["www"]["description"] == "ivc:shop/old"


def test_one_in_a_scope_has_the_scope_in_its_addresses(shop: OpenStackStack) -> None:
    address = FloatingIp(Construct(shop, "paris"), "www", network=internet(shop))
    server(shop, "www", nics=[behind(shop).nic(floating_ip=address)])
    synthesized = synth(shop)
    assert list(resources(synthesized, FLOATING_IP)) == list(resources(synthesized, ASSOCIATION)) == ["paris_www"]


def test_what_it_was_declared_with_stays(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match=r"^FloatingIp www: network: it is set where it is declared; set it there$"):
        floating_ip(shop).network = internet(shop)


def test_an_address_that_the_cloud_may_choose_where_no_router_is_is_refused(shop: OpenStackStack) -> None:
    internet, inside = Network.lookup(shop, "Ext-Net"), backend(shop)
    apart = Subnet(shop, "apart", network=inside, cidr="10.1.0.0/24")
    gate = Router(shop, "gate", external_network=internet)
    gate.add_interface(inside.subnets[0])
    server(shop, "a", nics=[inside.nic(floating_ip=FloatingIp(shop, "f", network=internet))])
    sentence = (
        "the cloud may choose an address in subnet apart, which no router joins; say which subnet it is to choose "
        "from, with ip=backend"
    )
    with pytest.raises(ValueError, match=sentence):
        synth(shop)
    gate.add_interface(apart)
    synth(shop)


def test_one_that_exists_does_not_lead_into_a_public_network(shop: OpenStackStack) -> None:
    public = Network.lookup(shop, "Ext-Net", public=True)
    server(shop, "a", nics=[public.nic(floating_ip=FloatingIp.lookup(shop, "203.0.113.7"))])
    with pytest.raises(ValueError, match="floating_ip: network Ext-Net is an outside one itself"):
        synth(shop)


def test_an_outside_network_may_be_looked_up_by_its_name_here_and_by_its_id_there(shop: OpenStackStack) -> None:
    """Nobody here knows whether the two are one, so that nobody says that they are not."""
    inside = backend(shop)
    Router(shop, "gate", external_network=internet(shop)).add_interface(inside)
    by_id = Network.lookup(shop, id="11111111-2222-3333-4444-555555555555")
    server(shop, "a", nics=[inside.nic(floating_ip=FloatingIp(shop, "f", network=by_id))])
    (association,) = resources(synth(shop), ASSOCIATION).values()
    assert association["depends_on"] == [f"{INTERFACE}.backend"]
