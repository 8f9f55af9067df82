"""NICs: how an instance is plugged into a network.

Instance(shop, "www-1", ..., nics=[internet.nic(web), backend.nic(web, ip="10.0.0.11")])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivc.cidr import IPAddress, parse_address
from ivc.declare.references import Reference
from ivc.errors import DeclarationError

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork
    from ivc.declare.security_group import AnySecurityGroup
    from ivc.declare.subnet import AnySubnet


@dataclass(frozen=True)
class Nic(Reference):
    """How an instance is plugged into a network; made by a network's `nic`."""

    network: AnyNetwork
    groups: tuple[AnySecurityGroup, ...]
    ips: tuple[str, ...]
    port_security: bool | None

    def check_groups(self, where: str) -> None:
        """Raise DeclarationError if it has groups and nothing that applies them."""
        filters = self.network.port_security if self.port_security is None else self.port_security
        if self.groups and not filters:
            names = ", ".join(group.name for group in self.groups)
            raise DeclarationError(
                f"{where}: groups: {names} cannot apply on network {self.network.name} without port security; "
                "set port_security=True, or give it no groups"
            )

    def addresses(self, where: str) -> tuple[IPAddress, ...]:
        """Its fixed addresses; raises DeclarationError for what is none."""
        return tuple(parse_address(f"{where}.ip", text) for text in self.ips)

    def subnets(self, where: str) -> tuple[AnySubnet | None, ...]:
        """The subnet that each of its fixed addresses lies in, of those declared so far; None where none is it.

        Raises DeclarationError for an address that no server can have in its subnet.
        """
        return tuple(self.network._subnet_of(f"{where}.ip", address) for address in self.addresses(where))

    def _refers_to(self) -> AnyNetwork:
        return self.network
