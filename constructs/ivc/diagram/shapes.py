"""What an SVG is made of here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A straight line. look: the classes that say how it is drawn."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True)
class Dot:
    """A filled or hollow circle."""

    x: float
    y: float
    radius: float
    look: str


@dataclass(frozen=True)
class Rectangle:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True)
class Text:
    """A text in a line. y: of its base line. full: what it says where it is shortened.

    width: what it is squeezed or stretched to, where no font's width is known.
    """

    x: float
    y: float
    words: str
    size: int
    look: str
    full: str | None = None
    width: float | None = None


@dataclass(frozen=True)
class Drawing:
    """A picture laid out: its size in pixels, and its shapes from the lowest to the topmost."""

    title: str
    description: str
    width: int
    height: int
    lines: tuple[Line, ...]
    rectangles: tuple[Rectangle, ...]
    dots: tuple[Dot, ...]
    texts: tuple[Text, ...]
