"""From a stack to what is drawn of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from ivc.diagram import ways
from ivc.diagram.kinds import Kind, kinds, titled
from ivc.diagram.picture import UNFILTERED, Box, DrawnNetwork, Member, Passage, Picture, Tie
from ivc.diagram.ways import Vip
from ivc.estate.holders import names_of
from ivc.estate.model import FloatingIp, Instance, Listener, LoadBalancer, Network, Nic, PoolMember, Router, Stack
from ivc.review import balancing
from ivc.terraform.address import Address, named, references
from ivc.terraform.value import Unknown
from ivc.words.order import as_counted

_ANY_ADDRESS = "an automatic address"
_NEW_ADDRESS = "an address that the cloud chooses"


def of_stack(stack: Stack) -> Picture:
    """What is drawn of a stack: servers that are alike in one box, and what cannot be told as such."""
    return _Composition(stack).picture()


class _Composition:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._networks: dict[tuple[str, str], DrawnNetwork] = {}
        for network in sorted(stack.networks, key=_order):
            self._id(network)
        self._kinds = kinds(stack)
        self._box_ids = {kind: f"s{number}" for number, kind in enumerate(self._kinds)}
        self._balancer_ids = {one.address: f"l{number}" for number, one in enumerate(stack.load_balancers)}
        # By the address of the port, load balancer or server that they lead to.
        self._floating: dict[str, list[FloatingIp]] = {}
        for floating in stack.floating_ips:
            if floating.port is not None:
                self._floating.setdefault(floating.port, []).append(floating)

    def picture(self) -> Picture:
        boxes = (
            *(self._router(f"r{number}", router) for number, router in enumerate(self._stack.routers)),
            *self._lost_floating_ips(),
            *(self._balancer(balancer) for balancer in self._stack.load_balancers),
            *(self._free_port(f"p{number}", vip) for number, vip in enumerate(self._vips)),
            *map(self._servers, self._kinds),
        )
        # After the boxes: what is told by its name alone is found on the way.
        networks = tuple(sorted(self._networks.values(), key=lambda one: [True, None, False].index(one.public)))
        return Picture(self._stack.name, len(self._stack.instances), networks, boxes, tuple(self._notes()))

    # Networks.

    def _id(self, network: Network) -> str:
        key = (network.address, network.name)
        if key not in self._networks:
            made = network.made if network.address else None
            id_ = f"n{len(self._networks)}"
            self._networks[key] = DrawnNetwork(id_, network.name, network.public, made, network.cidrs)
        return self._networks[key].id

    def _named(self, name: str) -> str | None:
        """The id of a network that is told by its name."""
        if not name:
            return None
        known = (network for network in self._stack.networks if network.name == name)
        return self._id(next(known, Network("", name, False, None, None, ())))

    # Boxes.

    def _router(self, id_: str, router: Router) -> Box:
        ties = [Tie(self._named(name), ()) for name in router.networks]
        found = Address.parse(router.address)
        notes: tuple[str, ...] = ()
        if router.outside is not None:
            ties.insert(0, Tie(self._named(router.outside), (), ("its way out",), kind="outside"))
        elif found is not None and found.data:
            notes = ("looked up: its way out, and what else it joins, is not told here",)
        else:
            notes = ("no way out",)
        return Box(id_, "router", router.name, tuple(ties), notes)

    def _lost_floating_ips(self) -> Iterator[Box]:
        """Those that lead to nothing which is drawn."""
        drawn = {
            *(nic.port for nic in self._stack.ports),
            *(nic.server for server in self._stack.instances for nic in server.nics),
            *self._balancer_ids,
        }
        for number, floating in enumerate(self._stack.floating_ips):
            if floating.port not in drawn or floating.port is None:
                note = f"leads to {floating.port}" if floating.port else "leads to nothing that is told here"
                tie = Tie(self._named(floating.pool), (floating.ip or _NEW_ADDRESS,), kind="floating")
                notes = (note, *self._called([floating.address]))
                yield Box(f"f{number}", "floating IP", floating.ip or named(floating.address), (tie,), notes)

    def _balancer(self, balancer: LoadBalancer) -> Box:
        id_ = self._balancer_ids[balancer.address]
        ports = [_port(one) for one in balancer.listeners]
        listens = f"listens on {', '.join(ports)}" if ports else "listens on nothing"
        ties = (
            Tie(self._id(balancer.network) if balancer.network.name else None, (*balancer.ips, listens)),
            *self._floating_ties(balancer.address),
            *self._floating_ties(balancer.port),
        )
        outside = [member for member in balancer.members if not self._members_of(member)]
        notes = [
            *self._called([balancer.address]),
            *(_does(one, balancer) for one in balancer.listeners),
        ]
        if outside:
            notes.append(f"members that are no server of this stack: {', '.join(dict.fromkeys(outside))}")
        boxes = {box: kind for kind, box in self._box_ids.items()}
        reached = tuple(ways.to_balancer(self._stack, boxes, balancer))
        return Box(id_, "load balancer", balancer.name, ties, tuple(notes), reached=reached)

    @cached_property
    def _vips(self) -> tuple[Vip, ...]:
        """The ports that no server has."""
        addresses = {vip.address for vip in self._stack.vips}
        free = sorted(
            (port for port in self._stack.ports if port.port in addresses), key=lambda one: as_counted(one.port or "")
        )
        found = []
        for port in free:
            users = {
                kind: nics
                for kind in self._kinds
                if (nics := [nic for nic in kind.servers[0].nics if port.port in nic.vips])
            }
            noun = "VIP" if users else "port"
            found.append(Vip(f"{noun} {named(port.port or '')}", port, users))
        return tuple(found)

    def _free_port(self, id_: str, vip: Vip) -> Box:
        port = vip.port
        users = [server.id for kind in vip.users for server in kind.servers]
        ties = (
            Tie(self._id(port.network), port.ips or (_ANY_ADDRESS,)),
            *self._floating_ties(port.port),
        )
        called = self._called([port.port or ""])
        if not users:
            return Box(id_, "port", named(port.port or ""), ties, ("no server of this stack has it", *called))
        found = ways.by_vip(self._stack, vip, (nic for nics in vip.users.values() for nic in nics))
        notes = (f"{titled(users)} may use it", *called)
        return Box(id_, "vip", named(port.port or ""), ties, notes, reached=tuple(found))

    def _servers(self, kind: Kind) -> Box:
        first = kind.servers[0]
        several = len(kind.servers) > 1
        ties = [self._nic_tie(kind, number) for number in range(len(first.nics))]
        floating = [one for server in kind.servers for one in self._floating_of(server)]
        if several:
            ties += [
                Tie(self._named(pool), (f"{len(same)} floating IP{'s' * (len(same) > 1)}",), kind="floating")
                for pool, same in _by_pool(floating).items()
            ]
        else:
            # What leads to a server as a whole stands once.
            places = {nic.port or nic.server: _place(nic) for nic in reversed(first.nics)}
            ties += [tie for to, place in reversed(places.items()) for tie in self._floating_ties(to, place)]
        notes = [f"{first.name} in the cloud"] if not several and first.name != first.id else []
        return Box(
            self._box_ids[kind],
            "servers",
            kind.title,
            tuple(ties),
            (*notes, *self._called(server.address for server in kind.servers), *ways.from_ranges(self._stack, first)),
            tuple(map(self._member, kind.servers)) if several else (),
            (*self._reaching(kind),),
        )

    def _reaching(self, kind: Kind) -> Iterator[Passage]:
        boxes = {id_: one for one, id_ in self._box_ids.items()}
        found = list(ways.to_servers(self._stack, boxes, self._vips, kind))
        for balancer in self._stack.load_balancers:
            for pool, certain in ways.led_to(balancer):
                behind: dict[str, PoolMember] = {
                    server.address: member
                    for member in pool.members
                    for server in self._members_of(str(member.address))
                }
                if members := [server for server in kind.servers if server.address in behind]:
                    ports = {behind[server.address].port for server in members}
                    balancer_id = self._balancer_ids[balancer.address]
                    found.append(ways.as_members(balancer_id, pool, kind, members, ports, certain=certain))
        yield from sorted(found, key=lambda one: not one.certain)

    def _nic_tie(self, kind: Kind, number: int) -> Tie:
        nics = [server.nics[number] for server in kind.servers]
        first = nics[0]
        words: tuple[str, ...] = first.ips or (_ANY_ADDRESS,)
        if len(nics) > 1:
            automatic = sum(not nic.ips for nic in nics)
            words = ("automatic addresses",) if automatic == len(nics) else ()
        more = [f"group{'s' * (len(first.groups) > 1)} {', '.join(first.groups)}"] if first.groups else []
        if first.port_security is False:
            more.append(UNFILTERED)
        elif not first.groups:
            more.append("no group")
        more += [f"may use {words}" for words in self._pairs(first)]
        if first.outside:
            more.append("its port is not told here")
        network = self._id(first.network) if first.network.address or first.network.name else None
        return Tie(network, words, tuple(more))

    def _pairs(self, nic: Nic) -> Iterator[str]:
        known = [vip for vip in self._vips if vip.port.port in nic.vips]
        yield from (vip.title for vip in known)
        for pair in nic.pairs:
            if not any(_is_of(pair, vip.port) for vip in known):
                yield str(pair)

    def _member(self, server: Instance) -> Member:
        addresses: list[tuple[str | None, str]] = [(self._id(nic.network), ip) for nic in server.nics for ip in nic.ips]
        for floating in self._floating_of(server):
            addresses.append((self._named(floating.pool), floating.ip or "a new floating IP"))
        return Member(server.id, tuple(addresses))

    # Floating IPs.

    def _floating_of(self, server: Instance) -> list[FloatingIp]:
        places = dict.fromkeys(place for nic in server.nics for place in (nic.port, nic.server) if place)
        return [floating for place in places for floating in self._floating.get(place, ())]

    def _floating_ties(self, place: str | None, leads_to: str = "") -> Iterator[Tie]:
        for floating in self._floating.get(place or "", ()):
            more = f"floating IP{leads_to}"
            yield Tie(self._named(floating.pool), (floating.ip or _NEW_ADDRESS,), (more,), kind="floating")

    # Names.

    def _called(self, places: Iterable[str]) -> Iterator[str]:
        """The names in DNS that lead to things, by their Terraform addresses."""
        found = [name for place in places for name in self._dns.get(place, ())]
        if found:
            yield f"called {titled(dict.fromkeys(found))}"

    @cached_property
    def _dns(self) -> Mapping[str, tuple[str, ...]]:
        return names_of(self._stack)

    # Members of load balancers.

    @cached_property
    def _by_place(self) -> Mapping[str, list[Instance]]:
        """Servers by their addresses, and by those of their Terraform resources."""
        found: dict[str, list[Instance]] = {}
        for server in self._stack.instances:
            places = {
                server.address,
                *(nic.port for nic in server.nics),
                *(ip for nic in server.nics for ip in nic.ips),
            }
            for place in places - {None}:
                found.setdefault(str(place), []).append(server)
        return found

    def _members_of(self, member: str) -> list[Instance]:
        places = [member, *(reference.address for reference in references(member))]
        return [server for place in places for server in self._by_place.get(place, ())]

    # What cannot be told.

    def _notes(self) -> Iterator[str]:
        looked_up = [one.name for one in self._networks.values() if not one.made and not one.public]
        if looked_up:
            yield f"Routers that are not told here may join {titled(looked_up)} with other networks."
        if self._stack.loose:
            yield (
                f"{len(self._stack.loose):,} rules are of groups that are not told here: they may let through more."
                if len(self._stack.loose) > 1
                else "One rule is of a group that is not told here: it may let through more."
            )


def _port(listener: Listener) -> str:
    return f"{listener.protocol} {'?' if isinstance(listener.port, Unknown) else listener.port}"


def _does(listener: Listener, balancer: LoadBalancer) -> str:
    """Whom a listener lets in, what it does with what comes, and which certificates it shows."""
    ranges = [*(one for one in listener.allowed if one is not None), *map(str, listener.unknown)]
    lets_in = f" from {', '.join(ranges)}" if None not in listener.allowed or listener.unknown else ""
    leads = [str(one).removeprefix("→ ") for one in balancing.leads(listener, balancer.pools)] or ["leads nowhere"]
    shows = [f"certificate {', '.join(listener.certificates)}"] if listener.certificates else []
    return f"{_port(listener)}{lets_in}: {'; '.join([*leads, *shows])}"


def _order(network: Network) -> tuple[object, ...]:
    return as_counted(network.name)


def _place(nic: Nic) -> str:
    return f" of {nic.ips[0] if nic.ips else f'its address on {nic.network.name}'}"


def _is_of(pair: str | Unknown, port: Nic) -> bool:
    if isinstance(pair, Unknown):
        return any(reference.address == port.port for reference in pair.depends_on)
    return pair in port.ips


def _by_pool(floating: Iterable[FloatingIp]) -> dict[str, list[FloatingIp]]:
    found: dict[str, list[FloatingIp]] = {}
    for one in floating:
        found.setdefault(one.pool, []).append(one)
    return found
