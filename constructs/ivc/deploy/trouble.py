"""What Terraform says is wrong or odd: a sentence each, with its place in the program and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Terraform
from ivc.estate import families
from ivc.estate.kinds import kind
from ivc.estate.rules import name_of
from ivc.source import Source
from ivc.terraform.address import named, type_of
from ivc.words.foreign_text import visible
from ivc.words.order import in_runs

_ANSWER = re.compile(
    r"Expected HTTP response code \[[\d ]+\] when accessing \[\w+ \S+\], but got (?P<code>\d+) "
    r"instead:?\s*(?P<body>.*)",
    re.DOTALL,
)
_DOING = re.compile(
    r"^Error (?P<verb>creating|updating|deleting|retrieving|waiting for|reading) (?:the )?"
    r"(?:openstack_\w+)(?: [0-9a-f-]{36})?(?: to become \w+| to delete)?:?\s*",
    re.IGNORECASE,
)
_DONE = {
    "creating": "cannot be made",
    "updating": "cannot be changed",
    "deleting": "cannot be destroyed",
    "retrieving": "cannot be asked for",
    "reading": "cannot be asked for",
    "waiting for": "does not become ready",
}
_LOCK = re.compile(r"^\s*(?P<key>ID|Operation|Who|Created):\s*(?P<value>.*?)\s*$", re.MULTILINE)
_PROTECTED = re.compile(r"Resource (?:instance )?(?P<address>\S+) has (?:lifecycle\.)?prevent_destroy set")
_ADDRESS = re.compile(r"(?:resource\.)?((?:data\.)?\w+\.[A-Za-z0-9_-]+)")
_NAMES_AT_ONCE = 6
_OWN_WORDS = {
    "Resource precondition failed",
    "Resource postcondition failed",
    "Check block assertion failed",
    "Invalid value for variable",
}
"""Summaries over a detail that a declaration wrote."""
_LATER = "Check block assertion known after apply"
_OF_TARGETS = {"Resource targeting is in effect", "Applied changes may be incomplete"}
"""Summaries of Terraform's warnings about a plan of some resources alone: the review says what `--only` leaves."""

