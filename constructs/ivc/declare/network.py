"""Networks, made here or looked up.

internet = Network.lookup(shop, "Ext-Net", public=True)
backend = Network(shop, "backend", cidr="10.0.0.0/24")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ivc.arguments import checked
from ivc.cidr import IPAddress, parse_network
from ivc.declare.allocation_pool import AllocationPool
from ivc.declare.cdktf import Construct, Precondition, TerraformElement, struct
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.floating_ip import AnyFloatingIp
from ivc.declare.names import check_project
from ivc.declare.nic import Nic
from ivc.declare.nics import Nics
from ivc.declare.provider import (
    DataOpenstackNetworkingNetworkV2,
    NetworkingNetworkV2,
    NetworkingNetworkV2Segments,
    NetworkingRbacPolicyV2,
)
from ivc.declare.references import same_stack
from ivc.declare.route import Route
from ivc.declare.security_group import AnySecurityGroup
from ivc.declare.subnet import AnySubnet, Ipv6Mode, Subnet
from ivc.declare.terraform_text import literal
from ivc.declare.vip import Vip
from ivc.errors import DeclarationError
from ivc.estate import families


@checked
@dataclass(frozen=True)
class Segment:
    """How a network is made of the cloud's own; by default only an administrator may say it.

    network_type: of the cloud's types. physical_network: the cloud's name of it, which `flat` and `vlan` need.
    segmentation_id: the VLAN's number, 1 to 4094, or the tunnel's; by default the cloud chooses.

    Raises DeclarationError for what Neutron would refuse.
    """

    network_type: Literal["flat", "vlan", "vxlan", "gre", "geneve", "local"]
    physical_network: str | None = None
    segmentation_id: int | None = None

    def __post_init__(self) -> None:
        where = f"Segment({self.network_type!r})"
        on_wire = self.network_type in ("flat", "vlan")
        if on_wire and not self.physical_network:
            raise DeclarationError(f"{where}: physical_network: it is missing; give the cloud's name of it")
        if not on_wire and self.physical_network is not None:
            raise DeclarationError(f"{where}: physical_network: only flat and vlan have one; leave it out")
        if self.segmentation_id is None:
            return
        if self.network_type in ("flat", "local"):
            raise DeclarationError(f"{where}: segmentation_id: it has none; leave it out")
        if self.network_type == "vlan" and not 1 <= self.segmentation_id <= 4094:
            raise DeclarationError(
                f"{where}: segmentation_id: {self.segmentation_id} is no VLAN; give one from 1 to 4094"
            )


# Neutron's own bounds: neutron_lib/api/definitions/network_mtu.py, and what IPv4 needs (RFC 791).
_LEAST_MTU = 68
_MOST_MTU = 65_535


class AnyNetwork(Declaration):
    """A network, made here or looked up: what a NIC is plugged into.

    public: whether its addresses are reached from the Internet.
    port_security: whether ports in it filter (and can have security groups) unless they say otherwise.
    subnets: those that the declarations named so far.
    """

    family = families.NETWORK
    l1: TerraformElement
    public: bool
    port_security: bool
    subnets: list[AnySubnet]

    @property
    def leads_out(self) -> bool:
        """Whether a server in it may reach the Internet; of one that is looked up nobody here knows, so it may."""
        if not isinstance(self, Network):
            return True
        if any(subnet._tells_a_way_out for subnet in self.subnets):
            return True
        interfaces = self._stack._record.routing.of_network(self)
        # A gateway that is said may be a router of somebody else's.
        return any(one.router.leads_out for one in interfaces) or (
            not interfaces and any(subnet.gateway is not None for subnet in self.subnets)
        )

    @same_stack
    def nic(
        self,
        *groups: AnySecurityGroup,
        ip: str | AnySubnet | Sequence[str | AnySubnet] = (),
        port_security: bool | None = None,
        floating_ip: AnyFloatingIp | None = None,
        floating_ip_to: str | None = None,
        vips: Sequence[Vip] = (),
    ) -> Nic:
        """A NIC in this network.

        groups: the security groups that its port has; with none, it has none, so that nothing passes.
        ip: its fixed address, or several; a subnet stands for one in it that the cloud chooses. By default the cloud
        chooses one of each address family.
        port_security: False lets everything pass, and then takes no groups; by default as the network has it.
        floating_ip: an address outside that leads to it; by default none.
        floating_ip_to: to which of its fixed IPv4 addresses, where it has several.
        vips: those whose addresses it may use beside its own; by default none. Where its own is fixed, theirs are too.

        Raises DeclarationError for a group of another stack. What else is wrong with it is said when an instance is
        given it.
        """
        given = (ip,) if isinstance(ip, str | AnySubnet) else tuple(ip)
        return Nic(
            network=self,
            groups=tuple(dict.fromkeys(groups)),
            ips=tuple(one for one in given if isinstance(one, str)),
            port_security=port_security,
            automatic_in=tuple(one for one in given if isinstance(one, AnySubnet)),
            floating_ip=floating_ip,
            floating_ip_to=floating_ip_to,
            vips=tuple(dict.fromkeys(vips)),
        )

    @same_stack
    def nics(
        self,
        *groups: AnySecurityGroup,
        first: str | Sequence[str] = (),
        ips: Sequence[str] = (),
        port_security: bool | None = None,
        floating_ips: Sequence[AnyFloatingIp] = (),
        vips: Sequence[Vip] = (),
    ) -> Nics:
        """A NIC in this network for each member of a tier, with an address of its own.

        first: the fixed address of member 1, or one of each address family; member 2 has the next one, and so on,
        however many there are.
        ips: instead of that, the fixed address of each member, in the order of their numbers; more than there are
        members do no harm.
        floating_ips: for each member an address outside that leads to it.
        groups, port_security, vips: as `nic` has them, for all members.

        Raises DeclarationError for what is no address, and where nothing of it differs from member to member.
        """
        nics = Nics(
            alike=self.nic(*groups, port_security=port_security, vips=vips),
            first=(first,) if isinstance(first, str) else tuple(first),
            ips=tuple(ips),
            floating_ips=tuple(floating_ips),
        )
        nics._check()
        return nics

    def _may_be(self, other: AnyNetwork) -> bool:
        """Whether it may be another one: what is looked up by its name here may be looked up by its id there."""
        if isinstance(self, LookedUpNetwork) and isinstance(other, LookedUpNetwork) and self._by_id != other._by_id:
            return True
        return self.terraform_address == other.terraform_address

    def _check_outside(self, where: str) -> Precondition:
        """Terraform's condition that it is an outside network; raises DeclarationError for one that is made here."""
        if isinstance(self, Network):
            raise DeclarationError(
                f"{where}: network {self.name} is made here, and is no outside network; look one up, such as "
                'Network.lookup(stack, "Ext-Net")'
            )
        return struct(
            Precondition,
            condition=f"${{{self.terraform_address}.external}}",
            error_message=f"{literal(f'{where}: network {self.name}')} is no outside network; give one that `openstack "
            "network list --external` lists.",
        )

    def check_in_range(self, where: str, address: IPAddress) -> None:
        """Raise DeclarationError if all subnets of the network are declared and none of them holds the address."""
        known = [subnet.cidr for subnet in self.subnets if subnet.cidr is not None]
        if isinstance(self, Network) or (known and len(known) == len(self.subnets)):
            unknown = [f"{subnet.name}, whose range only apply knows" for subnet in self.subnets if subnet.cidr is None]
            ranges = ", ".join([*sorted(map(str, known)), *sorted(unknown)])
            raise DeclarationError(
                f"{where}: {address} is outside of the subnets of network {self.name} "
                f"({ranges or 'it has none'}); take an address in one, or add a Subnet"
            )

    def _subnet_of(self, where: str, address: IPAddress) -> AnySubnet | None:
        for subnet in self.subnets:
            if subnet.cidr is not None and address in subnet.cidr:
                subnet.check_usable(where, address)
                return subnet
        return None

    def _automatic_subnet(self, where: str, among: Sequence[AnySubnet] = ()) -> AnySubnet | None:
        """The subnet of the first address that the cloud chooses for a port, an IPv4 one if there is any; None where no
        subnet is declared.

        among: those that the port names; by default all. where: what to say where it may be several, with `{}` for
        these, which is raised as DeclarationError.
        """
        subnets = among or self.subnets
        first = [subnet for subnet in subnets if subnet._version in (4, None)] or subnets
        if len(first) > 1:
            raise DeclarationError(where.format(" or ".join(sorted(f"subnet {subnet.name}" for subnet in first))))
        return first[0] if first else None


