"""Servers that are to be replaced or restarted, one after another (`--one-at-a-time`).

The whole plan is reviewed and approved once. It is then applied in parts, each a plan of its own whose review must be a
part of the approved one:

1. what only comes, and needs none of the servers: new groups and their rules, new servers;
2. each server that is replaced or restarted, with what is its own and what it needs;
3. all the rest: what goes, and what changes for others.

A server is judged before anything that stands is touched after it. Which ones have yet to be judged is noted in
`.ivc/<stack>`: a plan shows nothing for a server that was replaced and does not work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ivc.deploy.errors import DeployError
from ivc.deploy.only import targets
from ivc.deploy.run import Applied, Planned
from ivc.deploy.server_check import Judge
from ivc.deploy.stacks import Stack
from ivc.deploy.standing import Standing, networks
from ivc.estate.kinds import kind
from ivc.review.model import Action, Attribute, Danger, Resource, Review, StackReview, Thing
from ivc.review.redundancy import tier
from ivc.terraform.address import Address, references
from ivc.terraform.plan_document import UNKNOWN
from ivc.terraform.provider import plain
from ivc.words.foreign_text import visible
from ivc.words.order import as_counted, in_runs

_COMES_OR_GOES = (Action.CREATE, Action.DESTROY, Action.FORGET)
_LOCAL = re.compile(r"\blocal\.([A-Za-z_][\w-]*)")
_NAMED = 6


class Parts(Protocol):
    """What is done with a stack, a part at a time."""

    def plan(self, targets: Sequence[str]) -> tuple[Planned, StackReview]:
        """A plan of some addresses, or of all that was asked for where there are none, and its review."""

    def forget(self, planned: Planned) -> None:
        """Keep a plan no longer, which is not to be applied."""

    def apply(self, planned: Planned) -> Applied:
        """Apply a plan."""

    def standing(self, seen_by: Planned | None = None) -> Mapping[str, Standing]:
        """The servers in the state; as a plan saw them, which asked the cloud, where it is given."""


@dataclass
class Rolled:
    """What became of it. applied: the parts. done: servers that were touched and judged, in their order.

    failed: the server whose check failed, if any did. untouched: servers that were to come later. why: what stopped it;
    empty where nothing did. interrupted: whether somebody did.
    """

    applied: list[Applied] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: str | None = None
    untouched: list[str] = field(default_factory=list)
    why: str = ""
    interrupted: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether all of it was done."""
        return not self.why


def in_row(review: StackReview) -> list[str]:
    """The servers that a plan replaces or restarts, in the order in which people count: `www-1` before `www-2`."""
    return sorted(_ids(thing for thing in review.things if _goes(thing)), key=as_counted)


def _made(review: StackReview) -> list[str]:
    """The servers that a plan makes, and does not replace."""
    return _ids(thing for thing in review.things if thing.action is Action.CREATE)


def _ids(things: Iterable[Thing]) -> list[str]:
    """Those of the servers among things."""
    return [thing.id for thing in things if thing.kind == "instance"]


def _goes(thing: Thing) -> bool:
    """Whether a server that stands, and is to stand afterwards, does not do its work for a while."""
    return thing.action not in _COMES_OR_GOES and bool({*thing.dangers} - {Danger.OPEN})


def without_at_once(review: Review) -> Review:
    """The same, where servers that stand in for one another do not go at once after all.

    Those that are destroyed do, in the last part.
    """
    return replace(
        review,
        stacks=tuple(
            one if _ids(thing for thing in one.things if thing.action is Action.DESTROY) else replace(one, at_once=())
            for one in review.stacks
        ),
    )


class Unjudged:
    """The servers that were touched and not judged yet, noted beside the stack's plans."""

    def __init__(self, stack: Stack) -> None:
        self._file = stack.workspace / "unjudged.json"

    def names(self) -> list[str]:
        """Their ids."""
        try:
            found: list[str] = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return []
        return found

    def add(self, servers: Iterable[str]) -> None:
        """Note servers that are about to be touched."""
        self._write({*self.names(), *servers})

    def strike(self, server: str) -> None:
        """A server is well, or is gone."""
        self._write({*self.names()} - {server})

    def _write(self, servers: Iterable[str]) -> None:
        if names := sorted(servers, key=as_counted):
            self._file.write_text(json.dumps(names) + "\n")
        else:
            self._file.unlink(missing_ok=True)


