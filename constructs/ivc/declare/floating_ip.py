"""Floating IPs: addresses of an outside network that lead to a server in a private one.

address = FloatingIp(shop, "bastion", network=internet)
Instance(shop, "bastion", ..., nics=[backend.nic(ssh, floating_ip=address)])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ivc.cidr import parse_address
from ivc.declare.cdktf import (
    Construct,
    TerraformElement,
    TerraformResourceLifecycle,
    struct,
)
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.provider import (
    DataOpenstackNetworkingFloatingipV2,
    NetworkingFloatingipAssociateV2,
    NetworkingFloatingipV2,
)
from ivc.declare.record import wait_for
from ivc.declare.references import ValueOf, same_stack
from ivc.declare.terraform_text import as_terraform
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.userdata import AtApply

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork
    from ivc.declare.routing import Interface
    from ivc.declare.subnet import AnySubnet

_LONGEST = 15
"""Characters of an IPv4 address; Neutron has no others of this kind."""


class AnyFloatingIp(Declaration):
    """A floating IP, made here or existing: what a NIC or a VIP is reached by.

    address: what it is, or a value known only at apply.
    """

    family = families.FLOATING_IP
    l1: TerraformElement
    address: str | AtApply
    network: AnyNetwork | None
    """The outside network that it is of; None where nobody says."""

    def _associate(self, where: str, port: str, fixed_ip: str | None) -> NetworkingFloatingipAssociateV2:
        """Have it lead to a port, by an association that is its own: where it leads to another, that changes in place.

        port: the Terraform address of its resource. fixed_ip: to which of its addresses, where it has several.
        Raises DeclarationError where it leads somewhere already.
        """
        led = self._stack._record.networks.lead(self.terraform_address, where)
        if led is not None:
            raise DeclarationError(
                f"{where}: floating_ip: {self._called} leads to {led} already, and to one place only; take another"
            )
        optional: dict[str, Any] = {} if fixed_ip is None else {"fixed_ip": fixed_ip}
        return self._make_part(
            families.ASSOCIATION,
            NetworkingFloatingipAssociateV2,
            self.key,
            former=self.former_key,
            floating_ip=as_terraform(self.address),
            port_id=f"${{{port}.id}}",
            **optional,
        )


class LookedUpFloatingIp(LookedUp, AnyFloatingIp):
    """A floating IP that the project has already, and keeps; made by `FloatingIp.lookup`."""

    l1: DataOpenstackNetworkingFloatingipV2
    address: str


class FloatingIp(Made, AnyFloatingIp):
    """A floating IP of an outside network, in which the cloud chooses it.

    It is given to a NIC (`network.nic(floating_ip=...)`) or to a `Vip`. Where it leads can be changed at any time, and
    touches no server.

    network: the outside network, looked up. Another, also one of another name, replaces it: its address is lost.
    description: for people.
    prevent_destroy: True, the default, makes a plan fail that would give its address back. It cannot save one whose
    declaration is deleted.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, and for a network that is made here.
    One that is no outside network fails at plan.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        network: AnyNetwork,
        description: str = "",
        prevent_destroy: bool = True,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=None, renamed_from=renamed_from, depends_on=depends_on)
        is_outside = network._check_outside(f"{self._called}: network")
        self.network = network
        self._open()
        self.l1: NetworkingFloatingipV2 = self._make(
            NetworkingFloatingipV2,
            # The provider wants the network's name here, and no id.
            pool=f"${{{network.terraform_address}.name}}",
            description=description,
            lifecycle=struct(
                TerraformResourceLifecycle,
                precondition=[is_outside],
                prevent_destroy=True if prevent_destroy else None,
            ),
        )
        self.address = ValueOf(
            f"{self.terraform_address}.address", f"address of floating IP {self.name}", _LONGEST, self
        )

    @staticmethod
    @same_stack
    def lookup(scope: Construct, address: str) -> LookedUpFloatingIp:
        """A floating IP that the project has already, by its address. It is never released, and may lead elsewhere
        until something here is given it.

        An address that the project does not have fails at plan, at the address
        `data.openstack_networking_floatingip_v2.<address>`.
        """
        ip = parse_address(f"FloatingIp.lookup({address!r}): address", address)
        if ip.version != 4:
            raise DeclarationError(
                f"FloatingIp.lookup({address!r}): address: there are none of IPv6; a server's own address is reached "
                "from everywhere"
            )
        found = LookedUpFloatingIp._new()
        found.address = str(ip)
        found.network = None
        found._look_up(scope, DataOpenstackNetworkingFloatingipV2, name=str(ip), id=None, by_name="address")
        return found


