"""What a security group rule lets through: protocols and their ports.

Tcp(80, 443)    Tcp("https")    Udp(PortRange(60000, 61000))    Tcp.all()
Icmp()    Icmp("echo-request")    Protocol("vrrp")    Protocol("sctp", 3868)    AnyTraffic()
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from ivc.arguments import checked
from ivc.errors import DeclarationError
from ivc.estate.protocols import ICMP_CODES, ICMP_TYPES, IPV6_ONLY, NAMES, NUMBERS, PORTED

Family = Literal["IPv4", "IPv6"]
FAMILIES: tuple[Family, Family] = ("IPv4", "IPv6")

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

    _called = "the traffic"
    """How errors say it."""

    @abstractmethod
    def flows(self, family: Family) -> Sequence[Flow]:
        """One for each rule that it takes in an address family; none in a family that has no such traffic."""


class _Ported(Traffic):
    protocol: ClassVar[Literal["tcp", "udp"]]

    @checked
    def __init__(self, *ports: Port) -> None:
        name = type(self).__name__
        if not ports:
            raise DeclarationError(f"{name}(): no port is given; name the ports, or write {name}.all() for every one")
        self._called = f"{name}({', '.join(map(repr, ports))})"
        self._ranges = tuple(_port_range(f"{name}({port!r})", port) for port in ports)

    @classmethod
    @checked
    def all(cls) -> Traffic:
        """Every port of the protocol."""
        traffic = cls(1)
        traffic._called, traffic._ranges = f"{cls.__name__}.all()", ()
        return traffic

    def flows(self, family: Family) -> Sequence[Flow]:
        return _flows(self.protocol, self._ranges)


class Tcp(_Ported):
    """TCP to ports: numbers, well-known names (`"https"`) and `PortRange`s; `Tcp.all()` for every port."""

    protocol = "tcp"


class Udp(_Ported):
    """UDP to ports: numbers, well-known names (`"dns"`) and `PortRange`s; `Udp.all()` for every port."""

    protocol = "udp"


class Protocol(Traffic):
    """Another protocol, by Neutron's name (`"vrrp"`, `"esp"`, `"gre"`) or IANA's number: `Protocol(112)` is the same as
    `Protocol("vrrp")`.

    ports: of `sctp`, `udplite` and `dccp`, as of `Tcp`; with none, every one. Of the latter two OVN lets every port
    through all the same (neutron/common/ovn/acl.py).

    In both address families, but for `ipv6-encap`, `ipv6-frag`, `ipv6-nonxt`, `ipv6-opts` and `ipv6-route`, which
    Neutron takes for IPv6 alone.

    Raises DeclarationError for a name that is none, for a number beyond 255, for ports of what has none, and for TCP,
    UDP, ICMP and 0, which are said otherwise.
    """

    @checked
    def __init__(self, protocol: str | int, *ports: Port) -> None:
        self._called = where = f"Protocol({', '.join(map(repr, (protocol, *ports)))})"
        self._protocol = _protocol(where, protocol)
        if ports and self._protocol not in PORTED:
            raise DeclarationError(f"{where}: {self._protocol} has no ports; write Protocol({protocol!r})")
        self._ranges = tuple(_port_range(where, port) for port in ports)

    def flows(self, family: Family) -> Sequence[Flow]:
        if family == "IPv4" and self._protocol in IPV6_ONLY:
            return ()
        return _flows(self._protocol, self._ranges)


class Icmp(Traffic):
    """ICMP: ICMP in IPv4, ICMPv6 (which Neutron calls `ipv6-icmp`) in IPv6; with no type, of every one.

    type: by its name, as iptables has it, or its number. A name means the number that each family has for it
    (`echo-request` is 8 in IPv4 and 128 in IPv6); what only one of them has makes a rule in that one alone.
    code: of that type, likewise; by default every one.

    Raises DeclarationError for a name that is none, for a number beyond 255 or one that means something else in each
    family, and for the type 0 and the code 0: the provider leaves a 0 out, so that every type would be let through, or
    every code. A reply to what was let through needs no rule.
    """

    @checked
    def __init__(self, type: str | int | None = None, *, code: str | int | None = None) -> None:
        said = [] if type is None else [repr(type)]
        self._called = where = f"Icmp({', '.join([*said, *([] if code is None else [f'code={code!r}'])])})"
        if type is None and code is not None:
            raise DeclarationError(f"{where}: code: it is one of a type; name the type, too")
        self._types = None if type is None else _icmp_numbers(where, "type", type, ICMP_TYPES)
        self._codes: Mapping[str, int] | None = None
        if self._types is not None and code is not None:
            known = {
                family: ICMP_CODES[family].get(_icmp_name(family, number), {}) for family, number in self._types.items()
            }
            self._codes = _icmp_numbers(where, "code", code, known)

    def flows(self, family: Family) -> Sequence[Flow]:
        protocol = "icmp" if family == "IPv4" else "ipv6-icmp"
        if self._types is None:
            return (Flow(protocol, None, "icmp"),)
        if family not in self._types or (self._codes is not None and family not in self._codes):
            return ()
        number, code = self._types[family], 0 if self._codes is None else self._codes[family]
        # The provider takes a type with a code only, and leaves a 0 out: that is every code.
        words = f"icmp-{_icmp_name(family, number)}{f'-code-{code}' if code else ''}"
        return (Flow(protocol, (number, code), words),)


class AnyTraffic(Traffic):
    """Every protocol and every port."""

    # Without one of its own, an argument too many would be Python's error.
    @checked
    def __init__(self) -> None:
        self._called = "AnyTraffic()"

    def flows(self, family: Family) -> Sequence[Flow]:
        return (Flow(None, None, "any"),)


def _flows(protocol: str, ranges: Sequence[PortRange]) -> Sequence[Flow]:
    """One for each range; with none, one for every port."""
    words = f"protocol-{protocol}" if protocol.isdecimal() else protocol
    if not ranges:
        return (Flow(protocol, None, words),)
    return tuple(
        Flow(
            protocol,
            (ports.first, ports.last),
            f"{words}-{ports.first}" + (f"-{ports.last}" if ports.last != ports.first else ""),
        )
        for ports in ranges
    )


def _port_range(where: str, port: Port) -> PortRange:
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


def one_port(where: str, port: int | str) -> int:
    """The number of one port, which is given as such or by its well-known name; raises DeclarationError for others."""
    return _port_range(f"{where}: {port!r}" if isinstance(port, str) else where, port).first


_SAID_OTHERWISE = {
    "tcp": "Tcp(...)",
    "udp": "Udp(...)",
    "icmp": "Icmp()",
    "ipv6-icmp": "Icmp()",
    "icmpv6": "Icmp()",
    # Some of Neutron's drivers take 0 for no protocol named, others for IPv6's hop-by-hop options.
    "0": "AnyTraffic()",
    "any": "AnyTraffic()",
    "ip": "AnyTraffic()",
    "hopopt": "AnyTraffic()",
}


def _protocol(where: str, said: str | int) -> str:
    """The one way to say a protocol: Neutron's name where it has one, since both would be the same rule to it."""
    if isinstance(said, str):
        if said.isdecimal():
            raise DeclarationError(f"{where}: it is a text; write the number, {said}")
        name = said.lower()
        if name not in NUMBERS and name not in _SAID_OTHERWISE:
            known = ", ".join(sorted({*NUMBERS} - {*_SAID_OTHERWISE}))
            raise DeclarationError(f"{where}: no such protocol; write the number, or one of {known}")
    else:
        _check_byte(where, "protocol", said)
        name = NAMES.get(said, str(int(said)))
    if name in _SAID_OTHERWISE:
        raise DeclarationError(f"{where}: it is said otherwise; write {_SAID_OTHERWISE[name]}")
    return name


