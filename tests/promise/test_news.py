"""The fragments of news become a changelog."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from tests.helpers import PROJECT, clean_environment
from tests.promise import news

KINDS = ["plan", "breaking", "feature", "fix"]


def test_a_changelog_is_made_of_all_of_them() -> None:
    draft = subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9"],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert draft.returncode == 0, draft.stderr
    assert draft.stdout.startswith("## 9.9.9 (")
    texts = [file.read_text().strip() for file in news.fragments()]
    assert [text for text in texts if f"- {text}\n" not in draft.stdout] == []


def test_each_is_of_a_kind() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["towncrier"]
    assert [kind["directory"] for kind in settings["type"]] == KINDS
    name = re.compile(rf"\+[a-z0-9-]+\.({'|'.join(KINDS)})\.md")
    assert [file.name for file in news.fragments() if not name.fullmatch(file.name)] == []


def test_what_they_lead_to_is_there() -> None:
    texts = [(PROJECT / "CHANGELOG.md").read_text(), *(file.read_text() for file in news.fragments())]
    links = {link for text in texts for link in re.findall(r"\]\(([^)#]+)", text)}
    assert "docs/promise.md" in links
    assert [link for link in links if not (PROJECT / link).is_file()] == []
