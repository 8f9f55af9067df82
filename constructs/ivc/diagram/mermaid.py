"""The picture as a Mermaid flowchart, which code hosts draw in Markdown.

Each label holds signs that Mermaid, Markdown or HTML might obey as character references; ids are our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivc.diagram.picture import WORLD, Box, DrawnNetwork, Passage, Picture, Tie
from ivc.words.foreign_text import in_mermaid

_LONGEST_NAME, _LONGEST_SENTENCE = 60, 120
_MOST_TEXT = 50_000
"""Mermaid draws no longer text."""
_SHAPES = {
    "router": ("{{", "}}"),
    "servers": ("[", "]"),
    "vip": ("(", ")"),
    "port": ("(", ")"),
    "load balancer": ("[/", "\\]"),
    "floating IP": ("(", ")"),
}
_COMMA = in_mermaid(",", 1) + " "


@dataclass(frozen=True)
class _Most:
    """How many of each are drawn, so that it is still read, and Mermaid draws it."""

    boxes: int
    members: int
    passages: int


_LIMITS = (_Most(40, 12, 80), _Most(40, 0, 80), _Most(20, 0, 40), _Most(8, 0, 16))


def render(picture: Picture) -> str:
    """The flowchart's text, without a fence. Of a large stack it leaves out what it says it does."""
    for most in _LIMITS:
        text = _Chart(picture, most).text()
        if len(text) <= _MOST_TEXT:
            break
    return text


class _Chart:
    def __init__(self, picture: Picture, most: _Most) -> None:
        self._most = most
        self._picture = picture
        self._boxes = picture.boxes[: most.boxes]
        reached = {tie.network for box in self._boxes for tie in box.ties}
        # Those with nothing on them are drawn while there is room.
        kept = sorted(picture.networks, key=lambda one: one.id not in reached)[: most.boxes]
        self._networks = [network for network in picture.networks if network in kept]
        self._ids = {WORLD, *(box.id for box in self._boxes), *(network.id for network in self._networks)}

    def text(self) -> str:
        passages = list(self._passages())
        ties = list(self._ties())
        nodes = [*map(_network, self._networks), *map(self._box, self._boxes)]
        if any(network.public is not False for network in self._networks) or any(
            line.startswith(WORLD) for line in passages
        ):
            nodes.insert(0, f'{WORLD}(["The Internet"])')
        shown = passages[: self._most.passages]
        lines = ["flowchart LR", *(f"    {line}" for line in (*nodes, *ties, *shown))]
        left_out = [*map(_sentence, (*self._left_out(len(passages) - len(shown)), *self._picture.notes))]
        if left_out:
            lines += [f'    rest["{"<br/>".join(left_out)}"]', "    style rest fill:none,stroke:none"]
        if shown:
            numbers = ",".join(str(len(ties) + number) for number in range(len(shown)))
            lines.append(f"    linkStyle {numbers} stroke:#bc4c00,stroke-width:2px")
        return "\n".join(lines) + "\n"

    def _box(self, box: Box) -> str:
        opening, closing = _SHAPES[box.kind]
        words = [_name(box.title), box.noun, *map(_sentence, box.notes)]
        members = box.members if len(box.members) <= self._most.members else ()
        for member in members:
            words.append(" ".join(map(_name, (member.name, *(address for _, address in member.addresses)))))
        words += [_of_unknown(tie) for tie in box.ties if tie.network is None]
        words += [f"each other{_COMMA}{_certainly(one)}" for one in box.reached or () if box.id in one.sources]
        return f'{box.id}{opening}"{"<br/>".join(words)}"{closing}'

    def _ties(self) -> Iterator[str]:
        for network in self._networks:
            if network.public is not False:
                yield f"{WORLD} --- {network.id}" if network.public else f'{WORLD} -.-|"perhaps"| {network.id}'
        for box in self._boxes:
            for tie in box.ties:
                if tie.network in self._ids:
                    words = _COMMA.join([*map(_name, tie.words), *map(_sentence, tie.more)])
                    yield f'{tie.network} ---|"{words}"| {box.id}' if words else f"{tie.network} --- {box.id}"

    def _passages(self) -> Iterator[str]:
        """The world's first, for where not all are drawn."""
        found = [(source, box.id, one) for box in self._boxes for one in box.reached or () for source in one.sources]
        for source, target, passage in sorted(found, key=lambda one: one[0] != WORLD):
            # What servers of one box reach of each other stands in it.
            if source in self._ids and source != target:
                yield f'{source} {"==>" if passage.certain else "-.->"}|"{_certainly(passage)}"| {target}'

    def _left_out(self, passages: int) -> Iterator[str]:
        more = len(self._picture.boxes) - len(self._boxes)
        if more:
            yield f"and {more:,} more boxes, which ivc diagram draws as SVG"
        if passages:
            yield f"and {passages:,} more ways to reach them, which ivc diagram draws as SVG"
        if networks := len(self._picture.networks) - len(self._networks):
            yield f"and {networks:,} more networks"


def _network(network: DrawnNetwork) -> str:
    words = [_name(network.name)]
    words.append({True: "public", False: "private", None: "perhaps public"}[network.public])
    words += map(_name, network.ranges)
    return f'{network.id}(["{"<br/>".join(words)}"])'


def _of_unknown(tie: Tie) -> str:
    """What hangs at a network that has no node."""
    said = _COMMA.join([*map(_name, tie.words), *map(_sentence, tie.more)])
    return f"{said} on {_sentence(tie.of_unknown)}".strip()


def _name(words: str) -> str:
    return in_mermaid(words, _LONGEST_NAME)


def _certainly(passage: Passage) -> str:
    return _sentence(passage.words if passage.certain else f"perhaps {passage.words}")


def _sentence(words: str) -> str:
    return in_mermaid(words, _LONGEST_SENTENCE)
