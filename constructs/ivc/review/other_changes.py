"""What happens to things that belong to no server: networks with their subnets, security groups, and all else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ivc.estate import families
from ivc.estate.families import BY_TYPE
from ivc.estate.kinds import GROUP, NETWORK, PORT, RULE, SUBNET, TRIGGER, kind
from ivc.estate.reach import is_public
from ivc.estate.reading import LISTENER, LOAD_BALANCER
from ivc.estate.rules import OLD_GROUP, group_address
from ivc.estate.triggers import owner_of, what_of
from ivc.review import balancing_changes, blocks, exposure
from ivc.review.group_rules import changed_reach, changed_rules
from ivc.review.model import Action, Attribute, Danger, Resource, Thing
from ivc.review.server import worst
from ivc.review.server_causes import from_to, once
from ivc.review.side import Side
from ivc.review.stops import Stopped, stopped, unlike
from ivc.terraform.address import module_of, named, type_of
from ivc.terraform.value import number, written
from ivc.words.sentence import Sentence, joined, listed, say, some

POOL, MEMBER, MEMBERS = families.POOL.type, families.MEMBER.type, families.MEMBERS.type
MONITOR, L7_POLICY, L7_RULE = families.MONITOR.type, families.L7_POLICY.type, families.L7_RULE.type
ROUTER, FLOATING_IP = families.ROUTER.type, families.FLOATING_IP.type
INTERFACE, ROUTE, HOST_ROUTE = families.INTERFACE.type, families.ROUTER_ROUTE.type, families.HOST_ROUTE.type
ASSOCIATION, RBAC_POLICY = families.ASSOCIATION.type, families.RBAC_POLICY.type
VOLUME, CONTAINER, OBJECT = families.VOLUME.type, families.CONTAINER.type, families.OBJECT.type
SECRET, CERTIFICATE = families.SECRET.type, families.CERTIFICATE.type
RECORD_SET = families.RECORD_SET.type

_GOES = {Action.DESTROY: Danger.DESTROY, Action.REPLACE: Danger.REPLACE, Action.WIPE: Danger.WIPE}
_DONE = {
    Action.CREATE: "made",
    Action.DESTROY: "destroyed",
    Action.IMPORT: "imported",
    Action.FORGET: "forgotten: it stays in the cloud",
    Action.WIPE: "wiped",
    Action.UPDATE: "changed in place",
}
_PART_DOES = {
    Action.CREATE: "comes",
    Action.DESTROY: "goes",
    Action.REPLACE: "is made anew",
    Action.IMPORT: "is imported",
    Action.FORGET: "is forgotten",
    Action.UPDATE: "changes",
}


_PARTS = {
    SUBNET: "network_id",
    LISTENER: "loadbalancer_id",
    POOL: "loadbalancer_id",
    MEMBER: "pool_id",
    MEMBERS: "pool_id",
    MONITOR: "pool_id",
    L7_POLICY: "listener_id",
    L7_RULE: "l7policy_id",
    INTERFACE: "router_id",
    ROUTE: "router_id",
    HOST_ROUTE: "subnet_id",
    RBAC_POLICY: "object_id",
}
"""By type, the argument that says what a resource is told with."""
_TOLD_APART = (SUBNET, INTERFACE, ROUTE, HOST_ROUTE, ASSOCIATION, RBAC_POLICY)
"""Parts of which each is told by its name, whatever happens to it."""


def owner(address: str, before: Side, after: Side) -> str:
    """The address of what a resource is told with, such as its network or its group; its own where it stands alone."""
    for side in (after, before):
        element = side.document.elements.get(address)
        if element is not None:
            if element.type == TRIGGER and (of := owner_of(element.name)) in side.document.resources:
                return of
            if element.type == RULE:
                return group_address(side.document, element.given.get("security_group_id")) or address
            if element.type == ASSOCIATION:
                # A plan knows the address, and no more what it came from.
                led = (one.address for one in side.stack.floating_ips if one.association == address)
                return next((one for one in led if one in side.document.resources), address)
            whole = element
            while (key := _PARTS.get(whole.type)) is not None:
                above = side.document.follow(whole.given.get(key) or whole.given.get("listener_id"))
                if above is None:
                    break
                whole = above
            return whole.address
    return address


def thing(address: str, before: Side, after: Side, resources: Sequence[Resource]) -> Thing:
    """What happens to the network, the group or the other thing at an address.

    resources: all that belong to it and change.
    """
    return _Other(address, before, after, resources).thing()


def opened(before: Side, after: Side, told: Collection[str]) -> Iterator[Thing]:
    """Things of which no resource changes, and of which the world comes to reach more all the same.

    told: the addresses of those that are told already.
    """
    stack = after.stack
    addresses = [*(one.address for one in stack.groups), *(one.address for one in stack.load_balancers)]
    for address in addresses:
        # What is told by its id alone is no thing of this stack.
        if address not in told and address in after.document.elements:
            other = _Other(address, before, after, ())
            if other.opened[0]:
                yield other.thing()


@dataclass(frozen=True)
class _Other:
    address: str
    before: Side
    after: Side
    resources: Sequence[Resource]

    def thing(self) -> Thing:
        return Thing(
            kind=kind(self._type),
            id=self._id,
            action=self._action,
            headline=self._headline(),
            name=self._name(),
            details=tuple(once(self._details())),
            resources=tuple(self.resources),
            dangers=tuple(self._dangers),
            possible=frozenset(danger for danger, certain in self._dangers.items() if not certain),
            certain=all(one.certain for one in self.resources),
            module=module_of(self.address),
        )

    @cached_property
    def _dangers(self) -> Mapping[Danger, bool]:
        found = [
            (_GOES[one.action], one.certain)
            for one in self.resources
            if one.action in _GOES and one.type not in (RULE, TRIGGER)
        ]
        # Another volume is made in its place, and what is on this one is gone for good.
        found += [
            (Danger.DESTROY, one.certain)
            for one in self.resources
            if one.type == VOLUME and one.action is Action.REPLACE
        ]
        found += [(Danger.STOP, one.certain) for one in self._stopped]
        found += [(Danger.STOP, True) for _ in self._unserved]
        if self.opened[0]:
            found.append((Danger.OPEN, self.opened[1]))
        if self._given[0]:
            found.append((Danger.OPEN, self._given[1]))
        return worst(found)

    @cached_property
    def _stopped(self) -> list[Stopped]:
        return [each for one in self.resources for each in stopped(one, self.after)]

    @cached_property
    def _unserved(self) -> list[Sentence]:
        """What of a load balancer is left with nobody to pass requests to."""
        return list(balancing_changes.unserved(self.before, self.after, self.resources))

    @cached_property
    def _given(self) -> tuple[tuple[str, ...], bool]:
        """What everybody may do that they could not before, and whether that is certain."""
        return exposure.given_to_all(self.before, self.after, (one.address for one in self.resources))

    @property
    def _type(self) -> str:
        return type_of(self.address)

    @property
    def _id(self) -> str:
        return named(self.address)

    @cached_property
    def _main(self) -> Resource | None:
        """What happens to the thing itself, without its rules or subnets."""
        return next((one for one in self.resources if one.address == self.address), None)

    @cached_property
    def _action(self) -> Action:
        if self._main is not None and self._main.action is not Action.MOVE:
            return self._main.action
        if not self.resources:
            return Action.NONE
        return Action.MOVE if all(one.action is Action.MOVE for one in self.resources) else Action.UPDATE

    @cached_property
    def opened(self) -> exposure.Opened:
        """What the world reaches of it that it did not reach before, and whether that is certain."""
        sides = self.before, self.after
        if self._type in (LOAD_BALANCER, LISTENER):
            return exposure.of_load_balancer(*sides, self.address)
        if self._type == RULE:
            return exposure.of_loose_rule(*sides, self.address)
        if self._type == PORT:
            return exposure.of_port(*sides, self.address)
        if self._type not in (GROUP, OLD_GROUP) or (self._worn and not self._reached):
            return frozenset(), True
        return exposure.of_group(*sides, self.address)

    @cached_property
    def _worn(self) -> list[tuple[str, bool]]:
        """The servers that have the group, and whether the world may reach them where they do."""
        return [
            (one.id, is_public(self.after.stack, nic) is not False)
            for one in self.after.stack.instances
            for nic in one.nics
            if self.address in nic.group_addresses
        ]

    @cached_property
    def _reached(self) -> list[str]:
        return list(dict.fromkeys(name for name, reached in self._worn if reached))

    def _name(self) -> str | None:
        for side in (self.after, self.before):
            element = side.document.elements.get(self.address)
            name = element.text("name") if element else None
            if name is not None:
                return name if name != self._id else None
        return None

    def _headline(self) -> Sentence:
        parts = [self._first(say("{} {}", Sentence((kind(self._type),)), self._id)), *self._lost()]
        parts += self._unserved
        parts += [self._what_stops(one) for one in self._stopped]
        parts += [say(words) for words in self._given[0]]
        found, certain = self.opened
        if found:
            opens = say(f"it {'opens' if certain else 'may open'} {{}} to the world", exposure.words(found))
            if self._type in (GROUP, OLD_GROUP):
                whose = say("for {}", some(self._reached)) if self._reached else say("though no server here has it")
                opens = say("{}, {}", opens, whose)
            parts.append(opens)
        return joined(parts)

    def _what_stops(self, one: Stopped) -> Sentence:
        what = (
            say("it")
            if one.resource.address == self.address
            else say("its {} {}", say(kind(one.resource.type)), one.resource.name)
        )
        return say(f"{{}} {one.words}" if one.certain else f"it may be that {{}} {one.words}", what)

    def _lost(self) -> Iterator[Sentence]:
        """What is gone for good with what goes."""
        for one in self.resources:
            family = BY_TYPE.get(one.type)
            element = self.before.document.elements.get(one.address)
            if (
                family is None
                or not family.loses
                or element is None
                or one.action not in (Action.DESTROY, Action.REPLACE)
                or self._keeps_its_address(one)
            ):
                continue
            if one.type == OBJECT and one.action is Action.REPLACE:
                yield say("nobody finds it from when the old one goes until the new one is there")
                continue
            told = ", ".join(map(written, element.values(family.tells))) if family.tells else ""
            words, _, after = family.loses.partition("{}")
            lost = say("{}{}{}", say(words), told, say(after)) if told or not after else say(words.rstrip(" ,"))
            yield say("lost with it: {}", lost)
            if one.type == CONTAINER and element.flag("force_destroy") is not True:
                yield say("unless it is empty the cloud refuses to delete it")
            if one.type == RECORD_SET:
                yield say("whoever asks for them then gets none, also for a while after they are there again")

    def _keeps_its_address(self, one: Resource) -> bool:
        """Whether it is a load balancer whose address is that of a port of the stack's own, which stays."""
        element = self.before.document.elements.get(one.address)
        if one.type != LOAD_BALANCER or element is None:
            return False
        port = self.before.document.follow(element.given.get("vip_port_id"))
        return port is not None and port.address in self.after.document.resources

    def _first(self, what: Sentence) -> Sentence:
        will = "will be" if self._main is None or self._main.certain else "may be"
        if self._action is Action.MOVE:
            former = self._main.moved_from if self._main is not None else None
            if former is None:
                return say("{}: what belongs to it is renamed", what)
            return say("{} is {} under another name: nothing else happens to it", what, named(former))
        if self._main is None or self._main.action is Action.MOVE:
            return self._of_parts(what)
        if self._action is Action.REPLACE:
            forced = dict.fromkeys(_argument(one) for one in self._main.attributes if one.forces_replacement)
            if not forced:
                return say(f"{{}} {will} replaced, with what it is made of", what)
            return say(f"{{}} {will} replaced: {{}} changed", what, listed(forced))
        return say(f"{{}} {will} {_DONE[self._action]}", what)

    def _of_parts(self, what: Sentence) -> Sentence:
        """What is said first where the thing itself stays as it is."""
        if not self.resources:
            return say("{}: what it lets in follows from what changes elsewhere", what)
        if all(one.type == TRIGGER for one in self.resources):
            return say("{} stays as it is: only what a later change of its image does is declared anew", what)
        gone = [one for one in self.resources if one.type == SUBNET and one.action in _GOES]
        if gone:
            return listed([say(f"{{}}: its subnet {{}} {_PART_DOES[one.action]}", what, one.name) for one in gone])
        if self._type == FLOATING_IP:
            return say("{} leads elsewhere", what)
        if balancer_parts := balancing_changes.parts(self.resources):
            return say("{}: its {} change", what, balancer_parts)
        parts = {
            GROUP: "rules",
            NETWORK: "subnets",
            ROUTER: "interfaces and routes",
        }
        return say(f"{{}}: its {parts.get(self._type, 'parts')} change", what)

    def _ports_stay(self) -> bool:
        """Whether a port is in the network before and after."""
        then, now = (
            {nic.port for one in side.stack.instances for nic in one.nics if nic.network.address == self.address}
            for side in (self.before, self.after)
        )
        return bool(then & now)

    def _details(self) -> Iterator[Sentence]:
        if self._type == GROUP:
            yield from changed_rules(self.address, self.before.stack, self.after.stack)
            yield from changed_reach(self.address, self.before, self.after)
        # Of one that goes, all that is in it goes.
        if self._action not in (Action.DESTROY, Action.FORGET):
            yield from balancing_changes.details(self.before, self.after, self.resources, self._changed)
            yield from balancing_changes.reached(self.address, self.before, self.after)
        for one in self.resources:
            if one.type in balancing_changes.PARTS:
                continue
            if one.type in _TOLD_APART and one.action in _PART_DOES:
                yield say(f"{kind(one.type)} {{}} {_PART_DOES[one.action]}", one.name)
            if one.type == SUBNET and one.action in _GOES and self._ports_stay():
                yield say(
                    "the cloud deletes no subnet that a port has an address in, and ports stay in it: the apply will "
                    "wait for ten minutes and fail; declare another network, and move the servers there"
                )
            if one.type not in (RULE, TRIGGER) and one.action in (Action.UPDATE, Action.REPLACE, Action.WIPE):
                for attribute in one.attributes:
                    yield self._changed(one, attribute)
            if one.type == VOLUME and one.action is Action.UPDATE:
                yield from _smaller(one)
            yield from _stored(one)
        yield from self._protection()

    def _changed(self, resource: Resource, attribute: Attribute) -> Sentence:
        changed = say("{} {}", _argument(attribute, whole=True), from_to(blocks.shown(resource, attribute)))
        instead = unlike(resource, attribute, self.after)
        return changed if instead is None else say(f"{{}}: {instead}", changed)

    def _protection(self) -> Iterator[Sentence]:
        """What it is protected from, and what not."""
        old, new = (side.document.elements.get(self.address) for side in (self.before, self.after))
        if self._action is Action.DESTROY and old is not None and old.is_protected:
            yield say("prevent_destroy does not save it: with its declaration its protection is gone")
        if self._action is Action.REPLACE and new is not None and new.is_protected:
            yield say("it is protected (prevent_destroy), so that Terraform will refuse the whole plan")


def _argument(one: Attribute, *, whole: bool = False) -> str:
    """What a changed attribute is called: of one of the library's triggers what it holds, of another resource that
    replaces it what that one is.
    """
    if one.top == "replace_triggered_by":
        address = one.path.partition(".")[2]
        return what_of(address) if type_of(address) == TRIGGER else f"{kind(type_of(address))} {named(address)}"
    return one.path if whole else one.top


def _stored(one: Resource) -> Iterator[Sentence]:
    """What happens to what is stored beyond what a plan says."""
    if one.type == CONTAINER and one.action is Action.CREATE:
        yield say("where the project has a container of that name already, it is taken over, with what is in it")
    if one.type in (SECRET, CERTIFICATE) and one.action is Action.REPLACE:
        yield say("it gets another reference: what knows it by the old one finds it no more")


def _smaller(volume: Resource) -> Iterator[Sentence]:
    for one in volume.attributes:
        sizes = [number(value) for value in (one.before, one.after)]
        if one.top == "size" and isinstance(sizes[0], int) and isinstance(sizes[1], int) and sizes[1] < sizes[0]:
            yield say("the cloud makes no volume smaller: the apply will fail")
