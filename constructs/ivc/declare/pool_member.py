"""Members of pools: servers, and by which of their addresses a load balancer reaches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from ivc.arguments import checked
from ivc.declare.instance import Instance
from ivc.declare.ip_addresses import NotOnNetworkError
from ivc.declare.references import Reference
from ivc.declare.security_group import SecurityGroup
from ivc.declare.traffic import one_port
from ivc.errors import DeclarationError
from ivc.userdata import AtApply

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork
    from ivc.declare.nic import Nic
    from ivc.declare.subnet import AnySubnet

_MOST_WEIGHT = 256


@checked
@dataclass(frozen=True)
class PoolMember(Reference):
    """A server of a pool, with what it has there otherwise.

    port: where it listens, a number or a well-known name; by default the pool's.
    weight: its share of what comes, beside the weights of the others: 0 to 256, by default 1. With 0 it gets nothing
    new, and what it has goes on.
    backup: True has it get something only when no other member works; by default it is one like the others.

    Raises DeclarationError for a port or a weight that cannot be.
    """

    server: Instance
    _: KW_ONLY
    port: int | str | None = None
    weight: int = 1
    backup: bool = False

    def __post_init__(self) -> None:
        where = f"PoolMember({self.server.key})"
        if self.port is not None:
            one_port(f"{where}: port", self.port)
        if not 0 <= self.weight <= _MOST_WEIGHT:
            raise DeclarationError(f"{where}: weight: {self.weight} is none; give 0 to {_MOST_WEIGHT}")

    def _refers_to(self) -> Instance:
        return self.server


@dataclass(frozen=True)
class PlacedMember:
    """A member of one pool: the one place that says by which address of a server it is reached.

    where: how errors call it. nic: the server's first one in the network. address: its first address there, an IPv4 one
    if it has any.
    """

    where: str
    server: Instance
    nic: Nic
    nic_called: str
    address: str | AtApply
    port: int
    weight: int
    backup: bool

    @property
    def subnet(self) -> AnySubnet:
        """Where the address lies, of the subnets that are declared so far; raises where nobody can tell."""
        network = self.nic.network
        declared = self.nic.addresses(self.nic_called)
        if declared:
            found = network._subnet_of(f"{self.nic_called}.ip", declared[0])
        else:
            found = network._automatic_subnet(
                f"{self.where}: it may have an address in {{}} of network {network.name}; say which, with ip= of its "
                "NIC",
                self.nic.automatic_in,
            )
        if found is None:
            raise DeclarationError(
                f"{self.where}: which subnet of network {network.name} its address lies in is not declared; look it up "
                "with Subnet.lookup(..., cidr=...)"
            )
        return found

    def group(self, given: SecurityGroup | None) -> SecurityGroup | None:
        """The group of its NIC that is to let the load balancer in; None where nothing filters, or what filters is not
        made here.

        given: the one that the pool names. Raises DeclarationError where that is not told.
        """
        worn = self.nic.groups
        network = self.nic.network.name
        if given is not None:
            if not any(group.terraform_address == given.terraform_address for group in worn):
                raise DeclarationError(
                    f"{self.where}: its NIC in network {network} does not have the security group {given.name}, which "
                    "the pool names; give the NIC that group, or leave security_group out"
                )
            return given
        own = [group for group in worn if isinstance(group, SecurityGroup)]
        if len(own) > 1:
            raise DeclarationError(
                f"{self.where}: its NIC in network {network} has the security groups "
                f"{', '.join(group.name for group in own)}; say which one lets the load balancer in, with "
                "security_group="
            )
        filters = self.nic.network.port_security if self.nic.port_security is None else self.nic.port_security
        if not worn and filters:
            raise DeclarationError(
                f"{self.where}: its NIC in network {network} has no security group, so that nothing reaches it; give "
                "it one"
            )
        return own[0] if own else None


def placed(
    where: str, members: Sequence[Instance | PoolMember], network: AnyNetwork, port: int
) -> Iterator[PlacedMember]:
    """The members of a pool, each as the network has it; raises DeclarationError, beginning with `where`, for one that
    is not in the network, or that is there twice.
    """
    seen: set[tuple[str, int]] = set()
    for one in members:
        member = one if isinstance(one, PoolMember) else PoolMember(one)
        server = member.server
        called = f"{where}: members: {server._called}"
        own_port = port if member.port is None else one_port(f"{called}: port", member.port)
        if (server.key, own_port) in seen:
            raise DeclarationError(f"{called}: it is there twice with port {own_port}; give it once")
        seen.add((server.key, own_port))
        try:
            plugged = server.addresses._port(network)
        except NotOnNetworkError:
            raise DeclarationError(
                f"{called}: it is not on network {network.name}, where the pool reaches its members, but on "
                f"{', '.join(server.addresses)}; say which network that is, with network="
            ) from None
        yield PlacedMember(
            called,
            server,
            plugged.nic,
            plugged.where,
            server.addresses.on(network),
            own_port,
            member.weight,
            member.backup,
        )
