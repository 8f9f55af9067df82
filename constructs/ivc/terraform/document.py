"""A stack's configuration as one document: its resources and look-ups, with all in place that is known without a cloud.

Variables have their defaults, local values and references theirs; `count`, `for_each` and dynamic blocks over what is
known are unfolded. What only a plan or an apply tells is an `Unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ivc.terraform.address import Address, Renaming, addressed, module_of
from ivc.terraform.errors import EstateError
from ivc.terraform.evaluation import Resources, Scope, unknowns
from ivc.terraform.functions import MOST_ITEMS
from ivc.terraform.value import SOMEHOW, Reference, Unknown, flag, hidden, items, number, referring, text

_META = ("//", "lifecycle", "depends_on", "provider", "provisioner", "connection", "count", "for_each", "dynamic")
_UNSAID = Unknown(SOMEHOW)


@dataclass(frozen=True, eq=False)
class Element:
    """A resource or a data source.

    address: as in Terraform's state, with its key if it has one. block: the address of the block that makes it.
    type, name, key: its parts. data: whether it is looked up. given: its arguments.
    meta: `lifecycle`, `depends_on` and the like, as they are written.
    many: how many there are of it, where only Terraform knows; it then stands for all of them.
    """

    address: str
    block: str
    type: str
    name: str
    data: bool
    given: Mapping[str, Any]
    key: str | int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    many: Unknown | None = None

    @property
    def module(self) -> str:
        """The module that it is in, such as `module.shop.`; empty for the root."""
        parts = Address.parse(self.address)
        return parts.module if parts is not None else ""

    @property
    def title(self) -> str:
        """Its name, with its key if it has one; of one in a module, after the module's name."""
        name = addressed(self.name, self.key)
        module = module_of(self.address)
        return f"{module}.{name}" if module else name

    def says(self, key: str) -> bool:
        """Whether an argument is said, and not to be nothing."""
        return self.given.get(key) not in (None, "", [], {})

    def text(self, key: str) -> str | None:
        """An argument that is a text or a number; None where it is not said or not known."""
        return text(self.given.get(key))

    def flag(self, key: str) -> bool | Unknown | None:
        """An argument that is a truth; None where it is not said."""
        return flag(self.given.get(key))

    def number(self, key: str) -> int | Unknown | None:
        """An argument that is a whole number; None where it is not said."""
        return number(self.given.get(key))

    def values(self, key: str) -> list[Any]:
        """The items of an argument that is a list; an unknown in its place is one item."""
        return items(self.given.get(key))

    def blocks(self, key: str) -> list[Mapping[str, Any]]:
        """Its blocks of a name; Terraform lets one stand alone or in a list."""
        return blocks(self.given.get(key))

    def lifecycle(self, key: str) -> list[Any]:
        """A list in its `lifecycle`; empty where there is none."""
        return [one for block in blocks(self.meta.get("lifecycle")) for one in items(block.get(key))]

    @property
    def is_protected(self) -> bool:
        """Whether a plan that would destroy or replace it fails (`prevent_destroy`)."""
        return any(flag(each) is True for each in self.lifecycle("prevent_destroy"))


def blocks(value: object) -> list[Mapping[str, Any]]:
    """The blocks in a value; Terraform lets one stand alone or in a list."""
    return [block for block in items(value) if isinstance(block, Mapping)]


