"""Where everything stands: networks are lines that run down on the left, and boxes hang at them from the right.

    [ The Internet ................]
    |  [ Ext-Net ..................]
    o--|  [ backend ...............]
       |  |
       |  |  +----------------------------+
       o--|--| www-1         who reaches it|
       |  o--|                             |
             +----------------------------+

A line crosses lines, and never a word: words stand in bars and boxes, which begin right of all lines that pass them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ivc.diagram.paragraph import LINE, Paragraph, Span, paragraph
from ivc.diagram.picture import UNFILTERED, WORLD, Box, DrawnNetwork, Member, Passage, Picture, Tie
from ivc.diagram.shapes import Dot, Drawing, Line, Rectangle, Text
from ivc.words.order import in_runs

WIDTH = 1280
"""The picture's width; only with more networks than have room on the left it is wider."""
_MARGIN = 24
_PADDING = 12
_COLOURS = 8
_GUTTER = 360
"""So much of the width the lines of networks may take before the picture grows."""
_STEP, _NARROWEST = 24.0, 9.0
_LEAST = WIDTH - 2 * _MARGIN - _GUTTER
_MOST_SIDE = 0.42
"""What of a box says who reaches it."""

_MOST_NAME = 0.4
"""What of a line that joins a network is its name, at most."""

_LEGEND = (
    'A line is joined where it has a dot. Hollow dots: floating IPs and ways out. Dashed, or "perhaps": what cannot be '
    "told here. The Internet: whoever has a way out, servers drawn here among them."
)


def laid_out(picture: Picture) -> Drawing:
    """The picture with a place for everything."""
    return _Layout(picture).drawing()


