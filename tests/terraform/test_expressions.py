"""What expressions come to: held against Terraform itself, and by hand where only the unknown matters."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc.terraform.document import Document
from ivc.terraform.evaluation import unknowns
from ivc.terraform.value import Reference, Unknown
from tests.program import terraform

VARIABLES: dict[str, Any] = {
    "s": "web",
    "n": 3,
    "b": True,
    "l": ["a", "b", "c"],
    "m": {"k": "v", "x": "y"},
    "o": [{"name": "one", "ports": [80, 443]}, {"name": "two", "ports": []}],
}

_atoms = st.sampled_from(
    [
        "1", "0", "2.5", "-3", "true", "false", "null", '"a"', '""', '"x-${var.n}"', '"\\"q\\" \\u00e9 $${x}"',
        '"10.0.0.0/16"',
        "var.s", "var.n", "var.b", "var.l", "var.m", "var.o", "local.twice", "local.map",
        "var.l[0]", 'var.m["k"]', "var.m.x", "var.o[*].name", "var.o[*].ports[0]", "var.o.0.name", "[]", "{}",
    ]
)  # fmt: skip
_UNARY = (
    "-({})", "!({})", "length({})", "upper({})", "lower({})", "tostring({})", "tonumber({})", "tobool({})", "toset({})",
    "tolist({})", "keys({})", "values({})", "distinct({})", "flatten({})", "sort({})", "reverse({})", "one({})",
    "compact({})", "trimspace({})", "max({}, 2)", "min({}, 2)", "({})[0]", "({}).k", "({})[*]", "jsondecode({})",
    "[for x in {} : x]", "[for k, v in {} : k]", "{{for k, v in {} : k => v}}", '[for x in {} : x if x != "a"]',
    '"<${{{}}}>"', "base64encode({})", "cidrhost({}, 5)", "cidrsubnet({}, 8, 2)", "range({})", "floor({})", "ceil({})",
)  # fmt: skip
_BINARY = (
    "({}) + ({})", "({}) - ({})", "({}) * ({})", "({}) == ({})", "({}) != ({})", "({}) < ({})", "({}) >= ({})",
    "({}) && ({})", "({}) || ({})", "true ? {} : {}", "false ? {} : {}", "[{}, {}]", '{{ a = {}, "b" = {} }}',
    "join({}, {})", "concat({}, {})", "merge({}, {})", "contains({}, {})", "element({}, {})", "lookup({}, {})",
    "split({}, {})", "setunion({}, {})", "zipmap({}, {})", "coalesce({}, {})", "try({}, {})", 'replace({}, "a", {})',
    "setproduct({}, {})", 'format("%s-%s", {}, {})', "slice({}, 0, {})", "concat([{}, {}]...)",
)  # fmt: skip
_expressions = st.recursive(
    _atoms,
    lambda below: st.one_of(
        st.tuples(st.sampled_from(_UNARY), below).map(lambda made: made[0].format(made[1])),
        st.tuples(st.sampled_from(_BINARY), below, below).map(lambda made: made[0].format(*made[1:])),
    ),
    max_leaves=6,
)


def evaluated(expression: str, **more: Any) -> Any:
    """What an expression comes to here."""
    document: dict[str, Any] = {
        "variable": {name: {"default": value} for name, value in VARIABLES.items()} | {"unset": {}},
        "locals": {"twice": "${var.n * 2}", "map": "${{ for k, v in var.m : v => k }}"},
        "resource": {"terraform_data": {"it": {"input": expression}}, **more},
    }
    return Document.of("s", document).elements["terraform_data.it"].given["input"]


def alike(value: Any) -> Any:
    """A value with numbers and truths as the texts that Terraform converts them to wherever a text is wanted."""
    if isinstance(value, dict):
        return {key: alike(each) for key, each in value.items()}
    if isinstance(value, list):
        return [alike(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else f"{value:g}" if isinstance(value, int | float) else value


@pytest.mark.terraform
def test_what_is_known_here_is_what_terraform_says(tmp_path: Path) -> None:
    """Over the same expressions each time; `make test-long` seeks others."""
    _held_to_terraform(tmp_path, settings(max_examples=1500, derandomize=True, suppress_health_check=list(HealthCheck)))


@pytest.mark.long
@pytest.mark.terraform
@pytest.mark.parametrize("number", range(10))
def test_what_is_known_here_is_what_terraform_says_of_any(tmp_path: Path, number: int) -> None:
    _held_to_terraform(tmp_path, settings(max_examples=3000, suppress_health_check=list(HealthCheck)))


def _held_to_terraform(folder: Path, how: settings) -> None:
    expressions: list[str] = []

    @how
    @given(_expressions)
    def collect(expression: str) -> None:
        expressions.append(expression)

    collect()
    ours = {text: found for text in expressions if not unknowns(found := evaluated(f"${{{text}}}"))}
    (folder / "main.tf.json").write_text(
        json.dumps(
            {
                "variable": {name: {"default": value, "type": "any"} for name, value in VARIABLES.items()},
                "locals": {"twice": "${var.n * 2}", "map": "${{ for k, v in var.m : v => k }}"},
            }
        )
    )
    # The console prints what its last line comes to.
    whole = ", ".join(f'try(jsonencode({text}), "!")' for text in ours)
    done = subprocess.run(
        [terraform().path, "console"],
        input=f"jsonencode([{whole}])\n",
        cwd=folder,
        env=os.environ | {"CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(json.loads(done.stdout))
    # Terraform writes some zeros with a sign.
    known = {
        text: json.loads(value) for text, value in zip(ours, said, strict=True) if value != "!" and "-0" not in value
    }
    assert len(known) > 150
    different = {text: (value, ours[text]) for text, value in known.items() if alike(value) != alike(ours[text])}
    assert not different, f"Terraform's, and ours: {list(different.items())[:8]}"


@pytest.mark.parametrize(
    ("said", "depends_on"),
    [
        ("${var.unset}", ["var.unset"]),
        ("a-${var.unset}", ["var.unset"]),
        ("${upper(var.unset)}", ["var.unset"]),
        ("${var.unset ? 1 : 2}", ["var.unset"]),
        ("${[for x in var.unset : x]}", ["var.unset"]),
        ("${var.m[var.unset]}", ["var.unset"]),
        ("${module.shop.ip}", ["module.shop"]),
        ("${some_thing.a.id}", ["some_thing.a.id"]),
        ("${data.some_thing.a.ids[0]}", ["data.some_thing.a.ids"]),
        ("%{ if var.unset }x%{ endif }", ["var.unset"]),
        ("${nobodys_function(some_thing.a.id, var.unset)}", ["some_thing.a.id", "var.unset"]),
        ("${file(\"../secret\")}", ["file ../secret"]),
        ("${<<EOT\nx ${var.unset}\nEOT\n}", ["var.unset"]),
    ],
)  # fmt: skip
def test_the_unknown_says_what_it_depends_on(said: str, depends_on: list[str]) -> None:
    found = evaluated(said)
    assert isinstance(found, Unknown)
    assert [str(each) for each in found.depends_on if str(each) != "module.shop"] == [
        each for each in depends_on if each != "module.shop"
    ]
    assert str(found) == said


@pytest.mark.parametrize(
    "said",
    ["${upper(var.s)}-${some_thing.a.id}", "${nobodys(var.s)}", "%{ if var.s }x%{ endif }", "${min(var.s, x_y.a.id)}"],
)  # fmt: skip
def test_an_unknown_is_another_where_what_it_is_made_of_is_another(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = evaluated(said)
    monkeypatch.setitem(VARIABLES, "s", "db")
    assert evaluated(said) != before


def test_references_with_a_key_an_index_or_a_splat_lead_to_each_of_several() -> None:
    several = {
        "some_thing": {
            "a": {"count": 2, "name": "a${count.index}"},
            "b": {"for_each": {"x": "1", "y": "2"}, "name": "${each.key}${each.value}"},
            "c": {"for_each": "${var.unset}", "name": "${each.key}"},
        }
    }

    def target(said: str) -> str:
        found = evaluated(said, **several)
        assert isinstance(found, Unknown)
        return str(found.target)

    assert target("${some_thing.a[1].id}") == "some_thing.a[1].id"
    assert target("${some_thing.a[var.n - 3].id}") == "some_thing.a[0].id"
    assert target('${some_thing.b["x"].id}') == 'some_thing.b["x"].id'
    assert target("${one(some_thing.a[0][*].id)}") == "some_thing.a[0].id"
    assert evaluated("${some_thing.a[*].name}", **several) == ["a0", "a1"]
    assert [str(each.target) for each in evaluated("${some_thing.a[*].id}", **several)] == [
        "some_thing.a[0].id",
        "some_thing.a[1].id",
    ]
    assert evaluated('${some_thing.b["y"].name}', **several) == "y2"
    # There is none of that key, so that nobody can say what it is.
    assert evaluated("${some_thing.a[5].id}", **several).target is None
    assert evaluated('${some_thing.c["y"].name}', **several).depends_on == (Reference("some_thing.c"),)


def test_how_many_there_are_may_follow_from_another_resource() -> None:
    several = {
        "some_thing": {
            "a": {"count": "${length(some_thing.z.tags)}", "name": "a${count.index}"},
            "b": {"for_each": "${toset(some_thing.z.tags)}", "name": "${each.key}"},
            "c": {"count": "${length(some_thing.c)}", "name": "c"},
            "z": {"tags": ["x", "y"]},
        }
    }
    assert evaluated("${some_thing.a[*].name}", **several) == ["a0", "a1"]
    assert evaluated('${some_thing.b["y"].name}', **several) == "y"
    assert isinstance(evaluated("${some_thing.c[0].name}", **several), Unknown)


def test_a_reference_in_a_circle_ends() -> None:
    found = Document.of(
        "s", {"locals": {"a": "${local.b}", "b": "${local.a}"}, "resource": {"x_y": {"z": {"k": "${local.a}"}}}}
    )
    assert isinstance(found.elements["x_y.z"].given["k"], Unknown)


def test_what_is_nested_too_deeply_is_unknown() -> None:
    assert isinstance(evaluated("${" + "(" * 5000 + "1" + ")" * 5000 + "}"), Unknown)
    chain = {f"a{n}": f"${{local.a{n + 1}}}" for n in range(5000)} | {"a5000": "end"}
    document = {"locals": chain, "resource": {"x_y": {"z": {"k": "${local.a0}", "short": "${local.a4990}"}}}}
    given = Document.of("s", document).elements["x_y.z"].given
    assert isinstance(given["k"], Unknown)
    assert given["short"] == "end"


@pytest.mark.parametrize("said", ["${range(1000000000)}", "${setproduct(range(200), range(200))}", "${local.long40}"])
def test_what_would_be_endless_is_unknown(said: str) -> None:
    doubled = {f"long{n + 1}": f"${{local.long{n}}}${{local.long{n}}}" for n in range(40)} | {"long0": "long"}
    document = {"locals": doubled, "resource": {"x_y": {"z": {"k": said}}}}
    assert isinstance(Document.of("s", document).elements["x_y.z"].given["k"], Unknown)


def test_of_too_many_of_one_block_one_stands_for_all() -> None:
    document = Document.of("s", {"resource": {"x_y": {"z": {"count": 1_000_000_000, "k": "${count.index}"}}}})
    assert [*document.elements] == ["x_y.z"]
    assert document.elements["x_y.z"].many is not None
