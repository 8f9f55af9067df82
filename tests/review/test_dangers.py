"""What is dangerous, told with two folders and with a plan: plain, counted, for each, within a module."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ivc.policies.facts import PORT
from ivc.review import reviewer
from ivc.review.model import StackReview
from ivc.review.reviewer import PlanFile
from tests.policies.documents import Json, data, group, instance, merged, port, resource, tcp
from tests.review.folders import write
from tests.review.planner import planned

VOLUME, FLOATING_IP, ROUTER, SUBNET, NETWORK = (
    "openstack_blockstorage_volume_v3",
    "openstack_networking_floatingip_v2",
    "openstack_networking_router_v2",
    "openstack_networking_subnet_v2",
    "openstack_networking_network_v2",
)
BALANCER, LISTENER, MEMBER, MEMBERS = (
    f"openstack_lb_{name}_v2" for name in ("loadbalancer", "listener", "member", "members")
)
CONTAINER, IMAGE, RECORDS = (
    "openstack_objectstorage_container_v1",
    "openstack_images_image_v2",
    "openstack_dns_recordset_v2",
)
ADDRESSES = "openstack_networking_address_group_v2"
FRAME: Json = {
    "terraform": {"required_providers": {"openstack": {"version": "3.4.0"}}},
    "provider": {"openstack": [{}]},
}


def by_folders(folder: Path, before: Json, after: Json) -> StackReview:
    sides = [write(folder / name, merged(FRAME, each)) for name, each in (("base", before), ("head", after))]
    (stack,) = reviewer.review(base=sides[0], head=sides[1]).stacks
    return stack


def by_plan(folder: Path, before: Json, after: Json, module: str = "") -> StackReview:
    file = folder / "plan.json"
    file.write_text(json.dumps(planned(before, after, module=module)))
    (stack,) = reviewer.review(plan=[PlanFile(file)]).stacks
    return stack


def several(document: Json, key: str, **meta: object) -> Json:
    """The same, each resource one of several of its block."""
    blocks = [f"{type_}.{name}" for type_, named in document.get("resource", {}).items() for name in named]
    text = json.dumps(document)
    for block in blocks:
        text = re.sub(rf"(?<![\w.]){re.escape(block)}\.(?=[a-z_]+)", f"{block}[{key}].".replace("\\", r"\\"), text)
    made: Json = json.loads(text)
    for named in made.get("resource", {}).values():
        for given in named.values():
            given.update(meta)
    return made


def counted(document: Json) -> Json:
    return several(document, "0", count=1)


def for_each(document: Json) -> Json:
    return several(document, r"\"k\"", for_each={"k": 1})


Way = Callable[[Path, Json, Json], StackReview]
WAYS: Mapping[str, Way] = {
    "folders": by_folders,
    "folders, counted": lambda folder, before, after: by_folders(folder, counted(before), counted(after)),
    "folders, for each": lambda folder, before, after: by_folders(folder, for_each(before), for_each(after)),
    "plan": by_plan,
    "plan, counted": lambda folder, before, after: by_plan(folder, counted(before), counted(after)),
    "plan, for each": lambda folder, before, after: by_plan(folder, for_each(before), for_each(after)),
    "plan, in a module": lambda folder, before, after: by_plan(folder, before, after, module="m"),
}
BY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def dangers(stack: StackReview) -> set[tuple[str, str]]:
    """What threatens which kind of thing; with `?` where it may be."""
    return {
        (thing.kind, danger + "?" * (danger in thing.possible)) for thing in stack.things for danger in thing.dangers
    }


def attribute(type_: str, name: str, what: str = "id") -> str:
    return f"${{{type_}.{name}.{what}}}"


WEB = merged(instance("a", "p"), port("p", "web"), group())


def inside(fixed_ip: list[Json]) -> Json:
    return port("p", "web", network=f"{NETWORK}.backend", fixed_ip=fixed_ip)


INSIDE = merged(
    instance("a", "p"),
    inside([{"ip_address": "10.0.0.5"}]),
    resource(NETWORK, "backend", name="backend"),
    group(),
)
ON_VOLUME = [
    {"source_type": "volume", "destination_type": "volume", "uuid": attribute(VOLUME, "data"), "boot_index": -1}
]
FROM_IMAGE = [
    {"source_type": "image", "destination_type": "volume", "uuid": "i", "boot_index": 0, "volume_size": 20}
]  # fmt: skip
DATA = resource(VOLUME, "data", name="data", size=100)
BALANCED = merged(
    resource(BALANCER, "lb", name="lb", vip_network_id=f"${{data.{NETWORK}.Ext-Net.id}}", vip_address="203.0.113.9"),
    data(NETWORK, "Ext-Net", name="Ext-Net"),
    {"//": {"ivc": {f"data.{NETWORK}.Ext-Net": {"public": True}}}},
)


def listener(**given: object) -> Json:
    return resource(
        LISTENER, "l", loadbalancer_id=attribute(BALANCER, "lb"), protocol="TCP", protocol_port=3306, **given
    )


def ranged(*addresses: str) -> Json:
    rule = tcp(22, remote_ip_prefix=None, remote_address_group_id=attribute(ADDRESSES, "office"))
    return merged(rule, resource(ADDRESSES, "office", addresses=list(addresses)))


OPEN, STOP = "open", "stop"
CASES: Mapping[str, tuple[Json, Json, set[tuple[str, str]]]] = {
    # What opens.
    "a rule from anywhere": (WEB, merged(WEB, tcp(22)), {("security group", OPEN)}),
    "the range of a rule": (
        merged(WEB, tcp(22, remote_ip_prefix="10.0.0.0/8")), merged(WEB, tcp(22)), {("security group", OPEN)},
    ),
    "a group of addresses": (
        merged(WEB, ranged("198.51.100.0/24")), merged(WEB, ranged("0.0.0.0/0")), {("security group", OPEN)},
    ),
    "nothing filters any more": (
        merged(WEB, tcp(22)),
        merged(WEB, port("p", "web", port_security_enabled=False), tcp(22)),
        {("instance", OPEN)},
    ),
    "a floating IP comes to a load balancer": (
        merged(INSIDE, resource(BALANCER, "lb", vip_network_id=attribute(NETWORK, "backend")), listener()),
        merged(
            INSIDE,
            resource(BALANCER, "lb", vip_network_id=attribute(NETWORK, "backend")),
            listener(),
            resource(FLOATING_IP, "f", pool="Ext-Net", port_id=attribute(BALANCER, "lb", "vip_port_id")),
        ),
        {("load balancer", OPEN)},
    ),
    "a listener comes": (BALANCED, merged(BALANCED, listener()), {("load balancer", OPEN)}),
    "the allowed ranges leave a listener": (
        merged(BALANCED, listener(allowed_cidrs=["10.0.0.0/8"])),
        merged(BALANCED, listener()),
        {("load balancer", OPEN)},
    ),
    "everybody may read a container": (
        resource(CONTAINER, "c", name="c"),
        resource(CONTAINER, "c", name="c", container_read=".r:*,.rlistings"),
        {("container", OPEN)},
    ),
    "an image is made public": (
        resource(IMAGE, "i", name="i", visibility="private"),
        resource(IMAGE, "i", name="i", visibility="public"),
        {("image", OPEN)},
    ),
    "a port may use any address": (
        WEB,
        merged(WEB, port("p", "web", allowed_address_pairs=[{"ip_address": "0.0.0.0/0"}])),
        {("instance", OPEN)},
    ),
    "what opens goes": (merged(WEB, tcp(22)), {}, {("instance", "destroy"), ("security group", "destroy")}),
    # What goes for good.
    "a server and its volume": (
        merged(WEB, instance("a", "p", block_device=ON_VOLUME), DATA),
        group(),
        {("instance", "destroy"), ("volume", "destroy")},
    ),
    "a server and its port": (merged(WEB, tcp(22)), merged(group(), tcp(22)), {("instance", "destroy")}),
    "a volume of another type": (
        merged(WEB, instance("a", "p", block_device=ON_VOLUME), DATA, resource(VOLUME, "data", availability_zone="a")),
        merged(WEB, instance("a", "p", block_device=ON_VOLUME), DATA, resource(VOLUME, "data", availability_zone="b")),
        {("instance", "replace"), ("volume", "replace"), ("volume", "destroy")},
    ),
    "a volume's other name": (
        merged(WEB, instance("a", "p", block_device=ON_VOLUME), DATA),
        merged(WEB, instance("a", "p", block_device=ON_VOLUME), resource(VOLUME, "data", name="other", size=100)),
        set(),
    ),
    "a server on a volume of its own": (
        merged(WEB, instance("a", "p", block_device=FROM_IMAGE)),
        merged(WEB, instance("a", "p", block_device=FROM_IMAGE, key_pair="other")),
        {("instance", "replace")},
    ),
    "a floating IP": (
        resource(FLOATING_IP, "f", pool="Ext-Net", address="203.0.113.7"), {}, {("floating IP", "destroy")},
    ),
    "records": (
        resource(RECORDS, "r", zone_id="z", name="a.example.", type="A", records=["203.0.113.7"]),
        {},
        {("record set", "destroy")},
    ),
    # What stops.
    "a server is shut off": (WEB, merged(WEB, instance("a", "p", power_state="shutoff")), {("instance", STOP)}),
    "a server is resized": (WEB, merged(WEB, instance("a", "p", flavor_name="b2-15")), {("instance", STOP)}),
    "a port is taken down": (
        merged(WEB, port("p", "web", admin_state_up=True)),
        merged(WEB, port("p", "web", admin_state_up=False)),
        {("instance", STOP)},
    ),
    "a port's other address": (
        INSIDE, merged(INSIDE, inside([{"ip_address": "10.0.0.6"}])), {("instance", STOP)},
    ),
    "a port's other subnet, whose address the cloud chooses": (
        merged(INSIDE, inside([{"subnet_id": "a"}])),
        merged(INSIDE, inside([{"subnet_id": "b"}])),
        {("instance", STOP)},
    ),
    "a port keeps its address, and says its subnet no more": (
        merged(INSIDE, inside([{"ip_address": "10.0.0.5", "subnet_id": "a"}])), INSIDE, set(),
    ),
    "a subnet gives out no addresses": (
        merged(INSIDE, resource(SUBNET, "s", network_id=attribute(NETWORK, "backend"), cidr="10.0.0.0/24")),
        merged(
            INSIDE,
            resource(SUBNET, "s", network_id=attribute(NETWORK, "backend"), cidr="10.0.0.0/24", enable_dhcp=False),
        ),
        {("network", STOP)},
    ),
    "a router is taken down": (
        resource(ROUTER, "r", name="r", admin_state_up=True),
        resource(ROUTER, "r", name="r", admin_state_up=False),
        {("router", STOP)},
    ),
    "a router goes out by another network": (
        resource(ROUTER, "r", name="r", external_network_id="one"),
        resource(ROUTER, "r", name="r", external_network_id="other"),
        {("router", STOP)},
    ),
    "a listener is taken down": (
        merged(BALANCED, listener(allowed_cidrs=["10.0.0.0/8"])),
        merged(BALANCED, listener(allowed_cidrs=["10.0.0.0/8"], admin_state_up=False)),
        {("load balancer", STOP)},
    ),
    "a floating IP leads elsewhere": (
        merged(WEB, port("q", "web"), resource(FLOATING_IP, "f", pool="x", port_id=attribute(PORT, "p"))),
        merged(WEB, port("q", "web"), resource(FLOATING_IP, "f", pool="x", port_id=attribute(PORT, "q"))),
        {("floating IP", STOP)},
    ),
    "one of a set of members leaves": (
        resource(MEMBERS, "m", pool_id="p", member=[{"address": "10.0.0.5"}, {"address": "10.0.0.6"}]),
        resource(MEMBERS, "m", pool_id="p", member=[{"address": "10.0.0.6"}]),
        {("members", STOP)},
    ),
    "one of a set of members gets nothing": (
        resource(MEMBERS, "m", pool_id="p", member=[{"address": "10.0.0.5", "weight": 1}]),
        resource(MEMBERS, "m", pool_id="p", member=[{"address": "10.0.0.5", "weight": 0}]),
        {("members", STOP)},
    ),
    "a file of a server changes": (
        merged(WEB, instance("a", "p", personality=[{"file": "/a", "content": "x"}])),
        merged(WEB, instance("a", "p", personality=[{"file": "/a", "content": "y"}])),
        {("instance", "wipe")},
    ),
    "any page may lead to a container": (
        resource(CONTAINER, "c", name="c"),
        resource(CONTAINER, "c", name="c", container_read=".r:.example.com"),
        {("container", OPEN)},
    ),
    "a member gets nothing any more": (
        resource(MEMBER, "m", pool_id="p", address="10.0.0.5", protocol_port=80, weight=1),
        resource(MEMBER, "m", pool_id="p", address="10.0.0.5", protocol_port=80, weight=0),
        {("member", STOP)},
    ),
}  # fmt: skip


@BY_WAY
@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_what_is_dangerous_is_told(
    tmp_path: Path, way: Way, before: Json, after: Json, expected: set[tuple[str, str]]
) -> None:
    stack = way(tmp_path, before, after)
    assert dangers(stack) == expected
    assert [str(each) for each in stack.unread] == []


def told(stack: StackReview, kind: str) -> str:
    """All that is said of things of a kind."""
    found = [thing for thing in stack.things if thing.kind == kind]
    return "\n".join(str(sentence) for thing in found for sentence in (thing.headline, *thing.details))


SAID: Mapping[str, tuple[str, str, str | None]] = {
    "a server and its volume": ("instance", "its volume data (100 GiB) is destroyed, with its data", "stays, with"),
    "a server and its port": ("instance", "loses its address", "keeps its address"),
    "a volume of another type": ("volume", "lost with it: its data, 100 GiB", None),
    "a server on a volume of its own": ("instance", "its root volume of 20 GiB stays behind", "is lost"),
    "a floating IP": ("floating IP", "its address 203.0.113.7, which goes back to the pool", None),
    "records": ("record set", "lost with it: its records 203.0.113.7", None),
    "the allowed ranges leave a listener": ("load balancer", "lets in anybody instead of 10.0.0.0/8", None),
    "a port's other address": ("instance", "its address on backend changes, 10.0.0.5 → 10.0.0.6", None),
    "a port keeps its address, and says its subnet no more": (
        "instance", "the subnet of its address on backend a → none", "another address",
    ),
    "a subnet gives out no addresses": ("network", "gives out no addresses any more", None),
    "everybody may read a container": ("container", "anybody can read its objects", None),
}  # fmt: skip


@BY_WAY
@pytest.mark.parametrize("case", SAID)
def test_what_goes_or_stops_is_named(tmp_path: Path, way: Way, case: str) -> None:
    before, after, _ = CASES[case]
    kind, said, unsaid = SAID[case]
    words = told(way(tmp_path, before, after), kind)
    assert said in words
    assert unsaid is None or unsaid not in words


LEAVING: Mapping[str, tuple[Json, Json, str]] = {
    "metadata": (merged(WEB, instance("a", "p", metadata={"role": "web"})), WEB, 'metadata["role"]'),
    "tags": (merged(WEB, instance("a", "p", tags=["blue"])), WEB, "tags"),
    "DNS servers": (
        resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24", dns_nameservers=["9.9.9.9"]),
        resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24"),
        "dns_nameservers",
    ),
    "address pairs": (
        merged(WEB, port("p", "web", allowed_address_pairs=[{"ip_address": "10.0.0.9"}])), WEB, "allowed_address_pairs",
    ),
}  # fmt: skip


@BY_WAY
@pytest.mark.parametrize(("before", "after", "said"), LEAVING.values(), ids=LEAVING)
def test_what_leaves_the_configuration_is_named(tmp_path: Path, way: Way, before: Json, after: Json, said: str) -> None:
    stack = way(tmp_path, before, after)
    words = "\n".join(str(sentence) for thing in stack.things for sentence in (thing.headline, *thing.details))
    assert said in words
    assert dangers(stack) == set()


LED_OUT = resource(ROUTER, "r", name="r", external_network_id="n")
POOLED = resource("openstack_networking_floatingip_v2", "f", pool="Ext-Net")
TRUNK_OF_P = resource("openstack_networking_trunk_v2", "t", port_id="p", admin_state_up=True)
HEAT = "openstack_orchestration_stack_v1"
TAKEN, AGAIN = (
    ": nothing is sent of that: the cloud keeps what it has",
    ": nothing is sent of that, and every later plan",
)
UNLIKE: Mapping[str, tuple[Json, Json, str]] = {
    "the addresses of a port are left out": (
        INSIDE, merged(INSIDE, inside([])), f"fixed_ip[0].ip_address of its port on backend 10.0.0.5 → none{TAKEN}",
    ),
    "a router's outside subnets": (
        LED_OUT, merged(LED_OUT, resource(ROUTER, "r", external_subnet_ids=["s"])), TAKEN,
    ),
    "a floating IP's subnet": (
        POOLED, merged(POOLED, resource("openstack_networking_floatingip_v2", "f", subnet_id="s")), TAKEN,
    ),
    "no_gateway is left out": (
        resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24", no_gateway=True),
        resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24"),
        AGAIN,
    ),
    "a volume of another type": (
        merged(DATA, resource(VOLUME, "data", volume_type="classic")),
        merged(DATA, resource(VOLUME, "data", volume_type="fast")),
        "a type on another back end Cinder does not take without moving it",
    ),
    "a trunk's state is left out": (
        TRUNK_OF_P, resource("openstack_networking_trunk_v2", "t", port_id="p"), "left out, it takes the trunk down",
    ),
    "a Heat stack's name": (
        resource(HEAT, "h", name="a", template_opts={}), resource(HEAT, "h", name="b", template_opts={}), AGAIN,
    ),
    "a load balancer's QoS policy": (
        BALANCED,
        merged(BALANCED, resource(BALANCER, "lb", vip_qos_policy_id="q")),
        "the provider writes the policy's id over its description",
    ),
}  # fmt: skip


@BY_WAY
def test_a_gateway_that_comes_takes_no_gateway_away(tmp_path: Path, way: Way) -> None:
    none = resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24", no_gateway=True)
    one = resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24", gateway_ip="10.0.0.1")
    words = "\n".join(str(sentence) for thing in way(tmp_path, none, one).things for sentence in thing.details)
    assert "gateway_ip none → 10.0.0.1" in words
    assert "nothing is sent" not in words


@BY_WAY
@pytest.mark.parametrize(("before", "after", "said"), UNLIKE.values(), ids=UNLIKE)
def test_what_a_plan_says_otherwise_than_it_is_done_is_told(
    tmp_path: Path, way: Way, before: Json, after: Json, said: str
) -> None:
    stack = way(tmp_path, before, after)
    words = "\n".join(str(sentence) for thing in stack.things for sentence in (thing.headline, *thing.details))
    assert said in words
    assert "another address" not in words
    assert dangers(stack) == set()


def server_at(name: str, ip: str) -> Json:
    """A server with a port of its own."""
    return merged(
        instance(name, f"p-{name}"),
        port(f"p-{name}", "web", network=f"{NETWORK}.backend", fixed_ip=[{"ip_address": ip}]),
    )


NET = merged(resource(NETWORK, "backend", name="backend"), group())
HELD: Mapping[str, tuple[Json, Json, list[str]]] = {
    "of one that goes": (
        merged(NET, server_at("old", "10.0.0.5")),
        merged(NET, server_at("new", "10.0.0.5")),
        [
            '10.0.0.5, which new is to have, is still that of old: the apply will fail there; say renamed_from="old" '
            "where it is the same server, or deploy once more, when old is gone"
        ],
    ),
    "of one that gets another": (
        merged(NET, server_at("a", "10.0.0.5"), server_at("b", "10.0.0.6")),
        merged(NET, server_at("a", "10.0.0.6"), server_at("b", "10.0.0.7")),
        [
            "10.0.0.6, which a is to have, is still that of b: the apply may fail there; give b one that nobody has "
            "first, and this one to a in a second deploy"
        ],
    ),
    # Nothing is sent for an address that is left out, and the port keeps it.
    "of one that says it no more": (
        merged(NET, server_at("z", "10.0.0.5")),
        merged(NET, server_at("a", "10.0.0.5"), instance("z", "p-z"), port("p-z", "web", network=f"{NETWORK}.backend")),
        [
            "10.0.0.5, which a is to have, is still that of z: the apply will fail there; give z one that nobody has "
            "first, and this one to a in a second deploy"
        ],
    ),
    "in a network that is made anew": (
        merged(NET, resource(NETWORK, "backend", tenant_id="ours"), server_at("old", "10.0.0.5")),
        merged(NET, resource(NETWORK, "backend", tenant_id="theirs"), server_at("new", "10.0.0.5")),
        [],
    ),
    "of another port of its own": (
        merged(NET, server_at("a", "10.0.0.5")),
        merged(
            NET,
            instance("a", "q"),
            port("q", "web", network=f"{NETWORK}.backend", fixed_ip=[{"ip_address": "10.0.0.5"}]),
        ),
        [
            "10.0.0.5, which a is to have, is still that of another port of a: the apply will fail there; deploy once "
            "more, when another port of a is gone"
        ],
    ),
    "of nobody": (
        merged(NET, server_at("a", "10.0.0.5")),
        merged(NET, server_at("a", "10.0.0.6"), server_at("b", "10.0.0.7")),
        [],
    ),
}


@pytest.mark.parametrize("way", [by_folders, by_plan], ids=["folders", "plan"])
@pytest.mark.parametrize(("before", "after", "said"), HELD.values(), ids=HELD)
def test_an_address_that_another_still_has_is_told(
    tmp_path: Path, way: Way, before: Json, after: Json, said: list[str]
) -> None:
    assert [str(one) for one in way(tmp_path, before, after).notes if "is to have" in str(one)] == said


LOST: Mapping[str, tuple[Json, str]] = {
    "a load balancer": (BALANCED, "lost with it: its address 203.0.113.9"),
    "a container": (
        resource(CONTAINER, "c", name="c"), "all objects in it; unless it is empty the cloud refuses to delete it",
    ),
    "a container that is emptied": (
        resource(CONTAINER, "c", name="c", force_destroy=True), "lost with it: all objects in it",
    ),
    "a zone": (
        resource("openstack_dns_zone_v2", "z", name="example."),
        "lost with it: all its records, also those that were made elsewhere",
    ),
    "a record set": (
        resource(RECORDS, "r", name="www.example.", type="A", records=["192.0.2.1"]),
        "192.0.2.1; whoever asks for them then gets none, also for a while after they are there again",
    ),
    "a share": (
        resource("openstack_sharedfilesystem_share_v2", "s", name="s", share_proto="NFS", size=50),
        "lost with it: its data, 50 GiB",
    ),
    "a volume of unknown size": (resource(VOLUME, "v", size="${var.size}") | {"variable": {"size": {}}}, "its data"),
}  # fmt: skip


@BY_WAY
@pytest.mark.parametrize(("before", "said"), LOST.values(), ids=LOST)
def test_what_is_lost_with_a_thing_is_named(tmp_path: Path, way: Way, before: Json, said: str) -> None:
    stack = way(tmp_path, before, {})
    (thing,) = stack.things
    assert said in str(thing.headline)
    assert "{}" not in str(thing.headline)


@BY_WAY
@pytest.mark.parametrize(("changed", "said"), [({"records": ["192.0.2.2"]}, True), ({"ttl": 60}, False)])
def test_of_other_records_it_is_said_who_keeps_the_former(tmp_path: Path, way: Way, changed: Json, said: bool) -> None:
    before: Json = {"zone_id": "z", "name": "www.example.", "type": "A", "records": ["192.0.2.1"], "ttl": 300}
    (thing,) = way(tmp_path, resource(RECORDS, "r", **before), resource(RECORDS, "r", **before | changed)).things
    keeps = "who asked for the name before keeps the former ones until their ttl ends"
    assert any(str(one).endswith(keeps) for one in thing.details) == said


@BY_WAY
def test_a_volume_that_would_be_smaller_is_said_to_fail(tmp_path: Path, way: Way) -> None:
    stack = way(tmp_path, DATA, merged(DATA, resource(VOLUME, "data", size=50)))
    (thing,) = stack.things
    assert "the cloud makes no volume smaller: the apply will fail" in map(str, thing.details)


@BY_WAY
def test_two_volumes_of_one_name_are_told_apart(tmp_path: Path, way: Way) -> None:
    def on(volume: str) -> Json:
        disk = {"source_type": "volume", "destination_type": "volume", "uuid": attribute(VOLUME, volume)}
        both = merged(resource(VOLUME, "one", name="data", size=1), resource(VOLUME, "two", name="data", size=1))
        return merged(WEB, both, instance("a", "p", block_device=[disk]))

    stack = way(tmp_path, on("one"), on("two"))
    assert dangers(stack) == {("instance", "replace"), ("instance", "detach")}
    assert "volume data (" in told(stack, "instance")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("${var.one}", "${var.other}"),
        ("${var.one}", "0.0.0.0/0"),
        ("10.0.0.0/8", "${var.one}"),
    ],
)
def test_what_nobody_knows_of_a_rule_hides_nothing(tmp_path: Path, before: str, after: str) -> None:
    variables: Json = {"variable": {"one": {}, "other": {}}}
    sides = [merged(WEB, tcp(22, remote_ip_prefix=source), variables) for source in (before, after)]
    # It may have been the world already.
    assert dangers(by_folders(tmp_path, *sides)) == {("security group", f"{OPEN}?")}


def test_what_nobody_knows_and_stays_as_it_is_opens_nothing(tmp_path: Path) -> None:
    unknown = merged(WEB, tcp(22, remote_ip_prefix="${var.one}"), {"variable": {"one": {}}})
    assert dangers(by_folders(tmp_path, unknown, merged(unknown, instance("a", "p", tags=["new"])))) == set()


def secret(value: str) -> Json:
    return {"variable": {"s": {"default": value, "sensitive": True}}}


ONLY_THE_RUN: Mapping[str, tuple[Json, Json, set[tuple[str, str]]]] = {
    "whether a server runs": (WEB, merged(WEB, instance("a", "p", power_state="${var.u}")), {("instance", "stop?")}),
    "whether a router is up": (
        resource(ROUTER, "r", admin_state_up=True),
        resource(ROUTER, "r", admin_state_up="${var.u}"),
        {("router", "stop?")},
    ),
    "a gateway where the cloud chose one": (
        resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24"),
        resource(SUBNET, "s", network_id="n", cidr="10.0.0.0/24", gateway_ip="10.0.0.9"),
        {("subnet", "stop?")},
    ),
    "a range behind another resource": (
        merged(WEB, tcp(22, remote_ip_prefix="${terraform_data.x.output}"), resource("terraform_data", "x", input="a")),
        merged(WEB, tcp(22, remote_ip_prefix="${terraform_data.x.output}"), resource("terraform_data", "x", input="b")),
        {("security group", "open?")},
    ),
    "a secret decides whether a server runs": (
        merged(
            WEB,
            instance("a", "p", power_state="${var.s}"),
            {"variable": {"s": {"default": "active", "sensitive": True}}},
        ),
        merged(
            WEB,
            instance("a", "p", power_state="${var.s}"),
            {"variable": {"s": {"default": "shutoff", "sensitive": True}}},
        ),
        {("instance", "stop?")},
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), ONLY_THE_RUN.values(), ids=ONLY_THE_RUN)
def test_what_only_the_run_tells_may_be(
    tmp_path: Path, before: Json, after: Json, expected: set[tuple[str, str]]
) -> None:
    unset: Json = {"variable": {"u": {}}}
    assert dangers(by_folders(tmp_path, merged(before, unset), merged(after, unset))) == expected


def test_another_cloud_behind_a_variable_is_told(tmp_path: Path) -> None:
    def side(region: str) -> Json:
        variable = {"region": {"default": region, "sensitive": True}}
        return merged(WEB, {"provider": {"openstack": [{"region": "${var.region}"}]}, "variable": variable})

    assert dangers(by_folders(tmp_path, side("a"), side("b"))) == {("provider", "replace?")}


def test_a_server_that_goes_leaves_its_address_with_its_port(tmp_path: Path) -> None:
    stack = by_folders(tmp_path, WEB, merged(port("p", "web"), group()))
    assert "stays with its port" in told(stack, "instance")


def test_a_flavor_that_is_said_by_its_id_may_be_another(tmp_path: Path) -> None:
    after = merged(WEB, instance("a", "p", flavor_name=None, flavor_id="42"))
    after["resource"]["openstack_compute_instance_v2"]["a"].pop("flavor_name")
    assert dangers(by_folders(tmp_path, WEB, after)) == {("instance", "stop?")}


def test_what_is_declared_no_longer_and_stays_opens_nothing(tmp_path: Path) -> None:
    """The provider leaves such an argument as it is, unless the rule is made anew."""
    only_own = tcp(22, remote_ip_prefix=None, remote_group_id=attribute("openstack_networking_secgroup_v2", "web"))
    base = merged(WEB, only_own)
    less = merged(WEB, tcp(22, remote_ip_prefix=None))
    (tmp_path / "stays").mkdir()
    stack = by_folders(tmp_path / "stays", base, less)
    assert dangers(stack) == set()
    assert "says no more of remote_group_id: what is there stays" in str(stack.notes[0])
    anew = by_folders(tmp_path, base, merged(WEB, tcp(443, remote_ip_prefix=None)))
    assert dangers(anew) == {("security group", OPEN)}


def test_what_is_said_to_be_nothing_is_not_said(tmp_path: Path) -> None:
    no_range = merged(WEB, tcp(22))
    no_range["resource"]["openstack_networking_secgroup_rule_v2"]["r"]["remote_ip_prefix"] = None
    assert dangers(by_folders(tmp_path, WEB, no_range)) == {("security group", OPEN)}


def test_look_ups_in_a_circle_end(tmp_path: Path) -> None:
    def side(name: str) -> Json:
        of = f"data.{IMAGE}"
        circle = {"one": f"${{{of}.two.name}}", "two": f"{name}-${{{of}.one.name}}"}
        return merged(
            instance("a", image_id=f"${{{of}.one.id}}"), *(data(IMAGE, key, name=circle[key]) for key in circle)
        )

    assert dangers(by_folders(tmp_path, side("x"), side("y"))) == {("instance", "wipe?")}


def test_another_cloud_is_told_however_its_provider_is_written(tmp_path: Path) -> None:
    sides = [merged(WEB, {"provider": [{"openstack": {"region": region}}]}) for region in "ab"]
    folders = [write(tmp_path / side, {**FRAME, **document}) for side, document in zip("ab", sides, strict=True)]
    (stack,) = reviewer.review(base=folders[0], head=folders[1]).stacks
    assert ("provider", "replace?") in dangers(stack)