class _Layout:
    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._names = {network.id: network.name for network in picture.networks}
        self._titles = {box.id: box.title for box in picture.boxes}
        self._alone = {box.title for box in picture.boxes if box.kind == "servers" and not box.members}
        self._lines: list[Line] = []
        self._rectangles: list[Rectangle] = []
        self._dots: list[Dot] = []
        self._texts: list[Text] = []
        self._with_world = any(network.public is not False for network in picture.networks)
        count = len(picture.networks) + self._with_world
        self._step = min(_STEP, max(_NARROWEST, _GUTTER / max(count, 1)))
        self._left = _MARGIN + count * self._step
        self._width = max(WIDTH, int(self._left + _LEAST + _MARGIN + 1))
        # The lines' places from left to right, the world's first.
        first = _MARGIN + self._step / 2
        self._x = {
            network.id: first + (number + self._with_world) * self._step
            for number, network in enumerate(picture.networks)
        }
        self._look = {network.id: f"c{number % _COLOURS}" for number, network in enumerate(picture.networks)}
        # Where each line begins, and how far down something hangs at it.
        self._top: dict[str, float] = {}
        self._bottom: dict[str, float] = {}
        self._y = float(_MARGIN)

    def drawing(self) -> Drawing:
        self._heading()
        self._bars()
        for box in self._picture.boxes:
            self._box(box)
        for network, top in self._top.items():
            if network in self._bottom:
                x = self._x[network]
                self._lines.insert(0, Line(x, top, x, self._bottom[network], f"bus {self._look[network]}"))
        self._notes()
        return Drawing(
            title=f"Stack {self._picture.name}",
            description="Its networks, what hangs at them, and who reaches what.",
            width=self._width,
            height=int(self._y + _MARGIN),
            lines=tuple(self._lines),
            rectangles=tuple(self._rectangles),
            dots=tuple(self._dots),
            texts=tuple(self._texts),
        )

    def _paragraph(self, spans: Iterable[Span], x: float, y: float, room: float) -> Paragraph:
        found = paragraph(spans, x, y, room)
        self._texts += found.texts
        self._dots += found.dots
        return found

    def _heading(self) -> None:
        counts = (_count(self._picture.servers, "server"), _count(len(self._picture.networks), "network"))
        spans = (
            Span(f"Stack {self._picture.name}", size=16, bold=True, whole=True),
            Span(", ".join(counts), "quiet"),
        )
        self._y += self._paragraph(spans, _MARGIN, self._y, self._width - 2 * _MARGIN).height + 12

    # Networks.

    def _bars(self) -> None:
        world = _MARGIN + self._step / 2
        if self._with_world:
            spans = (Span("The Internet", "world", bold=True), Span("any address of it", "quiet"))
            top = self._bar(world, "world", spans)
            last = top
        for network in self._picture.networks:
            y = self._y + _PADDING / 2 + LINE / 2
            self._top[network.id] = self._bar(self._x[network.id], self._look[network.id], _spans(network))
            if network.public is not False:
                look = "world" if network.public else "world unknown"
                self._lines.append(Line(world, y, self._x[network.id] - self._step / 2, y, look))
                self._dots.append(Dot(world, y, self._radius, "world"))
                last = y
        if self._with_world:
            self._lines.insert(0, Line(world, top, world, last, "bus world"))
        self._y += 8

    def _bar(self, x: float, look: str, spans: Iterable[Span]) -> float:
        """A bar across the page, from which a line runs down at x; gives the bar's bottom."""
        left = x - self._step / 2
        right = self._width - _MARGIN
        text = self._paragraph(spans, x + 14, self._y + _PADDING / 2, right - x - 14 - _PADDING)
        height = text.height + _PADDING
        self._rectangles.append(Rectangle(left, self._y, right - left, height, "bar"))
        self._rectangles.append(Rectangle(x - 2, self._y, 4, height, f"fill {look}"))
        self._y += height + 6
        return self._y - 6

    # Boxes.

    def _box(self, box: Box) -> None:
        left, right = self._left, self._width - _MARGIN
        inner, top = left + _PADDING, self._y + _PADDING
        room = right - left - 2 * _PADDING
        side = 0.0 if box.reached is None else room * _MOST_SIDE
        # Between the two halves there is a rule.
        room -= side + _PADDING * (box.reached is not None)
        first = self._paragraph(_title(box), inner, top, room)
        y = top + first.height
        names = [self._name(tie) for tie in box.ties]
        column = min(max((name.width for name in names), default=0.0), room * _MOST_NAME)
        for tie, name in zip(box.ties, names, strict=True):
            self._tie(tie, y + LINE / 2)
            self._paragraph([name], inner, y, column)
            y += self._paragraph(_said(tie), inner + column + _PADDING, y, room - column - _PADDING).height
        y = self._members(box.members, inner, y, room)
        if box.reached is not None:
            y = max(y, self._reached(box, box.reached, inner + room + 2 * _PADDING, top, side - _PADDING))
        look = f"box {'servers' if box.kind == 'servers' else 'other'}"
        self._rectangles.append(Rectangle(left, self._y, right - left, y + _PADDING - self._y, look))
        if box.reached is not None:
            x = inner + room + _PADDING
            self._lines.append(Line(x, top, x, y, "rule"))
        self._y = y + _PADDING + 10

    def _name(self, tie: Tie) -> Span:
        if tie.network is None:
            return Span(tie.of_unknown, "doubt", whole=True)
        return Span(self._names[tie.network], whole=True)

    def _tie(self, tie: Tie, y: float) -> None:
        if tie.network is None:
            self._lines.append(Line(self._left - self._step / 2, y, self._left, y, "tie unknown"))
            return
        x, look = self._x[tie.network], self._look[tie.network]
        self._lines.append(Line(x, y, self._left, y, f"tie {look}{'' if tie.kind == 'joined' else ' ' + tie.kind}"))
        self._dots.append(Dot(x, y, self._radius, look if tie.kind == "joined" else f"{look} hollow"))
        self._bottom[tie.network] = y

    def _members(self, members: Sequence[Member], x: float, y: float, room: float) -> float:
        """Servers in columns; gives where the next line begins."""
        cells = [
            [Span(member.name, bold=True, whole=True)]
            + [Span(address, whole=True, dot=self._look.get(network or "", "quiet")) for network, address in addresses]
            for member in members
            for addresses in [member.addresses]
        ]
        widest = max((paragraph(cell, 0, 0, room).width for cell in cells), default=1.0) + 2 * _PADDING
        columns = max(1, int((room + 2 * _PADDING) // widest))
        y += 4 * bool(members)
        for start in range(0, len(cells), columns):
            row = cells[start : start + columns]
            y += max(
                self._paragraph(cell, x + number * widest, y, min(room, widest - 2 * _PADDING + 1)).height
                for number, cell in enumerate(row)
            )
        return y

    def _reached(self, box: Box, passages: Sequence[Passage], x: float, y: float, room: float) -> float:
        """Who reaches a box; gives where the next line begins."""
        # What servers reach of others stands at servers.
        heading, none = (
            ("reached by", "nobody that is drawn here")
            if box.kind == "servers"
            else ("what the Internet reaches of it", "nothing")
        )
        y += self._paragraph([Span(heading, "quiet")], x, y, room).height
        for passage in passages:
            sources = list(self._sources(passage, box))
            words = Span(passage.words) if passage.certain else Span(f"perhaps {passage.words}", "doubt")
            y += self._paragraph([*sources, words], x, y, room).height
        return y if passages else y + self._paragraph([Span(none)], x, y, room).height

    def _sources(self, passage: Passage, box: Box) -> Iterator[Span]:
        """Who they are: the Internet, then things and servers in a box together, then servers alone."""
        names = [self._titles[source] for source in passage.sources if source in self._titles and source != box.id]
        alone = [name for name in names if name in self._alone]
        shown = [name for name in names if name not in self._alone] + in_runs(alone)
        shown += ["each other"] * (box.id in passage.sources)
        if WORLD in passage.sources:
            yield Span("The Internet", "world", bold=True, whole=True)
        for number, name in enumerate(shown, start=1):
            yield Span(name + "," * (number < len(shown)), bold=True, whole=True)

    def _notes(self) -> None:
        for words in (*self._picture.notes, _LEGEND):
            spans = [Span(words, "quiet", size=12)]
            self._y += self._paragraph(spans, _MARGIN, self._y, self._width - 2 * _MARGIN).height

    @property
    def _radius(self) -> float:
        return 4.5 if self._step > 12 else 3.5


def _spans(network: DrawnNetwork) -> list[Span]:
    publicity = {
        True: Span("public", "world"),
        False: Span("private", "quiet"),
        None: Span("whether the Internet reaches it is not told here", "doubt"),
    }[network.public]
    origin = {True: "made here", False: "looked up", None: ""}[network.made]
    said = [Span(network.name, bold=True, whole=True), publicity]
    said += [Span(origin, "quiet")] if origin else []
    return [*said, *(Span(each, whole=True) for each in network.ranges)]


def _said(tie: Tie) -> list[Span]:
    words = [Span(each, bold=True, whole=True) for each in tie.words]
    return words + [Span(each, "alarm" if each == UNFILTERED else "quiet") for each in tie.more]


def _title(box: Box) -> list[Span]:
    title = [Span(box.title, size=15, bold=True, whole=True), Span(box.noun, "quiet")]
    return title + [Span(note, "quiet") for note in box.notes]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
