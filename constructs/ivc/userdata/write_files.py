"""Files as `write_files` of a `#cloud-config` document: each in the most readable form that keeps its bytes.

Text stands as it is, in a literal block. What YAML would change (CRLF, control characters) and what nobody could see is
escaped in quotes; what Terraform would change (letters outside Unicode's form C) is base64. So are binary files, of a
gzip where that is shorter.
"""

from __future__ import annotations

import base64
import posixpath
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ivc.userdata.at_apply import AtApply
from ivc.userdata.cloud_config import HEADER, CloudConfig, unused, with_marks, with_values
from ivc.userdata.document import Document
from ivc.userdata.file_tree import GuestFile

# What a literal block cannot hold: what YAML does not print or takes for a line end; and what a reviewer cannot see,
# such as characters of no width, and those that turn the direction of writing.
_NOT_LITERAL = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f]"
)
_ESCAPED = re.compile(r'["\\\t]|' + _NOT_LITERAL.pattern)
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\r": "\\r"}
_PLAIN_PATH = re.compile("/[A-Za-z0-9_./@+-]*")
# cloud-init takes any user data for MIME that has this near its beginning (cloudinit/user_data.py, convert_string).
_MIME = "mime-version:"
# RFC 1952: deflate, no name, no time, an unknown system; Python's own header differs from version to version.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def merge(document: Document, files: Sequence[GuestFile]) -> Document:
    """The document with the files among its `write_files`, all else of it as it was.

    They stand before the list's own items: what the list ends with may be text that a further line would change.

    Raises ValueError, as one sentence, for a document that is no `#cloud-config` or whose `write_files` is not a list
    with one item a line, for a file that both bring, and for a file with a value known only at apply whose text has to
    be encoded.
    """
    mark = unused([document.readable, *(text for file in files for text in _texts(file))])
    text = with_marks(document, mark)
    if text.split("\n", 1)[0].rstrip() != HEADER:
        raise ValueError(
            f"files become part of a document that begins with {HEADER}, and this one begins with "
            f"{text.split(chr(10), 1)[0][:60]!r}: send both, as UserData.multipart([..., UserData.files(...)])"
        )
    config = CloudConfig.read(text)
    place, before = config.place("write_files"), config.loaded
    _check_once(before.get("write_files") or [], files)
    items = "".join(_item(file, place.indent, mark) for file in files)
    merged = config.insert(place, items)
    _check_merged(before, merged, files, mark)
    values = [part for part in document.parts if isinstance(part, AtApply)]
    here = text[: place.at].count(mark)
    values[here:here] = [
        part
        for file in files
        if isinstance(file.content, Document)
        for part in file.content.parts
        if isinstance(part, AtApply)
    ]
    return with_values(merged, mark, values)


def _texts(file: GuestFile) -> tuple[str, str]:
    content = file.content
    return file.target, content.readable if isinstance(content, Document) else content.decode(errors="ignore")


@dataclass(frozen=True)
class _Scalar:
    """Content in YAML, from behind `content: ` on, without the last line's end."""

    yaml: str
    encoding: str | None = None


def _check_once(own: Any, files: Sequence[GuestFile]) -> None:
    if not isinstance(own, list):
        return
    paths = {
        posixpath.normpath(item["path"]) for item in own if isinstance(item, dict) and isinstance(item.get("path"), str)
    }
    for file in files:
        if file.target in paths:
            raise ValueError(f"write_files has {file.target}, which {file.source} brings too; keep one of the two")


def _check_merged(before: dict[Any, Any], merged: str, files: Sequence[GuestFile], mark: str) -> None:
    """What was there is there, and each file is what it was, however the document is written."""
    try:
        after = CloudConfig.read(merged).loaded
    except ValueError:
        after = {}
    items = after.pop("write_files", None)
    others = {key: value for key, value in before.items() if key != "write_files"}
    own = before.get("write_files") or []
    if not isinstance(items, list) or repr(after) != repr(others) or repr(items[len(files) :]) != repr(own):
        raise ValueError(
            "the files cannot be added without a change of what is there: end it with a newline, and write write_files "
            "as a list with one item a line"
        )
    for file, item in zip(files, items, strict=False):
        if item["path"] != file.target or _decoded(item) != _bytes(file, mark):
            raise ValueError(
                f"{file.source}: it does not stand in YAML as it is; that is a mistake of IvC's, report it"
            )


def _decoded(item: dict[str, Any]) -> bytes:
    content: str = item["content"]
    if "encoding" not in item:
        return content.encode()
    data = base64.b64decode(content)
    return zlib.decompress(data, wbits=31) if item["encoding"] == "gz+b64" else data


