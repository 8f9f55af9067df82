"""What the pages for people say of commands, and of one another, is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import typer

from ivc.__main__ import app
from ivc.deploy import outcome
from tests.helpers import PROJECT

PAGES = [
    *(PROJECT / name for name in ("README.md", "CHANGELOG.md", "news/README.md")),
    *sorted(PROJECT.glob("docs/*.md")),
    *sorted(PROJECT.glob("examples/*/README.md")),
]
COMMAND = re.compile(r"(?:^|`|\$ |\./run |&& |=\S+ )ivc (?P<name>[a-z][a-z-]*)(?P<rest>(?: [^`\n|;&]*)?)", re.MULTILINE)
OPTION = re.compile(r"(?<!\S)--[a-z-]+")
LINK = re.compile(r"\]\((?P<file>[^)#\s:]*)(?:#(?P<heading>[^)\s]*))?\)")


def _shown(page: Path) -> list[tuple[str, str]]:
    """The commands of `ivc` that a page shows: name and the rest, which may go on in the next line."""
    return [(found["name"], found["rest"]) for found in COMMAND.finditer(re.sub(r"\\\n\s*", " ", page.read_text()))]


def _headings(page: Path) -> set[str]:
    """As a code host makes anchors of them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_command_and_option_that_a_page_shows_is_there() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    options = {name: {one for each in command.params for one in each.opts} for name, command in commands.items()}
    shown = [(page.name, name, rest) for page in PAGES for name, rest in _shown(page)]
    assert {"plan", "deploy", "destroy", "outputs", "move-state"} <= {name for _, name, _ in shown}
    assert [(page, name) for page, name, _ in shown if name not in options] == []
    assert [
        (page, name, option)
        for page, name, rest in shown
        for option in OPTION.findall(rest)
        if option not in options[name]
    ] == []


def test_links_between_pages_lead_to_a_heading() -> None:
    links = [(page, found["file"], found["heading"]) for page in PAGES for found in LINK.finditer(page.read_text())]
    targets = [(page, page.parent / file if file else page, heading) for page, file, heading in links]
    assert ("state.md", "locks") in [(target.name, heading) for _, target, heading in targets]
    assert [(page.name, str(target)) for page, target, _ in targets if not target.exists()] == []
    assert [
        (page.name, target.name, heading)
        for page, target, heading in targets
        if heading and target.suffix == ".md" and heading not in _headings(target)
    ] == []


def test_what_became_of_a_stack_is_told_to_programs_as_the_page_says() -> None:
    page = (PROJECT / "docs" / "deploying.md").read_text()
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert [*json.loads(example)["stacks"]["shop"]] == [*outcome.unchanged({})]
    assert outcome.not_begun()["status"] in re.findall(r"`([a-z ]+)`", page)
