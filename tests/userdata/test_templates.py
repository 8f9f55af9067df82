"""Templates: what would print as Python writes it, go round in a circle, or lead out of their folder is a sentence."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from ivc.userdata import UserData
from ivc.userdata.template import TemplateError

# A kind of document whose text is not looked into.
HEADER = "#part-handler\n"


def render(folder: Path, text: str, **variables: Any) -> str:
    (folder / "t").write_text(HEADER + text)
    return UserData.template("t", **variables).render(folder=folder, instance=None).readable.removeprefix(HEADER)


def refused(folder: Path, text: str, **variables: Any) -> str:
    with pytest.raises(ValueError, match=r"\S") as raised:
        render(folder, text, **variables)
    return str(raised.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("text", ["{{ [nope] }}", "{{ {'a': [nope]} }}", "{{ [nope] | string }}", "{{ 'a' ~ [nope] }}"])
def test_what_is_undefined_is_so_in_a_list_too(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text) == (
        "t, line 2: 'nope' is undefined: give it in the declaration, or correct its name"
    )


@pytest.mark.parametrize("text", ["{{ x }}", "{{ none }}", "{{ [x] }}", "{{ {'a': x} }}", "{{ y.z }}"])
def test_none_is_no_text(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, f"\n{text}", x=None, y={"z": None}) == (
        "t, line 3: the value is None, and the guest would read the word None: give it in the declaration, or write "
        "what is to stand there instead, as in {{ value or '' }}"
    )


def test_none_may_be_asked_for(tmp_path: Path) -> None:
    text = "{{ x or 'a' }} {{ x | to_yaml }} {{ x is none }} {{ x | default('b', true) }}{% set y = none %}"
    assert render(tmp_path, text, x=None) == "a null True b"


@pytest.mark.parametrize("text", ["{{ x }}", "{{ [x] }}"])
def test_bytes_are_no_text(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text, x=b"a") == (
        "t, line 2: the value is bytes, and the guest would read b'a': give text, as in value.decode(), or for what is "
        "none {{ value | to_yaml }}"
    )


@pytest.mark.parametrize(
    "text",
    ["{% include 't' %}", "{% extends 't' %}", "{% import 't' as t %}", "{% include 'u' %}",
     "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"],
)  # fmt: skip
def test_what_goes_round_in_a_circle_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "u").write_text("\n{% include 't' %}\n")
    said = refused(tmp_path, text)
    assert said.partition(",")[0] in ("t", "u")
    assert said.endswith(
        ", line 2: templates or macros go round in a circle here, each asking for the next; take one of them out"
    )


def test_what_is_nested_without_end_is_one_sentence(tmp_path: Path) -> None:
    assert refused(tmp_path, "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}") == (
        "t: brackets are nested too deeply; take some out"
    )


def test_an_error_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "u").write_text("\n\n{{ nope }}\n")
    with pytest.raises(TemplateError) as raised:
        render(tmp_path, "{% include 'u' %}")
    assert (raised.value.file, raised.value.line) == (tmp_path / "u", 3)
    assert raised.value.said.startswith("'nope' is undefined")


def test_an_error_in_a_template_of_the_library_is_at_the_line_that_asks_for_it(tmp_path: Path) -> None:
    text = '{% import "ivc/objects.jinja" as o %}\n{{ o.fetch(app, "/opt/app") }}'
    why = "'str object' has no attribute 'url': give it in the declaration, or correct its name"
    assert refused(tmp_path, text, app="app") == f"t, line 3: {why} (in ivc/objects.jinja, line 9)"
    (tmp_path / "u").write_text(f"{{% macro f(app) %}}{text}{{% endmacro %}}")
    assert refused(tmp_path, '{% import "u" as u %}{{ u.f("app") }}') == (
        f"u, line 2: {why} (in ivc/objects.jinja, line 9; for t, line 2)"
    )


@pytest.mark.parametrize(
    ("text", "other", "said"),
    [
        ("{% include 'u' %}", "\n{{ nope }}", "u, line 2: 'nope' is undefined: give it in the declaration, or correct "
         "its name (for t, line 2)"),
        ("\n{% include 'u' %}", "{{ }", "u, line 1: unexpected '}' (for t, line 3)"),
        ("{% include 'u' %}", "\x1f", "u, line 1: a control character (0x1d to 0x1f) has no place in user data; remove "
         "it (for t, line 2)"),
        ("{% include 'u' %}", b"\n\xff", "u, line 2: it is not UTF-8; save it as that (for t, line 2)"),
        ("{% extends 'u' %}{% block b %}\n{{ nope }}{% endblock %}", "{% block b %}{% endblock %}", "t, line 3: 'nope' "
         "is undefined: give it in the declaration, or correct its name"),
    ],
)  # fmt: skip
def test_an_error_in_another_template_names_the_line_that_led_there(
    tmp_path: Path, text: str, other: str | bytes, said: str
) -> None:
    (tmp_path / "u").write_bytes(other.encode() if isinstance(other, str) else other)
    assert refused(tmp_path, text) == said


def test_a_template_that_is_not_there_is_missed_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "u").write_text("{% include 'gone' %}")
    assert refused(tmp_path, "{% include 'u' %}").startswith("gone, which u asks for, is not among the templates in ")


def test_of_many_templates_the_nearest_are_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for number in range(3_000):
        (tmp_path / f"f{number}.yaml").touch()
    (tmp_path / "deep" / "base.yaml").touch()
    start = time.process_time()
    missing = [refused(tmp_path, f"{{% include {name!r} %}}") for name in ("base.yaml", "f29999.yaml", "z")]
    assert time.process_time() - start < 3
    where = f"which t asks for, is not among the templates in {tmp_path}"
    assert missing == [
        f"base.yaml, {where}; was deep/base.yaml meant?",
        f"f29999.yaml, {where}; was f2999.yaml or f999.yaml or f299.yaml meant?",
        f"z, {where}; there is, for one, deep/base.yaml",
    ]


@pytest.mark.parametrize("path", ["out", "sub/secret"])
def test_no_link_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "userdata"
    folder.mkdir()
    (tmp_path / "secret").write_text("s3cret")
    (folder / "out").symlink_to("../secret")
    (folder / "sub").symlink_to("..")
    said = refused(folder, f"\n{{% include {path!r} %}}")
    assert said == f"t, line 3: {path} is a link that leads out of the folder of templates; put the file itself there"
    with pytest.raises(ValueError, match="is a link that leads out of the folder of templates"):
        UserData.template(path).render(folder=folder, instance=None)
    unread = f"{{% if x %}}{{% include {path!r} %}}{{% endif %}}"
    assert render(folder, unread, x=0) == ""


def test_a_link_within_the_folder_is_followed_and_the_folder_may_be_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "userdata").symlink_to("real")
    (tmp_path / "real" / "a").write_text("{{ x }}")
    (tmp_path / "real" / "b").symlink_to("a")
    assert render(tmp_path / "userdata", "{% include 'b' %}", x=1) == "1"


def test_the_folder_of_templates_before_a_name_is_to_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("#cloud-config\n")
    with pytest.raises(ValueError, match=r"^.*/t is looked for in .*: leave '.*/' out$"):
        UserData.template(f"{tmp_path.name}/t").render(folder=tmp_path, instance=None)
