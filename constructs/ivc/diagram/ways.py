"""Who reaches the servers of a stack, in words: the world, and servers each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ivc.diagram.kinds import Kind, titled
from ivc.diagram.picture import WORLD, Passage
from ivc.estate.model import Instance, LoadBalancer, Nic, Pool, Stack
from ivc.estate.reach import (
    ALL,
    FAMILIES,
    NONE,
    Assumed,
    Opening,
    Reach,
    between,
    beyond,
    is_public,
    of_load_balancer,
    of_nic,
    to_load_balancer,
    transport,
)
from ivc.estate.rules import ALL_PORTS
from ivc.review.exposure import words
from ivc.terraform.value import Unknown
from ivc.words.order import as_counted


@dataclass(frozen=True)
class Vip:
    """A port without a server, and the servers that may use its address.

    title: what people call it. users: the kinds that may use it, and of one server each the NICs that do.
    """

    title: str
    port: Nic
    users: Mapping[Kind, Sequence[Nic]]


def to_servers(stack: Stack, kinds: Mapping[str, Kind], vips: Iterable[Vip], target: Kind) -> Iterator[Passage]:
    """What reaches servers of a kind. kinds: all of them, by the ids of their boxes."""
    first = target.servers[0]
    # What comes by a VIP is told with its name.
    itself = [replace(nic, vips=()) for nic in first.nics]
    yield from _from_world(lambda assumed: _together(of_nic(stack, nic, assumed) for nic in itself))
    for vip in vips:
        if target in vip.users:
            yield from by_vip(stack, vip, vip.users[target], f", by {vip.title}")
    reached = replace(first, nics=tuple(map(_with_pairs, first.nics)))

    def of(kind: Kind) -> Reach:
        source = kind.servers[0] if kind is not target else kind.servers[1] if len(kind.servers) > 1 else None
        return Reach() if source is None else between(stack, source, reached)

    yield from _from_servers(kinds, of)


def from_ranges(stack: Stack, server: Instance) -> Iterator[str]:
    """The ranges of addresses that a server's groups let in, beside the whole world, each with what."""
    worn = {address for nic in server.nics for address in nic.group_addresses}
    found: dict[str, set[Opening]] = {}
    for rule in (rule for group in stack.groups if group.address in worn for rule in group.rules):
        if rule.direction == "ingress" and not rule.from_world:
            low, high = rule.ports or ALL_PORTS
            for prefix in filter(None, rule.prefixes):
                found.setdefault(prefix, set()).update(
                    Opening(rule.protocol or "", low, high, family) for family in FAMILIES
                )
    for prefix in sorted(found, key=as_counted):
        yield f"lets in {prefix}: {words(found[prefix])}"


def by_vip(stack: Stack, vip: Vip, nics: Iterable[Nic], more: str = "") -> Iterator[Passage]:
    """What the world reaches through a VIP: what the groups of those that use it let in."""
    public = is_public(stack, vip.port)
    if public is False:
        return
    there = [replace(nic, network=replace(nic.network, public=public)) for nic in nics]
    yield from _from_world(lambda assumed: _together(of_nic(stack, nic, assumed) for nic in there), more)


def to_balancer(stack: Stack, kinds: Mapping[str, Kind], balancer: LoadBalancer) -> Iterator[Passage]:
    """What reaches a load balancer: the world, and servers. kinds: all of them, by the ids of their boxes."""
    yield from _from_world(lambda assumed: of_load_balancer(stack, balancer, assumed))
    yield from _from_servers(kinds, lambda kind: to_load_balancer(stack, kind.servers[0], balancer))


def _from_servers(kinds: Mapping[str, Kind], of: Callable[[Kind], Reach]) -> Iterator[Passage]:
    """What servers reach of something, those that reach the same together."""
    found: dict[tuple[str, bool], list[str]] = {}
    for id_, kind in kinds.items():
        for said in _said_of(of(kind)):
            found.setdefault(said, []).append(id_)
    for (way, certain), ids in found.items():
        yield Passage(tuple(ids), way, certain)


def led_to(balancer: LoadBalancer) -> Iterator[tuple[Pool, bool]]:
    """The pools that a load balancer's listeners lead to, and whether that is certain: one may lead to what is told by
    an id alone.
    """
    known = {pool.address for pool in balancer.pools}
    led = {pool for listener in balancer.listeners for pool in listener.pools}
    for pool in balancer.pools:
        if pool.address in led or led - known:
            yield pool, pool.address in led


def as_members(
    of: str,
    pool: Pool,
    target: Kind,
    members: Sequence[Instance],
    ports: Iterable[int | Unknown | None],
    *,
    certain: bool,
) -> Passage:
    """That a load balancer leads to servers of a kind. of: the id of its box. ports: where they listen."""
    named = "" if len(members) == len(target.servers) else f" {titled(one.id for one in members)}"
    told = sorted({port for port in ports if isinstance(port, int)})
    by = f" by {transport(pool.protocol)} {', '.join(map(str, told))}" if told else ""
    return Passage((of,), f"as member{'s' * (len(members) > 1)}{named} of pool {pool.name}{by}", certain=certain)


def _from_world(of: Callable[[Assumed], Reach], more: str = "") -> Iterator[Passage]:
    sure, at_worst = of(NONE), of(ALL)
    if sure.openings:
        yield Passage((WORLD,), f"{words(sure.openings)}{more}", certain=True)
    perhaps = beyond(at_worst.openings, sure.openings)
    said = [str(words(perhaps))] if perhaps else []
    said += [f"what the group {name} lets in" for name in sorted(at_worst.unknown, key=as_counted)]
    if said:
        yield Passage((WORLD,), f"{', and '.join(said)}{more}", certain=False)


def _said_of(reach: Reach) -> Iterator[tuple[str, bool]]:
    if reach.openings:
        yield str(words(reach.openings)), True
    if reach.unknown:
        yield f"what is not told here: {', '.join(sorted(reach.unknown, key=as_counted))}", False


def _together(found: Iterable[Reach]) -> Reach:
    whole = Reach()
    for one in found:
        whole |= one
    return whole


def _with_pairs(nic: Nic) -> Nic:
    """A NIC that has the addresses which it may use besides; an automatic one may be any of its network's."""
    return replace(nic, ips=(*nic.ips, *(pair for pair in nic.pairs if isinstance(pair, str)))) if nic.ips else nic
