"""What a declaration says it knows of and accepts."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ivc.errors import DeclarationError
from ivc.source import Source


@dataclass(frozen=True)
class Waiver:
    """A policy's findings about one address that are accepted.

    where: how errors call the declaration. subject: the address. reason: why it is right here.
    source: the line of the project that waives it.
    """

    where: str
    subject: str
    id: str
    reason: str
    source: Source | None


class Waivers:
    """All waivers of a stack. known: the ids of the policies that look at it."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = sorted(known)
        self._given: dict[tuple[str, str], Waiver] = {}

    def __iter__(self) -> Iterator[Waiver]:
        return iter(self._given.values())

    def add(self, waiver: Waiver) -> None:
        """Take in a waiver; raises DeclarationError for an id or reason that is none, and for a second of the same."""
        where = f"{waiver.where}: waive"
        if waiver.id not in self._known:
            near = max(self._known, key=lambda id_: difflib.SequenceMatcher(None, id_, waiver.id.upper()).ratio())
            raise DeclarationError(f"{where}: {waiver.id!r} is no policy's id; did you mean {near!r}?")
        if not waiver.reason.strip():
            raise DeclarationError(f"{where}: {waiver.id!r} has no reason; say why it is right here")
        if (waiver.subject, waiver.id) in self._given:
            raise DeclarationError(f"{where}: {waiver.id!r} is waived twice; one waiver is enough")
        self._given[waiver.subject, waiver.id] = waiver
