"""A variable that no template reads is a mistake in its name, or left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.userdata import FileTree, UserData
from tests.helpers import backend, new_stack, server, template

HEAD = "#cloud-config\n"
BASE = HEAD + "{% block b %}{% endblock %}"
MACRO = "{% macro host() %}hostname: {{ colour }}\n{% endmacro %}"
SAID = "the variable colour is given and no template reads it: take it out of the declaration, or write {{ colour }} "


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def unread(folder: Path, user_data: UserData) -> list[str]:
    return [one for one in user_data.render(folder=folder, instance={"name": "a"}).warnings if "no template" in one]


@pytest.mark.parametrize(
    "files",
    [
        {"t": HEAD + "hostname: a\n"},
        {"t": HEAD + "{% set colour = 'red' %}hostname: {{ colour }}\n"},
        {"t": "{% extends 'base' %}{% block b %}hostname: a\n{% endblock %}", "base": BASE},
        {"t": HEAD + "hostname: a # colour\n", "unused": "{{ colour }}"},
    ],
    ids=["nowhere", "set anew", "not in the parent either", "in a template that nobody asks for"],
)  # fmt: skip
def test_it_is_said(tmp_path: Path, files: dict[str, str]) -> None:
    put(tmp_path, files)
    assert unread(tmp_path, UserData.template("t", colour="red")) == [SAID + "where it is to stand"]


@pytest.mark.parametrize(
    "files",
    [
        {"t": HEAD + "hostname: {{ colour }}\n"},
        {"t": HEAD + "{% if instance.name == 'b' %}hostname: {{ colour }}{% endif %}\n"},
        {"t": "{% extends 'base' %}", "base": HEAD + "{% include 'part' %}", "part": "hostname: {{ colour }}\n"},
        {"t": HEAD + "{% if instance.name == 'b' %}{% include 'part' %}{% endif %}", "part": "a: {{ colour }}\n"},
        {"t": HEAD + "{% from 'm' import host with context %}{{ host() }}", "m": MACRO},
        {"t": HEAD + "{% set name = 'part' %}{% include name %}", "part": "hostname: {{ colour }}\n"},
        {"t": HEAD + "{% include 'not-there' ignore missing %}hostname: {{ colour }}\n"},
    ],
    ids=["printed", "other branch", "the parent's part", "a part not taken", "a macro", "dynamic", "missing"],
)  # fmt: skip
def test_where_any_template_reads_it_nothing_is_said(tmp_path: Path, files: dict[str, str]) -> None:
    put(tmp_path, files)
    assert unread(tmp_path, UserData.template("t", colour="red")) == []


def test_files_read_variables_too(tmp_path: Path) -> None:
    put(tmp_path, {"t": HEAD, "www/etc/a.jinja": "{{ colour }}", "www/etc/b": "{{ size }}"})
    user_data = UserData.template("t", files=[FileTree("www")], colour="red", size=1)
    assert unread(tmp_path, user_data) == [SAID.replace("colour", "size") + "where it is to stand"]


def test_each_part_has_its_own(tmp_path: Path) -> None:
    put(tmp_path, {"t": HEAD + "hostname: {{ colour }}\n", "s": "#!/bin/sh\necho a\n"})
    parts = [UserData.template("t", colour="red"), UserData.template("s", colour="red")]
    assert unread(tmp_path, UserData.multipart(parts)) == [SAID + "where it is to stand"]


def test_it_can_be_accepted(tmp_path: Path) -> None:
    put(tmp_path, {"t": HEAD})
    user_data = UserData.template("t", colour="red", size=1).waive("unread-variable:colour", reason="soon")
    assert unread(tmp_path, user_data) == [SAID.replace("colour", "size") + "where it is to stand"]


def test_it_is_said_once_for_all_servers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = new_stack(tmp_path)
    network = backend(stack)
    for name in ("www-1", "www-2", "www-3"):
        server(stack, name, network, user_data=template(stack, HEAD, colour="red"))
    stack.app.synth()
    said = [line for line in capsys.readouterr().err.splitlines() if "colour" in line]
    assert [line.partition(": the variable")[0] for line in said] == ["warning: shop/www-1 and 2 more: user_data"]
