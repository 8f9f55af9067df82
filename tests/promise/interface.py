"""What users' programs and tests call: what griffe finds broken in it, read from the source alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import griffe

_MODULES = ("ivc", "ivc.policies", "ivc.testing.change", "ivc.testing.estate", "ivc.testing.server")
"""Those whose names are for users: what they export, or all that they define where they say nothing of it."""


def broken(before: Path, after: Path) -> dict[str, str]:
    """The public names that break between two folders with the library in it, each with what becomes of it: `Instance`,
    `Instance.volumes`, `Instance(flavor)` for an argument.
    """
    then, now = (cast(griffe.Module, griffe.load("ivc", search_paths=[str(side)])) for side in (before, after))
    public = {path: name for name, one in _public(then) for path in (one.path, one.canonical_path)}
    # Of what is exported no more griffe says nothing while it stands where it stood.
    gone = {name for name, _ in _public(then)} - {name for name, _ in _public(now)}
    return dict.fromkeys(gone, "Public name was removed") | {
        name: breakage.kind.value
        for breakage in griffe.find_breaking_changes(then, now)
        for name in _called(breakage, public)
    }


def _public(library: griffe.Module) -> Iterator[tuple[str, griffe.Object | griffe.Alias]]:
    """What is for users, by name."""
    for path in _MODULES:
        try:
            module = library.modules_collection.get_member(path)
        except KeyError:
            continue
        for name, member in module.members.items():
            if name in module.exports if module.exports is not None else member.kind is griffe.Kind.CLASS:
                yield name, member


def _called(breakage: griffe.Breakage, public: dict[str, str]) -> Iterator[str]:
    """What users call it; nothing, where they do not."""
    path = breakage.obj.path
    stands = next((each for each in sorted(public, key=len, reverse=True) if f"{path}.".startswith(f"{each}.")), None)
    if stands is None:
        return
    name = f"{public[stands]}{path.removeprefix(stands)}".removesuffix(".__init__")
    values = (breakage.old_value, breakage.new_value)
    parameter = next((value for value in values if isinstance(value, griffe.Parameter)), None)
    yield f"{name}({parameter.name})" if parameter else name
