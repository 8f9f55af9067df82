"""The rules of security groups as they work, whichever resource says them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ivc.estate import families
from ivc.estate.protocols import NAMES, icmp_span
from ivc.estate.public_ranges import reaches_world
from ivc.terraform.document import Document, Element
from ivc.terraform.value import Unknown, flag, number, text

ALL_PORTS = (0, 65_535)
OLD_GROUP = "openstack_compute_secgroup_v2"
_ADDRESS_GROUP = families.ADDRESS_GROUP.type

# Those of no packet: some of Neutron's drivers take them for any protocol, so that the worse is taken.
_EVERY = ("", "0", "any", "ip", "hopopt")
_ICMP = ("icmpv6", "ipv6-icmp")
_BY_NUMBER = {str(number): name for number, name in NAMES.items()}


@dataclass(frozen=True)
class Rule:
    """A rule as it works.

    address: of the resource that says it. group: the address of the group it is a rule of; empty where nobody tells.
    Of a direction or a protocol that nobody tells the worse is taken: ingress, and every one.
    families: `IPv4`, `IPv6`. protocol: by Neutron's name where it has one; `icmp` in both families; None for every one.
    ports: all of them where it names none; of ICMP a type and its codes as `icmp_span` counts them; None where only
    apply knows.
    prefixes: the ranges of its other end; None is any. Empty where that is a security group.
    unknown_prefixes: those that only apply knows. unknown: what else of it is not told, and taken for the worse.
    peer: the name of the group at its other end. peer_address: its Terraform address, where this stack has it.
    zero: whether it says the ports 0 to 0, which are all. remote_said: whether it says what its other end is.
    """

    address: str = field(compare=False)
    group: str
    direction: Literal["ingress", "egress"]
    families: tuple[str, ...]
    protocol: str | None
    ports: tuple[int, int] | None
    prefixes: tuple[str | None, ...]
    unknown_prefixes: tuple[Unknown, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    peer: str | None = None
    peer_address: str | None = None
    zero: bool = field(default=False, compare=False)
    remote_said: bool = field(default=True, compare=False)

    @property
    def from_world(self) -> bool:
        """Whether its other end is the world, or as good as that."""
        return reaches_world(self.prefixes)

    def lets(self, protocol: str) -> bool:
        """Whether it lets some of a protocol through."""
        return self.protocol in (None, protocol)


def rules_of(document: Document) -> Iterator[Rule]:
    """All rules of a stack."""
    for element in document.of_type(families.RULE.type):
        yield _rule(document, element)
    for element in document.of_type(OLD_GROUP):
        for block in element.blocks("rule"):
            yield _old_rule(document, element, block)


def folded(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, those that differ only in their family as one."""
    found: dict[Rule, list[str]] = {}
    for rule in rules:
        found.setdefault(replace(rule, families=()), []).extend(rule.families)
    return tuple(replace(rule, families=tuple(sorted({*named}))) for rule, named in found.items())


def group_address(document: Document, value: object) -> str | None:
    """The address of the group that a value refers to; of one named by its id, that of a look-up of this name."""
    element = document.follow(value)
    if element is not None:
        return element.address
    return f"data.{families.SECURITY_GROUP.type}.{value}" if isinstance(value, str) and value else None


def _rule(document: Document, element: Element) -> Rule:
    group, addresses = (element.given.get(key) or None for key in ("remote_group_id", "remote_address_group_id"))
    prefix = element.given.get("remote_ip_prefix") or None
    ranges: list[Any] = [prefix]
    if addresses is not None:
        ranges = _addresses(document, addresses)
    elif group is not None:
        ranges = []
    direction, protocol = (element.given.get(key) for key in ("direction", "protocol"))
    low, high = (element.number(f"port_range_{end}") for end in ("min", "max"))
    return Rule(
        address=element.address,
        group=group_address(document, element.given.get("security_group_id")) or "",
        direction="egress" if direction == "egress" else "ingress",
        families=_families(element.given.get("ethertype")),
        protocol=_protocol(protocol),
        ports=_ports(_sent(low), _sent(high), _protocol(protocol)),
        prefixes=_known(ranges),
        unknown_prefixes=_unknown(ranges),
        unknown=_unknown([direction, protocol, low, high, _told_by_none(document, element)]),
        peer=called(document, group) if group is not None else None,
        peer_address=group_address(document, group),
        zero=low == 0 and high == 0,
        remote_said=any(each is not None for each in (prefix, group, addresses)),
    )


