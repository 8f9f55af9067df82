"""Addresses as Terraform writes them: `module.shop.data.type.name["key"]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivc.terraform.value import Reference, Unknown

_KEY = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_ADDRESS = re.compile(
    rf"(?P<module>(?:module\.[\w-]+(?:{_KEY})?\.)*)(?P<data>data\.)?(?P<type>\w+)\.(?P<name>[\w-]+)(?P<key>{_KEY})?"
)
_IN_TEXT = re.compile(rf"\b(?:data\.)?[a-z][a-z0-9]*(?:_[a-z0-9]+)+\.[A-Za-z_][\w-]*(?:{_KEY})?")
_REFERENCE = re.compile(rf"({_IN_TEXT.pattern})(?:\.([A-Za-z_]\w*))?")


@dataclass(frozen=True)
class Address:
    """An address, taken apart. module: with its full stop at the end, or empty. key: None where it has none."""

    module: str
    data: bool
    type: str
    name: str
    key: str | int | None = None

    @classmethod
    def parse(cls, text: str) -> Address | None:
        """The parts of an address of a resource or a data source; None for what is none."""
        found = _ADDRESS.fullmatch(text)
        if found is None:
            return None
        key = json.loads(found["key"][1:-1]) if found["key"] else None
        return cls(found["module"], found["data"] is not None, found["type"], found["name"], key)

    @property
    def block(self) -> str:
        """The address of the configuration's block that makes it: without keys."""
        return re.sub(_KEY, "", str(replace(self, key=None)))

    def __str__(self) -> str:
        return addressed(f"{self.module}{'data.' if self.data else ''}{self.type}.{self.name}", self.key)


def addressed(block: str, key: object) -> str:
    """The address of one of a block's resources: `type.name`, `type.name[0]`, `type.name["key"]`."""
    if key is None:
        return block
    return f"{block}[{key if isinstance(key, int) else json.dumps(str(key), ensure_ascii=False)}]"


def named(address: str) -> str:
    """The name in an address, with its key and what stands behind it; in a module, all of it."""
    if address.startswith("module."):
        return address
    return address.removeprefix("data.").partition(".")[2]


def module_of(address: str) -> str:
    """The module in an address, such as `shop` or `shop.web`; empty for the root."""
    parts = Address.parse(address)
    return parts.module.replace("module.", "").removesuffix(".") if parts is not None else ""


def type_of(address: str) -> str:
    """The type in an address; what is no address, such as one with a note behind it, begins with it all the same."""
    parts = Address.parse(address)
    return parts.type if parts is not None else address.removeprefix("data.").partition(".")[0]


def references(text: str) -> Iterator[Reference]:
    """What an expression that is written without a template's signs, such as `replace_triggered_by`'s, refers to."""
    for found in _REFERENCE.finditer(text):
        yield Reference(found[1], found[2])


class Renaming:
    """Other addresses for resources, wherever they are referred to.

    names: from addresses of resources, or of blocks with all that they make, to their new ones.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def address(self, address: str) -> str:
        """The new address of what has one, or the same."""
        block, bracket, key = address.partition("[")
        return self._names.get(address) or f"{self._names.get(block, block)}{bracket}{key}"

    def text(self, text: str) -> str:
        """An expression with the new addresses."""
        return _IN_TEXT.sub(lambda found: self.address(found[0]), text)

    def value(self, value: Any) -> Any:
        """A value of a document; texts that people wrote stay."""
        if isinstance(value, Unknown):
            return replace(
                value,
                text=self.text(value.text),
                depends_on=tuple(map(self._reference, value.depends_on)),
                inputs=tuple(map(self.text, value.inputs)),
                target=None if value.target is None else self._reference(value.target),
                parts=tuple(map(self.value, value.parts)),
            )
        if isinstance(value, Mapping):
            return {key: self.value(each) for key, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def written(self, value: Any) -> Any:
        """What stands in a `lifecycle` or `depends_on`: references, as they are written."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.written(each) for key, each in value.items()}
        return [self.written(each) for each in value] if isinstance(value, list) else value

    def note(self, key: str) -> str:
        """The key of a note: an address, or an instance's name, which is found by its address."""
        named = {former.partition(".")[2]: new.partition(".")[2] for former, new in self._names.items()}
        return self._names.get(key) or named.get(key, key)

    def _reference(self, reference: Reference) -> Reference:
        return Reference(self.address(reference.address), reference.attribute)
