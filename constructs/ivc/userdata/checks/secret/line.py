"""A long line, cut into pieces, so that no pattern looks at more than some two thousand characters at once.

A pattern that takes the square of a text's length, or its cube, so takes a time that is in proportion to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

STEP, OVERLAP = 2_048, 512
_ENDS = re.compile(r"[\s,;&]")
_UPPER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@dataclass(frozen=True)
class Line:
    """A line, or a piece of one.

    text: as it is written. lower: the same with small letters, each at the same place.
    """

    text: str
    lower: str

    @classmethod
    def of(cls, text: str) -> Line:
        """The line of a text. Outside ASCII, a small letter may be longer than its capital one, so those stay."""
        return cls(text, text.lower() if text.isascii() else text.translate(_UPPER))


def pieces(line: str) -> Iterator[tuple[int, str]]:
    """The pieces of a line, with where each begins; a short line is one piece.

    Each shares its end with the next one's beginning, so that what stands at a cut is whole in one of them. A cut is
    between two words, where there is one near.
    """
    start = 0
    while len(line) - start > STEP + OVERLAP:
        end = start + STEP + OVERLAP
        yield start, line[start:end]
        start = _word_after(line, start + STEP)
    yield start, line[start:]


def _word_after(line: str, position: int) -> int:
    found = _ENDS.search(line, position, position + OVERLAP // 2)
    return found.end() if found else position
