"""How what a load balancer does changes: its listeners, routes, pools and members, and what that leaves unserved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ivc.estate import families
from ivc.estate.model import Listener, Pool, PoolMember, Route
from ivc.estate.reach import ALL, NONE, Assumed, Opening, through
from ivc.estate.reading import pool_member
from ivc.estate.rules import called
from ivc.review import balancing, blocks, exposure
from ivc.review.model import Action, Attribute, Resource
from ivc.review.server_causes import from_to, once
from ivc.review.side import Side
from ivc.terraform.plan_document import UNKNOWN
from ivc.words.sentence import MOST, Sentence, joined, listed, say, some

LISTENER, L7_POLICY, L7_RULE = families.LISTENER.type, families.L7_POLICY.type, families.L7_RULE.type
POOL, MEMBER, MEMBERS = families.POOL.type, families.MEMBER.type, families.MEMBERS.type
MONITOR = families.MONITOR.type

_NOUNS = {
    LISTENER: "listeners",
    L7_POLICY: "routes",
    L7_RULE: "routes",
    POOL: "pools",
    MEMBER: "members",
    MEMBERS: "members",
    MONITOR: "monitors",
}
PARTS = frozenset(_NOUNS)
"""The types of what a load balancer is made of."""

_OF_WHOLE = ("loadbalancer_id", "listener_id", "pool_id", "l7policy_id")
_CERTIFICATES = ("default_tls_container_ref", "sni_container_refs")
_COMES = {
    Action.CREATE: "comes",
    Action.DESTROY: "goes",
    Action.REPLACE: "is made anew",
    Action.IMPORT: "is imported",
    Action.FORGET: "is forgotten",
}

_T = TypeVar("_T", Listener, Pool, Route)
_Say = Callable[[Resource, Attribute], Sentence]
"""How a changed argument is said that has no words of its own here."""


def parts(resources: Iterable[Resource]) -> Sentence:
    """Which of a load balancer's parts are among resources: `listeners and members`."""
    found = {one.type for one in resources}
    return listed(dict.fromkeys(noun for type_, noun in _NOUNS.items() if type_ in found))


def details(before: Side, after: Side, resources: Sequence[Resource], changed: _Say) -> Iterator[Sentence]:
    """A sentence for each part that comes, goes or changes. changed: says what has no words of its own."""
    yield from _Changes(before, after, resources, changed).sentences()


def unserved(before: Side, after: Side, resources: Iterable[Resource]) -> Iterator[Sentence]:
    """Pools and listeners that change, and that had members, or led somewhere, until now."""
    touched = {one.address for one in resources} | {_pool_of(one, before, after) for one in resources}
    then = {one.address: one for one in before.stack.pools}
    for now in after.stack.pools:
        old = then.get(now.address)
        if old is None or now.address not in touched or not now.told or not _is_served(old) or _is_served(now):
            continue
        yield say("pool {} is left without {}", now.name, say("members that get any" if now.members else "members"))
    led = {one.address: one for one in before.stack.listeners}
    routed = {_listener_of(one, before, after) for one in resources}
    for listener in after.stack.listeners:
        former = led.get(listener.address)
        if former is not None and listener.address in touched | routed and _leads(former) and not _leads(listener):
            yield say("listener {} leads nowhere any more", listener.name)


def reached(address: str, before: Side, after: Side) -> Iterator[Sentence]:
    """The members that the world comes to reach through a load balancer, and where it comes in."""
    then, sure = _through(before, address, before.assumed), _through(after, address, NONE)
    alike: dict[tuple[frozenset[Opening], bool], list[Sentence]] = {}
    for member, openings in _through(after, address, ALL).items():
        if new := openings - then.get(member, frozenset()):
            certain = new <= sure.get(member, frozenset())
            alike.setdefault((new, certain), []).append(balancing.member(member))
    for (openings, certain), members in alike.items():
        comes = "comes" if certain else "may come"
        yield say(f"the world {comes} to reach {{}}, by {{}}", some(members), exposure.words(openings))


