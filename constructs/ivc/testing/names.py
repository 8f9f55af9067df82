"""What a test calls a thing: `www-1`, and `shop-prod/www-1` where several stacks have one of that name."""

from __future__ import annotations

from collections import Counter
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
    """The names of things of several stacks. things: all of them, each as its stack and its name there."""

    def __init__(self, things: Iterable[tuple[str, str]]) -> None:
        self._counted = Counter(name for _, name in {*things})

    def of(self, stack: str, name: str) -> str:
        """What a thing is called."""
        return f"{stack}/{name}" if self._counted[name] > 1 else name
