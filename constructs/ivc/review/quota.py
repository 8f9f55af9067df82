"""How much of a project's quota the declarations take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ivc.estate import EstateError, Stack, families
from ivc.estate.families import Family
from ivc.review.model import Count
from ivc.terraform.document import Document
from ivc.terraform.value import items

LIMITS = {
    "instances": "instances",
    "cores": "cores",
    "ram_mib": "RAM",
    "server_group_members": "servers of a server group",
    "ports": "ports",
    "security_groups": "security groups",
    "security_group_rules": "rules",
    "floating_ips": "floating IPs",
    "load_balancers": "load balancers",
    "listeners": "listeners",
    "pools": "pools",
    "members": "members of pools",
    "health_monitors": "monitors of pools",
    "l7_policies": "L7 policies",
    "l7_rules": "L7 rules",
    "zones": "DNS zones",
    "zone_recordsets": "record sets of a DNS zone",
    "zone_records": "records of a DNS zone",
    "recordset_records": "records of a record set",
}
"""What a file of limits may name, and what a review calls it."""

_BALANCING = (
    families.LOAD_BALANCER,
    *(families.BY_TYPE[type_] for type_ in families.LOAD_BALANCER.parts),
    families.MEMBER,
)
"""What is counted only where it is, since not every cloud has a service for it."""
# What servers take is counted by their flavors, and members within their sets.
_COUNTED_OTHERWISE = (families.INSTANCE, families.ZONE, families.MEMBER, families.MEMBERS)


def _counted_by(counted: Collection[Family]) -> list[tuple[str, str]]:
    """What each of some families takes, as a review calls it, and its type."""
    return [
        (LIMITS[key], family.type)
        for family in counted
        for key in family.quota
        if key in LIMITS and family not in _COUNTED_OTHERWISE
    ]


_RESOURCES = _counted_by([family for family in families.FAMILIES if family not in _BALANCING])
_OF_BALANCERS = _counted_by(_BALANCING)
_MIB_IN_GIB = 1024


@dataclass(frozen=True)
class Flavor:
    """What a server of a flavor takes. ram: in MiB."""

    cores: int
    ram: int


@dataclass(frozen=True)
class Limits:
    """What a project may have, and what its flavors take.

    limits: by what is counted; RAM in MiB. -1 in a file, which OpenStack says for no limit, is left out.
    flavors: by name.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    flavors: Mapping[str, Flavor] = field(default_factory=dict)