def _through(side: Side, address: str, assumed: Assumed) -> dict[PoolMember, frozenset[Opening]]:
    """By member, where the world comes in that reaches it; what it gets there, and as what, makes it no other."""
    found: dict[PoolMember, frozenset[Opening]] = {}
    for balancer in side.stack.load_balancers:
        of_it = address in (balancer.address, *(listener.address for listener in balancer.listeners))
        for one in through(side.stack, balancer, assumed) if of_it else ():
            member = replace(one.member, weight=1, backup=False, up=True)
            found[member] = found.get(member, frozenset()) | {one.opening}
    return found


def _is_served(pool: Pool) -> bool:
    return not pool.told or any(one.is_served for one in pool.members)


def _leads(listener: Listener) -> bool:
    return listener.pool is not None or bool(listener.routes)


def _whole(resource: Resource, argument: str, *sides: Side) -> str | None:
    """The address of what a part belongs to, by one of its arguments."""
    for side in sides:
        element = side.document.elements.get(resource.address)
        if element is not None and (whole := side.document.follow(element.given.get(argument))) is not None:
            return whole.address
    return None


def _pool_of(resource: Resource, before: Side, after: Side) -> str | None:
    return _whole(resource, "pool_id", after, before)


def _policy_of(resource: Resource, before: Side, after: Side) -> str | None:
    """The address of the policy that a route is."""
    return _whole(resource, "l7policy_id", after, before) if resource.type == L7_RULE else resource.address


def _listener_of(resource: Resource, before: Side, after: Side) -> str | None:
    """The address of the listener that a route is of."""
    if resource.type not in (L7_POLICY, L7_RULE):
        return None
    policy = _policy_of(resource, before, after)
    return _whole(Resource(policy, Action.NONE), "listener_id", after, before) if policy is not None else None


