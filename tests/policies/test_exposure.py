"""Who reaches what: each policy finds its case, and leaves the near miss alone."""

from __future__ import annotations

import pytest

from ivc.policies.services import SERVICES, ServiceFromAnywhere
from tests.policies.documents import Json, group, ids, instance, merged, port, resource, rule, said, tcp

OFFICE = "203.0.113.0/24"
ADDRESSES = "openstack_networking_address_group_v2"


def grave(*documents: Json) -> list[str]:
    return ids(*documents, at_least="warning")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_each_port_of_each_service_is_found_from_anywhere_and_from_nowhere_else(service: ServiceFromAnywhere) -> None:
    assert any(service.ports.values())
    for protocol, ports in service.ports.items():
        for number in ports:
            found = ids(tcp(number, protocol=protocol))
            assert [each for each in found if each != "IVC134"] == [service.id]
            assert service.id not in ids(tcp(number, protocol=protocol, remote_ip_prefix=OFFICE))


def test_the_sentence_says_what_is_reached_and_what_to_do() -> None:
    assert said("IVC101", tcp(22)) == [
        "security group web: the world reaches SSH (tcp 22): let only those in that use it, a group or Cidr(...)"
    ]
    assert said("IVC101", tcp(20, 30)) == [
        "security group web: the world reaches SSH (tcp 22 by tcp 20-30): let only those in that use it, "
        "a group or Cidr(...)"
    ]
    assert "from 0.0.0.0/1, as good as anywhere" in said("IVC101", tcp(22, remote_ip_prefix="0.0.0.0/1"))[0]


