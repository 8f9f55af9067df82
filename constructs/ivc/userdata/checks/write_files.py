"""`write_files`: where files go, with which mode, and whether their content comes out."""

from __future__ import annotations

import base64
import binascii
import gzip
import posixpath
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from yaml.nodes import Node, ScalarNode, SequenceNode

from ivc.userdata.checks import logins, shell, tree
from ivc.userdata.checks.finding import Finding, Severity
from ivc.userdata.checks.placeholder import shown, unknown
from ivc.userdata.checks.users import DEFAULT_NAMES, IN_ANY_IMAGE, groups, users

_BASE64 = ("b64", "base64")
_GZIP = ("gz", "gzip")
# cloudinit/config/cc_write_files.py, canonicalize_extraction
_BOTH = ("gz+base64", "gzip+base64", "gz+b64", "gzip+b64")
_OCTAL = re.compile(r"(0o)?[0-7]{3,5}")


@dataclass(frozen=True)
class File:
    """A file of `write_files` whose content is known.

    line: of the first line of its content in the result.
    encoded: whether its lines are not those of the result.
    executable: whether its permissions let anybody run it.
    """

    path: str
    content: str
    line: int
    encoded: bool
    executable: bool


def files(node: Node | None) -> Iterator[File]:
    """The files, decoded; not those whose content is not known yet, comes from elsewhere or does not decode."""
    for entry in tree.items(node):
        fields = tree.entries(entry)
        content = fields.get("content")
        path = tree.scalar(fields.get("path")) or ""
        if not isinstance(content, ScalarNode) or not content.value:
            continue
        encoding, line = _encoding(fields), tree.first_line_of_text(content)
        executable = _runs(tree.scalar(fields.get("permissions")) or "")
        if encoding not in (*_BASE64, *_GZIP, *_BOTH) and tree.kind(content) != "binary":
            yield File(path, content.value, line, encoded=False, executable=executable)
        elif not unknown(content.value):
            try:
                text = _decoded(content, encoding).decode(errors="replace")
                yield File(path, text, line, encoded=True, executable=executable)
            except _UndecodableError:
                continue


def contents(node: Node | None) -> dict[str, str | None]:
    """By path, what is in each file when all are written; None where that is not known, or comes from elsewhere."""
    found: dict[str, str | None] = {}
    for entry in tree.items(node):
        fields = tree.entries(entry)
        path = tree.scalar(fields.get("path"))
        if path is None:
            continue
        file = next(files(SequenceNode("tag:yaml.org,2002:seq", [entry])), None)
        content = file.content if file is not None else "" if _is_empty(fields) else None
        if tree.true(fields.get("append")):
            before = found.get(path, "")
            content = None if before is None or content is None else before + content
        found[path] = content
    return found


def _is_empty(fields: Mapping[str, Node]) -> bool:
    content = fields.get("content")
    is_empty = content is None or (isinstance(content, ScalarNode) and not content.value)
    return is_empty and "source" not in fields


def _runs(permissions: str) -> bool:
    return _OCTAL.fullmatch(permissions) is not None and bool(int(permissions, 8) & 0o111)


@dataclass(frozen=True)
class Later:
    """Who comes after the files: cloud-init writes them in its first stage, before it makes users and groups
    (config/cloud.cfg.tmpl, cloud_init_modules).

    users, groups: by name. homes: the homes that are made, and whose. default: the names that the image's own user may
    have. packages: whether it installs some, with which others may come.
    """

    users: frozenset[str]
    groups: frozenset[str]
    homes: tuple[tuple[str, str], ...]
    default: frozenset[str]
    packages: bool

    @classmethod
    def of(cls, fields: Mapping[str, Node]) -> Later:
        """By the keys of the document."""
        everybody = users(fields)
        # What user data does not say of users, the image's own configuration does: the default user alone.
        has_default = "users" not in fields or any(user.default for user in everybody)
        named = any(user.default and user.name for user in everybody)
        return cls(
            users=frozenset(user.name for user in everybody if user.name),
            groups=groups(fields, everybody),
            homes=tuple((user.home, user.name) for user in everybody if user.name and user.home),
            default=DEFAULT_NAMES if has_default and not named else frozenset(),
            packages=bool(tree.items(fields.get("packages"))),
        )


