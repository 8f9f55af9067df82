"""Which routers lead where in a stack: their interfaces, and who waits for these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ivc.declare.cdktf import TerraformResourceLifecycle, struct
from ivc.declare.network_plan import NetworkPlan, local_name
from ivc.errors import DeclarationError
from ivc.source import Line, line_of_caller

if TYPE_CHECKING:
    from ivc.declare.network import AnyNetwork
    from ivc.declare.provider import NetworkingRouterInterfaceV2
    from ivc.declare.router import AnyRouter
    from ivc.declare.subnet import AnySubnet


@dataclass(frozen=True)
class Interface:
    """A router's interface in a subnet."""

    router: AnyRouter
    subnet: AnySubnet
    terraform_address: str
    l1: NetworkingRouterInterfaceV2


class Routing:
    """The interfaces of all routers of a stack, made here or looked up, and their routes."""

    def __init__(self) -> None:
        self._interfaces: list[Interface] = []
        self._whole: dict[str, list[tuple[AnyRouter, AnyNetwork, Line | None]]] = defaultdict(list)
        """By network, the routers that join all of its subnets."""
        self._host_routes: dict[str, list[str]] = defaultdict(list)

    def join(self, router: AnyRouter, network: AnyNetwork) -> None:
        """Have a router join all subnets of a network, also those that are declared later.

        Raises DeclarationError where a router joins them already.
        """
        for other, _, _ in self._whole[network.terraform_address]:
            self._refuse(f"{router._called}: add_interface: network {network.name}", router, other)
        self._whole[network.terraform_address].append((router, network, line_of_caller()))
        for subnet in network.subnets:
            router._join(subnet)

    def declared(self, subnet: AnySubnet) -> None:
        """Have a new subnet joined by the routers that join its whole network."""
        for router, _, _ in self._whole[subnet.network.terraform_address]:
            router._join(subnet)

    def add(self, interface: Interface) -> None:
        """Take in an interface; `check` says whether it can be."""
        self._interfaces.append(interface)

    def check(self, where: str, router: AnyRouter, subnet: AnySubnet) -> None:
        """Raise DeclarationError where a subnet cannot have an interface of a router."""
        for other in self._interfaces:
            if other.subnet.terraform_address == subnet.terraform_address:
                self._refuse(f"{where}: subnet {subnet.name}", router, other.router)
        for other in self.of_router(router):
            one, two = subnet.cidr, other.subnet.cidr
            if one is not None and two is not None and one.version == two.version and one.overlaps(two):
                raise DeclarationError(
                    f"{where}: {one} of subnet {subnet.name} overlaps {two} of subnet {other.subnet.name}, which "
                    f"router {router.name} joins too; give one of the two another range"
                )
            # All IPv6 subnets of a network share one port of a router, which two resources would then be.
            same_network = other.subnet.network.terraform_address == subnet.network.terraform_address
            if same_network and subnet._version == other.subnet._version == 6:
                raise DeclarationError(
                    f"{where}: subnets {other.subnet.name} and {subnet.name} are both IPv6 and of network "
                    f"{subnet.network.name}, of which a router joins one; put one of them into another network"
                )

    def _refuse(self, what: str, router: AnyRouter, other: AnyRouter) -> NoReturn:
        same = other.terraform_address == router.terraform_address
        raise DeclarationError(
            f"{what} is joined already"
            + ("" if same else f", by router {other.name}, and a subnet has one gateway")
            + "; leave one of the two out"
        )

    def of_router(self, router: AnyRouter) -> list[Interface]:
        """The interfaces of a router."""
        return [one for one in self._interfaces if one.router.terraform_address == router.terraform_address]

    def of_network(self, network: AnyNetwork) -> list[Interface]:
        """The interfaces of all routers in a network."""
        return [one for one in self._interfaces if one.subnet.network.terraform_address == network.terraform_address]

    def taken(self) -> Iterator[tuple[str, str]]:
        """The ranges that routers lead to which are there already, in words, and which interface leads there."""
        for one in self._interfaces:
            if not one.router._is_made and one.subnet.cidr is not None:
                yield f"the range {one.subnet.cidr} on router {one.router.name}", f"{one.router._called}: add_interface"

    def decide(self, plan: NetworkPlan) -> None:
        """Say what must hold of each interface when Terraform plans it.

        Raises DeclarationError where a router joins a network without a subnet.
        """
        for routers in self._whole.values():
            for router, network, line in routers:
                if not network.subnets and not self.of_network(network):
                    raise DeclarationError(
                        f"{router._called}: add_interface: no subnet of network {network.name} is declared; declare "
                        "one with Subnet(...), or look it up with Subnet.lookup(...)",
                        line=line,
                    )

        for interface in self._interfaces:
            condition = interface.subnet._can_have_gateway(
                f"{interface.router._called}: add_interface",
                plan.automatic_in(interface.subnet.network.terraform_address),
            )
            if condition is not None:
                interface.l1.lifecycle = struct(TerraformResourceLifecycle, precondition=[condition])

    def add_route(self, network: AnyNetwork, terraform_address: str) -> None:
        """A route that the hosts of a network learn when they boot."""
        self._host_routes[network.terraform_address].append(terraform_address)

    def ways(self, network: AnyNetwork) -> tuple[str, list[str]]:
        """What servers in a network are to find there when they boot, interfaces and routes: the name of the Terraform
        local that lists it, and the Terraform addresses.
        """
        found = {*self._host_routes[network.terraform_address]}
        for interface in self.of_network(network):
            found |= {interface.terraform_address, *interface.router._routes}
        return f"routes_in_{local_name(network.terraform_address)}", sorted(found)
