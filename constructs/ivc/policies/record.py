"""The record of what policies found, beside the stack's JSON: `policies.json`.

It is always written, so that an empty one says that they looked. The same declarations give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from ivc.estate import EstateError
from ivc.policies.policy import Severity
from ivc.policies.policy_finding import PolicyFinding
from ivc.words.sentence import Quoted, Sentence

FILE = "policies.json"
_VERSION = 1
_PLAIN_WORDS = re.compile(r"[\w ,.;:()'\"=+/%-]*", re.ASCII)
_TEXTS = ("id", "severity", "subject", "page")


def text(findings: Sequence[PolicyFinding]) -> str:
    """The record's text. Of a message, what came from outside stands in an object of its own: `{"quoted": ...}`."""
    written = {"version": _VERSION, "findings": [_written(finding) for finding in findings]}
    return json.dumps(written, indent=2, sort_keys=True) + "\n"


def read(stack_folder: Path) -> tuple[PolicyFinding, ...]:
    """What the record in a stack's folder says, in its order; `new` is left None.

    Nothing where there is no record, as in a folder that an older version wrote. Raises EstateError where it is broken.
    """
    path = stack_folder / FILE
    try:
        loaded = json.loads(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EstateError(f"{path} is no whole JSON ({error}): run `ivc synth` to write it anew.") from None
    except OSError as error:
        raise EstateError(f"{path} cannot be read: {error.strerror}.") from None
    version = loaded.get("version") if isinstance(loaded, dict) else None
    if version != _VERSION:
        raise EstateError(f"{path} is of version {version!r}, and {_VERSION} is read here: run `ivc synth` anew.")
    findings = loaded.get("findings")
    if not isinstance(findings, list):
        raise EstateError(f"{path} is not as a synthesis writes it, it lists no findings: run `ivc synth`.")
    return tuple(_read(path, number, finding) for number, finding in enumerate(findings, start=1))


def _written(finding: PolicyFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": [{"quoted": part.text} if isinstance(part, Quoted) else part for part in finding.message.parts],
        "page": finding.page,
        "file": finding.file,
        "line": finding.line,
        "waived": finding.waived,
    }


def _read(path: Path, number: int, given: object) -> PolicyFinding:
    wrong = next(_wrong(given), None)
    if wrong is not None or not isinstance(given, Mapping):
        raise EstateError(
            f"{path} is not as a synthesis writes it, finding {number} has no {wrong or 'fields'}: run `ivc synth`."
        )
    return PolicyFinding(
        id=given["id"],
        severity=given["severity"],
        subject=given["subject"],
        message=Sentence(tuple(map(_part, given["message"]))),
        page=given["page"],
        file=given.get("file"),
        line=given.get("line"),
        waived=given.get("waived"),
    )


def _part(part: str | Mapping[str, str]) -> str | Quoted:
    """A part of a message. Who wrote the folder is not known here: what our own words never hold is not ours."""
    if not isinstance(part, str):
        return Quoted(part["quoted"])
    return part if _PLAIN_WORDS.fullmatch(part) and "://" not in part and "www." not in part.lower() else Quoted(part)


def _wrong(given: object) -> Iterator[str]:
    """What a finding lacks."""
    if not isinstance(given, Mapping):
        return
    yield from (f"text as its {key}" for key in _TEXTS if not isinstance(given.get(key), str))
    yield from (f"text as its {key}" for key in ("file", "waived") if not isinstance(given.get(key), (str, NoneType)))
    line = given.get("line")
    if line is not None and (type(line) is not int or line < 1):
        yield "number as its line"
    if given.get("severity") not in get_args(Severity):
        yield "known severity"
    message = given.get("message")
    if not isinstance(message, list) or not all(_is_part(part) for part in message):
        yield "message of texts"


def _is_part(part: object) -> bool:
    return isinstance(part, str) or (isinstance(part, Mapping) and isinstance(part.get("quoted"), str))