def check_way(
    where: str,
    floating_ip: AnyFloatingIp,
    network: AnyNetwork,
    subnet: AnySubnet | None,
    interfaces: Sequence[Interface],
) -> list[str]:
    """The Terraform addresses of the router's interfaces that a floating IP needs on its way into a network.

    subnet: where the address lies that it leads to; None where nobody here knows. interfaces: those of all routers in
    the network. Raises DeclarationError where the network is made here and no router joins it with the floating IP's
    (neutron/db/l3_db.py, `get_router_for_floatingip`), and where it is that one itself.
    """
    outside = floating_ip.network
    if network.public or (outside is not None and outside.terraform_address == network.terraform_address):
        raise DeclarationError(
            f"{where}: floating_ip: network {network.name} is an outside one itself, and {floating_ip._called} leads "
            "into others; leave it out"
        )
    joining = [one for one in interfaces if one.subnet._version != 6]
    leading = [one for one in joining if one.router._leads_to(outside)]
    there = [one for one in leading if subnet is None or subnet.terraform_address == one.subnet.terraform_address]
    if isinstance(network, Made):
        if not there:
            why = _why_nowhere(network, outside, subnet if leading else None, interfaces, joining)
            raise DeclarationError(f"{where}: floating_ip: it would lead nowhere: {why}")
        joined = [one.subnet.terraform_address for one in leading]
        for other in network.subnets if subnet is None else ():
            if other._version == 4 and other.terraform_address not in joined:
                raise DeclarationError(
                    f"{where}: floating_ip: the cloud may choose an address in subnet {other.name}, which no router "
                    f"joins; say which subnet it is to choose from, with ip={there[0].subnet.name}"
                )
    return [one.terraform_address for one in there]


def _why_nowhere(
    network: AnyNetwork,
    outside: AnyNetwork | None,
    subnet: AnySubnet | None,
    interfaces: Sequence[Interface],
    joining: Sequence[Interface],
) -> str:
    """Why no router leads a floating IP into a network, and what to do.

    subnet: the one that is not joined, where others are. joining: the interfaces in subnets that may be IPv4.
    """
    if subnet is not None:
        return f"no router joins subnet {subnet.name}, where its address lies; add_interface({subnet.name}) does"
    if not interfaces:
        called = "an outside network" if outside is None else outside.name
        return (
            f"no router joins network {network.name} with {called}; declare a Router with external_network= and its "
            f"add_interface({network.name})"
        )
    if not joining:
        return f"it leads to IPv4 addresses alone, and network {network.name} is joined by IPv6; add an IPv4 subnet"
    routers = ", ".join(dict.fromkeys(one.router.name for one in joining))
    if not any(one.router._leads_to(None) for one in joining):
        return f"router {routers}, which joins network {network.name}, has no external_network; give it one"
    called = f"another network than {outside.name}" if outside is not None else "another network"
    return f"router {routers}, which joins network {network.name}, leads to {called}; give both the same"


def follow_router(association: NetworkingFloatingipAssociateV2, interfaces: Sequence[str]) -> None:
    """Make an association after the interfaces of its router, and anew when one is replaced: Neutron takes no interface
    away that a floating IP needs.
    """
    if interfaces:
        wait_for(association, *interfaces)
        association.lifecycle = struct(TerraformResourceLifecycle, replace_triggered_by=sorted(interfaces))
