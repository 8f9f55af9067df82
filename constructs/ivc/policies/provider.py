"""The provider and its credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ivc.pages import page
from ivc.policies.facts import STACK, Facts
from ivc.policies.policy import Finding, Policy
from ivc.terraform.document import blocks
from ivc.terraform.value import flag, text
from ivc.words.sentence import say

_BOUNDED = re.compile(r"(?:=|~>|<=?)?\s*v?\d")
_CREDENTIALS = ("password", "token", "application_credential_secret", "key")


class UnpinnedProvider(Policy):
    """A new major version of the provider may plan everything anew, on the day when it comes out.

    Say one version (`provider_version="3.4.0"`), or bound it: `~> 3.4`, or `>= 3.0, < 4.0`. What only has a lower bound
    is found, and what says no version.
    """

    id = "IVC401"
    title = "A provider's version is not bounded"
    severity = "warning"
    page = page("policies.md#ivc401")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for name, given in sorted(facts.section("terraform", "required_providers").items()):
            said = text(given.get("version") if isinstance(given, Mapping) else given) or ""
            if not any(_BOUNDED.match(constraint.strip()) for constraint in said.split(",")):
                yield Finding(
                    subject=STACK,
                    message=say(
                        "the provider {} may be {}: set a version, such as 3.4.0 or ~> 3.4",
                        name,
                        say("of any version {}", said) if said else "of any version",
                    ),
                )


class Insecure(Policy):
    """With `insecure` nobody checks who answers in the cloud's name: your credentials go to whoever stands between.

    Leave it out; for a cloud with a certificate of its own say `cacert_file`.
    """

    id = "IVC402"
    title = "The provider does not check the cloud's certificate"
    severity = "error"
    page = page("policies.md#ivc402")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for block in _providers(facts):
            if flag(block.get("insecure")) is True:
                yield Finding(
                    subject=STACK,
                    message=say(
                        "the provider does not check the cloud's certificate (insecure): leave it out, or say "
                        "cacert_file"
                    ),
                )


class CredentialInProvider(Policy):
    """What stands in the JSON stands in version control, in the plan and on every machine that synthesizes.

    Leave it out: the provider reads `OS_*` from the environment, or clouds.yaml (`OS_CLOUD`).
    """

    id = "IVC403"
    title = "The provider's credentials stand in the JSON"
    severity = "error"
    page = page("policies.md#ivc403")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for block in _providers(facts):
            for key in _CREDENTIALS:
                if text(block.get(key)):
                    yield Finding(
                        subject=STACK,
                        message=say(
                            "the provider's {} stands in clear in the JSON: leave it out, and set OS_* or OS_CLOUD", key
                        ),
                    )


def _providers(facts: Facts) -> list[Mapping[str, Any]]:
    return blocks(facts.section("provider").get("openstack"))
