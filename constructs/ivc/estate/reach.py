"""Who reaches what: by rules of security groups, by what leads outside, and where nothing filters.

Ports are taken apart where the ranges of rules begin and end, and for each piece it is asked whether the sources that
may reach it are together as good as the world (`ivc.estate.public_ranges`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ivc.cidr import IPNetwork
from ivc.estate.model import Instance, Listener, LoadBalancer, Network, Nic, Pool, PoolMember, Stack
from ivc.estate.public_ranges import parse, reached_ports, reaches_world
from ivc.estate.rules import ALL_PORTS, Rule
from ivc.terraform.value import Unknown

FAMILIES = ("IPv4", "IPv6")


@dataclass(frozen=True)
class Span:
    """Ports of a protocol that the world reaches. rules: those that let it."""

    protocol: str
    first: int
    last: int
    rules: tuple[Rule, ...]

    def __len__(self) -> int:
        return self.last - self.first + 1


Assumed = frozenset[Unknown] | None
"""The unknown values that are taken for the worse, the others for the better; None for all of them."""
ALL: Assumed = None
NONE: Assumed = frozenset()


def is_assumed(unknown: Unknown, assumed: Assumed) -> bool:
    """Whether an unknown value is taken for the worse."""
    return assumed is None or unknown in assumed


def spans(rules: Iterable[Rule], protocol: str, *, assumed: Assumed = NONE) -> list[Span]:
    """The ports of a protocol (empty for what is about every one) that the world reaches by rules together."""

    def sources(rule: Rule) -> tuple[str | None, ...]:
        worst = any(is_assumed(unknown, assumed) for unknown in rule.unknown_prefixes)
        return (None,) if worst else rule.prefixes

    def ports(rule: Rule) -> tuple[int, int]:
        return rule.ports or ALL_PORTS

    relevant = [
        rule
        for rule in rules
        if rule.direction == "ingress"
        and sources(rule)
        and rule.lets(protocol)
        and all(is_assumed(unknown, assumed) for unknown in rule.unknown)
    ]
    return [
        Span(protocol, first, last, here) for first, last, here in reached_ports(relevant, ports=ports, sources=sources)
    ]


@dataclass(frozen=True, order=True)
class Opening:
    """Ports (or types, for ICMP) of a protocol in a family of addresses. protocol: empty for every one."""

    protocol: str
    low: int
    high: int
    family: str


EVERYTHING = frozenset(Opening("", *ALL_PORTS, family) for family in FAMILIES)
"""What the world reaches where nothing filters."""


def openings(rules: Iterable[Rule], assumed: Assumed = ALL) -> frozenset[Opening]:
    """What rules let in from as good as everywhere."""
    return _openings(frozenset(rule for rule in rules if rule.peer is None), assumed)


@lru_cache(maxsize=4096)
def _openings(rules: frozenset[Rule], assumed: Assumed) -> frozenset[Opening]:
    found: set[Opening] = set()
    for family in FAMILIES:
        ours = [rule for rule in rules if family in rule.families]
        for protocol in sorted({rule.protocol or "" for rule in ours}):
            found |= {Opening(protocol, low, high, family) for low, high in _open(ours, protocol, assumed)}
    return frozenset(found)


def _open(rules: list[Rule], protocol: str, assumed: Assumed) -> list[tuple[int, int]]:
    """The ranges of ports, joined where they touch."""
    found: list[tuple[int, int]] = []
    for span in spans(rules, protocol, assumed=assumed):
        found.append((found.pop()[0] if found and found[-1][1] == span.first - 1 else span.first, span.last))
    return found


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


@dataclass(frozen=True)
class Reach:
    """What the world reaches through NICs. unknown: groups whose rules only the cloud knows, by name."""

    openings: frozenset[Opening] = frozenset()
    unknown: frozenset[str] = frozenset()

    def __or__(self, other: Reach) -> Reach:
        return Reach(self.openings | other.openings, self.unknown | other.unknown)

    def __bool__(self) -> bool:
        return bool(self.openings or self.unknown)


_PERHAPS_IN_RANGE = "a range that an automatic address may lie in"


def is_public(stack: Stack, nic: Nic) -> bool | None:
    """Whether a NIC has an address that the Internet reaches; None where nobody says."""
    # One that leads to a server whose ports Nova makes may lead to any of these, and one that leads to a VIP to each
    # that may use its address.
    led = {floating.port for floating in stack.floating_ips if floating.port is not None}
    if not led.isdisjoint((nic.port, nic.server, *nic.vips)):
        return True
    return nic.network.public


def publicity(network: Network) -> Unknown:
    """Whether the Internet reaches a network, where nobody says."""
    return Unknown("whether the Internet reaches a network", inputs=(network.address, network.name))


def _is_reached(public: bool | None, network: Network, assumed: Assumed) -> bool:
    return is_assumed(publicity(network), assumed) if public is None else public


def of_nic(stack: Stack, nic: Nic, assumed: Assumed = ALL) -> Reach:
    """What the world reaches through a NIC, if it reaches it at all."""
    if not _is_reached(is_public(stack, nic), nic.network, assumed):
        return Reach()
    if nic.port_security is False and all(is_assumed(unknown, assumed) for unknown in nic.unknown):
        return Reach(EVERYTHING)
    # A rule of a group that nobody tells may be one of any.
    rules: list[Rule] = [*stack.loose]
    known: set[str] = set()
    for group in stack.groups:
        if group.address in nic.group_addresses:
            rules += group.rules
            if group.made:
                known.add(group.name)
    return Reach(openings(rules, assumed), frozenset(nic.groups) - known)


def of_load_balancer(stack: Stack, balancer: LoadBalancer, assumed: Assumed = ALL) -> Reach:
    """What the world reaches of a load balancer, by its listeners; its own port filters nothing."""
    return Reach(frozenset(one for each in balancer.listeners for one in of_listener(stack, balancer, each, assumed)))


def of_listener(stack: Stack, balancer: LoadBalancer, listener: Listener, assumed: Assumed = ALL) -> frozenset[Opening]:
    """What the world reaches of one listener of a load balancer."""
    floating = any(one.port in (balancer.address, balancer.port) for one in stack.floating_ips if one.port is not None)
    port = listener.port
    if not _is_reached(floating or balancer.network.public, balancer.network, assumed) or (
        isinstance(port, Unknown) and not is_assumed(port, assumed)
    ):
        return frozenset()
    low, high = (port, port) if isinstance(port, int) else ALL_PORTS
    families = _let_in(listener, assumed)
    return frozenset(Opening(transport(listener.protocol), low, high, family) for family in families)


def _let_in(listener: Listener, assumed: Assumed) -> Iterator[str]:
    """The families of addresses of which a listener lets in as good as all."""
    worst = any(is_assumed(each, assumed) for each in listener.unknown)
    yield from (family for family, ranges in _by_family(listener) if worst or reaches_world(ranges))


def _version(prefix: str) -> int | None:
    """The version of a range's addresses; None for what is none."""
    network = parse(prefix)
    return None if network is None else network.version


