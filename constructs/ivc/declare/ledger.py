"""What the declarations of one stack have said so far, where one must know of the others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivc.source import Source, source_of_caller


@dataclass
class Ledger:
    """The facts of a stack that no single declaration holds. One a stack, kept by `OpenStackStack`.

    folder: the app's, by which the places of declarations are told.
    """

    stack: str
    folder: Path
    _declared: set[tuple[str, str]] = field(default_factory=set)
    _owners: dict[tuple[str, str], str] = field(default_factory=dict)
    _moved: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    _volumes: dict[str, str] = field(default_factory=dict)
    _preceding: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _following: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    checks: dict[str, Any] = field(default_factory=dict)
    triggers: dict[str, Any] = field(default_factory=dict)
    instances: dict[str, Any] = field(default_factory=dict)
    user_data: dict[str, str] = field(default_factory=dict)
    checked_user_data: set[str] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    sources: dict[str, Source] = field(default_factory=dict)

    def declare(self, where: str, *, kind: str, name: str) -> None:
        """Take a name among the declarations of a kind; raises ValueError if another has it."""
        if (kind, name) in self._declared:
            raise ValueError(
                f"{where}: {name!r} is already declared as {kind} in stack {self.stack}; "
                "give one of the two another name"
            )
        self._declared.add((kind, name))

    def claim(self, where: str, *, type: str, name: str) -> None:
        """Take a Terraform address for a declaration; raises ValueError if another has it."""
        owner = self._owners.get((type, name))
        if owner is not None:
            raise ValueError(
                f"{where}: {type}.{name} is already declared in stack {self.stack}, by {owner}; "
                "names are unique per kind: give one of the two another"
            )
        self._owners[(type, name)] = where
        self.note_source(f"{type}.{name}")

    def note_source(self, address: str) -> None:
        """Note that the declaration under way makes what stands at an address, and where it stands in the project."""
        self.declared.add(address)
        source = source_of_caller(self.folder)
        if source is not None:
            self.sources[address] = source

    def trigger(self, where: str, *, former: str, name: str, input: dict[str, str]) -> str:
        """The address of a `terraform_data` that holds a declared value; it changes when the value does."""
        self.claim(where, type="terraform_data", name=name)
        self.move(where, type="terraform_data", former=former, name=name)
        self.triggers[name] = {"input": input}
        return f"terraform_data.{name}"

    def move(self, where: str, *, type: str, former: str, name: str) -> None:
        """A resource that stood at another address until now (it becomes a `moved` block)."""
        if former != name:
            other, declaration = self._moved.get((type, former), (name, where))
            if other != name:
                raise ValueError(
                    f"{where}: renamed_from: {declaration} says that it was {type}.{former}, too; "
                    "take renamed_from away from one of the two"
                )
            self._moved[(type, former)] = (name, where)

    def moved_blocks(self) -> list[dict[str, str]]:
        """Terraform's `moved` blocks; raises ValueError where an old address is declared again."""
        for (type_, former), (name, where) in self._moved.items():
            owner = self._owners.get((type_, former))
            if owner is not None:
                raise ValueError(
                    f"{where}: renamed_from: {type_}.{former} is declared, by {owner}, so it cannot have become "
                    f"{name}; take renamed_from away, or the declaration of the old name"
                )
        return [
            {"from": f"{type_}.{former}", "to": f"{type_}.{name}"}
            for (type_, former), (name, _) in sorted(self._moved.items())
        ]

    def take_address(self, where: str, *, network: str, network_name: str, ip: str) -> None:
        """Give a fixed address in a network to a NIC; raises ValueError if another has it."""
        owner = self._addresses.get((network, ip))
        if owner is not None:
            raise ValueError(
                f"{where}: the address {ip} in network {network_name} is already {owner}'s; give one of the two another"
            )
        self._addresses[(network, ip)] = where

    def precede(self, *, network: str, address: str) -> None:
        """A subnet, or a port with a declared address: what ports with an automatic one in the network wait for.

        They would fail before there is a subnet, and might take the address that another declares.
        """
        self._preceding[network].append(address)

    def follow(self, *, network: str, port: str) -> None:
        """A port, by its Terraform name, whose address the cloud chooses."""
        self._following[network].append(port)

    def waits(self) -> list[tuple[str, list[str], list[str]]]:
        """For each network where a port waits: a name for a Terraform local, what it lists, and who waits for it."""
        return [
            (
                # `__`, which no name of a network that is made here holds, tells a looked-up one apart.
                "automatic_addresses_in_"
                + network.replace("openstack_networking_network_v2.", "").replace("data.", "data__"),
                [f"${{{address}.id}}" for address in sorted(self._preceding[network])],
                ports,
            )
            for network, ports in sorted(self._following.items())
            if self._preceding[network]
        ]

    def take_volume(self, where: str, *, volume: str, volume_name: str) -> None:
        """Attach a volume to an instance; raises ValueError if it is attached already."""
        if volume in self._volumes:
            raise ValueError(
                f"{where}: volumes: volume {volume_name} is already attached to {self._volumes[volume]}; "
                "a volume is attached once"
            )
        self._volumes[volume] = where
