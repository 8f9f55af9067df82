"""A MIME message taken apart as cloud-init does (cloudinit/user_data.py), with the line where each part stands."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.feedparser import FeedParser
from email.message import Message

_ENCODINGS = ("quoted-printable", "base64", "x-uuencode", "uuencode", "uue", "x-uue")
# email.feedparser: what it takes for a line of a head.
_HEAD = re.compile(r"From |[!-9;-~]*:|[\t ]")
_PACKED = re.compile(r"application/(x-)?(gzip|compress(ed)?|gunzip|gzip-compressed|gzipped)$")
_LONGEST = 1 << 20


@dataclass(frozen=True)
class Leaf:
    """A part that holds no others.

    header: its head. text: its body, decoded. line: where its body begins, from 0. head_at: where its head does.
    encoded: whether the lines of its body are not those of the message. packed: whether it was gzip.
    """

    header: Message
    text: str
    line: int
    head_at: int
    encoded: bool
    packed: bool


def leaves(text: str) -> Iterator[Leaf]:
    """The parts of a message, in the order in which cloud-init comes upon them."""
    lines = text.split("\n")
    heads: dict[int, int] = {}
    fed = 0

    def message(*_args: object, **_more: object) -> Message:
        made: Message = Message()
        heads[id(made)] = fed
        return made

    parser: FeedParser[Message] = FeedParser(message)
    for fed, line in enumerate(lines):
        parser.feed(f"{line}\n" if fed < len(lines) - 1 else line)
    whole = parser.close()
    for part in whole.walk():
        if part.get_content_maintype() != "multipart" and not part.is_multipart():
            yield _leaf(part, lines, heads[id(part)])


def _leaf(part: Message, lines: list[str], head_at: int) -> Leaf:
    line = head_at
    while line < len(lines) and _HEAD.match(lines[line]):
        line += 1
    if line < len(lines) and not lines[line].strip("\r"):
        line += 1
    encoded = str(part.get("Content-Transfer-Encoding", "")).lower() in _ENCODINGS
    payload = part.get_payload()
    body = payload if isinstance(payload, str) else ""
    packed = _PACKED.match(part.get_content_type()) is not None
    if encoded or packed:
        raw = part.get_payload(decode=True)
        body = _unpacked(raw) if isinstance(raw, bytes) and packed else _decoded(raw)
    return Leaf(part, body, line, head_at, encoded or packed, packed)


def _decoded(raw: object) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else ""


def _unpacked(raw: bytes) -> str:
    """As much of it as matters; empty where it is not gzip."""
    try:
        return _decoded(zlib.decompressobj(31).decompress(raw, _LONGEST))
    except zlib.error:
        return ""
