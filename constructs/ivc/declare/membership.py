"""That an instance is a member of a tier: what its user data may know of the others, and how errors call it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ivc.declare.ip_addresses import IpAddresses
from ivc.declare.nic import Nic
from ivc.declare.port import plan_ports
from ivc.errors import DeclarationError

if TYPE_CHECKING:
    from ivc.declare.declaration import Declaration


@dataclass
class PlannedMember:
    """A member of a tier before it is made.

    tier: the declaration. nics: its own. own: the arguments that it has otherwise than the others.
    """

    tier: Declaration
    number: int
    _called: str
    key: str
    former_key: str
    name: str
    nics: Sequence[Nic]
    own: frozenset[str]

    @cached_property
    def facts(self) -> dict[str, object]:
        """What the templates of the tier's members see of it: what its ports and floating IPs tell, which wait for no
        server.
        """
        ports = plan_ports(self, self.nics)
        addresses = IpAddresses(self, ports, of=self.tier)
        return {
            "name": self.name,
            "number": self.number,
            "addresses": addresses,
            "floating_ips": {
                port.key: port.nic.floating_ip.address for port in ports if port.nic.floating_ip is not None
            },
            "address_on": addresses.on,
            "ipv4_on": partial(addresses.on, version=4),
            "ipv6_on": partial(addresses.on, version=6),
        }


@dataclass(frozen=True)
class Membership:
    """Which member of which tier an instance is.

    tier: how outputs and templates call the tier. members: all of them, in the order of their numbers.
    """

    tier: str
    number: int
    members: Sequence[PlannedMember]

    def facts(self, *, alone: bool) -> dict[str, object]:
        """What its templates see as `instance.tier`. alone: as if there were no other members."""
        members = [one for one in self.members if not alone or one.number == self.number]
        return {
            "name": self.tier,
            "number": self.number,
            "members": [one.facts for one in members],
            "peers": [one.facts for one in members if one.number != self.number],
        }

    def say(self, error: DeclarationError) -> None:
        """Have an error about the instance be about the tier, which is what was declared; and name the member where it
        is not one about all: it has the argument otherwise, or one before it has the same and was taken.
        """
        member = self.members[self.number - 1]
        about = f"{member._called}: "
        argument = re.split(r"[^a-z_]", str(error).removeprefix(about), maxsplit=1)[0]
        is_one = argument in member.own or any(argument not in one.own for one in self.members[: self.number - 1])
        error.begins(about, f"{member.tier._called}: {f'member {self.number}: ' if is_one else ''}")


@contextmanager
def said_of_tiers(members: Iterable[Membership]) -> Iterator[None]:
    """Have errors about one of these instances be about their tiers."""
    try:
        yield
    except DeclarationError as error:
        for one in members:
            one.say(error)
        raise
