"""A value that is said in another way is the same value; one that cannot be told is unknown, never another."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ivc.estate import Stack, stack_of
from ivc.estate.reach import Reach, beyond, of_nic
from ivc.policies import BUILT_IN, Facts
from ivc.terraform.document import Document
from ivc.terraform.evaluation import unknowns

Json = dict[str, Any]
# Of the last version that wrote user data into the JSON, and by hand.
WRITTEN = Path(__file__).parents[1] / "cloud" / "former" / "cdk.tf.json"
_META = ("lifecycle", "depends_on", "//", "provider", "count", "for_each")


@cache
def original() -> str:
    return WRITTEN.read_text()


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a value stands that an expression may say."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _META:
                yield from _places(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _places(each, (*path, number))
    elif value is not None:
        yield path


@cache
def places() -> list[tuple[str | int, ...]]:
    document = json.loads(original())
    return [path for section in ("resource", "data") for path in _places(document[section], (section,))]


def _with(path: tuple[str | int, ...], change: Callable[[Json, Any], Any]) -> Json:
    document: Json = json.loads(original())
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = change(document, holder[path[-1]])
    return document


def _variable(document: Json, value: Any) -> str:
    # A default holds no expression.
    if isinstance(value, str) and "${" in value.replace("$${", ""):
        return _local(document, value)
    document.setdefault("variable", {})["v"] = {"default": value}
    return "${var.v}"


def _local(document: Json, value: Any) -> str:
    document.setdefault("locals", {})["v"] = value
    return "${local.v}"


def _item(document: Json, value: Any) -> str:
    document.setdefault("locals", {})["v"] = ["other", value]
    return "${local.v[1]}"


def _key(document: Json, value: Any) -> str:
    document.setdefault("locals", {}).update({"v": {"k": {"inner": value}}, "w": "k"})
    return "${local.v[local.w].inner}"


def _condition(document: Json, value: Any) -> str:
    _local(document, value)
    document.setdefault("variable", {})["on"] = {"default": True}
    return "${var.on ? local.v : null}"


def _splat(document: Json, value: Any) -> str:
    document.setdefault("locals", {})["v"] = [{"a": value}]
    return "${one(local.v[*].a)}"


EQUAL = (_variable, _local, _item, _key, _condition, _splat)


def read(raw: Json) -> Stack:
    return stack_of(Document.of("s", copy.deepcopy(raw)))


def found(raw: Json) -> set[tuple[str, str, str]]:
    facts = Facts(document=Document.of("s", copy.deepcopy(raw)))
    return {
        (policy.id, each.subject, str(each.sentence))
        for policy in BUILT_IN
        # A secret is found once more where it stands now.
        if policy.id != "IVC404"
        for each in policy.check(facts)
    }


@given(st.data())
def test_an_equal_expression_gives_the_same_facts(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places()))
    raw = _with(path, data.draw(st.sampled_from(EQUAL)))
    assert read(raw) == read(json.loads(original()))
    assert found(raw) == found(json.loads(original()))


def reach(stack: Stack) -> dict[str, Reach]:
    return {server.id: whole for server in stack.instances for whole in [_joined(stack, server.nics)]}


def _joined(stack: Stack, nics: Any) -> Reach:
    whole = Reach()
    for nic in nics:
        whole |= of_nic(stack, nic)
    return whole


@given(st.data())
def test_what_cannot_be_told_is_unknown_and_opens_no_less(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places()))

    def nobody_tells(document: Json, _: Any) -> str:
        document.setdefault("variable", {})["v"] = {}
        return "${var.v}"

    raw = _with(path, nobody_tells)
    document = Document.of("s", raw)
    element = next(each for each in document.elements.values() if [each.type, each.name] == list(path[1:3]))
    assert [str(reference) for each in unknowns(element.given) for reference in each.depends_on].count("var.v") == 1
    before, after = reach(read(json.loads(original()))), reach(stack_of(document))
    for server, whole in before.items():
        assert not beyond(whole.openings, after[server].openings) or after[server].unknown