def transport(protocol: str) -> str:
    """What carries a protocol of a listener or a pool: all that Octavia knows but two ride on tcp."""
    return protocol.lower() if protocol.upper() in ("UDP", "SCTP") else "tcp"


@dataclass(frozen=True)
class Through:
    """A member of a pool that the world reaches through a load balancer. opening: where it comes in."""

    opening: Opening
    pool: Pool
    member: PoolMember


def through(stack: Stack, balancer: LoadBalancer, assumed: Assumed = ALL) -> Iterator[Through]:
    """Whom the world reaches through a load balancer: the members of the pools that its open listeners lead to."""
    pools = {pool.address: pool for pool in balancer.pools}
    for listener in balancer.listeners:
        for opening in of_listener(stack, balancer, listener, assumed):
            for pool in (pools[one] for one in listener.pools if one in pools):
                yield from (Through(opening, pool, member) for member in pool.members)


def to_load_balancer(stack: Stack, source: Instance, balancer: LoadBalancer) -> Reach:
    """What a server reaches of a load balancer: through a network that they share or a router joins, what its groups
    let out and the listeners let in. unknown: groups and ranges of which only the cloud knows.
    """
    found = Reach()
    vip = Nic(balancer.network, balancer.ips, (), port_security=None)
    for nic in source.nics:
        if _joined(stack, nic, vip):
            leaves = _passes(stack, nic, vip, "egress", ALL)
            for listener in balancer.listeners:
                comes = _by_listener(listener, nic)
                found |= Reach(_common(leaves.openings, comes.openings), comes.unknown)
            found |= Reach(unknown=leaves.unknown if balancer.listeners else frozenset())
    return found


