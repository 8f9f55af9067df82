"""A `#cloud-config` part: what cloud-init would do with its keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import devices, logins, schema, shell, special_file, tree, write_files
from ivc.userdata.checks.devices import Disks
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.placeholder import shown
from ivc.userdata.checks.write_files import Later

# The names that cloud-init itself gives to a disk that comes with the flavor (cloudinit/sources, device mappings).
_EPHEMERAL = re.compile(r"(/dev/)?ephemeral\d+(\.\d+|\.auto)?")
NO_WAY_OUT = "no-way-out"
"""The id of findings that hold for an instance without a way to the Internet alone; `without_way_out` says why."""
NO_NETWORK = "this instance has no network that leads there"
"""Why it may have none."""
# Where packages come from when it is not the Internet.
_OWN_SOURCES = ("apt", "apk_repos", "yum_repos", "zypper")


def without_way_out(found: Iterable[Finding], why: str | None) -> tuple[Finding, ...]:
    """The findings, those called `NO_WAY_OUT` with why there is none, or without them where there is one.

    why: a clause, such as `NO_NETWORK`; None for an instance that reaches the Internet.
    """
    advice = f", and {why}; let the image bring it, or name a mirror that it reaches under `apt:` or `yum_repos:`"
    return tuple(
        replace(finding, message=finding.message + advice) if finding.id == NO_WAY_OUT else finding
        for finding in found
        if why is not None or finding.id != NO_WAY_OUT
    )


def not_a_mapping(root: Node) -> Finding:
    """A document that is something else."""
    what = "a list" if not isinstance(root, ScalarNode) else f"the text {shown(root.value)!r}"
    return Finding(
        id="yaml-not-a-mapping",
        severity="error",
        line=tree.line_of(root),
        message=f"a cloud-config is a mapping of keys, such as `packages: [nginx]`, and this is {what}; "
        "put a key before it",
    )


def check(
    root: MappingNode, files: Sequence[write_files.File], *, text: str, disks: Disks, key_pair: bool
) -> Iterator[Finding]:
    """What is wrong with it, beyond its secrets.

    files: those of its `write_files`. text: as it is written. key_pair: whether the instance has one.
    """
    yield from schema.check(root)
    fields = tree.entries(root)
    yield from write_files.check(fields.get("write_files"), Later.of(fields))
    yield from special_file.check(fields)
    yield from logins.check(fields, text=text, key_pair=key_pair)
    yield from _mounts(fields.get("mounts"))
    for key in ("bootcmd", "runcmd"):
        yield from _commands(fields.get(key))
        yield from _disks_in_commands(fields.get(key), disks)
    for file in files:
        yield from _in_file(file, disks, runs=file.executable or shell.is_called(file.path, text))
    if disks.existing:
        yield from _formats(fields, disks)
    yield from _installs(fields)


def _mounts(node: Node | None) -> Iterator[Finding]:
    for mount in tree.items(node):
        device = next(iter(tree.items(mount)), None)
        name = tree.scalar(device)
        if device is not None and name and devices.BY_ORDER.fullmatch(name):
            yield devices.unstable("mounts", name, line=tree.line_of(device))


@lru_cache(maxsize=48)
def _commands(node: Node | None) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for command in tree.items(node):
        if isinstance(command, ScalarNode):
            found += shell.check(shell.Script(command.value, tree.first_line_of_text(command), ends=True))
        else:
            words = [tree.scalar(word) or "" for word in tree.items(command)]
            found += shell.check_words(words, line=tree.line_of(command))
    return tuple(found)


@lru_cache(maxsize=48)
def _disks_in_commands(node: Node | None, disks: Disks) -> tuple[Finding, ...]:
    items: list[str | list[str]] = []
    lines: list[int] = []
    for command in tree.items(node):
        if isinstance(command, ScalarNode):
            items.append(command.value)
            lines.append(tree.first_line_of_text(command))
        else:
            items.append([tree.scalar(word) or "" for word in tree.items(command)])
            lines.append(tree.line_of(command))
    return tuple(devices.in_commands(items, lines, disks))


@lru_cache(maxsize=1024)
def _in_file(file: write_files.File, disks: Disks, *, runs: bool) -> tuple[Finding, ...]:
    found = [*write_files.check_content(file, runs=runs)]
    # A service may be what runs it: it may stay where it is.
    if shell.is_shell(file.content):
        found += shell.check(shell.Script(file.content, file.line, ends=False))
    found += devices.in_file(file.path, file.content, file.line, disks, runs=runs)
    return tuple(_inside(finding, file) if file.encoded else finding for finding in found)


def _inside(finding: Finding, file: write_files.File) -> Finding:
    number = (finding.line or file.line) - file.line + 1
    message = f"in {shown(file.path)}, decoded, line {number}: {finding.message}"
    return Finding(id=finding.id, severity=finding.severity, line=file.line, message=message, subject=finding.subject)


def _formats(fields: dict[str, Node], disks: Disks) -> Iterator[Finding]:
    aliases = {name: tree.scalar(device) or "" for name, device in tree.entries(fields.get("device_aliases")).items()}
    setup = fields.get("disk_setup")
    named: list[tuple[str, Node, str]] = []
    if isinstance(setup, MappingNode):
        named += [("disk_setup", key, key.value) for key, _ in setup.value if isinstance(key, ScalarNode)]
    for system in tree.items(fields.get("fs_setup")):
        device = tree.entries(system).get("device")
        named.append(("fs_setup", device or system, tree.scalar(device) or ""))
    for key, place, name in named:
        if not _EPHEMERAL.fullmatch(aliases.get(name, name)):
            yield devices.formats(f"{key} may format", name, line=tree.line_of(place), ephemeral="its name, ephemeral0")
    # cloudinit/config/cc_mounts.py writes the swap file's size of zeros to whatever has that name.
    swap = tree.entries(fields.get("swap")).get("filename")
    pool = tree.entries(tree.entries(fields.get("lxd")).get("init")).get("storage_create_device")
    for key, node in (("swap.filename", swap), ("lxd.init.storage_create_device", pool)):
        name = tree.scalar(node) or ""
        if node is not None and name.startswith("/dev/") and disks.may_hold_data(name):
            yield devices.formats(f"{key} may format", name, line=tree.line_of(node))


def _installs(fields: dict[str, Node]) -> Iterator[Finding]:
    if any(source in fields for source in _OWN_SOURCES):
        return
    for key in ("packages", "package_update", "package_upgrade"):
        node = fields.get(key)
        if node is not None and (tree.true(node) or tree.items(node)):
            wanted = [tree.scalar(item) or "" for item in tree.items(node)]
            names = f" ({shown(', '.join(name for name in wanted if name))})" if any(wanted) else ""
            yield Finding(
                id=NO_WAY_OUT,
                severity="warning",
                line=tree.line_of(node),
                message=f"{key}{names} needs the Internet",
                subject=key,
            )
