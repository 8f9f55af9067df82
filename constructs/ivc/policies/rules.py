"""The rules of security groups as they work, whichever resource says them, and what the world reaches by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ivc.policies.facts import OLD_GROUP, PORT, RULE, Facts, text_of
from ivc.review.sentence import Sentence, listed, say
from ivc.world import parse, public_addresses, reached_ports, reaches_world

ALL_PORTS = (0, 65_535)
_NO_PORT = (1, 0)
_MOST = 32_768
_PROTOCOLS = {
    "": None,
    "0": None,
    "any": None,
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "58": "icmp",
    "icmpv6": "icmp",
    "ipv6-icmp": "icmp",
}


@dataclass(frozen=True)
class Rule:
    """A rule as it works.

    address: of the resource that says it. group: what it is a rule of, as `Finding.subject` has it.
    protocol: None for every one. ports: all of them where it names none; of ports that only apply knows, none.
    prefixes: the ranges of its other end; None is any. Empty where that is a security group.
    zero: whether it says the ports 0 to 0, which are all.
    remote_said: whether it says what its other end is.
    """

    address: str
    group: str
    direction: Literal["ingress", "egress"]
    protocol: str | None
    ports: tuple[int, int]
    prefixes: tuple[str | None, ...]
    zero: bool
    remote_said: bool

    @property
    def from_world(self) -> bool:
        """Whether its other end is the world, or as good as that."""
        return reaches_world(self.prefixes)

    def lets(self, protocol: str) -> bool:
        """Whether it lets some of a protocol through."""
        return self.protocol in (None, protocol)


@dataclass(frozen=True)
class Span:
    """Ports of a protocol that the world reaches. rules: those that let it, by address."""

    protocol: str
    first: int
    last: int
    rules: tuple[Rule, ...]

    def __len__(self) -> int:
        return self.last - self.first + 1


# As many as are judged at a time.
@lru_cache(maxsize=1)
def rules_of(facts: Facts) -> Mapping[str, list[Rule]]:
    """All rules of a stack, by group; those of one that the stack does not know stand under their own address."""
    found: dict[str, list[Rule]] = {}
    for element in facts.resources(RULE):
        for given in facts.constants.each(element.given):
            owner = facts.follow(given.get("security_group_id"))
            rule = _rule(facts, element.address, element.address if owner is None else owner.address, given)
            found.setdefault(rule.group, []).append(rule)
    for element in facts.resources(OLD_GROUP):
        for block in element.blocks("rule"):
            found.setdefault(element.address, []).append(_old_rule(facts, element.address, block))
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
    alone = [
        OpenPorts(group, (), tuple(span for protocol in ("tcp", "udp") for span in _world_ports(given, protocol)))
        for group, given in rules.items()
    ]
    worn = {
        tuple(sorted(group.address for group in facts.groups_of(port) if group.address in rules))
        for port in facts.resources(PORT)
    }
    together = [
        OpenPorts(
            groups[0],
            groups[1:],
            tuple(
                span
                for protocol in ("tcp", "udp")
                for span in _world_ports([rule for group in groups for rule in rules[group]], protocol)
                if not any(_lets_in(rule for rule in span.rules if rule.group == group) for group in groups)
            ),
        )
        for groups in sorted(worn)
        if len(groups) > 1
    ]
    return [each for each in (*alone, *together) if each.spans]


def _lets_in(given: Iterable[Rule]) -> bool:
    return reaches_world(prefix for rule in given for prefix in rule.prefixes)


def _world_ports(given: Iterable[Rule], protocol: str) -> list[Span]:
    """The ports of tcp or udp that the world reaches by rules, counting those whose ranges are the world together."""
    relevant = [rule for rule in given if rule.direction == "ingress" and rule.prefixes and rule.lets(protocol)]
    spans: list[Span] = []
    for first, last, here in reached_ports(relevant, ports=lambda rule: rule.ports, sources=lambda rule: rule.prefixes):
        joins = spans and spans[-1].rules == here and spans[-1].last == first - 1
        spans.append(Span(protocol, spans.pop().first if joins else first, last, here))
    return spans


def most_ports(spans: Iterable[Span]) -> bool:
    """Whether they are so many that nobody can have meant each: half of all or more."""
    return sum(len(span) for span in spans) >= _MOST


def ports_said(first: int, last: int, protocol: str | None) -> str:
    """Ports as people say them, such as `tcp 22` or `every port of udp`."""
    if protocol is None:
        return "every protocol and port" if (first, last) == ALL_PORTS else f"{first}-{last} of every protocol"
    if protocol not in ("tcp", "udp"):
        return protocol
    if first <= 1 and last == ALL_PORTS[1]:
        return f"every port of {protocol}"
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


def traffic_said(given: Iterable[Rule]) -> Sentence:
    """What rules let through, such as `tcp 80, tcp 443 and icmp`."""
    return listed(dict.fromkeys(ports_said(*rule.ports, rule.protocol) for rule in given))


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


def _rule(facts: Facts, address: str, group: str, given: Mapping[str, Any]) -> Rule:
    low, high = (facts.constants.value(given.get(key)) for key in ("port_range_min", "port_range_max"))
    others = given.get("remote_group_id"), given.get("remote_address_group_id")
    prefix = text_of(facts.constants.value(given.get("remote_ip_prefix"))) or None
    prefixes: tuple[str | None, ...] = (prefix,)
    if any(others):
        addresses = facts.follow(others[1])
        listed_there = [] if addresses is None or addresses.data else addresses.values("addresses")
        prefixes = tuple(text for value in listed_there if (text := text_of(value)))
    return Rule(
        address=address,
        group=group,
        direction="egress" if given.get("direction") == "egress" else "ingress",
        protocol=_protocol(facts.constants.value(given.get("protocol"))),
        ports=_ports(low, high),
        prefixes=prefixes,
        zero=low in (0, "0") and high in (0, "0"),
        remote_said=prefix is not None or any(others),
    )


def _old_rule(facts: Facts, group: str, given: Mapping[str, Any]) -> Rule:
    """A rule of Nova's old kind of group, which knows ingress only; port -1 is ICMP's way to say all."""
    to_group = bool(given.get("from_group_id")) or given.get("self") is True
    prefix = text_of(facts.constants.value(given.get("cidr"))) or None
    ports = [facts.constants.value(given.get(key)) for key in ("from_port", "to_port")]
    low, high = (None if port in (-1, "-1") else port for port in ports)
    return Rule(
        address=group,
        group=group,
        direction="ingress",
        protocol=_protocol(facts.constants.value(given.get("ip_protocol"))),
        ports=_ports(low, high),
        prefixes=() if to_group else (prefix,),
        zero=low in (0, "0") and high in (0, "0"),
        remote_said=prefix is not None or to_group,
    )


def _protocol(value: object) -> str | None:
    said = (text_of(value) or "").lower()
    return _PROTOCOLS.get(said, said)


def _ports(low: object, high: object) -> tuple[int, int]:
    first, last = _number(low), _number(high)
    if first is None or last is None:
        return _NO_PORT
    # Neutron takes 0 to 0 for no ports at all, which are all.
    return ALL_PORTS if not last and not first else (first, last or first)


def _number(value: object) -> int | None:
    """A port; 0 where none is said, None where only apply tells."""
    said = "0" if value is None else text_of(value) or "0"
    return int(said) if said.isdecimal() else None
