"""What a test calls a thing: `www-1`, and `shop-prod/www-1` where there are several stacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

V = TypeVar("V")


class Named(dict[str, V]):
    """Things by name; one that is not there is told with those that are."""

    def __init__(self, kind: str, things: dict[str, V]) -> None:
        super().__init__(things)
        self._kind = kind

    def __missing__(self, name: str) -> V:
        raise KeyError(f"there is no {self._kind} {name!r}; there is {', '.join(self) or 'none'}")


class Names:
    """The names of things of several stacks: with the stack's, whatever the others have, so that no name depends on
    them.
    """

    def __init__(self, stacks: Iterable[str]) -> None:
        self._are_several = len({*stacks}) > 1

    def of(self, stack: str, name: str) -> str:
        """What a thing is called."""
        return f"{stack}/{name}" if self._are_several else name
