"""The fragments of news, of which towncrier makes the changelog of a release."""

from __future__ import annotations

import re
from pathlib import Path

from tests.helpers import PROJECT

FOLDER = PROJECT / "news"


def fragments() -> list[Path]:
    """All of them; none right after a release."""
    return [file for file in FOLDER.iterdir() if file.name != "README.md"]


def named(kind: str) -> set[str]:
    """What the fragments of a kind name in backticks."""
    return {name for file in FOLDER.glob(f"*.{kind}.md") for name in re.findall(r"`([^`]+)`", file.read_text())}
