"""What people read stands in the order in which they count."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ivc.words.order import as_counted, in_runs
from tests.policies.documents import group, instance, merged, port
from tests.review.test_dangers import by_folders


def test_numbers_in_names_count() -> None:
    names = ["web-10", "web-2", "web", "web-1", "web-02", "db-1", "2", "10", "web-2a"]
    assert sorted(names, key=as_counted) == ["2", "10", "db-1", "web", "web-1", "web-02", "web-2", "web-2a", "web-10"]


NAMES = st.lists(st.text(st.sampled_from("ab-1209٣²"), max_size=6), max_size=6)


@given(NAMES.flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))))
def test_any_names_have_one_order(both: tuple[list[str], list[str]]) -> None:
    names, shuffled = both
    assert sorted(shuffled, key=as_counted) == sorted(names, key=as_counted)


def test_names_that_follow_each_other_are_one() -> None:
    assert in_runs(["web-2", "db", "web-1", "web-3", "web-10"]) == ["db", "web-1 to web-3", "web-10"]
    assert in_runs(["web-9", "web-10", "web-11"]) == ["web-9 to web-11"]
    assert in_runs(["web-1", "web-2", "app-3", "web-4"]) == ["app-3", "web-1", "web-2", "web-4"]
    assert in_runs(["web-01", "web-02", "web-3"]) == ["web-01", "web-02", "web-3"]


@given(NAMES)
def test_each_name_that_is_told_alone_is_one_of_them(names: list[str]) -> None:
    alone = [one for one in in_runs(names) if " to " not in one]
    assert [one for one in alone if one not in names] == []
    assert sorted(alone, key=as_counted) == alone


def test_a_review_counts(tmp_path: Path) -> None:
    ports = [port(f"p-{number}", "web") for number in (1, 2, 10)]
    servers = [instance(f"www-{number}", f"p-{number}", key_pair=f"k{number}") for number in (10, 1, 2)]
    after = [instance(f"www-{number}", f"p-{number}", key_pair=f"n{number}") for number in (10, 1, 2)]
    stack = by_folders(tmp_path, merged(group(), *ports, *servers), merged(group(), *ports, *after))
    assert [thing.id for thing in stack.things] == ["www-1", "www-2", "www-10"]
    assert [node.label for node in stack.topology.nodes if node.kind == "instance"] == ["www-1", "www-2", "www-10"]
