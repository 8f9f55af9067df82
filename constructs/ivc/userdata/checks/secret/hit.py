"""A secret in a line of text, whatever found it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """A secret, or a placeholder that stands where one should be.

    what: what it is, in words.
    name: what stands in front of it, or the command that it is given to; or empty.
    value: its text, which no message shows.
    start: where in the line it begins.
    placeholder: whether it only says that a secret is to come.
    """

    what: str
    name: str
    value: str
    start: int
    placeholder: bool = False

    @property
    def end(self) -> int:
        """Where in the line it ends."""
        return self.start + len(self.value)

    def overlaps(self, other: Hit) -> bool:
        """Whether both are about the same text."""
        return self.start < other.end and other.start < self.end


PASSWORD = "a plain password"  # noqa: S105 - what it is called
KEY = "Private Key"
