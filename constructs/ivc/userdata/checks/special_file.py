"""Files of `write_files` that are more than text at a place: what runs as its owner, devices, the kernel's, accounts.

cloud-init opens a file where it stands, writes, and sets its mode (cloudinit/util.py, `write_file`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from yaml.nodes import Node, ScalarNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding, Severity
from ivc.userdata.checks.placeholder import shown, unknown

_OCTAL = re.compile(r"(0o)?[0-7]{4,5}")
_RUNS_AS_OWNER = 0o6000
_ACCOUNTS = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")
# What stands in memory.
_FLEETING = ("/run/", "/var/run/", "/dev/shm/")  # noqa: S108 - nothing is written there

_GONE: tuple[Severity, str] = (
    "warning",
    "stands in memory and is gone after the next boot; write it elsewhere, or let a file in /etc/tmpfiles.d make it at "
    "each boot",
)
_ADDED: tuple[Severity, str] = (
    "warning",
    "holds the image's accounts, and nothing checks what is added; make users under `users:`",
)
_OVERWRITTEN: tuple[Severity, str] = (
    "error",
    "holds the accounts of the image, root's and the services' among them, and this writes over all of them; make "
    "users under `users:`",
)
_KERNELS: tuple[Severity, str] = (
    "warning",
    "is the kernel's, and what is written there holds until the next boot; write it by a line of `bootcmd`, or by a "
    "file in /etc/tmpfiles.d",
)
_PLACES: dict[str, tuple[Severity, str]] = {
    "/dev/": (
        "error",
        "is no file: cloud-init writes over what a disk holds, or into a device, and sets its mode; write a file, and "
        "bring it to the device by a command",
    ),
    "/proc/sys/": (
        "error",
        "is the kernel's, which refuses the mode that cloud-init sets: this file and all after it fail; write the "
        "setting to a file in /etc/sysctl.d",
    ),
    "/proc/": _KERNELS,
    "/sys/": _KERNELS,
}
"""By how a path begins, the longer before the shorter."""


def check(fields: Mapping[str, Node]) -> tuple[Finding, ...]:
    """What is special about the files of a `#cloud-config`.

    fields: its keys of the first level.
    """
    return _check(fields.get("write_files"), fields.get("bootcmd"), fields.get("runcmd"))


@lru_cache(maxsize=48)
def _check(files: Node | None, *commands: Node | None) -> tuple[Finding, ...]:
    used = "\n".join(_texts([node for node in commands if node is not None]))
    return tuple(_found(files, used))


def _found(files: Node | None, used: str) -> Iterator[Finding]:
    for entry in tree.items(files):
        file = tree.entries(entry)
        path = tree.scalar(file.get("path"))
        if path is None or unknown(path):
            continue
        yield from _mode(file.get("permissions"), path)
        found = _place(_absolute(path), append=tree.true(file.get("append")), used=used)
        if found is not None:
            severity, message = found
            line = tree.line_of(file["path"])
            yield Finding(
                id="write-files-place", severity=severity, line=line, message=f"{shown(path)} {message}", subject=path
            )


def _mode(node: Node | None, path: str) -> Iterator[Finding]:
    if isinstance(node, ScalarNode) and _OCTAL.fullmatch(node.value) and int(node.value, 8) & _RUNS_AS_OWNER:
        yield Finding(
            id="write-files-setuid",
            severity="warning",
            line=tree.line_of(node),
            message=f"with the permissions {node.value} whoever runs {shown(path)} does it as its owner or its group; "
            "take the first digit away, or say in a waiver why it must be so",
            subject=path,
        )


def _place(path: str, *, append: bool, used: str) -> tuple[Severity, str] | None:
    """How grave it is to write there, and why; None where it is like anywhere."""
    if path in _ACCOUNTS:
        return _ADDED if append else _OVERWRITTEN
    if path.startswith(_FLEETING):
        # What the commands of this boot use need not outlive it.
        return None if path in used else _GONE
    return next((why for start, why in _PLACES.items() if path.startswith(start)), None)


def _absolute(path: str) -> str:
    # POSIX, and so Python, keeps two slashes at the beginning.
    return "/" + posixpath.normpath(path).lstrip("/")


def _texts(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ScalarNode):
            yield str(node.value)
        else:
            yield from _texts(tree.items(node))
