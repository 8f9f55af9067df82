"""What Terraform would plan for two documents, as `terraform show -json` writes it: enough of it for a review to read.

It knows what the provider's table says, and no cloud. The corpus on the practice cloud has real plans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ivc.terraform.document import Document, Element
from ivc.terraform.paths import flat
from ivc.terraform.provider import schema
from ivc.terraform.value import SENSITIVE, Unknown

Json = dict[str, Any]
_LATER = object()
_REFERENCE = re.compile(r"(?:data\.)?[a-z_0-9]+\.[\w-]+(?:\[[^\]]*\])?\.[a-z_]+")


def planned(before: Json, after: Json, *, module: str = "") -> Json:
    """The plan that brings one document to another. module: the name of one that all is in."""
    return _Planner(before, after, f"module.{module}." if module else "").plan()


class _Planner:
    def __init__(self, before: Json, after: Json, prefix: str) -> None:
        self._prefix = prefix
        self._raw = after
        self._then, self._now = _document(before), _document(after)
        self._hidden = {"then": Document.of("s", before), "now": Document.of("s", after)}
        self._new: set[str] = set()

    def plan(self) -> Json:
        # What is made anew makes others anew, by its id.
        while True:
            changes = list(self._changes())
            new = {one["address"].removeprefix(self._prefix) for one in changes if "create" in one["change"]["actions"]}
            if new == self._new:
                break
            self._new = new
        return {
            "format_version": "1.2",
            "prior_state": {"values": self._state([*self._resources(self._then, "then"), *self._data()])},
            "planned_values": self._state(
                [*self._resources(self._now, "now", {one["address"]: one["change"]["after"] for one in changes})]
            ),
            "configuration": self._configuration(),
            "resource_changes": changes,
        }

    def _state(self, resources: list[Json]) -> Json:
        if not self._prefix:
            return {"root_module": {"resources": resources}}
        child = {"address": self._prefix.removesuffix("."), "resources": resources}
        return {"root_module": {"child_modules": [child]}}

    def _configuration(self) -> Json:
        resources = [
            {
                "address": f"{prefix}{type_}.{name}",
                "expressions": {key: _expression(each) for key, each in given.items()},
            }
            for section, prefix in (("resource", ""), ("data", "data."))
            for type_, named in self._raw.get(section, {}).items()
            for name, given in named.items()
        ]
        if not self._prefix:
            return {"root_module": {"resources": resources}}
        name = self._prefix.split(".")[1]
        return {"root_module": {"module_calls": {name: {"module": {"resources": resources}}}}}

    def _data(self) -> Iterator[Json]:
        for element in self._now.elements.values():
            if element.data:
                note = self._now.note(element.address)
                yield self._described(element) | {
                    "values": {
                        "id": _id(element.address),
                        "external": note.get("public") is True,
                        **_without_later(_told(element.given, self._new)),
                    },
                    "sensitive_values": {},
                }

    def _resources(self, document: Document, side: str, after: Mapping[str, Json] | None = None) -> Iterator[Json]:
        for element in document.resources.values():
            address = f"{self._prefix}{element.address}"
            values = self._values(element) if after is None else after[address]
            yield self._described(element) | {"values": values, "sensitive_values": self._marks(side, element)}

    def _described(self, element: Element) -> Json:
        key = {} if element.key is None else {"index": element.key}
        return {
            "address": f"{self._prefix}{element.address}",
            "mode": "data" if element.data else "managed",
            "type": element.type,
            "name": element.name,
            **key,
        }

    def _values(self, element: Element) -> Json:
        known = schema(element.type)
        given = {
            name: [value] if isinstance(value, Mapping) and known.has_blocks(name) else value
            for name, value in element.given.items()
        }
        return {"id": _id(element.address), **_defaults(element.type), **_told(given, frozenset())}

    def _marks(self, side: str, element: Element) -> Json:
        hidden = self._hidden[side].elements[element.address].given
        return {name: True for name, value in hidden.items() if SENSITIVE in str(value)}

    def _changes(self) -> Iterator[Json]:
        for address in sorted({*self._then.resources, *self._now.resources}):
            old, new = self._then.elements.get(address), self._now.elements.get(address)
            before = self._values(old) if old is not None else None
            after, unknown, actions, forcing = self._after(old, new)
            of = new or old
            assert of is not None
            yield self._described(of) | {
                "change": {
                    "actions": actions,
                    "before": before,
                    "after": after,
                    "after_unknown": unknown,
                    "before_sensitive": self._marks("then", old) if old is not None else False,
                    "after_sensitive": self._marks("now", new) if new is not None else False,
                    "replace_paths": forcing,
                }
            }

    def _after(self, old: Element | None, new: Element | None) -> tuple[Json | None, Json, list[str], list[list[str]]]:
        if new is None:
            return None, {}, ["delete"], []
        known = schema(new.type)
        given = {
            name: [value] if isinstance(value, Mapping) and known.has_blocks(name) else value
            for name, value in new.given.items()
        }
        told = {**_defaults(new.type), **_told(given, self._new)}
        unknown = {key: marks for key, value in told.items() if (marks := _later(value))}
        after = _without_later(told)
        if old is None:
            return after, {**unknown, "id": True}, ["create"], []
        before = self._values(old)
        kept = {key: value for key, value in before.items() if key in known.kept and key not in told}
        then, now = flat(known, before), flat(known, {"id": before["id"], **kept, **told})
        changed = [path for path in {*then, *now} if then.get(path) != now.get(path)]
        forcing = sorted({re.split(r"[.\[]", path)[0] for path in changed if known.forces(path)})
        if forcing:
            return {**kept, **after}, {**unknown, "id": True}, ["delete", "create"], [[path] for path in forcing]
        return {"id": before["id"], **kept, **after}, unknown, ["update"] if changed else ["no-op"], []


def _document(raw: Json) -> Document:
    """As Terraform has it, to which nothing is hidden, and which knows what each variable is."""
    variables = {
        name: {"default": given.get("default", f"value of {name}")} for name, given in raw.get("variable", {}).items()
    }
    return Document.of("s", {**raw, "variable": variables})


def _defaults(type_: str) -> Json:
    return {key: value for key, value in schema(type_).defaults.items() if "." not in key}


def _id(address: str) -> str:
    return f"id of {address}"


def _told(value: Any, new: set[str] | frozenset[str]) -> Any:
    if isinstance(value, Unknown):
        if value.target is not None and value.target.address not in new:
            return _id(value.target.address)
        return _LATER
    if isinstance(value, Mapping):
        return {key: _told(each, new) for key, each in value.items()}
    return [_told(each, new) for each in value] if isinstance(value, list) else value


def _later(value: Any) -> Any:
    if value is _LATER:
        return True
    if isinstance(value, Mapping):
        return {key: marks for key, each in value.items() if (marks := _later(each))}
    if isinstance(value, list):
        marks = [_later(each) for each in value]
        return [each or False for each in marks] if any(marks) else False
    return False


def _without_later(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_later(each) for key, each in value.items() if each is not _LATER}
    if isinstance(value, list):
        return [_without_later(each) for each in value if each is not _LATER]
    return value


def _expression(value: Any) -> Any:
    """An argument of the configuration: what it refers to, or its blocks."""
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return [{key: _expression(each) for key, each in block.items()} for block in value]
    found = _REFERENCE.findall(str(value))
    if not found:
        return {"constant_value": value}
    return {"references": [each for one in found for each in (one, one.rpartition(".")[0])]}
