"""A value is data: it adds no key, ends no string, begins no comment."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivc.userdata import AtApply
from ivc.userdata.template import render

PLACES = {
    "plain": "hostname: {{ x }}\n",
    "single": "hostname: '{{ x }}'\n",
    "double": 'hostname: "{{ x }}"\n',
    "list": "packages: [a, {{ x }}, b]\n",
    "block": "write_files:\n  - path: /a\n    content: |\n      before\n      {{ x }}\n      after\n",
    "indented": "write_files:\n  - path: /a\n    content: |\n      {{ x | indent(6) }}\n      after\n",
    "key": "{{ x }}: 1\n",
    "joined": "hostname: {{ ['a', x] | join(' ') }}\n",
    "upper": "hostname: {{ x | upper }}\n",
    "macro": "{% macro m(y) %}hostname: {{ y }}{% endmacro %}{{ m(x) }}\n",
    "set": "{% set y %}hostname: {{ x }}{% endset %}{{ y }}\n",
    "printed": "packages: {{ [x] }}\n",
    "comment": "# for {{ x }}\n",
}


def document(folder: Path, text: str, /, **variables: object) -> str:
    (folder / "t").write_text(f"#cloud-config\nfirst: 1\n{text}last: 2\n")
    return render("t", variables, folder=folder).readable


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text("ab:#\n -'\"{}[],&*!|>%@`?\\\t\r", max_size=12))
@example(value="x\nruncmd: [evil]")
@example(value="x\n      runcmd: [evil]\n")
@example(value="'\nruncmd: [evil]\n'")
@example(value="evil: 1")
@example(value="!:\r")
@example(value="&a b\nc")
def test_no_value_adds_a_key_or_is_read_as_another(tmp_path: Path, place: str, value: str) -> None:
    try:
        text = document(tmp_path, PLACES[place], x=value)
    except ValueError:
        return
    found = yaml.safe_load(text)
    plain = yaml.safe_load(document(tmp_path, PLACES[place], x="word"))
    assert len(found) == len(plain)
    assert place == "key" or list(found) == list(plain)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("plain", "shop # the old one", "is read as 'shop'"),
        ("plain", "a: b", "changes what the document is made of|breaks the YAML"),
        ("double", 'C:\\new "x"', "breaks the YAML"),
        ("double", "C:\\new", r"is read as 'C:\\new'"),
        ("list", "a, b", "is read as 'a'"),
        ("list", "[a]", "changes what the document is made of"),
        ("plain", "x\nruncmd: [evil]", "changes what the document is made of"),
        ("comment", "x\nruncmd: [evil]", "changes what the document is made of"),
        ("plain", "&anchor x", "changes what the document is made of"),
        ("plain", "!!int 5", "changes what the document is made of"),
    ],
)
def test_what_a_value_would_change_is_said(tmp_path: Path, place: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        document(tmp_path, PLACES[place], x=value)
    assert "value | to_yaml" in str(raised.value)
    assert str(raised.value).startswith(f"{tmp_path}/t: ")


@pytest.mark.parametrize("value", ["shop # x", "a: b", "x\ny", "'", ""])
def test_an_encoded_value_may_hold_anything(tmp_path: Path, value: str) -> None:
    text = document(tmp_path, "hostname: {{ x | to_yaml }}\nruncmd: [{{ [x] | to_json }}]\n", x=value)
    assert yaml.safe_load(text) == {"first": 1, "hostname": value, "runcmd": [[value]], "last": 2}


def test_structure_of_the_template_and_its_macros_is_the_templates(tmp_path: Path) -> None:
    text = (
        "{% macro m(y) %}a: {{ y }}\nb: [1]{% endmacro %}{{ m('p q') }}\nc:\n  {{ m(x) | indent(2) }}\n"
        "{% set part %}d: 1\ne: {{ x }}{% endset %}{{ part }}\nf: {{ ['s # t'] }}\ng: {{ 'it: ' ~ 'z' | verbatim }}\n"
    ).replace("'it: ' ~ 'z' | verbatim", "yaml | verbatim")
    found = yaml.safe_load(document(tmp_path, text, x="v w", yaml="{h: [1]}"))
    assert found == {
        "first": 1,
        "a": "p q",
        "b": [1],
        "c": {"a": "v w", "b": [1]},
        "d": 1,
        "e": "v w",
        "f": ["s # t"],
        "g": {"h": [1]},
        "last": 2,
    }


def test_a_value_known_only_at_apply_is_a_word(tmp_path: Path) -> None:
    value = AtApply("x.y", "address: of # it", 39)
    assert "a: <address: of # it> b c\n" in document(tmp_path, "a: {{ x }} {{ y }}\n", x=value, y="b c")


def test_a_script_may_be_given_any_value(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("#!/bin/sh\necho {{ x }} {{ x | quote }}\n")
    assert render("t", {"x": "a: 'b'\n"}, folder=tmp_path).readable == (
        "#!/bin/sh\necho a: 'b'\n 'a: '\"'\"'b'\"'\"'\n'\n"
    )
