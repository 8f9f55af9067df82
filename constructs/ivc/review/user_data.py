"""How the text of user data changes, with its files shown as files and its secrets masked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ivc.review.model import FileDiff
from ivc.words.order import as_counted

if TYPE_CHECKING:
    from yaml.nodes import Node

_CONTEXT = 3
_LONG = 3
"""Shorter secrets are masked where they stand as a word of their own."""
_CRYPT_HASH = re.compile(r"\$(?:1|2[abxy]?|3|5|6|7|y|gy|md5|sha1|argon2id?)\$[A-Za-z0-9./$=,+-]{8,}")
"""A password as `crypt` keeps it: crypt(5)."""
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def diffs(before: str | None, after: str | None) -> tuple[FileDiff, ...]:
    """The change of a user data, the document itself first, then the files in it by their paths.

    before, after: readable texts; None where there is none.
    """
    if before == after:
        return ()
    then, now = (_pieces(text and _without_own_text(text)) for text in (before, after))
    secrets = _secrets(then.values()), _secrets(now.values())
    found = []
    for path in sorted({*then, *now}, key=as_counted):
        old, new = then.get(path), now.get(path)
        if old == new:
            continue
        shown_old = _masked(old or "", secrets[0], others=secrets[1], mark="before")
        shown_new = _masked(new or "", secrets[1], others=secrets[0], mark="after")
        lines = tuple(_unified(shown_old, shown_new))
        found.append(FileDiff(path, "new" if old is None else "gone" if new is None else "changed", lines))
    return tuple(found)


def _without_own_text(text: str) -> str:
    """The text with a line in the place of what the library itself adds; another version's stays and is seen."""
    from ivc.userdata.volumes import own_text

    lines = own_text().splitlines()
    if lines[0] not in text:
        return text
    indent = re.search(rf"^( *){re.escape(lines[0])}$", text, re.MULTILINE)
    margin = indent[1] if indent is not None else ""
    whole = "\n".join(f"{margin}{line}" for line in lines)
    return text.replace(whole, f"{margin}... # the library's own text, {len(lines)} lines")


def _unified(before: str, after: str) -> Iterator[str]:
    """Without the two lines that would name the files."""
    compared = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=_CONTEXT)
    for number, line in enumerate(compared):
        if number > 1:
            yield line


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1]:
        return [*lines, "(no line feed at the end)"]
    return lines[:-1]


def _pieces(text: str | None) -> dict[str, str]:
    """The document under an empty path, and each file of its `write_files`, decoded, under its own."""
    from ivc.userdata.checks.part import Form, is_mime, parts

    if text is None:
        return {}
    found: dict[str, str] = {}
    for number, part in enumerate(parts(text), start=1):
        # A part of several keeps the place of its lines by empty ones above it.
        body = part.text.lstrip("\n") if is_mime(text) else part.text
        rest, files = _taken_apart(body) if part.form is Form.CLOUD_CONFIG else (body, {})
        found[f"part {number}" if is_mime(text) else ""] = rest
        for path, content in files.items():
            found[path if path not in found else f"{path} (of part {number})"] = content
    return found


def _taken_apart(text: str) -> tuple[str, dict[str, str]]:
    """A `#cloud-config` without the contents of its files, and these, decoded, by path."""
    from ivc.userdata.checks import tree, write_files

    try:
        root = tree.parse(text)
    except tree.NotYamlError:
        return text, {}
    lines = text.split("\n")
    files: dict[str, str] = {}
    for entry in reversed(tree.items(tree.entries(root).get("write_files"))):
        content = tree.entries(entry).get("content")
        file = next(iter(write_files.files(_only(entry))), None)
        if content is None or file is None or not file.path or file.path in files or not _whole_lines(content, lines):
            continue
        files[file.path] = file.content
        first, last = content.start_mark.line, content.end_mark.line
        # Block scalars end where the next line begins.
        end = last if content.end_mark.column == 0 or last > first else last + 1
        lines[first:end] = [f"{lines[first][: content.start_mark.column]}(see {file.path})"]
    return "\n".join(lines), dict(reversed(files.items()))


def _only(entry: Node) -> Node:
    """A list of one file."""
    from yaml.nodes import SequenceNode

    return SequenceNode("tag:yaml.org,2002:seq", [entry])


def _whole_lines(content: Node, lines: list[str]) -> bool:
    """Whether nothing else stands in the lines that the content takes."""
    end = content.end_mark
    return end.column == 0 or end.line >= len(lines) or not lines[end.line][end.column :].strip(" \t")


def _secrets(texts: Iterable[str]) -> frozenset[str]:
    from ivc.userdata.checks import of_part
    from ivc.userdata.checks.part import parts

    given = list(texts)
    found = {
        secret.value
        for text in given
        for part in parts(text)
        for secret in of_part.secrets(part)
        if secret.value.strip() and not secret.value.startswith("BEGIN ")
    }
    # What a password is checked by is found out by trying, on whoever's machine.
    return frozenset(found | {hash_ for text in given for hash_ in _CRYPT_HASH.findall(text)})


def _masked(text: str, secrets: frozenset[str], *, others: frozenset[str], mark: str) -> str:
    """The text without its secrets. One that the other side has not is marked, so that its change is seen."""
    masks: Mapping[str, str] = {secret: "***" if secret in others else f"*** ({mark})" for secret in secrets}
    for secret in sorted(secrets | others, key=len, reverse=True):
        found = re.escape(secret) if len(secret) > _LONG else rf"(?<!\w){re.escape(secret)}(?!\w)"
        text = re.sub(found, masks.get(secret, "***"), text)
    return "\n".join(_without_keys(text.split("\n")))


def _without_keys(lines: Iterable[str]) -> Iterator[str]:
    """The lines with the bodies of private keys masked, also of one that stands in a single line."""
    inside = False
    for line in lines:
        begins = _KEY_BEGINS.search(line)
        if begins is not None:
            inside = "-----END " not in line[begins.end() :]
            yield line[: begins.end()] + ("***" if line[begins.end() :].strip() else line[begins.end() :])
        elif inside and "-----END " not in line:
            yield "***" if line.strip() else line
        else:
            inside = False
            yield line
