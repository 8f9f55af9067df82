"""What each id of a finding means: the sections of docs/user-data-findings.md, which goes with the package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ivc.pages import page as address_of

PAGE = "user-data-findings.md"
_SECTION = re.compile(r"^### (\S+)\n\n\*\*(.+?)\*\* \((.+?)\)\n\n(.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Explained:
    """A section of the page.

    title: what is found, in a few words. severity: in words, since it may depend. help: why it matters and how to mend
    it, in Markdown.
    """

    id: str
    title: str
    severity: str
    help: str

    @property
    def page(self) -> str:
        """Where it stands, an address."""
        return page(self.id)


def page(id: str) -> str:
    """Where a finding is explained, an address."""
    return address_of(f"{PAGE}#{id}")


@cache
def explained() -> Mapping[str, Explained]:
    """All sections by id, in the page's order."""
    text = resources.files(__package__).joinpath(PAGE).read_text(encoding="utf-8")
    return {
        id_: Explained(id_, title, severity, help_.strip()) for id_, title, severity, help_ in _SECTION.findall(text)
    }
