"""IP protocols, and the types and codes of ICMP: the names that Neutron and the field know, and IANA's numbers."""

from __future__ import annotations

from collections.abc import Mapping

NUMBERS: Mapping[str, int] = {
    "icmp": 1,
    "igmp": 2,
    "ipip": 4,
    "tcp": 6,
    "egp": 8,
    "udp": 17,
    "dccp": 33,
    "ipv6-encap": 41,
    "ipv6-route": 43,
    "ipv6-frag": 44,
    "rsvp": 46,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ipv6-icmp": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "ospf": 89,
    "vrrp": 112,
    "pgm": 113,
    "sctp": 132,
    "udplite": 136,
}
"""Neutron's names (neutron_lib/constants.py, IP_PROTOCOL_MAP), as far as the provider takes them too. Neutron gives
back a name where a name was said and a number where a number was, and takes both for the same rule.
"""
NAMES: Mapping[int, str] = {number: name for name, number in NUMBERS.items()}

PORTED = ("tcp", "udp", "sctp", "dccp", "udplite")
"""Those that Neutron takes ports of (neutron/common/_constants.py, SG_PORT_PROTO_NAMES)."""
IPV6_ONLY = ("ipv6-encap", "ipv6-frag", "ipv6-icmp", "ipv6-nonxt", "ipv6-opts", "ipv6-route")
"""Those that Neutron refuses in a rule for IPv4 (neutron/db/securitygroups_db.py); for IPv6 it refuses none."""

ICMP_TYPES: Mapping[str, Mapping[str, int]] = {
    "IPv4": {
        "echo-reply": 0,
        "destination-unreachable": 3,
        "source-quench": 4,
        "redirect": 5,
        "echo-request": 8,
        "router-advertisement": 9,
        "router-solicitation": 10,
        "time-exceeded": 11,
        "parameter-problem": 12,
        "timestamp-request": 13,
        "timestamp-reply": 14,
    },
    "IPv6": {
        "destination-unreachable": 1,
        "packet-too-big": 2,
        "time-exceeded": 3,
        "parameter-problem": 4,
        "echo-request": 128,
        "echo-reply": 129,
        "multicast-listener-query": 130,
        "multicast-listener-report": 131,
        "multicast-listener-done": 132,
        "router-solicitation": 133,
        "router-advertisement": 134,
        "neighbor-solicitation": 135,
        "neighbor-advertisement": 136,
        "redirect": 137,
    },
}
"""By family, types by the names that iptables and ip6tables have for them."""
ICMP_CODES: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "IPv4": {
        "destination-unreachable": {
            "network-unreachable": 0,
            "host-unreachable": 1,
            "protocol-unreachable": 2,
            "port-unreachable": 3,
            "fragmentation-needed": 4,
            "communication-prohibited": 13,
        },
        "time-exceeded": {"ttl-zero-during-transit": 0, "ttl-zero-during-reassembly": 1},
    },
    "IPv6": {
        "destination-unreachable": {
            "no-route": 0,
            "communication-prohibited": 1,
            "beyond-scope": 2,
            "address-unreachable": 3,
            "port-unreachable": 4,
        },
        "time-exceeded": {"ttl-zero-during-transit": 0, "ttl-zero-during-reassembly": 1},
        "parameter-problem": {"bad-header": 0, "unknown-header-type": 1, "unknown-option": 2},
    },
}
"""Codes by family and type, likewise."""

_CODES = 256


def icmp_span(type: int, code: int | None) -> tuple[int, int]:
    """A type of ICMP as a range, so that it is counted with as ports are: 256 codes each, all types 0 to 65535."""
    first = type * _CODES
    return (first, first + _CODES - 1) if code is None else (first + code, first + code)


def icmp_said(first: int, last: int, family: str) -> str:
    """A range of that kind in a family, such as `echo-request` or `destination-unreachable code 4`."""
    names = {number: name for name, number in ICMP_TYPES[family].items()}

    def called(type: int) -> str:
        return names.get(type, f"type {type}")

    (low, low_code), (high, high_code) = divmod(first, _CODES), divmod(last, _CODES)
    whole = (low_code, high_code) == (0, _CODES - 1)
    if low == high:
        codes = f"{low_code}" if low_code == high_code else f"{low_code}-{high_code}"
        return called(low) if whole else f"{called(low)} code {codes}"
    if whole:
        return ", ".join(map(called, range(low, high + 1))) if high - low < 3 else f"types {low}-{high}"
    return f"type {low} code {low_code} to type {high} code {high_code}"
