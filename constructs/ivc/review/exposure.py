"""What the world reaches of a server: through its groups' rules, and where nothing filters.

Ports are taken apart where the ranges of rules begin and end, and for each piece it is asked whether the sources that
may reach it are together as good as the world (`ivc.world`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ivc.estate import Instance, Nic, Rule, Stack
from ivc.review.model import Exposure
from ivc.review.sentence import Sentence, listed, say
from ivc.review.side import Side
from ivc.review.traffic import span
from ivc.world import reached_ports

_FAMILIES = ("IPv4", "IPv6")
_LAST = 65_535
_PORTED = ("tcp", "udp")


@dataclass(frozen=True, order=True)
class Opening:
    """Ports (or types, for ICMP) of a protocol in a family of addresses. protocol: empty for every one."""

    protocol: str
    low: int
    high: int
    family: str


EVERYTHING = frozenset(Opening("", 0, _LAST, family) for family in _FAMILIES)
"""What the world reaches where nothing filters."""


def openings(rules: Iterable[Rule]) -> frozenset[Opening]:
    """What rules let in from as good as everywhere."""
    return _openings(frozenset(rule for rule in rules if rule.direction == "ingress" and not rule.peer_is_group))


@lru_cache(maxsize=1024)
def _openings(rules: frozenset[Rule]) -> frozenset[Opening]:
    found: set[Opening] = set()
    for family in _FAMILIES:
        ours = [rule for rule in rules if family in rule.families]
        for protocol in sorted({rule.protocol or "" for rule in ours}):
            for low, high in _open([rule for rule in ours if rule.protocol in (protocol, None)]):
                found.add(Opening(protocol, low, high, family))
    return frozenset(found)


def _open(rules: list[Rule]) -> list[tuple[int, int]]:
    """The ranges of ports, joined where they touch."""
    found: list[tuple[int, int]] = []
    for first, last, _ in reached_ports(rules, ports=_span, sources=_source):
        found.append((found.pop()[0] if found and found[-1][1] == first - 1 else first, last))
    return found


def _source(rule: Rule) -> tuple[str | None]:
    """Of a source that only apply tells, the worse is taken."""
    return (None,) if rule.peer and "${" in rule.peer else (rule.peer,)


def _span(rule: Rule) -> tuple[int, int]:
    """No ports, and 0/0 as people write it for none, are all of them."""
    if rule.ports is None or (rule.ports == (0, 0) and rule.protocol in _PORTED):
        return 0, _LAST
    return rule.ports


def beyond(after: Iterable[Opening], before: Iterable[Opening]) -> frozenset[Opening]:
    """What is open after and was not before."""
    known = list(before)
    found: set[Opening] = set()
    for opening in after:
        left = [(opening.low, opening.high)]
        for other in known:
            if other.family == opening.family and other.protocol in (opening.protocol, ""):
                left = [piece for low, high in left for piece in _without(low, high, other)]
        found |= {Opening(opening.protocol, low, high, opening.family) for low, high in left}
    return frozenset(found)


def _without(low: int, high: int, taken: Opening) -> Iterator[tuple[int, int]]:
    if taken.high < low or taken.low > high:
        yield low, high
        return
    if low < taken.low:
        yield low, taken.low - 1
    if taken.high < high:
        yield taken.high + 1, high


def words(found: Iterable[Opening]) -> Sentence:
    """`tcp 80, 443 and icmp`."""
    families: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for opening in found:
        families[opening.protocol, opening.low, opening.high].add(opening.family)
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (protocol, low, high), both in sorted(families.items(), key=lambda one: (one[0][0] == "icmp", one[0])):
        only = "" if len(both) > 1 else f" ({next(iter(both))} only)"
        grouped[protocol, only].append("" if (low, high) == (0, _LAST) else span(low, high))
    parts = []
    for (protocol, only), spans in grouped.items():
        ports = ", ".join(each for each in spans if each)
        every = "" if ports or protocol not in _PORTED else " on every port"
        named = say("{}", protocol) if protocol else say("everything")
        parts.append(say("{}{}", named, Sentence((f"{' ' if ports else ''}{ports}{every}{only}",))))
    return listed(parts)


@dataclass(frozen=True)
class _Reach:
    """What the world reaches through the NICs in one network. unknown: groups whose rules only the cloud knows."""

    openings: frozenset[Opening]
    unknown: frozenset[str]


def of_instance(
    before: tuple[Side, Instance] | None, after: tuple[Side, Instance] | None
) -> tuple[Exposure | None, bool]:
    """How what the world reaches of a server changes, None where it does not; and whether that is certain."""
    then = _reach(*before) if before else {}
    now = _reach(*after) if after else {}
    if then == now:
        return None, True
    opened, certain = [], True
    for network, reach in now.items():
        old = then.get(network, _Reach(frozenset(), frozenset()))
        if more := beyond(reach.openings, old.openings):
            opened.append(say("{} on {}", words(more), network))
        for group in sorted(reach.unknown - old.unknown):
            certain = False
            opened.append(say("what the group {} lets in, which is not declared here, on {}", group, network))
    return Exposure(tuple(_said(then)), tuple(_said(now)), tuple(opened)), certain


def opened_beyond_groups(before: tuple[Side, Instance], after: tuple[Side, Instance]) -> bool:
    """Whether the world reaches more of a server than the changed rules of its groups tell by themselves."""
    then, now = _reach(*before), _reach(*after)
    told: set[Opening] = set()
    for address in {address for nic in after[1].nics for address in nic.group_addresses}:
        told |= of_group(before[0].stack, after[0].stack, address)
    return any(
        beyond(beyond(reach.openings, then[network].openings if network in then else ()), told)
        or reach.unknown - (then[network].unknown if network in then else frozenset())
        or network not in then
        for network, reach in now.items()
    )


def of_group(before: Stack, after: Stack, address: str) -> frozenset[Opening]:
    """What the rules of a group open to the world that was not open before."""
    then, now = (
        openings(rule for group in stack.groups if group.address == address for rule in group.rules)
        for stack in (before, after)
    )
    return beyond(now, then)


def reaches(side: Side, nic: Nic) -> bool:
    """Whether the world may reach a NIC at all: not through a network that the stack makes, but by a floating IP."""
    return nic.network.public is not False or nic.port in side.floating


def _reach(side: Side, instance: Instance) -> dict[str, _Reach]:
    found: dict[str, _Reach] = {}
    for nic in instance.nics:
        if not reaches(side, nic):
            continue
        reach = _of_nic(side.stack, nic)
        old = found.get(nic.network.name, _Reach(frozenset(), frozenset()))
        found[nic.network.name] = _Reach(old.openings | reach.openings, old.unknown | reach.unknown)
    return {network: reach for network, reach in found.items() if reach.openings or reach.unknown}


def _of_nic(stack: Stack, nic: Nic) -> _Reach:
    if nic.port_security is False:
        return _Reach(EVERYTHING, frozenset())
    rules: list[Rule] = []
    known: set[str] = set()
    for group in stack.groups:
        if group.address in nic.group_addresses:
            rules += group.rules
            if group.made:
                known.add(group.name)
    return _Reach(openings(rules), frozenset(nic.groups) - known)


def _said(reaches: dict[str, _Reach]) -> Iterator[Sentence]:
    for network, reach in reaches.items():
        parts = [words(reach.openings)] if reach.openings else []
        parts += [say("what the group {} lets in", group) for group in sorted(reach.unknown)]
        yield say("{} on {}", listed(parts), network)
