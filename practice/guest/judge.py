"""Makes the report of what a guest said about itself: compares it with what its user data asks for."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from practice.guest.asked import Asked, ExpectedFile
from practice.guest.disk import Blank, Disk
from practice.guest.report import (
    Answer,
    BlockDevice,
    Event,
    FailedCommand,
    FailedUnit,
    Mount,
    Report,
    SeenFile,
    Stage,
)

_BEGINS = " running 'init-local'"
_OF_VOLUMES = "ivc: "
_STAGES = ("init-local", "init", "modules-config", "modules-final")
# What cloud-init's log says once more about a module whose error its result has already.
_REPEATED = re.compile(r"Running module|Failed to run module|Runparts:|Failed running|failed with exceptions")


@dataclass(frozen=True)
class Boot:
    """What is known on this side about a boot."""

    name: str
    number: int
    seconds: float
    user_data: bytes
    asked: Asked
    source: str
    disks: Sequence[Disk]
    console: Path
    events: tuple[Event, ...]


def unseen(boot: Boot, why: str) -> Report:
    """The report of a guest that said nothing about itself."""
    said = boot.console.read_text(errors="replace").splitlines() if boot.console.exists() else []
    last = next((line.strip() for line in reversed(said) if line.strip()), "nothing")
    return Report(
        name=boot.name,
        boot=boot.number,
        seconds=boot.seconds,
        problems=(f"{why}; its console's last line: {last[:200]}", *boot.asked.problems),
        not_tried=boot.asked.not_read,
        console=boot.console,
        events=boot.events,
    )


def seen(boot: Boot, said: Mapping[str, Any]) -> Report:
    """The report of what the probe said."""
    stages = _stages(said)
    blocks = _blocks(said)
    mounts = _mounts(said, blocks)
    files = tuple(_file(path, one) for path, one in said["files"].items() if one)
    commands = _commands(boot.asked, said)
    units = tuple(FailedUnit(**unit) for unit in said["failed_units"])
    problems = [
        *boot.asked.problems,
        *_about_stages(boot, said, stages),
        *_about_user_data(boot, said),
        *(f"runcmd, command {one.number}, `{one.command}`: {_ended(one)}." for one in commands),
        *_about_warnings(said, stages),
        *_about_units(units, stages),
        *(f"The start of {job} had not ended when the guest was looked at." for job in said["jobs"]),
        *_about_files(boot.asked.files, files),
        *_about_mounts(boot, mounts, blocks),
        *_about_volumes(said),
        *(f"The user {user} is not there." for user in boot.asked.users if user not in said["users"]),
    ]
    return Report(
        name=boot.name,
        boot=boot.number,
        seconds=boot.seconds,
        problems=tuple(dict.fromkeys(problems)),
        not_tried=(*boot.asked.not_read, *_about_watching(boot, said)),
        console=boot.console,
        datasource=said["status"].get("v1", {}).get("datasource") or "",
        stages=stages,
        warnings=tuple(said["warnings"]),
        failed_units=units,
        failed_commands=commands,
        answers=tuple(Answer(**answer) for answer in said["answers"]),
        output=said["output"],
        files=files,
        mounts=mounts,
        fstab=tuple(said["fstab"]),
        block_devices=blocks,
        users=tuple(said["users"]),
        hostname=said["hostname"],
        slowest=tuple(line.strip() for line in said["blame"]),
        events=boot.events,
    )


def _stages(said: Mapping[str, Any]) -> tuple[Stage, ...]:
    status = said["status"].get("v1", {})
    return tuple(_stage(name, status[name]) for name in _STAGES if name in status)


def _stage(name: str, status: Mapping[str, Any]) -> Stage:
    # From 23.4 on, cloud-init keeps apart what it could do without.
    recoverable = [one for errors in status.get("recoverable_errors", {}).values() for one in errors]
    start, finished = status.get("start"), status.get("finished")
    return Stage(
        name=name,
        seconds=round(finished - start, 2) if start and finished else None,
        errors=tuple(map(str, [*status.get("errors", []), *recoverable])),
    )


def _about_stages(boot: Boot, said: Mapping[str, Any], stages: Sequence[Stage]) -> Iterable[str]:
    if missing := [name for name in _STAGES if name not in {stage.name for stage in stages}]:
        yield f"cloud-init did not begin its stages {', '.join(missing)}."
    for stage in stages:
        if stage.seconds is None:
            yield f"cloud-init did not end its stage {stage.name}."
        for error in stage.errors:
            yield f"cloud-init's stage {stage.name} says: {error}"
    if "v1" not in said["result"]:
        yield "cloud-init wrote no result."
    if boot.source not in (source := said["status"].get("v1", {}).get("datasource") or "nothing"):
        yield f"cloud-init read {source} and not {boot.source}."


def _about_user_data(boot: Boot, said: Mapping[str, Any]) -> Iterable[str]:
    if said["user_data"] != sha256(boot.user_data).hexdigest():
        yield "The user data that cloud-init read is not what was on the config drive, byte for byte."
    # Broken YAML is no error to cloud-init: that it took in each key is the proof.
    try:
        taken = yaml.load(said["cloud_config"], Loader=yaml.CSafeLoader) or {}
    except yaml.YAMLError:
        taken = {}
    if missing := [key for key in boot.asked.keys if key not in taken]:
        yield f"cloud-init did not take in {', '.join(missing)}: to it, the user data does not have it."


def _commands(asked: Asked, said: Mapping[str, Any]) -> tuple[FailedCommand, ...]:
    codes = {int(number): int(code) for number, code in map(str.split, said["commands"].splitlines())}
    failed = [
        FailedCommand(number, command, codes.get(number))
        for number, command in enumerate(asked.commands, start=1)
        if codes and codes.get(number) != 0
    ]
    # The first that did not come to its end is where the script stopped; the others were not begun.
    ends = [number for number, one in enumerate(failed, start=1) if one.exit_code is None]
    return tuple(failed[: ends[0]] if ends else failed)


def _ended(command: FailedCommand) -> str:
    if command.exit_code is None:
        return "the script ended in it, and no later command ran"
    return f"exit code {command.exit_code}"


def _about_watching(boot: Boot, said: Mapping[str, Any]) -> Iterable[str]:
    if boot.number == 1 and boot.asked.commands and not said["watched"]:
        yield "the commands of runcmd one by one: only the exit code of the last one counts for cloud-init"


def _about_warnings(said: Mapping[str, Any], stages: Sequence[Stage]) -> Iterable[str]:
    has_errors = any(stage.errors for stage in stages)
    for line in said["warnings"]:
        if not (has_errors and _REPEATED.search(line)):
            yield f"cloud-init's log says: {line.partition(' - ')[2] or line}"


def _about_units(units: Iterable[FailedUnit], stages: Sequence[Stage]) -> Iterable[str]:
    has_errors = any(stage.errors for stage in stages)
    for unit in units:
        # cloud-init's own units fail with their stages, whose errors are said already.
        if not (has_errors and unit.name.startswith("cloud-")):
            last = unit.log.strip().splitlines()[-1:] or ["nothing in its log"]
            yield f"The unit {unit.name} failed: {last[0]}"


def _file(path: str, said: Mapping[str, Any]) -> SeenFile:
    return SeenFile(
        path=path,
        content=base64.b64decode(said["content"]),
        mode=said["mode"],
        owner=f"{said['owner']}:{said['group']}",
    )


def _about_files(expected: Mapping[str, ExpectedFile], files: Iterable[SeenFile]) -> Iterable[str]:
    seen_files = {file.path: file for file in files}
    for path, wanted in expected.items():
        file = seen_files.get(path)
        if file is None:
            yield f"The file {path} is not there."
            continue
        if file.content != wanted.content and (wanted.whole or not file.content.endswith(wanted.content)):
            yield f"The file {path} has other bytes than the user data gives it: {_difference(wanted, file)}."
        if file.mode != wanted.mode:
            yield f"The file {path} has the mode {file.mode:04o}, and the user data says {wanted.mode:04o}."
        owner = wanted.owner if ":" in wanted.owner else f"{wanted.owner}:{file.owner.partition(':')[2]}"
        if file.owner != owner:
            yield f"The file {path} belongs to {file.owner}, and the user data says {wanted.owner}."


def _difference(wanted: ExpectedFile, file: SeenFile) -> str:
    lines = [one.content.decode(errors="replace").splitlines(keepends=True) for one in (wanted, file)]
    for number, (left, right) in enumerate(zip(*lines, strict=False), start=1):
        if left != right:
            return f"line {number} is {right!r} and not {left!r}"
    return f"it has {len(file.content):,} bytes and not {len(wanted.content):,}"


def _blocks(said: Mapping[str, Any]) -> tuple[BlockDevice, ...]:
    return tuple(
        block for disk in said["blocks"].get("blockdevices", []) for block in _with_parts(disk, disk, said["links"])
    )


def _with_parts(one: Mapping[str, Any], disk: Mapping[str, Any], links: Mapping[str, str]) -> Iterable[BlockDevice]:
    yield BlockDevice(
        path=one["path"],
        kind=one["type"],
        on_disk=disk["path"],
        serial=one["serial"],
        fstype=one["fstype"],
        label=one["label"],
        uuid=one["uuid"],
        links=tuple(link for link, path in links.items() if path == one["path"]),
    )
    for part in one.get("children", []):
        yield from _with_parts(part, disk, links)


def _mounts(said: Mapping[str, Any], blocks: Sequence[BlockDevice]) -> tuple[Mount, ...]:
    disk_of = {block.path: block.on_disk for block in blocks}
    links_of = {block.path: block.links for block in blocks}
    return tuple(
        Mount(
            source=one["source"],
            target=one["target"],
            fstype=one["fstype"],
            options=one["options"],
            # A folder of a file system is mounted as `/dev/vdb[/folder]`.
            links=links_of.get(disk_of.get(one["source"].partition("[")[0], ""), ()),
        )
        for one in said["mounts"].get("filesystems", [])
    )


def _about_mounts(boot: Boot, mounts: Sequence[Mount], blocks: Sequence[BlockDevice]) -> Iterable[str]:
    mounted = {mount.target: mount for mount in mounts}
    told = set()
    for disk in boot.disks:
        block = next(
            (one for one in blocks if one.kind == "disk" and any(disk.serial in link for link in one.links)), None
        )
        if block is None:
            yield f"Volume {disk.volume_id} has no link under /dev/disk/by-id/."
        for target in disk.mounted_at:
            told.add(target)
            if target not in mounted:
                yield f"Nothing is mounted at {target}: {_state(disk, block)}."
            elif block and not set(block.links) & set(mounted[target].links):
                yield f"At {target}, {mounted[target].source} is mounted and not volume {disk.volume_id}."
    for mount in boot.asked.mounts:
        if mount.target not in mounted and mount.target not in told:
            yield f"Nothing is mounted at {mount.target}, where `mounts` puts {mount.source}."


def _about_volumes(said: Mapping[str, Any]) -> Iterable[str]:
    """What the command that mounts volumes says of those that it could not mount."""
    of_this_boot = said["output"].rpartition(_BEGINS)[2]
    for line in of_this_boot.splitlines():
        if line.startswith(_OF_VOLUMES):
            yield f"The guest says: {line.removeprefix(_OF_VOLUMES)}."


def _state(disk: Disk, block: BlockDevice | None) -> str:
    if block is None:
        return f"volume {disk.volume_id} is not there"
    if block.fstype is None and isinstance(disk.contents, Blank):
        return f"volume {disk.volume_id} is blank, and nothing formatted it"
    return f"volume {disk.volume_id} ({block.path}) holds {block.fstype or 'nothing that is known'}"
