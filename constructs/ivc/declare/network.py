"""Networks, made here or looked up.

internet = Network.lookup(shop, "Ext-Net", public=True)
backend = Network(shop, "backend", cidr="10.0.0.0/24")
"""

from __future__ import annotations

from collections.abc import Sequence

from ivc.cidr import IPAddress, parse_network
from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.nic import Nic
from ivc.declare.provider import DataOpenstackNetworkingNetworkV2, NetworkingNetworkV2
from ivc.declare.references import same_stack
from ivc.declare.security_group import AnySecurityGroup
from ivc.declare.subnet import AnySubnet, Subnet
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families


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
        return not isinstance(self, Network) or any(subnet.gateway is not None for subnet in self.subnets)

    @same_stack
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

        Raises DeclarationError for a group of another stack. What else is wrong with it is said when an instance is
        given it.
        """
        return Nic(
            network=self,
            groups=tuple(dict.fromkeys(groups)),
            ips=(ip,) if isinstance(ip, str) else tuple(ip),
            port_security=port_security,
        )

    def check_in_range(self, where: str, address: IPAddress) -> None:
        """Raise DeclarationError if all subnets of the network are declared and none of them holds the address."""
        known = [subnet.cidr for subnet in self.subnets if subnet.cidr is not None]
        if isinstance(self, Network) or (known and len(known) == len(self.subnets)):
            ranges = ", ".join(sorted(map(str, known)))
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


class LookedUpNetwork(LookedUp, AnyNetwork):
    """A network that is there already and is not changed; made by `Network.lookup`."""

    l1: DataOpenstackNetworkingNetworkV2


class Network(Made, AnyNetwork):
    """A private network, with its subnet.

    cidr: the range of its subnet, which gets the network's id; None makes no subnet (see `Subnet`).
    name: what the cloud shows; by default the id.
    description: for people.
    gateway, dhcp, dns_nameservers: of the subnet, as `Subnet` has them.
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
        dns_nameservers: Sequence[str] = (),
        port_security: bool = True,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        if cidr is not None:
            parse_network(f"{self._called}: cidr", cidr)
        elif gateway is not None or dns_nameservers or not dhcp:
            raise DeclarationError(
                f"{self._called}: cidr: it is missing, and gateway, dhcp and dns_nameservers need it; give it"
            )
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
        )
        if cidr is not None:
            subnet = Subnet(
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
            self._addresses.append(subnet.terraform_address)

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
        network.subnets = []
        network._look_up(
            scope,
            DataOpenstackNetworkingNetworkV2,
            name=name,
            id=id,
            said={"public": public, "port_security": port_security},
        )
        return network
