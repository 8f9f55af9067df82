"""Declarations that wait for each other: what Terraform would call a cycle is told when it is synthesized."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ivc import (
    FloatingIp,
    KeyManagerSecret,
    Listener,
    LoadBalancer,
    Network,
    OpenStackStack,
    Pool,
    Router,
    Secret,
    SecurityGroup,
    Tier,
    Vip,
    Zone,
)
from ivc.errors import DeclarationError
from ivc.terraform.circle import circle
from tests.helpers import Json, backend, synth


class Site:
    """A tier behind a load balancer, and a router."""

    def __init__(self, shop: OpenStackStack) -> None:
        self.shop = shop
        self.internet = Network.lookup(shop, "Ext-Net", public=True)
        self.network = backend(shop)
        Router(shop, "gate", external_network=self.internet).add_interface(self.network)
        self.group = SecurityGroup(shop, "web")
        self.vip = Vip(shop, "www", network=self.network, ip="10.0.0.100")
        self.www = LoadBalancer(shop, "www", vip=self.vip)
        self.zone = Zone(shop, "example.com", email="ops@example.com")
        nics = [self.network.nics(self.group, first="10.0.0.11")]
        self.web = Tier(shop, "web", count=2, image="Debian 12", flavor="b2-7", nics=nics)
        self.pool = Pool(self.www, "web", protocol="HTTP", port=80, members=self.web)


def certificate(site: Site) -> None:
    payload = Secret(site.shop, "bundle", description="PKCS 12")
    kept = KeyManagerSecret(
        site.shop, "bundle", payload=payload, payload_content_encoding="base64", depends_on=[site.www]
    )
    Listener(site.www, "https", protocol="TERMINATED_HTTPS", port=443, pool=site.pool, certificate=kept)


CIRCLES: Mapping[str, Callable[[Site], object]] = {
    "a floating IP and the zone with its name": lambda site: site.zone.address(
        "www", FloatingIp(site.shop, "late", network=site.internet, depends_on=[site.zone])
    ),
    "a VIP and the servers of its network": lambda site: Vip(
        site.shop, "late", network=site.network, depends_on=[site.web]
    ),
    "a pool and the load balancer that it is a part of": lambda site: Pool(
        site.www, "z", protocol="HTTP", port=81, members=site.web, depends_on=[site.www]
    ),
    "a certificate and the load balancer that shows it": certificate,
}


@pytest.mark.parametrize("declare", CIRCLES.values(), ids=CIRCLES)
def test_what_waits_for_itself_is_refused(shop: OpenStackStack, declare: Callable[[Site], object]) -> None:
    declare(Site(shop))
    with pytest.raises(DeclarationError, match=r"^shop: .*, which waits for .*: Terraform refuses such a circle; "):
        shop.app.synth()


def test_all_that_are_in_it_are_named(shop: OpenStackStack) -> None:
    CIRCLES["a VIP and the servers of its network"](Site(shop))
    with pytest.raises(DeclarationError) as raised:
        shop.app.synth()
    assert str(raised.value) == (
        "shop: openstack_networking_port_v2.late, which waits for openstack_compute_instance_v2.web-1, which waits for "
        "local.routes_in_backend, which waits for openstack_networking_router_interface_v2.backend, which waits for "
        "local.addresses_in_backend, which waits for openstack_networking_port_v2.late: Terraform refuses such a "
        "circle; leave out one of the depends_on, or of the references, that make it"
    )


def test_what_only_follows_is_taken(shop: OpenStackStack) -> None:
    site = Site(shop)
    Listener(site.www, "http", protocol="HTTP", port=80, pool=site.pool, depends_on=[site.www, site.web])
    assert circle(synth(shop)) == ()


def test_a_text_names_nothing() -> None:
    """Only expressions do, and lists of addresses."""
    a: Json = {"description": "as b.b", "count": "${a.c.x}", "lifecycle": {"ignore_changes": ["b.b"]}}
    document: Json = {"resource": {"a": {"a": a, "c": {}}, "b": {"b": {"x": "${a.a.x}"}}}}
    assert circle(document) == ()
    a["lifecycle"]["replace_triggered_by"] = ["b.b"]
    assert {*circle(document)} == {"a.a", "b.b"}


def test_data_sources_and_locals_may_be_in_it() -> None:
    data: Json = {"y": {"two": {"n": "${x.one.id}"}}}
    written: Json = {"resource": {"x": {"one": {"depends_on": ["local.a"]}}}, "locals": {"a": ["${data.y.two.id}"]}}
    assert {*circle(written | {"data": data})} == {"local.a", "data.y.two", "x.one"}
    assert circle(written) == ()
    assert circle({"resource": {"x": {"one": {"depends_on": ["x.one"]}}}}) == ()