class Document:
    """A stack's configuration, or what a plan says of its resources.

    name: the stack's. elements: by address. raw: the JSON as it is written; empty for a plan.
    """

    def __init__(self, name: str, elements: Mapping[str, Element], raw: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.elements = elements
        self.raw: Mapping[str, Any] = raw or {}

    _scope: Scope | None = None

    @classmethod
    def of(cls, name: str, raw: Mapping[str, Any], path: Path | None = None) -> Document:
        """The document of a stack's JSON; raises EstateError where it is no configuration.

        path: the JSON's, for files beside it that expressions read; without it none is read.
        """
        space = _Space(raw, path)
        document = cls(name, space.elements, raw)
        document._scope = Scope(space)
        return document

    @property
    def resources(self) -> dict[str, Element]:
        """What is made, by address."""
        return {address: element for address, element in self.elements.items() if not element.data}

    def of_type(self, *types: str, data: bool = False) -> list[Element]:
        """All resources, or all data sources, of some types."""
        return [element for type_ in types for element in self._by_type.get((data, type_), ())]

    def follow(self, value: object) -> Element | None:
        """What a value is an attribute of, if this document has it."""
        target = value.target if isinstance(value, Unknown) else None
        return self.elements.get(target.address) if target else None

    def section(self, *path: str) -> Mapping[str, Any]:
        """A part of the document with its values, such as `section("terraform", "required_providers")`."""
        value: Any = self.raw
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        found = self._scope.value(value) if self._scope is not None and isinstance(value, Mapping) else value
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def notes(self) -> Mapping[str, Any]:
        """What the library's declarations say and Terraform has no word for, by a name or an address."""
        ours = self.raw.get("//")
        found = ours.get("ivc") if isinstance(ours, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @property
    def provider_version(self) -> str | None:
        """The version of the OpenStack provider that it requires; None where it says none."""
        return text(self.section("terraform", "required_providers", "openstack").get("version"))

    def note(self, key: str) -> Mapping[str, Any]:
        """The note about what has a name or an address; empty where there is none."""
        found = self.notes.get(key)
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def moved(self) -> dict[str, str]:
        """From former addresses to new ones, by its `moved` blocks."""
        return {str(block.get("from")): str(block.get("to")) for block in blocks(self.raw.get("moved"))}

    @cached_property
    def imported(self) -> dict[str, str]:
        """By address, the id that a resource is imported by, by its `import` blocks."""
        return {
            str(block.get("to")): str(block.get("id", "an id known only at apply"))
            for block in blocks(self.raw.get("import"))
        }

    @cached_property
    def forgotten(self) -> frozenset[str]:
        """What leaves the state and stays in the cloud, by its `removed` blocks."""
        return frozenset(
            str(block.get("from"))
            for block in blocks(self.raw.get("removed"))
            if any(flag(lifecycle.get("destroy")) is False for lifecycle in blocks(block.get("lifecycle")))
        )

    def completed(self, plan: Document) -> Document:
        """The same with what a plan alone tells: what modules make, and each one of those whose number it tells."""
        open_ = {element.block for element in self.elements.values() if element.many is not None}
        told = {
            address: element for address, element in plan.elements.items() if element.module or element.block in open_
        }
        if not told:
            return self
        blocks_ = {element.block for element in told.values()}
        kept = {
            address: element
            for address, element in self.elements.items()
            if element.many is None or element.block not in blocks_
        }
        return Document(self.name, kept, self.raw).with_elements(told, scope=self._scope)

    def with_elements(self, elements: Mapping[str, Element], scope: Scope | None = None) -> Document:
        """The same with other elements at some addresses."""
        document = Document(self.name, {**self.elements, **elements}, self.raw)
        document._scope = scope or self._scope
        return document

    def renamed(self, names: Mapping[str, str]) -> Document:
        """The same with other addresses: of elements, and of what refers to them.

        names: from addresses of resources, or of blocks with all that they make, to their new ones.
        """
        if not names:
            return self
        renaming = Renaming(names)
        elements = {}
        for element in self.elements.values():
            address = renaming.address(element.address)
            moved = element
            if (parts := Address.parse(address)) is not None and address != element.address:
                moved = replace(element, address=address, name=parts.name, key=parts.key, block=parts.block)
            elements[address] = replace(moved, given=renaming.value(element.given), meta=renaming.written(element.meta))
        notes = {renaming.note(key): self.note(key) for key in self.notes}
        document = Document(self.name, elements, {**self.raw, "//": {"ivc": notes}})
        document._scope = self._scope
        return document

    @cached_property
    def _by_type(self) -> Mapping[tuple[bool, str], list[Element]]:
        found: dict[tuple[bool, str], list[Element]] = {}
        for element in self.elements.values():
            found.setdefault((element.data, element.type), []).append(element)
        return found


class _Space:
    """What the names in a configuration's expressions stand for."""

    def __init__(self, raw: Mapping[str, Any], path: Path | None) -> None:
        self._raw = raw
        self._path = path
        self._constants: dict[tuple[str, str], Any] = {}
        self._attributes: dict[tuple[str, str], Any] = {}
        self._keys: dict[str, tuple[Resources, Mapping[Any, Any]]] = {}
        self._at: dict[str, tuple[str, str | int | None]] = {}

    def constant(self, kind: str, name: str) -> Any:
        known = self._constants
        if (kind, name) not in known:
            reference = Reference(f"{kind}.{name}")
            known[kind, name] = Unknown(f"${{{reference}}}", (reference,))
            given = self._section("variable" if kind == "var" else "locals").get(name)
            if kind == "var":
                given = given.get("default") if isinstance(given, Mapping) else None
            if given is not None:
                value = Scope(self).value(given)
                known[kind, name] = hidden(value) if kind == "var" and self._is_sensitive(name) else value
        return known[kind, name]

    def _is_sensitive(self, variable: str) -> bool:
        declared = self._section("variable").get(variable)
        return isinstance(declared, Mapping) and flag(declared.get("sensitive")) not in (None, False)

    def resources(self, block: str) -> Resources | None:
        return self._made(block)[0] if block in self._blocks else None

    def attribute(self, address: str, name: str) -> Any:
        if (address, name) not in self._attributes:
            self._attributes[address, name] = referring(address, name)
            place = self._place(address)
            given = place.given.get(name) if place is not None and name != "id" else None
            if place is not None and given is not None:
                self._attributes[address, name] = place.scope.value(given)
        return self._attributes[address, name]

    @cached_property
    def _folder(self) -> Path:
        return (self._path or Path()).parent.resolve()

    def file(self, name: str) -> Any:
        if self._path is not None:
            # A folder may come from somebody else, and no file outside of it is theirs to show.
            found = (self._folder / name).resolve()
            if found.is_relative_to(self._folder) and found.is_file():
                return found.read_bytes().decode(errors="replace")
        return Unknown(SOMEHOW, (Reference(f"file {name}"),))

    @cached_property
    def elements(self) -> dict[str, Element]:
        for block in self._blocks:
            self._made(block)
        order = {block: number_ for number_, block in enumerate(self._blocks)}
        places = (self._place(address) for address in sorted(self._at, key=lambda each: order[self._at[each][0]]))
        return {place.address: self._element(place) for place in places if place is not None}

    def _element(self, place: _Place) -> Element:
        values = {
            # What is said to be nothing is not said, and only the cloud tells others what it comes to.
            name: None if given is None else self.attribute(place.address, name)
            for name, given in place.given.items()
            if name not in _META and name != "id"
        }
        if "id" in place.given:
            values["id"] = place.scope.value(place.given["id"])
        for name, found in self._dynamic(place):
            values[name] = [*items(values.get(name)), *found]
        data, type_, name = _parts(place.block)
        return Element(
            address=place.address,
            block=place.block,
            type=type_,
            name=name,
            data=data,
            given=values,
            key=place.key,
            meta={key: value for key, value in place.given.items() if key in _META},
            many=place.many,
        )

    def _dynamic(self, place: _Place) -> Iterator[tuple[str, list[Any]]]:
        for name, given in self._mapping(f"{place.block}.dynamic", place.given.get("dynamic")).items():
            for block in blocks(given):
                iterator = str(block.get("iterator") or name)
                made, over = self._unfolded(block.get("for_each"), place.scope)
                pairs = [*over.items()] if made is None else [(made, made)]
                yield (
                    name,
                    [
                        content
                        for key, value in pairs
                        for content in blocks(
                            place.scope.with_names(**{iterator: {"key": key, "value": value}}).value(
                                block.get("content")
                            )
                        )
                    ],
                )

    @cached_property
    def _blocks(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for section, prefix in (("resource", ""), ("data", "data.")):
            for type_, named in sorted(self._section(section).items()):
                for name, given in sorted(self._mapping(f"{section}.{type_}", named).items()):
                    found[f"{prefix}{type_}.{name}"] = self._mapping(f"{prefix}{type_}.{name}", given)
        return found

    def _place(self, address: str) -> _Place | None:
        """Where the expressions of a resource stand, or of all that a block makes where nobody tells how many."""
        if address not in self._at:
            return None
        block, key = self._at[address]
        given = self._blocks[block]
        resources, over = self._made(block)
        if resources.keys is None:
            many = next(iter(unknowns(over.get("many"))), _UNSAID)
            names: Mapping[str, Any] = {"each": {"key": many, "value": many}, "count": {"index": many}}
            return _Place(block, block, given, None, Scope(self, names), many)
        names = {} if key is None else _names(key, over.get(key), counted="count" in given)
        return _Place(address, block, given, key, Scope(self, names), None)

    def _made(self, block: str) -> tuple[Resources, Mapping[Any, Any]]:
        """What a block makes, and by key what `each.value` is."""
        if block not in self._keys:
            # One that counts itself is none that Terraform takes.
            self._keys[block] = Resources(block, None), {}
            self._keys[block] = self._of_block(block, self._blocks[block])
            keys = self._keys[block][0].keys
            self._at |= {addressed(block, key): (block, key) for key in ((None,) if keys is None else keys)}
        return self._keys[block]

    def _of_block(self, block: str, given: Mapping[str, Any]) -> tuple[Resources, Mapping[Any, Any]]:
        if given.get("count") is not None:
            count = number(Scope(self).value(given["count"]))
            if not isinstance(count, int) or count > MOST_ITEMS:
                return Resources(block, None), {"many": count}
            return Resources(block, tuple(range(count))), {}
        if given.get("for_each") is not None:
            many, over = self._unfolded(given["for_each"], Scope(self))
            return (Resources(block, None), {"many": many}) if many is not None else (Resources(block, (*over,)), over)
        return Resources(block, (None,)), {}

    def _unfolded(self, given: Any, scope: Scope) -> tuple[Unknown | None, Mapping[Any, Any]]:
        """What a `for_each` goes over, by key; or the unknown that it depends on."""
        over = scope.value(given)
        if isinstance(over, Mapping):
            return None, over
        if isinstance(over, list):
            keys = [each if isinstance(each, str) else number_ for number_, each in enumerate(over)]
            if not any(isinstance(each, Unknown) for each in over):
                return None, dict(zip(keys, over, strict=True))
        return next(iter(unknowns(over)), _UNSAID), {}

    def _section(self, name: str) -> Mapping[str, Any]:
        return self._mapping(name, self._raw.get(name))

    def _mapping(self, what: str, value: object) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise EstateError(
                f"{self._path or 'The document'} is not as a synthesis writes it, "
                f"{what} is no JSON object: run `ivc synth`."
            )
        return value


@dataclass(frozen=True)
class _Place:
    """A resource's arguments as they are written, and where its expressions stand."""

    address: str
    block: str
    given: Mapping[str, Any]
    key: str | int | None
    scope: Scope
    many: Unknown | None


def _names(key: str | int, value: Any, *, counted: bool) -> Mapping[str, Any]:
    return {"count": {"index": key}} if counted else {"each": {"key": key, "value": value}}


def _parts(block: str) -> tuple[bool, str, str]:
    data = block.startswith("data.")
    type_, _, name = block.removeprefix("data.").partition(".")
    return data, type_, name
