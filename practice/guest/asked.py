"""What user data asks for, as far as that can be read off it: the files, mounts, users and commands that a guest
must then have.

It is read here independently of cloud-init, so that the two can be compared.
"""

import base64
import binascii
import gzip
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from functools import reduce
from typing import Any

import yaml

_NO_NETWORK = "the guest has no network"
_CONFIG_TYPES = ("text/cloud-config", "text/x-shellscript", "text/jinja2")
_FIRST_LINES = {
    b"## template: jinja": "text/jinja2",
    b"#cloud-config-archive": "text/cloud-config-archive",
    b"#cloud-config": "text/cloud-config",
    b"#cloud-boothook": "text/cloud-boothook",
    b"#include": "text/x-include-url",
    b"#!": "text/x-shellscript",
}
# What cloud-init says a text to be that it decodes (cloudinit/config/cc_write_files.py, `canonicalize_extraction`).
_GZIP = {"gz", "gzip"}
_BASE64 = {"b64", "base64"}
_GZIP_BASE64 = {"gz+base64", "gzip+base64", "gz+b64", "gzip+b64"}
_NOWHERE = {"none", "swap", "null", "nothing", "/"}


@dataclass(frozen=True)
class ExpectedFile:
    """A file that `write_files` makes.

    whole: False where it is appended to a file that is there already: the content is then its end.
    """

    content: bytes
    mode: int = 0o644
    owner: str = "root:root"
    whole: bool = True


@dataclass(frozen=True)
class ExpectedMount:
    """An entry of `mounts`."""

    source: str
    target: str


@dataclass(frozen=True)
class Asked:
    """What user data asks for.

    keys: the top-level keys of its cloud-config, all of which cloud-init must have taken in.
    commands: the entries of `runcmd` as the lines that cloud-init makes of them.
    problems: why (a part of) it cannot be read.
    not_read: parts whose result cannot be foretold, one sentence each.
    """

    files: Mapping[str, ExpectedFile]
    mounts: tuple[ExpectedMount, ...]
    users: tuple[str, ...]
    commands: tuple[str, ...]
    packages: tuple[str, ...]
    keys: tuple[str, ...]
    scripts: int
    problems: tuple[str, ...]
    not_read: tuple[str, ...]


def expected_files(user_data: bytes) -> Mapping[str, ExpectedFile]:
    """The files that user data's `write_files` make, path to content; none of parts that cannot be read."""
    return read(user_data).files


def read(user_data: bytes, *, own_image: bool = True) -> Asked:
    """Read user data: #cloud-config, scripts, and MIME multipart of them.

    own_image: whether the guest's image is made with the packages that it asks for.
    """
    problems: list[str] = []
    not_read: list[str] = []
    config: dict[str, Any] = {}
    scripts = 0
    for kind, content in _parts(user_data):
        if kind == "text/cloud-config":
            part = _parse(content, problems)
            if {"merge_how", "merge_type"} & {*part}:
                not_read.append("how its parts are merged (merge_how): what it makes of them was not compared")
            # cloud-init's default for the parts of one document: dict(replace)+list()+str().
            config.update(part)
        elif kind == "text/x-shellscript":
            scripts += 1
        else:
            not_read.append(f"a part of the type {kind}: what it makes was not compared")
    not_read += _not_tried(config, own_image=own_image)
    return Asked(
        files=_files(config, problems),
        mounts=_mounts(config),
        users=_users(config),
        commands=tuple(filter(None, map(_command, _list(config, "runcmd")))),
        packages=_packages(config),
        keys=tuple(sorted(map(str, config))),
        scripts=scripts,
        problems=tuple(problems),
        not_read=tuple(not_read),
    )


def watched(commands: Sequence[str], record: str) -> tuple[str, str] | None:
    """The script that cloud-init makes of `runcmd`, and one that does the same and notes each command's exit code.

    Each line of the file `record` is then a number, from 1, and an exit code. None where a command is not complete
    by itself, so that nothing can be put between it and the next.
    """
    if not commands or not all(map(_is_complete, commands)):
        return None
    note = 'ivc_code=$?; echo "{number} $ivc_code" >>{record}; (exit $ivc_code)\n'
    lines = [f"{command}\n" for command in commands]
    noted = [line + note.format(number=number, record=record) for number, line in enumerate(lines, start=1)]
    return "#!/bin/sh\n" + "".join(lines), "#!/bin/sh\n" + "".join(noted)


def _is_complete(command: str) -> bool:
    # What swallows a closing parenthesis is an open quotation or here-document.
    return _parses(command) and not command.endswith("\\") and not _parses(f"{command}\n)")


def _parses(script: str) -> bool:
    return subprocess.run(("/bin/sh", "-n"), input=script.encode(), capture_output=True, check=False).returncode == 0


def _parts(user_data: bytes) -> Iterable[tuple[str, bytes]]:
    if user_data.startswith(b"\x1f\x8b"):
        user_data = gzip.decompress(user_data)
    if not user_data.lower().startswith((b"content-type:", b"mime-version:")):
        yield _kind(user_data), user_data
        return
    for part in message_from_bytes(user_data).walk():
        if not part.is_multipart():
            yield _kind_of_part(part)


