"""What a declaration says it knows of and accepts."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiver:
    """A policy's findings about one address that are accepted.

    where: how errors call the declaration. subject: the address. reason: why it is right here.
    """

    where: str
    subject: str
    id: str
    reason: str


class Waivers:
    """All waivers of a stack. known: the ids of the policies that look at it."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = sorted(known)
        self._given: dict[tuple[str, str], Waiver] = {}

    def __iter__(self) -> Iterator[Waiver]:
        return iter(self._given.values())

    def add(self, waiver: Waiver) -> None:
        """Take in a waiver; raises ValueError where its id or reason is none, and for a second one of the same."""
        where = f"{waiver.where}: waive"
        if waiver.id not in self._known:
            near = max(self._known, key=lambda id_: difflib.SequenceMatcher(None, id_, waiver.id.upper()).ratio())
            raise ValueError(f"{where}: {waiver.id!r} is no policy's id; did you mean {near!r}?")
        if not waiver.reason.strip():
            raise ValueError(f"{where}: {waiver.id!r} has no reason; say why it is right here")
        if (waiver.subject, waiver.id) in self._given:
            raise ValueError(f"{where}: {waiver.id!r} is waived twice; one waiver is enough")
        self._given[waiver.subject, waiver.id] = waiver
