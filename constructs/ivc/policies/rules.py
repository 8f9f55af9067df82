"""The rules of a stack's groups, what the world reaches by them, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ivc.estate import rules as estate_rules
from ivc.estate.protocols import PORTED, icmp_said
from ivc.estate.public_ranges import parse, public_addresses, reaches_world
from ivc.estate.reach import FAMILIES, Span, spans
from ivc.estate.rules import ALL_PORTS, Rule
from ivc.policies.facts import Facts
from ivc.words.sentence import Sentence, listed, say

_MOST = 32_768


# As many as are judged at a time.
@lru_cache(maxsize=1)
def rules_of(facts: Facts) -> Mapping[str, list[Rule]]:
    """All rules of a stack, by group; those of one that the stack does not know stand under their own address."""
    found: dict[str, list[Rule]] = {}
    for rule in estate_rules.rules_of(facts.document):
        known = rule if rule.group in facts.elements else replace(rule, group=rule.address)
        found.setdefault(known.group, []).append(known)
    return found


@dataclass(frozen=True)
class OpenPorts:
    """What the world reaches by security groups. group: one of them. others: those that it takes besides."""

    group: str
    others: tuple[str, ...]
    spans: tuple[Span, ...]

    def of(self, protocol: str) -> list[Span]:
        """Those of a protocol."""
        return [span for span in self.spans if span.protocol == protocol]


@lru_cache(maxsize=1)
def open_ports(facts: Facts) -> list[OpenPorts]:
    """The ports of tcp and udp that the world reaches, by group, and by groups that only together let it in."""
    rules = rules_of(facts)
    alone = [OpenPorts(group, (), _world_ports(given)) for group, given in rules.items()]
    combinations = {
        tuple(sorted(address for address in nic.group_addresses if address in rules)) for nic in facts.estate.ports
    }
    together = [
        OpenPorts(
            groups[0],
            groups[1:],
            tuple(
                span
                for span in _world_ports([rule for group in groups for rule in rules[group]])
                if not any(_lets_in(rule for rule in span.rules if rule.group == group) for group in groups)
            ),
        )
        for groups in sorted(combinations)
        if len(groups) > 1
    ]
    return [each for each in (*alone, *together) if each.spans]


def _lets_in(given: Iterable[Rule]) -> bool:
    return reaches_world(prefix for rule in given for prefix in rule.prefixes)


def _world_ports(given: Iterable[Rule]) -> tuple[Span, ...]:
    rules = list(given)
    # Ports and ranges that nobody tells are judged by a policy of their own.
    assumed = frozenset(each for rule in rules if rule.ports is not None for each in rule.unknown)
    return tuple(span for protocol in ("tcp", "udp") for span in spans(rules, protocol, assumed=assumed))


def most_ports(spans: Iterable[Span]) -> bool:
    """Whether they are so many that nobody can have meant each: half of all or more."""
    return sum(len(span) for span in spans) >= _MOST


def ports_said(first: int, last: int, protocol: str | None, families: Iterable[str] = FAMILIES) -> str:
    """Ports as people say them, such as `tcp 22` or `every port of udp`; of ICMP its types."""
    if protocol is None:
        return "every protocol and port" if (first, last) == ALL_PORTS else f"{first}-{last} of every protocol"
    if protocol in PORTED and first <= 1 and last == ALL_PORTS[1]:
        return f"every port of {protocol}"
    return f"{called(protocol)} {named(first, last, protocol, families)}".rstrip()


def called(protocol: str) -> str:
    """What people call a protocol; Neutron's name, where it has one."""
    return f"protocol {protocol}" if protocol.isdecimal() else protocol


def named(first: int, last: int, protocol: str | None, families: Iterable[str] = FAMILIES) -> str:
    """The ports, or types of ICMP, that are named; nothing where all are meant."""
    if (first, last) == ALL_PORTS or protocol not in (*PORTED, "icmp", None):
        return ""
    if protocol == "icmp":
        return icmp_said(first, last, min(families, default="IPv4"))
    return str(first) if first == last else f"{first}-{last}"


def ports_of(rule: Rule) -> str:
    """The ports that a rule lets through, as people say them."""
    if rule.ports is None:
        return f"ports of {rule.protocol or 'every protocol'} that only apply knows"
    return ports_said(*rule.ports, rule.protocol, rule.families)


def traffic_said(given: Iterable[Rule]) -> Sentence:
    """What rules let through, such as `tcp 80, tcp 443 and icmp`."""
    return listed(dict.fromkeys(ports_of(rule) for rule in given))


def odd_world(given: Iterable[Rule]) -> list[str]:
    """The ranges by which rules reach the world without saying so: none of them is `/0` or left out."""
    prefixes = {prefix for rule in given for prefix in rule.prefixes}
    if any(_says_anywhere(prefix) for prefix in prefixes):
        return []
    return sorted(prefix for prefix in prefixes if prefix is not None and public_addresses(prefix))


def _says_anywhere(prefix: str | None) -> bool:
    """Whether a range says so for anybody to see, as `0.0.0.0/0` does and `198.51.100.7/0` does not."""
    whole, address = parse(prefix or "::/0"), parse((prefix or "::").partition("/")[0])
    return (
        whole is not None
        and address is not None
        and whole.prefixlen == 0
        and whole.network_address == address.network_address
    )


def source_said(given: Iterable[Rule]) -> Sentence:
    """Where the world comes in: nothing to add where rules say any source; else the ranges that are as good."""
    ranges = odd_world(given)
    if not ranges:
        return say("")
    shown = [*ranges[:3], f"{len(ranges) - 3} more"] if len(ranges) > 4 else ranges
    return say(" from {}, as good as anywhere", listed(shown))


def together_said(facts: Facts, opened: OpenPorts) -> Sentence:
    """Which groups it takes besides; nothing where it is one alone."""
    if not opened.others:
        return say("")
    return say(", together with {} on one port", listed(facts.called(group) for group in opened.others))
