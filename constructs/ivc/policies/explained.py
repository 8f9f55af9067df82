"""What the page of the policies says of each: docs/policies.md, which goes with the package."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

PAGE = "policies.md"
_SECTION = re.compile(r"^### (\S+)\n\n\*\*(.+?)\*\*(.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE)


def explained(id: str) -> str:
    """A policy's section: what is found, why it matters, how to mend it and how to waive it; raises KeyError."""
    return _sections()[id]


@cache
def _sections() -> dict[str, str]:
    text = resources.files(__package__).joinpath(PAGE).read_text(encoding="utf-8")
    return {id_: f"{title}{rest.rstrip()}" for id_, title, rest in _SECTION.findall(text)}
