"""What rules let through, in words: `tcp 80, 443 and icmp from anywhere`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ivc.estate import Rule
from ivc.review.sentence import Sentence, joined, listed, say


def sentences(rules: Iterable[Rule]) -> Iterator[Sentence]:
    """A sentence for each peer of the rules, which all are of one direction."""
    for (is_group, peer, families), same in groupby(sorted(rules, key=_order), key=_order_of_peer):
        rows = list(same)
        towards = "from" if rows[0].direction == "ingress" else "to"
        whom = say("group {}", peer) if is_group else say("{}", peer) if peer else say("anywhere")
        # A range of addresses says its family itself.
        only = say(", {} only", families[0]) if len(families) == 1 and (is_group or not peer) else say("")
        yield say(f"{{}} {towards} {{}}{{}}", _traffic(rows), whom, only)


def span(low: int, high: int) -> str:
    """Ports, as people write them."""
    return str(low) if low == high else f"{low}-{high}"


def _order_of_peer(rule: Rule) -> tuple[bool, str, tuple[str, ...]]:
    return (rule.peer_is_group, rule.peer or "", rule.families)


def _order(rule: Rule) -> tuple[object, ...]:
    # tcp before udp before icmp reads as people write it.
    return (*_order_of_peer(rule), rule.protocol == "icmp", rule.protocol or "", rule.ports or (0, 0))


def _traffic(rules: Iterable[Rule]) -> Sentence:
    parts = []
    for (protocol, _), same in groupby(rules, key=lambda rule: (rule.protocol, rule.ports is None)):
        ports = ", ".join(span(*rule.ports) for rule in same if rule.ports)
        named = say("{}", protocol) if protocol else say("anything")
        parts.append(joined([named, Sentence((ports,))], " ") if ports else named)
    return listed(parts)
