"""Filters: a value encoded for YAML, JSON or the shell, and back the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ivc.userdata import AtApply
from ivc.userdata.filters import quote, to_json, to_yaml
from ivc.userdata.template import render

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab: #'-é\\", max_size=20), inner),
    max_leaves=8,
)


@given(DATA)
@example("a, b")
@example("0[")
@example("https://a/?b")
def test_any_value_comes_back_from_yaml_wherever_it_stands(value: object) -> None:
    text = to_yaml(value)
    assert "\n" not in text
    assert yaml.safe_load(f"a:\n  - b: {text}\n    c: [{text}]\n") == {"a": [{"b": value, "c": [value]}]}


@given(DATA)
def test_any_value_comes_back_from_json(value: object) -> None:
    assert json.loads(to_json(value)) == value


@given(TEXT)
def test_any_text_is_one_word_of_a_shell(value: str) -> None:
    assert shlex.split(quote(value)) == [value]


def test_a_value_that_yaml_or_json_has_no_form_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("#cloud-config\na: {{ x | to_yaml }}\n")
    with pytest.raises(ValueError, match=r"t, line 2: to_yaml: <object .* is nothing that YAML has a form for"):
        render("t", {"x": object()}, folder=tmp_path)
    (tmp_path / "t").write_text("#cloud-config\na: {{ x | to_json }}\n")
    with pytest.raises(ValueError, match=r"t, line 2: to_json: nan is nothing that JSON has a form for"):
        render("t", {"x": float("nan")}, folder=tmp_path)


@pytest.mark.parametrize("filter_", ["to_yaml", "to_json", "quote", "upper", "verbatim"])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value], lambda value: {"k": [value]}])
def test_a_value_known_only_at_apply_is_not_encoded(tmp_path: Path, filter_: str, wrap: object) -> None:
    (tmp_path / "t").write_text(f"#cloud-config\na: {{{{ x | {filter_} }}}}\n")
    value = wrap(AtApply("x.y", "an address", 39))  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"known only at apply"):
        render("t", {"x": value}, folder=tmp_path)