def _kind_of_part(part: "Message[str, str]") -> tuple[str, bytes]:
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    kind = part.get_content_type()
    return (kind if kind in _CONFIG_TYPES else _kind(content) if kind == "text/plain" else kind), content


def _kind(content: bytes) -> str:
    return next((kind for line, kind in _FIRST_LINES.items() if content.startswith(line)), "that cloud-init ignores")


def _parse(content: bytes, problems: list[str]) -> dict[str, Any]:
    try:
        value = yaml.load(content, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problems.append(f"The user data is not YAML: {where}{getattr(error, 'problem', None) or error}.")
        return {}
    if value is not None and not isinstance(value, dict):
        problems.append(f"The user data is a {type(value).__name__} and not a mapping of keys to values.")
        return {}
    return value or {}


def _not_tried(config: Mapping[str, Any], *, own_image: bool) -> list[str]:
    sentences = [f"{key}: {_NO_NETWORK}" for key in ("package_update", "package_upgrade") if config.get(key)]
    if own_image and (packages := _packages(config)):
        sentences.append(
            f"the installation of {', '.join(packages)}: {_NO_NETWORK}, so they were in its image before it booted"
        )
    for key in ("snap", "ntp", "ssh_import_id", "chef", "puppet", "salt_minion", "ansible", "phone_home"):
        if config.get(key):
            sentences.append(f"what {key} fetches or asks: {_NO_NETWORK}")
    return sentences


def _list(config: Mapping[str, Any], key: str) -> list[Any]:
    value = config.get(key)
    return value if isinstance(value, list) else []


def _packages(config: Mapping[str, Any]) -> tuple[str, ...]:
    # An entry is a name, or a name and a version, which the suite decides here.
    entries = (entry[0] if isinstance(entry, list) and entry else entry for entry in _list(config, "packages"))
    return tuple(entry for entry in entries if isinstance(entry, str))


def _users(config: Mapping[str, Any]) -> tuple[str, ...]:
    entries = (entry.get("name") if isinstance(entry, dict) else entry for entry in _list(config, "users"))
    return tuple(entry for entry in entries if isinstance(entry, str) and entry != "default")


def _mounts(config: Mapping[str, Any]) -> tuple[ExpectedMount, ...]:
    entries = [entry for entry in _list(config, "mounts") if isinstance(entry, list) and len(entry) > 1]
    return tuple(
        ExpectedMount(source=str(entry[0]), target=entry[1])
        for entry in entries
        if isinstance(entry[1], str)
        and entry[1].lower() not in _NOWHERE
        and not (len(entry) > 3 and "noauto" in str(entry[3]).split(","))
    )


def _command(entry: object) -> str | None:
    # cloudinit/util.py, `shellify`: a list's words each in single quotes, a text as it is.
    if isinstance(entry, list):
        return " ".join("'" + str(word).replace("'", "'\\''") + "'" for word in entry)
    return entry if isinstance(entry, str) else None


def _files(config: Mapping[str, Any], problems: list[str]) -> Mapping[str, ExpectedFile]:
    # Those with `defer` are written last.
    entries = [entry for entry in _list(config, "write_files") if isinstance(entry, dict) and "path" in entry]
    ordered = sorted(entries, key=lambda entry: bool(entry.get("defer")))
    return reduce(lambda files, entry: {**files, **_file(entry, files, problems)}, ordered, {})


def _file(
    entry: Mapping[str, Any], files: Mapping[str, ExpectedFile], problems: list[str]
) -> Mapping[str, ExpectedFile]:
    path = str(entry["path"])
    try:
        content = _decode(entry.get("content", ""), str(entry.get("encoding") or "").lower().strip())
    except (ValueError, OSError, EOFError) as error:
        problems.append(f"write_files: the content of {path} is not {entry.get('encoding')}: {error}.")
        return {}
    before = files.get(path)
    append = bool(entry.get("append"))
    return {
        path: ExpectedFile(
            content=(before.content if append and before else b"") + content,
            mode=_mode(entry.get("permissions")),
            owner=str(entry.get("owner") or "root:root"),
            whole=not append or (before is not None and before.whole),
        )
    }


def _decode(content: object, encoding: str) -> bytes:
    raw = content if isinstance(content, bytes) else str(content).encode()
    if encoding in _BASE64 | _GZIP_BASE64:
        try:
            raw = base64.b64decode(raw)
        except binascii.Error as error:
            raise ValueError(str(error)) from None
    return gzip.decompress(raw) if encoding in _GZIP | _GZIP_BASE64 else raw


def _mode(permissions: object) -> int:
    # cc_write_files.py, `decode_perms`: a number is taken as it is, a text is octal; what is neither, the default.
    if permissions is None:
        return 0o644
    if isinstance(permissions, int | float):
        return int(permissions)
    try:
        return int(str(permissions), 8)
    except ValueError:
        return 0o644