@dataclass(frozen=True)
class _Changes:
    before: Side
    after: Side
    resources: Sequence[Resource]
    changed: _Say

    def sentences(self) -> Iterator[Sentence]:
        for one in self._of(LISTENER):
            yield from self._listener(one)
        yield from self._routes()
        for one in self._of(POOL):
            yield from self._pool(one)
        for one in self._of(MEMBER, MEMBERS):
            yield from self._members(one)
        for one in self._of(MONITOR):
            yield from self._monitor(one)

    def _of(self, *types: str) -> list[Resource]:
        return [one for one in self.resources if one.type in types and one.action is not Action.MOVE]

    def _action(self, address: str | None) -> Action:
        """What happens to what a part belongs to."""
        return next((one.action for one in self.resources if one.address == address), Action.NONE)

    def _comes_with(self, address: str | None) -> bool:
        """Whether what a part belongs to comes or goes, which is told with all that is in it."""
        return self._action(address) in (Action.CREATE, Action.DESTROY)

    # Listeners.

    def _listener(self, one: Resource) -> Iterator[Sentence]:
        then, now = (_found(side.stack.listeners, one.address) for side in (self.before, self.after))
        listener = now or then
        if listener is None:
            return
        what = say("listener {}", balancing.listener(listener))
        if one.action in _COMES:
            yield from self._whole(one, what, self._does(listener) if one.action is Action.CREATE else [])
            return
        said = [self._of_listener(one, each, then or listener, listener) for each in one.attributes]
        yield from once(say("listener {}: {}", listener.name, each) for each in said if each is not None)

    def _does(self, listener: Listener) -> list[Sentence]:
        """What a listener does with what comes, and whom it takes it from."""
        found = balancing.leads(listener, self.after.stack.pools) or [say("leads nowhere")]
        if None not in listener.allowed:
            found.append(say("lets in {} alone", _ranges(listener)))
        if listener.certificates:
            found.append(say("has the certificate {}", listed(listener.certificates)))
        return found

    def _of_listener(self, one: Resource, attribute: Attribute, then: Listener, now: Listener) -> Sentence | None:
        if attribute.top == "default_pool_id":
            if then.pool != now.pool:
                pools = [*self.after.stack.pools, *self.before.stack.pools]
                to, until = (
                    balancing.pool(side.pool, pools) if side.pool is not None else say("nowhere")
                    for side in (now, then)
                )
                return (
                    say("leads to {} instead of {}", to, until)
                    if now.pool
                    else say("leads nowhere instead of {}", until)
                )
            if attribute.after == UNKNOWN:
                # It is the same pool, which is made anew.
                return None
        elif attribute.top in _CERTIFICATES:
            if then.certificates != now.certificates:
                names = (listed(side.certificates) or say("none") for side in (now, then))
                return say("takes other certificates in place: {} instead of {}", *names)
            if attribute.after == UNKNOWN:
                return say("takes another certificate of the same name in place: {}", listed(now.certificates))
        elif attribute.top == "allowed_cidrs" and (then.allowed, then.unknown) != (now.allowed, now.unknown):
            return say("lets in {} instead of {}", _ranges(now), _ranges(then))
        return self.changed(one, attribute)

    # Routes.

    def _routes(self) -> Iterator[Sentence]:
        by_policy: dict[str, list[Resource]] = {}
        for one in self._of(L7_POLICY, L7_RULE):
            policy = _policy_of(one, self.before, self.after)
            if policy is not None and not self._comes_with(_listener_of(one, self.before, self.after)):
                by_policy.setdefault(policy, []).append(one)
        for address, found in by_policy.items():
            listener = _listener_of(found[0], self.before, self.after)
            of = _found((*self.after.stack.listeners, *self.before.stack.listeners), listener)
            where = say("listener {}", of.name) if of is not None else say("a listener")
            for sentence in self._route(address, found):
                yield say("{}: {}", where, sentence)

    def _route(self, address: str, resources: Sequence[Resource]) -> Iterator[Sentence]:
        sides = (self.before.stack, self.after.stack)
        then, now = (_found([each for one in side.listeners for each in one.routes], address) for side in sides)
        was, is_ = (
            balancing.route(route, side.pools) if route is not None else say("")
            for route, side in zip((then, now), sides, strict=True)
        )
        if now is None:
            yield say("route {} goes", was or say("{}", address))
        elif then is None:
            yield say("route {} comes", is_)
        elif str(was) != str(is_):
            yield say("route {} becomes {}", was, is_)
        else:
            said = [self.changed(one, each) for one in resources for each in self._own(one)]
            if said:
                yield say("route {}: {}", is_, joined(once(said)))

    # Pools and what is in them.

    def _pool(self, one: Resource) -> Iterator[Sentence]:
        then, now = (_found(side.stack.pools, one.address) for side in (self.before, self.after))
        pool = now or then
        if pool is None:
            return
        what = say("pool {}", pool.name)
        if one.action in _COMES:
            yield from self._whole(one, what, [balancing.members(pool)] if one.action is Action.CREATE else [])
            return
        yield from (say("{}: {}", what, self.changed(one, each)) for each in one.attributes)

    def _members(self, one: Resource) -> Iterator[Sentence]:
        address = _pool_of(one, self.before, self.after)
        if self._comes_with(address):
            return
        where = self._pool_words(one, address)
        if one.type == MEMBER:
            sides = (side.document.elements.get(one.address) for side in (self.after, self.before))
            # What an earlier apply put aside has no arguments here.
            member = pool_member(next((side.given for side in sides if side is not None), {}))
            if one.action in _COMES:
                shares = _share(member) if one.action is Action.CREATE else say("")
                yield from self._whole(one, say("{}: member {}", where, balancing.member(member)), [], shares)
            else:
                said = [_of_member(each) for each in one.attributes]
                yield from (say("{}: member {}: {}", where, balancing.member(member), each) for each in said)
            return
        for attribute in self._own(one):
            found = blocks.changed(one, attribute)
            if found is None:
                yield say("{}: {}", where, self.changed(one, attribute))
                continue
            for action in (Action.CREATE, Action.DESTROY):
                alike = [each for each in found if each.action is action]
                # Of very many nobody reads each.
                if len(alike) > MOST:
                    members = [balancing.member(pool_member(each.after or each.before or {})) for each in alike]
                    yield say(f"{{}}: members {{}} {'come' if action is Action.CREATE else 'go'}", where, some(members))
                    found = [each for each in found if each.action is not action]
            for each in found:
                yield self._member(say("{}: member", where), each)

    @staticmethod
    def _member(what: Sentence, changed: blocks.Changed) -> Sentence:
        """What happens to one member of a set."""
        member = pool_member(changed.after or changed.before or {})
        named = say("{} {}", what, balancing.member(member))
        if changed.action is Action.UPDATE:
            return say("{}: {}", named, joined(map(_of_member, changed.arguments), ", "))
        if changed.action is Action.CREATE:
            return say("{} comes{}", named, _share(member))
        return say("{} goes", named)

    def _pool_words(self, one: Resource, address: str | None) -> Sentence:
        if address is not None:
            return balancing.pool(address, (*self.after.stack.pools, *self.before.stack.pools))
        sides = (self.after.document, self.before.document)
        found = next(
            (
                called(side, side.elements[one.address].given.get("pool_id"))
                for side in sides
                if one.address in side.elements
            ),
            "",
        )
        return say("pool {}", found)

    def _monitor(self, one: Resource) -> Iterator[Sentence]:
        address = _pool_of(one, self.before, self.after)
        if self._comes_with(address):
            return
        what = say("monitor of {}", self._pool_words(one, address))
        if one.action is Action.DESTROY:
            yield say("{} goes: nobody asks any more which of its members work", what)
        elif one.action in _COMES:
            yield from self._whole(one, what, [])
        else:
            yield from (say("{}: {}", what, self.changed(one, each)) for each in one.attributes)

    # All of them.

    def _whole(
        self, one: Resource, what: Sentence, does: Sequence[Sentence], more: Sentence | None = None
    ) -> Iterator[Sentence]:
        """That a part comes, goes or is made anew; nothing of one that is made anew with what it belongs to."""
        said = list(does)
        if one.action is Action.REPLACE:
            own = self._own(one)
            if one.attributes and not own:
                return
            said += [self.changed(one, each) for each in own]
        comes = say(f"{{}} {_COMES[one.action]}{{}}", what, more or say(""))
        yield say("{}: {}", comes, joined(said)) if said else comes

    @staticmethod
    def _own(one: Resource) -> list[Attribute]:
        """What changes of a part, but that what it belongs to is made anew."""
        return [each for each in one.attributes if each.top not in _OF_WHOLE or each.after != UNKNOWN]


def _found(things: Iterable[_T], address: str | None) -> _T | None:
    return next((one for one in things if one.address == address), None)


def _ranges(listener: Listener) -> Sentence:
    if None in listener.allowed:
        return say("anybody")
    return some([*(each for each in listener.allowed if each is not None), *map(str, listener.unknown)])


def _share(member: PoolMember) -> Sentence:
    """What a member that comes has otherwise than others."""
    said = []
    if member.weight != 1:
        said.append(say(", with the weight {}", str(member.weight)))
    if member.backup:
        said.append(say(", as a backup"))
    if not member.up:
        said.append(say(", taken down"))
    return joined(said, "")


def _of_member(one: Attribute) -> Sentence:
    said = say("{} {}", one.path, from_to(one))
    if one.path == "weight" and one.after == "0":
        return say("{}, so that it gets nothing new", said)
    return said
