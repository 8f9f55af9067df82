"""Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from ivc.policies import BUILT_IN, ON_REQUEST
from ivc.policies.policy_finding import PolicyFinding
from ivc.words.sentence import Quoted, Sentence

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_NOWHERE = "cdktf.json"
"""What stands for the project: code hosts refuse a result without a file."""


class Rule(Protocol):
    """What finds something. title: what is found, a sentence. help: why it matters, and how to mend it."""

    @property
    def title(self) -> str: ...

    @property
    def help(self) -> str: ...


_POLICIES: Mapping[str, Rule] = {policy.id: policy for policy in (*BUILT_IN, *ON_REQUEST)}


def document(findings: Sequence[PolicyFinding], rules: Mapping[str, Rule] = _POLICIES) -> dict[str, Any]:
    """A SARIF log with one run that holds the findings; what is waived is suppressed, with its reason.

    rules: what is known of their ids.

    Paths are relative to the repository's root if the app's folder is that. A finding keeps its fingerprint when lines
    move, and when its file or its wording changes.
    """
    ids = list(dict.fromkeys(finding.id for finding in findings))
    sample = {finding.id: finding for finding in reversed(findings)}
    counted: Counter[tuple[str, str]] = Counter()
    results = []
    for finding in findings:
        counted[finding.id, finding.subject] += 1
        results.append(_result(finding, ids.index(finding.id), counted[finding.id, finding.subject]))
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "IvC", "rules": [_rule(sample[id_], rules.get(id_)) for id_ in ids]}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _rule(finding: PolicyFinding, known: Rule | None) -> dict[str, Any]:
    title = known.title if known else f"Policy {finding.id}"
    explained = known.help if known else title
    page = f"\n\nSee {finding.page}" if finding.page else ""
    rule: dict[str, Any] = {
        "id": finding.id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": explained.partition("\n\n")[0].replace("\n", " ")},
        "help": {"text": explained + page, "markdown": explained + page},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {"tags": ["security", "openstack"]},
    }
    if re.match(r"https?://", finding.page):
        rule["helpUri"] = finding.page
    return rule


def _result(finding: PolicyFinding, rule: int, number: int) -> dict[str, Any]:
    place: dict[str, Any] = {
        "artifactLocation": {"uri": quote(finding.file or _NOWHERE, errors="replace"), "uriBaseId": "%SRCROOT%"}
    }
    if finding.line is not None:
        place["region"] = {"startLine": finding.line}
    fingerprint = hashlib.sha256(f"{finding.id}\n{finding.subject}\n{number}".encode("utf-8", "replace")).hexdigest()
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{_plain(Sentence((Quoted(finding.subject),)))}: {_plain(finding.message)}."},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"name": finding.subject, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"ivc/v1": fingerprint},
        "suppressions": []
        if finding.waived is None
        else [{"kind": "inSource", "status": "accepted", "justification": finding.waived}],
    }


def _plain(sentence: Sentence) -> str:
    """The sentence with nothing in others' words that SARIF would take for a link."""
    return "".join(
        re.sub(r"([\\\[\]])", r"\\\1", part.text) if isinstance(part, Quoted) else part for part in sentence.parts
    )
