"""What a policy sees of a stack: the JSON that Terraform will read, so that nothing set by hand escapes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from ivc.estate import families
from ivc.estate.kinds import kind
from ivc.estate.model import Nic, Stack
from ivc.estate.reach import is_public
from ivc.estate.reading import ATTACHMENTS, stack_of
from ivc.estate.rules import name_of
from ivc.estate.triggers import owner_of
from ivc.terraform.document import Document, Element

STACK = ""
"""What stands for the stack itself where an address is asked for."""

INSTANCE = families.INSTANCE.type
PORT = families.PORT.type
NETWORK = families.NETWORK.type
SUBNET = families.SUBNET.type
GROUP = families.SECURITY_GROUP.type
RULE = families.RULE.type
VOLUME = families.VOLUME.type
IMAGE = families.IMAGE.type


class Facts:
    """One stack's JSON, with all in place that is known without a cloud; what only apply tells is an `Unknown`.

    stack: its name. declared: the addresses that the library's own declarations made; others were made by hand.
    checked_user_data: what the JSON says of user data that the library's checks have looked through.
    """

    def __init__(
        self,
        *,
        document: Document,
        declared: Collection[str] = (),
        checked_user_data: Collection[str] = (),
    ) -> None:
        self.stack = document.name
        self.document = document
        self.declared = frozenset(declared)
        self.checked_user_data = frozenset(checked_user_data)

    def section(self, *path: str) -> Mapping[str, Any]:
        """A part of the document, such as `section("terraform", "required_providers")`; empty where there is none."""
        return self.document.section(*path)

    def resources(self, *types: str) -> list[Element]:
        """All resources of some types, by address."""
        return self.document.of_type(*types)

    def data(self, *types: str) -> list[Element]:
        """All data sources of some types, by address."""
        return self.document.of_type(*types, data=True)

    @property
    def elements(self) -> Mapping[str, Element]:
        """All resources and data sources, by address."""
        return self.document.elements

    def follow(self, value: object) -> Element | None:
        """What a value such as `${openstack_networking_port_v2.a.id}` refers to, if this stack has it."""
        return self.document.follow(value)

    @cached_property
    def estate(self) -> Stack:
        """The servers, networks and groups of the stack."""
        return stack_of(self.document)

    def declaration(self, address: str) -> str:
        """The address of the declaration that something is part of: of a port its instance, of a rule its group.

        What is part of no other is itself.
        """
        return self._part_of.get(address, address)

    def called(self, address: str) -> str:
        """What people call the thing at an address, such as `instance www-1`."""
        if address == STACK:
            return f"stack {self.stack}"
        element = self.elements.get(address)
        if element is None:
            return address
        what = kind(element.type, else_=element.type)
        return f"look-up of {what} {name_of(element)}" if element.data else f"{what} {element.title}"

    @cached_property
    def instances(self) -> list[Element]:
        """The servers."""
        return self.resources(INSTANCE)

    def has_checked_user_data(self, instance: Element) -> bool:
        """Whether a server's user data is what its declaration says, which the library's checks have looked through."""
        # As it is written: a variable's default would stand in the place of the variable.
        said: object = self.document.raw
        for key in ("resource", instance.type, instance.name, "user_data"):
            said = said.get(key) if isinstance(said, Mapping) else None
        return isinstance(said, str) and said in self.checked_user_data

    def ports(self, instance: Element) -> list[Element]:
        """The ports of a server that are resources of the stack, in its order."""
        return [self.elements[nic.port] for nic in self._nics_of[instance.address] if nic.port is not None]

    @cached_property
    def public_networks(self) -> frozenset[str]:
        """Looked-up networks, by address, that the declarations call public or that are looked up as `external`."""
        return frozenset(network.address for network in self.estate.networks if network.public and not network.made)

    def is_public(self, port: Element) -> bool:
        """Whether a port has an address that the Internet reaches, as far as the JSON tells."""
        nic = self._nics.get(port.address)
        if nic is not None:
            return is_public(self.estate, nic) is True
        network = self.follow(port.given.get("network_id"))
        return network is not None and network.address in self.public_networks

    def groups_of(self, port: Element) -> list[Element]:
        """The security groups of a port that the stack makes or looks up."""
        return [self.elements[address] for address in self._worn.get(port.address, ()) if address in self.elements]

    def group_names(self, port: Element) -> tuple[str, ...]:
        """The names of all security groups of a port."""
        return next((nic.groups for nic in self.estate.ports if nic.port == port.address), ())

    @cached_property
    def _nics_of(self) -> Mapping[str, tuple[Nic, ...]]:
        return {instance.address: instance.nics for instance in self.estate.instances}

    @cached_property
    def _nics(self) -> Mapping[str, Nic]:
        return {nic.port: nic for nics in self._nics_of.values() for nic in nics if nic.port is not None}

    @cached_property
    def _worn(self) -> Mapping[str, tuple[str, ...]]:
        return {nic.port: nic.group_addresses for nic in self.estate.ports if nic.port is not None}

    @cached_property
    def _part_of(self) -> Mapping[str, str]:
        parts = [(port, instance) for instance in self.instances for port in self.ports(instance)]
        argument = {RULE: "security_group_id", SUBNET: "network_id"} | dict.fromkeys(ATTACHMENTS, "instance_id")
        for element in self.resources(*argument):
            owner = self.follow(element.given.get(argument[element.type]))
            if owner is not None and not owner.data:
                parts.append((element, owner))
        found = {part.address: owner.address for part, owner in parts}
        for trigger in self.resources("terraform_data"):
            # The library's own: a declared value, whose change replaces what is declared.
            if (declared := owner_of(trigger.name)) in self.elements:
                found[trigger.address] = declared
        return found
