"""Tests of the tests: what makes one that cannot fail, and whether the recipes of tests/README.md are true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ivc import OpenStackStack

HERE = Path(__file__).parent
MODULES = sorted(HERE.rglob("test_*.py"))
RECIPES = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _is_drawn(node):
            yield node


def _constants(tree: ast.Module) -> set[str]:
    """The names that the module gives once and for all, at its top, to something that has elements as one can see."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and _has_elements(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _has_elements(node: ast.expr, constants: set[str]) -> bool:
    """Whether a loop over it runs for certain, as one can see."""
    match node:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return any(not isinstance(one, ast.Starred) for one in elements)
        case ast.Dict(keys=keys):
            return any(keys)
        case ast.Name(id=name):
            return name in constants
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(last))]):
            return last > 0
        case (
            ast.Call(func=ast.Name(id="enumerate" | "sorted" | "reversed" | "set" | "list"), args=[inner, *_])
            | ast.Call(func=ast.Attribute(value=inner, attr="items" | "values" | "keys"), args=[])
        ):
            return _has_elements(inner, constants)
    return False


def _checks(node: ast.AST) -> bool:
    """Whether it is an assertion, or a call that fails the test by itself."""
    match node:
        case ast.Assert():
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in ("raises", "warns", "fail") or name.startswith("assert_")
        case ast.Call(func=ast.Name(id=name)):
            return name.lstrip("_").startswith("check")
    return False


def _outside_and_inside(node: ast.AST, constants: set[str], *, inside: bool = False) -> Iterator[bool]:
    """For each check below: whether it stands in a loop of which one cannot see that it runs."""
    for child in ast.iter_child_nodes(node):
        if _checks(child):
            yield inside
        loop = isinstance(child, ast.For) and not _has_elements(child.iter, constants)
        yield from _outside_and_inside(child, constants, inside=inside or loop)


def _is_drawn(test: ast.FunctionDef) -> bool:
    """Whether Hypothesis calls it, with examples of which one or the other may well be empty."""
    return any(isinstance(one, ast.Call) and ast.unparse(one.func) == "given" for one in test.decorator_list)


def _blind(source: str) -> list[str]:
    """The tests whose every check stands in a loop that may not run at all."""
    tree = ast.parse(source)
    constants = _constants(tree)
    found = []
    for test in _tests(tree):
        checks = list(_outside_and_inside(test, constants))
        if checks and all(checks):
            found.append(test.name)
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(HERE).as_posix())
def test_a_test_that_asserts_in_a_loop_alone_asserts_that_the_loop_ran(module: Path) -> None:
    assert _blind(module.read_text()) == [], "assert before the loop that there is something to go through"


@cache
def _defined(module: Path) -> set[str]:
    """The functions and classes at the top of a module, but for its tests and what is its own alone."""
    nodes = ast.parse(module.read_text()).body
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return {name for name in names if not name.lower().startswith(("test", "_"))}


@pytest.mark.parametrize("module", sorted(HERE.rglob("*.py")), ids=lambda module: module.relative_to(HERE).as_posix())
def test_a_name_of_the_shared_helpers_means_one_thing(module: Path) -> None:
    shared = HERE / "helpers.py"
    assert _defined(shared) >= {"server", "synth", "rendered"}
    if module != shared:
        assert _defined(module) & _defined(shared) == set(), f"give it another name, or use the one of {shared.name}"


@pytest.mark.parametrize(
    ("body", "is_blind"),
    [
        ("for one in found:\n        assert one", True),
        (
            "for one in found:\n        if one:\n            with pytest.raises(ValueError):\n                one()",
            True,
        ),
        ("for one in ():\n        assert one", True),
        ("for one in (*found,):\n        assert one", True),
        ("for one in range(count):\n        assert one", True),
        ("for key, value in found.items():\n        _check(key, value)", True),
        ("for one in found:\n        pass\n    assert one", False),
        ("assert found\n    for one in found:\n        assert one", False),
        ("for one in (1, 2):\n        assert one", False),
        ("for one in sorted(ALL):\n        assert one", False),
        ("for key, value in TABLE.items():\n        assert key", False),
        ("for one in range(3):\n        assert one", False),
        ("fine()", False),
    ],
)
def test_such_a_test_is_told_from_others(body: str, is_blind: bool) -> None:
    source = f"ALL = ('a', 'b')\nTABLE = {{'a': 1}}\ndef test_it(found, count):\n    {body}\n"
    assert _blind(source) == (["test_it"] if is_blind else [])


def test_a_drawn_example_may_be_empty() -> None:
    body = "def test_it(found):\n    for one in found:\n        assert one\n"
    assert _blind(f"@given(texts)\n{body}") == []
    assert _blind(f"@settings(deadline=None)\n{body}") == ["test_it"]


def _read(recipe: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(recipe, "tests/README.md", "exec", dont_inherit=True), names)  # noqa: S102
    return names


def test_the_recipe_of_a_fast_test_passes(shop: OpenStackStack) -> None:
    _read(RECIPES[0])["test_a_volume_is_attached_at_birth"](shop)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_recipes_import_what_is_there_and_check_something(recipe: str) -> None:
    assert any(name.startswith("test_") for name in _read(recipe))
    assert "assert " in recipe


def test_ids_of_cases_are_no_texts_of_their_values() -> None:
    """A set's text differs from run to run, and two processes that collect other ids run nothing."""
    found = [
        f"{module.relative_to(HERE)}:{node.value.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.keyword) and node.arg == "ids" and isinstance(node.value, ast.Name)
        if node.value.id in ("str", "repr")
    ]
    assert found == []