class Rolling:
    """Applies a plan that was approved in parts.

    say: is told how far it is. whole: the plan. row: the servers that go one after another, in their order.
    """

    def __init__(
        self, whole: Planned, approved: StackReview, parts: Parts, judge: Judge, say: Callable[[str], None]
    ) -> None:
        self.whole = whole
        self._stack = whole.stack
        self._approved = approved
        self._parts = parts
        self._judge = judge
        self._say = say
        self._unjudged = Unjudged(whole.stack)
        self._rolled = Rolled()
        broken = self._unjudged.names()
        # What is down already is lost first: it is the canary that takes nothing with it.
        self.row = sorted(in_row(approved), key=lambda one: (one not in broken, as_counted(one)))

    def check(self) -> None:
        """Raise DeployError where it cannot be done so, before anybody is asked."""
        renamed = [one.name for thing in self._approved.things for one in thing.resources if one.moved_from is not None]
        if renamed and self.row:
            raise DeployError(
                f"stack {self._stack.name}: {_some(renamed)}: renamed, and Terraform plans no part of a stack "
                "before it knows its new names; deploy the rename alone, and then the rest one at a time"
            )
        if self._judge.check is not None:
            known = networks(self._stack)
            for server in (*self.row, *_made(self._approved)):
                self._judge.check.check_places(server, known.get(server, []))

    def go(self) -> Rolled:
        """Do it. What stops it is told in what is returned, not raised."""
        rolled = self._rolled
        rolled.untouched = [*self.row]
        try:
            if self._judge_those_before():
                if self.row:
                    self._parts.forget(self.whole)
                    self._first() and self._each() and self._part([], "the rest")
                else:
                    self._apply(self.whole, self._approved, "all of it")
        except DeployError as error:
            rolled.why = "; ".join(str(error).splitlines())
        except KeyboardInterrupt:
            rolled.why, rolled.interrupted = "it was interrupted", True
        if not rolled.applied:
            self._parts.forget(self.whole)
        return rolled

    def _judge_those_before(self) -> bool:
        """What an earlier run left unjudged, and those that stand in for a server that is about to go."""
        noted = self._unjudged.names()
        if not self.row and not noted:
            return True
        standing = self._parts.standing(self.whole)
        changing = {*self.row, *_ids(one for one in self._approved.things if one.action in _COMES_OR_GOES)}
        tiers = {tier(one) for one in self.row} - {None}
        for gone in (one for one in noted if one not in standing):
            self._unjudged.strike(gone)
        before = [one for one in standing if one not in changing and (one in noted or tier(one) in tiers)]
        return all(self._is_well(one, standing) for one in sorted(before, key=as_counted))

    def _first(self) -> bool:
        """What only comes."""
        coming = sorted(_coming(self._approved.things, self._stack.document), key=as_counted)
        return not coming or self._part(coming, "what only comes")

    def _each(self) -> bool:
        waiting, behind = [*self.row], set[str]()
        while waiting:
            server = waiting[0]
            planned, review = self._parts.plan(self._targets(server))
            ahead = [one for one in waiting[1:] if one in in_row(review)]
            if ahead and not behind & {*ahead}:
                # It needs another one, which is to go by itself before it.
                self._parts.forget(planned)
                behind.add(server)
                waiting = [*ahead, *(one for one in waiting if one not in ahead)]
                continue
            number = len(self.row) - len(waiting) + 1
            if not self._apply(planned, review, f"{server}, {number} of {len(self.row)}", server=server):
                return False
            waiting.remove(server)
        return True

    def _targets(self, server: str) -> list[str]:
        found = {*targets(self._stack, [server])}
        for thing in self._approved.things:
            if thing.kind == "instance" and thing.id == server:
                # But for what an earlier apply put aside, which goes with the resource of its name.
                found |= {one.address for one in thing.resources if Address.parse(one.address) is not None}
        return sorted(found, key=as_counted)

    def _part(self, addresses: Sequence[str], what: str) -> bool:
        planned, review = self._parts.plan(addresses)
        return self._apply(planned, review, what)

    def _apply(self, planned: Planned, review: StackReview, what: str, *, server: str | None = None) -> bool:
        """Apply a part, and judge the servers that it touches or makes; whether it goes on from there.

        server: the one of the row whose part it is.
        """
        problem = self._problem(review, server)
        if problem or not planned.has_changes:
            self._parts.forget(planned)
        if problem:
            raise DeployError(f"{what}: {problem}")
        judged = sorted({*_made(review), *([server] if server else [])}, key=as_counted)
        self._unjudged.add(judged)
        if planned.has_changes:
            self._say(f"{self._stack.name}: {what}")
            applied = self._parts.apply(planned)
            self._rolled.applied.append(applied)
            self._rolled.untouched = [one for one in self._rolled.untouched if one != server]
            if applied.interrupted:
                raise KeyboardInterrupt
            if not applied.succeeded:
                raise DeployError(f"{what}: it failed")
        standing = self._parts.standing() if judged else {}
        return all(self._is_well(one, standing, touched=True) for one in judged)

    def _problem(self, review: StackReview, server: str | None) -> str:
        """Why a part is not to be applied, in words; empty where it may be."""
        new = list(not_approved(self._approved, review))
        if new:
            return f"its plan is no part of what was approved: {_some(new)}"
        others = [one for one in in_row(review) if one != server]
        if others:
            return f"its plan replaces or restarts {_some(others)} as well, so that they cannot go one at a time"
        shared = [
            str(thing.headline)
            for thing in review.things
            if server and thing.kind != "instance" and thing.action in (Action.REPLACE, Action.DESTROY)
        ]
        if shared:
            return f"its plan takes away what others use, so that it cannot go alone: {_some(shared)}"
        return ""

    def _is_well(self, server: str, standing: Mapping[str, Standing], *, touched: bool = False) -> bool:
        why = self._judge.failure(standing.get(server))
        if why is not None:
            self._rolled.failed, self._rolled.why = server, f"{server} fails its check: {why}"
            return False
        self._unjudged.strike(server)
        if touched:
            self._rolled.done.append(server)
        said = self._judge.check.text if self._judge.check is not None else "its status is active"
        self._say(f"{self._stack.name}: {server} is well ({said}).")
        return True


