"""A text made of parts of different importance; a limit shortens some and leaves some out, the least first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, eq=False)
class Heading:
    """What stands before parts, if any of them stands. above: the heading under which this one stands."""

    text: str
    above: Heading | None = None

    def chain(self) -> Iterator[Heading]:
        """The headings above it, the topmost first, and itself."""
        if self.above is not None:
            yield from self.above.chain()
        yield self


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of the text.

    versions: of one importance, longest and best first; one of them stands, or none.
    importance: the smaller goes first; of the same, the earlier in the text.
    about: the part without whose best version this one makes no sense.
    what: a plural noun for what is lacking where not the best version stands.
    """

    under: Heading
    importance: tuple[int, int]
    versions: tuple[str, ...]
    what: str
    about: Part | None = None


@dataclass(frozen=True)
class Fitted:
    """The text, and how many of what it has in short or not at all."""

    text: str
    lacking: Counter[str]


def size(text: str) -> int:
    """Its length in units of UTF-16: of all ways to count characters, the one that gives most."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def fit(parts: Sequence[Part], room: int) -> Fitted:
    """The parts in their order, as good as they fit into the room together with their headings.

    Of those whose importance begins alike, all get their shortest version before any gets a longer one.
    """
    headed: set[Heading] = set()
    level: dict[Part, int] = {}
    for _, alike in groupby(sorted(parts, key=lambda part: part.importance), key=lambda part: part.importance[0]):
        standing = []
        for part in alike:
            new = [heading for heading in part.under.chain() if heading not in headed]
            cost = size(part.versions[-1]) + sum(size(heading.text) for heading in new)
            if cost <= room and (part.about is None or level.get(part.about) == 0):
                room -= cost
                headed.update(new)
                level[part] = len(part.versions) - 1
                standing.append(part)
        for better in range(max((len(part.versions) for part in standing), default=0) - 2, -1, -1):
            for part in standing:
                if level[part] == better + 1:
                    cost = size(part.versions[better]) - size(part.versions[better + 1])
                    if cost <= room:
                        room -= cost
                        level[part] = better
    lacking = Counter(part.what for part in parts if level.get(part) != 0)
    return Fitted("".join(_told(parts, level)), lacking)


def _told(parts: Iterable[Part], level: dict[Part, int]) -> Iterator[str]:
    told: set[Heading] = set()
    for part in parts:
        if part in level:
            for heading in part.under.chain():
                if heading not in told:
                    told.add(heading)
                    yield heading.text
            yield part.versions[level[part]]
