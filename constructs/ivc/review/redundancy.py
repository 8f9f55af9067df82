"""Servers that stand in for one another, and of which a change leaves none in peace."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from ivc.estate import Instance
from ivc.review.model import Danger, Thing
from ivc.review.side import Side
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, listed, say

_OF_A_TIER = re.compile(r"(?P<tier>.*?[A-Za-z])[-_]?\d+")
_GOES = (Danger.DESTROY, Danger.REPLACE, Danger.WIPE, Danger.STOP)


def tier(server: str) -> str | None:
    """What a numbered server is one of: `www-2` of `www`; None where its id has no number."""
    found = _OF_A_TIER.fullmatch(server)
    return found["tier"] if found else None


def at_once(before: Side, things: Mapping[str, Thing]) -> Iterator[Sentence]:
    """A sentence for each set of servers that stand in for one another and of which none is left in peace.

    things: the instances that change, by id.
    """
    hit = {name for name, thing in things.items() if {*_GOES} & {*thing.dangers}}
    told: set[frozenset[str]] = set()
    for what, members in _sets(before):
        if len(members) > 1 and members <= hit and not any(members <= other for other in told):
            told.add(members)
            words = _words([things[name] for name in sorted(members, key=as_counted)])
            count = say("both servers") if len(members) == 2 else say("all {} servers", len(members))
            yield say("{} of {} {} at once, and none of them is left meanwhile", count, what, words)


def _words(things: list[Thing]) -> Sentence:
    words = {
        Danger.DESTROY: "destroyed",
        Danger.REPLACE: "replaced",
        Danger.WIPE: "wiped",
        Danger.STOP: "stopped",
    }
    found = {danger for thing in things for danger in thing.dangers if danger in _GOES}
    return say("are {}", listed([say(words[danger]) for danger in Danger if danger in found], "or"))


def _sets(side: Side) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Servers that stand in for one another: behind a load balancer, in a server group, of one block or name."""
    for balancer in side.stack.load_balancers:
        members = frozenset(one.id for one in side.stack.instances if _is_member(one, balancer.members))
        yield say("the load balancer {}", balancer.name), members
    by: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in side.stack.instances:
        if one.server_group is not None:
            by["the server group {}", one.server_group].add(one.id)
        block = side.document.elements[one.address].block
        if block != one.address:
            by["the block {}", block].add(one.id)
        if name := tier(one.id):
            by["the tier {}", name].add(one.id)
    for (words, name), ids in by.items():
        yield say(words, name), frozenset(ids)


def _is_member(instance: Instance, addresses: tuple[str, ...]) -> bool:
    own = [instance.address, *(nic.port for nic in instance.nics if nic.port is not None)]
    ips = {ip for nic in instance.nics for ip in nic.ips}
    return any(address in ips or any(f"{each}." in address for each in own) for address in addresses)
