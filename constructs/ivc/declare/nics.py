"""NICs of a tier: how each of its members is plugged into a network, with an address of its own.

Tier(shop, "web", count=3, ..., nics=[internet.nic(web), backend.nics(web, first="10.0.0.11")])
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ivc.arguments import made_by
from ivc.cidr import IPAddress, parse_address
from ivc.declare.nic import Nic
from ivc.declare.references import Reference
from ivc.errors import DeclarationError

if TYPE_CHECKING:
    from ivc.declare.floating_ip import AnyFloatingIp
    from ivc.declare.network import AnyNetwork

T = TypeVar("T")


@made_by("backend.nics(...), of the network that they are in")
@dataclass(frozen=True)
class Nics(Reference):
    """How each member of a tier is plugged into a network; made by a network's `nics`.

    alike: what all have in common. first: the first member's addresses; each further one has the next ones.
    ips, floating_ips: the members' own, in their order.
    """

    alike: Nic
    first: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    floating_ips: tuple[AnyFloatingIp, ...] = ()

    def _check(self) -> None:
        """Raise DeclarationError where it does not tell one member from another, or two things of one."""
        where = f"{self.alike.network._called}: nics"
        if self.first and self.ips:
            raise DeclarationError(f"{where}: first: there are ips=, too; give one of the two")
        if not self.first and not self.ips and not self.floating_ips:
            raise DeclarationError(
                f"{where}: there is nothing that one member has and another has not; give first=, ips= or "
                "floating_ips=, or write nic(...), which does for all members"
            )
        versions = [parse_address(f"{where}: first", text).version for text in self.first]
        if len(set(versions)) < len(versions):
            raise DeclarationError(
                f"{where}: first: {' and '.join(self.first)} are of one family; give one of each at most"
            )
        for text in self.ips:
            parse_address(f"{where}: ips", text)

    def _of(self, where: str, number: int, count: int) -> Nic:
        """The NIC of a member; raises DeclarationError, beginning with `where`, where the lists have none for it.

        count: of the tier.
        """
        ips = tuple(_nth(f"{where}.first", text, number) for text in self.first)
        if self.ips:
            ips = (_of_list(f"{where}.ips", "addresses", self.ips, number, count),)
        floating_ip = None
        if self.floating_ips:
            floating_ip = _of_list(f"{where}.floating_ips", "floating IPs", self.floating_ips, number, count)
        return replace(self.alike, ips=ips, floating_ip=floating_ip)

    def _refers_to(self) -> AnyNetwork:
        return self.alike.network


def _nth(where: str, first: str, number: int) -> str:
    address: IPAddress = parse_address(where, first)
    try:
        return str(address + (number - 1))
    except ipaddress.AddressValueError:
        raise DeclarationError(
            f"{where}: from {first} on there is no address for member {number}; begin with a lower one"
        ) from None


def _of_list(where: str, what: str, given: Sequence[T], number: int, count: int) -> T:
    if number > len(given):
        raise DeclarationError(
            f"{where}: there are {len(given)} {what}, and count is {count}; give one for each member"
        )
    return given[number - 1]
