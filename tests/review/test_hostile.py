"""Whatever a name, a value, a diff or an error holds, it stands there as its own text and does nothing else."""

import html as entities
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from ivc.review.model import Review
from ivc.review.output import as_json, html, markdown, mermaid, terminal
from ivc.words.foreign_text import visible
from ivc.words.sentence import Quoted, Sentence
from tests.review import samples
from tests.review.reading import Page, as_code_hosts_do

REFERENCE = samples.foreign("web-1")
# A sentence leaves out what is empty.
hostile = st.one_of(
    samples.texts.filter(bool), st.lists(st.sampled_from(samples.HOSTILE), min_size=1, max_size=3).map("".join)
)


each_sample = pytest.mark.parametrize("text", samples.HOSTILE, ids=ascii)


def a_console(*, colour: bool, width: int = 10_000) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=colour, color_system="truecolor" if colour else None)


def assert_harmless_in_markdown(text: str) -> None:
    page, reference = (
        as_code_hosts_do(markdown.render(samples.foreign(text))),
        as_code_hosts_do(markdown.render(REFERENCE)),
    )
    assert page.elements == reference.elements
    # Mentions, issues, links, emoji and mathematics are looked for outside of code alone.
    assert page.words == reference.words
    assert page.comments == [f" {markdown.MARKER[5:-4]} "]


def assert_harmless_in_html(text: str) -> None:
    page, reference = Page(html.render(samples.foreign(text))), Page(html.render(REFERENCE))
    assert page.elements == reference.elements
    assert page.comments == []
    assert all(character.isprintable() or character in "\n\t" for character in page.prose + page.code)


def assert_harmless_in_terminal(text: str) -> None:
    plain = terminal.render(samples.foreign(text), a_console(colour=False))
    assert all(character.isprintable() or character == "\n" for character in plain)
    assert plain.count("\n") == terminal.render(REFERENCE, a_console(colour=False)).count("\n")
    coloured = terminal.render(samples.foreign(text), a_console(colour=True))
    without_colour = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in without_colour.split("\n")] == plain.split("\n")


def assert_harmless_in_mermaid(text: str) -> None:
    def skeleton(review: Review) -> str:
        return re.sub(r'"[^"\n]*"', '""', mermaid.diagram(review.stacks[0].topology))

    assert skeleton(samples.foreign(text)) == skeleton(REFERENCE)
    labels = re.findall(r'"([^"]*)"', mermaid.diagram(samples.foreign(text).stacks[0].topology))
    for label in labels:
        assert all(character.isalnum() or character in " -" for character in re.sub(r"#\d+;|<br/>", "", label))


@each_sample
def test_hostile_text_does_nothing_in_markdown(text: str) -> None:
    assert_harmless_in_markdown(text)


@each_sample
def test_hostile_text_does_nothing_in_html(text: str) -> None:
    assert_harmless_in_html(text)


@each_sample
def test_hostile_text_does_nothing_in_a_terminal(text: str) -> None:
    assert_harmless_in_terminal(text)


@each_sample
def test_hostile_text_does_nothing_in_mermaid(text: str) -> None:
    assert_harmless_in_mermaid(text)


@each_sample
def test_json_says_the_text_as_it_is_and_obeys_nothing(text: str) -> None:
    rendered = as_json.render(samples.foreign(text))
    assert all(character.isascii() and (character.isprintable() or character == "\n") for character in rendered)
    thing = json.loads(rendered)["stacks"][0]["things"][0]
    assert (thing["id"], thing["headline"]) == (text, f"so {text} is, and {text}")


@settings(deadline=None)
@given(text=hostile)
def test_any_text_does_nothing_in_markdown(text: str) -> None:
    assert_harmless_in_markdown(text)


@settings(deadline=None)
@given(text=hostile)
def test_any_text_does_nothing_in_html(text: str) -> None:
    assert_harmless_in_html(text)


@settings(deadline=None)
@given(text=hostile)
def test_any_text_does_nothing_in_a_terminal(text: str) -> None:
    assert_harmless_in_terminal(text)


@settings(deadline=None)
@given(text=hostile)
def test_any_text_does_nothing_in_mermaid(text: str) -> None:
    assert_harmless_in_mermaid(text)


@settings(deadline=None)
@given(texts=st.lists(hostile, max_size=4))
def test_foreign_words_side_by_side_stay_in_their_code(texts: list[str]) -> None:
    sentence = Sentence(tuple(Quoted(text) for text in texts))
    page = as_code_hosts_do(markdown._sentence(sentence))
    assert page.words == ""
    assert page.tags("code") == (1 if texts else 0)


@each_sample
def test_the_text_is_readable_where_it_stands(text: str) -> None:
    shown = visible(text) or '""'
    review = samples.foreign(text)
    assert shown.strip() in as_code_hosts_do(markdown.render(review)).code
    assert shown in entities.unescape(html.render(review))
    assert shown.strip() in terminal.render(review, a_console(colour=False))


def test_no_line_begins_with_foreign_words() -> None:
    """GitLab and bots take commands such as `/close` from the start of a line."""
    assert not re.search(r"^/", markdown.render(samples.foreign("/close")), re.MULTILINE)


def test_a_page_of_a_policy_is_a_link_only_if_it_is_plain_https() -> None:
    for page, links in (
        (samples.PAGE, True),
        ("javascript:alert(1)", False),
        ("https://a.example/) [x](https://b.example", False),
        ("http://a.example/", False),
        ("@octocat", False),
    ):
        review = samples.with_page(page)
        assert (as_code_hosts_do(markdown.render(review)).tags("a") > 0) is links
        assert (Page(html.render(review)).tags("a") > 0) is links