def _icmp_numbers(where: str, what: str, said: str | int, known: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The number of a type or a code in each family that has it.

    known: by family, the names and numbers that there are. A number that is in none of them stands for itself.
    """
    if isinstance(said, str):
        if said.isdecimal():
            raise DeclarationError(f"{where}: {what}: it is a text; write the number, {said}")
        found = {family: names[said.lower()] for family, names in known.items() if said.lower() in names}
        if not found:
            choice = sorted({name for names in known.values() for name in names})
            fix = f"write the number, or one of {', '.join(choice)}" if choice else "write the number, or leave it out"
            raise DeclarationError(f"{where}: {what}: no such name; {fix}")
    else:
        _check_byte(f"{where}: {what}", what, said)
        called = {family: name for family, names in known.items() for name, number in names.items() if number == said}
        if len({*called.values()}) > 1:
            meant = " and ".join(f"{name} in {family}" for family, name in called.items())
            raise DeclarationError(f"{where}: {what}: {said} is {meant}; write the name")
        found = dict.fromkeys(called or known, int(said))
    if 0 in found.values():
        fix = "an answer to what went out needs no rule" if what == "type" else "leave the code out"
        raise DeclarationError(
            f"{where}: {what}: it is 0, which the provider leaves out, so that every {what} would be let through; {fix}"
        )
    return found


def _icmp_name(family: str, number: int) -> str:
    names = {number: name for name, number in ICMP_TYPES[family].items()}
    return names.get(number, str(number))


def _check_byte(where: str, what: str, number: int) -> None:
    if not 0 <= number <= 255:
        raise DeclarationError(f"{where}: {number} is no {what}; they go from 0 to 255")


def _check_port(where: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise DeclarationError(f"{where}: {port!r} is no port; ports go from 1 to 65535")
