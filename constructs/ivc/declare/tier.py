"""Tiers: servers of one declaration.

web = Tier(shop, "web", count=3, image="Debian 12", flavor="b2-7", key_pair="ops",
           nics=[internet.nic(web_group), backend.nics(web_group, first="10.0.0.11")],
           user_data=UserData.template("web.yaml.jinja"),
           volumes=[Volumes("web-{n}-data").mount("/srv")],
           members={2: Member(image="Debian 13")})
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self, TypeVar

from ivc.arguments import checked
from ivc.declare.cdktf import Construct
from ivc.declare.declaration import Declaration, Ordered
from ivc.declare.image import AnyImage
from ivc.declare.instance import FlavorUpdatePolicy, ImageUpdatePolicy, Instance, UserDataUpdatePolicy
from ivc.declare.key_pair import KeyPair
from ivc.declare.membership import Membership, PlannedMember, said_of_tiers
from ivc.declare.names import check_name
from ivc.declare.network import AnyNetwork
from ivc.declare.nic import Nic
from ivc.declare.nics import Nics
from ivc.declare.references import same_stack, stack_of
from ivc.declare.root_disk import AnyRootDisk, EphemeralDisk, RootDisk, RootVolume
from ivc.declare.rule import by_number, check_rule
from ivc.declare.server_group import ServerGroup, ServerGroupPolicy
from ivc.declare.stack import OpenStackStack
from ivc.declare.volume import Attachment, Volume
from ivc.declare.volumes import Volumes
from ivc.errors import DeclarationError
from ivc.userdata import AtApply, UserData

T = TypeVar("T")
TierRootDisk = RootDisk | Sequence[RootVolume | Volume] | Volumes
"""What can be the root disks of a tier, besides the flavor's own."""


@checked
@dataclass(frozen=True, kw_only=True)
class Member:
    """What one member of a tier has otherwise; what is None it has as the others have it.

    All as `Instance` has it. nics, volumes: all of its own, instead of all of the tier's.
    """

    image: AnyImage | None = None
    flavor: str | None = None
    nics: Sequence[Nic] | None = None
    key_pair: str | KeyPair | None = None
    user_data: UserData | None = None
    volumes: Sequence[Attachment | Volume] | None = None
    name: str | None = None
    availability_zone: str | None = None
    metadata: Mapping[str, str] | None = None
    tags: Sequence[str] | None = None


_AS_THE_OTHERS = Member()


