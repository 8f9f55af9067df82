"""Equal changes are told once, and a comment on many servers stays short."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from ivc.review import reviewer
from ivc.review.model import Action, FileDiff, Review, StackReview, Thing
from ivc.review.output import html, markdown, terminal
from ivc.review.output.folding import folded
from ivc.words.sentence import say
from tests.helpers import backend, new_stack, server, template
from tests.policies.documents import Json, group, instance, merged, port, tcp
from tests.review.reading import as_code_hosts_do
from tests.review.test_dangers import by_folders, by_plan


def servers(number: int, **given: object) -> Json:
    each = [
        merged(
            instance(f"www-{index}", f"p-{index}", **given),
            port(f"p-{index}", "web", fixed_ip=[{"ip_address": f"203.0.{index // 250}.{index % 250 + 1}"}]),
        )
        for index in range(number)
    ]
    return merged(*each, group())


def test_twelve_equal_changes_are_one_with_a_count(tmp_path: Path) -> None:
    stack = by_folders(tmp_path, servers(12), servers(12, metadata={"release": "2"}))
    (one,) = folded(stack.things)
    assert len(one.alike) == 11
    comment = markdown.render(Review((stack,), "folders"))
    assert comment.count("will be changed in place") == 1
    assert "**Nothing dangerous**: 12 changed" in comment
    assert "the same happens to 11 more" in comment


def test_servers_of_this_library_that_go_are_one_too(tmp_path: Path) -> None:
    def folder(side: str, names: Sequence[str]) -> Path:
        stack = new_stack(tmp_path / side)
        network = backend(stack)
        for name in names:
            server(stack, name, network, user_data=template(stack, "#cloud-config\nhostname: {{ instance.name }}\n"))
        stack.app.synth()
        return Path(stack.app.outdir)

    review = reviewer.review(base=folder("base", ["db-1", "www-1", "www-2", "www-3"]), head=folder("head", ["db-1"]))
    assert [(one.thing.id, one.alike) for one in folded(review.stacks[0].things)] == [("www-1", ("www-2", "www-3"))]


def test_servers_of_this_library_that_come_are_one_too(tmp_path: Path) -> None:
    stack = new_stack(tmp_path)
    network = backend(stack)
    for number in (1, 2, 3):
        server(stack, f"www-{number}", network, user_data=template(stack, "#cloud-config\nfqdn: www.example\n"))
    stack.app.synth()
    things = reviewer.review(head=Path(stack.app.outdir)).stacks[0].things
    found = [(each.thing.id, each.alike) for each in folded(things) if each.thing.kind == "instance"]
    assert found == [("www-1", ("www-2", "www-3"))]


def test_what_differs_is_told_by_itself(tmp_path: Path) -> None:
    after = merged(servers(3, metadata={"release": "2"}), instance("www-1", "p-1", metadata={"release": "3"}))
    stack = by_folders(tmp_path, servers(3), after)
    assert [(each.thing.id, each.alike) for each in folded(stack.things)] == [("www-0", ("www-2",)), ("www-1", ())]


@pytest.mark.parametrize(
    "render",
    [markdown.render, html.render, lambda review: terminal.render(review, Console(width=100))],
    ids=["markdown", "html", "terminal"],
)
def test_all_names_are_there_to_be_read(tmp_path: Path, render: Callable[[Review], str]) -> None:
    stack = by_folders(tmp_path, servers(40), servers(40, key_pair="new"))
    written = render(Review((stack,), "folders"))
    assert all(f"www-{number}" in written for number in range(40))


def test_a_rule_for_500_servers_is_a_short_comment(tmp_path: Path) -> None:
    stack = by_folders(tmp_path, servers(500), merged(servers(500), tcp(443)))
    (thing,) = stack.things
    assert thing.kind == "security group"
    comment = markdown.render(Review((stack,), "folders"))
    assert "1 opened to the world**; 1 found by policies; 500 servers stay as they are" in comment
    assert len(comment) < 3_000
    assert as_code_hosts_do(comment).tags("h4") >= 1


def test_a_comment_without_limits_has_no_quota() -> None:
    assert "Quota" not in markdown.render(Review((StackReview("s"),), "folders"))


@pytest.mark.parametrize(
    "render",
    [markdown.render, html.render, lambda review: terminal.render(review, Console(width=100))],
    ids=["markdown", "html", "terminal"],
)
def test_a_module_is_a_heading(tmp_path: Path, render: Callable[[Review], str]) -> None:
    stack = by_plan(tmp_path, servers(2), servers(2, key_pair="new"), module="shop")
    written = render(Review((stack,), "plan"))
    assert len(re.findall(r"In the module .*shop", written)) == 1


def test_user_data_that_differs_is_shown_for_each() -> None:
    def thing(name: str, line: str) -> Thing:
        diff = FileDiff("", "changed", (line,))
        return Thing("instance", name, Action.REPLACE, say("{} will be replaced", name), user_data=(diff,))

    one, other = thing("a", "+hostname: a"), thing("b", "+hostname: b")
    assert len(folded([one, other])) == 1
    assert len(folded([one, thing("b", "+hostname: c")])) == 2
