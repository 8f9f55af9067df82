"""Who has an address: servers, load balancers, floating IPs, ports without a server; and what names lead there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ivc.estate.model import RecordSet, Stack
from ivc.terraform.address import named
from ivc.terraform.value import Unknown


@dataclass(frozen=True)
class Holder:
    """What has an address. place: its Terraform address. to: what a floating IP leads to, where that is told here."""

    kind: Literal["server", "load balancer", "VIP", "floating IP"]
    name: str
    place: str
    to: Holder | None = None

    @property
    def end(self) -> Holder:
        """What is reached there."""
        return self if self.to is None else self.to


def holders(stack: Stack) -> Mapping[str, Holder]:
    """By the Terraform address of a thing and of its ports, and by each address that is told."""
    found: dict[str, Holder] = {}
    for vip in stack.vips:
        found |= dict.fromkeys((vip.address, *vip.ips), Holder("VIP", vip.name, vip.address))
    for server in stack.instances:
        ports = [port for nic in server.nics for port in (nic.port, *nic.ips) if port]
        found |= dict.fromkeys((server.address, *ports), Holder("server", server.id, server.address))
    for balancer in stack.load_balancers:
        places = (balancer.address, *([balancer.port] if balancer.port else []), *balancer.ips)
        found |= dict.fromkeys(places, Holder("load balancer", balancer.name, balancer.address))
    for floating in stack.floating_ips:
        name = floating.ip or named(floating.address)
        holder = Holder("floating IP", name, floating.address, found.get(floating.port or ""))
        found |= dict.fromkeys((floating.address, *([floating.ip] if floating.ip else [])), holder)
    return found


def of_record(record: str | Unknown, known: Mapping[str, Holder]) -> list[Holder]:
    """Who has the address in a record; nobody where that is not told here."""
    places = [record] if isinstance(record, str) else [one.address for one in record.depends_on]
    return list(dict.fromkeys(known[place] for place in places if place in known))


def names_of(stack: Stack) -> Mapping[str, tuple[str, ...]]:
    """By the Terraform address of what is reached there, the names that lead to it, those of a CNAME among them."""
    known = holders(stack)
    sets = [one for zone in stack.zones for one in zone.record_sets]
    places = {one.name: [*_places(one, known)] for one in sets if one.type in ("A", "AAAA")}
    aliases = {one.name: one.records[0] for one in sets if one.type == "CNAME" and one.records}
    found: dict[str, dict[str, None]] = {}
    for one in sets:
        target: str | Unknown = one.name
        # A circle of them leads nowhere.
        for _ in aliases:
            target = aliases.get(target, target) if isinstance(target, str) else target
        for place in places.get(target, ()) if isinstance(target, str) else ():
            found.setdefault(place, {})[one.name.removesuffix(".")] = None
    return {place: tuple(names) for place, names in found.items()}


def _places(of: RecordSet, known: Mapping[str, Holder]) -> Iterator[str]:
    for record in of.records:
        yield from (holder.end.place for holder in of_record(record, known))