@pytest.mark.parametrize(
    "documents",
    [
        [tcp(22, protocol="6")],
        [tcp(22, protocol="TCP")],
        [tcp(22, protocol=None)],
        [rule(protocol="", port_range_min=22, port_range_max=22, remote_ip_prefix="0.0.0.0/0")],
        [tcp(22, ethertype="IPv6", remote_ip_prefix="::/0")],
        [tcp(22, ethertype="IPv6", remote_ip_prefix="2000::/3")],
        [tcp(22, remote_ip_prefix="198.51.100.7/0")],
        [tcp(0, 22)],
        [tcp(1, 8000)],
        [tcp(22, remote_ip_prefix="0.0.0.0/1"), tcp(22, name="s", remote_ip_prefix="128.0.0.0/1")],
        [tcp(1, 30, remote_ip_prefix="0.0.0.0/1"), tcp(20, 90, name="s", remote_ip_prefix="128.0.0.0/1")],
        [tcp(22, remote_ip_prefix="${var.admins}"), {"variable": {"admins": {"default": "0.0.0.0/0"}}}],
        [tcp(22, remote_ip_prefix="${local.a}"), {"locals": {"a": "${var.b}"}, "variable": {"b": {"default": "::/0"}}}],
        [tcp(22, remote_ip_prefix='${join("/", ["0.0.0.0", "0"])}')],
        [tcp(22, remote_ip_prefix="${each.value}", for_each='${toset(["10.0.0.0/8", "0.0.0.0/0"])}')],
        [tcp(22, remote_ip_prefix="${each.value}", for_each={"all": "0.0.0.0/0"})],
        [tcp("${each.value}", for_each=["80", "22"])],
        [
            rule(port_range_min=22, port_range_max=22, remote_address_group_id=f"${{{ADDRESSES}.a.id}}"),
            resource(ADDRESSES, "a", addresses=["10.0.0.0/8", "0.0.0.0/0"]),
        ],
        [
            resource(
                "openstack_compute_secgroup_v2",
                "old",
                description="Of old",
                rule=[{"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "cidr": "0.0.0.0/0"}],
            )
        ],
    ],
)  # fmt: skip
def test_ssh_from_anywhere_is_found_however_it_is_said(documents: list[Json]) -> None:
    assert "IVC101" in ids(*documents)


@pytest.mark.parametrize(
    "documents",
    [
        [tcp(23, 30, protocol="udp")],
        [tcp(22, protocol="udp")],
        [tcp(22, direction="egress")],
        [tcp(22, remote_ip_prefix=None, remote_group_id="${openstack_networking_secgroup_v2.web.id}")],
        [tcp(22, remote_ip_prefix="10.0.0.0/8")],
        [tcp(22, remote_ip_prefix="fc00::/7", ethertype="IPv6")],
        [tcp(22, remote_ip_prefix="203.0.113.7/32")],
        [tcp(22, remote_ip_prefix="8.0.0.0/8"), tcp(22, name="s", remote_ip_prefix="9.0.0.0/8", of="db")],
        [tcp(80), tcp(443, name="s")],
        [rule(protocol="icmp", remote_ip_prefix="0.0.0.0/0")],
        [
            resource(
                "openstack_compute_secgroup_v2",
                "old",
                description="Of old",
                rule=[{"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "self": True}],
            )
        ],
    ],
)
def test_what_is_only_near_it_is_not(documents: list[Json]) -> None:
    assert grave(*documents) == []


def test_groups_that_only_together_let_the_world_in_are_found() -> None:
    halves = [
        tcp(22, name=of, of=of, remote_ip_prefix=half) for of, half in (("low", "8.0.0.0/8"), ("high", "9.0.0.0/8"))
    ]
    worn = merged(*halves, port("p", "low", "high", no_security_groups=None), instance("www", "p"))
    assert grave(*halves) == []
    assert said("IVC101", worn) == [
        "security group high: the world reaches SSH (tcp 22) from 8.0.0.0/8 and 9.0.0.0/8, as good as anywhere, "
        "together with security group low on one port: let only those in that use it, a group or Cidr(...)"
    ]


def test_what_one_group_lets_in_alone_is_not_found_again_for_all_of_a_port() -> None:
    groups = [tcp(22, name="low", of="low"), tcp(80, name="high", of="high", remote_ip_prefix=OFFICE)]
    worn = merged(*groups, port("p", "low", "high"), instance("www", "p"))
    assert len(said("IVC101", worn)) == 1


@pytest.mark.parametrize(
    "document",
    [
        rule(protocol=None, remote_ip_prefix="0.0.0.0/0"),
        rule(remote_ip_prefix="0.0.0.0/0"),
        rule(protocol="udp", remote_ip_prefix="0.0.0.0/0"),
        rule(protocol="any", remote_ip_prefix="::/0"),
        tcp(1, 65535),
        tcp(1024, 65535),
        merged(tcp(1, 30000), tcp(30001, 65535, name="s")),
        merged(rule(remote_ip_prefix="0.0.0.0/1"), rule("s", remote_ip_prefix="128.0.0.0/1")),
    ],
)
def test_every_port_is_one_finding_and_not_one_for_each_service(document: Json) -> None:
    assert ids(document, at_least="error") == ["IVC130"]


def test_many_ports_that_somebody_may_have_meant_are_not_every_port() -> None:
    assert grave(tcp(49152, 65535)) == []


@pytest.mark.parametrize("prefix", ["0.0.0.0/1", "64.0.0.0/7", "10.0.0.0/1", "8000::/1", "2000::/3"])
def test_a_range_as_good_as_anywhere(prefix: str) -> None:
    assert grave(tcp(443, remote_ip_prefix=prefix)) == ["IVC131"]


def test_ranges_that_are_the_world_together() -> None:
    quarters = [tcp(443, name=f"r{q}", remote_ip_prefix=f"{q * 64}.0.0.0/2") for q in range(4)]
    assert grave(*quarters) == ["IVC131"]
    eighths = [tcp(443, name=f"r{q}", remote_ip_prefix=f"{q}.0.0.0/8") for q in range(20, 22)]
    assert grave(*eighths) == ["IVC131"]
    assert grave(eighths[0]) == []


def test_anywhere_that_is_said_is_no_odd_range() -> None:
    for prefix in ("0.0.0.0/0", "::/0", "0::/0", "0000:0000:0000:0000:0000:0000:0000:0000/0"):
        assert "IVC131" not in ids(tcp(443, remote_ip_prefix=prefix))
    assert "IVC131" in ids(tcp(443, remote_ip_prefix="198.51.100.7/0"))
    assert "IVC131" not in ids(tcp(443, remote_ip_prefix=None))


def test_no_remote_is_found_where_nobody_said_anywhere() -> None:
    document = tcp(443, remote_ip_prefix=None)
    assert grave(document) == ["IVC132"]
    assert "IVC132" in grave(tcp(443, remote_ip_prefix=""))
    assert said("IVC132", document) == [
        "security group web: openstack_networking_secgroup_rule_v2.r lets tcp 443 in from any source, since it names "
        "no remote: write remote_ip_prefix, or remote_group_id"
    ]


def test_ports_0_to_0() -> None:
    assert grave(tcp(0, 0, remote_ip_prefix=OFFICE)) == ["IVC133"]
    assert ids(tcp(0, 0), at_least="error") == ["IVC130"]
    assert said("IVC133", tcp(0, 0, remote_ip_prefix=OFFICE)) == [
        "security group web: openstack_networking_secgroup_rule_v2.r names the ports 0 to 0, which are every port of "
        "tcp: name them, or leave both out"
    ]
    assert said("IVC133", rule(protocol="icmp", port_range_min=0, port_range_max=0, remote_ip_prefix=OFFICE)) == [
        "security group web: openstack_networking_secgroup_rule_v2.r names the type and code 0 to 0, which are icmp of "
        "every type: name them, or leave both out"
    ]
    assert grave(rule(protocol="icmp", port_range_min=8, port_range_max=0, remote_ip_prefix=OFFICE)) == []
    assert grave(rule(remote_ip_prefix=OFFICE)) == []


def test_what_the_world_reaches_is_told_without_blame() -> None:
    assert grave(tcp(443)) == []
    assert said("IVC134", tcp(443), rule("ping", protocol="ipv6-icmp", remote_ip_prefix="::/0")) == [
        "security group web: the world reaches tcp 443 and icmp"
    ]
    assert said("IVC134", tcp(443, remote_ip_prefix=OFFICE)) == []


def test_a_public_range_is_told_and_a_private_one_or_a_single_address_is_not() -> None:
    assert said("IVC135", tcp(22, remote_ip_prefix="8.8.8.0/24")) == [
        "security group web: tcp 22 comes in from 8.8.8.0/24"
    ]
    for prefix in ("8.8.8.8/32", "10.0.0.0/8", "0.0.0.0/0"):
        assert said("IVC135", tcp(22, remote_ip_prefix=prefix)) == []


@pytest.mark.parametrize("kind", ["openstack_fw_rule_v1", "openstack_fw_rule_v2"])
def test_firewall_rules(kind: str) -> None:
    ends = {"source_ip_address": "10.0.0.0/8", "destination_ip_address": "10.0.0.5"}
    assert grave(resource(kind, "f", action="allow", **ends)) == []
    assert grave(resource(kind, "f", action="deny")) == []
    assert grave(resource(kind, "f", action="allow", enabled=False)) == []
    assert said("IVC136", resource(kind, "f", action="allow", protocol="tcp")) == [
        f"{kind} f: it allows tcp from anywhere and to anywhere: name source_ip_address and destination_ip_address"
    ]
    assert grave(resource(kind, "f", action="allow", **ends | {"source_ip_address": "0.0.0.0/0"})) == ["IVC136"]


def test_a_remote_that_only_terraform_knows_is_told() -> None:
    unknown = tcp(22, remote_ip_prefix="${var.office}")
    assert grave(unknown) == []
    assert "IVC137" in ids(unknown)
    assert "IVC137" not in ids(unknown, {"variable": {"office": {"default": OFFICE}}})


def test_a_rule_of_a_group_that_the_stack_does_not_know_is_found_as_itself() -> None:
    document = tcp(22)
    document["resource"]["openstack_networking_secgroup_rule_v2"]["r"]["security_group_id"] = "an-id"
    assert said("IVC101", document)[0].startswith("security group rule r: the world reaches SSH")


def test_a_group_without_rules_is_fine() -> None:
    assert ids(group()) == []
