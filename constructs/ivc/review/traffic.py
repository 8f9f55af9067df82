"""What rules let through, in words: `tcp 80, 443 and icmp from anywhere`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from ivc.estate.rules import Rule
from ivc.policies.rules import called, named
from ivc.words.sentence import Sentence, joined, listed, say


def sentences(rules: Iterable[Rule]) -> Iterator[Sentence]:
    """A sentence for each peer of the rules, which all are of one direction."""
    for (peer, ranges, families), same in groupby(sorted(_alike(rules), key=_order), key=_order_of_peer):
        rows = list(same)
        towards = "from" if rows[0].direction == "ingress" else "to"
        given = listed(prefix for prefix in ranges if prefix)
        whom = say("group {}", peer) if peer else given if all(ranges) and ranges else say("anywhere")
        # A range of addresses says its family itself.
        only = say(", {} only", families[0]) if len(families) == 1 and (peer or not any(ranges)) else say("")
        yield say(f"{{}} {towards} {{}}{{}}", _traffic(rows), whom, only)


def _alike(rules: Iterable[Rule]) -> Iterable[Rule]:
    """The rules, those that read alike as one: a type of ICMP has a number in each family, and one name."""
    found: dict[tuple[Rule, str], Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.families):
        key = replace(rule, families=(), ports=None), _named(rule)
        families = {*rule.families, *(found[key].families if key in found else ())}
        found[key] = replace(found.get(key, rule), families=tuple(sorted(families)))
    return found.values()


def _order_of_peer(rule: Rule) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return (
        rule.peer or "",
        tuple(prefix or "" for prefix in (*rule.prefixes, *map(str, rule.unknown_prefixes))),
        rule.families,
    )


def _order(rule: Rule) -> tuple[object, ...]:
    # tcp before udp before icmp reads as people write it.
    ports = rule.ports or (0, 0)
    return (*_order_of_peer(rule), rule.protocol == "icmp", rule.protocol or "", bool(_named(rule)), ports)


def _named(rule: Rule) -> str:
    """The ports that it names; nothing where all are meant."""
    if rule.ports is None:
        return "on ports known only at apply"
    return named(*rule.ports, rule.protocol, rule.families)


def _traffic(rules: Iterable[Rule]) -> Sentence:
    parts = []
    for (protocol, _), same in groupby(rules, key=lambda rule: (rule.protocol, bool(_named(rule)))):
        ports = ", ".join(filter(None, map(_named, same)))
        what = say("{}", called(protocol)) if protocol else say("anything")
        parts.append(joined([what, Sentence((ports,))], " ") if ports else what)
    return listed(parts)
