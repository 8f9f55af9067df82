"""For any edit of any value: the review tells the change, or says that it did not judge it."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ivc.terraform.document import Document
from ivc.terraform.paths import flat
from ivc.terraform.provider import schema
from tests.policies.documents import Json, merged
from tests.review.by_hand import side
from tests.review.test_dangers import FRAME, by_folders, by_plan

Path_ = tuple[str | int, ...]
ESTATE = merged(FRAME, side("before"))
# What a review is not about: the library's own notes, and where the provider comes from is told by its version.
LEFT_OUT = ("//",)


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in LEFT_OUT:
                yield from leaves(each, (*path, key))
    elif isinstance(value, list) and value:
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    else:
        yield path


LEAVES = sorted(leaves(ESTATE), key=str)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["", "other", "0.0.0.0/0", "10.0.0.0/8", "${var.none}", "${local.none}", "tcp", "true", "443"]),
    # More of a block than are told one by one is among them.
    st.sampled_from([0, 1, 2, 22, 443, 70_000]),
    st.booleans(),
    st.just([]),
    st.none(),
)


def edited(path: Path_, value: Any) -> Json:
    after = copy.deepcopy(ESTATE)
    inner: Any = after
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return after


def means(document: Json) -> Any:
    """What a document comes to, whatever way it is written."""
    read = Document.of("s", document)
    elements = {
        address: (
            {
                path: (str(value), getattr(value, "inputs", ()))
                for path, value in flat(schema(one.type), one.given).items()
            },
            {key: each for key, each in one.meta.items() if key not in ("dynamic", "count", "for_each")},
            one.many,
        )
        for address, one in read.elements.items()
    }
    rest = {key: each for key, each in document.items() if key not in ("resource", "data", "locals", "variable")}
    return elements, rest


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(LEAVES), value=VALUES)
def test_any_edit_of_any_value_is_told_or_said_to_be_unread(path: Path_, value: Any) -> None:
    after = edited(path, value)
    assume(means(after) != means(ESTATE))
    with tempfile.TemporaryDirectory() as folder:
        stack = by_folders(Path(folder), ESTATE, after)
    # Two modules whose files stand elsewhere are never judged.
    unread = [each for each in map(str, stack.unread) if "what the module" not in each]
    module = path[0] == "module"
    assert stack.things or unread or stack.notes or module, f"{path}: {value!r}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from([path for path in LEAVES if path[0] == "resource"]), value=VALUES)
def test_what_a_plan_changes_is_told(path: Path_, value: Any) -> None:
    after = edited(path, value)
    assume(path[-1] not in ("count", "for_each") and "depends_on" not in path)
    with tempfile.TemporaryDirectory() as folder:
        stack = by_plan(Path(folder), ESTATE, after)
        planned = [
            one
            for one in json.loads((Path(folder) / "plan.json").read_text())["resource_changes"]
            if one["change"]["actions"] != ["no-op"]
        ]
    told = {one.address for thing in stack.things for one in thing.resources}
    assert {one["address"] for one in planned} <= told
