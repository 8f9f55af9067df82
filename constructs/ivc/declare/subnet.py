"""Subnets: further ranges of addresses in a network.

Subnet(shop, "backend-6", network=backend, cidr="fd00::/64")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ivc.cidr import IPAddress, IPNetwork, parse_address, parse_network
from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.provider import DataOpenstackNetworkingSubnetV2, NetworkingSubnetV2
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork, Network


class AnySubnet(Declaration):
    """A subnet, made here or looked up.

    cidr: its range; None where a look-up did not say it.
    gateway: its router's address, where it is known.
    """

    family = families.SUBNET
    l1: TerraformElement
    cidr: IPNetwork | None
    gateway: IPAddress | None

    def check_usable(self, where: str, address: IPAddress) -> None:
        """Raise DeclarationError if no server can have an address of the range."""
        cidr = self.cidr
        if cidr is None:
            return
        taken = {}
        # Of one with two addresses or one, such as a /31, each is a server's (RFC 3021, RFC 6164).
        if cidr.num_addresses > 2:
            taken[cidr.network_address] = "the network's own address"
            if cidr.version == 4:
                taken[cidr.broadcast_address] = "its broadcast address"
        if self.gateway is not None:
            taken[self.gateway] = "its gateway"
        if address in taken:
            raise DeclarationError(
                f"{where}: {address} is {taken[address]} in {cidr} of subnet {self.name}; "
                f"take another, between {cidr.network_address + 1} and {cidr.broadcast_address - 1}"
            )


class LookedUpSubnet(LookedUp, AnySubnet):
    """A subnet that is there already and is not changed; made by `Subnet.lookup`."""

    l1: DataOpenstackNetworkingSubnetV2


class Subnet(Made, AnySubnet):
    """A further subnet of a network that is made here.

    cidr: its range, IPv4 or IPv6.
    name: what the cloud shows; by default the id.
    gateway: the router's address in it; by default it has none, since a second default route breaks a server
    that also has a public network.
    dhcp: whether the cloud hands out its addresses; by default it does.
    dns_nameservers: what the cloud tells guests to ask.
    depends_on: what is to be there first, declarations or CDKTF's elements, beside what it refers to.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, a network of another stack, a
    malformed range, a gateway outside of it, and a range that overlaps another of the network's.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        network: Network,
        cidr: str,
        name: str | None = None,
        gateway: str | None = None,
        dhcp: bool = True,
        dns_nameservers: Sequence[str] = (),
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        where = self._called
        self.network = network
        self.cidr = parse_network(f"{where}: cidr", cidr)
        for other in network.subnets:
            if other.cidr is not None and other.cidr.version == self.cidr.version and other.cidr.overlaps(self.cidr):
                raise DeclarationError(
                    f"{where}: cidr: {self.cidr} overlaps {other.cidr} of subnet {other.name}; take another range"
                )
        self.gateway = None if gateway is None else parse_address(f"{where}: gateway", gateway)
        if self.gateway is not None and self.gateway not in self.cidr:
            raise DeclarationError(f"{where}: gateway: {gateway} is outside of {self.cidr}; take an address in it")
        servers = [str(parse_address(f"{where}: dns_nameservers", server)) for server in dns_nameservers]
        self._open()
        self.l1: NetworkingSubnetV2 = self._make(
            NetworkingSubnetV2,
            network_id=network._id,
            name=literal(self.name),
            cidr=str(self.cidr),
            ip_version=self.cidr.version,
            enable_dhcp=dhcp,
            **({"gateway_ip": str(self.gateway)} if self.gateway is not None else {"no_gateway": True}),
            **({"dns_nameservers": servers} if servers else {}),
        )
        network.subnets.append(self)
        self._stack._record.networks.precede(network=network.terraform_address, address=self.terraform_address)

    @staticmethod
    @same_stack
    def lookup(
        scope: Construct,
        name: str | None = None,
        *,
        network: AnyNetwork,
        id: str | None = None,
        cidr: str | None = None,
    ) -> LookedUpSubnet:
        """A subnet of a network that exists, by its name or its id: fixed addresses are then checked against it.

        cidr: its range, which a fixed address must lie in; the plan fails if the cloud says another.

        A name that no subnet or several have fails at plan, at the address
        `data.openstack_networking_subnet_v2.<name>`.
        """
        subnet = LookedUpSubnet._new()
        subnet.gateway = None
        subnet.cidr = None if cidr is None else parse_network(f"Subnet.lookup({name or id!r}): cidr", cidr)
        by: dict[str, Any] = {} if subnet.cidr is None else {"cidr": str(subnet.cidr)}
        subnet._look_up(scope, DataOpenstackNetworkingSubnetV2, name=name, id=id, network_id=network._id, **by)
        network.subnets.append(subnet)
        return subnet

    @property
    def _judged_as(self) -> str:
        # What is found about it is said of its network.
        return self.network.terraform_address
