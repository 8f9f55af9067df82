"""Who has which address in the networks of a stack, and which port waits for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ivc.declare.cdktf import TerraformResource
from ivc.errors import DeclarationError
from ivc.estate.families import NETWORK


@dataclass(frozen=True)
class Wait:
    """What the ports with an automatic address in one network wait for.

    local: the name of the Terraform local that lists it, so that the output grows with the ports and not with their
    square. addresses: Terraform's, sorted. ports: those that wait.
    """

    local: str
    addresses: tuple[str, ...]
    ports: tuple[TerraformResource, ...]


class NetworkPlan:
    """The declared addresses, by network, and the order that they ask for."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], str] = {}
        self._preceding: dict[str, set[str]] = defaultdict(set)
        self._following: dict[str, list[TerraformResource]] = defaultdict(list)

    def take(self, where: str, *, network: str, network_name: str, ip: str) -> None:
        """Give an address in a network to a NIC; raises DeclarationError if another has it."""
        owner = self._owners.get((network, ip))
        if owner is not None:
            raise DeclarationError(
                f"{where}: the address {ip} in network {network_name} is already {owner}'s; give one of the two another"
            )
        self._owners[(network, ip)] = where

    def precede(self, *, network: str, address: str) -> None:
        """A subnet, or a port with a declared address: what ports with an automatic one in the network wait for.

        They would fail before there is a subnet, and might take the address that another declares.
        """
        self._preceding[network].add(address)

    def follow(self, *, network: str, port: TerraformResource) -> None:
        """A port whose address the cloud chooses."""
        self._following[network].append(port)

    def waits(self) -> Iterator[Wait]:
        """One for each network in which a port waits."""
        for network, ports in sorted(self._following.items()):
            if self._preceding[network]:
                # `__`, which no name of a network that is made here holds, tells a looked-up one apart.
                name = network.replace(f"{NETWORK.type}.", "").replace("data.", "data__")
                yield Wait(f"automatic_addresses_in_{name}", tuple(sorted(self._preceding[network])), tuple(ports))
