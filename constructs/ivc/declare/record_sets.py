"""The names that a stack declares: which record sets each has, and which zones they are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivc.declare.addresses import Addresses
from ivc.declare.domain_name import is_in
from ivc.errors import DeclarationError
from ivc.source import Line, Source, line_of_caller

if TYPE_CHECKING:
    from ivc.declare.zone import AnyZone

_ALIAS = "CNAME"
_MOST_RECORDS = 20
"""Of a set, by Designate's default (designate/conf/base.py, `quota_recordset_records`)."""


@dataclass(frozen=True)
class RecordSet:
    """What one call of a zone's method declares: a record set, or one of each of two types.

    where: how errors call it. name: whole. types: those that it may be of.
    records: by type, what stands in it; asked when all is declared, and raises DeclarationError for what cannot be.
    line, source: where it is declared.
    """

    zone: AnyZone
    where: str
    name: str
    types: tuple[str, ...]
    records: Callable[[], Mapping[str, Sequence[str]]]
    ttl: int | None
    line: Line | None
    source: Source | None


class RecordSets:
    """All zones and record sets of a stack. addresses: the stack's, which keep where each is declared."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._zones: dict[str, tuple[AnyZone, Line | None]] = {}
        self._sets: list[RecordSet] = []
        self._by_name: dict[str, dict[str, RecordSet]] = defaultdict(dict)
        """By name and type, which may be of it."""
        self._made: dict[str, dict[str, RecordSet]] = defaultdict(dict)
        """By name and type, those that are of it."""

    def add_zone(self, zone: AnyZone) -> None:
        """Take in a zone; raises DeclarationError where one of its name is both made here and looked up."""
        other, _ = self._zones.setdefault(zone.name, (zone, line_of_caller()))
        if other._is_made != zone._is_made:
            raise DeclarationError(
                f"{zone._called}: zone {zone.name} is made here and looked up as well; leave the look-up out, and "
                "take the one that is made"
            )

    def nearest(self, name: str) -> AnyZone | None:
        """The zone of the stack that a whole name is in: the one with the longest name."""
        within = [zone for zone, _ in self._zones.values() if is_in(name, zone.name)]
        return max(within, key=lambda zone: len(zone.name), default=None)

    def add(self, new: RecordSet) -> None:
        """Take in what is declared; raises DeclarationError where the name has it already, or cannot have it beside
        what it has.
        """
        there = self._by_name[new.name]
        for type_ in new.types:
            if type_ in there:
                raise DeclarationError(
                    f"{new.where}: {_of(new.name, type_)} is declared already{_at(there[type_])}; a name has one "
                    "record set of a type: give all its records there"
                )
        if there and _ALIAS in {*there, *new.types}:
            other = there.get(_ALIAS) or next(iter(there.values()))
            has = "an alias" if _ALIAS in there else "other records"
            raise DeclarationError(
                f"{new.where}: {new.name} has {has} already{_at(other)}, and an alias stands alone; give one of the "
                "two another name"
            )
        there |= dict.fromkeys(new.types, new)
        self._sets.append(new)

    def decide(self) -> None:
        """Make the record sets, now that all is declared of what they lead to."""
        for one in sorted(self._sets, key=lambda one: (one.name, one.types)):
            try:
                self._make(one)
            except DeclarationError as error:
                error.is_about(one.line)
                raise

    def taken(self) -> Iterator[tuple[str, str, Line | None]]:
        """The zones and records that the stack makes, in words, who declares each, and where; known once decided."""
        for zone, line in self._zones.values():
            if zone._is_made:
                yield f"the zone {zone.name}", zone._called, line
        for name, sets in self._made.items():
            for type_, one in sets.items():
                yield f"the record {_of(name, type_)}", one.where, one.line

    def check_beside(self, other: RecordSets) -> None:
        """Raise DeclarationError where a record set cannot be, for what another stack of the same place declares: an
        alias beside other records, or a name in a zone of that stack. Both are decided.
        """
        for name, sets in self._made.items():
            theirs = other._made.get(name)
            if theirs and _ALIAS in sets:
                one, that = sets[_ALIAS], next(iter(theirs.values()))
                raise DeclarationError(
                    f"{_in_stack(one)}: {name} has other records already, by {_in_stack(that)}, and an alias stands "
                    "alone; give one of the two another name, or say which cloud or project each is in",
                    line=one.line,
                )
            one = next(iter(sets.values()))
            nearest = other.nearest(name)
            if nearest is not None and len(nearest.name) > len(one.zone.name):
                raise DeclarationError(
                    f"{_in_stack(one)}: {name} is in zone {nearest.name} of stack {nearest._stack.name}; look it up "
                    "here and declare it there, or say which cloud or project each is in",
                    line=one.line,
                )

    def _make(self, one: RecordSet) -> None:
        nearest = self.nearest(one.name)
        if nearest is not None and nearest.name != one.zone.name:
            raise DeclarationError(f"{one.where}: {one.name} is in zone {nearest.name}; declare it there")
        for type_, records in one.records().items():
            if len(records) > _MOST_RECORDS:
                raise DeclarationError(
                    f"{one.where}: {_of(one.name, type_)} has {len(records)} records, and Designate takes "
                    f"{_MOST_RECORDS}; give it fewer"
                )
            if type_ in self._made[one.name]:
                continue
            self._made[one.name][type_] = one
            address = one.zone._make_record_set(one.name, type_, records, one.ttl)
            if one.source is not None:
                self._addresses.sources[address] = one.source


def _of(name: str, type: str) -> str:
    return f"{name} {type}"


def _in_stack(one: RecordSet) -> str:
    return f"{one.where} (stack {one.zone._stack.name})"


def _at(other: RecordSet) -> str:
    return "" if other.source is None else f", at {other.source.file}:{other.source.line}"
