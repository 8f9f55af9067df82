"""One side of a change: a stack as it is, or as it will be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ivc import estate
from ivc.estate import Instance, Stack, Synthesized
from ivc.estate.environment import Environment, alike, without
from ivc.estate.kinds import PORT, TRIGGER
from ivc.estate.reach import ALL, Assumed, publicity
from ivc.estate.reading import ATTACHMENTS
from ivc.estate.sharing import Grant, grants
from ivc.estate.triggers import owner_of
from ivc.terraform.address import Renaming
from ivc.terraform.document import Document, Element
from ivc.terraform.provider import schema
from ivc.terraform.value import Unknown

_ONE_OR_THE_OTHER = frozenset({"image_id", "image_name", "flavor_id", "flavor_name"})
"""Arguments that say the same in two ways."""


def _texts(stack: Stack) -> dict[str, str]:
    """The readable user data of a synthesized stack, by instance."""
    return {
        # What is no UTF-8 no synthesis wrote, and is to be seen all the same.
        one.id: one.user_data.path.read_bytes().decode(errors="replace")
        for one in stack.instances
        if one.user_data is not None
    }


@dataclass(frozen=True)
class Side:
    """A stack's document, and what it says.

    user_data: by instance, its readable text. has_texts: whether one that is not in it has none, and not that nobody
    knows it: a plan holds no more than a hash.
    actual: by port, the addresses that it has, where a plan told them.
    assumed: the unknown values that are taken for the worse. Of what was, these are only those that stay what they
    are: what nobody knows of it must not hide that something opens.
    environment: whose name was left out of it; empty where none was.
    """

    document: Document
    stack: Stack
    user_data: Mapping[str, str]
    actual: Mapping[str, tuple[str, ...]]
    assumed: Assumed = ALL
    has_texts: bool = True
    environment: str = ""

    @classmethod
    def of_folder(cls, written: Synthesized) -> Side:
        """What a synthesized stack declares."""
        stack = estate.stack_of(written.document, written.path)
        return cls(written.document, stack, _texts(stack), {})

    @classmethod
    def of_environment(cls, written: Synthesized, environment: Environment) -> Side:
        """What a synthesized stack of an environment declares, without what is the environment's alone."""
        stack = estate.stack_of(written.document, written.path)
        texts = {name: without(environment.name, text) for name, text in _texts(stack).items()}
        raw = alike(written.document.raw, environment.name, texts)
        document = Document.of(environment.stack, raw, written.path)
        return cls(document, estate.stack_of(document, written.path), texts, {}, environment=environment.name)

    @classmethod
    def of_document(cls, document: Document, user_data: Mapping[str, str] | None = None) -> Side:
        """What a document, such as a plan's, says."""
        return cls(document, estate.stack_of(document), user_data or {}, {}, has_texts=False).with_actual(document)

    @classmethod
    def empty(cls, name: str) -> Side:
        """A stack that declares nothing."""
        return cls.of_document(Document(name, {}))

    def with_actual(self, document: Document) -> Side:
        """The same with the addresses that ports have in a plan's document."""
        return replace(
            self,
            actual={
                port.address: tuple(map(str, port.values("all_fixed_ips")))
                for port in document.of_type(PORT)
                if isinstance(port.given.get("all_fixed_ips"), list)
            },
        )

    def keeping(self, before: Document, stays: Callable[[str], bool]) -> Side:
        """The same with what is declared no longer, and what the provider leaves as it is all the same.

        stays: whether a resource is not made anew, by its address.
        """
        kept: dict[str, Element] = {}
        for address, new in self.document.resources.items():
            old = before.elements.get(address)
            if old is None or old.type != new.type or not stays(address):
                continue
            left = {
                key: old.given[key]
                for key in schema(new.type, self.document.provider_version).kept - _ONE_OR_THE_OTHER
                if old.says(key) and not new.says(key)
            }
            if left:
                kept[address] = replace(new, given={**new.given, **left})
        if not kept:
            return self
        document = self.document.with_elements(kept)
        return replace(self, document=document, stack=estate.stack_of(document, self.stack.file.path))

    def completed(self, plan: Document) -> Side:
        """The same with what a plan alone tells of it."""
        document = self.document.completed(plan)
        if document is self.document:
            return self
        return replace(self, document=document, stack=estate.stack_of(document, self.stack.file.path))

    def renamed(self, names: Mapping[str, str]) -> Side:
        """The same with other addresses."""
        if not names:
            return self
        document, renaming = self.document.renamed(names), Renaming(names)
        ids = {one.id: document.elements[renaming.address(one.address)].title for one in self.stack.instances}
        return Side(
            document,
            estate.stack_of(document),
            {ids.get(name, name): text for name, text in self.user_data.items()},
            {renaming.address(address): ips for address, ips in self.actual.items()},
            has_texts=self.has_texts,
            environment=self.environment,
        )

    @cached_property
    def unknowns(self) -> frozenset[Unknown]:
        """What is not told of who reaches, or may use, what."""
        rules = [*self.stack.loose, *(rule for group in self.stack.groups for rule in group.rules)]
        listeners = [listener for one in self.stack.load_balancers for listener in one.listeners]
        nics = [*self.stack.ports, *(nic for one in self.stack.instances for nic in one.nics)]
        return frozenset(
            [
                *(each for rule in rules for each in (*rule.unknown, *rule.unknown_prefixes)),
                *(each for one in listeners for each in (*one.unknown, one.port) if isinstance(each, Unknown)),
                *(each for nic in nics for each in (*nic.unknown, publicity(nic.network))),
                *(publicity(one.network) for one in self.stack.load_balancers),
                *(one.unknown for given in self.grants.values() for one in given if one.unknown is not None),
            ]
        )

    @cached_property
    def grants(self) -> Mapping[str, list[Grant]]:
        """What is given to everybody, or may be, by the address of what gives it."""
        found: dict[str, list[Grant]] = {}
        for grant in grants(self.stack):
            found.setdefault(grant.address, []).append(grant)
        return found

    @cached_property
    def instances(self) -> dict[str, Instance]:
        """By id."""
        return {one.id: one for one in self.stack.instances}

    @cached_property
    def owners(self) -> dict[str, str]:
        """By the address of a resource that belongs to an instance, and of the instance itself, the instance's id."""
        found = {one.address: one.id for one in self.stack.instances}
        for one in self.stack.instances:
            found |= {nic.port: one.id for nic in one.nics if nic.port}
            for trigger in self.document.elements[one.address].lifecycle("replace_triggered_by"):
                found[str(trigger)] = one.id
        for element in self.document.of_type(*ATTACHMENTS):
            owner = self.document.follow(element.given.get("instance_id"))
            if owner is not None and owner.address in found:
                found.setdefault(element.address, found[owner.address])
        for element in self.document.of_type(TRIGGER):
            # The library's own triggers; no plan holds a lifecycle.
            server = owner_of(element.name)
            if server in found:
                found.setdefault(element.address, found[server])
        return found
