"""Subnets: ranges of addresses in a network.

Subnet(shop, "backend-6", network=backend, cidr="fd00::/64", ipv6_mode="slaac")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from ivc.cidr import IPAddress, IPNetwork, parse_address, parse_network
from ivc.declare.allocation_pool import AllocationPool, around, check_pools
from ivc.declare.cdktf import Construct, Precondition, TerraformElement, TerraformResource, struct
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.provider import (
    DataOpenstackNetworkingSubnetV2,
    NetworkingSubnetRouteV2,
    NetworkingSubnetV2,
    NetworkingSubnetV2AllocationPool,
)
from ivc.declare.record import wait_for
from ivc.declare.references import check_stack, same_stack
from ivc.declare.route import Route, check_routes
from ivc.declare.subnet_pool import AnySubnetPool
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork, Network

Ipv6Mode = Literal["slaac", "dhcpv6-stateful", "dhcpv6-stateless"]
_FROM_THE_MAC: tuple[Ipv6Mode, ...] = ("slaac", "dhcpv6-stateless")
"""The modes in which Neutron makes an address of a port's MAC, for each port, and takes no other."""


class AnySubnet(Declaration):
    """A subnet, made here or looked up.

    network: the one that it is in.
    cidr: its range; None where a look-up did not say it, or a subnet pool gives it.
    gateway: its router's address, where it is known.
    dhcp: whether the cloud hands out its addresses.
    """

    family = families.SUBNET
    l1: TerraformElement
    network: AnyNetwork
    cidr: IPNetwork | None
    dhcp: bool
    _gateway: IPAddress | None
    _version: int | None
    """4 or 6, where it is known."""
    _mode: Ipv6Mode | None = None
    _tells_a_way_out: bool = False
    """Whether a host route leads everywhere."""

    @property
    def gateway(self) -> IPAddress | None:
        """Its router's address, where it is known."""
        return self._gateway

    @property
    def gives_each_port_an_address(self) -> bool:
        """Whether each port in its network has an IPv6 address of it, asked for or not."""
        return self._mode in _FROM_THE_MAC

    def check_usable(self, where: str, address: IPAddress) -> None:
        """Raise DeclarationError if no server can have an address of the range."""
        cidr = self.cidr
        if cidr is None:
            return
        if self.gives_each_port_an_address:
            raise DeclarationError(
                f"{where}: {address} lies in subnet {self.name}, which makes each port's address of its MAC "
                f"({self._mode}) and takes no other; leave it out, each port has one there"
            )
        taken = {}
        # Of one with two addresses or one, such as a /31, each is a server's (RFC 3021, RFC 6164).
        if cidr.num_addresses > 2:
            taken[cidr.network_address] = "the network's own address"
            if cidr.version == 4:
                taken[cidr.broadcast_address] = "its broadcast address"
        if self.gateway is not None:
            taken[self.gateway] = "its gateway"
        if address in taken:
            first = next(one for step in range(len(taken) + 1) if (one := cidr.network_address + step) not in taken)
            raise DeclarationError(
                f"{where}: {address} is {taken[address]} in {cidr} of subnet {self.name}; take another, such as {first}"
            )

    def _get_gateway(self, where: str) -> None:
        """Have a gateway, since a router has an interface in it."""

    def _can_have_gateway(self, where: str, automatic: str | None) -> Precondition | None:
        """Terraform's condition that a router's interface can have the gateway's address.

        automatic: the Terraform local with the addresses of the network's ports that did not choose theirs.
        """
        raise NotImplementedError


class LookedUpSubnet(LookedUp, AnySubnet):
    """A subnet that is there already and is not changed; made by `Subnet.lookup`."""

    l1: DataOpenstackNetworkingSubnetV2

    def _can_have_gateway(self, where: str, automatic: str | None) -> Precondition | None:
        return struct(
            Precondition,
            condition=f'${{{self.terraform_address}.gateway_ip != ""}}',
            error_message=f"{literal(f'{where}: subnet {self.name}')} has no gateway, whose address the interface "
            "would take; give it one that no server has, with `openstack subnet set --gateway`.",
        )