class Tier(Declaration):
    """Servers of one declaration, called `web-1` to `web-<count>`: each is an `Instance`, as if it were declared alone.
    Another count moves only those that come or go, and those that go are the last.

    id: its name among the declarations; what belongs to its members is called after it.
    count: how many there are; 0 for none.
    nics: as `Instance` has it: a network's `nic` for what is alike for all, a network's `nics` for addresses of their
    own.
    server_group: the policy of a group of its own, which is there before the first member is, and has its name; a group
    that is given; or None for none. Nova takes ten members unless the cloud allows more.
    root_disk: as `Instance` has it; of those that are kept one for each member: a list, in the order of their numbers,
    or `Volumes` by the rule of their names. The list may be longer: what no member has stays behind.
    volumes: existing ones, one for each member, by the rule of their names.
    members: by number, what one of them has otherwise.
    name: what the cloud shows, by a rule: `web-{n}.shop.example`; by default `web-{n}`.
    availability_zones: the members take turns in them: of two, the first has the odd numbers. Another list replaces
    those whose zone it changes.
    renamed_from: the id that this declaration had before. A server group of its own must be given then, since another
    name replaces it, and with it all members.
    All others: as `Instance` has them, for each member.

    instances: its members, in the order of their numbers; `for server in web` goes over them.

    Raises DeclarationError, naming the tier or its member, for whatever cannot be.
    """

    instances: tuple[Instance, ...]
    server_group: ServerGroup | None

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        count: int,
        image: AnyImage | None = None,
        flavor: str,
        nics: Sequence[Nic | Nics],
        key_pair: str | KeyPair | None = None,
        server_group: ServerGroup | ServerGroupPolicy | None = "soft-anti-affinity",
        user_data: UserData | None = None,
        root_disk: TierRootDisk | None = None,
        ephemeral_disks: Sequence[EphemeralDisk] = (),
        swap: int | None = None,
        volumes: Sequence[Volumes] = (),
        members: Mapping[int, Member] | None = None,
        name: str | None = None,
        availability_zones: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
        tags: Sequence[str] = (),
        config_drive: bool | None = None,
        image_update_policy: ImageUpdatePolicy = "replace",
        user_data_update_policy: UserDataUpdatePolicy = "replace",
        flavor_update_policy: FlavorUpdatePolicy = "resize",
        prevent_destroy: bool = False,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._called = f"Tier {check_name('Tier', id)}"
        self._stack, self._scope, self._holder = stack_of(self._called, scope), scope, scope
        former = self._former(id, renamed_from, server_group)
        self._prefix = "".join(f"{one}_" for one in self._scopes_between())
        self.name, self.key, self.former_key = id, self._prefix + id, self._prefix + former
        record = self._stack._record
        record.addresses.declare(self._called, kind="Tier", name=self.key)
        others = members or {}
        _check_numbers(self._called, count, others)
        _check_nics(self._called, nics)
        _check_roots(self._called, count, root_disk)
        if not all(zone.strip() for zone in availability_zones):
            raise DeclarationError(f"{self._called}: availability_zones: one is empty; give its name")
        rule = self._stack._name_of(f"{id}-{{n}}") if name is None else check_rule(f"{self._called}: name", name)

        # There before any member is, so that one more joins it and none is replaced.
        group = self._own_group(server_group) if isinstance(server_group, str) else server_group
        own = {number: others.get(number, _AS_THE_OTHERS) for number in range(1, count + 1)}
        planned = [
            PlannedMember(
                tier=self,
                number=number,
                _called=f"Instance {id}-{number}",
                key=f"{self.key}-{number}",
                former_key=f"{self.former_key}-{number}",
                name=one.name or by_number(f"{self._called}: name", rule, number),
                nics=[_nic(self._called, place, nic, number, count) for place, nic in enumerate(nics)]
                if one.nics is None
                else one.nics,
                own=frozenset(field.name for field in fields(one) if getattr(one, field.name) is not None),
            )
            for number, one in own.items()
        ]
        self._members = {each.key: Membership(self.key, each.number, planned) for each in planned}
        record.members |= self._members
        instances = []
        for each, one in zip(planned, own.values(), strict=True):
            zone = availability_zones[(each.number - 1) % len(availability_zones)] if availability_zones else None
            with said_of_tiers([self._members[each.key]]):
                instances.append(
                    Instance(
                        scope,
                        f"{id}-{each.number}",
                        image=_either(one.image, image),
                        flavor=_either(one.flavor, flavor),
                        nics=each.nics,
                        key_pair=_either(one.key_pair, key_pair),
                        server_group=group,
                        user_data=_either(one.user_data, user_data),
                        root_disk=_root(scope, root_disk, each.number),
                        ephemeral_disks=ephemeral_disks,
                        swap=swap,
                        volumes=[volume._of(scope, each.number) for volume in volumes]
                        if one.volumes is None
                        else one.volumes,
                        name=each.name,
                        availability_zone=_either(one.availability_zone, zone),
                        metadata=_either(one.metadata, metadata),
                        tags=_either(one.tags, tags),
                        config_drive=config_drive,
                        image_update_policy=image_update_policy,
                        user_data_update_policy=user_data_update_policy,
                        flavor_update_policy=flavor_update_policy,
                        prevent_destroy=prevent_destroy,
                        depends_on=depends_on,
                        renamed_from=None if renamed_from is None else f"{former}-{each.number}",
                    )
                )
        self.instances = tuple(instances)
        self.server_group = group
        made: list[Declaration] = [*self.instances, *([group] if isinstance(server_group, str) and group else [])]
        self._addresses = [address for one in made for address in one._addresses]

    def __iter__(self) -> Iterator[Instance]:
        return iter(self.instances)

    @checked
    def member(self, number: int) -> Instance:
        """The member of a number, from 1 on; raises DeclarationError for one that is not there."""
        if not 1 <= number <= len(self.instances):
            raise DeclarationError(f"{self._called}: member: {_no_member(number, len(self.instances))}")
        return self.instances[number - 1]

    @same_stack
    def address_on(self, network: AnyNetwork | str) -> tuple[str | AtApply, ...]:
        """The first address of each member in a network, in the order of their numbers; as `Instance.address_on`."""
        with said_of_tiers(self._members.values()):
            return tuple(instance.address_on(network) for instance in self.instances)

    @same_stack
    def ipv4_on(self, network: AnyNetwork | str) -> tuple[str | AtApply, ...]:
        """Likewise the first IPv4 addresses there."""
        with said_of_tiers(self._members.values()):
            return tuple(instance.ipv4_on(network) for instance in self.instances)

    @same_stack
    def ipv6_on(self, network: AnyNetwork | str) -> tuple[str | AtApply, ...]:
        """Likewise the first IPv6 addresses there."""
        with said_of_tiers(self._members.values()):
            return tuple(instance.ipv6_on(network) for instance in self.instances)

    @checked
    def waive(self, id: str, *, reason: str) -> Self:
        """Accept what a policy finds about each of its members, as their own `waive` does."""
        with said_of_tiers(self._members.values()):
            for instance in self.instances:
                instance.waive(id, reason=reason)
        return self

    def _own_group(self, policy: ServerGroupPolicy) -> ServerGroup:
        try:
            return ServerGroup(self._scope, self.name, policy=policy)
        except DeclarationError as error:
            error.begins(f"ServerGroup {self.name}: ", f"{self._called}: server_group: ")
            raise

    def _former(self, id: str, renamed_from: str | None, group: ServerGroup | str | None) -> str:
        """The id that it had before; its own where it had no other."""
        if renamed_from is None:
            return id
        if renamed_from == id:
            raise DeclarationError(f"{self._called}: renamed_from: {id!r} is its name; give the one it had before")
        if isinstance(group, str):
            raise DeclarationError(
                f"{self._called}: renamed_from: the name of its server group in the cloud would change too, which "
                f"replaces it and all members; give server_group=ServerGroup(..., {id!r}, "
                f"name={self._stack._name_of(renamed_from)!r}, renamed_from={renamed_from!r})"
            )
        return check_name(f"{self._called}: renamed_from", renamed_from)

    def _instead(self, stack: OpenStackStack) -> str:
        return f"declare one in stack {stack.name}"


