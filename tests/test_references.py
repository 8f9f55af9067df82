"""What is of one stack never stands in another: it would be bound to whatever that one calls so."""

from __future__ import annotations

import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import DataOpenstackNetworkingNetworkV2
from cdktf_cdktf_provider_openstack.networking_router_v2 import NetworkingRouterV2

import ivc.declare
from ivc import (
    App,
    AtApply,
    Certificate,
    Cidr,
    Container,
    FloatingIp,
    Icmp,
    Image,
    Instance,
    KeyManagerSecret,
    KeyPair,
    Listener,
    LoadBalancer,
    Member,
    Network,
    OpenStackStack,
    Pool,
    PoolMember,
    RootVolume,
    Route,
    Router,
    SecurityGroup,
    ServerGroup,
    StoredObject,
    Subnet,
    SubnetPool,
    Tcp,
    Tier,
    UserData,
    Vip,
    Volume,
    Zone,
)
from ivc.declare.cdktf import TerraformDataSource, TerraformElement, TerraformResource
from ivc.declare.certificate import AnyCertificate
from ivc.declare.declaration import Declaration
from ivc.declare.floating_ip import AnyFloatingIp
from ivc.declare.key_manager_secret import AnyKeyManagerSecret
from ivc.declare.network import AnyNetwork
from ivc.declare.nic import Nic
from ivc.declare.nics import Nics
from ivc.declare.references import Reference
from ivc.declare.security_group import AnySecurityGroup
from ivc.declare.subnet import AnySubnet
from ivc.declare.subnet_pool import AnySubnetPool
from ivc.declare.volume import Attachment
from tests.helpers import PUBLIC_KEY, a_disk, backend, server, template
from tests.test_key_manager_secret import THEIRS, certificate, secret

Make = Callable[[OpenStackStack], object]

THINGS: Mapping[type, Make] = {
    AnyNetwork: lambda stack: Network.lookup(stack, "their-net"),
    Network: lambda stack: backend(stack, "theirs"),
    AnySubnet: lambda stack: Subnet.lookup(stack, "their-subnet", network=Network.lookup(stack, "their-net")),
    AnySubnetPool: lambda stack: SubnetPool.lookup(stack, "their-pool"),
    AnyFloatingIp: lambda stack: FloatingIp.lookup(stack, "203.0.113.7"),
    Vip: lambda stack: Vip(stack, "their-vip", network=Network.lookup(stack, "their-net")),
    Pool: lambda stack: Pool(_front(stack), "their-pool", protocol="HTTP", port=22),
    PoolMember: lambda stack: PoolMember(server(stack, "theirs", Network.lookup(stack, "their-net"))),
    Instance: lambda stack: server(stack, "theirs", Network.lookup(stack, "their-net")),
    Tier: lambda stack: Tier(
        stack, "theirs", count=1, image="i", flavor="f", nics=[Network.lookup(stack, "their-net").nic()]
    ),
    SecurityGroup: lambda stack: SecurityGroup(stack, "their-own"),
    AnySecurityGroup: lambda stack: SecurityGroup.lookup(stack, "their-group"),
    Nic: lambda stack: backend(stack, "theirs").nic(),
    Nics: lambda stack: backend(stack, "theirs").nics(first="10.0.0.11"),
    RootVolume: lambda stack: RootVolume(stack, "their-root", image="Debian 12", size=20),
    Volume: lambda stack: Volume.lookup(stack, "their-volume"),
    Attachment: lambda stack: Volume.lookup(stack, "their-volume").mount("/srv"),
    AnyCertificate: lambda stack: Certificate.lookup(stack, "theirs"),
    AnyKeyManagerSecret: lambda stack: KeyManagerSecret.lookup(stack, THEIRS),
    KeyPair: lambda stack: KeyPair(stack, "their-keys", public_key=PUBLIC_KEY),
    ServerGroup: lambda stack: ServerGroup(stack, "theirs"),
    Image: lambda stack: Image(stack, "theirs", file=a_disk(stack.app.folder / "theirs.img")),
    Declaration: lambda stack: SecurityGroup(stack, "theirs"),
    TerraformDataSource: lambda stack: DataOpenstackNetworkingNetworkV2(stack, "their-data", name="n"),
    TerraformResource: lambda stack: NetworkingRouterV2(stack, "their-router", name="r"),
}
"""For each type of a parameter that refers to something: one of another stack."""


