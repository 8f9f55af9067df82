"""All policies on one stack: what they found, what of it is waived, and what must not be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from ivc.errors import DeclarationError
from ivc.policies.facts import STACK, Facts
from ivc.policies.policy import Finding, Policy, Severity
from ivc.policies.policy_finding import PolicyFinding
from ivc.policies.waiver import Waiver
from ivc.source import Source
from ivc.words.foreign_text import visible
from ivc.words.order import as_counted

_ORDER = {severity: number for number, severity in enumerate(get_args(Severity))}


@dataclass(frozen=True)
class Notice:
    """A sentence for whoever declares, and the line of the project that it is about, where one is known."""

    sentence: str
    source: Source | None

    def __str__(self) -> str:
        return f"{self.source.file}:{self.source.line}: {self.sentence}" if self.source else self.sentence


@dataclass(frozen=True)
class Judgement:
    """What policies say of a stack.

    findings: all of them, with what is waived, the graver first.
    errors: why it must not be written: findings, and waivers of what was not found.
    warnings: what else to look at.
    """

    findings: tuple[PolicyFinding, ...]
    errors: tuple[Notice, ...]
    warnings: tuple[Notice, ...]


def judge(
    facts: Facts, policies: Sequence[Policy], *, waivers: Iterable[Waiver], sources: Mapping[str, Source]
) -> Judgement:
    """Ask each policy about a stack. sources: where what stands at an address is declared."""
    given = {(waiver.subject, waiver.id): waiver for waiver in waivers}
    unused = dict(given)
    found: list[PolicyFinding] = []
    hints: dict[PolicyFinding, str] = {}
    for policy in policies:
        for finding in _findings(policy, facts):
            keys = [(subject, policy.id) for subject in (finding.subject, *finding.others)]
            waived = [given[key] for key in keys if key in given]
            for key in keys:
                unused.pop(key, None)
            made = _made(facts, policy, finding, sources)
            made = replace(made, waived=waived[0].reason) if waived else made
            found.append(made)
            hints[made] = _hint(facts, policy.id, finding.subject)
    found = sorted(
        set(found),
        key=lambda one: (_ORDER[one.severity], one.id, as_counted(one.subject), as_counted(str(one.message))),
    )
    open_ = [one for one in found if one.waived is None]
    return Judgement(
        findings=tuple(found),
        errors=(
            *(_notice(facts, one, f"; {hints[one]}") for one in open_ if one.severity == "error"),
            *map(_useless, unused.values()),
        ),
        warnings=tuple(_notice(facts, one, "") for one in open_ if one.severity == "warning"),
    )


def _findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    found = policy.check(facts)
    where = f"policy {policy.id}: check"
    if not isinstance(found, Iterable):
        raise DeclarationError(f"{where}: it gives {found!r}; give findings, with yield Finding(...) or as a list")
    for one in found:
        if not isinstance(one, Finding):
            raise DeclarationError(f"{where}: it gives {one!r}; give Finding(subject=..., message=...)")
        yield one


def _made(facts: Facts, policy: Policy, finding: Finding, sources: Mapping[str, Source]) -> PolicyFinding:
    source = sources.get(finding.cause or finding.subject) or sources.get(finding.subject)
    return PolicyFinding(
        id=policy.id,
        severity=policy.severity,
        subject=facts.called(finding.subject),
        message=finding.sentence,
        page=policy.page,
        file=source.file if source else None,
        line=source.line if source else None,
    )


def _useless(waiver: Waiver) -> Notice:
    what = f"the waiver of {waiver.id} waives nothing: take it away ({visible(waiver.reason)})"
    return Notice(f"{waiver.where}: {what}", waiver.source)


def _notice(facts: Facts, found: PolicyFinding, more: str) -> Notice:
    source = None if found.file is None or found.line is None else Source(found.file, found.line)
    return Notice(visible(f"{facts.stack}: {found.subject}: {found.message} ({found.id})") + more, source)


def _hint(facts: Facts, id: str, subject: str) -> str:
    if subject in facts.declared and subject != STACK:
        return f"or accept it where it is declared, with waive({id!r}, reason=...)"
    of = "" if subject == STACK else f", of={subject!r}"
    return f"or accept it with stack.waive({id!r}{of}, reason=...)"
