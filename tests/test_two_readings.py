"""One document, one answer: what policies say of it, and what a review says of a change that brings it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc.estate import stack_of
from ivc.estate.model import FloatingIp
from ivc.policies import Facts
from ivc.policies.facts import GROUP, INSTANCE, NETWORK, PORT, RULE
from ivc.terraform.document import Document
from tests.policies.documents import Json, data, group, ids, instance, merged, port, resource, tcp
from tests.review.test_compare import told

ON_THE_INTERNET = merged(instance("a", "p"), port("p", "web"), group())
SSH = tcp(22)
NOTHING = tcp(22, remote_ip_prefix="10.0.0.0/8")


def variable(**default: Any) -> Json:
    return {"variable": {name: {} if value is None else {"default": value} for name, value in default.items()}}


def reviewed(folder: Path, before: Json, after: Json) -> set[str]:
    """What is dangerous in a change."""
    own = folder / str(len([*folder.iterdir()]))
    own.mkdir()
    frame = {"terraform": {"required_providers": {"openstack": {"version": "3.4.0"}}}, "provider": {"openstack": [{}]}}
    return {danger for dangers in told(own, merged(frame, before), merged(frame, after)).values() for danger in dangers}


OPENED = [
    ("plain", SSH),
    ("a range in a variable", merged(tcp(22, remote_ip_prefix="${var.r}"), variable(r="0.0.0.0/0"))),
    ("a range in a local", merged(tcp(22, remote_ip_prefix="${local.r[0]}"), {"locals": {"r": ["0.0.0.0/0"]}})),
    ("ports as text", tcp("22")),
    ("no direction", tcp(22, direction=None)),
    ("a direction in a variable", merged(tcp(22, direction="${var.d}"), variable(d="ingress"))),
    ("a direction that nobody tells", merged(tcp(22, direction="${var.d}"), variable(d=None))),
    ("a protocol by number", tcp(22, protocol="6")),
    ("for each range", tcp(22, for_each=["10.0.0.0/8", "0.0.0.0/0"], remote_ip_prefix="${each.value}")),
    ("for each port", tcp("${each.value}", for_each={"ssh": 22, "web": 80})),
    ("counted", tcp(22, count=1)),
    ("counted by a variable", merged(tcp(22, count="${var.n}"), variable(n=2))),
    ("by halves", merged(tcp(22, remote_ip_prefix="0.0.0.0/1"), tcp(22, name="s", remote_ip_prefix="128.0.0.0/1"))),
    (
        "by a group of addresses",
        merged(
            tcp(22, remote_ip_prefix=None, remote_address_group_id="${openstack_networking_address_group_v2.all.id}"),
            resource("openstack_networking_address_group_v2", "all", addresses=["0.0.0.0/0"]),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("document", [document for _, document in OPENED], ids=[name for name, _ in OPENED])
def test_what_opens_ssh_is_found_by_policies_and_by_reviews(tmp_path: Path, document: Json) -> None:
    assert "IVC101" in ids(merged(ON_THE_INTERNET, document))
    assert "open" in reviewed(tmp_path, merged(ON_THE_INTERNET, NOTHING), merged(ON_THE_INTERNET, document))


CLOSED = [
    ("a private range", NOTHING),
    ("egress", tcp(22, direction="egress")),
    ("egress by a variable", merged(tcp(22, direction="${var.d}"), variable(d="egress"))),
    ("from a group", tcp(22, remote_ip_prefix=None, remote_group_id=f"${{{GROUP}.web.id}}")),
    ("for each of none", tcp(22, for_each=[])),
    ("none counted", tcp(22, count=0)),
    (
        "a group of one address",
        merged(
            tcp(22, remote_ip_prefix=None, remote_address_group_id="${openstack_networking_address_group_v2.one.id}"),
            resource("openstack_networking_address_group_v2", "one", addresses=["203.0.113.7/32"]),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("document", [document for _, document in CLOSED], ids=[name for name, _ in CLOSED])
def test_what_does_not_is_found_by_neither(tmp_path: Path, document: Json) -> None:
    assert "IVC101" not in ids(merged(ON_THE_INTERNET, document))
    assert "open" not in reviewed(tmp_path, ON_THE_INTERNET, merged(ON_THE_INTERNET, document))


OFF: dict[str, tuple[Any, Json]] = {
    "false": (False, {}),
    "a text": ("false", {}),
    "a variable": ("${var.off}", variable(off=False)),
    "a local": ("${local.off}", {"locals": {"off": "${!true}"}}),
    "what nobody tells": ("${var.off}", variable(off=None)),
}


@pytest.mark.parametrize(("said", "more"), OFF.values(), ids=OFF)
def test_without_port_security_nothing_filters(tmp_path: Path, said: object, more: Json) -> None:
    before = merged(instance("a", "p"), port("p", "web"), NOTHING)
    after = merged(instance("a", "p"), port("p", "web", port_security_enabled=said), NOTHING, more)
    assert "IVC140" in ids(after)
    assert "IVC140" not in ids(before)
    assert "open" in reviewed(tmp_path, before, after)


@pytest.mark.parametrize(
    ("said", "deleted"),
    [(True, True), ("true", True), ("${var.d}", True), (False, False), ("false", False), (None, False)],
)
def test_a_volume_that_goes_with_its_server(tmp_path: Path, said: object, deleted: bool) -> None:
    volume = {"source_type": "volume", "destination_type": "volume", "uuid": "an-id", "delete_on_termination": said}
    document = merged(instance("a", "p", block_device=[volume]), port("p", "web"), NOTHING)
    assert ("IVC203" in ids(document)) is deleted
    (server,) = stack_of(Document.of("s", document)).instances
    assert server.volumes[0].deleted is deleted
    assert (
        "destroy" in reviewed(tmp_path, document, merged(document, instance("a", "p", key_pair="other")))
    ) is deleted


FLOATING = {
    "on the port": resource("openstack_networking_floatingip_v2", "f", pool="Ext-Net", port_id=f"${{{PORT}.p.id}}"),
    "associated": resource("openstack_networking_floatingip_associate_v2", "f", port_id=f"${{{PORT}.p.id}}"),
    "with the server": resource("openstack_compute_floatingip_associate_v2", "f", instance_id=f"${{{INSTANCE}.a.id}}"),
    "with its address": resource(
        "openstack_compute_floatingip_associate_v2", "f", instance_id=f"${{{INSTANCE}.a.id}}", fixed_ip="10.0.0.5"
    ),
}


@pytest.mark.parametrize("floating", FLOATING.values(), ids=FLOATING)
def test_a_floating_ip_leads_to_its_port(tmp_path: Path, floating: Json) -> None:
    network = resource(NETWORK, "backend", name="backend")
    inside = port("p", "web", network=f"{NETWORK}.backend", fixed_ip=[{"ip_address": "10.0.0.5"}])
    before = merged(instance("a", "p"), inside, network, SSH)
    after = merged(before, floating)
    for document, public in ((before, False), (after, True)):
        facts = Facts(document=Document.of("s", document))
        assert facts.is_public(facts.elements[f"{PORT}.p"]) is public
    assert "open" in reviewed(tmp_path, before, after)


def test_an_old_group_of_novas_that_opens_is_found_by_both(tmp_path: Path) -> None:
    def old(cidr: str) -> Json:
        rule = {"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "cidr": cidr}
        made = resource("openstack_compute_secgroup_v2", "old", name="old", description="Old", rule=[rule])
        nic = {"network": [{"uuid": f"${{data.{NETWORK}.Ext-Net.id}}"}]}
        return merged(
            made, port("p"), instance("a", **nic, security_groups=["${openstack_compute_secgroup_v2.old.name}"])
        )

    assert "IVC101" in ids(old("0.0.0.0/0"))
    assert "IVC101" not in ids(old("10.0.0.0/8"))
    assert "open" in reviewed(tmp_path, old("10.0.0.0/8"), old("0.0.0.0/0"))


def test_a_group_that_another_resource_adds_to_a_port_is_known_to_both(tmp_path: Path) -> None:
    bare = merged(instance("a", "p"), port("p", no_security_groups=True), NOTHING)
    groups = [f"${{{GROUP}.web.id}}"]
    added = resource(
        "openstack_networking_port_secgroup_associate_v2", "g", port_id=f"${{{PORT}.p.id}}", security_group_ids=groups
    )
    assert "IVC142" in ids(bare)
    assert "IVC142" not in ids(merged(bare, added))
    assert "open" in reviewed(tmp_path, merged(bare, added), merged(bare, added, SSH))


def test_a_network_that_is_looked_up_as_external_is_public_to_both(tmp_path: Path) -> None:
    def looked_up(external: object) -> Json:
        outside = port("p", "web", public=False, network=f"data.{NETWORK}.out")
        return merged(instance("a", "p"), outside, data(NETWORK, "out", name="out", external=external), NOTHING)

    for external, public in ((True, True), ("true", True), (False, False)):
        facts = Facts(document=Document.of("s", looked_up(external)))
        assert facts.is_public(facts.elements[f"{PORT}.p"]) is public
    assert "open" in reviewed(tmp_path, looked_up(True), merged(looked_up(True), SSH))


def test_two_networks_of_which_one_is_called_public_are_told_apart_by_both() -> None:
    document = merged(
        instance("a", "p", "q", config_drive=True),
        port("p", public=True, no_security_groups=True),
        port("q", network=f"data.{NETWORK}.other", no_security_groups=True),
        data(NETWORK, "other", name="other", tenant_id="mine"),
    )
    facts = Facts(document=Document.of("s", document))
    assert [facts.is_public(facts.elements[f"{PORT}.{name}"]) for name in "pq"] == [True, False]
    assert "IVC142" in ids(document)
    (server,) = facts.estate.instances
    assert [nic.network.public for nic in server.nics] == [True, None]


def test_a_rule_for_each_of_several_groups_is_a_rule_of_each() -> None:
    groups = resource(GROUP, "g", for_each={"a": "1", "b": "2"}, name="${each.key}", description="Some")
    rules = resource(
        RULE, "r", for_each={"a": 22, "b": 80}, direction="ingress", ethertype="IPv4", protocol="tcp",
        port_range_min="${each.value}", port_range_max="${each.value}", remote_ip_prefix="0.0.0.0/0",
        security_group_id=f"${{{GROUP}.g[each.key].id}}",
    )  # fmt: skip
    stack = stack_of(Document.of("s", merged(groups, rules)))
    assert {group.name: [rule.ports for rule in group.rules] for group in stack.groups} == {
        "a": [(22, 22)],
        "b": [(80, 80)],
    }


def test_dynamic_and_static_blocks_stand_beside_each_other() -> None:
    document = resource(
        PORT, "p", name="p", network_id="n", fixed_ip=[{"ip_address": "10.0.0.1"}],
        dynamic={"fixed_ip": {"for_each": ["10.0.0.2", "10.0.0.3"], "content": {"ip_address": "${fixed_ip.value}"}}},
    )  # fmt: skip
    (nic,) = stack_of(Document.of("s", document)).ports
    assert nic.ips == ("10.0.0.1", "10.0.0.2", "10.0.0.3")


def test_a_rule_of_a_group_that_nobody_tells_may_be_any_groups(tmp_path: Path) -> None:
    stray = merged(SSH, variable(g=None))
    stray["resource"][RULE]["r"]["security_group_id"] = "${var.g}"
    assert "IVC101" in ids(merged(ON_THE_INTERNET, stray))
    assert "open" in reviewed(tmp_path, ON_THE_INTERNET, merged(ON_THE_INTERNET, stray))


def test_a_listener_that_lets_the_world_in_opens(tmp_path: Path) -> None:
    def listening(*allowed: str, **more: Any) -> Json:
        given = {"protocol": "HTTP", "protocol_port": 80, "loadbalancer_id": "${openstack_lb_loadbalancer_v2.lb.id}"}
        return merged(
            data(NETWORK, "out", name="out", external=True),
            resource("openstack_lb_loadbalancer_v2", "lb", name="lb", vip_network_id=f"${{data.{NETWORK}.out.id}}"),
            resource("openstack_lb_listener_v2", "http", **given, allowed_cidrs=list(allowed), **more),
        )

    office, world = listening("203.0.113.0/24"), listening("203.0.113.0/24", "0.0.0.0/0")
    assert reviewed(tmp_path, office, world) == {"open"}
    assert reviewed(tmp_path, world, office) == set()
    assert reviewed(tmp_path, office, listening()) == {"open"}


def test_a_floating_ip_for_an_address_leads_to_the_port_that_has_it() -> None:
    document = merged(
        resource(NETWORK, "backend", name="backend"),
        instance("a", "p", "q"),
        port("p", "web", network=f"{NETWORK}.backend", fixed_ip=[{"ip_address": "10.0.0.4"}]),
        port("q", "web", network=f"{NETWORK}.backend", fixed_ip=[{"ip_address": "10.0.0.5"}]),
        FLOATING["with its address"],
    )
    (floating,) = stack_of(Document.of("s", document)).floating_ips
    assert floating.port == f"{PORT}.q"


@pytest.mark.parametrize("kind", ["resource", "data"])
@pytest.mark.parametrize("said", ["by its text", "by what has it"])
def test_a_floating_ip_and_what_leads_it_to_a_port_are_one(kind: str, said: str) -> None:
    address = "data." * (kind == "data") + "openstack_networking_floatingip_v2.f"
    text = "203.0.113.7" if said == "by its text" else f"${{{address}.address}}"
    document = merged(
        port("p", "web"),
        {kind: {"openstack_networking_floatingip_v2": {"f": {"address": "203.0.113.7", "pool": "Ext-Net"}}}},
        resource("openstack_networking_floatingip_associate_v2", "f", floating_ip=text, port_id=f"${{{PORT}.p.id}}"),
    )
    assert stack_of(Document.of("s", document)).floating_ips == (
        FloatingIp(
            address, "203.0.113.7", "Ext-Net", f"{PORT}.p", association="openstack_networking_floatingip_associate_v2.f"
        ),
    )


def test_a_floating_ip_leads_to_a_server_whose_port_nova_makes(tmp_path: Path) -> None:
    inside = {"network": [{"uuid": f"${{{NETWORK}.backend.id}}"}], "security_groups": ["web"]}
    before = merged(resource(NETWORK, "backend", name="backend"), instance("a", **inside), SSH)
    assert "open" in reviewed(tmp_path, before, merged(before, FLOATING["with the server"]))


@pytest.mark.parametrize(
    ("protocol", "said", "ports"),
    [
        ("icmp", (-1, -1), (0, 65535)),
        ("icmp", (8, -1), (8 * 256, 8 * 256 + 255)),
        ("icmp", (3, 4), (3 * 256 + 4, 3 * 256 + 4)),
        ("icmp", (0, 0), (0, 0)),
        ("tcp", (22, 80), (22, 80)),
        ("tcp", (0, 0), (0, 65535)),
    ],
)
def test_the_ports_of_an_old_rule(protocol: str, said: tuple[int, int], ports: tuple[int, int]) -> None:
    rule = {"from_port": said[0], "to_port": said[1], "ip_protocol": protocol, "cidr": "0.0.0.0/0"}
    document = resource("openstack_compute_secgroup_v2", "old", name="old", description="Old", rule=[rule])
    (group_,) = stack_of(Document.of("s", document)).groups
    assert [one.ports for one in group_.rules] == [ports]