class Subnet(Made, AnySubnet):
    """A further subnet of a network that is made here.

    cidr: its range, IPv4 or IPv6. Another replaces it.
    subnet_pool, prefix_length: instead of a range, where the cloud takes one from, and how long its prefix is; by
    default as the pool has it. What range that is only apply knows, so that no fixed address can lie in it. With a
    range as well, the range is taken from the pool.
    name: what the cloud shows; by default the id.
    gateway: the router's address in it. By default its first address where a router has an interface in it
    (`Router.add_interface`), and else none, since a second default route breaks a server that also has a public
    network. A subnet of a pool gets one at birth alone.
    dhcp: whether the cloud hands out its addresses; by default it does. Without it a server needs its config drive.
    ipv6_mode: how guests come to an IPv6 address: `slaac` and `dhcpv6-stateless` make one of its MAC for each port in
    the network, asked for or not; `dhcpv6-stateful` gives out those of the ports. By default the cloud tells guests
    nothing of it. The first two want a /64. Another mode replaces it.
    allocation_pools: the addresses that the cloud chooses from; by default all but the gateway.
    dns_nameservers: what the cloud tells guests to ask.
    host_routes: what it tells them of ways to other networks; they learn it at boot, or when they ask again.
    depends_on: what is to be there first, declarations or CDKTF's elements, beside what it refers to.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, a network of another stack, a
    malformed range, a gateway or a pool outside of it, and a range that overlaps another of the network's.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        network: Network,
        cidr: str | None = None,
        subnet_pool: AnySubnetPool | None = None,
        prefix_length: int | None = None,
        name: str | None = None,
        gateway: str | None = None,
        dhcp: bool = True,
        ipv6_mode: Ipv6Mode | None = None,
        allocation_pools: Sequence[AllocationPool] = (),
        dns_nameservers: Sequence[str] = (),
        host_routes: Sequence[Route] = (),
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        where = self._called
        self.network = network
        self.cidr = None if cidr is None else parse_network(f"{where}: cidr", cidr)
        self.dhcp = dhcp
        self._mode = ipv6_mode
        self._pool = subnet_pool
        self._pools = tuple(allocation_pools)
        self._version = self._check_range(prefix_length)
        self._check_beside(network)
        self._check_mode(prefix_length)
        self._gateway = None if gateway is None else self._address_in_range("gateway", gateway)
        if self._gateway is not None:
            self._check_gateway(f"{where}: gateway", self._gateway)
        if self.cidr is not None:
            check_pools(f"{where}: allocation_pools", allocation_pools, self.cidr, self._gateway)
        elif allocation_pools or host_routes:
            raise DeclarationError(
                f"{where}: cidr: only apply knows it, and allocation_pools and host_routes need it; give it, or leave "
                "these out"
            )
        servers = self._name_servers(dns_nameservers)
        self._check_host_routes(host_routes)
        self._tells_a_way_out = any(route.network.prefixlen == 0 for route in host_routes)
        self._open()
        optional: dict[str, Any] = {
            "cidr": None if self.cidr is None else str(self.cidr),
            "subnetpool_id": None if subnet_pool is None else subnet_pool._id,
            "prefix_length": prefix_length,
            "ipv6_address_mode": ipv6_mode,
            "ipv6_ra_mode": ipv6_mode,
            "allocation_pool": _said(allocation_pools) or None,
            "dns_nameservers": servers or None,
        }
        self.l1: NetworkingSubnetV2 = self._make(
            NetworkingSubnetV2,
            network_id=network._id,
            name=literal(self.name),
            ip_version=self._version,
            enable_dhcp=dhcp,
            **({"gateway_ip": str(self._gateway)} if self._gateway is not None else {"no_gateway": True}),
            **{key: value for key, value in optional.items() if value is not None},
        )
        for route in host_routes:
            self._make_part(
                families.HOST_ROUTE,
                NetworkingSubnetRouteV2,
                f"{self.key}_{route.words}",
                former=f"{self.former_key}_{route.words}",
                subnet_id=self._id,
                **route.said,
            )
            self._stack._record.routing.add_route(network, f"{families.HOST_ROUTE.type}.{self.key}_{route.words}")
        network.subnets.append(self)
        self._stack._record.networks.precede(network=network.terraform_address, address=self.terraform_address)
        self._stack._record.routing.declared(self)

    @staticmethod
    @same_stack
    def lookup(
        scope: Construct,
        name: str | None = None,
        *,
        network: AnyNetwork,
        id: str | None = None,
        cidr: str | None = None,
        dhcp: bool = True,
    ) -> LookedUpSubnet:
        """A subnet of a network that exists, by its name or its id: fixed addresses are then checked against it.

        cidr: its range, which a fixed address must lie in; the plan fails if the cloud says another.
        dhcp: False where the cloud does not hand out its addresses; by default it does.

        A name that no subnet or several have fails at plan, at the address
        `data.openstack_networking_subnet_v2.<name>`.
        """
        subnet = LookedUpSubnet._new()
        subnet.network = network
        subnet.dhcp = dhcp
        subnet._gateway = None
        subnet.cidr = None if cidr is None else parse_network(f"Subnet.lookup({name or id!r}): cidr", cidr)
        subnet._version = None if subnet.cidr is None else subnet.cidr.version
        by: dict[str, Any] = {} if subnet.cidr is None else {"cidr": str(subnet.cidr)}
        said = {} if dhcp else {"dhcp": False}
        subnet._look_up(
            scope, DataOpenstackNetworkingSubnetV2, name=name, id=id, said=said, network_id=network._id, **by
        )
        if subnet.terraform_address not in [one.terraform_address for one in network.subnets]:
            network.subnets.append(subnet)
            subnet._stack._record.routing.declared(subnet)
        return subnet

    def _name_servers(self, given: Sequence[str]) -> list[str]:
        """As Neutron takes them: of the subnet's address family, and each once (neutron/db/db_base_plugin_v2.py)."""
        where = f"{self._called}: dns_nameservers"
        servers = [parse_address(where, server) for server in given]
        for number, server in enumerate(servers):
            if server.version != self._version:
                raise DeclarationError(
                    f"{where}: {server} is IPv{server.version}, and the subnet IPv{self._version}; give one of its "
                    "family"
                )
            if server in servers[:number]:
                raise DeclarationError(f"{where}: {server} is there twice; give it once")
        return list(map(str, servers))

    def _check_range(self, prefix_length: int | None) -> int:
        """4 or 6; raises DeclarationError unless it has a range, or a pool that gives it one."""
        if self._pool is None:
            if self.cidr is None:
                raise DeclarationError(f"{self._called}: cidr: it is missing; give it, or a subnet_pool")
            if prefix_length is not None:
                raise DeclarationError(
                    f"{self._called}: prefix_length: {self.cidr} has one; leave it out, or give a subnet_pool"
                )
            return self.cidr.version
        if self.cidr is not None and prefix_length is not None:
            raise DeclarationError(f"{self._called}: prefix_length: {self.cidr} has one; leave one of the two out")
        if self.cidr is not None and self.cidr.version != self._pool.ip_version:
            raise DeclarationError(
                f"{self._called}: cidr: {self.cidr} is of the other address family than subnet pool {self._pool.name}"
                "; take one of each"
            )
        self._pool._check_offer(self._called, self.cidr, prefix_length)
        return self._pool.ip_version

    def _check_beside(self, network: Network) -> None:
        """Raise DeclarationError where the network's other subnets leave no place for it."""
        for other in network.subnets:
            if not isinstance(other, Subnet) or other._version != self._version:
                continue
            if self.cidr is not None and other.cidr is not None and other.cidr.overlaps(self.cidr):
                raise DeclarationError(
                    f"{self._called}: cidr: {self.cidr} overlaps {other.cidr} of subnet {other.name}; "
                    "take another range"
                )
            # Neutron: neutron/db/ipam_backend_mixin.py, `_validate_network_subnetpools`.
            pools = [one._pool.terraform_address if one._pool else None for one in (self, other)]
            if pools[0] != pools[1]:
                raise DeclarationError(
                    f"{self._called}: subnet_pool: all IPv{self._version} subnets of a network come from one, and "
                    f"subnet {other.name} does not come from this one; give both the same"
                )

    def _check_mode(self, prefix_length: int | None) -> None:
        """Raise DeclarationError where Neutron would refuse the mode (neutron/db/db_base_plugin_v2.py)."""
        if self._mode is None:
            return
        where = f"{self._called}: ipv6_mode"
        if self._version == 4:
            raise DeclarationError(f"{where}: {self.cidr} is IPv4, which has none; leave it out")
        if not self.dhcp:
            raise DeclarationError(f"{where}: it needs dhcp=True, also where only the router tells; leave dhcp out")
        length = prefix_length if self.cidr is None else self.cidr.prefixlen
        if self.gives_each_port_an_address and length not in (64, None):
            raise DeclarationError(
                f"{where}: {self._mode} wants a /64, and {self.cidr or f'/{length}'} is none; give one"
            )

    def _check_host_routes(self, routes: Sequence[Route]) -> None:
        where = f"{self._called}: host_routes"
        check_stack(where, self._stack, [route.next_hop for route in routes])
        check_routes(where, routes)
        for route in routes:
            if isinstance(route.next_hop, str):
                self._address_in_range("host_routes", route.next_hop)

    def _address_in_range(self, argument: str, text: str) -> IPAddress:
        address = parse_address(f"{self._called}: {argument}", text)
        if self.cidr is None:
            raise DeclarationError(
                f"{self._called}: {argument}: only apply knows the range that {address} would lie in; leave it out"
            )
        if address not in self.cidr:
            raise DeclarationError(
                f"{self._called}: {argument}: {address} is outside of {self.cidr}; take an address in it"
            )
        return address

    def _check_gateway(self, where: str, gateway: IPAddress) -> None:
        """Raise DeclarationError where Neutron would refuse it (neutron/ipam/utils.py), or it leaves no server one."""
        cidr = self.cidr
        if cidr is None:
            return
        if cidr.num_addresses <= (2 if cidr.version == 4 else 1):
            raise DeclarationError(f"{where}: {cidr} of subnet {self.name} has no address for a gateway; widen it")
        if cidr.version == 4 and gateway in (cidr.network_address, cidr.broadcast_address):
            raise DeclarationError(
                f"{where}: {gateway} is {cidr}'s own or its broadcast address; take another, such as "
                f"{cidr.network_address + 1}"
            )

    def _get_gateway(self, where: str) -> None:
        if self._gateway is not None:
            return
        if self.cidr is not None:
            self._gateway = self.cidr.network_address + (1 if self.cidr.num_addresses > 2 else 0)
            self._check_gateway(where, self._gateway)
            check_pools(where, self._pools, self.cidr, self._gateway)
            self.l1.gateway_ip = str(self._gateway)
            if not self._pools:
                # One that had none gets it in a change, and Neutron refuses a gateway that lies in the pool.
                self.l1.put_allocation_pool(_said(around(self.cidr, self._gateway)))
        self.l1.reset_no_gateway()

    def _can_have_gateway(self, where: str, automatic: str | None) -> Precondition | None:
        if automatic is None or self._gateway is None:
            return None
        return struct(
            Precondition,
            condition=f'${{!contains(flatten({automatic}), "{self._gateway}")}}',
            error_message=f"{literal(f'{where}: subnet {self.name}')}: a server has {self._gateway} there, which the "
            "interface would take; give the subnet another address that is free, with gateway=.",
        )

    @property
    def _judged_as(self) -> str:
        # What is found about it is said of its network.
        return self.network.terraform_address


def wait_for_each_ports_subnets(port: TerraformResource, subnets: Sequence[AnySubnet]) -> None:
    """Have a port wait for the subnets that give each port an address: it might miss it, or be read without it."""
    given = [subnet.terraform_address for subnet in subnets if subnet.gives_each_port_an_address]
    if given:
        wait_for(port, *given)


def _said(pools: Sequence[AllocationPool]) -> list[NetworkingSubnetV2AllocationPool]:
    return [struct(NetworkingSubnetV2AllocationPool, start=pool.first, end=pool.last) for pool in pools]
