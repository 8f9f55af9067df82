"""A document with its variables' defaults and local values put in where they are used.

So a range or a key pair that stands in a variable is compared, and judged, like one that stands in its place. A
variable that is set when Terraform runs is another matter, which no folder tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ivc.policies.constants import Constants
from ivc.review.document import walked

_NAMED = re.compile(r"\$\{\s*(?:var|local)\.[A-Za-z0-9_-]+\s*\}")


def resolved(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document, its resources and data sources without what only names a constant."""
    if not document.get("variable") and not document.get("locals"):
        return dict(document)
    constants = Constants(document)

    def embedded(match: re.Match[str]) -> str:
        value = constants.value(match[0])
        return value if isinstance(value, str) else match[0]

    def in_text(text: str) -> Any:
        if "${" not in text:
            return text
        whole = constants.value(text)
        return _NAMED.sub(embedded, text) if whole == text else whole

    return {
        section: walked(given, in_text) if section in ("resource", "data") else given
        for section, given in document.items()
    }