def _by_listener(listener: Listener, nic: Nic) -> Reach:
    """What a listener lets in from a NIC."""
    ports = (listener.port, listener.port) if isinstance(listener.port, int) else ALL_PORTS
    found = Reach()
    for family, ranges in _by_family(listener):
        rule = Rule(
            address=listener.address,
            group="",
            direction="ingress",
            families=(family,),
            protocol=transport(listener.protocol),
            ports=ports,
            prefixes=ranges,
            unknown_prefixes=listener.unknown,
        )
        about = _is_about(rule, nic)
        if about is None:
            found |= Reach(unknown=frozenset(map(str, listener.unknown)) or frozenset({_PERHAPS_IN_RANGE}))
        elif about:
            found |= Reach(frozenset({Opening(rule.protocol or "", *ports, family)}))
    return found


def _by_family(listener: Listener) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """The ranges that a listener lets in, by the family of their addresses; those that are none in both."""
    for family, version in zip(FAMILIES, (4, 6), strict=True):
        yield family, tuple(one for one in listener.allowed if one is None or _version(one) in (version, None))


def between(
    stack: Stack, source: Instance, target: Instance, assumed: Assumed = ALL, *, untold_routers: bool = False
) -> Reach:
    """What one server reaches of another: through networks that they share or a router joins, by what the groups of
    both let through. unknown: groups and ranges of which only the cloud knows, and which may let through more.

    untold_routers: whether routers that are not told here are taken to join looked-up networks with others, and the
    Internet the public ones.
    """
    found = Reach()
    for one in source.nics:
        for other in target.nics:
            if _joined(stack, one, other) or (untold_routers and _may_be_joined(one.network, other.network)):
                leaves = _passes(stack, one, other, "egress", assumed)
                comes = _passes(stack, other, one, "ingress", assumed)
                both = _common(leaves.openings, comes.openings)
                found |= Reach(both, leaves.unknown | comes.unknown)
    return found


def _joined(stack: Stack, one: Nic, other: Nic) -> bool:
    names = {one.network.name, other.network.name}
    return len(names) == 1 or any(names <= {*router.networks} for router in stack.routers)


def _may_be_joined(one: Network, other: Network) -> bool:
    """Whether what this stack does not tell may lead from a network to another."""
    return (one.public is True and other.public is True) or any(
        not each.made and each.public is not True for each in (one, other)
    )


def _passes(
    stack: Stack, nic: Nic, peer: Nic, direction: Literal["ingress", "egress"], assumed: Assumed = ALL
) -> Reach:
    """What a NIC lets in from another, or out to it."""
    if nic.port_security is False and all(is_assumed(unknown, assumed) for unknown in nic.unknown):
        return Reach(EVERYTHING)
    own = [group for group in stack.groups if group.address in nic.group_addresses]
    rules = [rule for group in own for rule in group.rules if rule.direction == direction]
    unknown = {*nic.groups} - {group.name for group in own if group.made}
    found: set[Opening] = set()
    for rule in rules:
        if not all(is_assumed(unknown, assumed) for unknown in rule.unknown):
            continue
        about = _is_about(rule, peer)
        if about is None:
            unknown |= {*map(str, rule.unknown_prefixes)} or {rule.peer or _PERHAPS_IN_RANGE}
        if about:
            low, high = rule.ports or ALL_PORTS
            found |= {Opening(rule.protocol or "", low, high, family) for family in rule.families}
    return Reach(frozenset(found), frozenset(unknown))


def _is_about(rule: Rule, peer: Nic) -> bool | None:
    """Whether a rule's other end is a NIC; None where only the cloud knows."""
    if rule.peer is not None:
        if rule.peer_address is None or not peer.known:
            return None
        return rule.peer_address in peer.group_addresses
    ranges = [network for prefix in rule.prefixes if prefix and (network := parse(prefix)) is not None]
    # One of every address is about those that nobody tells, too.
    if None in rule.prefixes or any(not range_.prefixlen for range_ in ranges):
        return True
    spaces = [network for text in peer.ips or peer.network.cidrs if (network := parse(text)) is not None]
    if any(_within(space, range_) for space in spaces for range_ in ranges):
        return True
    told = spaces and not rule.unknown_prefixes
    return False if told and not any(space.overlaps(range_) for space in spaces for range_ in ranges) else None


def _within(space: IPNetwork, range_: IPNetwork) -> bool:
    return space.version == range_.version and space.subnet_of(range_)  # type: ignore[arg-type]


def _common(some: Iterable[Opening], others: Iterable[Opening]) -> frozenset[Opening]:
    """What is in both."""
    found = set()
    for one in some:
        for other in others:
            low, high = max(one.low, other.low), min(one.high, other.high)
            alike = one.protocol == other.protocol or "" in (one.protocol, other.protocol)
            if alike and one.family == other.family and low <= high:
                found.add(Opening(one.protocol or other.protocol, low, high, one.family))
    return frozenset(found)
