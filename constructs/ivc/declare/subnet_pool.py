"""Subnet pools: where the cloud itself takes a subnet's range from, so that no two overlap.

pool = SubnetPool.lookup(shop, "office")
Subnet(shop, "backend", network=backend, subnet_pool=pool, prefix_length=26)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ivc.cidr import Cidr
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
        versions = {prefix.network.version for prefix in prefixes}
        if len(versions) != 1:
            problem = "they are of both address families; give one pool to each" if versions else "there are none"
            raise DeclarationError(f"{self._called}: prefixes: {problem}" + ("" if versions else "; give a range"))
        self.ip_version = versions.pop()
        lengths: dict[str, Any] = {
            "min_prefixlen": min_prefix_length,
            "max_prefixlen": max_prefix_length,
            "default_prefixlen": default_prefix_length,
        }
        self._open()
        self.l1: NetworkingSubnetpoolV2 = self._make(
            NetworkingSubnetpoolV2,
            name=literal(self.name),
            description=description,
            prefixes=[prefix.text for prefix in prefixes],
            ip_version=self.ip_version,
            **{key: length for key, length in lengths.items() if length is not None},
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
