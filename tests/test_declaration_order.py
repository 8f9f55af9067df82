"""Whatever depends on several declarations is decided when all are declared: their order changes no byte."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc import (
    AllocationPool,
    App,
    FloatingIp,
    Icmp,
    Instance,
    Listener,
    LoadBalancer,
    Network,
    OpenStackStack,
    Pool,
    RootVolume,
    Route,
    Router,
    SecurityGroup,
    Subnet,
    Tcp,
    Vip,
    Volume,
    Zone,
)
from ivc.declare.floating_ip import AnyFloatingIp
from ivc.declare.network import AnyNetwork
from ivc.declare.router import AnyRouter
from ivc.declare.zone import AnyZone
from tests.helpers import PORT, backend, resources, server, synth, template, tree


class Estate:
    """Two stacks. What needs another finds it by its name, which is there when the order allows it."""

    def __init__(self, folder: Path) -> None:
        self.app = App(folder=folder)
        self.stacks: dict[str, OpenStackStack] = {}
        self.networks: dict[str, AnyNetwork] = {}
        self.groups: dict[str, SecurityGroup] = {}
        self.servers: dict[str, Instance] = {}
        self.routers: dict[str, AnyRouter] = {}
        self.floating_ips: dict[str, AnyFloatingIp] = {}
        self.vips: dict[str, Vip] = {}
        self.roots: dict[str, RootVolume] = {}
        self.balancers: dict[str, LoadBalancer] = {}
        self.pools: dict[str, Pool] = {}
        self.zones: dict[str, AnyZone] = {}

    @property
    def shop(self) -> OpenStackStack:
        return self.stacks["shop"]

    def stack(self, name: str) -> None:
        self.stacks[name] = OpenStackStack(self.app, name)

    def server(self, name: str, *nics: tuple[str, str | None], **said: object) -> None:
        worn = [self.groups["web"]] if name.startswith("www") else []
        plugged = [self.networks[network].nic(*worn, ip=ip or ()) for network, ip in nics]
        text = "#cloud-config\npackages: [nginx]\n{% for n in instance.networks %}# {{ n.ip }}\n{% endfor %}"
        self.servers[name] = server(self.shop, name, nics=plugged, user_data=template(self.shop, text), **said)

    def led_to(self, name: str, floating_ip: str, *vips: str) -> None:
        """A server with an automatic address, to which a floating IP leads."""
        allowed = [self.vips[vip] for vip in vips]
        nic = self.networks["private"].nic(self.groups["web"], floating_ip=self.floating_ips[floating_ip], vips=allowed)
        self.servers[name] = server(self.shop, name, nics=[nic], config_drive=False)


STEPS: dict[str, tuple[Sequence[str], Callable[[Estate], object]]] = {
    "shop": ((), lambda e: e.stack("shop")),
    "other": ((), lambda e: e.stack("other")),
    "other's group": (("other",), lambda e: SecurityGroup(e.stacks["other"], "web")),
    "backend": (("shop",), lambda e: e.networks.update(backend=Network(e.shop, "backend"))),
    "office": (("shop",), lambda e: e.networks.update(office=Network.lookup(e.shop, "office"))),
    "internet": (("shop",), lambda e: e.networks.update(internet=Network.lookup(e.shop, "Ext-Net", public=True))),
    "backend's subnet": (
        ("backend",),
        lambda e: Subnet(e.shop, "low", network=e.networks["backend"], cidr="10.0.0.0/24", gateway="10.0.0.1"),  # type: ignore[arg-type]
    ),
    "backend's second subnet": (
        ("backend",),
        lambda e: Subnet(e.shop, "high", network=e.networks["backend"], cidr="10.0.1.0/24"),  # type: ignore[arg-type]
    ),
    "office's subnet": (
        ("office",),
        lambda e: Subnet.lookup(e.shop, "desks", network=e.networks["office"], cidr="192.0.2.0/24"),
    ),
    "web": (("shop",), lambda e: e.groups.update(web=SecurityGroup(e.shop, "web"))),
    "db": (("shop",), lambda e: e.groups.update(db=SecurityGroup(e.shop, "db"))),
    "a rule": (("web", "db"), lambda e: e.groups["db"].allow_from(e.groups["web"], Tcp("mysql"))),
    "another rule": (("web",), lambda e: e.groups["web"].allow_from(e.groups["web"], Icmp())),
    "www-1": (
        ("web", "backend", "internet"),
        lambda e: e.server("www-1", ("internet", None), ("backend", "10.0.0.11")),
    ),
    "www-2": (("web", "backend"), lambda e: e.server("www-2", ("backend", None), ("backend", "10.0.1.12"))),
    "db-1": (
        ("office", "backend"),
        lambda e: e.server(
            "db-1", ("office", "192.0.2.21"), ("backend", None), volumes=[Volume.lookup(e.shop, "data")]
        ),
    ),
    "late": (
        ("web", "db", "backend"),
        lambda e: e.server("late", ("backend", None), depends_on=[e.groups["web"]]),
    ),
    "private": (("shop",), lambda e: e.networks.update(private=Network(e.shop, "private"))),
    "private's subnet": (
        ("private",),
        lambda e: Subnet(
            e.shop,
            "inner",
            network=e.networks["private"],  # type: ignore[arg-type]
            cidr="10.5.0.0/24",
            allocation_pools=[AllocationPool("10.5.0.50", "10.5.0.99")],
            host_routes=[Route("10.8.0.0/16", next_hop="10.5.0.8")],
        ),
    ),
    "private's second subnet": (
        ("private",),
        lambda e: Subnet(e.shop, "inner-6", network=e.networks["private"], cidr="fd00::/64", ipv6_mode="slaac"),  # type: ignore[arg-type]
    ),
    "gate": (
        ("internet",),
        lambda e: e.routers.update(
            gate=Router(
                e.shop,
                "gate",
                external_network=e.networks["internet"],
                routes=[Route("10.9.0.0/16", next_hop="10.5.0.254"), Route("10.7.0.0/16", next_hop="10.5.0.254")],
            )
        ),
    ),
    "an interface": (("gate", "private"), lambda e: e.routers["gate"].add_interface(e.networks["private"])),
    "door": (("shop",), lambda e: e.routers.update(door=Router.lookup(e.shop, "door"))),
    "a door to the office": (("door", "office"), lambda e: e.routers["door"].add_interface(e.networks["office"])),
    "a floating IP": (
        ("internet",),
        lambda e: e.floating_ips.update(new=FloatingIp(e.shop, "new", network=e.networks["internet"])),
    ),
    "an existing floating IP": (
        ("shop",),
        lambda e: e.floating_ips.update(old=FloatingIp.lookup(e.shop, "203.0.113.7")),
    ),
    "a VIP": (("private",), lambda e: e.vips.update(vip=Vip(e.shop, "vip", network=e.networks["private"]))),
    "a VIP with an address": (
        ("private", "an existing floating IP"),
        lambda e: e.vips.update(
            fixed=Vip(
                e.shop, "fixed", network=e.networks["private"], ip="10.5.0.100", floating_ip=e.floating_ips["old"]
            )
        ),
    ),
    "bastion": (("web", "private", "a floating IP", "a VIP"), lambda e: e.led_to("bastion", "new", "vip")),
    "inside": (
        ("web", "private", "office"),
        lambda e: e.server("www-3", ("private", "10.5.0.11"), ("office", None)),
    ),
    "a load balancer": (
        ("backend",),
        lambda e: e.balancers.update(
            www=LoadBalancer(e.shop, "www", vip=Vip(e.shop, "of-www", network=e.networks["backend"], ip="10.0.0.200"))
        ),
    ),
    "a pool": (
        ("a load balancer", "www-1"),
        lambda e: e.pools.update(
            web=Pool(e.balancers["www"], "web", protocol="TCP", port=443, members=[e.servers["www-1"]])
        ),
    ),
    "a pool of a server elsewhere": (
        ("a load balancer", "inside", "private"),
        lambda e: Pool(
            e.balancers["www"],
            "inside",
            protocol="TCP",
            port=443,
            network=e.networks["private"],
            members=[e.servers["www-3"]],
        ),
    ),
    "a listener": (
        ("a pool",),
        lambda e: Listener(e.balancers["www"], "https", protocol="TCP", port=443, pool=e.pools["web"]),
    ),
    "a root volume": (("shop",), lambda e: e.roots.update(root=RootVolume(e.shop, "root", image="Debian 12", size=20))),
    "a server on it": (
        ("a root volume", "office"),
        lambda e: e.server("rooted", ("office", None), image=None, root_disk=e.roots["root"]),
    ),
    "a zone": (("shop",), lambda e: e.zones.update(own=Zone(e.shop, "example.com", email="ops@example.com"))),
    "a zone below it": (("shop",), lambda e: Zone(e.shop, "dev.example.com", email="ops@example.com")),
    "an existing zone": (("shop",), lambda e: e.zones.update(theirs=Zone.lookup(e.shop, "example.org"))),
    "a server's name": (
        ("a zone", "inside"),
        lambda e: e.zones["own"].address("a", e.servers["www-3"], network="private"),
    ),
    "a VIP's name": (("a zone", "a VIP"), lambda e: e.zones["own"].address("b", e.vips["vip"])),
    "an alias": (("a zone",), lambda e: e.zones["own"].cname("c", "a")),
    "a text": (("an existing zone",), lambda e: e.zones["theirs"].txt("@", "x")),
    "a server after the names": (
        ("a zone", "office"),
        lambda e: e.server("named", ("office", None), depends_on=[e.zones["own"]]),
    ),
    "a rule for the way out": (("web",), lambda e: e.groups["web"].allow_from_anywhere(Tcp(443))),
    "a rule for the way in": (("web",), lambda e: e.groups["web"].allow_from_anywhere(Tcp(80))),
    "renamed": (("shop",), lambda e: SecurityGroup(e.shop, "new", renamed_from="old")),
}
"""Each declaration, and what must be declared before it, since Python hands it over."""


@st.composite
def _orders(draw: st.DrawFn) -> list[str]:
    order: list[str] = []
    left = [*STEPS]
    while left:
        ready = [step for step in left if all(before in order for before in STEPS[step][0])]
        order.append(draw(st.sampled_from(ready)))
        left.remove(order[-1])
    return order


def _written(order: Sequence[str]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        estate = Estate(Path(folder))
        for step in order:
            STEPS[step][1](estate)
        estate.app.synth()
        return tree(Path(estate.app.outdir))


@cache
def _written_first() -> dict[str, bytes]:
    return _written([*STEPS])


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(order=_orders())
def test_any_order_that_python_allows_gives_the_same_bytes(order: list[str]) -> None:
    written, first = _written(order), _written_first()
    assert written.keys() == first.keys()
    assert [path for path in written if written[path] != first[path]] == []


def test_a_subnet_that_is_declared_after_the_server_holds_its_address(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    server(shop, "www", nics=[network.nic(ip="10.0.1.11")])
    Subnet(shop, "high", network=network, cidr="10.0.1.0/24")
    (address,) = resources(synth(shop), PORT)["www_backend"]["fixed_ip"]
    assert address == {"ip_address": "10.0.1.11", "subnet_id": "${openstack_networking_subnet_v2.high.id}"}


def test_an_address_that_a_later_subnet_keeps_for_itself_is_refused(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    server(shop, "www", nics=[network.nic(ip="10.0.1.1")])
    Subnet(shop, "high", network=network, cidr="10.0.1.0/24", gateway="10.0.1.1")
    with pytest.raises(ValueError, match=r"^Instance www: nics\[0\]\.ip: 10\.0\.1\.1 is its gateway in 10\.0\.1\.0/24"):
        synth(shop)


def test_a_way_out_that_is_declared_after_the_server_is_one(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    network = Network(shop, "backend")
    data = template(shop, "#cloud-config\npackages: [nginx]\n")
    server(shop, "www", nics=[network.nic(SecurityGroup(shop, "web"))], user_data=data)
    Subnet(shop, "low", network=network, cidr="10.0.0.0/24", gateway="10.0.0.1")
    shop.app.synth()
    assert capsys.readouterr().err == ""


def test_what_is_decided_at_the_end_is_decided_the_same_way_twice(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    server(shop, "www", nics=[network.nic(ip="10.0.1.11"), network.nic()], depends_on=[SecurityGroup(shop, "web")])
    Subnet(shop, "high", network=network, cidr="10.0.1.0/24")
    assert synth(shop) == synth(shop)


def test_what_a_port_waits_for_by_hand_stays_beside_its_subnet(shop: OpenStackStack) -> None:
    network = backend(shop)
    router, both = "openstack_networking_router_v2.r", ["local.automatic_addresses_in_backend"]
    server(shop, "by-override", network).ports[0].add_override("depends_on", [router])
    server(shop, "by-attribute", network).ports[0].depends_on = [router]
    ports = resources(synth(shop), PORT)
    assert ports["by-override_backend"]["depends_on"] == [*both, router]
    assert ports["by-attribute_backend"]["depends_on"] == [*both, router]


def test_what_is_said_of_a_ports_address_by_hand_is_kept(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    www = server(shop, "www", nics=[network.nic(ip="10.0.1.11")])
    www.ports[0].add_override("name", "by hand")
    Subnet(shop, "high", network=network, cidr="10.0.1.0/24")
    port = resources(synth(shop), PORT)["www_backend"]
    assert port["name"] == "by hand"
    assert len(port["fixed_ip"]) == 1
