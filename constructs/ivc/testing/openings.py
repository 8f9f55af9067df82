"""What reaches something, as texts to compare: `tcp 80`, and what is not certain as such."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ivc.estate.reach import ALL, NONE, Assumed, Opening, Reach, beyond
from ivc.review.exposure import words_apart

_PORTS = re.compile(r"(?P<protocol>[a-z]+) (?P<low>[0-9]+)(-(?P<high>[0-9]+))?")


class Openings(set[str]):
    """Texts, of which `in` asks what they mean: `tcp 22` is in `tcp 22-30`, and in `everything`.

    Where only the cloud knows, and of ports of which some are open, `in` raises ValueError: neither answer would be
    true.
    """

    def __init__(self, texts: Iterable[str], *, sure: Iterable[Opening], perhaps: Iterable[Opening]) -> None:
        super().__init__(texts)
        self._sure, self._perhaps = tuple(sure), tuple(perhaps)

    def __repr__(self) -> str:
        return repr({*self})

    def __contains__(self, text: object) -> bool:
        asked = _PORTS.fullmatch(text) if isinstance(text, str) else None
        if super().__contains__(text) or asked is None:
            return super().__contains__(text)
        low, high = int(asked["low"]), int(asked["high"] or asked["low"])

        def overlap(found: Iterable[Opening]) -> list[Opening]:
            of_it = [each for each in found if each.protocol in ("", asked["protocol"])]
            return [each for each in of_it if each.low <= high and low <= each.high]

        if any(each.low <= low and high <= each.high for each in overlap(self._sure)):
            return True
        if overlap(self._sure):
            raise ValueError(f"{text} is open in part: ask for each port, or compare all of it with ==")
        unknown = [each for each in sorted(self) if each.startswith("not known: ")]
        if unknown or overlap(self._perhaps):
            why = unknown[0] if unknown else "it may be, by what is known only at apply"
            raise ValueError(f"whether {text} is open is not known ({why}): compare all of it with ==")
        return False


def said(sure: Reach, at_worst: Reach, not_told: Iterable[str] = ()) -> Openings:
    """`tcp 80` for what is open, `perhaps tcp 22` for what may be, `not known: default` for a group or the like of
    which only the cloud knows what it lets through.

    not_told: what else is not told.
    """
    perhaps = beyond(at_worst.openings, sure.openings)
    texts = {
        *map(str, words_apart(sure.openings)),
        *(f"perhaps {each}" for each in words_apart(perhaps)),
        *(f"not known: {each}" for each in (*sure.unknown, *at_worst.unknown, *not_told)),
    }
    return Openings(texts, sure=sure.openings, perhaps=perhaps)


def of_world(of: Callable[[Assumed], Reach]) -> Openings:
    """What the world reaches. of: that, by which unknown values are taken for the worse."""
    return said(of(NONE), of(ALL))
