"""The order in which people count: `web-2` stands before `web-10`."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([0-9]+)")


def as_counted(text: str) -> tuple[tuple[int | str, ...], str]:
    """The key to sort names by. Of names that count the same, such as `a-1` and `a-01`, the text itself decides."""
    # Texts and numbers take turns, so that like is compared with like.
    return tuple(int(part) if index % 2 else part for index, part in enumerate(_NUMBER.split(text))), text
