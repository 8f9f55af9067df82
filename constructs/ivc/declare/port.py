"""Ports: what a NIC of an instance is in OpenStack.

A port for each, so that address, groups and order are what was declared, and outlive the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ivc.declare.cdktf import TerraformResourceLifecycle, struct
from ivc.declare.declaration import Made
from ivc.declare.floating_ip import check_way, follow_router
from ivc.declare.nic import Nic
from ivc.declare.provider import (
    NetworkingFloatingipAssociateV2,
    NetworkingPortV2,
    NetworkingPortV2AllowedAddressPairs,
    NetworkingPortV2FixedIp,
)
from ivc.declare.routing import Routing
from ivc.declare.subnet import AnySubnet, wait_for_each_ports_subnets
from ivc.declare.terraform_text import as_terraform, literal
from ivc.errors import DeclarationError
from ivc.estate import families

if TYPE_CHECKING:
    from ivc.declare.instance import Instance

_LIFECYCLE = TerraformResourceLifecycle(ignore_changes=["description"])
"""A port's mark tells what it was born as, also after a rename."""


class Plugged(Protocol):
    """A server whose NICs have ports: an instance, or what its tier knows of it before it is made."""

    _called: str
    key: str
    former_key: str
    name: str


@dataclass
class Port:
    """A NIC of an instance, and what its port is called; made by `plan_ports`.

    where: how errors call the NIC.
    key: how the instance calls it: by its network, and `-2` for a second one there.
    name, former: its Terraform name, now and before a rename.
    shown: what follows the server's name in what the cloud shows; a rename of the network does not change it.
    """

    nic: Nic
    where: str
    key: str
    name: str
    former: str
    shown: str
    _subnets: Sequence[AnySubnet | None] = ()
    """Of its declared addresses, as they are said to Terraform so far."""
    _association: NetworkingFloatingipAssociateV2 | None = None

    @property
    def terraform_address(self) -> str:
        """Of its resource."""
        return f"{families.PORT.type}.{self.name}"

    def make(self, server: Instance) -> NetworkingPortV2:
        """Make the resource; raises DeclarationError if another NIC has one of its addresses."""
        network, plan = self.nic.network, server._stack._record.networks
        for address in self.nic.addresses(self.where):
            plan.take(f"{self.where}.ip", network=network.terraform_address, network_name=network.name, ip=str(address))
        optional: dict[str, Any] = {}
        self._subnets = self.nic.subnets(self.where)
        if self.nic.ips or self.nic.automatic_in:
            optional["fixed_ip"] = self._fixed_ips()
        if self.nic.vips:
            optional["allowed_address_pairs"] = [
                struct(NetworkingPortV2AllowedAddressPairs, ip_address=as_terraform(vip.address))
                for vip in self.nic.vips
            ]
        if self.nic.groups:
            optional["security_group_ids"] = [group._id for group in self.nic.groups]
        else:
            optional["no_security_groups"] = True
        if self.nic.port_security is not None:
            optional["port_security_enabled"] = self.nic.port_security
        made = server._make_part(
            families.PORT,
            NetworkingPortV2,
            self.name,
            former=self.former,
            beside=True,
            network_id=network._id,
            name=literal(f"{server.name}_{self.shown}"),
            lifecycle=_LIFECYCLE,
            **optional,
        )
        if self.nic.ips and not self.nic.automatic_in:
            plan.precede(network=network.terraform_address, address=self.terraform_address)
        else:
            plan.follow(network=network.terraform_address, name=self.name, port=made, has_declared=bool(self.nic.ips))
        if self.nic.floating_ip is not None:
            self._association = self.nic.floating_ip._associate(
                self.where, self.terraform_address, self.nic._led_to(self.where)
            )
        return made

    def decide(self, made: NetworkingPortV2, routing: Routing) -> None:
        """Say in which subnets its addresses lie, and what leads to it, now that all are declared; raises for an
        address in none, and for a floating IP without a router.
        """
        network = self.nic.network
        for vip in self.nic.vips:
            if vip._taken_by is not None:
                raise DeclarationError(
                    f"{self.where}.vips: VIP {vip.name} is that of {vip._taken_by}, and of no server; declare another "
                    "one, or leave it out"
                )
        if isinstance(network, Made) and not network.subnets and not self.nic.ips:
            raise DeclarationError(
                f"{self.where}: network {network.name} has no subnet, so that the server would have no address, which "
                "Nova refuses; give the network a cidr=, or a Subnet"
            )
        subnets = self.nic.subnets(self.where)
        for address, subnet in zip(self.nic.addresses(self.where), subnets, strict=True):
            if subnet is None:
                network.check_in_range(f"{self.where}.ip", address)
        if subnets != self._subnets:
            self._subnets = subnets
            made.put_fixed_ip(self._fixed_ips())
        wait_for_each_ports_subnets(made, network.subnets)
        if self.nic.floating_ip is not None and self._association is not None:
            interfaces = routing.of_network(network)
            way = check_way(self.where, self.nic.floating_ip, network, self._led_into(), interfaces)
            follow_router(self._association, way)

    def _led_into(self) -> AnySubnet | None:
        """The subnet of the address that its floating IP leads to; None where nobody here knows."""
        to, addresses = self.nic._led_to(self.where), self.nic.addresses(self.where)
        declared = [
            subnet
            for address, subnet in zip(addresses, self._subnets, strict=True)
            if address.version == 4 and to in (None, str(address))
        ]
        into = declared or [subnet for subnet in self.nic.automatic_in if subnet._version != 6]
        return into[0] if len(into) == 1 else None

    def groups(self, server: Instance) -> dict[str, object]:
        """For the stack's check: the groups that the port was declared with, and those that it has.

        The provider never reads back the declared ones: only what it computes shows what somebody changed.
        """
        return {
            "called": literal(f"{server._called}: its port {self.name}"),
            "groups": literal(", ".join(group.name for group in self.nic.groups) or "none"),
            "declared": [group._id for group in self.nic.groups],
            "found": f"${{{self.terraform_address}.all_security_group_ids}}",
        }

    def _fixed_ips(self) -> list[NetworkingPortV2FixedIp]:
        declared = [
            struct(NetworkingPortV2FixedIp, ip_address=str(address), **({"subnet_id": subnet._id} if subnet else {}))
            for address, subnet in zip(self.nic.addresses(self.where), self._subnets, strict=True)
        ]
        chosen = [struct(NetworkingPortV2FixedIp, subnet_id=subnet._id) for subnet in self.nic.automatic_in]
        return [*declared, *chosen]


def plan_ports(server: Plugged, nics: Sequence[Nic]) -> list[Port]:
    """The ports of an instance, named after their networks; raises DeclarationError for a NIC that cannot be."""
    if not nics:
        raise DeclarationError(
            f"{server._called}: nics: there are none; give it one in a network, such as network.nic(group)"
        )
    seen: dict[str, int] = {}
    ports = []
    for index, nic in enumerate(nics):
        where = f"{server._called}: nics[{index}]"
        nic.check_groups(where)
        nic._check_places(where)
        nic.subnets(where)
        key, former_key = nic.network.key, nic.network.former_key
        seen[key] = seen.get(key, 0) + 1
        nth = f"-{seen[key]}" if seen[key] > 1 else ""
        ports.append(
            Port(
                nic=nic,
                where=where,
                key=key + nth,
                name=f"{server.key}_{key}{nth}",
                former=f"{server.former_key}_{former_key}{nth}",
                shown=f"{former_key}{nth}",
            )
        )
    return ports
