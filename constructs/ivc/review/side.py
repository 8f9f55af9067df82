"""One side of a change: a stack as it is, or as it will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ivc import estate
from ivc.estate import Instance, Stack, Synthesized
from ivc.review.document import Document, name_of, reference
from ivc.review.kinds import ATTACHMENT, INSTANCE, PORT, TRIGGER
from ivc.review.resolve import resolved

_FLOATING = ("openstack_networking_floatingip_v2", "openstack_networking_floatingip_associate_v2")


@dataclass(frozen=True)
class Side:
    """A stack's document, and what it says.

    user_data: by instance, its readable text.
    actual: by port, the addresses that it has, where a plan told them.
    """

    document: Document
    stack: Stack
    user_data: Mapping[str, str]
    actual: Mapping[str, tuple[str, ...]]

    @classmethod
    def of_folder(cls, written: Synthesized) -> Side:
        """What a synthesized stack declares."""
        written = replace(written, document=resolved(written.document))
        stack = estate.stack_of(written)
        texts = {
            # What is no UTF-8 no synthesis wrote, and is to be seen all the same.
            one.id: one.user_data.path.read_bytes().decode(errors="replace")
            for one in stack.instances
            if one.user_data is not None
        }
        return cls(Document.of(written), stack, texts, {})

    @classmethod
    def of_document(cls, document: Document, user_data: Mapping[str, str] | None = None) -> Side:
        """What a document, such as a plan's, says."""
        raw: dict[str, dict[str, dict[str, object]]] = {"resource": {}, "data": {}}
        for element in document.elements.values():
            section = raw["data" if element.address.startswith("data.") else "resource"]
            section.setdefault(element.type, {})[name_of(element.address)] = dict(element.attributes)
        stack = estate.stack_of(Synthesized(document.name, Path(), {**raw, "provider": {"openstack": {}}}))
        return cls(document, stack, user_data or {}, {}).with_actual(document)

    @classmethod
    def empty(cls, name: str) -> Side:
        """A stack that declares nothing."""
        return cls.of_document(Document.empty(name))

    def with_actual(self, document: Document) -> Side:
        """The same with the addresses that ports have in a plan's document."""
        return replace(
            self,
            actual={
                address: tuple(str(ip) for ip in element.attributes.get("all_fixed_ips") or ())
                for address, element in document.resources.items()
                if element.type == PORT and isinstance(element.attributes.get("all_fixed_ips"), list)
            },
        )

    def renamed(self, names: Mapping[str, str]) -> Side:
        """The same with other addresses."""
        if not names:
            return self
        document = self.document.renamed(names)
        ids = {
            former.partition(".")[2]: new.partition(".")[2]
            for former, new in names.items()
            if former.startswith(f"{INSTANCE}.")
        }
        return Side(
            document,
            estate.stack_of(Synthesized(document.name, Path(), dict(document.raw))),
            {ids.get(name, name): text for name, text in self.user_data.items()},
            {names.get(address, address): ips for address, ips in self.actual.items()},
        )

    @cached_property
    def instances(self) -> dict[str, Instance]:
        """By id."""
        return {one.id: one for one in self.stack.instances}

    @cached_property
    def owners(self) -> dict[str, str]:
        """By the address of a resource that belongs to an instance, and of the instance itself, the instance's id."""
        found = {f"{INSTANCE}.{one.id}": one.id for one in self.stack.instances}
        for one in self.stack.instances:
            found |= {nic.port: one.id for nic in one.nics if nic.port}
            element = self.document.elements.get(f"{INSTANCE}.{one.id}")
            for trigger in element.lifecycle("replace_triggered_by") if element else ():
                found[str(trigger)] = one.id
        for address, element in self.document.resources.items():
            owner = reference(element.attributes.get("instance_id")) if element.type == ATTACHMENT else None
            # The library's own triggers; no plan holds a lifecycle.
            if element.type == TRIGGER and "__" in address:
                owner = f"{INSTANCE}.{address.partition('.')[2].rpartition('__')[0]}"
            if owner in found:
                found.setdefault(address, found[owner])
        return found

    @cached_property
    def floating(self) -> frozenset[str]:
        """The ports that a floating IP of this stack leads to."""
        return frozenset(
            port
            for element in self.document.resources.values()
            if element.type in _FLOATING and (port := reference(element.attributes.get("port_id")))
        )
