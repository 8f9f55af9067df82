"""Subnet pools: where the cloud itself takes a subnet's range from, so that no two overlap.

pool = SubnetPool.lookup(shop, "office")
Subnet(shop, "backend", network=backend, subnet_pool=pool, prefix_length=26)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ivc.cidr import Cidr, IPNetwork
from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.provider import DataOpenstackNetworkingSubnetpoolV2, NetworkingSubnetpoolV2
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families

IpVersion = Literal["IPv4", "IPv6"]


class AnySubnetPool(Declaration):
    """A subnet pool, made here or looked up: what a subnet takes its range from.

    ip_version: 4 or 6.
    """

    family = families.SUBNET_POOL
    l1: TerraformElement
    ip_version: int

    def _check_offer(self, where: str, cidr: IPNetwork | None, prefix_length: int | None) -> None:
        """Raise DeclarationError where the pool has no such range, as far as that is known here.

        cidr, prefix_length: what a subnet asks for; None for the pool's default.
        """
        most = 32 if self.ip_version == 4 else 128
        if prefix_length is not None and not 0 < prefix_length <= most:
            raise DeclarationError(
                f"{where}: prefix_length: {prefix_length} is none of IPv{self.ip_version}; give 1 to {most}"
            )


class LookedUpSubnetPool(LookedUp, AnySubnetPool):
    """A subnet pool that is there already and is not changed; made by `SubnetPool.lookup`."""

    l1: DataOpenstackNetworkingSubnetpoolV2


class SubnetPool(Made, AnySubnetPool):
    """Ranges of addresses that subnets get a part of.

    prefixes: the ranges, all of one address family. Neutron only lets them grow.
    min_prefix_length, max_prefix_length, default_prefix_length: of the ranges that subnets get; by default as Neutron
    has them, which for IPv4 is 8, 32 and the smallest, for IPv6 64, 128 and the smallest.
    name: what the cloud shows; by default the id.
    description: for people.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, and for no prefixes or such of both
    families.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        prefixes: Sequence[Cidr],
        min_prefix_length: int | None = None,
        max_prefix_length: int | None = None,
        default_prefix_length: int | None = None,
        name: str | None = None,
        description: str = "",
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        self._prefixes = [prefix.network for prefix in prefixes]
        versions = {prefix.version for prefix in self._prefixes}
        if len(versions) != 1:
            problem = "they are of both address families; give one pool to each" if versions else "there are none"
            raise DeclarationError(f"{self._called}: prefixes: {problem}" + ("" if versions else "; give a range"))
        self.ip_version = versions.pop()
        lengths: dict[str, Any] = {
            "min_prefixlen": min_prefix_length,
            "max_prefixlen": max_prefix_length,
            "default_prefixlen": default_prefix_length,
        }
        # Neutron's own: neutron_lib/api/definitions/subnetpool.py and neutron/ipam/subnet_alloc.py.
        self._least = min_prefix_length or (8 if self.ip_version == 4 else 64)
        self._most = max_prefix_length or (32 if self.ip_version == 4 else 128)
        self._default = default_prefix_length or self._least
        if not self._least <= self._default <= self._most:
            raise DeclarationError(
                f"{self._called}: prefix lengths: {self._default} is not between {self._least} and {self._most}; give "
                "a least, a default and a longest that rise"
            )
        self._open()
        self.l1: NetworkingSubnetpoolV2 = self._make(
            NetworkingSubnetpoolV2,
            name=literal(self.name),
            description=description,
            prefixes=[prefix.text for prefix in prefixes],
            ip_version=self.ip_version,
            **{key: length for key, length in lengths.items() if length is not None},
        )

    def _check_offer(self, where: str, cidr: IPNetwork | None, prefix_length: int | None) -> None:
        super()._check_offer(where, cidr, prefix_length)
        length = cidr.prefixlen if cidr is not None else self._default if prefix_length is None else prefix_length
        if not self._least <= length <= self._most:
            raise DeclarationError(
                f"{where}: subnet pool {self.name} gives prefixes of {self._least} to {self._most}, and {length} is "
                "none of them; give another"
            )
        if cidr is not None:
            fits = any(_is_in(cidr, prefix) for prefix in self._prefixes)
        else:
            fits = any(prefix.prefixlen <= length for prefix in self._prefixes)
        if not fits:
            asked = f"{cidr}" if cidr is not None else f"/{length}"
            ranges = ", ".join(map(str, self._prefixes))
            raise DeclarationError(
                f"{where}: subnet pool {self.name} has no {asked} in {ranges}; give a prefix_length that fits"
            )

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str, *, ip_version: IpVersion = "IPv4") -> LookedUpSubnetPool:
        """A subnet pool that exists, by its name.

        ip_version: `IPv4`, the default, or `IPv6`.

        A name that no pool or several have fails at plan, at the address
        `data.openstack_networking_subnetpool_v2.<name>`.
        """
        pool = LookedUpSubnetPool._new()
        pool.ip_version = int(ip_version.removeprefix("IPv"))
        pool._look_up(scope, DataOpenstackNetworkingSubnetpoolV2, name=name, id=None)
        return pool


def _is_in(cidr: IPNetwork, prefix: IPNetwork) -> bool:
    return cidr.version == prefix.version and cidr.subnet_of(prefix)  # type: ignore[arg-type]
