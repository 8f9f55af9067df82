"""Who has which address in the networks of a stack, and which port waits for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ivc.declare.cdktf import TerraformResource
from ivc.errors import DeclarationError
from ivc.estate.families import NETWORK, PORT


@dataclass(frozen=True)
class Wait:
    """What some resources wait for.

    local: the name of the Terraform local that lists it, so that the output grows with the resources and not with
    their square. addresses: Terraform's, sorted. resources: those that wait.
    """

    local: str
    addresses: tuple[str, ...]
    resources: tuple[TerraformResource, ...]


@dataclass
class _Order:
    """The ports of one network, in the order in which they are made.

    first: the addresses of its subnets, and of ports whose addresses are all declared. then: ports with a declared one
    beside one that the cloud chooses. vips: those that it chooses. last: servers' ports of which it chooses all. Each
    by its Terraform name. others: what has ports there that Terraform does not see.
    """

    first: set[str] = field(default_factory=set)
    then: dict[str, TerraformResource] = field(default_factory=dict)
    vips: dict[str, TerraformResource] = field(default_factory=dict)
    last: dict[str, TerraformResource] = field(default_factory=dict)
    others: list[TerraformResource] = field(default_factory=list)

    @property
    def automatic(self) -> list[str]:
        """The names of all ports of which the cloud chooses an address."""
        return sorted([*self.then, *self.vips, *self.last])


class NetworkPlan:
    """The declared addresses, by network, and the order that they ask for."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], str] = {}
        self._orders: dict[str, _Order] = defaultdict(_Order)
        self._led: dict[str, str] = {}
        self._asked_for: set[str] = set()

    def take(self, where: str, *, network: str, network_name: str, ip: str) -> None:
        """Give an address in a network to a port; raises DeclarationError if another has it."""
        owner = self._owners.get((network, ip))
        if owner is not None:
            raise DeclarationError(
                f"{where}: the address {ip} in network {network_name} is already {owner}'s; give one of the two another"
            )
        self._owners[(network, ip)] = where

    def lead(self, floating_ip: str, where: str) -> str | None:
        """Have a floating IP lead to a port; gives the port that it leads to already, if any."""
        led = self._led.get(floating_ip)
        self._led.setdefault(floating_ip, where)
        return led

    def precede(self, *, network: str, address: str) -> None:
        """A subnet, or a port whose addresses are declared: what ports with an automatic one in the network wait for.

        They would fail before there is a subnet, and might take the address that another declares.
        """
        self._orders[network].first.add(address)

    def follow(
        self,
        *,
        network: str,
        name: str,
        port: TerraformResource,
        has_declared: bool = False,
        is_vip: bool = False,
    ) -> None:
        """A port of which the cloud chooses an address. has_declared: it has another one that is declared. is_vip: it
        is a VIP's, which servers' automatic ones wait for.
        """
        order = self._orders[network]
        (order.vips if is_vip else order.then if has_declared else order.last)[name] = port

    def take_some(self, *, network: str, resource: TerraformResource) -> None:
        """What has addresses in a network that the cloud chooses and Terraform does not see, as a load balancer has for
        its own servers: it waits for those that are declared, which it might take.
        """
        self._orders[network].others.append(resource)

    def automatic_in(self, network: str) -> str | None:
        """The Terraform local with the addresses of the ports in a network of which the cloud chooses one."""
        if not self._orders[network].automatic:
            return None
        self._asked_for.add(network)
        return f"local.addresses_in_{local_name(network)}"

    def locals(self) -> dict[str, Sequence[str]]:
        """What those locals hold that were asked for, by their names."""
        return {
            f"addresses_in_{local_name(network)}": [
                f"${{{PORT.type}.{name}.all_fixed_ips}}" for name in self._orders[network].automatic
            ]
            for network in sorted(self._asked_for)
        }

    def waits(self) -> Iterator[Wait]:
        """Up to three for each network in which ports wait."""
        for network, order in sorted(self._orders.items()):
            before = {*order.first}
            for local, ports, others in (
                ("declared_addresses", order.then, ()),
                ("addresses_before_vips", order.vips, order.others),
                ("automatic_addresses", order.last, ()),
            ):
                if (ports or others) and before:
                    waiting = (*ports.values(), *others)
                    yield Wait(f"{local}_in_{local_name(network)}", tuple(sorted(before)), waiting)
                before |= {f"{PORT.type}.{port}" for port in ports}


def local_name(network: str) -> str:
    """How a Terraform local calls a network, which is given by its Terraform address."""
    # `__`, which no name of a network that is made here holds, tells a looked-up one apart.
    return network.replace(f"{NETWORK.type}.", "").replace("data.", "data__")
