"""Networks and their subnets, made here or looked up, and the NICs that plug an instance into them.

internet = Network.lookup(shop, "Ext-Net", public=True)
backend = Network(shop, "backend", cidr="10.0.0.0/24")
Instance(shop, "www-1", ..., nics=[internet.nic(web), backend.nic(web, ip="10.0.0.11")])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import (
    DataOpenstackNetworkingNetworkV2,
)
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnet_v2 import DataOpenstackNetworkingSubnetV2
from cdktf_cdktf_provider_openstack.networking_network_v2 import NetworkingNetworkV2
from cdktf_cdktf_provider_openstack.networking_subnet_v2 import NetworkingSubnetV2

from ivc.cidr import IPAddress, IPNetwork, parse_address, parse_network
from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.names import by_name_or_id
from ivc.declare.place import Place
from ivc.declare.security_group import AnySecurityGroup
from ivc.declare.terraform_text import literal
from ivc.policies.waiver import Waivable


class AnySubnet(Waivable):
    """A subnet, made here or looked up.

    name: what the cloud calls it. cidr: its range; None where a look-up did not say it.
    gateway: its router's address, where it is known.
    address: its Terraform address. l1: its Terraform element.
    """

    l1: TerraformElement
    name: str
    cidr: IPNetwork | None
    gateway: IPAddress | None
    address: str

    @property
    def id(self) -> str:
        """Its id, as a Terraform expression."""
        return f"${{{self.address}.id}}"


class AnyNetwork(Waivable):
    """A network, made here or looked up: what a NIC is plugged into.

    name: what the cloud calls it.
    public: whether its addresses are reached from the Internet.
    port_security: whether ports in it filter (and can have security groups) unless they say otherwise.
    subnets: those that the declarations named.
    address: its Terraform address. l1: its Terraform element.
    key: what the addresses of ports call it; former_key: what they called it before a rename.
    """

    l1: TerraformElement
    name: str
    public: bool
    port_security: bool

    def __init__(self, *, address: str, key: str, former_key: str | None = None) -> None:
        self.address = address
        self.key = key
        self.former_key = former_key or key
        self.subnets: list[AnySubnet] = []

    @property
    def id(self) -> str:
        """Its id, as a Terraform expression."""
        return f"${{{self.address}.id}}"

    @property
    def leads_out(self) -> bool:
        """Whether a server in it may reach the Internet; of one that is looked up nobody here knows, so it may."""
        return not isinstance(self, Network) or any(
            isinstance(subnet, Subnet) and subnet.gateway is not None for subnet in self.subnets
        )

    def nic(
        self,
        *groups: AnySecurityGroup,
        ip: str | Sequence[str] = (),
        port_security: bool | None = None,
    ) -> Nic:
        """A NIC in this network.

        groups: the security groups that its port has; with none, it has none, so that nothing passes.
        ip: its fixed address, or several; by default the cloud chooses.
        port_security: False lets everything pass, and then takes no groups; by default as the network has it.

        What is wrong with it is said, with a ValueError, when an instance is given it.
        """
        return Nic(
            network=self,
            groups=tuple(dict.fromkeys(groups)),
            ips=(ip,) if isinstance(ip, str) else tuple(ip),
            port_security=port_security,
        )

    def _subnet_of(self, where: str, address: IPAddress) -> AnySubnet | None:
        """The subnet that an address lies in; None where only the cloud can tell."""
        known = [subnet for subnet in self.subnets if subnet.cidr is not None]
        for subnet in known:
            if subnet.cidr is not None and address in subnet.cidr:
                _check_usable(where, address, subnet)
                return subnet
        if isinstance(self, Network) or (known and len(known) == len(self.subnets)):
            ranges = ", ".join(str(subnet.cidr) for subnet in known)
            raise ValueError(
                f"{where}: {address} is outside of the subnets of network {self.name} "
                f"({ranges or 'it has none yet'}); take an address in one, or add the Subnet first"
            )
        return None


@dataclass(frozen=True)
class Nic:
    """How an instance is plugged into a network; made by a network's `nic`."""

    network: AnyNetwork
    groups: tuple[AnySecurityGroup, ...]
    ips: tuple[str, ...]
    port_security: bool | None

    def check_groups(self, where: str) -> None:
        """Raise ValueError if it has groups and nothing that applies them."""
        filters = self.network.port_security if self.port_security is None else self.port_security
        if self.groups and not filters:
            names = ", ".join(group.name for group in self.groups)
            raise ValueError(
                f"{where}: groups: {names} cannot apply on network {self.network.name} without port security; "
                "say port_security=True, or give it no groups"
            )

    def fixed_addresses(self, where: str) -> list[tuple[IPAddress, AnySubnet | None]]:
        """Its fixed addresses, each with its subnet, or None where only the cloud can tell.

        Raises ValueError for what is no address, and for one that cannot be in this network.
        """
        addresses = [parse_address(f"{where}.ip", text) for text in self.ips]
        return [(address, self.network._subnet_of(f"{where}.ip", address)) for address in addresses]


