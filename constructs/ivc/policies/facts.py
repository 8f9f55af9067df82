"""What a policy sees of a stack: the JSON that Terraform will read, so that nothing set by hand escapes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ivc.estate import unescaped
from ivc.policies.constants import Constants

STACK = ""
"""What stands for the stack itself where an address is asked for."""

INSTANCE = "openstack_compute_instance_v2"
PORT = "openstack_networking_port_v2"
NETWORK = "openstack_networking_network_v2"
SUBNET = "openstack_networking_subnet_v2"
GROUP = "openstack_networking_secgroup_v2"
RULE = "openstack_networking_secgroup_rule_v2"
OLD_GROUP = "openstack_compute_secgroup_v2"
VOLUME = "openstack_blockstorage_volume_v3"
IMAGE = "openstack_images_image_v2"
ATTACHMENTS = ("openstack_compute_volume_attach_v2", "openstack_blockstorage_volume_attach_v3")
FLOATING_IPS = (
    "openstack_networking_floatingip_v2",
    "openstack_networking_floatingip_associate_v2",
    "openstack_compute_floatingip_associate_v2",
)

_REFERENCE = re.compile(r"\$\{((?:data\.)?[a-z0-9_]+\.[A-Za-z0-9_-]+)(?:\[[^\]]*\])?(?:\.\w+)?\}")
_CALLED = {
    INSTANCE: "instance",
    PORT: "port",
    NETWORK: "network",
    SUBNET: "subnet",
    GROUP: "security group",
    OLD_GROUP: "security group",
    RULE: "security group rule",
    VOLUME: "volume",
    IMAGE: "image",
    "openstack_compute_flavor_v2": "flavor",
}
_IDS = ("name", "image_id", "flavor_id", "network_id", "subnet_id", "secgroup_id", "id")


@dataclass(frozen=True, eq=False)
class Element:
    """A resource or a data source of the JSON.

    address: as Terraform writes it. type, name: its parts. data: whether it is looked up. given: its arguments.
    """

    address: str
    type: str
    name: str
    data: bool
    given: Mapping[str, Any]

    def text(self, key: str) -> str | None:
        """An argument as it was declared; None where it is not said, or is no text or number."""
        return text_of(self.given.get(key))

    def blocks(self, key: str) -> Iterator[Mapping[str, Any]]:
        """The blocks of a kind; Terraform lets one stand alone or in a list."""
        return blocks_of(self.given, key)

    def values(self, key: str) -> list[Any]:
        """The items of a list; an expression in its place is one item."""
        value = self.given.get(key)
        return value if isinstance(value, list) else [] if value is None else [value]


def text_of(value: object) -> str | None:
    """A text of the JSON as it was declared, or a number as one; None for anything else."""
    if isinstance(value, str):
        return unescaped(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def blocks_of(given: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """The blocks of a kind; Terraform lets one stand alone or in a list."""
    value = given.get(key)
    for block in value if isinstance(value, list) else [value]:
        if isinstance(block, Mapping):
            yield block


class Facts:
    """One stack's JSON.

    stack: its name. document: the whole JSON. declared: the addresses that the library's own declarations made; others
    were made by hand. checked_user_data: the user data that the library's checks have looked through.
    constants: what expressions come to.
    """

    def __init__(
        self,
        *,
        stack: str,
        document: Mapping[str, Any],
        declared: Collection[str] = (),
        checked_user_data: Collection[str] = (),
    ) -> None:
        self.stack = stack
        self.document = document
        self.declared = frozenset(declared)
        self.checked_user_data = frozenset(checked_user_data)
        self.constants = Constants(document)

    def section(self, *path: str) -> Mapping[str, Any]:
        """A part of the document, such as `section("terraform", "required_providers")`; empty where there is none."""
        value: Any = self.document
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}

    def resources(self, *types: str) -> list[Element]:
        """All resources of some types, by address."""
        return [element for kind in types for element in self._by_type.get((False, kind), ())]

    def data(self, *types: str) -> list[Element]:
        """All data sources of some types, by address."""
        return [element for kind in types for element in self._by_type.get((True, kind), ())]

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """All resources and data sources, by address."""
        found = {}
        for section, prefix in (("resource", ""), ("data", "data.")):
            for kind, named in sorted(self.section(section).items()):
                for name, given in sorted(named.items()) if isinstance(named, Mapping) else ():
                    if isinstance(given, Mapping):
                        address = f"{prefix}{kind}.{name}"
                        found[address] = Element(address, kind, name, section == "data", given)
        return found

    def follow(self, value: object) -> Element | None:
        """What an expression such as `${openstack_networking_port_v2.a.id}` refers to, if this stack has it."""
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        return self.elements.get(match[1]) if match else None

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
        kind = _CALLED.get(element.type, element.type)
        if not element.data:
            return f"{kind} {element.name}"
        name = next((name for key in _IDS if (name := element.text(key))), element.name)
        return f"look-up of {kind} {name}"

    @cached_property
    def instances(self) -> list[Element]:
        """The servers."""
        return self.resources(INSTANCE)

    def ports(self, instance: Element) -> list[Element]:
        """The ports of a server that are resources of the stack, in its order."""
        found = (self.follow(block.get("port")) for block in instance.blocks("network"))
        return [port for port in found if port is not None]

    @cached_property
    def public_networks(self) -> frozenset[str]:
        """Looked-up networks, by address, that the declarations call public or that are looked up as `external`."""
        return frozenset(
            network.address
            for network in self.data(NETWORK)
            if network.given.get("external") is True or self.section("//", "ivc", network.address).get("public") is True
        )

    def is_public(self, port: Element) -> bool:
        """Whether a port has an address that the Internet reaches, as far as the JSON tells."""
        network = self.follow(port.given.get("network_id"))
        return port.address in self._with_floating_ip or (
            network is not None and network.address in self.public_networks
        )

    def groups_of(self, port: Element) -> list[Element]:
        """The security groups of a port that the stack makes or looks up."""
        found = (self.follow(value) for value in port.values("security_group_ids"))
        return [group for group in found if group is not None]

    @cached_property
    def _with_floating_ip(self) -> frozenset[str]:
        found = set()
        for floating in self.resources(*FLOATING_IPS):
            instance = self.follow(floating.given.get("instance_id"))
            if instance is not None:
                # Nova gives it to the first port.
                found |= {port.address for port in self.ports(instance)[:1]}
            if (port := self.follow(floating.given.get("port_id"))) is not None:
                found.add(port.address)
        return frozenset(found)

    @cached_property
    def _by_type(self) -> Mapping[tuple[bool, str], list[Element]]:
        found: dict[tuple[bool, str], list[Element]] = {}
        for element in self.elements.values():
            found.setdefault((element.data, element.type), []).append(element)
        return found

    @cached_property
    def _part_of(self) -> Mapping[str, str]:
        parts = [(port, instance) for instance in self.instances for port in self.ports(instance)]
        owner_of = {RULE: "security_group_id", SUBNET: "network_id"} | dict.fromkeys(ATTACHMENTS, "instance_id")
        for element in self.resources(*owner_of):
            owner = self.follow(element.given.get(owner_of[element.type]))
            if owner is not None and not owner.data:
                parts.append((element, owner))
        found = {part.address: owner.address for part, owner in parts}
        for trigger in self.resources("terraform_data"):
            # The library's own: a declared value, whose change replaces the server.
            instance = f"{INSTANCE}.{trigger.name.rpartition('__')[0]}"
            if instance in self.elements:
                found[trigger.address] = instance
        return found
