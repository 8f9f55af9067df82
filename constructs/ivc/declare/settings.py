"""The settings of environments: tables of a TOML file, laid over each other and checked against a class of the user's.

Pydantic checks them, strictly: nothing is taken for what it is not. What is wrong is a sentence with its line.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ivc.arguments import as_written, kind_of
from ivc.errors import DeclarationError
from ivc.source import Line

T = TypeVar("T")
Place = tuple[str | int, ...]
"""Where a value stands: keys of tables, and places in lists."""

_WANTED = {
    "bool_type": "true or false",
    "dataclass_type": "a table",
    "dict_type": "a table",
    "float_type": "a number",
    "frozen_set_type": "a list",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "set_type": "a list",
    "string_type": "a text",
    "tuple_type": "a list",
}
"""By Pydantic's name of an error, what to give."""
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")


class Tables:
    """The tables of a settings file.

    names: of the tables, in the order of the file.

    Raises DeclarationError where there is no such file, it is no TOML, or something stands outside of all tables.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._text = file.read_bytes().decode()
            self._tables: dict[str, Any] = tomllib.loads(self._text)
        except OSError as error:
            raise DeclarationError(f"{file} cannot be read ({error.strerror}); write it, with a table [prod]") from None
        except ValueError as error:
            raise DeclarationError(f"{file} is no TOML: {error}; correct it") from None
        for name, table in self._tables.items():
            if not isinstance(table, dict):
                sentence = f"{name}: it stands in no table; put it below [defaults], or below one environment"
                raise DeclarationError(sentence, line=self.line((name,)))
        self.names = tuple(self._tables)

    def laid(self, *names: str) -> dict[str, Any]:
        """The tables of these names, where they are there, each laid over those before it: a key of a later one wins,
        and tables in them are laid over each other likewise.
        """
        found: dict[str, Any] = {}
        for name in names:
            found = _laid(found, self._tables.get(name, {}))
        return found

    def read(self, kind: type[T], given: Mapping[str, Any], of: Sequence[str], also: Sequence[str]) -> T:
        """What is given as an object of a class.

        of: the tables that it was laid together from. also: what may stand there beside what the class has.

        Raises DeclarationError for a class that no settings can be read into, and for a key that is unknown or missing
        and a value that its type does not allow; of several the first is the message, and the others are its notes.
        """
        from pydantic import PydanticUserError, TypeAdapter, ValidationError

        try:
            adapter = TypeAdapter(kind)
            try:
                # Only from JSON does Pydantic take strictly what a dataclass, a tuple or a date is written as.
                return adapter.validate_json(json.dumps(given, default=str), strict=True, extra="forbid")
            except ValidationError as error:
                errors, schema = error.errors(include_url=False), adapter.json_schema()
        except PydanticUserError as error:
            why = error.message.splitlines()[0]
            raise DeclarationError(
                f"Environment.read: settings: {kind.__name__} has a type that settings cannot have: {why}"
            ) from None
        by_path: dict[Place, list[Mapping[str, Any]]] = {}
        for each in errors:
            by_path.setdefault(_path(each["loc"], given, missing=each["type"] in _MISSING), []).append(each)
        found = []
        for path, several in by_path.items():
            known = [*_known(schema, path[:-1]), *(() if path[1:] else also)]
            sentence = f"[{self._whose(path, of)}]: {_problem(several, path, known)}"
            found.append(DeclarationError(sentence, line=self._line(path, of)))
        first, *others = found
        for other in others:
            first.add_note(f"{self._file.name}:{other.line}: {other}")
        raise first

    def line(self, path: Place) -> Line | None:
        """The line where what stands at a path is written; None where nothing is."""
        written = 0
        # As TOML counts lines; Python's own also ends them elsewhere.
        lines = [f"{line}\n" for line in self._text.split("\n")]
        for number in range(1, len(lines) + 1):
            try:
                read = tomllib.loads("".join(lines[:number]))
            except tomllib.TOMLDecodeError:
                continue  # in the middle of a value
            if _is_there(read, path):
                return Line(self._file, written + 1)
            written = number
        return None

    def _whose(self, path: Place, of: Sequence[str]) -> str:
        """The table whose value counts at a path; for none that of the environment."""
        return next((name for name in reversed(of) if _is_there(self._tables, (name, *path))), of[-1])

    def _line(self, path: Place, of: Sequence[str]) -> Line | None:
        whose = self._whose(path, of)
        places = (path[:end] for end in range(len(path), -1, -1))
        return next((line for place in places if (line := self.line((whose, *place))) is not None), None)


def nearest(name: str, known: Sequence[str]) -> str:
    """The end of a sentence about a name that is unknown: the nearest one, or all."""
    found = difflib.get_close_matches(name, known, 1)
    return f"did you mean {found[0]}?" if found else f"known: {', '.join(known) or 'none'}"


def _laid(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        found[key] = _laid(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found


def _path(loc: Sequence[str | int], given: Any, *, missing: bool) -> Place:
    """A place in Pydantic's words, without its names for the types that a value may have."""
    path: Place = ()
    for key in loc:
        if not _is_there(given, (*path, key)):
            return (*path, key) if missing and key == loc[-1] else path
        path = (*path, key)
    return path


def _is_there(value: Any, path: Place) -> bool:
    for key in path:
        places = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        if key not in places:
            return False
        value = value[key]
    return True


def _problem(errors: Sequence[Mapping[str, Any]], path: Place, known: Sequence[str]) -> str:
    """What is wrong, and what to give. errors: of a value that may be of several types, each type's."""
    error = errors[0]
    called = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
    if error["type"] in _UNKNOWN:
        return f"{called}: there is no such setting; {nearest(str(path[-1]), known)}"
    if error["type"] in _MISSING:
        return f"{called}: it is missing; give it here, or in [defaults]"
    value = error["input"]
    if error["type"] in _WANTED:
        wanted = dict.fromkeys(_WANTED[each["type"]] for each in errors if each["type"] in _WANTED)
        return f"{called}: {as_written(value)} is {kind_of(value)}; give {' or '.join(wanted)}"
    said = (
        str(error["ctx"]["error"]) if error["type"] == "value_error" else f"{error['msg'][0].lower()}{error['msg'][1:]}"
    )
    if not called:
        return said
    if error["type"] == "literal_error":
        return f"{called}: {value!r} is not known; give {error['ctx']['expected']}"
    return f"{called}: {as_written(value)}: {said}"


def _known(schema: Mapping[str, Any], path: Place) -> list[str]:
    """What may stand in the table at a path, as the JSON schema of a class has it."""
    places = [schema]
    for key in (*path, None):
        while any("$ref" in place or "anyOf" in place for place in places):
            places = [
                schema["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                for place in places
                for one in place.get("anyOf", [place])
            ]
        if key is None:
            break
        places = [
            found
            for place in places
            if isinstance(
                found := place.get("items")
                if isinstance(key, int)
                else place.get("properties", {}).get(key, place.get("additionalProperties")),
                dict,
            )
        ]
    return [name for place in places for name in place.get("properties", {})]
