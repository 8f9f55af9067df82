"""The names of a stack's declarations, and the Terraform addresses that these make."""

from __future__ import annotations

from pathlib import Path

from ivc.errors import DeclarationError
from ivc.source import Line, Source, source_of_caller


class Addresses:
    """Who has which name and which address in a stack, and where each address stood before a rename.

    stack: its name, for errors. folder: the app's, by which the places of declarations are told.
    sources: where in the project an address is declared. claimed: all addresses that declarations made.
    """

    def __init__(self, *, stack: str, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._declared: set[tuple[str, str]] = set()
        self._owners: dict[tuple[str, str], str] = {}
        self._moved: dict[tuple[str, str], tuple[str, str]] = {}
        self.sources: dict[str, Source] = {}
        self.claimed: set[str] = set()

    def declare(self, where: str, *, kind: str, name: str) -> None:
        """Take a name among the declarations of a kind; raises DeclarationError if another has it."""
        if (kind, name) in self._declared:
            raise DeclarationError(
                f"{where}: {name!r} is already declared as {kind} in stack {self._stack}; "
                "give one of the two another name"
            )
        self._declared.add((kind, name))

    def claim(self, where: str, *, type: str, name: str, former: str) -> str:
        """Take a Terraform address, which was `former` until now; raises DeclarationError if another has it.

        Returns the address.
        """
        owner = self._owners.get((type, name))
        if owner is not None:
            raise DeclarationError(
                f"{where}: {type}.{name} is already declared in stack {self._stack}, by {owner}; "
                "names are unique per kind: give one of the two another"
            )
        self._owners[(type, name)] = where
        if former != name:
            self._move(where, type=type, former=former, name=name)
        address = f"{type}.{name}"
        self.note_source(address)
        return address

    def note_source(self, address: str) -> None:
        """Note that the declaration under way makes what stands at an address, and where it stands in the project."""
        self.claimed.add(address)
        source = source_of_caller(self._folder)
        if source is not None:
            self.sources[address] = source

    def line_of(self, address: str) -> Line | None:
        """Where in the project an address is declared."""
        source = self.sources.get(address)
        return Line(self._folder / source.file, source.line) if source else None

    def moved_blocks(self) -> list[dict[str, str]]:
        """Terraform's `moved` blocks; raises DeclarationError where an old address is declared again."""
        for (type_, former), (name, where) in self._moved.items():
            owner = self._owners.get((type_, former))
            if owner is not None:
                raise DeclarationError(
                    f"{where}: renamed_from: {type_}.{former} is declared, by {owner}, so it cannot have become "
                    f"{name}; take renamed_from away, or the declaration of the old name",
                    line=self.line_of(f"{type_}.{name}"),
                )
        return [
            {"from": f"{type_}.{former}", "to": f"{type_}.{name}"}
            for (type_, former), (name, _) in sorted(self._moved.items())
        ]

    def _move(self, where: str, *, type: str, former: str, name: str) -> None:
        other, declaration = self._moved.get((type, former), (name, where))
        if other != name:
            raise DeclarationError(
                f"{where}: renamed_from: {declaration} says that it was {type}.{former}, too; "
                "take renamed_from away from one of the two"
            )
        self._moved[(type, former)] = (name, where)
