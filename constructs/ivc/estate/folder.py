"""A folder that a synthesis wrote, and the estate in it. To read it takes no Node, no Terraform and no CDKTF."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivc.estate import user_data
from ivc.estate.model import Estate
from ivc.estate.reading import stack_of
from ivc.terraform.document import Document
from ivc.terraform.errors import EstateError
from ivc.words.order import as_counted


@dataclass(frozen=True)
class Synthesized:
    """One stack's JSON, as a synthesis wrote it. needs: the stacks that are deployed before it."""

    name: str
    path: Path
    document: Document
    needs: tuple[str, ...] = ()

    @property
    def on_openstack(self) -> bool:
        """Whether it has anything to do with OpenStack."""
        return "openstack" in self.document.section("provider")


def synthesized(folder: Path) -> list[Synthesized]:
    """The stacks in a folder that a synthesis wrote.

    Raises EstateError if it is no such folder, or a file of it is missing or was changed.
    """
    manifest = folder / "manifest.json"
    if not folder.is_dir():
        raise EstateError(f"There is no folder {folder}: run `ivc synth` to write it.")
    if not manifest.is_file():
        raise EstateError(f"{folder} was not written by a synthesis, it has no manifest.json: name another folder.")
    listed = _load(manifest).get("stacks")
    if not isinstance(listed, dict):
        raise EstateError(f"{folder} was written by another tool, its manifest.json lists no stacks of CDKTF.")
    found = []
    for name, entry in sorted(listed.items(), key=lambda one: as_counted(one[0])):
        said = _mapping(manifest, f"stack {name}", entry)
        path = folder / str(said.get("synthesizedStackPath", ""))
        # A folder may come from somebody else, and no file outside of it is theirs to show.
        if not path.resolve().is_relative_to(folder.resolve()):
            raise EstateError(
                f"{manifest} lists a file outside of {folder}, {path}: run `ivc synth` to write all anew."
            )
        if not path.is_file():
            raise EstateError(f"{path}, which {manifest} lists, is not there: run `ivc synth` to write all anew.")
        document = Document.of(name, _load(path), path)
        user_data.check(document, path)
        found.append(Synthesized(name, path, document, tuple(map(str, said.get("dependencies") or ()))))
    return found


def read(folder: Path) -> Estate:
    """The estate in a folder that a synthesis wrote; raises EstateError if it holds none."""
    written = synthesized(folder)
    stacks = tuple(stack_of(each.document, each.path) for each in written if each.on_openstack)
    others = tuple(each.name for each in written if not each.on_openstack)
    if others and not stacks:
        raise EstateError(f"{folder} was written by another program: none of its stacks is on OpenStack.")
    return Estate(folder, stacks, others)


def _load(path: Path) -> dict[str, Any]:
    try:
        return _mapping(path, "the whole", json.loads(path.read_bytes()))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EstateError(f"{path} is no whole JSON ({error}): run `ivc synth` to write it anew.") from None
    except OSError as error:
        raise EstateError(f"{path} cannot be read: {error.strerror}.") from None


def _mapping(path: Path, what: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EstateError(f"{path} is not as a synthesis writes it, {what} is no JSON object: run `ivc synth`.")
    return value
