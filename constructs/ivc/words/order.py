"""The order in which people count: `web-2` stands before `web-10`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"([0-9]+)")


def as_counted(text: str) -> tuple[tuple[int | str, ...], str]:
    """The key to sort names by. Of names that count the same, such as `a-1` and `a-01`, the text itself decides."""
    # Texts and numbers take turns, so that like is compared with like.
    return tuple(int(part) if index % 2 else part for index, part in enumerate(_NUMBER.split(text))), text


_COUNTED = re.compile(r"(.*?)(0|[1-9][0-9]*)")


def in_runs(names: Iterable[str]) -> list[str]:
    """Names in the order in which people count; three or more that follow each other as one, `web-1 to web-9`."""
    runs: list[list[str]] = []
    for name in sorted(names, key=as_counted):
        if runs and _follows(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    return [each for run in runs for each in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)]


def _follows(first: str, second: str) -> bool:
    one, other = _COUNTED.fullmatch(first), _COUNTED.fullmatch(second)
    return one is not None and other is not None and one[1] == other[1] and int(one[2]) + 1 == int(other[2])
