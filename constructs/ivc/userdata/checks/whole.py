"""What must hold for a document as a whole: its first line, its form of Unicode, its size, that it is plain text."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator

from ivc.userdata.checks import kind
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.part import parts
from ivc.userdata.checks.placeholder import shown

NOVA_LIMIT = 49_149
"""Raw bytes: Nova takes 65,535 bytes of base64 (nova.api.validation, `user_data`)."""

_WRAPPER = re.compile(r"\s*[\"']?user[_-]?data[\"']?\s*[:=]", re.IGNORECASE)
_TOP_LEVEL = re.compile(r"^([A-Za-z_][\w-]*):", re.MULTILINE)
_MIME = re.compile(r"content-type: multipart/", re.IGNORECASE)
_GZIP = b"\x1f\x8b"


def check(text: str, *, longest: int) -> Iterator[Finding]:
    """What is wrong with the whole.

    longest: the most bytes that it can have once all its values are known.
    """
    first = text.split("\n", 1)[0].rstrip("\r")
    if (encoding := _encoded(text)) is not None:
        yield _error(
            "whole-encoded",
            f"the whole text is {encoding}, which newer clouds and guests refuse or take for text; give it as plain "
            "text, and only large files inside `write_files` with `encoding: gz+b64`",
        )
    elif _WRAPPER.match(first):
        yield _error(
            "wrapper",
            f"the first line is {shown(first)!r}, which belongs to the tool that this text was taken from; take that "
            "line away, and the indentation below it, so that #cloud-config or #!/bin/sh comes first",
        )
    else:
        yield from _first_line(text, first)
    if not unicodedata.is_normalized("NFC", text):
        for number, line in enumerate(text.split("\n"), start=1):
            if not unicodedata.is_normalized("NFC", line):
                yield Finding(
                    id="unicode-form",
                    severity="error",
                    line=number,
                    message=f"{line[:60]!r} is not in Unicode's form C, into which Terraform brings all text, so that "
                    "the guest would read other bytes: write its accented letters as one character each",
                )
                break
    if longest > NOVA_LIMIT:
        yield _error(
            "size",
            f"{longest:,} bytes are over Nova's limit of {NOVA_LIMIT:,}{_weights(text)}: "
            "take something out, or let the guest fetch it",
        )


def _first_line(text: str, first: str) -> Iterator[Finding]:
    taken = kind.kind_of(text)
    if kind.is_mime(text):
        if next(parts(text), None) is None:
            yield _error(
                "mime-parts",
                "this is a MIME message without a part, so that the guest takes nothing of it; name the boundary that "
                "stands above each part in its Content-Type",
            )
    elif text.startswith("\ufeff"):
        yield _error(
            "first-line",
            "a byte-order mark (U+FEFF) stands before the first line, and cloud-init ignores what does not begin with "
            "one of its headers; save the file as UTF-8 without it",
        )
    elif taken is None and _MIME.match(text):
        yield _error(
            "first-line",
            "this is a MIME message, and cloud-init takes it for one only with MIME-Version in its head; write "
            "MIME-Version: 1.0 above the first empty line",
        )
    elif not text.strip():
        yield _error("first-line", "it is empty; begin with #cloud-config or #!/bin/sh, or give no user data")
    elif taken is None:
        yield _error(
            "first-line",
            f"the first line is {shown(first)!r}, and cloud-init ignores what it does not know: "
            "begin with #cloud-config, #!/bin/sh or another of its headers, with nothing above it",
        )
    elif text[:1].isspace() and taken not in (kind.SCRIPT, kind.HOOK, kind.JINJA):
        yield Finding(
            id="first-line",
            severity="warning",
            line=None,
            message="there is something blank above the first line, which cloud-init at a boot does not mind, and "
            "`cloud-init schema` and tools that look at the first bytes do; take it away",
        )


def _encoded(text: str) -> str | None:
    """What the whole text is encoded as, where it is nothing but that."""
    if text.startswith(_GZIP.decode("latin-1")):
        return "gzip"
    start = "".join(text[:200].split())
    # The first characters alone: a later part may be a value that is not known yet.
    begin = start[: len(start) - len(start) % 4]
    if len(begin) < 16:
        return None
    try:
        raw = base64.b64decode(begin, validate=True)
    except (binascii.Error, ValueError):
        return None
    if raw.startswith(_GZIP):
        return "gzip in base64"
    return "base64" if raw.startswith(tuple(first.encode() for first in (*kind.FIRST_LINES, "Content-Type"))) else None


def _weights(text: str) -> str:
    """The heaviest parts of a cloud-config, in words."""
    starts = list(_TOP_LEVEL.finditer(text))
    if not starts:
        return ""
    ends = [match.start() for match in starts[1:]] + [len(text)]
    weights = [(len(text[match.start() : end].encode()), match[1]) for match, end in zip(starts, ends, strict=True)]
    heaviest = sorted(weights, reverse=True)[:3]
    return f" ({', '.join(f'{name} has {weight:,}' for weight, name in heaviest)})"


def _error(id: str, message: str) -> Finding:
    return Finding(id=id, severity="error", line=None, message=message)
