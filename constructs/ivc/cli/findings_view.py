"""What the checks of user data found, in the forms of people, code hosts and programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ivc.userdata.checks.explained import explained, page
from ivc.words.foreign_text import visible

if TYPE_CHECKING:
    from ivc.rendered_user_data import Judged, Placed

_VERSION = 1


def lines(judged: Sequence[Judged]) -> Iterator[str]:
    """A line for each finding, as compilers write them."""
    for each in judged:
        for one in each.found:
            finding = one.finding
            if one.waived is None:
                yield visible(f"{_place(one)}: {finding.severity}: {_sentence(one)} [{finding.id}]")
            else:
                yield visible(f"{_place(one)}: waived: {_sentence(one)} [{finding.id}] ({one.waived})")


def github(judged: Sequence[Judged]) -> Iterator[str]:
    """The workflow commands of GitHub Actions; what is waived is none."""
    for each in judged:
        for one in each.found:
            if one.waived is None:
                given = {"file": str(one.file), "line": one.line, "title": one.finding.id}
                said = ",".join(f"{key}={_property(str(value))}" for key, value in given.items() if value is not None)
                yield f"::{one.finding.severity} {said}::{_data(_sentence(one))}"


def as_json(judged: Sequence[Judged]) -> str:
    """All facts."""
    found = [
        {
            "id": one.finding.id,
            "severity": one.finding.severity,
            "target": each.label,
            "file": str(one.file),
            "line": one.line,
            "rendered_line": one.finding.line,
            "subject": one.finding.subject,
            "message": one.finding.message,
            "page": page(one.finding.id),
            "waived": one.waived,
        }
        for each in judged
        for one in each.found
    ]
    written = {"version": _VERSION, "checked": [each.label for each in judged], "findings": found}
    return json.dumps(written, indent=2, sort_keys=True) + "\n"


def as_sarif(judged: Sequence[Judged]) -> str:
    """A log for code hosts."""
    from ivc.policies import sarif
    from ivc.policies.policy_finding import PolicyFinding
    from ivc.words.sentence import Quoted, Sentence

    found = [
        PolicyFinding(
            id=one.finding.id,
            severity=one.finding.severity,
            subject=each.label,
            message=Sentence((Quoted(_sentence(one)),)),
            page=page(one.finding.id),
            file=str(one.file),
            line=one.line,
            waived=one.waived,
        )
        for each in judged
        for one in each.found
    ]
    return json.dumps(sarif.document(found, explained()), indent=2) + "\n"


def summary(judged: Sequence[Judged]) -> str:
    """How many there are that nobody accepts."""
    left = [one.finding.severity for each in judged for one in each.found if one.waived is None]
    errors, warnings = _counted(left.count("error"), "error"), _counted(left.count("warning"), "warning")
    return f"Checked {len(judged)}: {errors}, {warnings}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _place(one: Placed) -> str:
    return str(one.file) if one.line is None else f"{one.file}:{one.line}"


def _sentence(one: Placed) -> str:
    """The message, with the line of the result where nobody knows that of the file."""
    if one.line is not None or one.finding.line is None:
        return one.finding.message
    return one.finding.text


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