def _front(stack: OpenStackStack) -> LoadBalancer:
    """A load balancer of a stack, made once."""
    made = stack.node.try_find_child("LoadBalancer front")
    if isinstance(made, LoadBalancer):
        return made
    return LoadBalancer(stack, "front", vip=Vip(stack, "front", network=Network.lookup(stack, "their-net")))


REFERRING = (Reference, TerraformElement)


@dataclass(frozen=True)
class Given:
    """Two stacks of one app, and what the first of them declares."""

    shop: OpenStackStack
    prod: OpenStackStack


@pytest.fixture
def given(tmp_path: Path) -> Given:
    app = App(folder=tmp_path)
    return Given(OpenStackStack(app, "shop"), OpenStackStack(app, "prod"))


def _calls(shop: OpenStackStack) -> Mapping[str, Callable[..., object]]:
    """Each public function that takes what refers to something, given all else that it needs."""
    group = SecurityGroup(shop, "closed", egress="closed")

    def tier(**said: Any) -> Tier:
        given: dict[str, Any] = {"count": 1, "image": "Debian 12", "flavor": "b2-7"}
        return Tier(shop, "www", **(given | {"nics": [Network.lookup(shop, "their-net").nic()]} | said))

    def named(leads_to: Any = None, **said: Any) -> None:
        zone = Zone.lookup(shop, "example.com")
        zone.address("www", tier() if leads_to is None else leads_to, **said)

    return {
        **{
            f"Instance.{name}": lambda network, name=name: getattr(
                server(shop, "www", nics=[Network.lookup(shop, "their-net").nic()]), name
            )(network)
            for name in ("address_on", "ipv4_on", "ipv6_on")
        },
        **{
            f"Tier.{name}": lambda network, name=name: getattr(tier(), name)(network)
            for name in ("address_on", "ipv4_on", "ipv6_on")
        },
        "Tier": tier,
        "Member": lambda **said: tier(members={1: Member(**said)}),
        "Instance": lambda **said: server(
            shop, "www", **{"nics": [backend(shop).nic()], "image": None if "root_disk" in said else "Debian 12"} | said
        ),
        "Image": lambda **said: Image(shop, "i", file=a_disk(shop.app.folder / "i.img"), **said),
        "RootVolume": lambda image="Debian 12", **said: RootVolume(shop, "root", image=image, size=20, **said),
        "KeyPair": lambda **said: KeyPair(shop, "ops", public_key=PUBLIC_KEY, **said),
        "Network": lambda **said: backend(shop, "n", **said),
        "Container": lambda **said: Container(shop, "c", **said),
        "KeyManagerSecret": lambda **said: secret(shop, "s", **said),
        "Certificate": lambda **said: certificate(shop, "s", **said),
        "SecurityGroup": lambda **said: SecurityGroup(shop, "g", **said),
        "ServerGroup": lambda **said: ServerGroup(shop, "apart", **said),
        "FloatingIp": lambda **said: FloatingIp(shop, "f", **({"network": Network.lookup(shop, "their-net")} | said)),
        "Router": lambda **said: Router(shop, "r", **said),
        "AnyRouter.add_interface": lambda to: Router(shop, "r").add_interface(to),
        "Subnet": lambda **said: Subnet(
            shop,
            "s",
            **({"network": Network(shop, "n")} | ({} if "subnet_pool" in said else {"cidr": "10.9.0.0/24"}) | said),
        ),
        "SubnetPool": lambda **said: SubnetPool(shop, "p", prefixes=[Cidr("10.0.0.0/8")], **said),
        "Vip": lambda **said: Vip(shop, "v", **({"network": Network.lookup(shop, "n")} | said)),
        "Zone": lambda **said: Zone(shop, "example.com", email="ops@example.com", **said),
        "AnyZone.address": named,
        "LoadBalancer": lambda **said: LoadBalancer(
            shop, "lb", **({"vip": Vip(shop, "of-lb", network=Network.lookup(shop, "their-net"))} | said)
        ),
        "Pool": lambda **said: Pool(_front(shop), "p", protocol="TCP", port=22, **said),
        "Listener": lambda **said: Listener(_front(shop), "l", port=443, **_served(shop, said)),
        "Listener.route": lambda to: Listener(_front(shop), "l", protocol="HTTP", port=80).route("r", to=to, path="/"),
        "Subnet.lookup": lambda network: Subnet.lookup(shop, "s", network=network),
        "AnyNetwork.nic": lambda groups=(), **said: backend(shop).nic(*groups, **said),
        "AnyNetwork.nics": lambda groups=(), **said: backend(shop).nics(*groups, first="10.0.0.11", **said),
        "SecurityGroup.allow_from": lambda peer: group.allow_from(peer, Tcp(80)),
        "SecurityGroup.allow_booting": lambda **peers: SecurityGroup(shop, "c", egress="closed").allow_booting(**peers),
        "SecurityGroup.allow_to": lambda peer: group.allow_to(peer, Icmp()),
    }


