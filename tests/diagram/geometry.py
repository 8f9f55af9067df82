"""An SVG read back: its shapes, and which of them stand where they must not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as ET

from ivc.diagram.text_width import width

_SVG = "{http://www.w3.org/2000/svg}"
# Of DejaVu Sans, which is the tallest of the fonts that a browser takes here.
_ASCENT, _DESCENT = 0.93, 0.24


@dataclass(frozen=True)
class Area:
    """What a shape covers. name: what it says, or its classes."""

    name: str
    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: Area) -> bool:
        """Whether they share more than an edge."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: Area) -> bool:
        beside = self.left <= other.left and other.right <= self.right
        return beside and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True)
class Svg:
    """Its areas by what they are. whole: the picture's own."""

    whole: Area
    texts: tuple[Area, ...]
    rectangles: tuple[Area, ...]
    lines: tuple[Area, ...]
    dots: tuple[Area, ...]

    @property
    def words(self) -> list[str]:
        return [text.name for text in self.texts]


def read(source: str) -> Svg:
    root = ET.fromstring(source)  # noqa: S314 - our own
    page = Area("page", 0, 0, float(root.attrib["width"]), float(root.attrib["height"]))
    return Svg(
        page,
        tuple(_text(each) for each in root.iter(f"{_SVG}text")),
        tuple(_rectangle(each) for each in root.iter(f"{_SVG}rect") if each.attrib["class"] != "page"),
        tuple(_line(each) for each in root.iter(f"{_SVG}line")),
        tuple(_dot(each) for each in root.iter(f"{_SVG}circle")),
    )


def faults(svg: Svg) -> list[str]:
    """What is covered, crossed or cut, in words."""
    return [*_texts_on_texts(svg), *_crossed(svg), *_cut(svg)]


def _texts_on_texts(svg: Svg) -> Iterator[str]:
    # In their order from top to bottom, so that not all pairs are looked at.
    for texts in _neighbours(svg.texts):
        for one, other in texts:
            if one.covers(other):
                yield f"{one.name!r} covers {other.name!r}"


def _neighbours(areas: tuple[Area, ...]) -> Iterator[list[tuple[Area, Area]]]:
    ordered = sorted(areas, key=lambda one: one.top)
    for number, area in enumerate(ordered):
        near = []
        for other in ordered[number + 1 :]:
            if other.top >= area.bottom:
                break
            near.append((area, other))
        yield near


def _crossed(svg: Svg) -> Iterator[str]:
    for text in svg.texts:
        for shape in (*svg.lines, *svg.dots):
            if shape.covers(text):
                yield f"{shape.name!r} crosses {text.name!r}"


def _cut(svg: Svg) -> Iterator[str]:
    for shape in (*svg.texts, *svg.rectangles, *svg.lines, *svg.dots):
        if not svg.whole.holds(shape):
            yield f"{shape.name!r} leaves the picture"
    for rectangle in svg.rectangles:
        for text in svg.texts:
            if rectangle.covers(text) and not rectangle.holds(text):
                yield f"{text.name!r} leaves {rectangle.name!r}"
    for one, other in combinations((each for each in svg.rectangles if each.name.startswith("b")), 2):
        if one.covers(other):
            yield f"{one.name!r} covers {other.name!r}"


def _numbers(element: ET.Element, *names: str) -> Iterator[float]:
    return (float(element.attrib[name]) for name in names)


def _text(element: ET.Element) -> Area:
    words = (element.text or "") + "".join(child.tail or "" for child in element)
    x, y, size = _numbers(element, "x", "y", "font-size")
    wide = width(words, size, bold="bold" in element.attrib["class"].split())
    wide = float(element.attrib.get("textLength", wide))
    return Area(words, x, y - _ASCENT * size, x + wide, y + _DESCENT * size)


def _rectangle(element: ET.Element) -> Area:
    x, y, wide, high = _numbers(element, "x", "y", "width", "height")
    return Area(element.attrib["class"], x, y, x + wide, y + high)


def _line(element: ET.Element) -> Area:
    x1, y1, x2, y2 = _numbers(element, "x1", "y1", "x2", "y2")
    # All are straight down or across, and half as thick as three pixels to either side.
    return Area(element.attrib["class"], min(x1, x2) - 1.5, min(y1, y2) - 1.5, max(x1, x2) + 1.5, max(y1, y2) + 1.5)


def _dot(element: ET.Element) -> Area:
    x, y, radius = _numbers(element, "cx", "cy", "r")
    return Area(element.attrib["class"], x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1)
