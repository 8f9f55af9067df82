"""Allocation pools: from which addresses of a subnet the cloud chooses.

Network(shop, "backend", cidr="10.0.0.0/24", allocation_pools=[AllocationPool("10.0.0.100", "10.0.0.199")])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivc.arguments import checked
from ivc.cidr import IPAddress, IPNetwork, parse_address
from ivc.errors import DeclarationError


@checked
@dataclass(frozen=True)
class AllocationPool:
    """Addresses from `first` to `last`, both among them.

    Raises DeclarationError for what is no address, for one of each family, and where the last comes before the first.
    """

    first: str
    last: str

    def __post_init__(self) -> None:
        where = f"AllocationPool({self.first!r}, {self.last!r})"
        first, last = (parse_address(where, text) for text in (self.first, self.last))
        if first.version != last.version:
            raise DeclarationError(f"{where}: one is IPv4 and the other IPv6; give two of one family")
        if int(first) > int(last):
            raise DeclarationError(f"{where}: it is reversed; write AllocationPool({self.last!r}, {self.first!r})")
        object.__setattr__(self, "first", str(first))
        object.__setattr__(self, "last", str(last))

    def __contains__(self, address: IPAddress) -> bool:
        first, last = self.ends
        return address.version == first.version and int(first) <= int(address) <= int(last)

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def ends(self) -> tuple[IPAddress, IPAddress]:
        """The first and the last address, as Python's own `ipaddress` knows them."""
        return parse_address("", self.first), parse_address("", self.last)


def check_pools(where: str, pools: Sequence[AllocationPool], cidr: IPNetwork, gateway: IPAddress | None) -> None:
    """Raise DeclarationError unless all lie in the range, apart from each other and from the gateway."""
    every = _usable(cidr)
    for number, pool in enumerate(pools):
        if any(end not in every for end in pool.ends):
            raise DeclarationError(f"{where}: {pool} is outside of {cidr}, which has {every}; take addresses in it")
        for other in pools[:number]:
            if pool.ends[0] in other or other.ends[0] in pool:
                raise DeclarationError(f"{where}: {pool} overlaps {other}; give each address once")
        if gateway is not None and gateway in pool:
            raise DeclarationError(
                f"{where}: {pool} holds the gateway {gateway}, which the cloud would refuse; leave it out of the pool"
            )


def around(cidr: IPNetwork, gateway: IPAddress) -> list[AllocationPool]:
    """All addresses of a range that the cloud can choose from beside the gateway, as Neutron takes them where none are
    said (neutron/ipam/utils.py, `generate_pools`).
    """
    every = _usable(cidr)
    if gateway not in every:
        return [every]
    low, high = every.ends
    before = [AllocationPool(every.first, str(gateway - 1))] if gateway != low else []
    after = [AllocationPool(str(gateway + 1), every.last)] if gateway != high else []
    return [*before, *after]


def _usable(cidr: IPNetwork) -> AllocationPool:
    """The addresses of a range that a pool can hold: without the network's own and IPv4's broadcast address, where
    there are more than two or one (neutron/db/ipam_backend_mixin.py, `validate_allocation_pools`).
    """
    first, last = cidr.network_address, cidr.broadcast_address
    if cidr.num_addresses > (2 if cidr.version == 4 else 1):
        first, last = first + 1, last - (1 if cidr.version == 4 else 0)
    return AllocationPool(str(first), str(last))
