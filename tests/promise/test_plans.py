"""An upgrade never makes a plan that replaces or destroys: the estates of the last release, synthesized by its library
and by this one, differ in nothing that no fragment of news names.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.helpers import PORT, PROJECT, RULE, copy_of_project, resources, written_stack
from tests.promise import last_release, news
from tests.promise.difference import Difference, difference, start, written
from tests.running import cannot_be_had

ESTATES = (
    ".",
    "examples/four-nodes",
    "examples/hello",
    "examples/hosting-shop",
    "examples/private-cloud",
    "examples/server-and-volume",
)
"""Those of the last release."""


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The last release, and its estates with this library."""
    then, now = (tmp_path_factory.mktemp("upgrade") / side for side in ("then", "now"))
    try:
        last_release.unpack(then)
    except last_release.NotHereError as reason:
        cannot_be_had("the last release, with whose plans this tree's are compared,", reason)
    shutil.copytree(then, now, symlinks=True)
    shutil.rmtree(now / "constructs")
    (now / "constructs").symlink_to(PROJECT / "constructs")
    return then, now


def test_each_estate_of_the_last_release_is_compared(sides: tuple[Path, Path]) -> None:
    then, _ = sides
    assert sorted(file.parent.relative_to(then).as_posix() for file in then.rglob("main.py")) == sorted(ESTATES)


@pytest.mark.parametrize("estate", ESTATES)
def test_an_upgrade_changes_no_plan_but_what_news_names(sides: tuple[Path, Path], estate: str) -> None:
    runs = [(start(side, estate), side, estate) for side in sides]
    found = difference(*(written(*run) for run in runs))
    assert found.what - news.named("plan") == set(), (
        f"{estate}: who upgrades from {last_release.revision()} gets another plan, or other user data. Where that must "
        f"be, write news/+NAME.plan.md, which says so, and names these in backticks.\n{found.review}"
    )


def test_a_clone_without_the_last_release_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "named").write_text("# The last one.\nv0.0.1-nobody-has\n")
    monkeypatch.setattr(last_release, "NAMED", tmp_path / "named")
    with pytest.raises(last_release.NotHereError, match=r"^v0.0.1-nobody-has is not in this clone: `git fetch"):
        last_release.unpack(tmp_path)


# What the comparison sees.


@pytest.fixture(scope="module")
def present(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this tree makes of `main.py`."""
    project = copy_of_project(tmp_path_factory.mktemp("present") / "project")
    return written(start(project), project)


def after_an_edit(present: Path, folder: Path, file: str, text: str, other: str) -> Difference:
    """What the comparison says when a text in a file of the library is another."""
    project = copy_of_project(folder / "project")
    edited = project / "constructs" / "ivc" / file
    assert edited.read_text().count(text) == 1
    edited.write_text(edited.read_text().replace(text, other))
    return difference(present, written(start(project), project))


def test_a_library_that_is_the_same_changes_nothing(present: Path, tmp_path: Path) -> None:
    found = after_an_edit(present, tmp_path, "declare/port.py", "_LIFECYCLE,\n", "_LIFECYCLE,  # as before\n")
    assert found.what == frozenset()
    assert found.review.startswith("No changes.\n")


def test_one_byte_of_a_partial_is_seen(present: Path, tmp_path: Path) -> None:
    """Nothing compares the library's own text on a server, and so the review alone sees no change."""
    found = after_an_edit(present, tmp_path, "userdata/partials/volumes.sh.jinja", 'echo "ivc: $*"', 'echo "IvC: $*"')
    assert found.what == {"user_data"}
    assert found.review.startswith("No changes.\n")


def test_one_address_is_seen(present: Path, tmp_path: Path) -> None:
    before = 'name=f"{server.key}_{key}{nth}",\n                former=f"{server.former_key}_{former_key}{nth}"'
    found = after_an_edit(present, tmp_path, "declare/port.py", before, before.replace("key}_{", "key}_on_{"))
    assert {PORT, "replace"} <= found.what
    assert "3 replaced" in found.review


def test_an_address_that_is_moved_is_seen(present: Path, tmp_path: Path) -> None:
    before = 'name=f"{server.key}_{key}{nth}"'
    found = after_an_edit(present, tmp_path, "declare/port.py", before, before.replace("key}_{", "key}_on_{"))
    assert found.what == {PORT}
    assert "3 moved" in found.review


def test_one_rules_text_is_seen(present: Path, tmp_path: Path) -> None:
    before, after = "ethertype=family,\n", 'ethertype=family,\n            description="by IvC",\n'
    found = after_an_edit(present, tmp_path, "declare/security_group.py", before, after)
    assert found.what == {RULE}


@pytest.mark.parametrize(("before", "after"), [("../../../terraform.", "../../"), ("3.4.0", "3.3.0")])
def test_where_the_state_is_and_the_providers_version_are_seen(
    present: Path, tmp_path: Path, before: str, after: str
) -> None:
    other = shutil.copytree(present, tmp_path / "cdktf.out")
    document = other / "stacks" / "shop" / "cdk.tf.json"
    assert before in document.read_text()
    document.write_text(document.read_text().replace(before, after))
    assert difference(present, other).what >= {"terraform"}


def test_what_protects_a_resource_is_seen(present: Path, tmp_path: Path) -> None:
    other = shutil.copytree(present, tmp_path / "cdktf.out")
    document = written_stack(other)
    for port in resources(document, PORT).values():
        del port["lifecycle"]
    (other / "stacks" / "shop" / "cdk.tf.json").write_text(json.dumps(document))
    assert "lifecycle" in difference(present, other).what
