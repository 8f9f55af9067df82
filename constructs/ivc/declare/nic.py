"""NICs: how an instance is plugged into a network.

Instance(shop, "www-1", ..., nics=[internet.nic(web), backend.nic(web, ip="10.0.0.11")])
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivc.arguments import made_by
from ivc.cidr import IPAddress, parse_address
from ivc.declare.apart import taken_in
from ivc.declare.references import Reference
from ivc.errors import DeclarationError

if TYPE_CHECKING:
    from ivc.declare.floating_ip import AnyFloatingIp
    from ivc.declare.network import AnyNetwork
    from ivc.declare.security_group import AnySecurityGroup
    from ivc.declare.subnet import AnySubnet
    from ivc.declare.vip import Vip


@made_by("backend.nic(...), of the network that it is in")
@dataclass(frozen=True)
class Nic(Reference):
    """How an instance is plugged into a network; made by a network's `nic`."""

    network: AnyNetwork
    groups: tuple[AnySecurityGroup, ...]
    ips: tuple[str, ...]
    port_security: bool | None
    automatic_in: tuple[AnySubnet, ...] = ()
    floating_ip: AnyFloatingIp | None = None
    floating_ip_to: str | None = None
    vips: tuple[Vip, ...] = ()

    def _takes(self) -> Iterator[str]:
        """What of the project it has for itself alone, in words."""
        yield from taken_in(self.network, self.ips, self.floating_ip)

    def check_groups(self, where: str) -> None:
        """Raise DeclarationError if it has groups, or VIPs, and nothing that applies them."""
        filters = self.network.port_security if self.port_security is None else self.port_security
        if self.vips and not filters:
            raise DeclarationError(
                f"{where}: vips: without port security its port may use any address, and takes none by name; set "
                "port_security=True, or leave them out"
            )
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

    def _check_places(self, where: str) -> None:
        """Raise DeclarationError for a subnet or a VIP of another network, and for a floating IP that cannot lead to
        it.
        """
        for what, things in (("ip: subnet", self.automatic_in), ("vips: VIP", self.vips)):
            for thing in things:
                if thing.network.terraform_address != self.network.terraform_address:
                    raise DeclarationError(
                        f"{where}.{what} {thing.name} is in network {thing.network.name}, and the NIC in "
                        f"{self.network.name}; give one of that network"
                    )
        if self.ips and (chosen := [vip.name for vip in self.vips if not isinstance(vip.address, str)]):
            # The VIP's port comes before the NIC's, which names its address.
            raise DeclarationError(
                f"{where}.vips: VIP {chosen[0]} has an address that the cloud chooses, and it may choose "
                f"{self.ips[0]}, which the NIC declares; give the VIP its ip="
            )
        if self.floating_ip is None and self.floating_ip_to is not None:
            raise DeclarationError(f"{where}: floating_ip_to: there is no floating_ip; give it, or leave this out")
        if self.floating_ip is not None:
            self._led_to(where)

    def _led_to(self, where: str) -> str | None:
        """Which of its addresses its floating IP leads to; None where it has one alone.

        Raises DeclarationError where that is not told, or can be none.
        """
        four = [str(address) for address in self.addresses(where) if address.version == 4]
        to = self.floating_ip_to
        if to is not None and to not in four:
            raise DeclarationError(
                f"{where}: floating_ip_to: {to} is none of its IPv4 addresses ({', '.join(four) or 'none is fixed'}); "
                "give one of them, or leave it out"
            )
        chosen = [f"one of subnet {subnet.name}" for subnet in self.automatic_in if subnet._version == 4]
        if len(four) + len(chosen) > 1 and to is None:
            raise DeclarationError(
                f"{where}: floating_ip: it may lead to {' or '.join([*four, *chosen])}; say which, with floating_ip_to="
            )
        said = [*self.ips, *(f"one of subnet {subnet.name}" for subnet in self.automatic_in)]
        if said and not four and all(subnet._version == 6 for subnet in self.automatic_in):
            raise DeclarationError(
                f"{where}: floating_ip: it leads to IPv4 addresses alone, and the NIC has {', '.join(said)}; give "
                "the NIC one, or leave it out"
            )
        return to

    def _refers_to(self) -> AnyNetwork:
        return self.network
