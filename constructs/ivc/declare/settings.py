"""The settings of environments: tables of a TOML file, laid over each other and checked against a class of the user's.

Pydantic checks them, strictly: nothing is taken for what it is not. What is wrong is a sentence with its line.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ivc.arguments import as_written, kind_of
from ivc.errors import DeclarationError
from ivc.source import Line

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
Place = tuple[str | int, ...]
"""Where a value stands: keys of tables, and places in lists."""
_Wrong = dict[Place, list[Mapping[str, Any]]]
"""By place, Pydantic's errors: of a value that may be of several types, each type's."""

_WANTED = {
    "bool_type": "true or false",
    "dataclass_type": "a table",
    "date_type": "a date",
    "datetime_type": "a date with a time",
    "dict_type": "a table",
    "float_type": "a number",
    "frozen_set_type": "a list",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "set_type": "a list",
    "string_type": "a text",
    "time_type": "a time",
    "tuple_type": "a list",
}
"""By Pydantic's name of an error, what to give."""
_DATES: Mapping[type[Any], str] = {
    dt.date: "a date",
    dt.datetime: "a date with a time",
    dt.time: "a time",
}
"""What TOML has and JSON has not, in words."""
_NO_DATE = {"date_parsing": "a date", "datetime_parsing": "a date with a time", "time_parsing": "a time"}
"""By Pydantic's name of an error about a text where one of them is wanted, what to give."""
_OF_NO_TEXT = ("date_", "datetime_", "time_", "value_error", "assertion_error")
"""How Pydantic's names of errors begin where a date is wanted, and those of the user's own functions: what these say
of a text that is none, they say of no date.
"""
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
        from pydantic import PydanticUserError, TypeAdapter

        try:
            adapter = TypeAdapter(kind)
            read, wrong = _validated(adapter, given)
            schema = adapter.json_schema() if wrong else {}
        except PydanticUserError as error:
            why = error.message.splitlines()[0]
            raise DeclarationError(
                f"Environment.read: settings: {kind.__name__} has a type that settings cannot have: {why}"
            ) from None
        found = []
        for path, several in wrong.items():
            known = [*_known(schema, path[:-1]), *(() if path[1:] else also)]
            sentence = f"[{self.whose(path, of)}]: {_problem(several, path, _at(given, path), known)}"
            found.append(DeclarationError(sentence, line=self.line_of(path, of)))
        if not found:
            return read
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

    def whose(self, path: Place, of: Sequence[str]) -> str:
        """The table whose value counts at a path; for none that of the environment."""
        return next((name for name in reversed(of) if _is_there(self._tables, (name, *path))), of[-1])

    def line_of(self, path: Place, of: Sequence[str]) -> Line | None:
        """The line where the value that counts at a path is written, or what it would stand in."""
        whose = self.whose(path, of)
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


def _validated(adapter: TypeAdapter[T], given: Mapping[str, Any]) -> tuple[T, _Wrong]:
    """What is given as an object, which is none where something is wrong."""
    read, wrong = _tried(adapter, given, of_date=str)
    dates = [path for path in _paths(given) if type(_at(given, path)) in _DATES]
    # JSON has no dates: what takes any text in the place of one would take them for texts.
    _, for_texts = _tried(adapter, given, of_date=lambda _: "") if dates else (read, {})
    for path in dates:
        wants_one = any(each["type"].startswith(_OF_NO_TEXT) for each in for_texts.get(path, ()))
        if path not in wrong and not wants_one:
            wrong[path] = [{"type": "string_type"}]
    return read, wrong


def _tried(adapter: TypeAdapter[T], given: Mapping[str, Any], of_date: Callable[[Any], str]) -> tuple[T, _Wrong]:
    from pydantic import ValidationError

    wrong: _Wrong = {}
    try:
        # Only from JSON does Pydantic take strictly what a dataclass, a tuple or a date is written as.
        return adapter.validate_json(json.dumps(given, default=of_date), strict=True, extra="forbid"), wrong
    except ValidationError as error:
        for each in error.errors(include_url=False):
            wrong.setdefault(_path(each["loc"], given, missing=each["type"] in _MISSING), []).append(each)
    return cast("T", None), wrong


def _paths(value: Any) -> Iterator[Place]:
    """All places in a table."""
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in places:
        yield (key,)
        yield from ((key, *below) for below in _paths(item))


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


def _at(value: Any, path: Place) -> Any:
    """What stands at a path; None where nothing does."""
    if not _is_there(value, path):
        return None
    for key in path:
        value = value[key]
    return value


def _problem(errors: Sequence[Mapping[str, Any]], path: Place, value: Any, known: Sequence[str]) -> str:
    """What is wrong with a value, and what to give. errors: where it may be of several types, each type's."""
    error = errors[0]
    called = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
    if error["type"] in _UNKNOWN:
        return f"{called}: there is no such setting; {nearest(str(path[-1]), known)}"
    if error["type"] in _MISSING:
        return f"{called}: it is missing; give it here, or in [defaults]"
    date = _DATES.get(type(value))
    shown, kind = (as_written(value), kind_of(value)) if date is None else (str(value), date)
    words = _WANTED if date is None else {**_WANTED, **_NO_DATE}
    if error["type"] in words:
        wanted = dict.fromkeys(words[each["type"]] for each in errors if each["type"] in words)
        return f"{called}: {shown} is {kind}; give {' or '.join(wanted)}"
    said = (
        str(error["ctx"]["error"]) if error["type"] == "value_error" else f"{error['msg'][0].lower()}{error['msg'][1:]}"
    )
    if not called:
        return said
    if error["type"] == "literal_error":
        return f"{called}: {value if date else repr(value)} is not known; give {error['ctx']['expected']}"
    return f"{called}: {shown}: {said}"


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
