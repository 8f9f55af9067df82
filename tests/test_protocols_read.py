"""Protocols and types of ICMP, whoever says them: how summaries, reviews and policies read and write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc import Cidr, Icmp, OpenStackStack, Protocol, SecurityGroup, Tcp
from ivc.declare.traffic import Traffic
from ivc.estate import stack_of
from ivc.estate.protocols import ICMP_TYPES, NAMES, icmp_said, icmp_span
from ivc.estate.reach import Opening, beyond, openings
from ivc.estate.rules import Rule
from ivc.review import traffic
from ivc.review.exposure import words
from ivc.terraform.document import Document
from tests.helpers import synth
from tests.policies.documents import Json, merged, said
from tests.policies.documents import rule as by_hand


def read(document: Json) -> list[Rule]:
    return [rule for group in stack_of(Document.of("s", document)).groups for rule in group.rules]


def declared(stack: OpenStackStack, *said: Traffic) -> list[Rule]:
    SecurityGroup(stack, "web", egress="closed").allow_from_anywhere(*said)
    return read(synth(stack))


def sentences(rules: list[Rule]) -> list[str]:
    return [str(sentence) for sentence in traffic.sentences(rules)]


DECLARED: dict[str, tuple[Traffic, list[str]]] = {
    "VRRP": (Protocol("vrrp"), ["vrrp from anywhere"]),
    "ESP by number": (Protocol(50), ["esp from anywhere"]),
    "a number without a name": (Protocol(115), ["protocol 115 from anywhere"]),
    "SCTP": (Protocol("sctp"), ["sctp from anywhere"]),
    "a port of SCTP": (Protocol("sctp", 3868), ["sctp 3868 from anywhere"]),
    "a type": (Icmp("echo-request"), ["icmp echo-request from anywhere"]),
    "a type of IPv6": (Icmp("packet-too-big"), ["icmp packet-too-big from anywhere, IPv6 only"]),
    "a type without a name": (Icmp(40), ["icmp type 40 from anywhere"]),
    "a code": (
        Icmp("destination-unreachable", code="fragmentation-needed"),
        ["icmp destination-unreachable code 4 from anywhere, IPv4 only"],
    ),
}


@pytest.mark.parametrize("case", DECLARED)
def test_what_is_declared_reads_as_it_was_said(shop: OpenStackStack, case: str) -> None:
    said, expected = DECLARED[case]
    assert sentences(declared(shop, said)) == expected


def test_all_of_it_is_one_sentence(shop: OpenStackStack) -> None:
    rules = declared(shop, Tcp(80, 443), Icmp("echo-request"), Icmp("time-exceeded"), Protocol("vrrp"))
    expected = "tcp 80, 443, vrrp and icmp echo-request, time-exceeded from anywhere"
    assert sentences(rules) == sentences(rules[::-1]) == [expected]
    assert str(words(openings(rules))) == expected.removesuffix(" from anywhere")


def test_what_the_world_reaches_in_one_family_says_so(shop: OpenStackStack) -> None:
    rules = declared(shop, Icmp("echo-request"), Icmp("packet-too-big"), Protocol("ipv6-frag"))
    assert str(words(openings(rules))) == (
        "ipv6-frag (IPv6 only), icmp echo-request and icmp packet-too-big (IPv6 only)"
    )


def test_policies_say_types_and_protocols(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web", egress="closed").allow_from_anywhere(
        Icmp("echo-request"), Protocol("esp"), Protocol("sctp", 3868), Tcp.all()
    )
    assert said("IVC134", synth(shop)) == [
        "security group web: the world reaches every port of tcp, esp, icmp echo-request and sctp 3868"
    ]


def test_what_boots_a_closed_group_is_told_as_what_it_reaches(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web", egress="closed")
    web.allow_booting(dns=Cidr("10.0.0.2/32"))
    assert said("IVC151", synth(shop)) == [
        "security group web: its servers reach the whole world by tcp 443, tcp 80, udp 123, udp 547 and udp 67"
    ]


ALIKE = [
    ("vrrp", "112"),
    ("gre", "47"),
    ("icmp", "1"),
    ("ipv6-icmp", "58"),
    ("icmpv6", "58"),
    ("ESP", "50"),
    ("0", "any"),
    ("hopopt", "ip"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_a_name_and_its_number_are_one_protocol(one: str, other: str) -> None:
    assert read(by_hand(protocol=one)) == read(by_hand(protocol=other))


def icmp(type: int | None, code: int | None) -> dict[str, Any]:
    return {"protocol": "icmp", "port_range_min": type, "port_range_max": code, "remote_ip_prefix": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("type", "code", "expected"),
    [
        (8, 0, "icmp echo-request (IPv4 only)"),
        (3, 4, "icmp destination-unreachable code 4 (IPv4 only)"),
        (44, 0, "icmp type 44 (IPv4 only)"),
        # The provider leaves a 0 out of what it sends.
        (0, 0, "icmp (IPv4 only)"),
        (None, None, "icmp (IPv4 only)"),
    ],
)
def test_a_rule_by_hand_is_read_as_the_provider_sends_it(type: int | None, code: int | None, expected: str) -> None:
    assert str(words(openings(read(by_hand(**icmp(type, code)))))) == expected


def test_a_code_more_and_a_type_more_are_more() -> None:
    def opened(*given: tuple[int | None, int | None]) -> frozenset[Opening]:
        return openings(read(merged(*(by_hand(f"r{number}", **icmp(*one)) for number, one in enumerate(given)))))

    one_code, whole_type, every = opened((3, 4)), opened((3, 0)), opened((None, None))
    assert beyond(one_code, whole_type) == beyond(whole_type, every) == frozenset()
    assert str(words(beyond(opened((3, 4), (8, 0)), one_code))) == "icmp echo-request (IPv4 only)"
    assert str(words(beyond(whole_type, one_code))) == (
        "icmp destination-unreachable code 0-3, destination-unreachable code 5-255 (IPv4 only)"
    )


@given(st.integers(0, 255), st.integers(0, 255), st.sampled_from(["IPv4", "IPv6"]))
def test_a_type_and_its_code_come_back(type: int, code: int, family: str) -> None:
    name = next((name for name, number in ICMP_TYPES[family].items() if number == type), f"type {type}")
    assert icmp_said(*icmp_span(type, None), family) == name
    assert icmp_said(*icmp_span(type, code), family) == f"{name} code {code}"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (8 * 256, 10 * 256 - 1, "echo-request, router-advertisement"),
        (8 * 256, 40 * 256 - 1, "types 8-39"),
        (8 * 256 + 1, 40 * 256 - 1, "type 8 code 1 to type 39 code 255"),
    ],
)
def test_several_types_are_a_few_words(first: int, last: int, expected: str) -> None:
    assert icmp_said(first, last, "IPv4") == expected


def test_no_two_protocols_share_a_number() -> None:
    assert len(NAMES) == 22
