"""User data as a guest gets it, read back from a synthesized folder or rendered from a template alone.

For the command line: no declaration, no CDKTF, no Node. Libvirt guests and bare metal get theirs this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ivc.estate import Estate, EstateError, Instance, Stack
from ivc.userdata import AtApply, Document, FileTree, UserData
from ivc.userdata.checks import Waiver
from ivc.userdata.volumes import Mount

_SERIAL = 20


@dataclass(frozen=True)
class Declared:
    """An instance of a synthesized folder, and its stack."""

    stack: Stack
    instance: Instance

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.stack.name}/{self.instance.id}"

    def text(self, values: Mapping[str, str]) -> str:
        """Its user data, with values for what is known only at apply; raises EstateError for a value of nothing.

        values: by what stands in angle brackets, without them. What has no value stays in its brackets.
        """
        if self.instance.user_data is None:
            raise EstateError(f"Instance {self.label} has no user data: give it some in the declaration.")
        text = self.instance.user_data.path.read_bytes().decode()
        for label, value in values.items():
            if label not in self.instance.unknown:
                known = ", ".join(repr(each) for each in self.instance.unknown) or "nothing"
                raise EstateError(f"--set: {label!r} is no value known only at apply of {self.label}; it has {known}.")
            text = text.replace(f"<{label}>", value)
        return text

    def document(self) -> Document:
        """Its user data, with the warnings that its synthesis gave, and what was waived."""
        text = self.text({})
        pattern = "|".join(re.escape(f"<{label}>") for label in self.instance.unknown)
        pieces = re.split(f"({pattern})", text) if pattern else [text]
        return Document(
            tuple(AtApply("", piece[1:-1], 0) if number % 2 else piece for number, piece in enumerate(pieces)),
            warnings=self.instance.warnings,
            accepted=tuple(Waiver(waiver.id, waiver.reason) for waiver in self.instance.accepted),
        )


def instances(estate: Estate) -> Iterator[Declared]:
    """All instances of a folder."""
    for stack in estate.stacks:
        for instance in stack.instances:
            yield Declared(stack, instance)


def find(estate: Estate, name: str) -> Declared:
    """An instance by its id, or by `stack/id` where several stacks have it; raises EstateError."""
    found = [one for one in instances(estate) if name in (one.instance.id, one.label)]
    if len(found) == 1:
        return found[0]
    if found:
        labels = ", ".join(one.label for one in found)
        raise EstateError(f"{name} is an instance of several stacks: give one of {labels}.")
    known = ", ".join(one.instance.id for one in instances(estate)) or "none"
    raise EstateError(f"{name} is neither a file nor an instance of {estate.folder}; its instances: {known}.")


def of_template(
    path: Path, *, folder: Path | None, name: str, variables: Mapping[str, Any], files: Sequence[str] = ()
) -> Document:
    """A template's user data, with no declaration.

    path: the template. folder: where it, and what it includes, is looked for; its own folder unless said.
    name: the server's. variables: the template's; `instance` among them is what it sees as that, and its `volumes`
    with a `mount_point` are mounted. files: folders below `folder` whose files are brought.

    Raises ValueError where it does not render or cannot be user data.
    """
    root = (folder or path.parent).resolve()
    if not path.resolve().is_relative_to(root):
        raise ValueError(f"{path} is not below {root}: give --folder, where its templates stand")
    given = {key: value for key, value in variables.items() if key != "instance"}
    facts = _facts(name, variables.get("instance") or {})
    user_data = UserData.template(
        path.resolve().relative_to(root).as_posix(), files=[FileTree(tree) for tree in files], **given
    )
    mounts = [_mount(volume) for volume in _mounted(facts)]
    return user_data.render(folder=root, instance=facts, mounts=mounts, existing_volumes=bool(facts["volumes"]))


def variables_of(path: Path) -> dict[str, Any]:
    """The variables that a YAML file holds; raises ValueError for what is no mapping of names."""
    try:
        loaded = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise ValueError(f"{path} holds no variables: write a line for each, such as `site: shop.example`")
    return loaded


def newer_source(estate: Estate) -> Path | None:
    """A file of the project that is newer than what was synthesized from it, if there is one."""
    project = estate.folder.resolve().parent
    written = min((stack.file.path.stat().st_mtime for stack in estate.stacks), default=0.0)
    sources = (*project.glob("*.py"), *(project / "constructs").rglob("*.py"), *(project / "userdata").rglob("*"))
    return next((path for path in sorted(sources) if path.is_file() and path.stat().st_mtime > written), None)


def _facts(name: str, given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"variable instance: {given!r} is no mapping; write its name, addresses, networks or volumes")
    return {"name": name, "addresses": {}, "networks": [], "volumes": []} | dict(given)


def _mounted(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for volume in facts["volumes"]:
        if not isinstance(volume, Mapping) or "id" not in volume:
            raise ValueError(f"variable instance: its volume {volume!r} has no id; write at least `id:`")
        if volume.get("mount_point"):
            yield volume


def _mount(volume: Mapping[str, Any]) -> Mount:
    id_ = str(volume["id"])
    said = {key: value for key, value in volume.items() if key not in ("id", "name", "serial", "mount_points")}
    try:
        return Mount(str(volume.get("name", id_)), id_[:_SERIAL], **said)
    except (TypeError, ValueError) as error:
        raise ValueError(f"variable instance: its volume {id_!r}: {error}") from None