_NOT_FOUND = "correct the name where it is looked up; or are the credentials of another project or region?"
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"Failed to (?:query|resolve|install) (?:available )?provider",
        "the registry, or a mirror, must be in reach",
    ),
    (r"decryption failed", "give the passphrase that it was encrypted with"),
    (
        r"unencrypted payload without unencrypted method",
        "it stands in clear: declare StateEncryption(former_unencrypted=True) until it was written once",
    ),
    (
        r'state file is encrypted|state file does not have a "version" attribute',
        "if it is encrypted, declare encryption=StateEncryption(...) again, and run OpenTofu",
    ),
    (
        r"[Qq]uota exceeded|exceeds? quota|over ?quota",
        "`ivc limits` shows what the project may have: ask for more of it",
    ),
    (
        r"No valid host was found",
        "the cloud has no room for it now: try another flavor, zone or server group, or later",
    ),
    (
        r"returned no results|No suitable|Unable to find|could not find|No \w+ found",
        _NOT_FOUND,
    ),
    (r"more than one (?:result|\w+)", "give the id of the one that is meant"),
    (
        r"still in use|is already in use|already exists|[Dd]uplicate",
        "another object of the project has it; what a run that was killed left is marked ivc:<stack>/<declaration>",
    ),
    (
        r"Authentication failed|The request you have made requires authentication|\b401\b",
        "check the credentials of the stack",
    ),
    (r"is not authorized|not allowed|[Pp]olicy doesn't allow|forbidden|Forbidden", "the credentials may not do that"),
    (
        r"connection refused|no such host|i/o timeout|unexpected EOF|\bEOF\b|connection reset|TLS handshake",
        "the cloud did not answer: try again",
    ),
    (
        r"Saved plan is stale|Failed to read plan from plan file|plan files cannot be transferred",
        "plan and review anew",
    ),
    (r"[Bb]ackend (?:configuration changed|initialization required)", "`ivc move-state` moves the state"),
    (r"context canceled|operation canceled|execution halted", "it was interrupted: deploy again"),
    (r"No value for required variable", "set TF_VAR_<name>, or name a folder of secrets with --secrets"),
)


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong, or only odd.

    place: where in the project its subject is declared; None where nobody knows. of: its subjects, as people call them.
    what: says what is wrong with it. advice: says what to do; may be empty.
    """

    is_error: bool
    place: Source | None
    of: tuple[str, ...]
    what: str
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.place.file}:{self.place.line}: " if self.place else ""
        names = in_runs(self.of)
        more = f" and {len(names) - _NAMES_AT_ONCE} more" if len(names) > _NAMES_AT_ONCE else ""
        of = f"{', '.join(names[:_NAMES_AT_ONCE])}{more}: " if names else ""
        return f"{place}{of}{self.what}{f'; {self.advice}' if self.advice else ''}"


def troubles(diagnostics: Sequence[Mapping[str, Any]], stack: Stack, terraform: Terraform) -> list[Trouble]:
    """What a run said, errors first; what several say alike is told once, with all their names."""
    found: dict[tuple[object, ...], Trouble] = {}
    said = (diagnostic for diagnostic in diagnostics if diagnostic.get("summary") not in _OF_TARGETS)
    for one in (_trouble(diagnostic, stack, terraform) for diagnostic in said):
        alike = (one.is_error, one.what, one.advice)
        known = found.get(alike)
        of = tuple(dict.fromkeys((*known.of, *one.of))) if known else one.of
        found[alike] = Trouble(one.is_error, known.place if known else one.place, of, one.what, one.advice)
    return sorted(found.values(), key=lambda one: not one.is_error)


def _trouble(diagnostic: Mapping[str, Any], stack: Stack, terraform: Terraform) -> Trouble:
    summary, detail = str(diagnostic.get("summary", "")), str(diagnostic.get("detail", ""))
    address = _address(diagnostic)
    is_error = diagnostic.get("severity") == "error"
    place = stack.sources.get(address or "")
    of = (_called(address, stack),) if address else (f"stack {stack.name}",)
    if summary == _LATER:
        return Trouble(is_error, None, of, "is known only after the apply, and speaks then")
    if summary == "Error acquiring the state lock":
        what, advice = _lock(detail, stack, terraform)
        return Trouble(is_error, None, of, what, advice)
    if summary in _OWN_WORDS:
        # Terraform says after it where the rule stands, in the JSON that nobody wrote.
        declared = detail.partition("\n\nThis was checked by the validation rule")[0]
        return Trouble(is_error, place, of, _one_line(declared).removesuffix("."))
    if _PROTECTED.match(detail):
        data = ", with the data on it" if address and type_of(address) == families.VOLUME.type else ""
        what = f"the plan would destroy or replace it{data}, and it is protected"
        return Trouble(is_error, place, of, what, "say prevent_destroy=False where it is declared, if you mean it")
    what = _what(summary, detail)
    whole = f"{summary} {detail}"
    advice = next((advice for pattern, advice in _ADVICE if re.search(pattern, whole)), "")
    if advice == _NOT_FOUND and stack.needs:
        advice += f" Or does it come with {' or '.join(stack.needs)}, which is to be deployed first?"
    return Trouble(is_error, place, of, what, advice)


def _address(diagnostic: Mapping[str, Any]) -> str | None:
    """The resource, look-up or check that it is about."""
    if protected := _PROTECTED.match(str(diagnostic.get("detail", ""))):
        return protected["address"]
    said = diagnostic.get("address") or (diagnostic.get("snippet") or {}).get("context") or ""
    if said.startswith("check."):
        return ".".join(said.split(".")[:2])
    found = _ADDRESS.match(said)
    return found[1] if found else None


def _called(address: str, stack: Stack) -> str:
    if address.startswith("check."):
        return f"check {visible(named(address))}"
    element = stack.read.elements.get(address)
    name = named(address) if element is None else name_of(element) if element.data else element.title
    look_up = "look-up of " if address.startswith("data.") else ""
    return visible(f"{look_up}{kind(type_of(address))} {name}")


def _what(summary: str, detail: str) -> str:
    """The cloud's own words where it answered, else Terraform's, on one line."""
    text = f"{summary}: {detail}" if detail else summary
    doing = _DOING.match(text)
    answer = _ANSWER.search(text)
    done = _DONE[doing["verb"].lower()] if doing else ""
    if answer is None:
        rest = _one_line(text[doing.end() :] if doing else text).removesuffix(".")
        return f"{done}: {rest}" if done else rest
    words = _one_line(next(_messages(answer["body"]), answer["body"])).removesuffix(".")
    return f"{done or 'the cloud refuses'}: {words or 'no reason given'} (the cloud's answer {answer['code']})"


def _messages(body: str) -> Iterator[str]:
    """The reason in what a service of OpenStack answered; each has another wrapping."""
    try:
        said = json.JSONDecoder().raw_decode(body.lstrip())[0]
    except ValueError:
        return
    waiting = [said]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            for key in ("message", "faultstring", "detail"):
                if isinstance(one.get(key), str) and one[key]:
                    yield one[key]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _lock(detail: str, stack: Stack, terraform: Terraform) -> tuple[str, str]:
    backend = stack.settings.get("backend", {})
    if "pg" in backend:
        # What Terraform says is of the run that asked. The lock is the session's, and goes with what was killed.
        return "its state is locked by another run", "wait for its end"
    said = {found["key"]: found["value"] for found in _LOCK.finditer(detail)}
    operation = said.get("Operation", "").removeprefix("OperationType").lower() or "a run"
    who, since = said.get("Who", "somebody"), said.get("Created", "")[:16]
    what = visible(
        f"its state is locked by another run ({operation} by {who}{f', since {since} UTC' if since else ''})"
    )
    if "local" in backend:
        return what, "wait for its end"  # the operating system lifts the lock of what was killed
    unlock = f"`{terraform.kind} -chdir={stack.folder} force-unlock {said.get('ID', '<id>')}`"
    return what, visible(f"wait for its end; if it was killed, {unlock} lifts the lock")


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
