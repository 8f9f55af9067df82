"""Directives of Terraform's own templates (`templatefile`), which nobody fills in here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivc.userdata.checks.finding import Finding, Severity

_DIRECTIVE = re.compile(r"^[ \t]*(%\{~?[ \t]*(?:if|else|endif|for|endfor)\b[^}\n]*\}?)", re.MULTILINE)
_IN_JINJA = {
    "if": "{% if x %}",
    "else": "{% else %}",
    "endif": "{% endif %}",
    "for": "{% for x in y %}",
    "endfor": "{% endfor %}",
}


def check(text: str, severity: Severity) -> Iterator[Finding]:
    """The first line that begins with a directive: whoever meets one has the whole file to rewrite."""
    match = _DIRECTIVE.search(text)
    if match is not None:
        word = re.search("[a-z]+", match[1])
        yield Finding(
            id="terraform-template",
            severity=severity,
            line=text.count("\n", 0, match.start(1)) + 1,
            message=f"{match[1]!r} belongs to a template of Terraform's, and the guest would read it as it stands; "
            f"templates are Jinja's here: write {_IN_JINJA[word[0]] if word else ''}, and {{{{ x }}}} for ${{x}}",
        )
