"""How what the world reaches of a server changes, in words (`ivc.estate.reach` tells what it reaches)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from ivc.estate import reach
from ivc.estate.model import Instance
from ivc.estate.protocols import PORTED
from ivc.estate.reach import ALL, NONE, Assumed, Opening, Reach, beyond, of_nic, openings
from ivc.estate.rules import Rule
from ivc.policies.rules import called, named
from ivc.review.model import Exposure
from ivc.review.side import Side
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, listed, say


def words(found: Iterable[Opening]) -> Sentence:
    """`tcp 80, 443 and icmp`."""
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for protocol, ports, only in _told(found):
        grouped[protocol, only].append(ports)
    return listed(_of_protocol(protocol, spans, only) for (protocol, only), spans in grouped.items())


def words_apart(found: Iterable[Opening]) -> list[Sentence]:
    """`tcp 80`, `tcp 443` and `icmp`, each on its own."""
    return [_of_protocol(protocol, [ports], only) for protocol, ports, only in _told(found)]


def _told(found: Iterable[Opening]) -> Iterator[tuple[str, str, str]]:
    """What is to be said, in order: the protocol, the ports, and of which family alone it is. Empty is all of each."""
    families: dict[tuple[str, str], set[str]] = defaultdict(set)
    all_ = list(found)
    of_all = [opening for opening in all_ if not opening.protocol]
    told = [one for one in all_ if not one.protocol or beyond([one], of_all)]
    for one in sorted(told, key=_order):
        families[one.protocol, named(one.low, one.high, one.protocol or None, [one.family])].add(one.family)
    for (protocol, ports), both in families.items():
        yield protocol, ports, "" if len(both) > 1 else f" ({next(iter(both))} only)"


def _of_protocol(protocol: str, spans: Iterable[str], only: str) -> Sentence:
    ports = ", ".join(each for each in spans if each)
    every = "" if ports or protocol not in PORTED else " on every port"
    what = say("{}", called(protocol)) if protocol else say("everything")
    return say("{}{}", what, Sentence((f"{' ' if ports else ''}{ports}{every}{only}",)))


def _order(opening: Opening) -> tuple[object, ...]:
    # A type of ICMP stands where IPv4 has it.
    is_icmp = opening.protocol == "icmp"
    return (is_icmp, opening.protocol, opening.family if is_icmp else "", opening)


def of_instance(
    before: tuple[Side, Instance] | None, after: tuple[Side, Instance] | None
) -> tuple[Exposure | None, bool]:
    """How what the world reaches of a server changes, None where it does not; and whether what opens is certain."""
    then = _reach(*before) if before else {}
    now = _reach(*after) if after else {}
    if then == now:
        return None, True
    opened = []
    for network, each in now.items():
        old = then.get(network, Reach())
        if more := beyond(each.openings, old.openings):
            opened.append(say("{} on {}", words(more), network))
        for group in sorted(each.unknown - old.unknown, key=as_counted):
            opened.append(say("what the group {} lets in, which is not declared here, on {}", group, network))
    certain = not opened or _opens_for_sure(before, after)
    return Exposure(tuple(_said(then)), tuple(_said(now)), tuple(opened)), certain


def _opens_for_sure(before: tuple[Side, Instance] | None, after: tuple[Side, Instance] | None) -> bool:
    """Whether the world reaches more of a server, whatever the unknown values come to."""
    then = _reach(*before, assumed=ALL) if before else {}
    now = _reach(*after, assumed=NONE) if after else {}
    return any(beyond(each.openings, then.get(network, Reach()).openings) for network, each in now.items())


def opened_beyond_groups(before: tuple[Side, Instance], after: tuple[Side, Instance]) -> bool:
    """Whether the world reaches more of a server than the changed rules of its groups tell by themselves."""
    then, now = _reach(*before), _reach(*after)
    told: set[Opening] = set()
    for address in {address for nic in after[1].nics for address in nic.group_addresses}:
        told |= of_group(before[0], after[0], address)[0]
    return any(
        beyond(beyond(each.openings, then.get(network, Reach()).openings), told)
        or each.unknown - then.get(network, Reach()).unknown
        for network, each in now.items()
    )


Opened = tuple[frozenset[Opening], bool]
"""What the world reaches that it did not reach before, and whether that is certain."""


def of_group(before: Side, after: Side, address: str) -> Opened:
    """What the rules of a group open to the world."""

    def rules(side: Side) -> list[Rule]:
        return [rule for group in side.stack.groups if group.address == address for rule in group.rules]

    return _opened(before, after, lambda side, assumed: openings(rules(side), assumed))


def of_loose_rule(before: Side, after: Side, address: str) -> Opened:
    """What a rule of a group that nobody tells opens to the world; it may be one of any group, and of none."""

    def of(side: Side, assumed: Assumed) -> frozenset[Opening]:
        return openings((rule for rule in side.stack.loose if rule.address == address), assumed)

    return _opened(before, after, of)[0], False


def of_load_balancer(before: Side, after: Side, address: str) -> Opened:
    """What the listeners of a load balancer open to the world, or one of them. address: its own, or the listener's."""

    def of(side: Side, assumed: Assumed) -> frozenset[Opening]:
        found: frozenset[Opening] = frozenset()
        for balancer in side.stack.load_balancers:
            for listener in balancer.listeners:
                if address in (balancer.address, listener.address):
                    found |= reach.of_listener(side.stack, balancer, listener, assumed)
        return found

    return _opened(before, after, of)


def of_port(before: Side, after: Side, address: str) -> Opened:
    """What the world reaches through a port that no server of the stack has."""

    def of(side: Side, assumed: Assumed) -> frozenset[Opening]:
        found = (nic for nic in side.stack.ports if nic.port == address)
        return next((of_nic(side.stack, nic, assumed).openings for nic in found), frozenset())

    return _opened(before, after, of)


def given_to_all(before: Side, after: Side, addresses: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """What everybody may do with resources that they could not before, and whether some of it is certain."""
    found = [_given_to_all(before, after, address) for address in addresses]
    words = tuple(dict.fromkeys(each for given, _ in found for each in given))
    return words, any(certain for given, certain in found if given)


def _given_to_all(before: Side, after: Side, address: str) -> tuple[tuple[str, ...], bool]:
    def given(side: Side, assumed: Assumed) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.words for one in side.grants.get(address, ()) if one.holds(assumed)))

    more = tuple(one for one in given(after, ALL) if one not in given(before, before.assumed))
    sure = {*given(after, NONE)} - {*given(before, ALL)}
    return more, bool(sure) or not more


def _opened(before: Side, after: Side, of: Callable[[Side, Assumed], frozenset[Opening]]) -> Opened:
    more = beyond(of(after, ALL), of(before, before.assumed))
    return more, not more or bool(beyond(of(after, NONE), of(before, ALL)))


def _reach(side: Side, instance: Instance, assumed: Assumed | Literal["as it is"] = "as it is") -> dict[str, Reach]:
    found: dict[str, Reach] = {}
    for nic in instance.nics:
        more = of_nic(side.stack, nic, side.assumed if assumed == "as it is" else assumed)
        found[nic.network.name] = found.get(nic.network.name, Reach()) | more
    return {network: each for network, each in found.items() if each}


def _said(reaches: dict[str, Reach]) -> Iterator[Sentence]:
    for network, each in reaches.items():
        parts = [words(each.openings)] if each.openings else []
        parts += [say("what the group {} lets in", group) for group in sorted(each.unknown, key=as_counted)]
        yield say("{} on {}", listed(parts), network)
