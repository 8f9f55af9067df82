"""The rows of the resource families: each says what its construct really makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ivc import (
    Cidr,
    Container,
    FloatingIp,
    Icmp,
    Image,
    KeyPair,
    Listener,
    LoadBalancer,
    Network,
    OpenStackStack,
    Pool,
    RootVolume,
    Route,
    Router,
    SecurityGroup,
    ServerGroup,
    Subnet,
    SubnetPool,
    Vip,
    Volume,
    Zone,
)
from ivc.declare import dns_provider, key_manager_provider, load_balancer_provider, object_store_provider, provider
from ivc.declare.declaration import Declaration, Made
from ivc.declare.image import flavor_reference, image_reference
from ivc.estate.families import FAMILIES, Family
from ivc.terraform.provider import schema
from tests.helpers import PUBLIC_KEY, a_disk, backend, server, synth
from tests.test_key_manager_secret import certificate, secret

_L1S = [
    one
    for module in (provider, load_balancer_provider, dns_provider, object_store_provider, key_manager_provider)
    for one in vars(module).values()
    if hasattr(one, "TF_RESOURCE_TYPE")
]
PROJECT_ID = "0123456789abcdef0123456789abcdef"
TYPES = {one.TF_RESOURCE_TYPE for one in _L1S}


def router(stack: OpenStackStack) -> Router:
    made = Router(stack, "a", routes=[Route("10.9.0.0/16", next_hop="10.0.0.9")])
    made.add_interface(backend(stack, "n"))
    return made


def floating_ip(stack: OpenStackStack) -> FloatingIp:
    made = FloatingIp(stack, "a", network=Network.lookup(stack, "Ext-Net"))
    server(stack, "s", nics=[Network.lookup(stack, "office").nic(floating_ip=made)])
    return made


def zone(stack: OpenStackStack) -> Zone:
    made = Zone(stack, "example.com", email="ops@example.com")
    made.txt("@", "x")
    stack._record.record_sets.decide()
    return made


def container(stack: OpenStackStack) -> Container:
    (stack.app.folder / "app").write_text("x")
    made = Container(stack, "a")
    made.file("app", "app")
    return made


def load_balancer(stack: OpenStackStack) -> LoadBalancer:
    made = LoadBalancer(stack, "a", vip=Vip(stack, "v", network=backend(stack, "n")))
    listener(made)
    return made


def listener(of: LoadBalancer) -> Listener:
    pool = Pool(of, "p", protocol="HTTP", port=80)
    made = Listener(of, "l", protocol="HTTP", port=80, pool=pool)
    made.route("r", to=pool, path="/r")
    return made


MAKE: Mapping[str, Callable[[OpenStackStack], Made]] = {
    "Instance": lambda stack: server(
        stack, "a", backend(stack, "n"), volumes=[Volume.lookup(stack, "v").attach(live=True)]
    ),
    "Network": lambda stack: backend(
        stack, "a", host_routes=[Route("10.9.0.0/16", next_hop="10.0.0.9")], shared_with=[PROJECT_ID]
    ),
    "Subnet": lambda stack: Subnet(
        stack,
        "a",
        network=Network(stack, "n"),
        cidr="10.0.0.0/24",
        host_routes=[Route("10.9.0.0/16", next_hop="10.0.0.9")],
    ),
    "SubnetPool": lambda stack: SubnetPool(stack, "a", prefixes=[Cidr("10.0.0.0/8")]),
    "Router": router,
    "FloatingIp": floating_ip,
    "LoadBalancer": load_balancer,
    "Listener": lambda stack: listener(LoadBalancer(stack, "a", vip=Vip(stack, "v", network=backend(stack, "n")))),
    "Pool": lambda stack: Pool(
        LoadBalancer(stack, "a", vip=Vip(stack, "v", network=backend(stack, "n"))), "p", protocol="HTTP", port=80
    ),
    "SecurityGroup": lambda stack: SecurityGroup(stack, "a"),
    "KeyPair": lambda stack: KeyPair(stack, "a", public_key=PUBLIC_KEY),
    "ServerGroup": lambda stack: ServerGroup(stack, "a"),
    "Zone": zone,
    "Container": container,
    "KeyManagerSecret": lambda stack: secret(stack, "a"),
    "Certificate": lambda stack: certificate(stack, "a"),
}
#: Their resources are of a type that another row has.
BESIDE: Mapping[str, Callable[[OpenStackStack], Made]] = {
    "Vip": lambda stack: Vip(stack, "a", network=backend(stack, "n")),
    "RootVolume": lambda stack: RootVolume(stack, "a", image="Debian 12", size=20),
    "Image": lambda stack: Image(stack, "a", file=a_disk(stack.app.folder / "a.img")),
}
LOOK_UP: Mapping[str, Callable[[OpenStackStack, str], Declaration]] = {
    "Network": lambda stack, id_: Network.lookup(stack, id=id_),
    "Subnet": lambda stack, id_: Subnet.lookup(stack, id=id_, network=Network.lookup(stack, "n")),
    "SecurityGroup": lambda stack, id_: SecurityGroup.lookup(stack, id=id_),
    "Volume": lambda stack, id_: Volume.lookup(stack, id=id_),
    "Router": lambda stack, id_: Router.lookup(stack, id=id_),
}
#: Their look-ups take no id: their data sources know none, or there is none.
BY_NAME_ALONE = {"SubnetPool", "FloatingIp", "Zone", "Container", "KeyManagerSecret", "Certificate"}


def by_type(found: str) -> Family:
    (family,) = (one for one in FAMILIES if one.type == found)
    return family


def test_each_type_of_the_library_has_one_row() -> None:
    assert len({family.type for family in FAMILIES}) == len(FAMILIES)
    ours = TYPES - {"openstack", "openstack_identity_auth_scope_v3"}
    assert ours <= {family.type for family in FAMILIES}
    # Of what nobody can declare yet the row is for what reads a document.
    others = [family.type for family in FAMILIES if family.type not in ours]
    assert [type_ for type_ in others if not schema(type_).known] == []
    assert all(family.construct is None for family in FAMILIES if family.type not in ours)


def test_each_construct_is_tried_here() -> None:
    constructs = {family.construct for family in FAMILIES if family.construct}
    assert {*MAKE, *LOOK_UP} == constructs
    assert {*LOOK_UP} | BY_NAME_ALONE == {family.construct for family in FAMILIES if family.construct and family.lookup}


@pytest.mark.parametrize("construct", [*MAKE, *BESIDE])
def test_a_construct_makes_its_own_type_and_its_parts_and_marks_them(shop: OpenStackStack, construct: str) -> None:
    declared = {**MAKE, **BESIDE}[construct](shop)
    assert declared.family.construct == construct
    made = [address.split(".") for address in declared._addresses]
    assert {kind for kind, _ in made} == {declared.family.type, *declared.family.parts}
    resources = synth(shop)["resource"]
    for kind, name in made:
        mark = by_type(kind).mark
        values = [str(value) for value in resources[kind][name].values()]
        assert any("shop/" in value for value in values) == (mark is not None), kind
        if mark is not None:
            assert f"shop/{name}" in str(resources[kind][name][mark])


@pytest.mark.parametrize("construct", LOOK_UP)
def test_a_look_up_takes_an_id_as_its_row_says(shop: OpenStackStack, construct: str) -> None:
    id_ = "11111111-2222-3333-4444-555555555555"
    found = LOOK_UP[construct](shop, id_)
    asked = synth(shop).get("data", {}).get(found.family.type, {}).get(f"id_{id_}", {})
    assert [key for key, value in asked.items() if value == id_] == [found.family.id_key][: bool(asked)]
    assert bool(asked) == (found.family.id_key is not None)


def test_images_and_flavors_are_looked_up_by_their_names(shop: OpenStackStack) -> None:
    image_reference(shop, "here", "Debian 12")
    flavor_reference(shop, "here", "b2-7")
    assert set(synth(shop)["data"]) == {
        family.type for family in FAMILIES if family.construct is None and family.lookup
    }


def test_a_rule_is_never_marked(shop: OpenStackStack) -> None:
    """A change of its text would replace it."""
    group = SecurityGroup(shop, "web", egress="closed")
    group.allow_from(group, Icmp())
    rules = synth(shop)["resource"]["openstack_networking_secgroup_rule_v2"]
    assert rules
    assert all("description" not in rule for rule in rules.values())
