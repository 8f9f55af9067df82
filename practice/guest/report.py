"""What was seen in a guest after a boot, and what of it is wrong."""

import base64
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A stage of cloud-init; seconds None: it did not end."""

    name: str
    seconds: float | None
    errors: tuple[str, ...]


@dataclass(frozen=True)
class FailedUnit:
    """A systemd unit that failed, with the last lines of its log."""

    name: str
    log: str


@dataclass(frozen=True)
class FailedCommand:
    """A command of `runcmd`, its number from 1, and its exit code; None where it did not come to an end."""

    number: int
    command: str
    exit_code: int | None


@dataclass(frozen=True)
class Answer:
    """What a command that was run in the guest said, both its outputs together, and its exit code; None where it was
    cut off after a minute.
    """

    command: str
    exit_code: int | None
    output: str


@dataclass(frozen=True)
class SeenFile:
    """A file in the guest; content up to 1 MiB."""

    path: str
    content: bytes
    mode: int
    owner: str


@dataclass(frozen=True)
class Mount:
    """What is mounted, with the links under /dev/disk/by-id/ of the disk that it stands on."""

    source: str
    target: str
    fstype: str
    options: str
    links: tuple[str, ...]


@dataclass(frozen=True)
class BlockDevice:
    """A disk or a part of one; on_disk: the disk's path that it stands on, its own for a disk."""

    path: str
    kind: str
    on_disk: str
    serial: str | None
    fstype: str | None
    label: str | None
    uuid: str | None
    links: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that the machine or cloud-init did, in seconds after the machine was switched on."""

    seconds: float
    what: str


@dataclass(frozen=True)
class Report:
    """What one boot of a guest showed.

    boot: 1 for its first, 2 for the next.
    problems: what does not hold, a sentence each; empty: all that was asked for is there.
    not_tried: what could not be tried here, a sentence each; no problem, and no proof either.
    console: the file with all that the guest's console said.
    """

    name: str
    boot: int
    seconds: float
    problems: tuple[str, ...]
    not_tried: tuple[str, ...]
    console: Path
    datasource: str = ""
    stages: tuple[Stage, ...] = ()
    warnings: tuple[str, ...] = ()
    failed_units: tuple[FailedUnit, ...] = ()
    failed_commands: tuple[FailedCommand, ...] = ()
    answers: tuple[Answer, ...] = ()
    output: str = ""
    files: tuple[SeenFile, ...] = ()
    mounts: tuple[Mount, ...] = ()
    fstab: tuple[str, ...] = ()
    block_devices: tuple[BlockDevice, ...] = ()
    users: tuple[str, ...] = ()
    hostname: str = ""
    slowest: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether all that was asked for is there."""
        return not self.problems

    def file(self, path: str) -> SeenFile | None:
        """What was seen at a path; None where there is no file, or where nobody asked for it."""
        return next((file for file in self.files if file.path == path), None)

    def answer(self, command: str) -> Answer:
        """What one of the commands that were run said."""
        return next(answer for answer in self.answers if answer.command == command)

    def mount(self, target: str) -> Mount | None:
        """What is mounted there; of several, the last, which is the one that is seen."""
        return next((mount for mount in reversed(self.mounts) if mount.target == target), None)

    def disk(self, serial: str) -> BlockDevice | None:
        """The disk with that serial."""
        return next((one for one in self.block_devices if one.serial == serial and one.kind == "disk"), None)

    def to_json(self) -> str:
        """All of it; a content that is not UTF-8 in base64, after `base64:`."""
        return json.dumps(dataclasses.asdict(self), indent=2, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return f"base64:{base64.b64encode(value).decode()}"
    return str(value)