def _check_numbers(where: str, count: int, others: Mapping[int, Member]) -> None:
    if count < 0:
        raise DeclarationError(f"{where}: count: {count} is no number of servers; give 0 or more")
    for number in others:
        if not 1 <= number <= count:
            raise DeclarationError(f"{where}: members: {_no_member(number, count)}")


def _no_member(number: int, count: int) -> str:
    there = {0: "count is 0", 1: "count is 1, and the one is 1"}.get(count, f"they are 1 to {count}, which count says")
    return f"there is no member {number}; {there}"


def _check_nics(where: str, nics: Sequence[Nic | Nics]) -> None:
    for place, nic in enumerate(nics):
        if not isinstance(nic, Nic):
            continue
        network = nic.network.name
        if nic.ips:
            raise DeclarationError(
                f"{where}: nics[{place}].ip: {nic.ips[0]} is the address of one server; write "
                f"nics(..., first={nic.ips[0]!r}) of network {network}, from which on each member has the next, or ips="
            )
        if nic.floating_ip is not None:
            raise DeclarationError(
                f"{where}: nics[{place}].floating_ip: it leads to one server; write nics(..., floating_ips=[...]) of "
                f"network {network}, with one for each member"
            )


def _check_roots(where: str, count: int, roots: TierRootDisk | None) -> None:
    if isinstance(roots, Volumes) and roots._uses:
        raise DeclarationError(
            f"{where}: root_disk: {roots._called} is mounted, and a server boots from its root disk; leave the mount "
            "out"
        )
    if isinstance(roots, Sequence) and len(roots) < count:
        raise DeclarationError(
            f"{where}: root_disk: they are {len(roots)}, and count is {count}; give one for each member"
        )


def _root(scope: Construct, roots: TierRootDisk | None, number: int) -> AnyRootDisk | None:
    if isinstance(roots, Volumes):
        return roots._lookup(scope, number)
    return roots[number - 1] if isinstance(roots, Sequence) else roots


def _nic(where: str, place: int, nic: Nic | Nics, number: int, count: int) -> Nic:
    return nic if isinstance(nic, Nic) else nic._of(f"{where}: nics[{place}]", number, count)


def _either(own: T | None, of_tier: T) -> T:
    return of_tier if own is None else own
