"""What a declaration says it knows of and accepts."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Self


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


class Waivable:
    """A declaration that a policy may find something about."""

    _waivers: Waivers
    _subject: str
    _called: str

    def waive(self, id: str, *, reason: str) -> Self:
        """Accept what a policy finds about this declaration.

        id: the policy's, such as `IVC101`. reason: why it is right here; a reviewer reads it.

        Raises ValueError for an id that no policy has, and for an empty reason. A waiver of what is not found is an
        error at synthesis. Returns the declaration itself, so that it can follow a look-up.
        """
        self._waivers.add(Waiver(self._called, self._subject, id, reason))
        return self

    def _can_be_waived(self, called: str, *, subject: str, waivers: Waivers) -> None:
        """Say what `waive` is about: how errors call it, its Terraform address, and the stack's waivers."""
        self._called, self._subject, self._waivers = called, subject, waivers
