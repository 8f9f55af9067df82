"""A shell's `${#name}` in a template: Jinja would take its `{#` for the beginning of a comment."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.userdata.template import render
from tests.userdata.test_checks import said

EATEN = (
    "'${#' is the length of a variable to a shell, and to Jinja the beginning of a comment, up to whose end all would "
    "be lost; write {{ '${#' }}name}, or put the text between {% raw %} and {% endraw %}"
)


def test_cloud_inits_own_jinja_on_the_guest_would_take_it_too() -> None:
    text = "## template: jinja\n#!/bin/bash\nn=${#a[@]} # {{ v1.region }}\nb=${c#}\n"
    assert said(text) == [f"error jinja-comment: line 3 of the result: {EATEN}"]
    assert said(text.replace("${#", "{{ '${#' }}")) == []


def made_of(folder: Path, text: str) -> str:
    (folder / "t.jinja").write_text(text)
    return render("t.jinja", {}, folder=folder).readable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("#!/bin/bash\nn=${#a[@]}; echo hello\nb=${c#}\n", 2),
        ("#!/bin/sh\n[ $# -gt 0 ]\n[ ${#} -gt 0 ]\n", 3),
        ("{# a note: ${#a} #}\n{% raw %}\n${#a}\n{% endraw %}\n${#b}\n", 5),
    ],
)
def test_it_is_refused_with_its_line_and_the_way_to_write_it(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole message is looked at
        made_of(tmp_path, text)
    assert str(raised.value) == f"{tmp_path / 't.jinja'}, line {line}: {EATEN}"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("n={{ '${#' }}a[@]}\n", "n=${#a[@]}\n"),
        ("{% raw %}n=${#a[@]}{% endraw %}\n", "n=${#a[@]}\n"),
        ("{#- n=${#a[@]} -#}\nls\n", "ls\n"),
        ("n=${a#b} ${a##*/}\n", "n=${a#b} ${a##*/}\n"),
    ],
)
def test_what_is_meant_is_taken(tmp_path: Path, text: str, result: str) -> None:
    assert made_of(tmp_path, text) == result
