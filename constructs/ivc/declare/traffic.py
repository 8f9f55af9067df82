"""What a security group rule lets through: protocols and their ports.

Tcp(80, 443)    Tcp("https")    Udp(PortRange(60000, 61000))    Tcp.all()    Icmp()    AnyTraffic()
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from ivc.arguments import checked
from ivc.errors import DeclarationError

Family = Literal["IPv4", "IPv6"]

WELL_KNOWN_PORTS = {
    "ssh": 22,
    "smtp": 25,
    "dns": 53,
    "http": 80,
    "ntp": 123,
    "imap": 143,
    "ldap": 389,
    "https": 443,
    "submission": 587,
    "ldaps": 636,
    "imaps": 993,
    "nfs": 2049,
    "mysql": 3306,
    "rdp": 3389,
    "postgresql": 5432,
    "redis": 6379,
    "memcached": 11211,
    "mongodb": 27017,
}
"""Names that may stand for a port; after IANA's registry and the services' own documents."""


_RANGE = re.compile(r"(\d+)\s*[-:]\s*(\d+)")


@checked
@dataclass(frozen=True)
class PortRange:
    """Ports from `first` to `last`, both among them."""

    first: int
    last: int

    def __post_init__(self) -> None:
        for port in (self.first, self.last):
            _check_port(f"PortRange({self.first}, {self.last})", port)
        if self.first > self.last:
            raise DeclarationError(
                f"PortRange({self.first}, {self.last}): it is reversed; write PortRange({self.last}, {self.first})"
            )


Port = int | str | PortRange
"""A port number, a well-known name (`WELL_KNOWN_PORTS`), or a range."""


@dataclass(frozen=True)
class Flow:
    """One protocol with one range of ports or types, as one security group rule carries it."""

    protocol: str | None
    range: tuple[int, int] | None
    words: str
    """How a rule's address says it, such as `tcp-80`."""


class Traffic(ABC):
    """What a rule lets through."""

    @abstractmethod
    def flows(self, family: Family) -> Sequence[Flow]:
        """One for each rule that it takes in an address family."""


class _Ported(Traffic):
    protocol: ClassVar[Literal["tcp", "udp"]]

    @checked
    def __init__(self, *ports: Port) -> None:
        if not ports:
            name = type(self).__name__
            raise DeclarationError(f"{name}(): no port is given; name the ports, or write {name}.all() for every one")
        self._ranges: tuple[PortRange, ...] | None = tuple(self._range(port) for port in ports)

    @classmethod
    def all(cls) -> Traffic:
        """Every port of the protocol."""
        traffic = cls(1)
        traffic._ranges = None
        return traffic

    def flows(self, family: Family) -> Sequence[Flow]:
        if self._ranges is None:
            return (Flow(self.protocol, None, self.protocol),)
        return tuple(
            Flow(
                self.protocol,
                (ports.first, ports.last),
                f"{self.protocol}-{ports.first}" + (f"-{ports.last}" if ports.last != ports.first else ""),
            )
            for ports in self._ranges
        )

    def _range(self, port: Port) -> PortRange:
        where = f"{type(self).__name__}({port!r})"
        if isinstance(port, PortRange):
            return port
        if isinstance(port, str):
            if bounds := _RANGE.fullmatch(port):
                raise DeclarationError(f"{where}: it is a range; write PortRange({bounds[1]}, {bounds[2]})")
            if port.isdecimal():
                raise DeclarationError(f"{where}: it is a text; write the number, {port}")
            port = port.lower()
            if port not in WELL_KNOWN_PORTS:
                raise DeclarationError(
                    f"{where}: no such well-known name; write the number, or one of {', '.join(WELL_KNOWN_PORTS)}"
                )
            port = WELL_KNOWN_PORTS[port]
        _check_port(where, port)
        # Of an IntEnum the number, which is all that Terraform is to see.
        return PortRange(int(port), int(port))


class Tcp(_Ported):
    """TCP to ports: numbers, well-known names (`"https"`) and `PortRange`s; `Tcp.all()` for every port."""

    protocol = "tcp"


class Udp(_Ported):
    """UDP to ports: numbers, well-known names (`"dns"`) and `PortRange`s; `Udp.all()` for every port."""

    protocol = "udp"


class Icmp(Traffic):
    """ICMP of every type: ICMP in IPv4, ICMPv6 (which Neutron calls `ipv6-icmp`) in IPv6."""

    # Without one of its own, an argument too many would be Python's error.
    @checked
    def __init__(self) -> None:
        super().__init__()

    def flows(self, family: Family) -> Sequence[Flow]:
        return (Flow("icmp" if family == "IPv4" else "ipv6-icmp", None, "icmp"),)


class AnyTraffic(Traffic):
    """Every protocol and every port."""

    # Without one of its own, an argument too many would be Python's error.
    @checked
    def __init__(self) -> None:
        super().__init__()

    def flows(self, family: Family) -> Sequence[Flow]:
        return (Flow(None, None, "any"),)


def _check_port(where: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise DeclarationError(f"{where}: {port!r} is no port; ports go from 1 to 65535")
