"""YAML is read as the guest reads it: by PyYAML's own loader, whose values and line ends count."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivc.userdata.checks import findings, tree
from tests.userdata.test_checks import config, document, said

# What YAML is made of, what libyaml and PyYAML read differently, and what has the form of a value and is none.
PIECES = st.sampled_from(
    ["a", "b: ", "- ", "\n", "\n  ", "\n    ", " ", "\t", "'", '"', "|", "|\n  ", ">\n  ", "#", " #x", "[", "]", "{",
     "}", ",", ",", ": ", ":", "?", "? ", "&a ", "*a ", "!", "!str ", "!!int ", "!!str ", "!!binary ", "---\n", "...\n",
     "%", "@", "`", "\\", "=", "<<: ", "~", "1", "0x", "0_", "2024-13-40", "2024-01-01", "\r", "\r\n", "\x85", "\u2028",
     "\ufeff", "\xa0", "ä", "|2\n  ", "|+\n", "-", "1:20", "\\/", "\\ud800", "\\x41", "http://x", "'a'", '"b"', "null",
     "key: v\n", "k:\n", "- x\n", "\x0b", "\x7f", "%YAML 1.1\n", "\nfqdn: |\n  x: y\n", "\nfqdn: a",
     "\npackages: ["]
)  # fmt: skip
LINES = st.sampled_from(
    ["hostname: www", "runcmd:", "- ls", "  - ls", "# note", "", "packages: [", "nginx", "]", 'final_message: "a', 'b"',
     "users: &a", "groups: *a", "  name: ops", "---", "...", "write_files: {", "a: b}", "fqdn: |", "  ssh: x", "{a: b}",
     "'x': y", "hostname: a", "? x", "locale:\tC", "timezone: >-", "   x", "\t", "%YAML 1.1", "<<: {ssh: x}"]
)  # fmt: skip


def guests(text: str) -> tuple[bool, object]:
    """Whether the guest takes the text, and what it makes of it."""
    try:
        return True, yaml.load(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        return False, None


def ours(text: str) -> tuple[bool, object]:
    """The same of what the checks read."""
    try:
        root = tree.parse(text)
    except tree.NotYamlError:
        return False, None
    if isinstance(root, yaml.MappingNode):
        root = tree.with_merges(root, text)
    return True, root and yaml.constructor.SafeConstructor().construct_document(root)


@given(st.one_of(st.lists(PIECES, max_size=14).map("".join), st.lists(LINES, max_size=9).map("\n".join)))
@example("a: 1\n\ufeff")
@example("# x\n #x=#\u2028x:y']\t!!str ...\n\x85\x85")
@example("!!str |-#!!int =*a ...|\n  !!int \n")
@example("users: &a\nusers: &a")
@example("packages: [\nhostname: a\n]")
@example("# note\u2028disk_setup: {}\nhostname: a\n")
@example("# note\rdisk_setup: {}\nhostname: a\n")
@settings(deadline=None, max_examples=1500)
def test_what_the_checks_read_is_what_the_guest_reads(text: str) -> None:
    text = f"#cloud-config\n{text}"
    # A mapping may hold itself, and NaN is not itself.
    assert repr(ours(text)) == repr(guests(text))


@given(st.lists(LINES, max_size=9))
@example(["users: &a", "users: &a"])
@example(["packages: [", "hostname: a", "]"])
def test_each_value_stands_where_it_stands_in_the_whole(lines: list[str]) -> None:
    """Though a document is read by its keys."""
    text = "\n".join(["#cloud-config", *lines, ""])
    if guests(text)[0]:
        assert all_of(tree.parse(text)) == all_of(yaml.compose(text, Loader=yaml.SafeLoader))


def all_of(node: yaml.Node | None) -> object:
    """A node, with what is below it, and where each stands."""
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value, node.style or "", node.start_mark.line
    return node and (
        node.tag,
        [all_of(part) for pair in node.value for part in (pair if isinstance(pair, tuple) else [pair])],
    )


TAB = (
    "there is a tab, which the guest takes only in quotes, in blocks and in comments, and else throws the whole "
    "document away; write blanks instead"
)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["packages:", "  - nginx\t"], f"yaml-syntax: line 3 of the result: column 10: this is not YAML: {TAB}"),
        (["hostname:\twww"], f"yaml-syntax: line 2 of the result: column 10: this is not YAML: {TAB}"),
        (["packages: [a, # b", "  c,\td]"], f"yaml-syntax: line 3 of the result: column 5: this is not YAML: {TAB}"),
        (
            ["final_message: |\t", "  hello"],
            "yaml-syntax: line 2 of the result: column 17: this is not YAML: there is a tab behind the | or >, for "
            "which the guest throws the whole document away; remove it",
        ),
        (
            ["final_message: |# note", "  hello"],
            "yaml-syntax: line 2 of the result: column 17: this is not YAML: a | or > has something directly behind "
            "it; put a blank between, or the text on the next line",
        ),
        (
            ["write_files:", "- path: /a", "  permissions: !str 0755"],
            "yaml-tag: line 4 of the result: YAML has no tag '!str', and cloud-init throws the whole document away "
            "for it; take it away, or put all of the value in quotes",
        ),
        (
            ["runcmd:", "- !Join [a, b]"],
            "yaml-tag: line 3 of the result: YAML has no tag '!Join', and cloud-init throws the whole document away "
            "for it; take it away, or put all of the value in quotes",
        ),
        (
            ["hostname: !!int www"],
            "yaml-value: line 2 of the result: 'www' looks like a number and is none, and cloud-init throws the whole "
            "document away for it; put it in quotes, or correct it",
        ),
        (
            ["users:", "- name: ops", "  expiredate: 2024-02-30"],
            "yaml-value: line 4 of the result: '2024-02-30' looks like a date and is none, and cloud-init throws the "
            "whole document away for it; put it in quotes, or correct it",
        ),
        (
            ["hostname: {{ name }}"],
            "yaml-value: line 2 of the result: a key of a mapping is a mapping or a list, as {{ name }} is to "
            "YAML, and cloud-init throws the whole document away for it; put it in quotes",
        ),
        (
            ["packages: [=]"],
            "yaml-value: line 2 of the result: '=' alone is no text to YAML, and cloud-init throws "
            "the whole document away for it; put it in quotes",
        ),
        (
            ["packages: [<<]"],
            "yaml-value: line 2 of the result: '<<' alone is no text to YAML, and cloud-init "
            "throws the whole document away for it; put it in quotes",
        ),
        (
            ["<<: hostname"],
            "yaml-value: line 2 of the result: '<<' takes a mapping or a list of mappings, and this is none, and "
            "cloud-init throws the whole document away for it; name an anchor of a mapping",
        ),
        (
            ["packages: !!map [nginx]"],
            "yaml-tag: line 2 of the result: the tag 'map' does not fit what it stands before, and cloud-init throws "
            "the whole document away for it; take the tag away",
        ),
    ],
)  # fmt: skip
def test_what_the_guest_throws_away_is_an_error(lines: list[str], sentence: str) -> None:
    assert guests(config(*lines))[0] is False
    assert said(config(*lines)) == [f"error {sentence}"]


@pytest.mark.parametrize(
    "lines",
    [
        ["final_message: |", "  a\tb", "  \tc", "# a\tnote", "runcmd: ['a\tb', \"c\td\"]", "hostname: www # \t"],
        ["write_files:", "- path: /a", "  content: |", "    if ! x", "    \t[ ! -e x ]", "    echo a!"],
        ["packages: [nginx]  ", "final_message: !!str 5"],
    ],
)
def test_what_the_guest_takes_is_none(lines: list[str]) -> None:
    assert guests(config(*lines))[0] is True
    assert said(config(*lines)) == []


ENDS = (
    "ends the line for cloud-init, which takes what is behind it for a line of its own, and hardly an editor shows "
    "that; remove it, or write it as an escape in double quotes"
)


@pytest.mark.parametrize(("sign", "code"), [("\u2028", "2028"), ("\u2029", "2029"), ("\x85", "0085"), ("\r", "000D")])
def test_what_ends_a_line_on_the_guest_hides_no_key(sign: str, code: str) -> None:
    text = config("hostname: www", f"# note{sign}disk_setup: {{/dev/vdb: {{overwrite: true}}}}", "packages: {a: b}")
    found = findings(document(text), existing_volumes=True)
    assert found[0].message == f"character U+{code} behind '# note' {ENDS}"
    # Lines are those that an editor counts.
    assert [(one.id, one.line) for one in found if one.severity == "error"][:2] == [
        ("yaml-line-end", 3),
        ("formats-volume", 3),
    ]


def test_what_is_merged_into_a_mapping_is_seen() -> None:
    text = config("<<: {disk_setup: {/dev/vdb: {table_type: gpt}}}", "hostname: www")
    found = findings(document(text), existing_volumes=True)
    assert [(one.id, one.line) for one in found if one.id == "formats-volume"] == [("formats-volume", 2)]


def test_what_is_merged_is_not_there_twice() -> None:
    text = config("runcmd:", "- &a {a: b}", "- {<<: *a, a: c}")
    assert [one for one in said(text) if "duplicate" in one] == []


def entries_of(text: str) -> Any:
    return tree.entries(tree.parse(text))


def test_a_reading_does_not_change_what_the_next_one_gets() -> None:
    """Sections are shared between documents, and merges are worked in by PyYAML."""
    text = config("<<: {hostname: a}", "hostname: b")
    first = said(text)
    assert said(text + "# other\n") == first
    assert list(entries_of(text)) == ["<<", "hostname"]
