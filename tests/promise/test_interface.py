"""What breaks programs of users is told by a fragment of news."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.helpers import PROJECT
from tests.promise import last_release, news
from tests.promise.interface import broken
from tests.running import cannot_be_had

LIBRARY = PROJECT / "constructs"


def test_what_breaks_programs_is_named_by_news(tmp_path: Path) -> None:
    try:
        last_release.unpack(tmp_path)
    except last_release.NotHereError as reason:
        cannot_be_had("the last release, with whose public names this tree's are compared,", reason)
    found = broken(tmp_path / "constructs", LIBRARY)
    named = news.named("breaking")
    assert {name: what for name, what in found.items() if name not in named} == {}, (
        "write news/+NAME.breaking.md, which says what to write in their place, and names these in backticks"
    )


BREAKING = {
    "__init__.py": ('    "Vip",\n', ""),
    "declare/instance.py": ("        flavor: str,\n", "        size: str,\n"),
    "declare/network.py": ("    def nics(\n", "    def many_nics(\n"),
    "policies/policy.py": ("class Finding:\n", "class Found:\n"),
    "testing/server.py": ("class Server:\n", "class Machine:\n"),
    "review/reviewer.py": ("def review(\n", "def reviewed(\n"),
}


def edited(folder: Path, edits: dict[str, tuple[str, str]]) -> Path:
    """The library with a text in each of some files replaced by another."""
    copy = folder / "constructs"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (text, other) in edits.items():
        file = copy / "ivc" / name
        assert file.read_text().count(text) == 1, name
        file.write_text(file.read_text().replace(text, other))
    return copy


def test_what_is_gone_or_called_otherwise_is_found_where_users_call_it(tmp_path: Path) -> None:
    """And not what the library alone calls, such as the function behind `ivc review`."""
    found = broken(LIBRARY, edited(tmp_path, BREAKING))
    assert found == {
        "Vip": "Public name was removed",
        "Instance(flavor)": "Parameter was removed",
        "Instance(size)": "Parameter was added as required",
        "Network.nics": "Public object was removed",
        "AnyNetwork.nics": "Public object was removed",
        "LookedUpNetwork.nics": "Public object was removed",
        "Finding": "Public object was removed",
        "Server": "Public object was removed",
    }


def test_what_is_new_breaks_nothing(tmp_path: Path) -> None:
    more = ("        flavor: str,\n", "        flavor: str,\n        colour: str | None = None,\n")
    assert broken(LIBRARY, edited(tmp_path, {"declare/instance.py": more})) == {}
