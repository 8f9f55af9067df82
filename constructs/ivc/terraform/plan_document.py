"""What a plan says stands and what will stand, as documents like those of a folder.

A plan holds values, and of its configuration which other things each argument refers to. An id of something that the
plan knows is a reference to it here, so that both kinds of document are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ivc.terraform.address import Address, addressed
from ivc.terraform.document import Document, Element
from ivc.terraform.paths import flat
from ivc.terraform.provider import plain, schema
from ivc.terraform.value import Reference, Unknown, hidden, items, referring

_STEP = re.compile(r"[A-Za-z_]\w*|\d+(?=\])")
"""A step of a path; of a map's keys only those that are words, which is enough to see whether it is configured."""
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
        "vip_subnet_id",
        "vip_network_id",
        "volume_id",
        "instance_id",
        "security_group_id",
        "security_group_ids",
        "all_security_group_ids",
        "remote_group_id",
        "remote_address_group_id",
        "loadbalancer_id",
        "listener_id",
        "pool_id",
        "default_pool_id",
        "redirect_pool_id",
        "l7policy_id",
        "vip_port_id",
        "floating_ip",
        "router_id",
        "external_network_id",
    }
)
UNKNOWN = "(known after apply)"


@dataclass(frozen=True)
class Changed:
    """An argument that differs in a plan."""

    path: str
    before: str | Unknown | None
    after: str | Unknown | None


class PlanDocuments:
    """The documents of one plan's JSON."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._plan = plan

    @cached_property
    def before(self) -> Document:
        """What stands, as Terraform's state has it after it asked the cloud."""
        return Document("", {each["address"]: self._element(each, each.get("values") or {}) for each in self._prior})

    @cached_property
    def after(self) -> Document:
        """What will stand; what is known only at apply is unknown, with what it refers to."""
        found = {address: each for address, each in self.before.elements.items() if each.data}
        planned = self._plan.get("planned_values") or {}
        every = [each for each in _resources(planned.get("root_module") or {}) if "values" in each]
        # Terraform lists what it forgets, too, and says nothing of it.
        there = {*found, *(each["address"] for each in every)}
        for each in every:
            element = self._element(each, each["values"])
            filled = self._filled(element, element.given, self._expressions.get(element.block, {}), there)
            found[element.address] = Element(**{**vars(element), "given": filled})
        return Document("", found)

    @property
    def declared(self) -> frozenset[str] | None:
        """The addresses of the configuration's blocks of resources; None where the plan does not say."""
        if "configuration" not in self._plan:
            return None
        return frozenset(
            address
            for address in self._expressions
            if not address.startswith("data.") and not address.startswith("module.")
        )

    def configured(self, address: str) -> frozenset[str] | None:
        """The arguments that the configuration says of a resource; None where the plan does not say."""
        parts = Address.parse(address)
        expressions = self._expressions.get(parts.block if parts is not None else address)
        return None if expressions is None else frozenset(expressions)

    def says(self, address: str, path: str) -> bool:
        """Whether the configuration says something of a value at a path; True where the plan does not say.

        A block that is configured may hold values that the provider fills in, such as `network[0].mac`.
        """
        parts = Address.parse(address)
        expressions = self._expressions.get(parts.block if parts is not None else address)
        if expressions is None:
            return True
        found: object = expressions
        for step in _STEP.findall(path):
            if isinstance(found, list):
                # A block that stands alone has no number.
                found = found[int(step)] if step.isdigit() and int(step) < len(found) else None
            elif isinstance(found, Mapping) and not {"references", "constant_value"} & {*found}:
                found = found.get(step)
            if found is None:
                return False
        return True

    def constant(self, block: str, argument: str) -> object:
        """What the configuration says of an argument without any expression; None where it says another thing."""
        expression = self._expressions.get(block, {}).get(argument)
        return expression.get("constant_value") if isinstance(expression, Mapping) else None

    def changed(self, change: Mapping[str, Any]) -> Iterator[Changed]:
        """The arguments that differ in one of the plan's changes, what is known only at apply among them."""
        known, said = schema(change["type"]), change["change"]
        # What is sensitive on one side is shown on none, as Terraform does it.
        marks = (said.get("before_sensitive"), said.get("after_sensitive"), dict.fromkeys(known.sensitive, True))
        then, now = (flat(known, _masked(said.get(side) or {}, *marks)) for side in ("before", "after"))
        unknown = [path for path in flat(known, said.get("after_unknown") or {}) if path not in now]
        for path in unknown:
            inside = [one for one in then if one.startswith((f"{path}[", f"{path}."))]
            now |= dict.fromkeys(inside or [path], UNKNOWN)
        for path in sorted({*then, *now}):
            if then.get(path) != now.get(path):
                default = known.default(path)
                yield Changed(
                    path,
                    then.get(path, default if said.get("before") else None),
                    now.get(path, default if said.get("after") else None),
                )

    def referred(self, path: str, value: str) -> list[str | Unknown]:
        """The ids in a value at a path as references to what has them; the value itself where it is no id."""
        if plain(path).rpartition(".")[2] not in _REFERRING:
            return [value]
        return [referring(self._ids[part], "id") if part in self._ids else part for part in value.split(", ")]

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

    def _element(self, each: Mapping[str, Any], values: Mapping[str, Any]) -> Element:
        address = each["address"]
        parts = Address.parse(address)
        return Element(
            address=address,
            block=parts.block if parts is not None else address,
            type=each["type"],
            name=each["name"],
            data=each["mode"] == "data",
            given=self._referring(_masked(values, each.get("sensitive_values")), own=address),
            key=each.get("index"),
        )

    def _referring(self, values: Mapping[str, Any], *, own: str) -> dict[str, Any]:
        """The values with ids of other things as references; what says nothing a state holds as an empty text."""

        def change(key: str, value: Any) -> Any:
            if isinstance(value, Mapping):
                return {inner: change(inner, each) for inner, each in value.items() if each not in (None, "")}
            if isinstance(value, list):
                return [change(key, each) for each in value]
            if isinstance(value, str) and key in _REFERRING and self._ids.get(value, own) != own:
                return referring(self._ids[value], "id")
            return value

        return {key: change(key, value) for key, value in values.items() if value not in (None, "")}

    @cached_property
    def _expressions(self) -> Mapping[str, Mapping[str, Any]]:
        """What the configuration says, by block."""
        root = (self._plan.get("configuration") or {}).get("root_module") or {}
        return dict(_configured(root, ""))

    def _filled(
        self, element: Element, values: Mapping[str, Any], expressions: Mapping[str, Any], there: set[str]
    ) -> dict[str, Any]:
        """Values with unknowns where Terraform knows them only at apply."""
        filled = dict(values)
        for key, expression in expressions.items():
            if any(isinstance(each, Unknown) for each in items(filled.get(key))):
                # What is hidden is known.
                continue
            if isinstance(expression, list):
                known = items(filled.get(key))
                filled[key] = [
                    self._filled(element, known[index] if index < len(known) else {}, block, there)
                    for index, block in enumerate(expression)
                ] + known[len(expression) :]
            elif "references" in expression and not any(items(filled.get(key))):
                found = [_meant(element, each, there) for each in _attributes(expression["references"])]
                if found:
                    filled[key] = found if key.endswith("_ids") else found[0]
        return filled


