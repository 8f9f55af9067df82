"""First boot behind a router: what a server waits for, its config drive, and who is known to reach the Internet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from constructs import Construct

from ivc import Icmp, Network, OpenStackStack, Route, Router, SecurityGroup, Subnet, Tcp, UserData
from ivc.declare.network import AnyNetwork
from ivc.terraform.circle import circle
from tests.helpers import (
    HOST_ROUTE,
    INSTANCE,
    INTERFACE,
    PORT,
    ROUTE,
    RULE,
    Json,
    backend,
    resources,
    server,
    synth,
    template,
)

PACKAGES = "#cloud-config\npackages: [nginx]\n"


def internet(stack: OpenStackStack) -> AnyNetwork:
    return Network.lookup(stack, "Ext-Net", public=True)


def waits_for(synthesized: Json, name: str) -> dict[str, list[str]]:
    """By local, the Terraform addresses that a server waits for before it is made."""
    locals_ = [one.removeprefix("local.") for one in resources(synthesized, INSTANCE)[name].get("depends_on", [])]
    return {one: [re.sub(r"\$\{(.*)\.id\}", r"\1", each) for each in synthesized["locals"][one]] for one in locals_}


# What a server waits for.


@pytest.mark.parametrize("router_first", [True, False])
def test_a_server_waits_for_interfaces_routes_and_rules(shop: OpenStackStack, router_first: bool) -> None:
    network, web = Network(shop, "backend"), SecurityGroup(shop, "web", egress="closed")

    def join() -> None:
        gate = Router(shop, "gate", external_network=internet(shop), routes=[Route("10.9.0.0/16", "10.0.0.254")])
        gate.add_interface(network)

    if router_first:
        join()
    server(shop, "www", nics=[network.nic(web)])
    Subnet(shop, "low", network=network, cidr="10.0.0.0/24")
    Subnet(shop, "six", network=network, cidr="fd00::/64", ipv6_mode="slaac")
    if not router_first:
        join()
    # Also those that are said later; the order in which they are said is nobody's.
    web.allow_from_anywhere(Icmp())
    web.allow_to_anywhere(Tcp(80))
    synthesized = synth(shop)
    assert waits_for(synthesized, "www") == {
        "routes_in_backend": [f"{INTERFACE}.low", f"{INTERFACE}.six", f"{ROUTE}.gate_10-9-0-0-16"],
        "rules_of_web": [
            f"{RULE}.web_egress_tcp-80_anywhere_ipv4",
            f"{RULE}.web_egress_tcp-80_anywhere_ipv6",
            f"{RULE}.web_ingress_icmp_anywhere_ipv4",
            f"{RULE}.web_ingress_icmp_anywhere_ipv6",
        ],
    }
    assert circle(synthesized) == ()


def test_a_servers_ports_do_not_wait(shop: OpenStackStack) -> None:
    network = backend(shop)
    Router(shop, "gate").add_interface(network)
    server(shop, "www", nics=[network.nic(ip="10.0.0.11")])
    assert "depends_on" not in resources(synth(shop), PORT)["www_backend"]


def test_it_waits_for_the_networks_that_it_is_on_and_no_other(shop: OpenStackStack) -> None:
    one, two, three = (backend(shop, name, cidr=f"10.{number}.0.0/24") for number, name in enumerate(("a", "b", "c")))
    gate = Router(shop, "gate", external_network=internet(shop))
    for network in (one, two, three):
        gate.add_interface(network)
    server(shop, "www", nics=[one.nic(), two.nic()])
    server(shop, "db", nics=[three.nic()])
    synthesized = synth(shop)
    assert waits_for(synthesized, "www") == {"routes_in_a": [f"{INTERFACE}.a"], "routes_in_b": [f"{INTERFACE}.b"]}
    assert waits_for(synthesized, "db") == {"routes_in_c": [f"{INTERFACE}.c"]}


def test_an_interface_of_a_router_that_exists_is_waited_for(shop: OpenStackStack) -> None:
    network = backend(shop)
    Router.lookup(shop, "gate").add_interface(network)
    server(shop, "www", network)
    assert waits_for(synth(shop), "www") == {"routes_in_backend": [f"{INTERFACE}.backend"]}


def test_an_interface_in_a_network_that_exists_is_waited_for(shop: OpenStackStack) -> None:
    Router(shop, "gate").add_interface(Subnet.lookup(shop, "desks", network=Network.lookup(shop, "office")))
    server(shop, "www", Network.lookup(shop, "office"))
    assert waits_for(synth(shop), "www") == {"routes_in_data__office": [f"{INTERFACE}.existing__desks"]}


def test_host_routes_are_waited_for_without_a_router(shop: OpenStackStack) -> None:
    network = backend(shop, host_routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
    server(shop, "www", network)
    assert waits_for(synth(shop), "www") == {"routes_in_backend": [f"{HOST_ROUTE}.backend_10-9-0-0-16"]}


def test_rules_are_waited_for_behind_a_router_alone(shop: OpenStackStack) -> None:
    web, public = SecurityGroup(shop, "web"), SecurityGroup(shop, "public")
    network = backend(shop)
    Router(shop, "gate").add_interface(network)
    server(shop, "www", nics=[internet(shop).nic(public), network.nic(web)])
    assert waits_for(synth(shop), "www").keys() == {"routes_in_backend", "rules_of_web"}


def test_a_group_that_exists_has_no_rules_to_wait_for(shop: OpenStackStack) -> None:
    network = backend(shop)
    Router(shop, "gate").add_interface(network)
    server(shop, "www", nics=[network.nic(SecurityGroup.lookup(shop, "web"))])
    assert waits_for(synth(shop), "www").keys() == {"routes_in_backend"}


def test_without_a_router_and_routes_nothing_is_waited_for(shop: OpenStackStack) -> None:
    server(shop, "www", nics=[backend(shop).nic(SecurityGroup(shop, "web")), internet(shop).nic()])
    assert "depends_on" not in resources(synth(shop), INSTANCE)["www"]


def test_networks_in_scopes_have_waits_of_their_own(shop: OpenStackStack) -> None:
    paris = Construct(shop, "paris")
    networks = [backend(shop), backend(paris, cidr="10.1.0.0/24")]
    gate = Router(paris, "gate", external_network=internet(shop))
    for network in networks:
        gate.add_interface(network)
    server(paris, "www", nics=[networks[1].nic(SecurityGroup(paris, "web", egress="closed"))])
    assert waits_for(synth(shop), "paris_www") == {"routes_in_paris_backend": [f"{INTERFACE}.paris_backend"]}


def test_what_a_server_waits_for_by_itself_stays_beside(shop: OpenStackStack) -> None:
    network = backend(shop)
    gate = Router(shop, "gate")
    gate.add_interface(network)
    server(shop, "www", network, depends_on=[backend(shop, "other", cidr="10.1.0.0/24")])
    assert resources(synth(shop), INSTANCE)["www"]["depends_on"] == [
        "local.routes_in_backend",
        "openstack_networking_network_v2.other",
        "openstack_networking_subnet_v2.other",
    ]


# The config drive.


def drive(stack: OpenStackStack, name: str = "www") -> bool | None:
    found: bool | None = resources(synth(stack), INSTANCE)[name].get("config_drive")
    return found


@pytest.mark.parametrize("has_router", [True, False])
def test_a_router_changes_nobodys_default(shop: OpenStackStack, has_router: bool) -> None:
    network = backend(shop)
    if has_router:
        Router(shop, "gate", external_network=internet(shop)).add_interface(network)
    server(shop, "www", network, user_data=UserData.text("#!/bin/sh\n"))
    assert drive(shop) is True


@pytest.mark.parametrize("router_first", [True, False])
@pytest.mark.parametrize("leads_out", [True, False])
def test_without_a_drive_the_metadata_service_behind_a_router_is_enough(
    shop: OpenStackStack, router_first: bool, leads_out: bool
) -> None:
    network = backend(shop)
    gate = Router(shop, "gate", external_network=internet(shop) if leads_out else None)
    if router_first:
        gate.add_interface(network)
    server(shop, "www", network, user_data=UserData.text("#!/bin/sh\n"), config_drive=False)
    if not router_first:
        gate.add_interface(network)
    assert drive(shop) is False


def test_without_a_drive_and_a_router_nothing_brings_the_user_data(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), user_data=UserData.text("#!/bin/sh\n"), config_drive=False)
    sentence = (
        "Instance www: config_drive: it is False, and on private networks only, with no router that is declared, "
        "nothing else may bring the server its user data; leave it out, or set it to True"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        synth(shop)


def test_a_router_in_another_network_brings_nothing(shop: OpenStackStack) -> None:
    Router(shop, "gate").add_interface(backend(shop, "other", cidr="10.1.0.0/24"))
    server(shop, "www", backend(shop), user_data=UserData.text("#!/bin/sh\n"), config_drive=False)
    with pytest.raises(ValueError, match=r"^Instance www: config_drive: it is False, and on private networks only, "):
        synth(shop)


def test_without_user_data_nothing_is_to_be_brought(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), config_drive=False)
    assert drive(shop) is False


def test_without_dhcp_the_drive_carries_the_addresses(shop: OpenStackStack) -> None:
    network = backend(shop, dhcp=False)
    Router(shop, "gate").add_interface(network)
    server(shop, "www", network, user_data=UserData.text("#!/bin/sh\n"), config_drive=False)
    sentence = (
        "Instance www: config_drive: it is False, and where no network hands out IPv4 addresses nothing else brings "
        "the server its user data; leave it out, or set it to True"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        synth(shop)


@pytest.mark.parametrize("server_first", [True, False])
@pytest.mark.parametrize(("dhcp", "expected"), [((), None), ((True,), None), ((False,), True), ((False, True), None)])
def test_a_public_network_without_dhcp_has_a_drive_in_any_order(
    shop: OpenStackStack, server_first: bool, dhcp: tuple[bool, ...], expected: bool | None
) -> None:
    network = internet(shop)
    if server_first:
        server(shop, "www", network)
    for number, one in enumerate(dhcp):
        Subnet.lookup(shop, f"part-{number}", network=network, dhcp=one)
        if number == 0 and not server_first:
            server(shop, "www", network)
    if not dhcp and not server_first:
        server(shop, "www", network)
    assert drive(shop) is expected
    assert drive(shop) is expected


def test_one_nic_with_dhcp_is_enough(shop: OpenStackStack) -> None:
    server(shop, "www", nics=[internet(shop).nic(), backend(shop, dhcp=False).nic()])
    assert drive(shop) is None


# Who reaches the Internet.


def warned(stack: OpenStackStack, capsys: pytest.CaptureFixture[str], *networks: AnyNetwork) -> bool:
    """Whether a server that wants packages is told that nothing leads it to them."""
    web = SecurityGroup(stack, "web")
    server(stack, "www", nics=[one.nic(web) for one in networks], user_data=template(stack, PACKAGES))
    stack.app.synth()
    return "www: user_data: " in capsys.readouterr().err


def test_a_private_network_leads_nowhere(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert warned(shop, capsys, backend(shop))


def test_behind_a_router_with_an_outside_network_packages_are_found(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    network = backend(shop)
    Router(shop, "gate", external_network=internet(shop)).add_interface(network)
    assert not warned(shop, capsys, network)


def test_a_router_that_comes_later_leads_out_too(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    network = backend(shop)
    server(shop, "www", nics=[network.nic(SecurityGroup(shop, "web"))], user_data=template(shop, PACKAGES))
    Router(shop, "gate", external_network=internet(shop)).add_interface(network)
    shop.app.synth()
    assert capsys.readouterr().err == ""


def test_a_router_between_private_networks_leads_nowhere(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    network = backend(shop)
    gate = Router(shop, "gate", routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
    gate.add_interface(network)
    assert not gate.leads_out
    assert warned(shop, capsys, network)


@pytest.mark.parametrize(("everywhere", "hop"), [("0.0.0.0/0", "10.0.0.254"), ("::/0", "fd00::9")])
def test_a_router_with_a_route_to_everywhere_leads_out(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str], everywhere: str, hop: str
) -> None:
    network = backend(shop)
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    Router(shop, "gate", routes=[Route(everywhere, next_hop=hop)]).add_interface(network)
    assert not warned(shop, capsys, network)


def test_a_router_that_exists_may_lead_out(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    network = backend(shop)
    Router.lookup(shop, "gate").add_interface(network)
    assert not warned(shop, capsys, network)


def test_a_gateway_that_is_said_may_lead_out(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert not warned(shop, capsys, backend(shop, gateway="10.0.0.254"))


@pytest.mark.parametrize(("destination", "is_warned"), [("0.0.0.0/0", False), ("10.9.0.0/16", True)])
def test_a_host_route_to_everywhere_may_lead_out(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str], destination: str, is_warned: bool
) -> None:
    network = backend(shop, host_routes=[Route(destination, next_hop="10.0.0.254")])
    assert warned(shop, capsys, network) is is_warned


def test_one_nic_that_leads_out_is_enough(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert not warned(shop, capsys, backend(shop), internet(shop))


# Edits.


def test_another_server_behind_the_router_changes_no_other(shop: OpenStackStack, make_stack: Any) -> None:
    def declared(stack: OpenStackStack, *names: str) -> Json:
        network, web = backend(stack), SecurityGroup(stack, "web")
        Router(stack, "gate", external_network=internet(stack)).add_interface(network)
        for name in names:
            server(stack, name, nics=[network.nic(web)])
        return synth(stack)

    old, new = declared(shop, "a"), declared(make_stack(), "a", "b")
    for kind in (INSTANCE, PORT):
        assert resources(new, kind).pop(f"b{'_backend' if kind == PORT else ''}")
    assert old["resource"] == {
        kind: {name: one for name, one in named.items() if not name.startswith("b__")}
        for kind, named in new["resource"].items()
    }


def test_ipv6_alone_brings_nobody_the_metadata_service(shop: OpenStackStack) -> None:
    six = Network(shop, "six", cidr="fd00::/64", ipv6_mode="slaac")
    Router(shop, "gate", external_network=Network.lookup(shop, "Ext-Net")).add_interface(six)
    data = template(shop, "#cloud-config\n")
    server(shop, "www", six, user_data=data, config_drive=False)
    with pytest.raises(ValueError, match="where no network hands out IPv4 addresses nothing else brings the server"):
        synth(shop)
