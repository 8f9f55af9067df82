"""Routes: of a router, or of the hosts in a subnet.

Router(shop, "gate", external_network=internet, routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
Subnet(shop, "backend", network=backend, cidr="10.0.0.0/24", host_routes=[Route("10.9.0.0/16", next_hop="10.0.0.254")])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ivc.arguments import checked
from ivc.cidr import IPNetwork, parse_address, parse_network
from ivc.declare.terraform_text import as_terraform
from ivc.errors import DeclarationError
from ivc.userdata import AtApply


@checked
@dataclass(frozen=True)
class Route:
    """A way to a range of addresses.

    destination: the range; `0.0.0.0/0` is everywhere.
    next_hop: the address of what leads there, or a value known only at apply, such as `server.address_on(backend)`.

    Raises DeclarationError for a malformed range or address, and for a next hop of the other address family.
    """

    destination: str
    next_hop: str | AtApply

    def __post_init__(self) -> None:
        where = f"Route({self.destination!r})"
        network = parse_network(f"{where}: destination", self.destination)
        object.__setattr__(self, "destination", str(network))
        if isinstance(self.next_hop, str):
            hop = parse_address(f"{where}: next_hop", self.next_hop)
            object.__setattr__(self, "next_hop", str(hop))
            if hop.version != network.version:
                raise DeclarationError(
                    f"{where}: next_hop: {hop} is IPv{hop.version}, and the destination IPv{network.version}; give an "
                    "address of its family"
                )

    @property
    def network(self) -> IPNetwork:
        """The destination as Python's own `ipaddress` knows it."""
        return parse_network("", self.destination)

    @property
    def words(self) -> str:
        """How a Terraform address says the destination."""
        return self.destination.replace(".", "-").replace(":", "-").replace("/", "-")

    @property
    def said(self) -> dict[str, Any]:
        """The arguments that are the same for a router's and a subnet's."""
        return {"destination_cidr": self.destination, "next_hop": as_terraform(self.next_hop)}


def check_routes(where: str, routes: Sequence[Route]) -> None:
    """Raise DeclarationError if two lead to one destination."""
    seen: dict[str, Route] = {}
    for route in routes:
        other = seen.setdefault(route.destination, route)
        if other is not route:
            raise DeclarationError(
                f"{where}: two of them lead to {route.destination}; leave one of the two out, {other.next_hop} or "
                f"{route.next_hop}"
            )