class LookedUpNetwork(AnyNetwork):
    """A network that is there already and is not changed; made by `Network.lookup`."""


class Network(Construct, AnyNetwork):
    """A private network, with its subnet.

    cidr: the range of its subnet, which gets the network's id; None makes no subnet (see `Subnet`).
    name: what the cloud shows; the id unless said.
    description: for people.
    gateway, dhcp, dns_nameservers: of the subnet, as `Subnet` has them.
    port_security: False makes ports in it pass everything, and then they take no groups.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises ValueError for an id that Terraform cannot carry or that is taken, and for a malformed range.
    """

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
        dns_nameservers: Sequence[str] = (),
        port_security: bool = True,
        renamed_from: str | None = None,
    ) -> None:
        place = Place.of(f"Network {id}", scope)
        names = place.declare("Network", id, renamed_from=renamed_from)
        if cidr is not None:
            parse_network(f"{names.where}: cidr", cidr)
        elif gateway is not None or dns_nameservers or not dhcp:
            raise ValueError(
                f"{names.where}: cidr: it is missing, and gateway, dhcp and dns_nameservers need it; say it"
            )
        Construct.__init__(self, scope, names.where)
        AnyNetwork.__init__(
            self,
            address=f"openstack_networking_network_v2.{names.id}",
            key=names.id,
            former_key=names.former,
        )
        self._can_be_waived(names.where, subject=self.address, waivers=place.stack.waivers)
        self.name = name or id
        self.public = False
        self.port_security = port_security
        mark = place.stack.mark(names.former)
        self.l1: NetworkingNetworkV2 = place.make_in(
            self,
            NetworkingNetworkV2,
            names.id,
            names.where,
            former=names.former,
            name=literal(self.name),
            description=literal(f"{description} [{mark}]" if description else mark),
            # Said either way: some clouds make networks without it unless asked.
            port_security_enabled=port_security,
        )
        if cidr is not None:
            Subnet(
                scope,
                id,
                network=self,
                cidr=cidr,
                name=self.name,
                gateway=gateway,
                dhcp=dhcp,
                dns_nameservers=dns_nameservers,
                renamed_from=renamed_from,
            )

    @staticmethod
    def lookup(
        scope: Construct,
        name: str | None = None,
        *,
        id: str | None = None,
        public: bool = False,
        port_security: bool = True,
    ) -> LookedUpNetwork:
        """A network that exists, by its name or its id.

        public: say so where its addresses are reached from the Internet; an instance that has only private
        networks gets a config drive.
        port_security: say False where ports in it have none.

        A name that no network or several have fails at plan, at the address
        `data.openstack_networking_network_v2.<name>`.
        """
        where = f"Network.lookup({name or id!r})"
        stack = Place.of(where, scope).stack
        slug, by = by_name_or_id(where, name, id)
        by = {"network_id": by["id"]} if "id" in by else {"name": literal(by["name"])}
        address = stack.lookup(DataOpenstackNetworkingNetworkV2, slug, where, **by)
        network = LookedUpNetwork(address=address, key=slug)
        network._can_be_waived(where, subject=address, waivers=stack.waivers)
        network.l1 = stack.data_source(address)
        network.name = name or f"{id}"
        network.public = public
        network.port_security = port_security
        return network


