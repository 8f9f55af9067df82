"""What the value of a key may be, as a few words that a table of keys is written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["any", "scalar", "words", "list", "mapping", "union"]

_NAMES: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "nothing",
}


@dataclass(frozen=True)
class Old:
    """What cloud-init still takes, or took, and no longer wants.

    since: the version of cloud-init that no longer wants it.
    instead: what to write: a key's name, or for a value what it may be; empty where nothing takes its place.
    gone: whether it means nothing any more.
    """

    since: str
    instead: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Shape:
    """What a value may be.

    scalar: the Python type of a scalar.
    values: the words (or true and false) that it may be.
    fits: whether a text is as it has to be.
    like: a text that is, or what the words are called.
    hidden: whether a message may not show it.
    least: the smallest number, the fewest items or keys.
    most: the most items.
    unique: whether no item may stand twice.
    members: the item of a list, the alternatives of a union; none where anything will do.
    fields: the keys of a mapping.
    required: the keys that it must have.
    one_of: keys of which it must have one.
    apart: keys of which it may have one.
    names: what its other keys may be called.
    others: what its other keys may hold; None where it may have no other.
    old: why it had better be something else.
    """

    kind: Kind
    scalar: Any = None
    values: tuple[Any, ...] = ()
    fits: Callable[[str], object] | None = None
    like: str = ""
    hidden: bool = False
    least: int | None = None
    most: int | None = None
    unique: bool = False
    members: tuple[Shape, ...] = ()
    fields: Mapping[str, Shape] = field(default_factory=dict, hash=False)
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    names: Callable[[str], object] | None = None
    others: Shape | None = None
    old: Old | None = None

    @property
    def words(self) -> str:
        """What is expected, for a message."""
        match self.kind:
            case "scalar":
                like = f" like {self.like}" if self.like else ""
                return _NAMES[self.scalar] + (like if self.least is None else f" not below {self.least}")
            case "words":
                return self.like or _either(self._values)
            case "list":
                return f"a list of {self._plural}" if self._plural else "a list"
            case "union":
                return _either(word for member in self.wanted for word in member._told)
            case _:
                return "a mapping"

    @property
    def wanted(self) -> tuple[Shape, ...]:
        """The alternatives that a message names."""
        return tuple(member for member in self.members if member.scalar is not type(None) and member.old is None)

    @property
    def _told(self) -> list[str]:
        return self._values if self.values and not self.like else [self.words]

    @property
    def _told_many(self) -> list[str]:
        return self._values if self.values and not self.like else [_many(self.words)]

    @property
    def _values(self) -> list[str]:
        return [str(value).lower() if isinstance(value, bool) else value for value in self.values]

    @property
    def _plural(self) -> str:
        parts = [part for member in self.members for part in (member.wanted or (member,)) if part.kind != "any"]
        return _either(word for part in parts for word in part._told_many)


def _many(words: str) -> str:
    words = words.removeprefix("a ").replace("list of", "lists of")
    return words if " " in words else f"{words}s"


def _either(words: Iterable[str]) -> str:
    *most, last = dict.fromkeys(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last


ANY = Shape("any")
TEXT = Shape("scalar", scalar=str)
BOOL = Shape("scalar", scalar=bool)
INT = Shape("scalar", scalar=int)
NUMBER = Shape("scalar", scalar=float)
NOTHING = Shape("scalar", scalar=type(None))
TRUE_OR_FALSE = "true or false"


def words(*values: str | bool, called: str = "") -> Shape:
    """One of these words, or true or false, which are none.

    called: what they are, where they are too many to be told.
    """
    return Shape("words", values=values, like=called)


def text(fits: str | Callable[[str], object], *, like: str, hidden: bool = False) -> Shape:
    """A text of which a pattern matches the whole, or that a function takes; and one that is right, as it is told."""
    return Shape("scalar", scalar=str, fits=_whole(fits) if isinstance(fits, str) else fits, like=like, hidden=hidden)


def _whole(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.ASCII).fullmatch


def whole(least: int) -> Shape:
    """A whole number from this one on."""
    return Shape("scalar", scalar=int, least=least)


def number(least: int) -> Shape:
    """A number from this one on."""
    return Shape("scalar", scalar=float, least=least)


def items(item: Shape = ANY, *, least: int | None = None, most: int | None = None, unique: bool = False) -> Shape:
    """A list."""
    return Shape("list", members=(item,), least=least, most=most, unique=unique)


def each(names: str, shape: Shape) -> dict[str, Shape]:
    """Several keys, their names set apart by blanks, that may be the same."""
    return dict.fromkeys(names.split(), shape)


def mapping(
    *fields: Mapping[str, Shape],
    required: str = "",
    one_of: str = "",
    apart: Iterable[tuple[str, str]] = (),
    least: int | None = None,
    names: str | None = None,
    others: Shape | None = None,
) -> Shape:
    """A mapping; without `others` it has no keys beyond its own."""
    known = {name: shape for some in fields for name, shape in some.items()}
    return Shape(
        "mapping",
        fields=known,
        required=tuple(required.split()),
        one_of=tuple(one_of.split()),
        apart=tuple(apart),
        least=least,
        names=_whole(names) if names else None,
        others=others,
    )


def either(*shapes: Shape) -> Shape:
    """One of several; where two are wrong in as many things, the first says so."""
    return Shape("union", members=tuple(_flat(shapes)))


def _flat(shapes: Iterable[Shape]) -> Iterator[Shape]:
    for shape in shapes:
        yield from shape.members if shape.kind == "union" else (shape,)


def old(shape: Shape, since: str, instead: str = "") -> Shape:
    """The same, deprecated since a version.

    instead: as in `Old`.
    """
    return replace(shape, old=Old(since, instead))


def gone(shape: Shape, since: str) -> Shape:
    """The same, of which cloud-init knows nothing any more since a version."""
    return replace(shape, old=Old(since, gone=True))
