"""The IP addresses of a server, by the networks that it is on."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NoReturn

from ivc.declare.port import Plugged, Port
from ivc.declare.references import ValueOf
from ivc.errors import DeclarationError
from ivc.userdata import AtApply

if TYPE_CHECKING:
    from ivc.declare.declaration import Declaration
    from ivc.declare.network import AnyNetwork
    from ivc.declare.subnet import AnySubnet

Version = Literal[4, 6]
_LONGEST: dict[Version, int] = {4: 15, 6: 39}
"""Characters that an address can have."""
LONGEST = _LONGEST[6]
_ALL = "sort({}.all_fixed_ips)"
"""Sorted, since Neutron gives a port's addresses in no order."""
_ONLY: dict[Version, str] = {4: '!strcontains(ip, ":")', 6: 'strcontains(ip, ":")'}


def first_address(port: str) -> str:
    """The Terraform expression of the first address of a port that the cloud chose; an IPv4 one if it has any."""
    every = _ALL.format(port)
    return f"concat([for ip in {every} : ip if {_ONLY[4]}], {every})[0]"


def address_of(port: str, version: Version) -> str:
    """The Terraform expression of the first address of a version of a port that the cloud chose."""
    return f"[for ip in {_ALL.format(port)} : ip if {_ONLY[version]}][0]"


def is_chosen(network: AnyNetwork, version: Version, of: Sequence[AnySubnet] | None = None) -> bool | None:
    """Whether the cloud chooses an address of a version for a port in a network, as far as is declared now; None where
    nobody here knows. of: the subnets that it is to choose from; by default all.
    """
    if version == 6 and any(subnet.gives_each_port_an_address for subnet in network.subnets):
        return True
    subnets = network.subnets if of is None else of
    if any(subnet._version == version for subnet in subnets):
        return True
    is_known = network._is_made or of is not None
    return False if is_known and all(subnet._version is not None for subnet in subnets) else None


class NotOnNetworkError(DeclarationError, KeyError):
    """A server has no NIC in a network; the text lists those that it has one in."""

    def __str__(self) -> str:
        return str(self.args[0])


class IpAddresses(dict[str, str | AtApply]):
    """By network, a server's first address there: what was declared, or a value known only at apply.

    A second NIC in a network goes by the network's Terraform name and `-2`. Raises DeclarationError for a network that
    the server is not on.

    of: the declaration that makes the server.
    """

    def __init__(self, server: Plugged, ports: Sequence[Port], *, of: Declaration) -> None:
        self._server, self._of = server, of
        self._ports = {port.key: port for port in ports}
        super().__init__({port.key: self._first(port) for port in ports})

    def __missing__(self, key: object) -> NoReturn:
        raise NotOnNetworkError(self.why_missing(key))

    def why_missing(self, key: object) -> str:
        """A sentence for who asks for a network that the server is not on; templates ask, too."""
        near = difflib.get_close_matches(str(key), self, 1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "take one of these"
        return f"{self._server._called}: it is not on a network {key!r}, but on {', '.join(self)}; {hint}"

    def on(self, network: AnyNetwork | str, version: Version | None = None) -> str | AtApply:
        """Its first address in a network, which is given as such or as the mapping calls it.

        version: 4 or 6; without it an IPv4 one if there is any.
        """
        port = self._port(network)
        if version is None:
            return self[port.key]
        declared = [address for address in port.nic.addresses(port.where) if address.version == version]
        if declared:
            return str(declared[0])
        nic = port.nic
        chosen = any(subnet._version in (version, None) for subnet in nic.automatic_in)
        of_each_port = version == 6 and any(subnet.gives_each_port_an_address for subnet in nic.network.subnets)
        if (nic.ips or nic.automatic_in) and not chosen and not of_each_port:
            has = ", ".join([*nic.ips, *(f"one of subnet {subnet.name}" for subnet in nic.automatic_in)])
            raise DeclarationError(
                f"{self._server._called}: it has no IPv{version} address on {nic.network.name}, but {has}; "
                "declare one with .nic(ip=[...])"
            )
        only = address_of(port.terraform_address, version)
        return self._at_apply(port, only, f"IPv{version} address", _LONGEST[version])

    def has(self, network: AnyNetwork | str, version: Version) -> bool | None:
        """Whether it has an address of a version there, as far as is declared now; None where nobody here knows."""
        port = self._port(network)
        if any(address.version == version for address in port.nic.addresses(port.where)):
            return True
        fixed = bool(port.nic.ips or port.nic.automatic_in)
        return is_chosen(port.nic.network, version, port.nic.automatic_in if fixed else None)

    def _port(self, network: AnyNetwork | str) -> Port:
        if isinstance(network, str):
            return self._ports.get(network) or self.__missing__(network)
        for port in self._ports.values():
            if port.nic.network.terraform_address == network.terraform_address:
                return port
        raise NotOnNetworkError(self.why_missing(network.name))

    def _first(self, port: Port) -> str | AtApply:
        declared = port.nic.addresses(port.where)
        if declared:
            return str(declared[0])
        return self._at_apply(port, first_address(port.terraform_address), "address", LONGEST)

    def _at_apply(self, port: Port, expression: str, what: str, longest: int) -> AtApply:
        network = port.nic.network
        # A second NIC in the network has a `-2`, so that each address has a placeholder of its own.
        label = f"{what} of {self._server.name} on {network.name}{port.key.removeprefix(network.key)}"
        return ValueOf(expression, label, longest, self._of)
