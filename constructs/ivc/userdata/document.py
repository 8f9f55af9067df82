"""A rendered user data: its text, with the places where a value known only at apply goes."""

from __future__ import annotations

from dataclasses import dataclass

from ivc.userdata.at_apply import AtApply


@dataclass(frozen=True)
class Document:
    """Rendered user data, as literal text and values known only at apply, in order."""

    parts: tuple[str | AtApply, ...]

    @property
    def readable(self) -> str:
        """The text as a person reads it, with `<what it is>` where a value is known only at apply."""
        return "".join(part if isinstance(part, str) else part.placeholder for part in self.parts)

    @property
    def longest(self) -> int:
        """The most bytes that the text can have once all its values are known."""
        return sum(len(part.encode()) if isinstance(part, str) else part.longest for part in self.parts)
