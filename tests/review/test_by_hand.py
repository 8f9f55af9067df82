"""What two folders alone tell of each edit of the corpus that is written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivc.review import reviewer
from ivc.review.model import StackReview
from tests.review.by_hand import A_MODULE, EDITS, FOLDER, MODULE, STACK, Edit, side
from tests.review.folders import dangers


def write(folder: Path, which: str) -> Path:
    """A side of all edits as a folder."""
    path = folder / FOLDER
    (path / MODULE).mkdir(parents=True, exist_ok=True)
    (path / MODULE / "main.tf.json").write_text(json.dumps(A_MODULE))
    (path / "cdk.tf.json").write_text(json.dumps(side(which)))
    entry = {"name": STACK, "synthesizedStackPath": f"{FOLDER}/cdk.tf.json"}
    (folder / "manifest.json").write_text(json.dumps({"stacks": {STACK: entry}}))
    return folder


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> StackReview:
    folder = tmp_path_factory.mktemp("by-hand")
    (stack,) = reviewer.review(base=write(folder / "base", "before"), head=write(folder / "head", "after")).stacks
    return stack


def certain(reviewed: StackReview) -> dict[str, tuple[str, ...]]:
    """By thing, what is dangerous, whether it is certain or not."""
    return {what: tuple(each for each in found if each != "?") for what, found in dangers(reviewed).items()}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.what)
def test_an_edit_is_told(reviewed: StackReview, edit: Edit) -> None:
    found = certain(reviewed)
    assert {what: found.get(what) for what in edit.dangers} == edit.dangers


def test_nothing_else_is_called_dangerous(reviewed: StackReview) -> None:
    expected = {what: given for edit in EDITS for what, given in edit.dangers.items()}
    assert {
        what: given for what, given in certain(reviewed).items() if given and not what.startswith("module ")
    } == expected


def test_what_the_folders_do_not_judge_is_said(reviewed: StackReview) -> None:
    assert [str(each) for each in reviewed.unread] == [
        "what the module wide makes stands in no folder: only a plan tells",
        "what the module less makes stands in no folder: only a plan tells",
    ]
    assert len([edit for edit in EDITS if edit.by_plan]) / len(EDITS) < 0.1


def test_all_of_a_set_at_once_is_told_first(reviewed: StackReview) -> None:
    assert "both servers of the server group s-4 are replaced at once, and none of them is left meanwhile" in map(
        str, reviewed.at_once
    )