def not_approved(approved: StackReview, part: StackReview) -> Iterator[str]:
    """What a part does and was not approved, in words."""
    known = {one.address: one for thing in approved.things for one in thing.resources}
    for one in (each for thing in part.things for each in thing.resources):
        other = known.get(one.address)
        if other is None or replace(one, attributes=()) != replace(other, attributes=()):
            yield f"{kind(one.type)} {one.name} ({one.action})"
            continue
        for each in one.attributes:
            if each not in other.attributes and not _was_unknown(each, other):
                yield f"{kind(one.type)} {one.name}: {each.path} {each.before or 'none'} → {each.after or 'none'}"


def _was_unknown(one: Attribute, approved: Resource) -> bool:
    """Whether it was approved that only the apply tells a value, which an earlier part told by now."""
    unknown = [plain(each.path) for each in approved.attributes if each.after == UNKNOWN]
    return any(plain(one.path) == each or plain(one.path).startswith(f"{each}.") for each in unknown)


def _coming(things: Sequence[Thing], document: Mapping[str, Any]) -> set[str]:
    """The addresses of what only comes, and refers to nothing that changes otherwise."""
    changing = {_block(one.address): one.action for thing in things for one in thing.resources}
    of_row = {one.address for thing in things if thing.kind == "instance" and _goes(thing) for one in thing.resources}
    return {
        one.address
        for thing in things
        for one in thing.resources
        if one.action is Action.CREATE
        and one.address not in of_row
        and all(changing.get(block, Action.CREATE) is Action.CREATE for block in _needed(_block(one.address), document))
    }


def _needed(block: str, document: Mapping[str, Any]) -> set[str]:
    """The addresses of all that a block needs, and of what that needs, in a stack's JSON; itself among them."""
    found: set[str] = set()
    waiting = [block]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        section, _, name = one.rpartition(".")
        path = ["locals"] if section == "local" else ["data" if "." in section else "resource", section.split(".")[-1]]
        said: Any = document
        for key in (*path, name):
            said = said.get(key, {}) if isinstance(said, Mapping) else {}
        text = json.dumps(said)
        waiting += [_block(each.address) for each in references(text)]
        waiting += [f"local.{each}" for each in _LOCAL.findall(text)]
    return found


def _block(address: str) -> str:
    parsed = Address.parse(address)
    return parsed.block if parsed is not None else address


def _some(names: Sequence[str]) -> str:
    listed = in_runs(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return visible(", ".join(listed[:_NAMED]) + more)