def _attributes(references: list[str]) -> list[str]:
    """Terraform lists an attribute and then the resource that it is of."""
    return [each for each in references if Address.parse(each) is None and not each.startswith(("var.", "local."))]


def _meant(element: Element, reference: str, there: set[str]) -> Unknown:
    """What a reference of a block means in one of the resources that it makes: that of its own key, if there is one."""
    parent, _, attribute = reference.rpartition(".")
    module = element.module
    for address in (f"{module}{parent}", addressed(f"{module}{parent}", element.key)):
        if address in there:
            return referring(address, attribute)
    return Unknown(f"${{{reference}}}", (Reference(f"{module}{parent}", attribute),))


def _configured(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in module.get("resources", []):
        yield f"{prefix}{each['address']}", each.get("expressions") or {}
    for name, call in (module.get("module_calls") or {}).items():
        yield from _configured(call.get("module") or {}, f"{prefix}module.{name}.")


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _masked(value: Any, *marks: object) -> Any:
    """A value with what is marked as sensitive hidden. marks: `true`, or by key or index, as Terraform writes them."""
    given = [mark for mark in marks if mark]
    if not given or value is None:
        return value
    if True in given:
        return hidden(value)
    if isinstance(value, Mapping):
        return {
            key: _masked(each, *(mark.get(key) for mark in given if isinstance(mark, Mapping)))
            for key, each in value.items()
        }
    if isinstance(value, list):
        # Of a set Terraform tells no more than that something in it is sensitive.
        lists = [mark for mark in given if isinstance(mark, list)]
        return [
            _masked(each, *(mark[index] for mark in lists if index < len(mark))) for index, each in enumerate(value)
        ]
    return value
