"""The parts of a document, by the form that cloud-init takes them for (cloudinit/handlers/__init__.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from ivc.userdata.checks.placeholder import without_jinja

if TYPE_CHECKING:
    from email.message import Message


class Form(Enum):
    """What a part is."""

    CLOUD_CONFIG = auto()
    SCRIPT = auto()
    INCLUDE = auto()
    OTHER = auto()
    """A part-handler, a launch index, what has a handler of its own."""


@dataclass(frozen=True)
class Part:
    """One part of a document.

    text: what checks read; with empty lines above it, so that its lines have their numbers of the whole, and with
    cloud-init's own Jinja hidden.
    jinja: the text with that Jinja, where cloud-init renders it once more; else None.
    encoded_at: the line where it stands encoded, for a part whose lines are not those of the whole.
    """

    form: Form
    text: str
    jinja: str | None = None
    encoded_at: int | None = None

    @property
    def conditional(self) -> bool:
        """Whether cloud-init's own Jinja may leave lines out, or write them twice."""
        return self.jinja is not None and "{%" in self.jinja


JINJA = "## template: jinja"
# Where a longer one begins as a shorter one does, the longer stands first.
_BY_FIRST_LINE = {
    "#cloud-config-archive": Form.OTHER,
    "#cloud-config-jsonp": Form.OTHER,
    "#cloud-config": Form.CLOUD_CONFIG,
    "#cloud-boothook": Form.SCRIPT,
    "#!": Form.SCRIPT,
    "#include": Form.INCLUDE,
    "#part-handler": Form.OTHER,
}
_BY_TYPE = {
    "text/cloud-config": Form.CLOUD_CONFIG,
    "text/cloud-boothook": Form.SCRIPT,
    "text/x-shellscript": Form.SCRIPT,
    "text/x-shellscript-per-boot": Form.SCRIPT,
    "text/x-shellscript-per-instance": Form.SCRIPT,
    "text/x-shellscript-per-once": Form.SCRIPT,
    "text/x-include-url": Form.INCLUDE,
    "text/x-include-once-url": Form.INCLUDE,
}
_MIME = re.compile(r"(content-type: multipart/|mime-version:)", re.IGNORECASE)

FIRST_LINES = (JINJA, *_BY_FIRST_LINE)


def is_mime(text: str) -> bool:
    """Whether the text is a MIME message."""
    return _MIME.match(text) is not None


def parts(text: str) -> Iterator[Part]:
    """The parts of a document; of one without MIME, itself."""
    if is_mime(text):
        yield from _of_mime(text.split("\n"), above=0)
    else:
        yield _part(text, above=0)


def _part(text: str, *, above: int, form: Form | None = None, encoded_at: int | None = None) -> Part:
    pad = "\n" * above
    jinja = text.startswith(JINJA)
    known = without_jinja(text) if jinja else text
    body = known.partition("\n")[2] if jinja else known
    form = form or next((form for first, form in _BY_FIRST_LINE.items() if body.startswith(first)), Form.OTHER)
    return Part(form, pad + known, pad + text if jinja else None, encoded_at)


def _of_mime(lines: list[str], *, above: int) -> Iterator[Part]:
    """Parts of a multipart message, by its lines: `email` does not say where a part stands."""
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    header = _header(lines[:end])
    boundary = header.get_boundary()
    if boundary is None or header.get_content_maintype() != "multipart":
        yield _of_message(header, lines[end + 1 :], above=above + end + 1, header_at=above + 1)
        return
    begins = None
    for number, line in enumerate(lines):
        if line.rstrip() in (f"--{boundary}", f"--{boundary}--") and number > end:
            if begins is not None:
                yield from _of_mime(lines[begins:number], above=above + begins)
            begins = number + 1


def _header(lines: list[str]) -> Message:
    from email import message_from_string

    return message_from_string("\n".join(lines) + "\n\n")


def _of_message(header: Message, body: list[str], *, above: int, header_at: int) -> Part:
    form = _BY_TYPE.get(header.get_content_type())
    if header.get("Content-Transfer-Encoding", "7bit").lower() not in ("base64", "quoted-printable"):
        return _part("\n".join(body), above=above, form=form)
    header.set_payload("\n".join(body))
    payload = header.get_payload(decode=True)
    text = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
    return _part(text, above=0, form=form, encoded_at=header_at)
