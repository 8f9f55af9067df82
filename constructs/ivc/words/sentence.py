"""Sentences that keep what others wrote apart from our own words.

A name, a description or an error text may hold Markdown, HTML or what a terminal obeys. Whoever prints a sentence
escapes its `Quoted` parts in the way of its medium; the rest is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Quoted:
    """Words that come from outside: a declaration, a plan, a cloud."""

    text: str


@dataclass(frozen=True)
class Sentence:
    """Our words and others', in order. As `str` it is plain text, for where nothing is obeyed."""

    parts: tuple[str | Quoted, ...]

    def __str__(self) -> str:
        return "".join(part.text if isinstance(part, Quoted) else part for part in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)


Sayable = Sentence | str | int


def say(words: str, /, *given: Sayable) -> Sentence:
    """A sentence: our words, with `{}` where a given thing goes. A given text is quoted; a sentence goes in as it is.

    >>> str(say("{} will be replaced", "www-1"))
    'www-1 will be replaced'
    """
    parts: list[str | Quoted] = []
    pieces = words.split("{}")
    if len(pieces) != len(given) + 1:
        raise TypeError(f"say: {words!r} has {len(pieces) - 1} places for {len(given)} things")
    for piece, thing in zip(pieces, (*given, ""), strict=True):
        if piece:
            parts.append(piece)
        if isinstance(thing, Sentence):
            parts += thing.parts
        elif isinstance(thing, int):
            parts.append(f"{thing:,}")
        elif thing:
            parts.append(Quoted(thing))
    return Sentence(tuple(parts))


def listed(things: Iterable[Sayable], last: str = "and") -> Sentence:
    """Things in a row: `a`, `a and b`, `a, b and c`."""
    said = [thing if isinstance(thing, Sentence) else say("{}", thing) for thing in things]
    if not said:
        return Sentence(())
    whole = said[0]
    for number, thing in enumerate(said[1:], start=2):
        whole = say("{}" + (f" {last} " if number == len(said) else ", ") + "{}", whole, thing)
    return whole


MOST = 8
"""So many things in a row are read at a glance."""


def some(things: Sequence[Sayable]) -> Sentence:
    """Things in a row; of very many the first, and how many more there are."""
    if len(things) <= MOST:
        return listed(things)
    first = MOST // 2
    return listed([*things[:first], say("{} more", len(things) - first)])


def joined(sentences: Iterable[Sentence], between: str = "; ") -> Sentence:
    """Sentences in a row, with our words between them."""
    parts: list[str | Quoted] = []
    for sentence in sentences:
        if parts:
            parts.append(between)
        parts += sentence.parts
    return Sentence(tuple(parts))
