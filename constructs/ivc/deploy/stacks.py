"""The stacks of an output folder, in the order in which they are deployed."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ivc import estate
from ivc.deploy.errors import DeployError
from ivc.estate import sources
from ivc.estate.user_data import FOLDER
from ivc.source import Source
from ivc.terraform.document import Document


@dataclass(frozen=True)
class Stack:
    """A synthesized stack.

    output: the folder of all of them. read: its JSON, as it is read. needs: the stacks that are deployed before it.
    """

    name: str
    output: Path
    folder: Path
    read: Document
    needs: tuple[str, ...]

    @property
    def document(self) -> Mapping[str, Any]:
        """Its JSON as it stands in the file."""
        return self.read.raw

    @property
    def settings(self) -> dict[str, Any]:
        """Its block `terraform`."""
        found: dict[str, Any] = self.document.get("terraform", {})
        return found

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Where in the project an address is declared."""
        return sources.read(self.folder)

    @cached_property
    def workspace(self) -> Path:
        """The folder for the stack's plans and logs, beside the output: they may hold secrets, the output none.

        It is made where there is none, for this user alone, and git does not see it.
        """
        top = self.output.parent / ".ivc"
        folder = top / self.name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        top.chmod(0o700)
        (top / ".gitignore").write_text("*\n")
        return folder

    def digest(self) -> str:
        """Of all that a plan is made of, but for variables and the state."""
        found = hashlib.sha256()
        texts = self.folder / FOLDER
        for file in (self.folder / "cdk.tf.json", *(sorted(texts.iterdir()) if texts.is_dir() else ())):
            found.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
        return found.hexdigest()


def read(output: Path, patterns: Sequence[str] = ()) -> list[Stack]:
    """The stacks of an output folder that patterns such as `shop-*` name, each after those that it needs.

    Raises EstateError where the folder is none, and DeployError where there is no stack, and for a pattern that names
    none.
    """
    synthesized = {one.name: one for one in estate.synthesized(output)}
    if not synthesized:
        raise DeployError(
            "the program declares no stack: declare one; where its environments go by a pattern, name one in "
            "IVC_ENVIRONMENT"
        )
    needs = {name: one.needs for name, one in synthesized.items()}
    for pattern in patterns:
        if not fnmatch.filter(synthesized, pattern):
            raise DeployError(f"no stack is called {pattern}: the program declares {', '.join(synthesized)}")
    chosen = [name for name in synthesized if not patterns or any(fnmatch.fnmatchcase(name, one) for one in patterns)]
    ordered: list[str] = []
    for name in chosen:
        _after_its_needs(name, needs, ordered)
    return [
        Stack(
            name=name,
            output=output,
            folder=synthesized[name].path.parent,
            read=synthesized[name].document,
            needs=synthesized[name].needs,
        )
        for name in ordered
        if name in chosen
    ]


def waves(stacks: Sequence[Stack]) -> list[list[Stack]]:
    """The stacks in their order, those together that none of them needs: they can be planned before any is deployed."""
    found: list[list[Stack]] = []
    wave_of: dict[str, int] = {}
    for stack in stacks:
        number = max((wave_of[need] + 1 for need in stack.needs if need in wave_of), default=0)
        wave_of[stack.name] = number
        if number == len(found):
            found.append([])
        found[number].append(stack)
    return found


def _after_its_needs(name: str, needs: Mapping[str, tuple[str, ...]], ordered: list[str]) -> None:
    # CDKTF refuses circles.
    if name not in ordered:
        for need in needs.get(name, ()):
            _after_its_needs(need, needs, ordered)
        ordered.append(name)
