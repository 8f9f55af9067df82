"""Equal changes of several things, told once: they differ in no more than what is each one's own."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ivc.review.model import Thing
from ivc.words.sentence import MOST, Quoted, Sentence, listed, say, some


@dataclass(frozen=True)
class Folded:
    """A thing, and the ids of those to which the same happens."""

    thing: Thing
    alike: tuple[str, ...]

    @property
    def words(self) -> Sentence:
        """Such as `the same happens to 2 more: www-2 and www-3`; empty where it stands alone."""
        if not self.alike:
            return Sentence(())
        return say("the same happens to {} more: {}", len(self.alike), some(self.alike))

    @property
    def names(self) -> Sentence:
        """All names, where they are too many for the sentence."""
        return listed(self.alike) if len(self.alike) > MOST else Sentence(())


def folded(things: Iterable[Thing]) -> tuple[Folded, ...]:
    """The things, the first of equal ones in the place of all."""
    found: dict[Hashable, list[Thing]] = {}
    for thing in things:
        found.setdefault(_likeness(thing), []).append(thing)
    return tuple(Folded(same[0], tuple(thing.id for thing in same[1:])) for same in found.values())


def _likeness(thing: Thing) -> Hashable:
    own = _Own({thing.id, *thing.own, *((thing.name,) if thing.name else ())})
    exposure = thing.exposure
    return (
        thing.kind,
        thing.action,
        thing.dangers,
        thing.possible,
        thing.certain,
        thing.name is None,
        own.sentences(thing.headline, *thing.details),
        None if exposure is None else own.sentences(*exposure.before, *exposure.after, *exposure.opened),
        tuple((diff.path, diff.change, own.text("\n".join(diff.lines))) for diff in thing.user_data),
        tuple(
            (
                one.action,
                one.certain,
                own.text(one.address),
                own.text(one.moved_from or ""),
                one.imported,
                tuple(
                    (
                        own.text(each.path),
                        own.text(each.before or ""),
                        own.text(each.after or ""),
                        each.forces_replacement,
                    )
                    for each in one.attributes
                ),
            )
            for one in thing.resources
        ),
    )


class _Own:
    """Texts with a sign in the place of what is a thing's own."""

    def __init__(self, words: set[str]) -> None:
        longest_first = sorted(filter(None, words), key=lambda word: (-len(word), word))
        self._pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def text(self, text: str) -> str:
        return self._pattern.sub("\0", text)

    def sentences(self, *sentences: Sentence) -> Hashable:
        return tuple(
            tuple(Quoted(self.text(part.text)) if isinstance(part, Quoted) else part for part in sentence.parts)
            for sentence in sentences
        )
