"""The addresses that a name has: those of servers, tiers, floating IPs and VIPs, by the versions that these have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivc.cidr import parse_address
from ivc.declare.floating_ip import AnyFloatingIp
from ivc.declare.instance import Instance
from ivc.declare.ip_addresses import Version, address_of, is_chosen
from ivc.declare.network import AnyNetwork
from ivc.declare.terraform_text import as_terraform
from ivc.declare.tier import Tier
from ivc.declare.vip import Vip
from ivc.errors import DeclarationError

Addressed = Instance | Tier | AnyFloatingIp | Vip | str
"""What has an address: a server, a tier with that of each member, a floating IP, a VIP, or the text of one."""

VERSIONS: tuple[Version, ...] = (4, 6)
TYPES: Mapping[Version, str] = {4: "A", 6: "AAAA"}


@dataclass(frozen=True)
class Held:
    """Where addresses come from. called: in words, for errors.

    has: whether it has one of a version; None where nobody here knows. text: that one, as Terraform reads it.
    """

    called: str
    has: Callable[[Version], bool | None]
    text: Callable[[Version], str]


def held(where: str, things: Sequence[Addressed], network: AnyNetwork | str | None) -> list[Held]:
    """Where the addresses of things come from.

    network: of servers and VIPs. Raises DeclarationError where one has several, and nobody says which is meant.
    """
    if not things:
        raise DeclarationError(f"{where}: it has no address; give what it leads to, such as a server or a floating IP")
    found = [one for thing in things for one in _held(where, thing, network)]
    if not found:
        raise DeclarationError(f"{where}: it has no address, since the tier has no members; leave the line out")
    if network is not None and not any(isinstance(thing, Instance | Tier | Vip) for thing in things):
        raise DeclarationError(f"{where}: network: nothing of it is on a network; leave it out")
    return found


def by_type(where: str, sources: Sequence[Held], asked: Sequence[Version]) -> dict[str, list[str]]:
    """The addresses, each once, by the type of their records.

    asked: the versions that are to be said; of none it is those that each of them has. Raises DeclarationError where
    nobody here knows that, and for one that has not what is asked for.
    """
    found: dict[str, list[str]] = {}
    for source in sources:
        has = {version: source.has(version) for version in asked or VERSIONS}
        unknown = [version for version, one in has.items() if one is None]
        if unknown and not asked:
            raise DeclarationError(
                f"{where}: nobody here knows whether {source.called} has an IPv{unknown[0]} address; say which it has, "
                "ip_versions=[4], [6] or [4, 6]"
            )
        missing = [version for version, one in has.items() if one is False]
        if missing and (asked or len(missing) == len(VERSIONS)):
            raise DeclarationError(
                f"{where}: {source.called} has no IPv{missing[0]} address; give it one, or leave it out"
            )
        for version in has:
            if version not in missing:
                found.setdefault(TYPES[version], []).append(source.text(version))
    return {type_: list(dict.fromkeys(texts)) for type_, texts in sorted(found.items())}


def _held(where: str, thing: Addressed, network: AnyNetwork | str | None) -> Iterator[Held]:
    if isinstance(thing, Tier):
        for instance in thing.instances:
            yield _of_instance(where, instance, network)
    elif isinstance(thing, Instance):
        yield _of_instance(where, thing, network)
    elif isinstance(thing, Vip):
        yield _of_vip(where, thing, network)
    elif isinstance(thing, AnyFloatingIp):
        address = as_terraform(thing.address)
        yield Held(thing._called, lambda version: version == 4, lambda _: address)
    else:
        ip = parse_address(where, thing)
        yield Held(str(ip), lambda version: version == ip.version, lambda _: str(ip))


def _of_instance(where: str, instance: Instance, network: AnyNetwork | str | None) -> Held:
    addresses = instance.addresses
    if network is None:
        ways = [f"on network {port.nic.network.name}" for port in instance._ports]
        leading = [port.nic.floating_ip for port in instance._ports if port.nic.floating_ip is not None]
        _check_one(where, instance._called, ways, leading)
        network = instance._ports[0].key
    on = network
    addresses.on(on)  # raises for one that it is not on
    return Held(
        f"{instance._called} on network {on if isinstance(on, str) else on.name}",
        lambda version: addresses.has(on, version),
        lambda version: as_terraform(addresses.on(on, version)),
    )


def _of_vip(where: str, vip: Vip, network: AnyNetwork | str | None) -> Held:
    own = vip.network
    if network is None:
        _check_one(where, vip._called, [f"on network {own.name}"], [vip.floating_ip] if vip.floating_ip else [])
    elif network != own.key if isinstance(network, str) else network.terraform_address != own.terraform_address:
        raise DeclarationError(f"{where}: network: {vip._called} is on network {own.name}; give that")
    if isinstance(vip.address, str):
        ip = parse_address(where, vip.address)
        return Held(vip._called, lambda version: version == ip.version, lambda _: str(ip))

    def has(version: Version) -> bool | None:
        # Its address is one of IPv4 if there is any.
        four = is_chosen(own, 4)
        if version == 4 or four is None:
            return four
        return False if four else is_chosen(own, 6)

    return Held(vip._called, has, lambda version: f"${{{address_of(vip.terraform_address, version)}}}")


def _check_one(where: str, called: str, ways: Sequence[str], leading: Sequence[AnyFloatingIp]) -> None:
    several = [*ways, *(f"by {one._called}" for one in leading)]
    if len(several) > 1:
        fix = "say network=" + (", or give the floating IP itself" if leading else "")
        raise DeclarationError(f"{where}: {called} is reached {', '.join(several[:-1])} or {several[-1]}; {fix}")