def read(path: Path) -> Limits:
    """The limits in a YAML file, as `ivc limits` writes it; raises EstateError for what is none.

    limits: {instances: 20, cores: 40, ram_mib: 102400, server_group_members: 10, ports: 100,
             security_groups: 20, security_group_rules: 200, floating_ips: 5,
             load_balancers: 10, listeners: -1, pools: -1, members: -1, health_monitors: -1, l7_policies: -1,
             l7_rules: -1, zones: 10, zone_recordsets: 500, zone_records: 500, recordset_records: 20}
    flavors:
      b2-7: {cores: 2, ram_mib: 7000}
    """
    try:
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise EstateError(f"--limits: {path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EstateError(f"--limits: {path} is no YAML: {' '.join(str(error).split())}.") from None
    document = _table(path, "the whole", document)
    for key in document:
        if key not in ("limits", "flavors"):
            raise EstateError(f"--limits: {path}: {key!r} is not known: write `limits` and `flavors`.")
    limits = _numbers(path, "limits", document.get("limits", {}), known=LIMITS)
    flavors = {}
    for name, given in _table(path, "flavors", document.get("flavors", {})).items():
        numbers = _numbers(path, f"flavors.{name}", given, known={"cores": "", "ram_mib": ""})
        if {*numbers} != {"cores", "ram_mib"}:
            raise EstateError(f"--limits: {path}: flavors.{name} is not whole: write its cores and its ram_mib.")
        flavors[str(name)] = Flavor(numbers["cores"], numbers["ram_mib"])
    return Limits({LIMITS[key]: value for key, value in limits.items() if value >= 0}, flavors)


def _numbers(path: Path, where: str, given: object, *, known: Mapping[str, str]) -> dict[str, int]:
    table = _table(path, where, given)
    for key, value in table.items():
        if key not in known:
            raise EstateError(f"--limits: {path}: {where}.{key} is not known: use one of {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, int):
            raise EstateError(f"--limits: {path}: {where}.{key} is {value!r}: write a whole number.")
    return table


def _table(path: Path, where: str, given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise EstateError(f"--limits: {path}: {where} is {given!r}: write a mapping.")
    return given


def counts(
    before: Stack, after: Stack, document_before: Document, document_after: Document, limits: Limits | None
) -> tuple[Count, ...]:
    """What is counted, each against its limit where one is known."""
    known = limits or Limits()
    return tuple(_counts(before, after, document_before, document_after, known))


def _counts(
    before: Stack, after: Stack, document_before: Document, document_after: Document, limits: Limits
) -> Iterator[Count]:
    def count(what: str, then: int | None, now: int | None, unit: str = "") -> Count:
        return Count(what, then, now, limits.limits.get(what), unit)

    yield count("instances", len(before.instances), len(after.instances))
    if limits.flavors:
        then, now = _taken(before, limits), _taken(after, limits)
        yield count("cores", then.cores if then else None, now.cores if now else None)
        ram = limits.limits.get("RAM")
        yield Count(
            "RAM",
            -(-then.ram // _MIB_IN_GIB) if then else None,
            -(-now.ram // _MIB_IN_GIB) if now else None,
            None if ram is None else ram // _MIB_IN_GIB,
            "GiB",
        )
    yield count(LIMITS["server_group_members"], _in_fullest_group(before), _in_fullest_group(after))
    for what, type_ in _RESOURCES:
        yield count(what, _of_type(document_before, type_), _of_type(document_after, type_))
    balancing = [family.type for family in _BALANCING]
    if any(document.of_type(*balancing) for document in (document_before, document_after)):
        for what, type_ in _OF_BALANCERS:
            yield count(what, _of_type(document_before, type_), _of_type(document_after, type_))
        yield count(LIMITS["members"], _members(document_before), _members(document_after))
    # Not every cloud has a DNS service.
    if before.zones or after.zones:
        zones = families.ZONE.type
        yield count(LIMITS["zones"], _of_type(document_before, zones), _of_type(document_after, zones))
        for key, most in _MOST_OF_ZONES.items():
            yield count(LIMITS[key], most(before), most(after))


def _in_fullest_group(stack: Stack) -> int:
    """How many servers the server group has that has most of them."""
    sizes = Counter(instance.server_group for instance in stack.instances if instance.server_group is not None)
    return max(sizes.values(), default=0)


_MOST_OF_ZONES: Mapping[str, Callable[[Stack], int]] = {
    "zone_recordsets": lambda stack: max((len(zone.record_sets) for zone in stack.zones), default=0),
    "zone_records": lambda stack: max(
        (sum(len(one.records) for one in zone.record_sets) for zone in stack.zones), default=0
    ),
    "recordset_records": lambda stack: max(
        (len(one.records) for zone in stack.zones for one in zone.record_sets), default=0
    ),
}
"""How many the stack has in the zone, or the record set, that it has most of them in."""


def _members(document: Document) -> int | None:
    """How many members pools have; None where a set of them is known only at apply."""
    sets = [items(one.given.get("member")) for one in document.of_type(families.MEMBERS.type)]
    if any(not isinstance(member, Mapping) for members in sets for member in members):
        return None
    return len(document.of_type(families.MEMBER.type)) + sum(map(len, sets))


def _of_type(document: Document, type_: str) -> int:
    return len(document.of_type(type_))


def _taken(stack: Stack, limits: Limits) -> Flavor | None:
    """What all servers take together; None where a flavor is not in the file."""
    flavors = [limits.flavors.get(instance.flavor) for instance in stack.instances]
    known = [flavor for flavor in flavors if flavor is not None]
    if len(known) < len(flavors):
        return None
    return Flavor(sum(flavor.cores for flavor in known), sum(flavor.ram for flavor in known))
