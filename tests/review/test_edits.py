"""What two folders alone tell of each edit of the corpus."""

from __future__ import annotations

import pytest

from ivc.review import reviewer
from ivc.review.model import StackReview, Thing
from tests.review.edits import EDITS, Edit, World, synthesize


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> StackReview:
    folder = tmp_path_factory.mktemp("edits")
    base, head = (synthesize(folder, side, World()) for side in ("before", "after"))
    (stack,) = reviewer.review(base=base, head=head).stacks
    return stack


def said(thing: Thing) -> str:
    return thing.action + ("" if thing.certain else "?")


def labelled(reviewed: StackReview) -> dict[str, Thing]:
    return {f"{thing.kind} {thing.id}": thing for thing in reviewed.things}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.what)
def test_an_edit_is_told(reviewed: StackReview, edit: Edit) -> None:
    things = labelled(reviewed)

    assert {label: said(things[label]) if label in things else "none" for label in edit.does} == edit.does
    assert {label: tuple(things[label].dangers) for label in edit.dangers if label in things} == edit.dangers


def test_nothing_else_is_said_to_change(reviewed: StackReview) -> None:
    expected = {label: edit.dangers.get(label, ()) for edit in EDITS for label in edit.does}

    assert {label: tuple(thing.dangers) for label, thing in labelled(reviewed).items()} == expected
