"""Security groups: exactly the declared rules, in both address families."""

from __future__ import annotations

import pytest

from ivc import AnyTraffic, Cidr, Icmp, OpenStackStack, PortRange, SecurityGroup, Tcp, Udp
from ivc.declare.traffic import WELL_KNOWN_PORTS, Traffic
from tests.helpers import GROUP, RULE, Json, data_sources, resources, synth

GROUP_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


def closed(stack: OpenStackStack, name: str = "web") -> SecurityGroup:
    return SecurityGroup(stack, name, egress="closed")


def rules(stack: OpenStackStack) -> list[Json]:
    return list(resources(synth(stack), RULE).values())


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
    assert rules(shop) == [
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
    assert [(rule["remote_group_id"], rule["security_group_id"]) for rule in rules(shop)] == [
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
    peers = {rule["remote_group_id"] for rule in rules(shop)}
    assert peers == {f"${{{GROUP}.office.id}}", f"${{data.{GROUP}.office.id}}"}


def test_groups_may_refer_to_each_other(shop: OpenStackStack) -> None:
    web, db = closed(shop), closed(shop, "db")
    web.allow_from(db, Icmp())
    db.allow_from(web, Icmp())
    assert len(rules(shop)) == 4


def test_well_known_ports_are_ports() -> None:
    assert all(1 <= port <= 65535 for port in WELL_KNOWN_PORTS.values())
    assert WELL_KNOWN_PORTS["postgresql"] == 5432


def test_the_l1_takes_overrides(shop: OpenStackStack) -> None:
    closed(shop).l1.add_override("stateful", False)
    assert resources(synth(shop), GROUP)["web"]["stateful"] is False
