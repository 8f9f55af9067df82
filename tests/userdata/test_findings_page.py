"""docs/user-data-findings.md explains every id that a check of user data gives, and goes with the package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ivc.userdata.checks.explained import PAGE, explained
from tests.helpers import PROJECT

LIBRARY = PROJECT / "constructs" / "ivc"
TEXT = (PROJECT / "docs" / PAGE).read_text()
SEVERITIES = ("error", "warning", "error or warning")


def ids_of(file: Path) -> Iterator[str]:
    """The ids of the findings that a module makes.

    Each stands in it as a text: where the finding is made, or as the first argument of a function that makes one of its
    parameter `id` or, behind a text of its own, `about`.
    """
    module = ast.parse(file.read_text())
    constants = {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    makers: dict[str, str] = {}
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        for given in _given_ids(function):
            if isinstance(given, ast.JoinedStr):
                makers[function.name] = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{}" for part in given.values
                )
            elif isinstance(given, ast.Name) and given.id not in constants:
                makers[function.name] = "{}"
            else:
                yield _text(given, constants, file)
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        if (pattern := makers.get(getattr(call.func, "id", ""))) is not None:
            yield pattern.format(_text(call.args[0], constants, file))


def _given_ids(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        if getattr(call.func, "id", "") == "Finding":
            # One that is only carried on has its id from another.
            given = [keyword.value for keyword in call.keywords if keyword.arg == "id"]
            yield from (one for one in given if not isinstance(one, ast.Attribute))
        elif getattr(call.func, "id", "") == "LostError":
            yield call.args[0]


def _text(given: ast.expr, constants: Mapping[str, object], file: Path) -> str:
    value = given.value if isinstance(given, ast.Constant) else constants.get(getattr(given, "id", ""))
    assert isinstance(value, str), f"{file}, line {given.lineno}: write the id as a text, so that its page is found"
    return value


IDS = {id_ for room in ("userdata", "cli") for file in sorted((LIBRARY / room).rglob("*.py")) for id_ in ids_of(file)}
IDS |= set(ids_of(LIBRARY / "rendered_user_data.py"))


def test_the_ids_are_found() -> None:
    """One of each way in which an id is written."""
    assert {"secret", "size", "write-files-path", "no-way-out", "not-rendered", "cloud-init-schema"} <= IDS


def test_every_id_has_its_section_and_every_section_its_id() -> None:
    assert set(explained()) == IDS
    assert re.findall(r"^### (\S+)$", TEXT, re.MULTILINE) == sorted(IDS)


def test_a_section_says_why_and_how_to_mend_it() -> None:
    lacking = [one.id for one in explained().values() if "Mend it:" not in one.help or one.severity not in SEVERITIES]
    assert lacking == []
