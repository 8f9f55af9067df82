"""User data that stands in a file beside the JSON, which Terraform reads: how the JSON says so, and how it is read.

What people read is then what is sent, and the JSON stays small. What only apply knows has a readable placeholder in the
file, whose place it takes: `replace(file("${path.module}/userdata/www-1"), "<id of volume data>", data.x.y.id)`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ivc.estate.errors import EstateError
from ivc.estate.families import INSTANCE
from ivc.estate.template_text import template
from ivc.userdata.at_apply import AtApply
from ivc.userdata.document import Document

FOLDER = "userdata"
"""Where the files stand, each called as its instance, from the folder of the JSON."""

HASH = "user_data"
"""The note of an instance that holds the SHA-256 of its file, so that a change by hand is noticed."""

_LAST_OF_FOUR_DIGITS = 0xFFFF
_REPLACE = "replace("
# Escapes of HCL (native syntax, "Template Expressions"); others are never written here.
_CODE = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")


def expression(instance: str, text: Document) -> str:
    """What the JSON says of an instance's user data.

    Raises ValueError where the text itself holds a placeholder, or two values have the same.
    """
    said = _file(instance)
    for placeholder, value in _values(text).items():
        said = f"{_REPLACE}{said}, {_quoted(placeholder)}, {value})"
    return f"${{{said}}}"


def hash_of(text: str) -> str:
    """What the note of an instance says of its file."""
    return hashlib.sha256(text.encode()).hexdigest()


def inline(text: Document) -> str:
    """The user data as it stands in a JSON without files."""
    return template(text.parts)


def put_in_place(document: dict[str, Any], path: Path) -> None:
    """Put the texts of the files into a JSON, where its instances have them: as one that holds all by itself has it.

    path: the JSON's. An older JSON stays as it is, and so does an instance whose user data was made by hand.

    Raises EstateError for a file that is missing, or is not as it was written.
    """
    instances = _mapping(_mapping(document.get("resource")).get(INSTANCE.type))
    notes = _mapping(_mapping(document.get("//")).get("ivc"))
    for name, given in instances.items():
        said = _mapping(given).get("user_data")
        if isinstance(said, str) and _file(name) in said:
            # One that is not understood shows its file at least: a change of that must never look like none.
            values = _placeholders(said) or {}
            text = _text(path, name, _mapping(notes.get(name)).get(HASH))
            given["user_data"] = template(_parts(text, values))


def _text(path: Path, name: str, known: object) -> str:
    file = path.parent / FOLDER / name
    # A folder may come from somebody else, and no file outside of it is theirs to show.
    if not file.is_file() or file.resolve().parent != path.parent.resolve() / FOLDER:
        raise EstateError(f"{file}, which {path} reads, is not there: run `make synth` to write it anew.")
    content = file.read_bytes()
    if known is not None and hashlib.sha256(content).hexdigest() != known:
        raise EstateError(
            f"{file} is not as it was written: somebody changed it, and Terraform would send it so; run `make synth` "
            "to write it anew."
        )
    return content.decode(errors="replace")


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


def _placeholders(said: str) -> dict[str, str] | None:
    """What takes the place of which placeholder, by an expression of the library's; None for any other."""
    inner, values = said.removeprefix("${").removesuffix("}"), {}
    while inner.startswith(_REPLACE):
        arguments = _arguments(inner.removeprefix(_REPLACE).removesuffix(")"))
        if len(arguments) != len(("text", "placeholder", "value")) or not arguments[1].startswith('"<'):
            return None
        inner = arguments[0]
        values[_unquoted(arguments[1])] = arguments[2]
    return dict(reversed(values.items())) if inner.startswith("file(") else None


def _arguments(text: str) -> list[str]:
    """The arguments of a call: what stands between commas that are in no bracket and no quotes."""
    found, depth, quoted = [""], 0, False
    escaped = False
    for character in text:
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = quoted and character == "\\" and not escaped
        if not quoted:
            depth += (character in "([{") - (character in ")]}")
            if character == "," and depth == 0:
                found.append("")
                continue
        found[-1] += character
    return [argument.strip() for argument in found]


def _quoted(text: str) -> str:
    """The text as a literal inside of an expression. CDKTF and Terraform see no sign in it that means anything."""
    return '"' + "".join(character if _is_plain(character) else _code(character) for character in text) + '"'


def _unquoted(literal: str) -> str:
    return _CODE.sub(lambda match: chr(int(match[1] or match[2], 16)), literal[1:-1])


def _is_plain(character: str) -> bool:
    return character.isprintable() and character not in '"\\$%'


def _code(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) <= _LAST_OF_FOUR_DIGITS else f"\\U{ord(character):08x}"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
