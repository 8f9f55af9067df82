"""What happens to things that belong to no server: networks with their subnets, security groups, and all else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ivc.estate.kinds import GROUP, NETWORK, RULE, SUBNET, TRIGGER, kind
from ivc.estate.reach import Opening, beyond, is_public, of_load_balancer
from ivc.estate.reading import LISTENER, LOAD_BALANCER
from ivc.estate.rules import group_address
from ivc.review import exposure
from ivc.review.group_rules import changed_reach, changed_rules
from ivc.review.model import Action, Danger, Resource, Thing
from ivc.review.server_reasons import from_to
from ivc.review.side import Side
from ivc.terraform.address import named, type_of
from ivc.words.sentence import Sentence, listed, say

_GOES = {Action.DESTROY: Danger.DESTROY, Action.REPLACE: Danger.REPLACE, Action.WIPE: Danger.WIPE}
_DONE = {
    Action.CREATE: "made",
    Action.DESTROY: "destroyed",
    Action.IMPORT: "imported",
    Action.FORGET: "forgotten: it stays in the cloud",
    Action.WIPE: "wiped",
    Action.UPDATE: "changed in place",
}
_SUBNETS = {
    Action.CREATE: "comes",
    Action.DESTROY: "goes",
    Action.REPLACE: "is made anew",
    Action.IMPORT: "is imported",
    Action.FORGET: "is forgotten",
    Action.UPDATE: "changes",
}


def owner(address: str, before: Side, after: Side) -> str:
    """The address of the network or group that a resource is told with; its own where it stands for itself."""
    for side in (after, before):
        element = side.document.elements.get(address)
        if element is not None:
            if element.type == RULE:
                return group_address(side.document, element.given.get("security_group_id")) or address
            key = {SUBNET: "network_id", LISTENER: "loadbalancer_id"}.get(element.type)
            whole = side.document.follow(element.given.get(key)) if key else None
            return whole.address if whole is not None else address
    return address


def thing(address: str, before: Side, after: Side, resources: Sequence[Resource]) -> Thing:
    """What happens to the network, the group or the other thing at an address.

    resources: all that belong to it and change.
    """
    return _Other(address, before, after, resources).thing()


@dataclass(frozen=True)
class _Other:
    address: str
    before: Side
    after: Side
    resources: Sequence[Resource]

    def thing(self) -> Thing:
        dangers = {
            _GOES[one.action] for one in self.resources if one.action in _GOES and one.type not in (RULE, TRIGGER)
        }
        if self._opened:
            dangers.add(Danger.OPEN)
        return Thing(
            kind=kind(self._type),
            id=self._id,
            action=self._action,
            headline=self._headline(),
            name=self._name(),
            details=tuple(self._details()),
            resources=tuple(self.resources),
            dangers=tuple(danger for danger in Danger if danger in dangers),
            certain=all(one.certain for one in self.resources),
        )

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
        return Action.MOVE if all(one.action is Action.MOVE for one in self.resources) else Action.UPDATE

    @cached_property
    def _opened(self) -> frozenset[Opening]:
        if self._type == LOAD_BALANCER:
            return beyond(*(self._of_balancer(side) for side in (self.after, self.before)))
        if self._type != GROUP or (self._worn and not self._reached):
            return frozenset()
        return exposure.of_group(self.before.stack, self.after.stack, self.address)

    def _of_balancer(self, side: Side) -> frozenset[Opening]:
        found = (one for one in side.stack.load_balancers if one.address == self.address)
        return next((of_load_balancer(side.stack, one).openings for one in found), frozenset())

    @cached_property
    def _worn(self) -> list[tuple[str, bool]]:
        """The servers that wear the group, and whether the world may reach them where they do."""
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
        first = self._first(say("{} {}", Sentence((kind(self._type),)), self._id))
        if not self._opened:
            return first
        if self._type == LOAD_BALANCER:
            return say("{}; it opens {} to the world", first, exposure.words(self._opened))
        whose = say("for {}", listed(self._reached)) if self._reached else say("though no server here wears it")
        return say("{}; it opens {} to the world, {}", first, exposure.words(self._opened), whose)

    def _first(self, what: Sentence) -> Sentence:
        will = "will be" if self._main is None or self._main.certain else "may be"
        if self._action is Action.MOVE:
            former = self._main.moved_from if self._main is not None else None
            if former is None:
                return say("{}: what belongs to it is renamed", what)
            return say("{} is {} under another name: nothing else happens to it", what, named(former))
        if self._main is None or self._main.action is Action.MOVE:
            gone = [one for one in self.resources if one.type == SUBNET and one.action in _GOES]
            if gone:
                return listed([say(f"{{}}: its subnet {{}} {_SUBNETS[one.action]}", what, one.name) for one in gone])
            parts = {GROUP: "rules", NETWORK: "subnets", LOAD_BALANCER: "listeners"}.get(self._type, "parts")
            return say(f"{{}}: its {parts} change", what)
        if self._action is Action.REPLACE:
            forced = dict.fromkeys(one.top for one in self._main.attributes if one.forces_replacement)
            return say(f"{{}} {will} replaced: {{}} changed", what, listed(forced))
        return say(f"{{}} {will} {_DONE[self._action]}", what)

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
        for one in self.resources:
            if one.type == SUBNET and one.action in _SUBNETS:
                yield say(f"subnet {{}} {_SUBNETS[one.action]}", one.name)
            if one.type == SUBNET and one.action in _GOES and self._ports_stay():
                yield say(
                    "the cloud deletes no subnet that a port has an address in, and ports stay in it: the apply will "
                    "wait for ten minutes and fail; declare another network, and move the servers there"
                )
            if one.type not in (RULE, TRIGGER) and one.action in (Action.UPDATE, Action.REPLACE, Action.WIPE):
                for attribute in one.attributes:
                    yield say("{} {}", attribute.path, from_to(attribute))
