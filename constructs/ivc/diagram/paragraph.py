"""Words in lines of a given width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivc.diagram.shapes import Dot, Text
from ivc.diagram.text_width import is_known, width
from ivc.words.foreign_text import shortened, visible

LINE = 20
"""The height of a line."""
_GAP = 12
_DOT = 14
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Span:
    """Words of one look. whole: not broken into lines, but shortened where they are too long, as names are.

    dot: how the dot before them looks, if there is one.
    """

    words: str
    look: str = "ink"
    size: int = 13
    bold: bool = False
    whole: bool = False
    dot: str = ""

    @property
    def width(self) -> float:
        """Of the words in one line."""
        return width(visible(self.words), self.size, bold=self.bold) + (_DOT if self.dot else 0)


@dataclass(frozen=True)
class Paragraph:
    """Lines of text. height: of them all; width: of the widest."""

    texts: tuple[Text, ...]
    dots: tuple[Dot, ...]
    height: float
    width: float


def paragraph(spans: Iterable[Span], x: float, y: float, room: float) -> Paragraph:
    """The spans from a point to the right and down, none of the lines wider than the room."""
    texts: list[Text] = []
    dots: list[Dot] = []
    end, line, right = x, 0, x
    for span in spans:
        start = end + _GAP if end > x else x
        before = _DOT if span.dot else 0
        for number, piece in enumerate(_pieces(span, room - before, start + before - x)):
            if number or (start > x and start + before + _wide(piece, span) > x + room):
                start, line = x, line + 1
            if span.dot and not number:
                dots.append(Dot(start + 4, y + line * LINE + LINE / 2, 4, span.dot))
            texts.append(_text(piece, span, start + before, y + line * LINE))
            end = start + before + _wide(piece, span)
            right = max(right, end)
    return Paragraph(tuple(texts), tuple(dots), (line + 1) * LINE, right - x)


def _pieces(span: Span, room: float, used: float) -> Iterator[str]:
    """The span's words, line by line; used: what of the first line is taken."""
    shown = visible(span.words)
    if span.whole:
        yield _fitting(shown, span, room)
        return
    left = room - used if used < room else room
    piece = ""
    for word in shown.split(" "):
        longer = f"{piece} {word}" if piece else word
        if piece and _wide(longer, span) > left:
            yield _fitting(piece, span, room)
            piece, left = word, room
        else:
            piece = longer
    yield _fitting(piece, span, room)


def _fitting(words: str, span: Span, room: float) -> str:
    """The words, cut until they fit."""
    shown = shortened(words, _LONGEST_NAME if span.whole or " " not in words else len(words))
    while _wide(shown, span) > room and len(shown) > 1:
        shown = shortened(shown, len(shown) - 1)
    return shown


def _wide(words: str, span: Span) -> float:
    return width(words, span.size, bold=span.bold)


def _text(piece: str, span: Span, x: float, y: float) -> Text:
    full = visible(span.words) if piece.endswith("…") and not span.words.endswith("…") else None
    fixed = None if is_known(piece) else _wide(piece, span)
    # The middle of small letters in the middle of the line.
    return Text(x, y + LINE / 2 + 0.35 * span.size, piece, span.size, f"{span.look}{' bold' * span.bold}", full, fixed)
