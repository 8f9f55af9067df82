"""Security groups: exactly the declared rules, in both address families."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc import AnyTraffic, Cidr, DeclarationError, Icmp, OpenStackStack, PortRange, Protocol, SecurityGroup, Tcp, Udp
from ivc.declare.traffic import WELL_KNOWN_PORTS, Traffic
from ivc.estate.protocols import NAMES
from tests.helpers import GROUP, RULE, Json, data_sources, resources, synth

GROUP_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


def closed(stack: OpenStackStack, name: str = "web") -> SecurityGroup:
    return SecurityGroup(stack, name, egress="closed")


def rules(stack: OpenStackStack) -> list[Json]:
    return list(resources(synth(stack), RULE).values())


def rule_addresses(stack: OpenStackStack) -> list[str]:
    return list(resources(synth(stack), RULE))


def entering(stack: OpenStackStack) -> list[Json]:
    return [rule for rule in rules(stack) if rule["direction"] == "ingress"]


def test_a_group_loses_neutrons_rules_and_says_its_own_egress(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web", description="Web servers")
    synthesized = synth(shop)
    assert resources(synthesized, GROUP) == {
        "web": {"name": "web", "description": "Web servers [ivc:shop/web]", "delete_default_rules": True}
    }
    assert resources(synthesized, RULE) == {
        f"web_egress_any_anywhere_{family.lower()}": {
            "direction": "egress",
            "ethertype": family,
            "security_group_id": f"${{{GROUP}.web.id}}",
        }
        for family in ("IPv4", "IPv6")
    }


def test_a_closed_group_has_no_rule_at_all(shop: OpenStackStack) -> None:
    closed(shop)
    synthesized = synth(shop)
    assert resources(synthesized, RULE) == {}
    assert resources(synthesized, GROUP)["web"]["delete_default_rules"] is True


def test_a_closed_group_reaches_what_is_listed(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    web.allow_to(db, Tcp(3306))
    web.allow_to(Cidr("198.51.100.7/32"), Udp("ntp"))
    web.allow_to_anywhere(Tcp("https"))
    assert list(resources(synth(shop), RULE)) == [
        "web_egress_tcp-3306_group-db_ipv4",
        "web_egress_tcp-3306_group-db_ipv6",
        "web_egress_tcp-443_anywhere_ipv4",
        "web_egress_tcp-443_anywhere_ipv6",
        "web_egress_udp-123_198-51-100-7-32_ipv4",
    ]


def test_a_group_is_let_in_in_both_families(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    db.allow_from(web, Tcp(3306))
    assert entering(shop) == [
        {
            "direction": "ingress",
            "ethertype": family,
            "protocol": "tcp",
            "port_range_min": 3306,
            "port_range_max": 3306,
            "remote_group_id": f"${{{GROUP}.web.id}}",
            "security_group_id": f"${{{GROUP}.db.id}}",
        }
        for family in ("IPv4", "IPv6")
    ]


def test_a_group_may_let_itself_in(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from(web, AnyTraffic())
    assert [(rule["remote_group_id"], rule["security_group_id"]) for rule in entering(shop)] == [
        (f"${{{GROUP}.web.id}}", f"${{{GROUP}.web.id}}")
    ] * 2


@pytest.mark.parametrize(
    ("cidr", "family", "address"),
    [
        ("203.0.113.0/24", "IPv4", "web_ingress_tcp-22_203-0-113-0-24_ipv4"),
        ("2001:DB8::/32", "IPv6", "web_ingress_tcp-22_2001-db8---32_ipv6"),
    ],
)
def test_a_range_is_let_in_in_its_own_family(shop: OpenStackStack, cidr: str, family: str, address: str) -> None:
    closed(shop).allow_from(Cidr(cidr), Tcp(22))
    [(name, rule)] = resources(synth(shop), RULE).items()
    assert name == address
    assert (rule["ethertype"], rule["remote_ip_prefix"]) == (family, cidr.lower())


def test_anywhere_is_a_rule_without_a_peer(shop: OpenStackStack) -> None:
    closed(shop).allow_from_anywhere(Tcp(80))
    found = rules(shop)
    assert found
    for rule in found:
        assert "remote_ip_prefix" not in rule
        assert "remote_group_id" not in rule


@pytest.mark.parametrize(
    ("traffic", "said"),
    [
        (Tcp(22), {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}),
        (Tcp("ssh"), {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}),
        (Udp(PortRange(60000, 61000)), {"protocol": "udp", "port_range_min": 60000, "port_range_max": 61000}),
        (Tcp.all(), {"protocol": "tcp"}),
        (Udp.all(), {"protocol": "udp"}),
        (Icmp(), {"protocol": "icmp"}),
        (Icmp("echo-request"), {"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}),
        (Icmp(8), {"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}),
        (Icmp("Time-Exceeded"), {"protocol": "icmp", "port_range_min": 11, "port_range_max": 0}),
        (Icmp(40), {"protocol": "icmp", "port_range_min": 40, "port_range_max": 0}),
        (
            Icmp("destination-unreachable", code="fragmentation-needed"),
            {"protocol": "icmp", "port_range_min": 3, "port_range_max": 4},
        ),
        (Icmp("destination-unreachable", code=13), {"protocol": "icmp", "port_range_min": 3, "port_range_max": 13}),
        (Protocol("vrrp"), {"protocol": "vrrp"}),
        (Protocol(112), {"protocol": "vrrp"}),
        (Protocol("ESP"), {"protocol": "esp"}),
        (Protocol(47), {"protocol": "gre"}),
        (Protocol(115), {"protocol": "115"}),
        (Protocol("sctp", 3868), {"protocol": "sctp", "port_range_min": 3868, "port_range_max": 3868}),
        (Protocol(136, PortRange(1, 9)), {"protocol": "udplite", "port_range_min": 1, "port_range_max": 9}),
        (AnyTraffic(), {}),
    ],
)
def test_traffic_is_said_as_neutron_wants_it(shop: OpenStackStack, traffic: Traffic, said: Json) -> None:
    closed(shop).allow_from(Cidr("10.0.0.0/8"), traffic)
    [rule] = rules(shop)
    assert rule == {
        "direction": "ingress",
        "ethertype": "IPv4",
        "remote_ip_prefix": "10.0.0.0/8",
        "security_group_id": f"${{{GROUP}.web.id}}",
        **said,
    }


def test_icmp_has_another_name_in_ipv6(shop: OpenStackStack) -> None:
    closed(shop).allow_from_anywhere(Icmp())
    assert {rule["ethertype"]: rule["protocol"] for rule in rules(shop)} == {"IPv4": "icmp", "IPv6": "ipv6-icmp"}


def test_a_type_of_icmp_has_another_number_in_ipv6(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from_anywhere(Icmp("echo-request"), Icmp("destination-unreachable", code="port-unreachable"))
    found = {
        address: (rule["port_range_min"], rule["port_range_max"])
        for address, rule in resources(synth(shop), RULE).items()
    }
    assert found == {
        "web_ingress_icmp-destination-unreachable-code-3_anywhere_ipv4": (3, 3),
        "web_ingress_icmp-destination-unreachable-code-4_anywhere_ipv6": (1, 4),
        "web_ingress_icmp-echo-request_anywhere_ipv4": (8, 0),
        "web_ingress_icmp-echo-request_anywhere_ipv6": (128, 0),
    }


def test_what_one_family_alone_has_is_a_rule_of_that_one(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from_anywhere(Icmp("packet-too-big"), Icmp(8), Icmp(128), Icmp("timestamp-request"))
    web.allow_from_anywhere(Icmp("destination-unreachable", code="fragmentation-needed"), Protocol("ipv6-frag"))
    assert rule_addresses(shop) == [
        "web_ingress_icmp-destination-unreachable-code-4_anywhere_ipv4",
        "web_ingress_icmp-echo-request_anywhere_ipv4",
        "web_ingress_icmp-echo-request_anywhere_ipv6",
        "web_ingress_icmp-packet-too-big_anywhere_ipv6",
        "web_ingress_icmp-timestamp-request_anywhere_ipv4",
        "web_ingress_ipv6-frag_anywhere_ipv6",
    ]


def test_a_protocol_is_one_rule_by_name_and_by_number(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from(web, Protocol("vrrp"), Protocol(112), Protocol("VRRP"), Protocol(115))
    assert [address for address in rule_addresses(shop) if "ingress" in address] == [
        "web_ingress_protocol-115_group-web_ipv4",
        "web_ingress_protocol-115_group-web_ipv6",
        "web_ingress_vrrp_group-web_ipv4",
        "web_ingress_vrrp_group-web_ipv6",
    ]


@given(st.integers(0, 255))
def test_every_number_is_a_protocol_as_neutron_has_it_or_said_otherwise(number: int) -> None:
    """Neutron gives back what was said, and takes a name and its number for one rule: only one of them may be said."""
    try:
        (flow,) = Protocol(number).flows("IPv6")
    except DeclarationError:
        assert number in (0, 1, 6, 17, 58)
    else:
        assert flow.protocol == NAMES.get(number, str(number))
        assert flow.words == NAMES.get(number, f"protocol-{number}")


def test_what_is_said_twice_is_one_rule(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from_anywhere(Tcp(80, "http", PortRange(80, 80)))
    web.allow_from_anywhere(Tcp("http"))
    web.allow_from(Cidr("10.0.0.0/8"), Tcp(80))
    web.allow_from(Cidr("10.0.0.0/255.0.0.0"), Tcp(80))
    assert list(resources(synth(shop), RULE)) == [
        "web_ingress_tcp-80_10-0-0-0-8_ipv4",
        "web_ingress_tcp-80_anywhere_ipv4",
        "web_ingress_tcp-80_anywhere_ipv6",
    ]


def test_ranges_that_read_alike_stay_two_rules(shop: OpenStackStack) -> None:
    web = closed(shop)
    ranges = ["1:2::/32", "1::2:0/112", "1:2::/33", "10.0.0.0/8", "10.0.0.0/9"]
    for text in ranges:
        web.allow_from(Cidr(text), Tcp(1))
    assert sorted(rule["remote_ip_prefix"] for rule in rules(shop)) == sorted(ranges)


def test_ports_that_read_alike_stay_two_rules(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from_anywhere(Tcp(1, 11, PortRange(1, 11), PortRange(1, 1111), PortRange(11, 11)))
    assert sorted((rule["port_range_min"], rule["port_range_max"]) for rule in rules(shop)) == [
        (1, 1), (1, 1), (1, 11), (1, 11), (1, 1111), (1, 1111), (11, 11), (11, 11),
    ]  # fmt: skip


def test_a_rule_holds_no_generated_description(shop: OpenStackStack) -> None:
    closed(shop).allow_from_anywhere(Tcp(80))
    assert all("description" not in rule for rule in rules(shop))


def test_a_group_is_looked_up_by_name_or_id_and_left_as_it_is(shop: OpenStackStack) -> None:
    office = SecurityGroup.lookup(shop, "office net")
    SecurityGroup.lookup(shop, id=GROUP_ID)
    closed(shop).allow_from(office, Tcp(22))
    synthesized = synth(shop)
    assert list(resources(synthesized, GROUP)) == ["web"]
    found = data_sources(synthesized, GROUP)
    slug = next(name for name, said in found.items() if "name" in said)
    assert found == {slug: {"name": "office net"}, f"id_{GROUP_ID}": {"secgroup_id": GROUP_ID}}
    assert list(resources(synthesized, RULE)) == [
        f"web_ingress_tcp-22_existing-group-{slug}_ipv4",
        f"web_ingress_tcp-22_existing-group-{slug}_ipv6",
    ]


def test_a_looked_up_group_and_one_that_is_made_may_share_a_name(shop: OpenStackStack) -> None:
    made, found = closed(shop, "office"), SecurityGroup.lookup(shop, "office")
    web = closed(shop)
    web.allow_from(made, Tcp(22))
    web.allow_from(found, Tcp(22))
    peers = {rule["remote_group_id"] for rule in entering(shop)}
    assert peers == {f"${{{GROUP}.office.id}}", f"${{data.{GROUP}.office.id}}"}


def test_groups_may_refer_to_each_other(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    web.allow_from(db, Icmp())
    db.allow_from(web, Icmp())
    assert len(entering(shop)) == 4


def test_a_closed_group_made_here_is_let_out_to_where_it_is_let_in(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    db.allow_from(web, Tcp(3306))
    assert rule_addresses(shop) == [
        "db_ingress_tcp-3306_group-web_ipv4",
        "db_ingress_tcp-3306_group-web_ipv6",
        "web_egress_tcp-3306_group-db_ipv4",
        "web_egress_tcp-3306_group-db_ipv6",
    ]
    assert resources(synth(shop), RULE)["web_egress_tcp-3306_group-db_ipv4"] == {
        "direction": "egress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": 3306,
        "port_range_max": 3306,
        "remote_group_id": f"${{{GROUP}.db.id}}",
        "security_group_id": f"${{{GROUP}.web.id}}",
    }


def test_an_open_group_and_one_that_is_looked_up_are_let_out_already_or_by_others(shop: OpenStackStack) -> None:
    db = closed(shop, "db")
    db.allow_from(SecurityGroup(shop, "web"), Tcp(3306))
    db.allow_from(SecurityGroup.lookup(shop, "office"), Tcp(3306))
    db.allow_from(Cidr("10.0.0.0/8"), Tcp(3306))
    db.allow_from_anywhere(Tcp(443))
    leaving = [address for address in rule_addresses(shop) if "_egress_" in address]
    assert leaving == ["web_egress_any_anywhere_ipv4", "web_egress_any_anywhere_ipv6"]


def test_a_closed_group_that_lets_itself_in_is_let_out_to_itself(shop: OpenStackStack) -> None:
    web = closed(shop)
    web.allow_from(web, Tcp(4567))
    assert rule_addresses(shop) == [
        "web_egress_tcp-4567_group-web_ipv4",
        "web_egress_tcp-4567_group-web_ipv6",
        "web_ingress_tcp-4567_group-web_ipv4",
        "web_ingress_tcp-4567_group-web_ipv6",
    ]


def test_what_a_group_may_reach_opens_no_other_group(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    web.allow_to(db, AnyTraffic())
    assert rule_addresses(shop) == ["web_egress_any_group-db_ipv4", "web_egress_any_group-db_ipv6"]


@pytest.mark.parametrize("first", ["allow_from", "allow_to"])
def test_both_sides_said_twice_are_the_same_rules_in_any_order(shop: OpenStackStack, first: str) -> None:
    web, db = closed(shop), closed(shop, "db")
    if first == "allow_to":
        web.allow_to(db, Tcp(3306))
    db.allow_from(web, Tcp(3306))
    if first == "allow_from":
        web.allow_to(db, Tcp(3306))
    assert rule_addresses(shop) == [
        "db_ingress_tcp-3306_group-web_ipv4",
        "db_ingress_tcp-3306_group-web_ipv6",
        "web_egress_tcp-3306_group-db_ipv4",
        "web_egress_tcp-3306_group-db_ipv6",
    ]


def test_a_rule_that_anothers_call_makes_moves_with_both_groups(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "www", name="web", egress="closed", renamed_from="web")
    db = SecurityGroup(shop, "sql", name="db", egress="closed", renamed_from="db")
    db.allow_from(web, Tcp(3306))
    moved = {block["from"]: block["to"] for block in synth(shop)["moved"]}
    assert moved[f"{RULE}.web_egress_tcp-3306_group-db_ipv4"] == f"{RULE}.www_egress_tcp-3306_group-sql_ipv4"
    assert moved[f"{RULE}.db_ingress_tcp-3306_group-web_ipv4"] == f"{RULE}.sql_ingress_tcp-3306_group-www_ipv4"


def test_a_rule_of_another_group_stands_at_the_line_that_says_it(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    shop._record.addresses._folder = Path(__file__).parent
    line = sys._getframe().f_lineno + 1
    db.allow_from(web, Tcp(3306))
    source = shop._record.addresses.sources[f"{RULE}.web_egress_tcp-3306_group-db_ipv4"]
    assert (source.file, source.line) == (Path(__file__).name, line)


def test_a_closed_group_boots_by_one_line(shop: OpenStackStack) -> None:
    closed(shop).allow_booting()
    assert rule_addresses(shop) == [
        "web_egress_tcp-443_anywhere_ipv4",
        "web_egress_tcp-443_anywhere_ipv6",
        "web_egress_tcp-53_anywhere_ipv4",
        "web_egress_tcp-53_anywhere_ipv6",
        "web_egress_tcp-80_anywhere_ipv4",
        "web_egress_tcp-80_anywhere_ipv6",
        "web_egress_udp-123_anywhere_ipv4",
        "web_egress_udp-123_anywhere_ipv6",
        "web_egress_udp-53_anywhere_ipv4",
        "web_egress_udp-53_anywhere_ipv6",
        "web_egress_udp-547_anywhere_ipv6",
        "web_egress_udp-67_anywhere_ipv4",
    ]


def test_what_boots_a_group_is_as_narrow_as_it_is_told(shop: OpenStackStack) -> None:
    mirror = closed(shop, "mirror")
    closed(shop).allow_booting(dns=[Cidr("10.0.0.2/32"), Cidr("10.0.0.3/32")], ntp=Cidr("10.0.0.4/32"), http=mirror)
    assert rule_addresses(shop) == [
        "web_egress_tcp-443_group-mirror_ipv4",
        "web_egress_tcp-443_group-mirror_ipv6",
        "web_egress_tcp-53_10-0-0-2-32_ipv4",
        "web_egress_tcp-53_10-0-0-3-32_ipv4",
        "web_egress_tcp-80_169-254-169-254-32_ipv4",
        "web_egress_tcp-80_fe80--a9fe-a9fe-128_ipv6",
        "web_egress_tcp-80_group-mirror_ipv4",
        "web_egress_tcp-80_group-mirror_ipv6",
        "web_egress_udp-123_10-0-0-4-32_ipv4",
        "web_egress_udp-53_10-0-0-2-32_ipv4",
        "web_egress_udp-53_10-0-0-3-32_ipv4",
        "web_egress_udp-547_anywhere_ipv6",
        "web_egress_udp-67_anywhere_ipv4",
    ]


def test_well_known_ports_are_ports() -> None:
    assert all(1 <= port <= 65535 for port in WELL_KNOWN_PORTS.values())
    assert WELL_KNOWN_PORTS["postgresql"] == 5432


def test_the_l1_takes_overrides(shop: OpenStackStack) -> None:
    closed(shop).l1.add_override("stateful", False)
    assert resources(synth(shop), GROUP)["web"]["stateful"] is False