def _bytes(file: GuestFile, mark: str) -> bytes:
    return file.content if isinstance(file.content, bytes) else with_marks(file.content, mark).encode()


def _item(file: GuestFile, indent: int, mark: str) -> str:
    scalar = _scalar(file, indent + 4, mark)
    path = file.target if _PLAIN_PATH.fullmatch(file.target) else f'"{_escape(file.target)}"'
    rows = [f"path: {path}"]
    if file.owner is not None:
        rows.append(f'owner: "{file.owner}"')
    rows.append(f'permissions: "{file.permissions}"')
    if file.append:
        rows.append("append: true")
    if file.defer:
        rows.append("defer: true")
    if scalar.encoding is not None:
        rows.append(f"encoding: {scalar.encoding}")
    rows.append(f"content: {scalar.yaml}")
    margin = " " * indent
    return f"{margin}- " + f"\n{margin}  ".join(rows) + "\n"


def _scalar(file: GuestFile, indent: int, mark: str) -> _Scalar:
    if isinstance(file.content, Document):
        text = with_marks(file.content, mark)
        if mark in text:
            return _scalar_with_values(file, text, indent, mark)
        return _encode(text.encode(), indent, file.compress)
    return _encode(file.content, indent, file.compress)


def _scalar_with_values(file: GuestFile, text: str, indent: int, mark: str) -> _Scalar:
    value = next(part for part in file.content.parts if isinstance(part, AtApply))  # type: ignore[union-attr]
    where = f"{file.source}: {value.placeholder} is known only at apply, and"
    if file.compress:
        raise ValueError(f"{where} what it stands in cannot be compressed; take `compress` from its rule")
    if why := _why_not_literal(text):
        raise ValueError(f"{where} what it stands in would have to be encoded, since it {why}; take that out")
    return _Scalar(_block(text, indent, mark))


@lru_cache(maxsize=1024)
def _encode(data: bytes, indent: int, compress: bool) -> _Scalar:
    coded = _Scalar(f'"{base64.b64encode(data).decode()}"', "b64")
    text = _text(data)
    if text is None:
        form, compress = coded, True
    elif _why_not_literal(text) is None:
        form = _Scalar(_block(text, indent))
    else:
        quoted = _quoted(text, indent)
        # Looked at with its escapes: the last letter of one may join with the accent that follows.
        form = _Scalar(quoted) if _is_kept_as_text(quoted) else coded
    if not compress:
        return form
    packed = _Scalar(f'"{base64.b64encode(_gzip(data)).decode()}"', "gz+b64")
    return min(form, packed, key=lambda each: len(each.yaml.encode()))


def _text(data: bytes) -> str | None:
    """What a reviewer would read; None for a binary file, by git's rule."""
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _gzip(data: bytes) -> bytes:
    deflate = zlib.compressobj(level=9, wbits=-15)
    packed = deflate.compress(data) + deflate.flush()
    return _GZIP_HEADER + packed + zlib.crc32(data).to_bytes(4, "little") + (len(data) % 2**32).to_bytes(4, "little")


def _why_not_literal(text: str) -> str | None:
    if "\r" in text:
        return "has carriage returns (CRLF), which YAML does not keep"
    if found := _NOT_LITERAL.search(text):
        return f"holds the character {found[0]!r}, which nobody could see"
    if not unicodedata.is_normalized("NFC", text):
        return "is not in Unicode's form C, into which Terraform brings all text"
    if _MIME in text.lower():
        return f"says {_MIME!r}, by which cloud-init would take all user data for MIME"
    if not text.strip("\n"):
        return "holds nothing"
    return None


def _is_kept_as_text(text: str) -> bool:
    """Whether neither Terraform nor cloud-init would take the text for another."""
    return unicodedata.is_normalized("NFC", text) and _MIME not in text.lower()


def _block(text: str, indent: int, mark: str = "") -> str:
    """A literal block."""
    chomping = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    # Where the first line does not show the indentation; a value known only at apply might begin with a space.
    indicator = "2" if text[0] in f" \t\n{mark}" else ""
    margin = " " * indent
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([f"|{indicator}{chomping}", *(margin + line if line else "" for line in lines)])


def _quoted(text: str, indent: int) -> str:
    """Double quotes, with a line for each of the text's lines."""
    *lines, tail = _escape(text).split("\n")
    if not lines:
        return f'"{tail}"'
    rows = [f"{line}\\n" for line in lines] + [tail] * bool(tail)
    # A space at a line's beginning would be taken for indentation.
    margin = "\\\n" + " " * indent
    return '"' + "".join(margin + ("\\" * row.startswith(" ")) + row for row in rows) + '"'


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _escape_character(match[0]), text)


def _escape_character(character: str) -> str:
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