def check(node: Node | None, later: Later) -> Iterator[Finding]:
    """What is wrong with the files."""
    yield from _checked(node, later)


@lru_cache(maxsize=48)
def _checked(node: Node | None, later: Later) -> tuple[Finding, ...]:
    return tuple(_faults(node, later))


def _faults(node: Node | None, later: Later) -> Iterator[Finding]:
    lines: dict[str, int] = {}
    for number, entry in enumerate(tree.items(node), start=1):
        fields = tree.entries(entry)
        if not fields:
            continue
        path = tree.scalar(fields.get("path"))
        if path is None:
            yield _finding(
                "path", entry, f"item {number} of write_files has no path, and cloud-init skips it; add one", ""
            )
            continue
        line = tree.line_of(fields["path"])
        if not unknown(path):
            yield from _path(fields["path"], path)
            place = posixpath.normpath(path)
            if place in lines and not tree.true(fields.get("append")):
                yield Finding(
                    id="write-files-duplicate",
                    severity="error",
                    line=line,
                    message=f"{shown(path)} is written in line {lines[place]} already, and this overwrites it; keep "
                    "one, or add `append: true` here",
                    subject=path,
                )
            lines.setdefault(place, line)
        yield from _permissions(fields.get("permissions"), path)
        yield from _content(fields, path)
        if not tree.true(fields.get("defer")):
            yield from [*_owner(fields, path, later)] or _home(fields["path"], path, later)


def _path(node: Node, path: str) -> Iterator[Finding]:
    if not path.startswith("/"):
        yield _finding("path", node, f"the path {shown(path)!r} is not absolute; begin it with /", path)
    elif path.endswith("/"):
        yield _finding(
            "path", node, f"the path {shown(path)!r} ends with /, and write_files makes no folders; name a file", path
        )
    elif posixpath.normpath(path) != path:
        normal = posixpath.normpath(path)
        yield _finding(
            "path", node, f"the path {shown(path)!r} means {shown(normal)!r}; write that", path, severity="warning"
        )


def _permissions(node: Node | None, path: str) -> Iterator[Finding]:
    if not isinstance(node, ScalarNode) or tree.kind(node) == "null" or unknown(node.value):
        return
    text = node.value
    if tree.kind(node) == "int" and text.startswith("0") and text.isdigit() and len(text) > 1:
        yield _finding(
            "permissions",
            node,
            f"the permissions {text} of {shown(path)} are the number {int(text, 8)} to YAML, for want of quotes; "
            f'write "{text}"',
            path,
            severity="warning",
        )
    elif tree.kind(node) == "int" and text.isdigit():
        yield _finding(
            "permissions",
            node,
            f"the permissions {text} of {shown(path)} are a number, which is the mode {int(text):o}, for want of "
            f'quotes; write "{text.zfill(4)}"',
            path,
        )
    elif not _OCTAL.fullmatch(text):
        yield _finding(
            "permissions",
            node,
            f"the permissions {shown(text)!r} of {shown(path)} are no octal number, so that it gets 0644; write them "
            'like "0644"',
            path,
        )


def _encoding(fields: dict[str, Node]) -> str:
    return (tree.scalar(fields.get("encoding")) or "").lower().strip()


class _UndecodableError(Exception):
    """Carries what the content is not."""


