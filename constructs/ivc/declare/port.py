"""Ports: what a NIC of an instance is in OpenStack.

A port for each, so that address, groups and order are what was declared, and outlive the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_openstack.networking_port_v2 import NetworkingPortV2, NetworkingPortV2FixedIp

from ivc.cidr import IPAddress
from ivc.declare.cdktf import TerraformResourceLifecycle
from ivc.declare.network import AnySubnet, Nic
from ivc.declare.place import Names, Place
from ivc.declare.terraform_text import literal
from ivc.userdata import AtApply

_LIFECYCLE = TerraformResourceLifecycle(ignore_changes=["description"])
"""A port's mark tells what it was born as, also after a rename."""
_LONGEST_ADDRESS = 39
"""Characters that an IPv6 address can have."""


@dataclass(frozen=True)
class Port:
    """A NIC of an instance, and what its port is called; made by `plan_ports`.

    index: the NIC's place among the instance's, from 0.
    key: how the instance calls it: by its network, and `-2` for a second one there.
    name, former: its Terraform name, now and before a rename.
    shown: what follows the server's name in what the cloud shows; a rename of the network does not change it.
    fixed: its declared addresses, each with its subnet where that is known.
    """

    nic: Nic
    index: int
    key: str
    name: str
    former: str
    shown: str
    fixed: list[tuple[IPAddress, AnySubnet | None]]

    @property
    def address(self) -> str:
        """Its Terraform address."""
        return f"openstack_networking_port_v2.{self.name}"

    def ip(self, server: str) -> str | AtApply:
        """Its first IP address; where the cloud chooses, an IPv4 one if there is any."""
        if self.fixed:
            return str(self.fixed[0][0])
        ips = f"sort({self.address}.all_fixed_ips)"
        return AtApply(
            # Neutron gives a port's addresses in no order.
            f'concat([for ip in {ips} : ip if !strcontains(ip, ":")], {ips})[0]',
            f"address of {server} on {self.nic.network.name}",
            _LONGEST_ADDRESS,
        )

    def make(self, place: Place, where: str, *, server: str) -> NetworkingPortV2:
        """Make the resource; raises ValueError if another NIC has one of its addresses.

        server: the name that the cloud shows.
        """
        network, ledger = self.nic.network, place.stack.ledger
        for address, _ in self.fixed:
            ledger.take_address(
                f"{where}: nics[{self.index}].ip", network=network.address, network_name=network.name, ip=str(address)
            )
        optional: dict[str, Any] = {}
        if self.fixed:
            optional["fixed_ip"] = [
                NetworkingPortV2FixedIp(ip_address=str(address), **({"subnet_id": subnet.id} if subnet else {}))
                for address, subnet in self.fixed
            ]
        if self.nic.groups:
            optional["security_group_ids"] = [group.id for group in self.nic.groups]
        else:
            optional["no_security_groups"] = True
        if self.nic.port_security is not None:
            optional["port_security_enabled"] = self.nic.port_security
        made = place.make(
            NetworkingPortV2,
            self.name,
            where,
            former=self.former,
            network_id=network.id,
            name=literal(f"{server}_{self.shown}"),
            description=place.stack.mark(self.name),
            lifecycle=_LIFECYCLE,
            **optional,
        )
        if self.fixed:
            ledger.precede(network=network.address, address=self.address)
        else:
            ledger.follow(network=network.address, port=self.name)
        return made

    def group_assertion(self, where: str) -> dict[str, str]:
        """For a Terraform `check`: that the port has the declared groups, which the provider never reads back.

        It also speaks in the one plan that changes the groups.
        """
        declared = ", ".join(f"{group.address}.id" for group in self.nic.groups)
        return {
            "condition": f'${{join(",", sort({self.address}.all_security_group_ids)) == '
            f'join(",", sort([{declared}]))}}',
            "error_message": literal(
                f"{where}: its port {self.name} has other security groups than the declared ones "
                f"({', '.join(group.name for group in self.nic.groups) or 'none'}); somebody changed them, "
                "or this plan does."
            ),
        }


def plan_ports(where: str, names: Names, nics: Sequence[Nic]) -> list[Port]:
    """The ports of an instance, named after their networks; raises ValueError for a NIC that cannot be."""
    if not nics:
        raise ValueError(f"{where}: nics: there are none; give it one in a network, such as network.nic(group)")
    seen: dict[str, int] = {}
    ports = []
    for index, nic in enumerate(nics):
        nic.check_groups(f"{where}: nics[{index}]")
        fixed = nic.fixed_addresses(f"{where}: nics[{index}]")
        key = nic.network.key
        seen[key] = seen.get(key, 0) + 1
        nth = f"-{seen[key]}" if seen[key] > 1 else ""
        ports.append(
            Port(
                nic=nic,
                index=index,
                key=key + nth,
                name=f"{names.id}_{key}{nth}",
                former=f"{names.former}_{nic.network.former_key}{nth}",
                shown=f"{nic.network.former_key}{nth}",
                fixed=fixed,
            )
        )
    return ports
