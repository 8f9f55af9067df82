"""What must hold for rendered user data before a cloud is asked to take it.

Every check reads the text as the guest will, knows nothing of any cloud, and says what it found as a `Finding`. An
error is where cloud-init or the cloud would really do something wrong; a warning where that is likely or comes later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ivc.userdata.checks import whole
from ivc.userdata.checks.cloud_config import NO_NETWORK, NO_WAY_OUT, without_way_out
from ivc.userdata.checks.finding import Finding, Severity, Waived, Waiver, waive
from ivc.userdata.checks.part import Form, Part, parts
from ivc.userdata.checks.placeholder import text_of
from ivc.userdata.checks.whole import NOVA_LIMIT
from ivc.userdata.document import Document

__all__ = [
    "NOVA_LIMIT",
    "NO_NETWORK",
    "NO_WAY_OUT",
    "Finding",
    "Severity",
    "Waived",
    "Waiver",
    "findings",
    "refuse",
    "undecided",
    "waive",
    "without_way_out",
]


def findings(
    document: Document, *, existing_volumes: bool = False, key_pair: bool = False, no_way_out: str | None = None
) -> tuple[Finding, ...]:
    """All that is wrong or odd in the document: errors first, then by line.

    existing_volumes: whether its instance has volumes that hold data.
    key_pair: whether it has a key pair, which is to let somebody in.
    no_way_out: why it does not reach the Internet, as `without_way_out` takes it.
    """
    return without_way_out(undecided(document, existing_volumes=existing_volumes, key_pair=key_pair), no_way_out)


def undecided(document: Document, *, existing_volumes: bool = False, key_pair: bool = False) -> tuple[Finding, ...]:
    """The same as long as nobody knows whether the instance reaches the Internet, with those called `NO_WAY_OUT`."""
    return _findings(text_of(document), longest=document.longest, existing_volumes=existing_volumes, key_pair=key_pair)


def refuse(waived: Waived) -> None:
    """Raise ValueError with the first error that no waiver covers, and how many more there are; or for a waiver that
    covers nothing.
    """
    errors = [finding for finding in waived.remaining if finding.severity == "error"]
    if errors:
        more = len(errors) - 1
        raise ValueError(errors[0].text + (f" (and {more} more error{'s' if more > 1 else ''})" if more else ""))
    for waiver in waived.unused:
        raise ValueError(f"the waiver of {waiver.id!r} waives nothing: take it away ({waiver.reason})")


@lru_cache(maxsize=256)
def _findings(text: str, *, longest: int, existing_volumes: bool, key_pair: bool) -> tuple[Finding, ...]:
    from ivc.userdata.checks import merging, of_part  # imports YAML

    found = list(whole.check(text, longest=longest))
    secrets: list[str] = []
    configs: list[merging.Config] = []
    for part in _all_parts(text):
        if isinstance(part, Finding):
            found.append(part)
            continue
        checked = of_part.check(part, existing_volumes=existing_volumes, key_pair=key_pair)
        inside = [*checked.findings, *(secret.finding for secret in checked.secrets)]
        found += [*part.found, *(_placed(finding, part) for finding in inside)]
        secrets += [secret.value for secret in checked.secrets]
        if checked.root is not None:
            configs.append(merging.Config(part, checked.root))
    found += [_placed(finding, part) for part, finding in merging.check(configs)]
    masked = [_masked(finding, secrets) for finding in found]
    return tuple(sorted(dict.fromkeys(masked), key=lambda finding: (finding.severity != "error", finding.line or 0)))


def _all_parts(text: str) -> Iterator[Part | Finding]:
    """The parts, and those in archives, or why there are none."""
    for part in parts(text):
        yield part
        if part.form is Form.ARCHIVE:
            from ivc.userdata.checks import archive

            yield from archive.items(part)


def _placed(finding: Finding, part: Part) -> Finding:
    """The finding with its line of the whole."""
    if part.encoded_at is None:
        return finding
    return replace(
        finding, line=part.encoded_at, message=f"in the encoded part, line {finding.line}: {finding.message}"
    )


def _masked(finding: Finding, secrets: list[str]) -> Finding:
    """The finding without any secret that its line may hold; what finds secrets shows none."""
    if not secrets or finding.id == "secret":
        return finding
    return replace(finding, message=_without(finding.message, secrets), subject=_without(finding.subject, secrets))


def _without(text: str, secrets: list[str]) -> str:
    for secret in (secret for secret in secrets if len(secret) > 3):
        text = text.replace(secret, "***")
        # Where a message cuts a line short, it may cut in a secret.
        for length in range(len(secret) - 1, 3, -1):
            text = text.replace(f"{secret[:length]}...", "***...")
    return text
