"""What policies and the checks of user data found in the declarations as they will be, and what of it is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ivc.estate.environment import without
from ivc.pages import page
from ivc.policies import BUILT_IN, Facts, record
from ivc.policies.exposure import NoRemote
from ivc.policies.judgement import judge
from ivc.policies.policy_finding import PolicyFinding
from ivc.policies.provider import CredentialInProvider, Insecure, UnpinnedProvider
from ivc.review.side import Side
from ivc.terraform.document import Document
from ivc.words.sentence import say

_PAGE = page("user-data.md")
_OF_THE_PROVIDER = (UnpinnedProvider, Insecure, CredentialInProvider)
"""They look at how the provider is set up, which a plan does not hold."""


def findings(then: Path | None, now: Path | None, before: Side, after: Side) -> Iterator[PolicyFinding]:
    """All findings of a stack as it will be, those of policies first.

    then, now: the stack's folders, with a synthesis' record. Without one, as with a plan alone, the documents are
    judged here, where nobody knows what was accepted. Where it is not known what was before, nothing is said to be new.
    Raises EstateError for a record that cannot be read.
    """
    known = {_same(one, before) for one in record.read(then)} if then is not None else set()
    # An output that was committed may have no record, and then nobody knows what is new.
    recorded = then is not None and (then / record.FILE).is_file()
    if now is not None and (now / record.FILE).is_file():
        for one in record.read(now):
            yield replace(one, new=_same(one, after) not in known if recorded else None)
    else:
        known = {_same(one, before) for one in _judged(before.document)}
        for one in _judged(after.document):
            yield replace(one, new=_same(one, after) not in known if before.document.elements else None)
    told = {_same(one, before) for one in _of_user_data(before)}
    for one in _of_user_data(after):
        yield replace(one, new=_same(one, after) not in told if before.document.elements else None)


def _judged(document: Document) -> Iterator[PolicyFinding]:
    # Of rules nobody can tell here which were made by hand.
    left_out = (NoRemote,) if document.raw else (NoRemote, *_OF_THE_PROVIDER)
    policies = [one for one in BUILT_IN if not isinstance(one, left_out)]
    yield from judge(Facts(document=document), policies, waivers=(), sources={}).findings


def _of_user_data(side: Side) -> Iterator[PolicyFinding]:
    """What the checks of user data found odd, and what of it the declaration accepts, with its reason."""
    for instance in side.stack.instances:
        subject = f"user data of {instance.id}"
        for waiver in instance.accepted:
            message = say("its checks found {}", waiver.id)
            yield PolicyFinding(waiver.id, waiver.severity, subject, message, _PAGE, waived=waiver.reason)
        for warning in instance.warnings:
            yield PolicyFinding("user-data", "warning", subject, say("{}", warning), _PAGE)


def _same(finding: PolicyFinding, side: Side) -> tuple[object, ...]:
    message = without(side.environment, str(finding.message))
    return (finding.id, finding.subject, message, finding.waived is not None)
