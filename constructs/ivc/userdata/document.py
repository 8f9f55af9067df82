"""A rendered user data: its text, with the places where a value known only at apply goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivc.userdata.at_apply import AtApply

if TYPE_CHECKING:
    from ivc.userdata.checks.finding import Waiver  # whose package reads documents


@dataclass(frozen=True)
class Document:
    """Rendered user data, as literal text and values known only at apply, in order.

    warnings: what its checks found odd, a sentence each. accepted: what its declaration waived, and why.
    """

    parts: tuple[str | AtApply, ...]
    warnings: tuple[str, ...] = ()
    accepted: tuple[Waiver, ...] = ()

    @property
    def readable(self) -> str:
        """The text as a person reads it, with `<what it is>` where a value is known only at apply."""
        return "".join(part if isinstance(part, str) else part.placeholder for part in self.parts)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What each value known only at apply is, in words; each once, in order."""
        return tuple(dict.fromkeys(part.label for part in self.parts if isinstance(part, AtApply)))

    @property
    def longest(self) -> int:
        """The most bytes that the text can have once all its values are known."""
        return sum(len(part.encode()) if isinstance(part, str) else part.longest for part in self.parts)
