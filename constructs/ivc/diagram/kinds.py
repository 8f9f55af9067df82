"""Servers that are alike: who reaches one of them reaches all, and the other way round."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property

from ivc.estate.model import Instance, Nic, Stack
from ivc.estate.public_ranges import parse
from ivc.estate.reach import is_public
from ivc.words.order import as_counted, in_runs

_NAMES = 3
"""So many names a title holds."""


@dataclass(frozen=True, eq=False)
class Kind:
    """Servers that are alike, in the order in which people count."""

    servers: tuple[Instance, ...]

    @cached_property
    def title(self) -> str:
        """What they are called together."""
        return titled(server.id for server in self.servers)


def titled(names: Iterable[str]) -> str:
    """Names in a few words: `web-1 to web-9`; of very many the first, and how many more there are."""
    given = sorted(names, key=as_counted)
    runs = in_runs(given)
    return ", ".join(runs) if len(runs) <= _NAMES else f"{given[0]} and {len(given) - 1:,} more"


def kinds(stack: Stack) -> tuple[Kind, ...]:
    """All servers of a stack, those that are alike together."""
    alike = _Alike(stack)
    found: dict[Hashable, list[Instance]] = {}
    for server in sorted(stack.instances, key=lambda one: as_counted(one.id)):
        found.setdefault(tuple(map(alike.traits, server.nics)), []).append(server)
    return tuple(Kind(tuple(servers)) for servers in found.values())


class _Alike:
    """What NICs are compared by."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        prefixes = {
            prefix
            for rules in (stack.loose, *(group.rules for group in stack.groups))
            for rule in rules
            for prefix in rule.prefixes
            if prefix
        }
        prefixes |= {one for listener in stack.listeners for one in listener.allowed if one}
        self._ranges = [network for prefix in sorted(prefixes) if (network := parse(prefix)) is not None]
        self._places: dict[tuple[str, ...], tuple[bool, ...]] = {}

    def traits(self, nic: Nic) -> Hashable:
        return (
            (nic.network.address, nic.network.name),
            tuple(sorted(nic.groups)),
            tuple(sorted(nic.group_addresses)),
            (nic.port_security, nic.known, nic.outside, nic.unknown),
            tuple(sorted(map(str, nic.pairs))),
            is_public(self._stack, nic),
            # Automatic ones may be any of the network's, and so they are alike.
            self._place(nic.ips) if nic.ips else None,
        )

    def _place(self, addresses: tuple[str, ...]) -> tuple[bool, ...]:
        """In which of the ranges that rules name the addresses lie."""
        if addresses not in self._places:
            spaces = [space for text in addresses if (space := parse(text)) is not None]
            self._places[addresses] = tuple(any(space.overlaps(range_) for space in spaces) for range_ in self._ranges)
        return self._places[addresses]