def _served(stack: OpenStackStack, said: dict[str, Any]) -> dict[str, Any]:
    """The protocol of a listener, and what that needs."""
    if "pool" in said:
        return {"protocol": "TCP", **said}
    return {"protocol": "TERMINATED_HTTPS", "certificate": Certificate.lookup(stack, "own"), **said}


def _classes() -> set[type]:
    """The public classes of the library, and those whose objects its functions give to people."""
    modules = [import_module(f"ivc.declare.{one.name}") for one in pkgutil.iter_modules(ivc.declare.__path__)]
    made = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    public = {one for name in ivc.__all__ if isinstance(one := getattr(ivc, name), type)}
    return public | {one for one in made if issubclass(one, Reference)}


# A PoolMember knows no stack; the pool that it is given to does.
MADE_BY_PEOPLE = {getattr(ivc, name) for name in ivc.__all__} - {Nic, Nics, Attachment, StoredObject, PoolMember}


def _functions() -> dict[str, Callable[..., object]]:
    """All public functions of those classes, by the class that defines them; what others make is not made by itself."""
    found: dict[str, Callable[..., object]] = {}
    for cls in _classes():
        for name, member in vars(cls).items():
            function = member.__func__ if isinstance(member, staticmethod | classmethod) else member
            if inspect.isfunction(function) and not name.startswith("_"):
                found[f"{cls.__name__}.{name}"] = function
            elif inspect.isfunction(function) and name == "__init__" and cls in MADE_BY_PEOPLE:
                found[cls.__name__] = function
    return found


def _named(annotation: str, function: Callable[..., object]) -> Iterator[type]:
    """The classes that an annotation names, and those of the unions that it names."""
    names = {one.__name__: one for one in _classes()} | vars(import_module(function.__module__))
    for word in re.findall(r"\w+", annotation):
        for one in typing.get_args(names.get(word)) or (names.get(word),):
            if isinstance(one, type):
                yield one


def _references() -> list[tuple[str, str, type]]:
    """Each public parameter that can refer to something: the function, the parameter, and the class."""
    found = [
        (where, parameter, cls)
        for where, function in _functions().items()
        for parameter, annotation in function.__annotations__.items()
        if parameter not in ("return", "scope")
        for cls in _named(str(annotation), function)
        if issubclass(cls, REFERRING)
    ]
    return sorted(found, key=lambda one: (one[0], one[1], one[2].__name__))


REFERENCES = _references()
SEVERAL = ("nics", "volumes", "groups", "depends_on", "vips", "floating_ips", "members", "sni_certificates")
"""The parameters that take a list; a tier is none."""


def test_there_are_parameters_that_refer_to_something() -> None:
    assert {(where, parameter) for where, parameter, _ in REFERENCES} >= {
        ("Instance", "nics"),
        ("Instance", "volumes"),
        ("Instance", "depends_on"),
        ("Subnet", "network"),
        ("Subnet.lookup", "network"),
        ("AnyNetwork.nic", "groups"),
        ("SecurityGroup.allow_from", "peer"),
        ("SecurityGroup.allow_to", "peer"),
    }


@pytest.mark.parametrize(("where", "parameter", "cls"), REFERENCES, ids=lambda one: getattr(one, "__name__", one))
def test_what_is_of_another_stack_is_refused(given: Given, where: str, parameter: str, cls: type) -> None:
    """One for each public parameter there is; a new one that takes it all the same fails here."""
    thing = THINGS[cls](given.prod)
    several = parameter in SEVERAL and cls is not Tier
    with pytest.raises(ValueError, match=r" is of stack prod, and this is stack shop; ") as raised:
        _calls(given.shop)[where](**{parameter: [thing] if several else thing})
    assert parameter in str(raised.value)