def _old_rule(document: Document, group: Element, block: Any) -> Rule:
    """A rule of Nova's old kind of group, which knows ingress only; port -1 is ICMP's way to say all."""
    itself = flag(block.get("self")) is True
    other = name_of(group) if itself else block.get("from_group_id") or None
    prefix = block.get("cidr") or None
    protocol = block.get("ip_protocol")
    low, high = (None if number(block.get(key)) == -1 else number(block.get(key)) for key in ("from_port", "to_port"))
    return Rule(
        address=group.address,
        group=group.address,
        direction="ingress",
        families=("IPv6",) if ":" in str(prefix) else ("IPv4",),
        protocol=_protocol(protocol),
        ports=_ports(low, high, _protocol(protocol)),
        prefixes=() if other is not None else _known([prefix]),
        unknown_prefixes=() if other is not None else _unknown([prefix]),
        unknown=_unknown([block.get("ip_protocol"), low, high]),
        peer=called(document, other) if other is not None else None,
        peer_address=group.address if itself else group_address(document, other),
        # Of ICMP it is a type.
        zero=low == 0 and high == 0 and _protocol(protocol) != "icmp",
        remote_said=prefix is not None or other is not None,
    )


def _addresses(document: Document, value: object) -> list[Any]:
    """The ranges of a group of addresses; unknown where this stack does not make it."""
    element = document.follow(value)
    if element is None or element.data or element.type != _ADDRESS_GROUP:
        return [value if isinstance(value, Unknown) else Unknown(f"the address group {value}")]
    return element.values("addresses")


def _known(ranges: list[Any]) -> tuple[str | None, ...]:
    return tuple(each if each is None else str(each) for each in ranges if not isinstance(each, Unknown))


def _unknown(values: list[Any]) -> tuple[Unknown, ...]:
    return tuple(each for each in values if isinstance(each, Unknown))


def _told_by_none(document: Document, rule: Element) -> Unknown | None:
    """What a rule says of its group, where nobody tells which that is."""
    group = rule.given.get("security_group_id")
    return group if isinstance(group, Unknown) and document.follow(group) is None else None


def _families(value: object) -> tuple[str, ...]:
    said = {"ipv4": "IPv4", "ipv6": "IPv6"}.get(str(value).lower())
    return (said,) if said else ("IPv4", "IPv6")


def _protocol(value: object) -> str | None:
    # Of one that only apply knows the worse is taken.
    said = (text(value) or "").lower()
    if said in _EVERY:
        return None
    named = _BY_NUMBER.get(said, said)
    return "icmp" if named in _ICMP else named


def _ports(low: object, high: object, protocol: str | None) -> tuple[int, int] | None:
    if isinstance(low, Unknown) or isinstance(high, Unknown):
        return None
    first, last = (each if isinstance(each, int) else None for each in (low, high))
    if protocol == "icmp":
        return ALL_PORTS if first is None else icmp_span(first, last)
    # Neutron takes 0 to 0 for no ports at all, which are all.
    return (first or 0, last or first or 0) if first or last else ALL_PORTS


def _sent(value: object) -> object:
    """What the provider sends of a port, a type or a code, which leaves a 0 out."""
    return None if value == 0 else value


def called(document: Document, value: object) -> str:
    """What people call the thing that a value refers to: its name, or what was looked up, or the value itself."""
    element = document.follow(value)
    if element is None:
        return str(value)
    return name_of(element)


# What a look-up may go by, after its name.
_IDS = ("name", "image_id", "flavor_id", "network_id", "subnet_id", "secgroup_id", "router_id", "address", "id")


def name_of(element: Element) -> str:
    """What the cloud calls something, or what it is looked up by; its Terraform name where neither is known."""
    return next((name for key in _IDS if (name := element.text(key))), element.title)
