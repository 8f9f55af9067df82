"""A stack's Terraform JSON as resources by address, and the references between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ivc.estate import EstateError, Synthesized

# What stands in a resource beside its attributes.
_META = ("//", "lifecycle", "depends_on", "provider", "provisioner", "connection", "count", "for_each")

REFERENCE = re.compile(r"\b((?:data\.)?[a-z][a-z0-9]*(?:_[a-z0-9]+)+)\.([A-Za-z_][A-Za-z0-9_-]*)(?:\.([A-Za-z_]\w*))?")
"""`[data.]type.name[.attribute]` within an expression. Every type of a provider has an underscore in it."""

ATTRIBUTE = re.compile(rf"\$\{{{REFERENCE.pattern}\}}")
"""A text that is the attribute of one element and no more: `${openstack_networking_port_v2.a.id}`."""

_EXPRESSION = re.compile(r"(?<!\$)\$\{(.*?)\}", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """What an expression refers to. attribute: None for the whole resource."""

    address: str
    attribute: str | None


@dataclass(frozen=True)
class Element:
    """A resource or a data source. attributes: its configuration. meta: lifecycle, depends_on and the like."""

    address: str
    attributes: Mapping[str, Any]
    meta: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Its Terraform type."""
        return self.address.removeprefix("data.").partition(".")[0]

    def lifecycle(self, key: str) -> list[Any]:
        """A list in its `lifecycle`; empty where there is none."""
        found: list[Any] = []
        for block in _blocks(self.meta.get("lifecycle")):
            value = block.get(key)
            found += value if isinstance(value, list) else [] if value is None else [value]
        return found

    def blocks(self, key: str) -> list[Mapping[str, Any]]:
        """Its blocks of a name; Terraform lets one stand alone or in a list."""
        return _blocks(self.attributes.get(key))


@dataclass(frozen=True)
class Document:
    """A stack's Terraform JSON; `Document.of` reads one."""

    name: str
    elements: Mapping[str, Element]
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, written: Synthesized) -> Document:
        """The document of a synthesized stack; raises EstateError where it is not as a synthesis writes it."""
        elements = {}
        for section, prefix in (("resource", ""), ("data", "data.")):
            for type_, named in _mapping(written, section, written.document.get(section)).items():
                for name, given in _mapping(written, f"{section}.{type_}", named).items():
                    address = f"{prefix}{type_}.{name}"
                    config = _mapping(written, address, given)
                    elements[address] = Element(
                        address=address,
                        attributes={key: value for key, value in config.items() if key not in _META},
                        meta={key: value for key, value in config.items() if key in _META},
                    )
        return cls(written.name, elements, written.document)

    @classmethod
    def empty(cls, name: str) -> Document:
        """A stack that declares nothing."""
        return cls(name, {}, {})

    @property
    def resources(self) -> dict[str, Element]:
        """What the stack makes, by address."""
        return {address: element for address, element in self.elements.items() if not address.startswith("data.")}

    @cached_property
    def moved(self) -> dict[str, str]:
        """From former addresses to new ones, by its `moved` blocks."""
        return {str(block.get("from")): str(block.get("to")) for block in _blocks(self.raw.get("moved"))}

    @cached_property
    def imported(self) -> dict[str, str]:
        """By address, the id that a resource is imported by, by its `import` blocks."""
        return {
            str(block.get("to")): str(block.get("id", "an id known only at apply"))
            for block in _blocks(self.raw.get("import"))
        }

    @cached_property
    def forgotten(self) -> frozenset[str]:
        """What leaves the state and stays in the cloud, by its `removed` blocks."""
        return frozenset(
            str(block.get("from"))
            for block in _blocks(self.raw.get("removed"))
            if any(lifecycle.get("destroy") is False for lifecycle in _blocks(block.get("lifecycle")))
        )

    def renamed(self, names: Mapping[str, str]) -> Document:
        """The same with other addresses: of elements, and of what refers to them.

        names: from addresses of resources to their new ones.
        """
        if not names:
            return self

        def renamed_one(match: re.Match[str]) -> str:
            former = f"{match[1]}.{match[2]}"
            return match[0].replace(former, names[former], 1) if former in names else match[0]

        def in_text(text: str) -> str:
            if "${" in text:
                # To look behind the last sign that closes one, from each that opens one, would take long.
                end = text.rfind("}") + 1
                head = _EXPRESSION.sub(lambda match: f"${{{REFERENCE.sub(renamed_one, match[1])}}}", text[:end])
                return head + text[end:]
            # `replace_triggered_by`, `depends_on`: references without a template's signs.
            return names.get(text, text)

        raw = dict(walked(self.raw, in_text))
        raw["resource"] = {
            type_: {names.get(f"{type_}.{name}", f".{name}").partition(".")[2]: given for name, given in named.items()}
            for type_, named in raw.get("resource", {}).items()
        }
        return Document.of(Synthesized(self.name, Path(), raw))


def name_of(address: str) -> str:
    """The name in an address; the key of a `for_each` in it may hold anything."""
    return address.removeprefix("data.").partition(".")[2]


def references(value: object) -> Iterator[Reference]:
    """All that the expressions in a value refer to."""
    if isinstance(value, str):
        if "${" in value:
            for expression in _EXPRESSION.finditer(value, 0, value.rfind("}") + 1):
                for match in REFERENCE.finditer(expression[1]):
                    yield Reference(f"{match[1]}.{match[2]}", match[3])
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def reference(value: object) -> str | None:
    """The address that a value is the attribute of, such as `${openstack_networking_port_v2.a.id}`."""
    match = ATTRIBUTE.fullmatch(value) if isinstance(value, str) else None
    return f"{match[1]}.{match[2]}" if match else None


def walked(value: Any, change: Any) -> Any:
    """The value with each text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: walked(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [walked(each, change) for each in value]
    return value


def _blocks(value: object) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [block for block in listed if isinstance(block, Mapping)]


def _mapping(written: Synthesized, what: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise EstateError(
            f"{written.path} is not as a synthesis writes it, {what} is no JSON object: run `make synth`."
        )
    return value
