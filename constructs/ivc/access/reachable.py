"""At which of its addresses a server is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(frozen=True, kw_only=True)
class Reachable:
    """The addresses of a server, as the output `instances` tells of them.

    addresses: by network, in the order of its NICs. public: the networks among them that the Internet reaches.
    floating_ips: by the network that they lead to.
    """

    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    public: Sequence[str] = ()
    floating_ips: Mapping[str, str] = field(default_factory=dict)

    @property
    def reached_at(self) -> str | None:
        """Where anybody reaches it: a floating IP, else an address on a public network; None where nobody does."""
        floating = (self.floating_ips[network] for network in self.addresses if network in self.floating_ips)
        public = (self.address_on(network) for network in self.public)
        return next((address for address in (*floating, *public) if address), None)

    @property
    def address(self) -> str | None:
        """The same, or else its address on the first of its networks where it has any; None where it has none."""
        return self.reached_at or next(filter(None, map(self.address_on, self.addresses)), None)

    def address_on(self, network: str) -> str | None:
        """Its first address on a network, an IPv4 one if it has any there."""
        return min(self.addresses.get(network, ()), key=lambda one: ip_address(one).version, default=None)
