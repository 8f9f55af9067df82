"""A range of addresses."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ivc.arguments import checked
from ivc.errors import DeclarationError

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@checked
@dataclass(frozen=True)
class Cidr:
    """A range of IPv4 or IPv6 addresses, such as `Cidr("203.0.113.0/24")`.

    Raises DeclarationError for what is no range, or has address bits behind its mask; the message offers the fix.
    """

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", str(parse_network(f"Cidr({self.text!r})", self.text)))

    @property
    def network(self) -> IPNetwork:
        """The range as Python's own `ipaddress` knows it."""
        return ipaddress.ip_network(self.text)


def parse_network(where: str, text: str) -> IPNetwork:
    """The range that a text means; raises DeclarationError, with the fix where there is one."""
    try:
        loose = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise DeclarationError(
            f"{where}: {text!r} is no CIDR; write a network and its mask, such as 10.0.0.0/24"
        ) from None
    if "/" not in text and str(loose.network_address).endswith((".0", "::")):
        mask = 24 if loose.version == 4 else 64
        raise DeclarationError(f"{where}: {text!r} has no mask; write it, such as {loose.network_address}/{mask}")
    if "/" not in text:
        raise DeclarationError(f"{where}: {text!r} has no mask; for that one address write {loose}")
    if str(ipaddress.ip_interface(text).ip) != str(loose.network_address):
        raise DeclarationError(f"{where}: {text!r} has address bits behind its mask; did you mean {loose}?")
    return loose


def parse_address(where: str, text: str) -> IPAddress:
    """The address that a text means; raises DeclarationError if it is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise DeclarationError(f"{where}: {text!r} is no IP address; write one such as 10.0.0.11") from None