def _decoded(content: ScalarNode, encoding: str) -> bytes:
    """The file's bytes as cloud-init will make them; raises _UndecodableError."""
    value: bytes = content.value.encode()
    try:
        if tree.kind(content) == "binary":
            value = base64.b64decode(value)
        if encoding in (*_BASE64, *_BOTH):
            value = base64.b64decode(b"".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _UndecodableError("base64") from None
    if encoding in (*_GZIP, *_BOTH):
        try:
            value = gzip.decompress(value)
        except (OSError, EOFError, zlib.error):
            raise _UndecodableError("gzip") from None
    return value


def _content(fields: dict[str, Node], path: str) -> Iterator[Finding]:
    content = fields.get("content")
    if not isinstance(content, ScalarNode) or unknown(content.value) or not content.value:
        return
    try:
        _decoded(content, _encoding(fields))
    except _UndecodableError as what:
        yield _finding(
            "content",
            content,
            f"the content of {shown(path)} is not {what}, though its encoding is {_encoding(fields) or 'binary'!r}; "
            "encode it, or take the encoding away",
            path,
        )


def _owner(fields: dict[str, Node], path: str, later: Later) -> Iterator[Finding]:
    """cloudinit/util.py, extract_usergroup and chownbyname: both are looked up by name, and one that is not there ends
    the writing of files.
    """
    node = fields.get("owner")
    if node is None or unknown(node.value):
        return
    user, _, group = (part.strip() for part in (tree.scalar(node) or "").partition(":"))
    for name, kind, made in ((user, "user", later.users), (group, "group", later.groups)):
        if name in made:
            yield _finding(
                "owner",
                node,
                f"{shown(path)} belongs to the {kind} {name!r}, whom cloud-init makes only after it has written the "
                "files, so that it fails; add `defer: true`",
                path,
            )
        elif name in later.default:
            yield _finding(
                "owner",
                node,
                f"{shown(path)} belongs to the {kind} {name!r}, whom most images do not have before cloud-init makes "
                "the default user, after it has written the files; add `defer: true`",
                path,
                severity="warning",
            )
        elif name.isdecimal():
            yield _finding(
                "owner",
                node,
                f"{shown(path)} belongs to the {kind} {name!r}, a number, and cloud-init looks for a {kind} of that "
                "name, so that it fails; write the name",
                path,
            )
        elif later.packages and name and not unknown(name) and name not in IN_ANY_IMAGE:
            yield _finding(
                "owner",
                node,
                f"{shown(path)} belongs to the {kind} {name!r}, whom few images have, and packages are installed only "
                "after the files are written, so that it fails if one of them brings him; add `defer: true`",
                path,
                severity="warning",
            )
        else:
            continue
        return


def _home(node: Node, path: str, later: Later) -> Iterator[Finding]:
    place = posixpath.normpath(path)
    for home, name in (*later.homes, *((f"/home/{name}", name) for name in sorted(later.default))):
        if place.startswith(f"{home.rstrip('/')}/"):
            yield _finding(
                "home",
                node,
                f"{shown(path)} is written before cloud-init makes the user {name!r}, whose home {home} then belongs "
                "to root and holds nothing else; add `defer: true`",
                path,
                severity="warning",
            )
            return


def check_content(file: File, *, runs: bool) -> Iterator[Finding]:
    """What is wrong in a file that is known by what it is: a script with the line ends of Windows, a list of keys.

    runs: whether it is run.
    """
    first, end, _ = file.content.partition("\n")
    if end and first.startswith("#!") and first.endswith("\r") and (runs or shell.is_shell(file.content)):
        yield Finding(
            id="crlf",
            severity="error",
            line=file.line,
            message=f"the script {shown(file.path)} ends its lines with CRLF, so that the guest looks for a program "
            f"{first[2:].strip()!r} with a carriage return behind its name, and runs nothing; save it with LF",
            subject=file.path,
        )
    if file.path.endswith("/authorized_keys"):
        for number, line in enumerate(file.content.split("\n")):
            if not unknown(line):
                yield from logins.keys_in(line, file.line + number, shown(file.path), file.path)


def _finding(about: str, node: Node, message: str, path: str, *, severity: Severity = "error") -> Finding:
    return Finding(id=f"write-files-{about}", severity=severity, line=tree.line_of(node), message=message, subject=path)
