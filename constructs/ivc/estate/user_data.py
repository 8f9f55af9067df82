"""User data that stands in a file beside the JSON, which Terraform reads: how the JSON says so, and how it is read.

What people read is then what is sent, and the JSON stays small. What only apply knows has a readable placeholder in the
file, whose place it takes: `replace(file("${path.module}/userdata/www-1"), "<id of volume data>", data.x.y.id)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ivc.estate.families import INSTANCE
from ivc.terraform.document import Document as Terraform
from ivc.terraform.errors import EstateError
from ivc.userdata.at_apply import AtApply
from ivc.userdata.document import Document

FOLDER = "userdata"
"""Where the files stand, each called as its instance, from the folder of the JSON."""

HASH = "user_data"
"""The note of an instance that holds the SHA-256 of its file, so that a change by hand is noticed."""

_LAST_OF_FOUR_DIGITS = 0xFFFF


def expression(instance: str, text: Document) -> str:
    """What the JSON says of an instance's user data.

    Raises ValueError where the text itself holds a placeholder, or two values have the same.
    """
    said = _file(instance)
    for placeholder, value in _values(text).items():
        said = f"replace({said}, {_quoted(placeholder)}, {value})"
    return f"${{{said}}}"


def compared(said: Iterable[str | AtApply]) -> str:
    """What Terraform compares in the place of the text: a hash of what its declaration says.

    Of a value known only at apply the hash alone gets into the state, where it may be a secret.
    """
    digest, values = hashlib.sha256(), dict[str, int]()
    for piece in said:
        if isinstance(piece, str):
            digest.update(piece.encode())
        else:
            digest.update(b"\0%d\0" % values.setdefault(piece.expression, len(values)))
    known = digest.hexdigest()
    return f'${{sha256(jsonencode(["{known}", {", ".join(values)}]))}}' if values else known


def hash_of(text: str) -> str:
    """What the note of an instance says of its file."""
    return hashlib.sha256(text.encode()).hexdigest()


class Files:
    """The files of a folder beside a document; never one outside of it, however what it belongs to is called.

    path: of the document's JSON. A folder may come from somebody else, and no file outside of it is theirs to show.
    """

    def __init__(self, path: Path, folder: str = FOLDER) -> None:
        self._folder = path.parent / folder
        self._is_there = self._folder.resolve() == path.parent.resolve() / folder

    def of(self, name: str) -> Path | None:
        """The file of what is called so in Terraform; None where there is none."""
        file = self._folder / name
        own = self._is_there and file.parent == self._folder and not file.is_symlink()
        return file if own and file.is_file() else None


def check(document: Terraform, path: Path) -> None:
    """Raise EstateError where the file of an instance is missing, or is not as it was written.

    path: of the document's JSON. An older one has no such files, nor has an instance that was made by hand.
    """
    files = Files(path)
    for instance in document.of_type(INSTANCE.type):
        known = document.note(instance.name).get(HASH)
        if known is None:
            continue
        file = files.of(instance.name)
        if file is None:
            missing = path.parent / FOLDER / instance.name
            raise EstateError(f"{missing}, which {path} reads, is not there: run `ivc synth` to write it anew.")
        if hashlib.sha256(file.read_bytes()).hexdigest() != known:
            raise EstateError(
                f"{file} is not as it was written: somebody changed it, and Terraform would send it so; run `ivc "
                "synth` to write it anew."
            )


def _values(text: Document) -> dict[str, str]:
    """By placeholder, the expression that takes its place, in the order of the text."""
    values: dict[str, str] = {}
    for part in text.parts:
        if isinstance(part, AtApply) and values.setdefault(part.placeholder, part.expression) != part.expression:
            raise ValueError(
                f"two values known only at apply are both shown as {part.placeholder}; give what they belong to "
                "different names in the cloud (name=)"
            )
    if [*_said(_parts(text.readable, values))] != [*_said(_joined(text))]:
        own = next((one for one in values if any(one in part for part in text.parts if isinstance(part, str))), None)
        raise ValueError(
            f"its own text makes {own or next(iter(values))}, which stands for a value known only at apply; write it "
            "otherwise"
        )
    return values


def _said(parts: Iterable[str | AtApply]) -> Iterator[tuple[bool, str]]:
    """Each part, and whether it is a value."""
    for part in parts:
        if not isinstance(part, str):
            yield True, part.expression
        elif part:
            yield False, part


def _joined(text: Document) -> Iterator[str | AtApply]:
    """The parts, texts beside each other as one."""
    before = ""
    for part in text.parts:
        if isinstance(part, str):
            before += part
        else:
            yield before
            yield part
            before = ""
    yield before


def _parts(text: str, values: Mapping[str, str]) -> Iterator[str | AtApply]:
    """A readable text, with its placeholders as values; they are looked for one after the other, as Terraform does."""
    parts: list[str | AtApply] = [text]
    for placeholder, value in values.items():
        parts = [
            piece
            for part in parts
            for piece in (_around(part, AtApply(value, placeholder[1:-1], 0)) if isinstance(part, str) else (part,))
        ]
    return iter(parts)


def _around(text: str, value: AtApply) -> Iterator[str | AtApply]:
    first, *others = text.split(value.placeholder)
    yield first
    for other in others:
        yield value
        yield other


def _file(instance: str) -> str:
    return f'file("${{path.module}}/{FOLDER}/{instance}")'


def _quoted(text: str) -> str:
    """The text as a literal inside of an expression. CDKTF and Terraform see no sign in it that means anything."""
    return '"' + "".join(character if _is_plain(character) else _code(character) for character in text) + '"'


def _is_plain(character: str) -> bool:
    return character.isprintable() and character not in '"\\$%'


def _code(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) <= _LAST_OF_FOUR_DIGITS else f"\\U{ord(character):08x}"
