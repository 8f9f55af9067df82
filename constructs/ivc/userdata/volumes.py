"""Existing volumes in the guest: the command that finds, waits for and mounts them.

It stands in `bootcmd`, which cloud-init runs at each boot before it installs or starts anything, so that nothing is
written below a mount point before the volume is there.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

from ivc.arguments import checked
from ivc.errors import DeclarationError
from ivc.userdata import template
from ivc.userdata.at_apply import AtApply
from ivc.userdata.cloud_config import CloudConfig, unused, with_marks, with_values
from ivc.userdata.document import Document
from ivc.userdata.file_rules import check_owner, check_permissions

FileSystem = Literal["ext4", "xfs"]

PATIENCE = 120
"""Seconds that a guest's boot waits for its volumes."""

_LOGICAL_VOLUME = re.compile(r"[A-Za-z0-9_.+][A-Za-z0-9_.+-]*/[A-Za-z0-9_.+][A-Za-z0-9_.+-]*")
_FOLDER = re.compile(r"[A-Za-z0-9_.+-][A-Za-z0-9_./+@-]*")
_OPTION = re.compile(r"[A-Za-z0-9_.:/=+-]+")
_MOST_PARTITIONS = 128


@checked
@dataclass(frozen=True)
class Mount:
    """A volume that a guest mounts.

    volume: what the declaration calls it.
    serial: the first 20 characters of its id, as a guest sees them whatever the bus.
    mount_point: an absolute path, in its plain form, without white space.
    format_if_blank: the file system to make where there is nothing at all; None leaves it blank.
    lvm: the logical volume to mount, `group/name`; partition: the number of the partition. None for the volume itself.
    folder: the one in its file system to mount; None for the whole.
    options: as fstab has them. owner, mode: of the mount point once it is mounted; None leaves them.

    Raises DeclarationError, which names the field, for a value that cannot be.
    """

    volume: str
    serial: str | AtApply
    mount_point: str
    format_if_blank: FileSystem | None = None
    lvm: str | None = None
    partition: int | None = None
    folder: str | None = None
    options: Sequence[str] = ()
    owner: str | None = None
    mode: str | None = None

    def __post_init__(self) -> None:
        path, folder = self.mount_point, self.folder
        if not path.startswith("/") or posixpath.normpath(path) != path or path == "/" or re.search(r"\s", path):
            raise DeclarationError(f"{path!r} is no place for it; write an absolute path such as '/srv'")
        if self.lvm is not None and not _LOGICAL_VOLUME.fullmatch(self.lvm):
            raise DeclarationError(f"lvm: {self.lvm!r} is no logical volume; write group/name")
        if self.partition is not None and not 1 <= self.partition <= _MOST_PARTITIONS:
            raise DeclarationError(f"partition: {self.partition} is none; partitions count from 1")
        if self.lvm is not None and self.partition is not None:
            raise DeclarationError("partition: it has lvm, too; a logical volume goes by its name alone, take one away")
        if folder is not None and (not _FOLDER.fullmatch(folder) or posixpath.normpath(f"/{folder}") != f"/{folder}"):
            raise DeclarationError(f"folder: {folder!r} is none in a volume; write one such as 'www/shop'")
        for option in self.options:
            if not _OPTION.fullmatch(option):
                raise DeclarationError(
                    f"options: {option!r} is no option of a mount; give each alone, such as 'noatime'"
                )
        if self.owner is not None:
            check_owner("owner", self.owner)
        if self.mode is not None:
            check_permissions("mode", self.mode)

    @property
    def words(self) -> tuple[str, ...]:
        """What the command is told beside serial and place, in its order."""
        partition = "" if self.partition is None else str(self.partition)
        others = (self.folder, ",".join(self.options), self.owner, self.mode)
        return (self.format_if_blank or "", self.lvm or "", partition, *(other or "" for other in others))

    @property
    def _others(self) -> dict[str, Any]:
        """What is set beside volume, serial and place, as JSON has it."""
        known = ("volume", "serial", "mount_point")
        given = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in known}
        return {name: [*value] if isinstance(value, tuple) else value for name, value in given.items() if value}

    @property
    def said(self) -> tuple[str | AtApply, ...]:
        """What the declaration says of it: of a volume its id, whatever it is called."""
        return "mount ", self.serial, json.dumps({"mount_point": self.mount_point, **self._others})

    @property
    def note(self) -> Mapping[str, Any]:
        """What the output keeps of it, for those who boot it without a cloud."""
        serial = self.serial if isinstance(self.serial, str) else self.serial.placeholder
        return {"volume": self.volume, "serial": serial, "mount_point": self.mount_point, **self._others}


def add(document: Document, mounts: Sequence[Mount]) -> Document:
    """A `#cloud-config` with the command that mounts the volumes before all others of its `bootcmd`.

    Raises ValueError where the document is no YAML, or its `bootcmd` not a list with one item a line.
    """
    script = _script(mounts, PATIENCE)
    mark = unused([document.readable, script.readable])
    config = CloudConfig.read(with_marks(document, mark))
    place = config.place("bootcmd")
    margin = " " * (place.indent + 2)
    lines = with_marks(script, mark).splitlines()
    item = f"{' ' * place.indent}- |\n" + "".join(f"{margin}{line}\n" for line in lines)
    merged = config.insert(place, item)
    if CloudConfig.read(merged).loaded.get("bootcmd", [None])[1:] != (config.loaded.get("bootcmd") or []):
        raise ValueError("its bootcmd cannot be added to without a change of what is there: end it with a newline")
    values, added = ([part for part in each.parts if isinstance(part, AtApply)] for each in (document, script))
    here = config.text[: place.at].count(mark)
    return with_values(merged, mark, [*values[:here], *added, *values[here:]])


def boothook(mounts: Sequence[Mount]) -> Document:
    """The same as a document of its own, to stand beside one that is no `#cloud-config`."""
    return Document(("#cloud-boothook\n#!/bin/sh\n", *_script(mounts, PATIENCE).parts))


def own_text() -> str:
    """What is the same in each such command, whatever it mounts: all from the function that reads its calls on."""
    return _own_text(PATIENCE)


@cache
def _own_text(patience: int) -> str:
    text = _script((), patience).readable
    return text[text.index("\none() {") + 1 :]


def _script(mounts: Sequence[Mount], patience: int) -> Document:
    # Whoever stands below another is mounted after it.
    ordered = sorted(mounts, key=lambda mount: mount.mount_point)
    return template.render_ours("volumes.sh.jinja", {"mounts": ordered, "patience": patience})