@pytest.mark.parametrize(("where", "parameter", "cls"), REFERENCES, ids=lambda one: getattr(one, "__name__", one))
def test_what_is_of_the_same_stack_is_taken(given: Given, where: str, parameter: str, cls: type) -> None:
    thing = THINGS[cls](given.shop)
    several = parameter in SEVERAL and cls is not Tier
    _calls(given.shop)[where](**{parameter: [thing] if several else thing})


@pytest.mark.parametrize(
    "declare",
    [
        lambda shop, route: Router(shop, "r", routes=[route]),
        lambda shop, route: Subnet(shop, "s", network=Network(shop, "n"), cidr="10.0.0.0/24", host_routes=[route]),
    ],
    ids=["router", "subnet"],
)
def test_the_next_hop_of_a_route_is_of_the_same_stack(
    given: Given, declare: Callable[[OpenStackStack, Route], object]
) -> None:
    hop = server(given.prod, "nat", backend(given.prod)).address_on("backend")
    assert isinstance(hop, AtApply)
    with pytest.raises(ValueError, match=r"routes\[0\]: Instance nat is of stack prod, and this is stack shop; "):
        declare(given.shop, Route("10.9.0.0/16", next_hop=hop))


def test_the_sentence_says_both_stacks_and_what_to_do(given: Given) -> None:
    nic = backend(given.prod).nic()
    with pytest.raises(ValueError, match="is of stack") as raised:
        server(given.shop, "www", nics=[backend(given.shop).nic(), nic])
    assert str(raised.value) == (
        "Instance www: nics[1]: Network backend is of stack prod, and this is stack shop; "
        "look it up there, with Network.lookup(shop, ...)"
    )


@pytest.mark.parametrize(
    ("text", "pass_on"),
    [
        ("{{ a }}", lambda server: server.addresses["Ext-Net"]),
        ("{{ a.deep[0] }}", lambda server: {"deep": [server.addresses["Ext-Net"]]}),
        ("{{ a.addresses['Ext-Net'] }}", lambda server: server),
    ],
    ids=["by itself", "inside of others", "by its server"],
)
def test_a_value_known_only_at_apply_is_of_its_stack(
    given: Given, text: str, pass_on: Callable[[Instance], object]
) -> None:
    theirs = server(given.prod, "db", Network.lookup(given.prod, "Ext-Net"))
    data = template(given.shop, f"#cloud-config\nhostname: {text}\n", a=pass_on(theirs))
    sentence = r"^Instance www: user_data: .*: Instance db is of stack prod, and this is stack shop; "
    with pytest.raises(ValueError, match=sentence):
        server(given.shop, "www", backend(given.shop), user_data=data)


@pytest.mark.parametrize("what", ["id", "serial"])
def test_what_a_volume_tells_a_template_is_of_its_stack(given: Given, what: str) -> None:
    theirs = server(given.prod, "db", backend(given.prod), volumes=[Volume.lookup(given.prod, "data")])
    value = theirs._facts()["volumes"][0][what]  # type: ignore[index]
    data = template(given.shop, "#cloud-config\nhostname: {{ a }}\n", a=value)
    with pytest.raises(ValueError, match=r"Volume\.lookup\('data'\) is of stack prod, and this is stack shop"):
        server(given.shop, "www", backend(given.shop), user_data=data)


def test_an_address_that_is_declared_is_a_text_for_anybody(given: Given) -> None:
    theirs = server(given.prod, "db", nics=[backend(given.prod).nic(ip="10.0.0.21")])
    data = template(given.shop, "#cloud-config\nhostname: {{ a }}\n", a=theirs.addresses["backend"])
    server(given.shop, "www", backend(given.shop), user_data=data)
    assert "10.0.0.21" in given.shop._record.user_data["www"]


def test_one_user_data_serves_two_stacks(given: Given) -> None:
    data = UserData.template("t", site="shop.example")
    template(given.shop, "#cloud-config\nhostname: {{ site }}\n", "t")
    for stack in (given.shop, given.prod):
        server(stack, "www", backend(stack), user_data=data)


def test_a_range_is_of_no_stack(given: Given) -> None:
    office = Cidr("203.0.113.0/24")
    for stack in (given.shop, given.prod):
        SecurityGroup(stack, "web").allow_from(office, Tcp(22))
