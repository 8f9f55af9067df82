"""Forms of user data beside one document: several documents as a MIME message, and addresses to fetch them from.

Scripts need no form of their own: a document says by its first line what it is.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ivc.errors import DeclarationError
from ivc.userdata.at_apply import AtApply
from ivc.userdata.checks import kind
from ivc.userdata.document import Document

_NOT_IN_A_NAME = re.compile("[^A-Za-z0-9._-]+")
_URL = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Part:
    """A document of several.

    name: as a message names it; a template's path.
    """

    name: str
    document: Document

    @property
    def file_name(self) -> str:
        """As the guest keeps it, with the place before it: it runs scripts in the order of these names."""
        return _NOT_IN_A_NAME.sub("-", PurePosixPath(self.name).name.removesuffix(".jinja"))


def multipart(parts: Sequence[Part]) -> Document:
    """The parts as one MIME message of the type multipart/mixed.

    Each is typed by its first line and named by its place and its file's name, `01-www.yaml`. A part in ASCII stands as
    it is; another is quoted-printable, or base64 where little of it could be read: cloud-init loses letters outside
    ASCII that are not encoded.

    Raises DeclarationError, as one sentence, for a part that is of no type or itself a MIME message, or that cannot be
    encoded since it holds a value known only at apply.
    """
    width = max(2, len(str(len(parts))))
    encoded: list[str | AtApply] = []
    bodies = [_body(part) for part in parts]
    boundary = _boundary(parts)
    for number, (part, (transfer, body)) in enumerate(zip(parts, bodies, strict=True), start=1):
        name = f"{number:0{width}}-{part.file_name}"
        encoded += [
            f"--{boundary}\n"
            f'Content-Type: {_type(part)}; charset="utf-8"\n'
            f"Content-Transfer-Encoding: {transfer}\n"
            f'Content-Disposition: attachment; filename="{name}"\n\n',
            *body,
            "\n",
        ]
    head = f'Content-Type: multipart/mixed; boundary="{boundary}"\nMIME-Version: 1.0\n\n'
    return Document((head, *encoded, f"--{boundary}--\n"))


def include(urls: Sequence[str]) -> Document:
    """A document that has the guest fetch others, in this order.

    Raises DeclarationError, as one sentence, for none at all and for what is not a full http or https address, or has a
    password in it.
    """
    if not urls:
        raise DeclarationError(
            'UserData.include: give at least one address, as in UserData.include("https://example.com/user-data")'
        )
    for url in urls:
        _check_url(url)
    return Document(("#include\n" + "".join(f"{url}\n" for url in urls),))


def _check_url(url: str) -> None:
    where = f"UserData.include: {url!r}"
    try:
        split = urlsplit(url)
        host, has_login = split.hostname, split.username is not None or split.password is not None
        _ = split.port
    except (ValueError, AttributeError, TypeError):
        raise DeclarationError(
            f"{where} is no address; write it in full, as in https://example.com/user-data"
        ) from None
    if has_login:
        raise DeclarationError(
            f"UserData.include: an address at {host} has a user or password in it, which every process on the guest "
            "can read; let that server know the guest by other means"
        )
    if split.scheme not in ("http", "https") or not host or not _URL.fullmatch(url):
        raise DeclarationError(
            f"{where} is not a full http or https address without spaces; write it as in https://example.com/user-data"
        )


def _type(part: Part) -> str:
    text = part.document.readable
    # What begins below something blank would be another part than alone.
    if not text[:1].isspace() and (known := kind.kind_of(text)) is not None:
        return known
    first = text.split("\n", 1)[0].rstrip("\r")
    if first.lower().startswith(("content-type:", "mime-version:")):
        raise DeclarationError(
            f"{part.name}: a part cannot have parts itself; give all of them to one UserData.multipart"
        )
    raise DeclarationError(
        f"{part.name}: the first line is {first[:60]!r}, by which cloud-init knows no kind of document"
    )


def _body(part: Part) -> tuple[str, Sequence[str | AtApply]]:
    """How the part is encoded, and what stands there."""
    literal = "".join(piece for piece in part.document.parts if isinstance(piece, str))
    # The line end before a boundary is the boundary's own, CRLF too.
    if literal.isascii() and not part.document.readable.endswith("\r"):
        return "7bit", part.document.parts
    value = next((piece for piece in part.document.parts if isinstance(piece, AtApply)), None)
    if value is not None:
        what = next((line for line in literal.split("\n") if not line.isascii()), "")
        raise DeclarationError(
            f"{part.name}: {value.placeholder} is known only at apply, and the part would have to be encoded for MIME, "
            f"which keeps ASCII alone as it is: {what[:60]!r}; write that in ASCII, or put it into a part of its own"
        )
    data = literal.encode()
    quoted = "\n".join(binascii.b2a_qp(line, istext=False).decode() for line in data.split(b"\n"))
    coded = encodebytes(data).decode().removesuffix("\n")
    return ("quoted-printable", [quoted]) if len(quoted) <= 2 * len(data) else ("base64", [coded])


def _boundary(parts: Sequence[Part]) -> str:
    """The digest of all that is sent: no text can hold its own."""
    digest = hashlib.sha256()
    for part in parts:
        for piece in (part.name, *part.document.parts):
            digest.update((piece if isinstance(piece, str) else f"{piece.expression}").encode() + b"\0")
    return f"ivc-{digest.hexdigest()[:32]}"
