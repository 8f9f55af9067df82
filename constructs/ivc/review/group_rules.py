"""How the rules of a security group change, and what of servers the world then reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ivc.estate import Rule, Stack
from ivc.review import exposure, traffic
from ivc.review.side import Side
from ivc.words.sentence import Sentence, listed, say, some


def changed_rules(address: str, before: Stack, after: Stack) -> Iterator[Sentence]:
    """A sentence for each peer whose rules come or go."""
    then, now = _rules(before, address), _rules(after, address)
    for verb, rules in (("comes", now - then), ("goes", then - now)):
        for way, direction in (("in", "ingress"), ("out", "egress")):
            for sentence in traffic.sentences(rule for rule in rules if rule.direction == direction):
                yield say(f"{verb}: {way}: {{}}", sentence)


def changed_reach(address: str, before: Side, after: Side) -> Iterator[Sentence]:
    """What the world reaches of the servers that have a group, before and after; those alike in one sentence."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    said: dict[tuple[str, str], tuple[Sentence, Sentence]] = {}
    for name, instance in after.instances.items():
        old = before.instances.get(name)
        if old is None or not any(address in nic.group_addresses for nic in instance.nics):
            continue
        change, _ = exposure.of_instance((before, old), (after, instance))
        if change is not None:
            texts = listed(change.before) or say("nothing"), listed(change.after) or say("nothing")
            key = str(texts[0]), str(texts[1])
            alike[key].append(name)
            said[key] = texts
    for key, names in alike.items():
        yield say("the world reaches of {}: {}; until now: {}", some(names), said[key][1], said[key][0])


def _rules(stack: Stack, address: str) -> set[Rule]:
    return {rule for group in stack.groups if group.address == address for rule in group.rules}
