"""Existing volumes in the guest: the command that finds, waits for and mounts them.

It stands in `bootcmd`, which cloud-init runs at each boot before it installs or starts anything, so that nothing is
written below a mount point before the volume is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ivc.userdata import template
from ivc.userdata.at_apply import AtApply
from ivc.userdata.cloud_config import CloudConfig, unused, with_marks, with_values
from ivc.userdata.document import Document

FileSystem = Literal["ext4", "xfs"]

PATIENCE = 120
"""Seconds that a guest waits for a volume."""


@dataclass(frozen=True)
class Mount:
    """A volume that a guest mounts.

    volume: what the declaration calls it.
    serial: the first 20 characters of its id, as a guest sees them whatever the bus.
    mount_point: an absolute path.
    format_if_blank: the file system to make where the volume holds nothing at all; None leaves it blank.
    lvm: the logical volume to mount, `group/name`; None for the volume itself.
    """

    volume: str
    serial: str | AtApply
    mount_point: str
    format_if_blank: FileSystem | None
    lvm: str | None

    @property
    def said(self) -> tuple[str | AtApply, ...]:
        """What the declaration says of it: of a volume its id, whatever it is called."""
        others = {"mount_point": self.mount_point, "format_if_blank": self.format_if_blank, "lvm": self.lvm}
        return "mount ", self.serial, json.dumps({key: value for key, value in others.items() if value is not None})

    @property
    def note(self) -> Mapping[str, str]:
        """What the output keeps of it, for those who boot it without a cloud."""
        return {
            "volume": self.volume,
            "serial": self.serial if isinstance(self.serial, str) else self.serial.placeholder,
            "mount_point": self.mount_point,
            **({"format_if_blank": self.format_if_blank} if self.format_if_blank else {}),
            **({"lvm": self.lvm} if self.lvm else {}),
        }


def add(document: Document, mounts: Sequence[Mount]) -> Document:
    """A `#cloud-config` with the command that mounts the volumes before all others of its `bootcmd`.

    Raises ValueError where the document is no YAML, or its `bootcmd` not a list with one item a line.
    """
    script = _script(mounts)
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
    return Document(("#cloud-boothook\n#!/bin/sh\n", *_script(mounts).parts))


def own_text() -> str:
    """What is the same in each such command, whatever it mounts: the function that does it, line by line."""
    lines = _script(()).readable.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("volume() {"))
    return "\n".join(lines[first : lines.index("}") + 1])


def _script(mounts: Sequence[Mount]) -> Document:
    return template.render_ours("volumes.sh.jinja", {"volumes": mounts, "patience": PATIENCE})
