"""Secrets anywhere in the JSON, but in user data that its own checks have looked through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ivc.pages import page
from ivc.policies.facts import INSTANCE, STACK, Facts
from ivc.policies.policy import Finding, Policy
from ivc.terraform.value import Unknown, readable
from ivc.userdata.checks import secret
from ivc.words.sentence import say

# Addresses of other resources.
_NOT_WRITTEN = ("lifecycle", "depends_on")
_SECTIONS = ("locals", "module", "output", "terraform", "variable")
# What any of the detectors needs to see; most texts of an estate have none of it, and to ask them takes long.
_WORTH_A_LOOK = re.compile(
    r"pass|pw|psk|secret|token|key|credential|auth|-----BEGIN|://[^/\s]*@|identified|[A-Za-z0-9+/=_.-]{20}",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\$\{[^{}]*\}")


class SecretInJson(Policy):
    """The JSON is in version control, in Terraform's plan and state; metadata and descriptions can be read by whoever
    may see the server.

    Declare a `Secret` and insert that, or let the guest fetch the secret.
    """

    id = "IVC404"
    title = "A secret stands in clear in the JSON"
    severity = "error"
    page = page("policies.md#ivc404")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for element in facts.elements.values():
            left_out = set(_NOT_WRITTEN)
            if element.type == INSTANCE:
                left_out.add("admin_pass")
                if facts.has_checked_user_data(element):
                    left_out.add("user_data")
            given = {key: value for key, value in element.given.items() if key not in left_out}
            yield from _in(given, subject=facts.declaration(element.address), cause=element.address)
        for section in _SECTIONS:
            yield from _in({section: facts.section(section)}, subject=STACK)


def _in(given: Mapping[str, object], *, subject: str, cause: str | None = None) -> Iterator[Finding]:
    for path, name, text in _texts(given):
        if is_secret(name, text):
            yield Finding(
                subject=subject,
                message=say(
                    "{} holds what looks like a secret: make it a sensitive variable, or let the guest fetch it",
                    path,
                ),
                cause=cause,
            )


def _texts(value: object, path: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    """Each text below, where it stands, and the name in front of it."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key != "//":
                # A variable's secret is its default.
                yield from _texts(below, f"{path}.{key}" if path else key, name if key in ("default", "value") else key)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _texts(below, f"{path}[{number}]", name)
    elif isinstance(value, str | int | Unknown) and not isinstance(value, bool):
        yield path, name, str(value) if isinstance(value, int) else readable(value)


@lru_cache(maxsize=65_536)
def is_secret(name: str, text: str) -> bool:
    """Whether a text, under a name, looks like a secret that stands in clear."""
    if not _WORTH_A_LOOK.search(_REFERENCE.sub("", f"{name}: {text}")):
        return False
    found = (one for given in (text, f"{name}: {text}") for one in secret.scan(secret.Text(given, 1)))
    return any(isinstance(one, secret.Secret) for one in found)
