"""Ways in and out: default routes, and the routers of floating IPs."""

from __future__ import annotations

from pathlib import Path

from ivc import FloatingIp, Network, OpenStackStack, Router, SecurityGroup, Subnet, Tcp, Vip
from ivc.estate import synthesized
from ivc.estate.reach import is_public
from ivc.policies import Facts
from ivc.policies.judgement import judge
from ivc.policies.ways import FloatingIpWithoutRouter, SeveralWaysOut
from tests.helpers import backend, server


def facts(stack: OpenStackStack) -> Facts:
    stack.app.synth()
    (written,) = synthesized(Path(stack.app.outdir))
    return Facts(document=written.document)


def found(stack: OpenStackStack) -> dict[str, str]:
    """What the policies say of a stack, by what it is of."""
    findings = judge(facts(stack), (SeveralWaysOut(), FloatingIpWithoutRouter()), waivers=(), sources={}).findings
    return {one.subject: str(one.message) for one in findings}


def test_a_server_on_the_internet_and_behind_a_router_has_two_default_routes(shop: OpenStackStack) -> None:
    internet = Network.lookup(shop, "Ext-Net", public=True)
    inside, apart = backend(shop), backend(shop, "apart", cidr="10.0.1.0/24")
    Router(shop, "gate", external_network=internet).add_interface(inside)
    server(shop, "both", nics=[internet.nic(), inside.nic()])
    server(shop, "one", nics=[inside.nic(), apart.nic()])
    assert found(shop) == {
        "instance both": "it has a default route in each of Ext-Net and backend, and takes one of them: put it into "
        "one of these networks, or see to the routes in its user data"
    }


def test_an_ipv6_gateway_is_no_second_route_of_ipv4(shop: OpenStackStack) -> None:
    internet = Network.lookup(shop, "Ext-Net", public=True)
    inside = backend(shop)
    Subnet(shop, "six", network=inside, cidr="fd00::/64", gateway="fd00::1")
    server(shop, "both", nics=[internet.nic(), inside.nic()])
    assert found(shop) == {}


def test_a_floating_ip_into_a_network_that_is_looked_up_may_lead_nowhere(shop: OpenStackStack) -> None:
    internet, office = Network.lookup(shop, "Ext-Net"), Network.lookup(shop, "office")
    address, other = FloatingIp(shop, "bastion", network=internet), FloatingIp.lookup(shop, "203.0.113.7")
    server(shop, "bastion", nics=[office.nic(floating_ip=address)])
    Vip(shop, "vip", network=office, floating_ip=other)
    said = (
        "it leads into the network office, and whether a router joins that with the outside is not known here: without "
        "one the apply fails"
    )
    assert found(shop) == {"floating IP bastion": said, "look-up of floating IP 203.0.113.7": said}


def test_a_router_that_is_looked_up_may_lead_a_floating_ip_into_its_network(shop: OpenStackStack) -> None:
    office = Network.lookup(shop, "office")
    server(shop, "bastion", nics=[office.nic(floating_ip=FloatingIp.lookup(shop, "203.0.113.7"))])
    Router.lookup(shop, "theirs").add_interface(Subnet.lookup(shop, "desks", network=office))
    assert found(shop) == {}


def test_what_a_floating_ip_of_a_vip_leads_to_is_reached_by_the_world(shop: OpenStackStack) -> None:
    internet, inside = Network.lookup(shop, "Ext-Net"), backend(shop)
    Router(shop, "gate", external_network=internet).add_interface(inside)
    group = SecurityGroup(shop, "web")
    group.allow_from_anywhere(Tcp(80))
    for name, ip in (("declared", "10.0.0.100"), ("chosen", None)):
        vip = Vip(shop, name, network=inside, ip=ip, floating_ip=FloatingIp(shop, name, network=internet))
        server(shop, f"on-{name}", nics=[inside.nic(group, vips=[vip])])
    server(shop, "beside", nics=[inside.nic()])
    estate = facts(shop).estate
    assert {one.id: is_public(estate, one.nics[0]) for one in estate.instances} == {
        "on-declared": True,
        "on-chosen": True,
        "beside": False,
    }
    assert [(vip.name, vip.ips) for vip in estate.vips] == [("chosen", ()), ("declared", ("10.0.0.100",))]
