"""VIPs: addresses that no server has by itself, and several may use, one at a time.

vip = Vip(shop, "web", network=backend, ip="10.0.0.100", floating_ip=address)
Instance(shop, "www-1", ..., nics=[backend.nic(web, ip="10.0.0.11", vips=[vip])])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ivc.cidr import parse_address
from ivc.declare.apart import taken_in
from ivc.declare.cdktf import Construct, struct
from ivc.declare.declaration import Made, Ordered
from ivc.declare.floating_ip import AnyFloatingIp, check_way, follow_router
from ivc.declare.ip_addresses import LONGEST, first_address
from ivc.declare.provider import NetworkingPortV2, NetworkingPortV2FixedIp
from ivc.declare.references import ValueOf, same_stack
from ivc.declare.subnet import wait_for_each_ports_subnets
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.userdata import AtApply

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork
    from ivc.declare.subnet import AnySubnet


class Vip(Made):
    """A port without a server, which reserves an address. NICs with it (`network.nic(vips=[...])`) may use that address
    beside their own; which one does is theirs to settle, by keepalived for one. Or a `LoadBalancer` has it for itself.

    network: the one that it is in.
    ip: its address; by default the cloud chooses one, of IPv4 if it can. It is reserved before servers get addresses
    that the cloud chooses.
    floating_ip: an address outside that leads to it; by default none.
    name: what the cloud shows; by default the id.
    description: for people.
    depends_on: what is to be there first, declarations or CDKTF's elements, beside what it refers to.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    address: what it is, or a value known only at apply.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, an address that cannot be or that
    another port has, and for a floating IP that leads elsewhere already or that no router leads to the network.
    """

    family = families.VIP

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        network: AnyNetwork,
        ip: str | None = None,
        floating_ip: AnyFloatingIp | None = None,
        name: str | None = None,
        description: str = "",
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        self.network, self.floating_ip = network, floating_ip
        self._ip = None if ip is None else parse_address(f"{self._called}: ip", ip)
        if floating_ip is not None and self._ip is not None and self._ip.version == 6:
            raise DeclarationError(
                f"{self._called}: floating_ip: it leads to IPv4 addresses alone, and {self._ip} is none; leave it out"
            )
        plan = self._stack._record.networks
        self._subnet: AnySubnet | None = None
        optional: dict[str, Any] = {}
        if self._ip is not None:
            self._subnet = network._subnet_of(f"{self._called}: ip", self._ip)
            plan.take(self._called, network=network.terraform_address, network_name=network.name, ip=str(self._ip))
            optional["fixed_ip"] = self._fixed_ips()
        self._open()
        self.l1: NetworkingPortV2 = self._make(
            NetworkingPortV2,
            network_id=network._id,
            name=literal(self.name),
            description=description,
            # Nothing is plugged into it, so that there is nothing to filter.
            no_security_groups=True,
            **optional,
        )
        self.address: str | AtApply = (
            str(self._ip)
            if self._ip is not None
            else ValueOf(first_address(self.terraform_address), f"address of VIP {self.name}", LONGEST, self)
        )
        if self._ip is not None:
            plan.precede(network=network.terraform_address, address=self.terraform_address)
        else:
            plan.follow(network=network.terraform_address, name=self.key, port=self.l1, is_vip=True)
        self._association = (
            None if floating_ip is None else floating_ip._associate(self._called, self.terraform_address, None)
        )

    _taken_by: str | None = None
    """The load balancer that has it, if any."""

    def _take(self, where: str) -> None:
        """Have a load balancer have it for itself; raises DeclarationError where another has."""
        if self._taken_by is not None:
            raise DeclarationError(
                f"{where}: vip: VIP {self.name} is that of {self._taken_by} already; declare another one"
            )
        self._taken_by = where

    def _lies_in(self) -> AnySubnet | None:
        """The subnet of its address, of those that are declared so far; None where none of them is it.

        Raises DeclarationError where it may be several.
        """
        if self._ip is not None:
            return self.network._subnet_of(f"{self._called}: ip", self._ip)
        return self.network._automatic_subnet(
            f"{self._called}: ip: it is missing, and the cloud may choose an address in {{}} of network "
            f"{self.network.name}, which {self._taken_by} must know; give it"
        )

    def _takes(self) -> Iterator[str]:
        yield from taken_in(self.network, [] if self._ip is None else [str(self._ip)], self.floating_ip)

    def _decide(self) -> None:
        super()._decide()
        network = self.network
        wait_for_each_ports_subnets(self.l1, network.subnets)
        if self._ip is not None:
            subnet = network._subnet_of(f"{self._called}: ip", self._ip)
            if subnet is None:
                network.check_in_range(f"{self._called}: ip", self._ip)
            elif subnet is not self._subnet:
                self._subnet = subnet
                self.l1.put_fixed_ip(self._fixed_ips())
        if self.floating_ip is not None and self._association is not None:
            interfaces = self._stack._record.routing.of_network(network)
            way = check_way(self._called, self.floating_ip, network, self._subnet, interfaces)
            follow_router(self._association, way)

    def _fixed_ips(self) -> list[NetworkingPortV2FixedIp]:
        subnet = {} if self._subnet is None else {"subnet_id": self._subnet._id}
        return [struct(NetworkingPortV2FixedIp, ip_address=str(self._ip), **subnet)]