class LookedUpNetwork(LookedUp, AnyNetwork):
    """A network that is there already and is not changed; made by `Network.lookup`."""

    l1: DataOpenstackNetworkingNetworkV2


class Network(Made, AnyNetwork):
    """A private network, with its subnet.

    cidr: the range of its subnet, which gets the network's id; None makes no subnet (see `Subnet`).
    name: what the cloud shows; by default the id.
    description: for people.
    gateway, dhcp, ipv6_mode, allocation_pools, dns_nameservers, host_routes: of the subnet, as `Subnet` has them.
    mtu: the largest packet in bytes that passes; by default as the cloud has it. Guests learn another one when they ask
    again, and leaving it out later changes nothing.
    segment: how it is made of the cloud's own networks; by default as the cloud does it. Set at birth.
    shared_with: the ids of projects that may plug servers into it; by default none. For all projects, which only an
    administrator may say, there is `l1`.
    port_security: False makes ports in it pass everything, and then they take no groups; by default True.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, and for a malformed range.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cidr: str | None = None,
        name: str | None = None,
        description: str = "",
        gateway: str | None = None,
        dhcp: bool = True,
        ipv6_mode: Ipv6Mode | None = None,
        allocation_pools: Sequence[AllocationPool] = (),
        dns_nameservers: Sequence[str] = (),
        host_routes: Sequence[Route] = (),
        port_security: bool = True,
        mtu: int | None = None,
        segment: Segment | None = None,
        shared_with: Sequence[str] = (),
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        of_subnet: dict[str, Any] = {
            "gateway": gateway,
            "dhcp": dhcp,
            "ipv6_mode": ipv6_mode,
            "allocation_pools": allocation_pools,
            "dns_nameservers": dns_nameservers,
            "host_routes": host_routes,
        }
        if cidr is not None:
            parse_network(f"{self._called}: cidr", cidr)
        elif said := [name for name, value in {**of_subnet, "dhcp": not dhcp}.items() if value]:
            raise DeclarationError(f"{self._called}: cidr: it is missing, and {said[0]} needs it; give it")
        if mtu is not None and not _LEAST_MTU <= mtu <= _MOST_MTU:
            raise DeclarationError(
                f"{self._called}: mtu: {mtu} is none; give a number of bytes from {_LEAST_MTU} to {_MOST_MTU}"
            )
        projects = [check_project(f"{self._called}: shared_with", project) for project in shared_with]
        optional: dict[str, Any] = {
            "mtu": mtu,
            "segments": None if segment is None else [_said(segment)],
        }
        self.public = False
        self.port_security = port_security
        self.subnets = []
        self._open()
        self.l1: NetworkingNetworkV2 = self._make(
            NetworkingNetworkV2,
            name=literal(self.name),
            description=description,
            # Said either way: some clouds make networks without it unless asked.
            port_security_enabled=port_security,
            **{key: value for key, value in optional.items() if value is not None},
        )
        for project in dict.fromkeys(projects):
            self._make_part(
                families.RBAC_POLICY,
                NetworkingRbacPolicyV2,
                f"{self.key}_{project}",
                former=f"{self.former_key}_{project}",
                action="access_as_shared",
                object_type="network",
                object_id=self._id,
                target_tenant=project,
            )
        if cidr is not None:
            subnet = Subnet(scope, id, network=self, cidr=cidr, name=self.name, renamed_from=renamed_from, **of_subnet)
            self._addresses += subnet._addresses

    @staticmethod
    @same_stack
    def lookup(
        scope: Construct,
        name: str | None = None,
        *,
        id: str | None = None,
        public: bool = False,
        port_security: bool = True,
    ) -> LookedUpNetwork:
        """A network that exists, by its name or its id.

        public: True where its addresses are reached from the Internet; by default it is private, and an instance that
        has only private networks gets a config drive.
        port_security: False where ports in it have none; by default True.

        A name that no network or several have fails at plan, at the address
        `data.openstack_networking_network_v2.<name>`. Raises DeclarationError where two look-ups of one network differ.
        """
        network = LookedUpNetwork._new()
        network.public = public
        network.port_security = port_security
        network._look_up(
            scope,
            DataOpenstackNetworkingNetworkV2,
            name=name,
            id=id,
            said={"public": public, "port_security": port_security},
        )
        network.subnets = network._stack._record.subnets[network.terraform_address]
        return network


def _said(segment: Segment) -> NetworkingNetworkV2Segments:
    optional = {"physical_network": segment.physical_network, "segmentation_id": segment.segmentation_id}
    return struct(
        NetworkingNetworkV2Segments,
        network_type=segment.network_type,
        **{key: value for key, value in optional.items() if value is not None},
    )
