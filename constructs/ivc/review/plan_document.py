"""What a plan says stands and what will stand, as documents like those that a synthesis writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ivc.review.compare import SENSITIVE, UNKNOWN, called, looks_secret
from ivc.review.document import Document, Element
from ivc.review.flat import flat
from ivc.review.kinds import INSTANCE
from ivc.review.model import Attribute
from ivc.review.provider import plain, schema

# Attributes that hold the id of something else.
_REFERRING = frozenset(
    {
        "port",
        "port_id",
        "uuid",
        "image_id",
        "flavor_id",
        "network_id",
        "subnet_id",
        "volume_id",
        "instance_id",
        "security_group_id",
        "security_group_ids",
        "all_security_group_ids",
        "remote_group_id",
        "floating_ip",
        "router_id",
    }
)


class PlanDocuments:
    """The documents of one plan's JSON."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._plan = plan

    @cached_property
    def before(self) -> Document:
        """What stands, as Terraform's state has it after it asked the cloud."""
        found = {}
        for each in self._prior:
            address = each["address"]
            found[address] = Element(address, self._referring(each.get("values") or {}, own=address), {})
        return Document("", found, {})

    @cached_property
    def after(self) -> Document:
        """What will stand; what is known only at apply is a reference."""
        found = {address: each for address, each in self.before.elements.items() if address.startswith("data.")}
        planned = self._plan.get("planned_values") or {}
        for each in _resources(planned.get("root_module") or {}):
            address = each["address"]
            # Terraform lists what it forgets, too, and says nothing of it.
            if "values" not in each:
                continue
            values = self._referring(each["values"], own=address)
            found[address] = Element(address, _filled(values, self._expressions.get(address, {})), {})
        return Document("", found, {})

    @property
    def stack(self) -> str | None:
        """The stack's name, after the mark that the library gives everything it makes; None where nothing has one."""
        for element in (*self.after.elements.values(), *self.before.elements.values()):
            marks = element.attributes.get("metadata") if element.type == INSTANCE else None
            mark = (
                str((marks or {}).get("ivc", ""))
                or str(element.attributes.get("description") or "").rpartition("ivc:")[2]
            )
            if "/" in mark:
                return mark.partition("/")[0]
        return None

    @property
    def declared(self) -> frozenset[str] | None:
        """The addresses of resources that the configuration has in its root; None where the plan does not say."""
        if "configuration" not in self._plan:
            return None
        return frozenset(address for address in self._expressions if not address.startswith("data."))

    @cached_property
    def configured(self) -> Mapping[str, frozenset[str]]:
        """By address, the attributes that the configuration says."""
        return {address: frozenset(expressions) for address, expressions in self._expressions.items()}

    @cached_property
    def user_data(self) -> Mapping[str, str]:
        """By instance, its user data where the plan holds the whole text."""
        return {
            address.partition(".")[2]: expressions["user_data"]["constant_value"]
            for address, expressions in self._expressions.items()
            if isinstance((expressions.get("user_data") or {}).get("constant_value"), str)
        }

    def changes(self, change: Mapping[str, Any]) -> Iterator[Attribute]:
        """The attributes that differ in one of the plan's changes, what is known only at apply among them."""
        known, said = schema(change["type"]), change["change"]
        hidden = _hidden(said.get("before_sensitive")) | _hidden(said.get("after_sensitive")) | known.sensitive
        then, now = flat(known, said.get("before") or {}), flat(known, said.get("after") or {})
        now |= {path: UNKNOWN for path in flat(known, said.get("after_unknown") or {}) if path not in now}
        for path in sorted({*then, *now}):
            if then.get(path) == now.get(path):
                continue
            secret = plain(path).partition(".")[0] in hidden
            yield Attribute(
                path,
                before=self._said(path, then.get(path), secret=secret),
                after=self._said(path, now.get(path), secret=secret),
            )

    def _said(self, path: str, value: str | None, *, secret: bool) -> str | None:
        """A value as people read it."""
        if value is None or value == UNKNOWN:
            return value
        if secret or looks_secret(path, value):
            return SENSITIVE
        if path == "user_data":
            return f"(SHA-1 {value[:12]})" if len(value) == 40 else f"({len(value):,} characters)"
        if plain(path).rpartition(".")[2] in _REFERRING:
            parts = [self._ids.get(part, part) for part in value.split(", ")]
            return ", ".join(
                called(self.before, f"${{{part}.id}}") if part in self.before.elements else part for part in parts
            )
        return value

    @cached_property
    def _prior(self) -> list[Mapping[str, Any]]:
        values = (self._plan.get("prior_state") or {}).get("values") or {}
        return list(_resources(values.get("root_module") or {}))

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        """By id, the address of what has it; what Terraform makes goes before what it looks up."""
        return {
            each["values"]["id"]: each["address"]
            for each in sorted(self._prior, key=lambda each: each["mode"] == "managed")
            if isinstance((each.get("values") or {}).get("id"), str)
        }

    def _referring(self, values: Mapping[str, Any], *, own: str) -> dict[str, Any]:
        """The values with ids of other things as references to them, and all else as a template says it.

        A state holds an empty text where nothing is said.
        """

        def change(key: str, value: Any) -> Any:
            if isinstance(value, Mapping):
                return {inner: change(inner, each) for inner, each in value.items() if each not in (None, "")}
            if isinstance(value, list):
                return [change(key, each) for each in value]
            if not isinstance(value, str):
                return value
            if key in _REFERRING and self._ids.get(value, own) != own:
                return f"${{{self._ids[value]}.id}}"
            return value.replace("${", "$${").replace("%{", "%%{")

        return {key: change(key, value) for key, value in values.items() if value not in (None, "")}

    @cached_property
    def _expressions(self) -> Mapping[str, Mapping[str, Any]]:
        root = (self._plan.get("configuration") or {}).get("root_module") or {}
        return {each["address"]: each.get("expressions") or {} for each in root.get("resources", [])}


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _hidden(sensitive: object) -> frozenset[str]:
    """The attributes that hold anything sensitive."""

    def any_true(value: object) -> bool:
        if isinstance(value, Mapping):
            return any(map(any_true, value.values()))
        return any(map(any_true, value)) if isinstance(value, list) else value is True

    return (
        frozenset(key for key, value in sensitive.items() if any_true(value))
        if isinstance(sensitive, Mapping)
        else frozenset()
    )


def _filled(values: Mapping[str, Any], expressions: Mapping[str, Any]) -> dict[str, Any]:
    """Values with references where Terraform knows them only at apply."""
    filled = dict(values)
    for key, expression in expressions.items():
        if isinstance(expression, list):
            known = filled.get(key) or []
            filled[key] = [
                _filled(known[index] if index < len(known) else {}, block) for index, block in enumerate(expression)
            ]
        elif "references" in expression and not any(_listed(filled.get(key))):
            # Terraform lists an attribute and then the resource that it is of.
            found = [f"${{{each}}}" for each in expression["references"] if each.removeprefix("data.").count(".") > 1]
            if found:
                filled[key] = found if key.endswith("_ids") else found[0]
    return filled


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
