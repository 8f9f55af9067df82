"""What reaches something, as texts to compare: `tcp 80`, and what is not certain as such."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ivc.estate.reach import ALL, NONE, Assumed, Reach, beyond
from ivc.review.exposure import words_apart


def said(sure: Reach, at_worst: Reach, not_told: Iterable[str] = ()) -> set[str]:
    """`tcp 80` for what is open, `perhaps tcp 22` for what may be, `not known: default` for a group or the like of
    which only the cloud knows what it lets through.

    not_told: what else is not told.
    """
    perhaps = beyond(at_worst.openings, sure.openings)
    return {
        *map(str, words_apart(sure.openings)),
        *(f"perhaps {each}" for each in words_apart(perhaps)),
        *(f"not known: {each}" for each in (*sure.unknown, *at_worst.unknown, *not_told)),
    }


def of_world(of: Callable[[Assumed], Reach]) -> set[str]:
    """What the world reaches. of: that, by which unknown values are taken for the worse."""
    return said(of(NONE), of(ALL))
