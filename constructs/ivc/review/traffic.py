"""What rules let through, in words: `tcp 80, 443 and icmp from anywhere`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ivc.estate.rules import ALL_PORTS, Rule
from ivc.words.sentence import Sentence, joined, listed, say


def sentences(rules: Iterable[Rule]) -> Iterator[Sentence]:
    """A sentence for each peer of the rules, which all are of one direction."""
    for (peer, ranges, families), same in groupby(sorted(rules, key=_order), key=_order_of_peer):
        rows = list(same)
        towards = "from" if rows[0].direction == "ingress" else "to"
        named = listed(prefix for prefix in ranges if prefix)
        whom = say("group {}", peer) if peer else named if all(ranges) and ranges else say("anywhere")
        # A range of addresses says its family itself.
        only = say(", {} only", families[0]) if len(families) == 1 and (peer or not any(ranges)) else say("")
        yield say(f"{{}} {towards} {{}}{{}}", _traffic(rows), whom, only)


def span(low: int, high: int) -> str:
    """Ports, as people write them."""
    return str(low) if low == high else f"{low}-{high}"


def _order_of_peer(rule: Rule) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return (
        rule.peer or "",
        tuple(prefix or "" for prefix in (*rule.prefixes, *map(str, rule.unknown_prefixes))),
        rule.families,
    )


def _order(rule: Rule) -> tuple[object, ...]:
    # tcp before udp before icmp reads as people write it.
    named = _named(rule)
    return (*_order_of_peer(rule), rule.protocol == "icmp", rule.protocol or "", bool(named), rule.ports or (0, 0))


def _named(rule: Rule) -> str:
    """The ports that it names; nothing where all are meant."""
    if rule.ports is None:
        return "on ports known only at apply"
    return "" if rule.ports == ALL_PORTS else span(*rule.ports)


def _traffic(rules: Iterable[Rule]) -> Sentence:
    parts = []
    for (protocol, _), same in groupby(rules, key=lambda rule: (rule.protocol, bool(_named(rule)))):
        ports = ", ".join(filter(None, map(_named, same)))
        named = say("{}", protocol) if protocol else say("anything")
        parts.append(joined([named, Sentence((ports,))], " ") if ports else named)
    return listed(parts)
