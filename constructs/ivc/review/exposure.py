"""How what the world reaches of a server changes, in words (`ivc.estate.reach` tells what it reaches)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ivc.estate.model import Instance, Stack
from ivc.estate.reach import Opening, Reach, beyond, of_nic, openings
from ivc.estate.rules import ALL_PORTS
from ivc.review.model import Exposure
from ivc.review.side import Side
from ivc.review.traffic import span
from ivc.words.sentence import Sentence, listed, say

_PORTED = ("tcp", "udp")


def words(found: Iterable[Opening]) -> Sentence:
    """`tcp 80, 443 and icmp`."""
    families: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for opening in found:
        families[opening.protocol, opening.low, opening.high].add(opening.family)
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (protocol, low, high), both in sorted(families.items(), key=lambda one: (one[0][0] == "icmp", one[0])):
        only = "" if len(both) > 1 else f" ({next(iter(both))} only)"
        grouped[protocol, only].append("" if (low, high) == ALL_PORTS else span(low, high))
    parts = []
    for (protocol, only), spans in grouped.items():
        ports = ", ".join(each for each in spans if each)
        every = "" if ports or protocol not in _PORTED else " on every port"
        named = say("{}", protocol) if protocol else say("everything")
        parts.append(say("{}{}", named, Sentence((f"{' ' if ports else ''}{ports}{every}{only}",))))
    return listed(parts)


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
        old = then.get(network, Reach())
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


def _reach(side: Side, instance: Instance) -> dict[str, Reach]:
    found: dict[str, Reach] = {}
    for nic in instance.nics:
        found[nic.network.name] = found.get(nic.network.name, Reach()) | of_nic(side.stack, nic)
    return {network: reach for network, reach in found.items() if reach}


def _said(reaches: dict[str, Reach]) -> Iterator[Sentence]:
    for network, reach in reaches.items():
        parts = [words(reach.openings)] if reach.openings else []
        parts += [say("what the group {} lets in", group) for group in sorted(reach.unknown)]
        yield say("{} on {}", listed(parts), network)