class LookedUpSubnet(AnySubnet):
    """A subnet that is there already and is not changed; made by `Subnet.lookup`."""


class Subnet(Construct, AnySubnet):
    """A further subnet of a network that is made here.

    cidr: its range, IPv4 or IPv6.
    name: what the cloud shows; the id unless said.
    gateway: the router's address in it; by default it has none, since a second default route breaks a server
    that also has a public network.
    dhcp: whether the cloud hands out its addresses.
    dns_nameservers: what the cloud tells guests to ask.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises ValueError for an id that Terraform cannot carry or that is taken, a malformed range, a gateway outside
    of it, and a range that overlaps another of the network's.
    """

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
        renamed_from: str | None = None,
    ) -> None:
        place = Place.of(f"Subnet {id}", scope)
        names = place.declare("Subnet", id, renamed_from=renamed_from)
        where = names.where
        self.cidr = parse_network(f"{where}: cidr", cidr)
        for other in network.subnets:
            if other.cidr is not None and other.cidr.version == self.cidr.version and other.cidr.overlaps(self.cidr):
                raise ValueError(
                    f"{where}: cidr: {self.cidr} overlaps {other.cidr} of subnet {other.name}; take another range"
                )
        self.gateway = None if gateway is None else parse_address(f"{where}: gateway", gateway)
        if self.gateway is not None and self.gateway not in self.cidr:
            raise ValueError(f"{where}: gateway: {gateway} is outside of {self.cidr}; take an address in it")
        servers = [str(parse_address(f"{where}: dns_nameservers", server)) for server in dns_nameservers]
        Construct.__init__(self, scope, where)
        self.name = name or id
        self.address = f"openstack_networking_subnet_v2.{names.id}"
        # What is found about it is said of its network.
        self._can_be_waived(where, subject=network.address, waivers=place.stack.waivers)
        self.l1: NetworkingSubnetV2 = place.make_in(
            self,
            NetworkingSubnetV2,
            names.id,
            where,
            former=names.former,
            network_id=network.id,
            name=literal(self.name),
            description=place.stack.mark(names.former),
            cidr=str(self.cidr),
            ip_version=self.cidr.version,
            enable_dhcp=dhcp,
            **({"gateway_ip": str(self.gateway)} if self.gateway is not None else {"no_gateway": True}),
            **({"dns_nameservers": servers} if servers else {}),
        )
        network.subnets.append(self)
        place.stack.ledger.precede(network=network.address, address=self.address)

    @staticmethod
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
        where = f"Subnet.lookup({name or id!r})"
        stack = Place.of(where, scope).stack
        slug, by = by_name_or_id(where, name, id)
        by = {"subnet_id": by["id"]} if "id" in by else {"name": literal(by["name"])}
        subnet = LookedUpSubnet()
        subnet.cidr = None
        subnet.gateway = None
        if cidr is not None:
            subnet.cidr = parse_network(f"{where}: cidr", cidr)
            by["cidr"] = str(subnet.cidr)
        subnet.address = stack.lookup(DataOpenstackNetworkingSubnetV2, slug, where, network_id=network.id, **by)
        subnet._can_be_waived(where, subject=subnet.address, waivers=stack.waivers)
        subnet.l1 = stack.data_source(subnet.address)
        subnet.name = name or f"{id}"
        network.subnets.append(subnet)
        return subnet


def _check_usable(where: str, address: IPAddress, subnet: AnySubnet) -> None:
    cidr = subnet.cidr
    if cidr is None:
        return
    first, last = cidr.network_address + 1, cidr.broadcast_address - 1
    taken = {cidr.network_address: "the network's own address"}
    if cidr.version == 4:
        taken[cidr.broadcast_address] = "its broadcast address"
    if cidr.num_addresses <= 2:
        taken = {}
    if subnet.gateway is not None:
        taken[subnet.gateway] = "its gateway"
    if address in taken:
        raise ValueError(
            f"{where}: {address} is {taken[address]} in {cidr} of subnet {subnet.name}; "
            f"take another, between {first} and {last}"
        )
