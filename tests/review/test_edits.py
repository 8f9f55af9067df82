"""What two folders alone tell of each edit of the corpora."""

from __future__ import annotations

import pytest

from ivc.review import reviewer
from ivc.review.model import Thing
from tests.review.edits import EDITS, Edit, World, synthesize
from tests.review.service_edits import SERVICE_EDITS

ALL = (*EDITS, *SERVICE_EDITS)


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for edits in (EDITS, SERVICE_EDITS):
        folder = tmp_path_factory.mktemp("edits")
        base, head = (synthesize(folder, side, World(), edits) for side in ("before", "after"))
        (stack,) = reviewer.review(base=base, head=head).stacks
        found |= {f"{thing.kind} {thing.id}": thing for thing in stack.things}
    return found


def said(thing: Thing) -> str:
    return thing.action + ("" if thing.certain else "?")


@pytest.mark.parametrize("edit", ALL, ids=lambda edit: edit.what)
def test_an_edit_is_told(things: dict[str, Thing], edit: Edit) -> None:
    assert {label: said(things[label]) if label in things else "none" for label in edit.does} == edit.does
    assert {label: tuple(things[label].dangers) for label in edit.dangers if label in things} == edit.dangers


def test_nothing_else_is_said_to_change(things: dict[str, Thing]) -> None:
    expected = {label: edit.dangers.get(label, ()) for edit in ALL for label in edit.does}

    assert {label: tuple(thing.dangers) for label, thing in things.items()} == expected
