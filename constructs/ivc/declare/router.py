"""Routers: the way out of private networks, and between them.

gate = Router(shop, "gate", external_network=Network.lookup(shop, "Ext-Net"))
gate.add_interface(backend)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivc.cidr import parse_address
from ivc.declare.cdktf import Construct, TerraformElement, TerraformResourceLifecycle, struct
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.network import AnyNetwork
from ivc.declare.provider import (
    DataOpenstackNetworkingRouterV2,
    NetworkingRouterInterfaceV2,
    NetworkingRouterRouteV2,
    NetworkingRouterV2,
)
from ivc.declare.record import wait_for
from ivc.declare.references import check_stack, same_stack
from ivc.declare.route import Route, check_routes
from ivc.declare.routing import Interface
from ivc.declare.subnet import AnySubnet
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families


class AnyRouter(Declaration):
    """A router, made here or looked up."""

    family = families.ROUTER
    l1: TerraformElement
    _routes: Sequence[str] = ()
    """The Terraform addresses of its routes."""

    @property
    def leads_out(self) -> bool:
        """Whether it leads to the Internet; of one that is looked up nobody here knows, so it may."""
        return True

    def _leads_to(self, outside: AnyNetwork | None) -> bool:
        """Whether it leads to an outside network, or to any at all; one that is looked up may."""
        return True

    @same_stack
    def add_interface(self, to: AnyNetwork | AnySubnet) -> None:
        """Join a subnet, or all subnets of a network, also those that are declared later.

        The interface has the subnet's gateway address. A subnet that is made here and has none gets its first one; one
        that is looked up must have one, or the plan fails. Servers in the network wait for the interface and the
        router's routes before they are made.

        Raises DeclarationError for a subnet that a router joins already, for a range that overlaps another of the
        router's, and for a second IPv6 subnet of one network.
        """
        if isinstance(to, AnySubnet):
            self._join(to)
        else:
            self._stack._record.routing.join(self, to)

    def _join(self, subnet: AnySubnet) -> None:
        where, routing = f"{self._called}: add_interface", self._stack._record.routing
        routing.check(where, self, subnet)
        subnet._get_gateway(where)
        # By the subnet alone, which has one: joined by another router, it is taken off the former one first.
        mark = "" if isinstance(subnet, Made) else "existing__"
        name = f"{mark}{subnet.key}"
        l1 = self._make_part(
            families.INTERFACE,
            NetworkingRouterInterfaceV2,
            name,
            former=f"{mark}{subnet.former_key}",
            router_id=self._id,
            subnet_id=subnet._id,
        )
        routing.add(Interface(self, subnet, f"{families.INTERFACE.type}.{name}", l1))


class LookedUpRouter(LookedUp, AnyRouter):
    """A router that is there already; made by `Router.lookup`. What is joined to it here is taken off again with its
    declaration, and all else of it is left alone."""

    l1: DataOpenstackNetworkingRouterV2


class Router(Made, AnyRouter):
    """A router.

    external_network: the outside network that it leads to, looked up; by default none, so that it only leads between
    the networks that it joins. Another is taken in place, with other addresses outside. Once it has one, leaving it out
    changes nothing: the provider cannot take it away.
    routes: ways through one of the networks that it joins. All of them are to be said here, and each once.
    enable_snat: whether servers without a floating IP go out by its own address; by default as the cloud has it, and
    by default only an administrator may say it.
    name: what the cloud shows; by default the id.
    description: for people.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, for an outside network that is made
    here, and for two routes to one destination. A network that is no outside one fails at plan.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        external_network: AnyNetwork | None = None,
        routes: Sequence[Route] = (),
        enable_snat: bool | None = None,
        name: str | None = None,
        description: str = "",
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        check_stack(f"{self._called}: routes", self._stack, [route.next_hop for route in routes])
        check_routes(f"{self._called}: routes", routes)
        outside: dict[str, Any] = {}
        if external_network is not None:
            is_outside = external_network._check_outside(f"{self._called}: external_network")
            outside["external_network_id"] = external_network._id
            outside["lifecycle"] = struct(TerraformResourceLifecycle, precondition=[is_outside])
        if enable_snat is not None:
            outside["enable_snat"] = enable_snat
        self.external_network = external_network
        self.routes = tuple(routes)
        self._open()
        self.l1: NetworkingRouterV2 = self._make(
            NetworkingRouterV2, name=literal(self.name), description=description, **outside
        )
        self._route_l1s = [self._route(route) for route in routes]

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str | None = None, *, id: str | None = None) -> LookedUpRouter:
        """A router that exists, by its name or its id. Its routes are those of whoever made it.

        A name that no router or several have fails at plan, at the address
        `data.openstack_networking_router_v2.<name>`.
        """
        router = LookedUpRouter._new()
        router._look_up(scope, DataOpenstackNetworkingRouterV2, name=name, id=id)
        return router

    @property
    def leads_out(self) -> bool:
        return self.external_network is not None or any(route.network.prefixlen == 0 for route in self.routes)

    def _leads_to(self, outside: AnyNetwork | None) -> bool:
        external = self.external_network
        return external is not None and (outside is None or external._may_be(outside))

    def _route(self, route: Route) -> NetworkingRouterRouteV2:
        name = f"{self.key}_{route.words}"
        l1 = self._make_part(
            families.ROUTER_ROUTE,
            NetworkingRouterRouteV2,
            name,
            former=f"{self.former_key}_{route.words}",
            router_id=self._id,
            **route.said,
        )
        self._routes = (*self._routes, f"{families.ROUTER_ROUTE.type}.{name}")
        return l1

    def _decide(self) -> None:
        super()._decide()
        interfaces = self._stack._record.routing.of_router(self)
        for route, l1 in zip(self.routes, self._route_l1s, strict=True):
            self._check_next_hop(route, [one.subnet for one in interfaces])
            if interfaces:
                wait_for(l1, *(one.terraform_address for one in interfaces))

    def _check_next_hop(self, route: Route, subnets: Sequence[AnySubnet]) -> None:
        """Raise DeclarationError for a next hop that is in none of the router's networks, or the router itself."""
        if not isinstance(route.next_hop, str):
            return
        hop = parse_address("", route.next_hop)
        if hop in [subnet.gateway for subnet in subnets]:
            raise DeclarationError(
                f"{self._called}: routes: the next hop {hop} to {route.destination} is its own address; give another's"
            )
        # An outside network may hold it, too.
        if self.external_network is None and not any(subnet.cidr is None or hop in subnet.cidr for subnet in subnets):
            known = ", ".join(sorted(f"{subnet.cidr}" for subnet in subnets))
            raise DeclarationError(
                f"{self._called}: routes: the next hop {hop} to {route.destination} is in no network that it joins "
                f"({known or 'there is none'}); join its network, or give another"
            )
