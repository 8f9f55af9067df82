"""What a check found, and what a declaration says it knows of and accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ivc.errors import DeclarationError

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, or odd, in a rendered document.

    id: a short word that stays the same from release to release, such as `yaml-duplicate-key`.
    severity: `error` where cloud-init or the cloud would do something wrong, else `warning`.
    line: of the rendered text, from 1; None where it is about the whole text.
    message: one sentence with the value and the fix, and without any secret.
    subject: what it is about, in a word: the name in front of a secret, the path of a file, a key; or empty.
    """

    id: str
    severity: Severity
    line: int | None
    message: str
    subject: str = ""

    @property
    def text(self) -> str:
        """The message, with its line where it has one."""
        return self.message if self.line is None else f"line {self.line} of the result: {self.message}"


@dataclass(frozen=True)
class Waiver:
    """Findings that a declaration accepts, and why.

    id: a finding's id, for all such findings; or `id:subject`, for those about one thing: `secret:DB_PASSWORD`.
    reason: why it is right here; a reviewer reads it.
    severity: of the gravest finding that it covered; None as long as it covered none.

    Raises DeclarationError where the id or the reason is empty.
    """

    id: str
    reason: str
    severity: Severity | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise DeclarationError(
                "a waiver without an id waives nothing; name the finding, such as 'secret:DB_PASSWORD'"
            )
        if not self.reason.strip():
            raise DeclarationError(f"the waiver of {self.id!r} has no reason; say why it is right here")

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those."""
        return self.id in (finding.id, f"{finding.id}:{finding.subject}")


@dataclass(frozen=True, kw_only=True)
class Waived:
    """What waivers leave of findings.

    remaining: the findings that no waiver covers, in their order.
    accepted: the waivers that covered something.
    unused: the waivers that covered nothing; there is nothing left to accept, so they should go.
    """

    remaining: tuple[Finding, ...]
    accepted: tuple[Waiver, ...]
    unused: tuple[Waiver, ...]


def waive(found: Sequence[Finding], waivers: Iterable[Waiver]) -> Waived:
    """Take the findings away that a waiver covers."""
    given = tuple(waivers)
    covered = {waiver: [finding.severity for finding in found if waiver.covers(finding)] for waiver in given}
    accepted = tuple(replace(waiver, severity=min(graver)) for waiver, graver in covered.items() if graver)
    return Waived(
        remaining=tuple(finding for finding in found if not any(waiver.covers(finding) for waiver in given)),
        accepted=accepted,
        unused=tuple(waiver for waiver in given if waiver not in accepted),
    )
