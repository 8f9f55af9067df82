"""What policies and the checks of user data found in the declarations as they will be, and what of it is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ivc.policies import record
from ivc.policies.policy_finding import PolicyFinding
from ivc.review.side import Side
from ivc.words.sentence import say

_PAGE = "docs/user-data.md"


def findings(
    stack: str, base: Path | None, head: Path | None, before: Side | None, after: Side | None
) -> Iterator[PolicyFinding]:
    """All findings of a stack in the folder `head`, those of policies first.

    base, before: what it was before; where that is not known, it is not said what is new.
    Raises EstateError for a record that cannot be read.
    """
    then, now = (folder / "stacks" / stack if folder is not None else None for folder in (base, head))
    known = {_same(one) for one in record.read(then)} if then is not None else set()
    # An output that was committed may have no record, and then nobody knows what is new.
    recorded = then is not None and (then / record.FILE).is_file()
    for one in record.read(now) if now is not None else ():
        yield replace(one, new=_same(one) not in known if recorded else None)
    told = {_same(one) for one in _of_user_data(before)} if before is not None else set()
    for one in _of_user_data(after) if after is not None else ():
        yield replace(one, new=_same(one) not in told if before is not None else None)


def _of_user_data(side: Side) -> Iterator[PolicyFinding]:
    """What the checks of user data found odd, and what of it the declaration accepts, with its reason."""
    for instance in side.stack.instances:
        subject = f"user data of {instance.id}"
        for waiver in instance.accepted:
            message = say("its checks found {}", waiver.id)
            yield PolicyFinding(waiver.id, waiver.severity, subject, message, _PAGE, waived=waiver.reason)
        for warning in instance.warnings:
            yield PolicyFinding("user-data", "warning", subject, say("{}", warning), _PAGE)


def _same(finding: PolicyFinding) -> tuple[object, ...]:
    return (finding.id, finding.subject, str(finding.message), finding.waived is not None)
