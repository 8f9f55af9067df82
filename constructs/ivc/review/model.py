"""A review: what will happen to each server and to all that belongs to it, and what in it is dangerous."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ivc.policies.policy_finding import PolicyFinding
from ivc.terraform.address import named, type_of
from ivc.words.sentence import Sentence


class Danger(StrEnum):
    """What a pipeline may be told to stop at.

    REPLACE: a thing is destroyed and made anew; a server's root disk, and what is on it, is gone, unless that is a
    volume of its own.
    WIPE: a server stays, and its root disk is written anew.
    DESTROY: a thing is destroyed, or a volume is made anew, so that what is on it is gone for good.
    DETACH: a volume leaves a server that does not go with it.
    STOP: a thing stays, and stops doing what it does, for a while or until somebody starts it; or all of those that
    stand in for one another go at once.
    OPEN: the world reaches, or everybody may use, what they could not before.
    """

    DESTROY = "destroy"
    WIPE = "wipe"
    REPLACE = "replace"
    DETACH = "detach"
    STOP = "stop"
    OPEN = "open"


class Action(StrEnum):
    """What happens to a thing; the first that applies, in the order of how much a reviewer must know it."""

    DESTROY = "destroy"
    WIPE = "wipe"
    REPLACE = "replace"
    CREATE = "create"
    UPDATE = "update"
    IMPORT = "import"
    FORGET = "forget"
    MOVE = "move"
    NONE = "none"


@dataclass(frozen=True)
class Attribute:
    """An attribute that changes: its path as Terraform says it (`network[0].port`), and its values as people read them.

    before, after: None where there is none; `(known after apply)` and `(sensitive)` stand as such.
    forces_replacement: whether this change is why the thing is replaced.
    """

    path: str
    before: str | None
    after: str | None
    forces_replacement: bool = False

    @property
    def top(self) -> str:
        """The attribute of the resource itself that it is, or is in: `network` of `network[0].port`."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


@dataclass(frozen=True)
class Resource:
    """What happens to one Terraform resource.

    address: as it will be, such as `openstack_compute_instance_v2.www-1`; as it was, if it goes.
    moved_from: its address until now, where that is another. imported: the id it is imported by.
    certain: False where the folders alone do not tell, and a plan may say less.
    """

    address: str
    action: Action
    attributes: tuple[Attribute, ...] = ()
    moved_from: str | None = None
    imported: str | None = None
    certain: bool = True

    @property
    def type(self) -> str:
        """Its Terraform type."""
        return type_of(self.address)

    @property
    def name(self) -> str:
        """Its Terraform name."""
        return named(self.address)


@dataclass(frozen=True)
class Exposure:
    """What the world reaches of a server, a sentence for each network or way; before and after.

    opened: what it reaches only afterwards; empty where nothing is opened.
    """

    before: tuple[Sentence, ...]
    after: tuple[Sentence, ...]
    opened: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class FileDiff:
    """The change of one document or file within user data, secrets masked.

    path: a path on the guest; empty for the document itself. lines: of a unified diff, each with its sign first
    (`+`, `-`, a blank, or `@@`); no line feeds in them.
    change: whether the file is new, gone or another.
    """

    path: str
    change: Literal["new", "gone", "changed"]
    lines: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, int]:
        """How many lines come, and how many go."""
        return (
            sum(line.startswith("+") for line in self.lines),
            sum(line.startswith("-") for line in self.lines),
        )


@dataclass(frozen=True)
class Thing:
    """What happens to one thing that people know by name: a server with its ports and volumes, a network, a group.

    kind: in a word or two, such as `instance`, `network`, `security group`. id: as it is declared. name: what the cloud
    calls it, where that differs. headline: what a reviewer reads first, a whole sentence without its full stop, such as
    `www-1 will be replaced: user data changed; keeps its address 10.0.0.11 and its volume www-data`.
    details: more sentences, the more important first.
    resources: the Terraform resources behind it that change.
    user_data: what of its user data changes. exposure: what the world reaches of it, where that changes.
    dangers: in the order of `Danger`. possible: those of them that may turn out not to be.
    certain: whether what happens, its action, is sure; the folders alone do not tell it always.
    module: the module that it is in, such as `shop`; empty for the root.
    own: words that are its own, such as its addresses, besides its id and name: of equal changes these alone differ.
    """

    kind: str
    id: str
    action: Action
    headline: Sentence
    name: str | None = None
    details: tuple[Sentence, ...] = ()
    resources: tuple[Resource, ...] = ()
    user_data: tuple[FileDiff, ...] = ()
    exposure: Exposure | None = None
    dangers: tuple[Danger, ...] = ()
    possible: frozenset[Danger] = frozenset()
    certain: bool = True
    module: str = ""
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Count:
    """How many of a thing are declared, against what the project may have.

    what: such as `instances`, `cores`, `RAM` (in GiB, as `unit` says). before, after: None where it is not known.
    limit: None where none is known or there is none.
    """

    what: str
    before: int | None
    after: int | None
    limit: int | None
    unit: str = ""

    @property
    def exceeded(self) -> bool:
        """Whether the cloud will refuse some of them."""
        return self.limit is not None and self.after is not None and self.after > self.limit


@dataclass(frozen=True)
class Node:
    """A network or a server in the topology. kind: `network` or `instance`."""

    id: str
    kind: Literal["network", "instance"]
    label: str
    action: Action
    public: bool = False


@dataclass(frozen=True)
class Edge:
    """A NIC: it joins a server to a network. label: its address, or empty. action: what happens to it."""

    instance: str
    network: str
    label: str
    action: Action


@dataclass(frozen=True)
class Topology:
    """What is connected to what, as it will be, with what goes. The ids of nodes are letters, digits and `_`.

    left_out: how many servers without any change are not shown.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0


@dataclass(frozen=True)
class StackReview:
    """The review of one stack.

    things: all that changes, the most important first; servers before others of the same importance.
    at_once: those that stand in for one another and all go, or stop, with this change; a sentence each.
    unread: what could not be judged, and may hold a danger that is not said; a sentence each.
    unchanged: how many servers stay as they are.
    outside: what somebody did in the cloud outside of Terraform, as the plan reports it.
    failing: checks and conditions of the configuration that fail.
    notes: what the reader must know about the review itself, such as what the folders cannot tell.
    """

    name: str
    things: tuple[Thing, ...] = ()
    at_once: tuple[Sentence, ...] = ()
    unread: tuple[Sentence, ...] = ()
    unchanged: int = 0
    outside: tuple[Sentence, ...] = ()
    failing: tuple[Sentence, ...] = ()
    notes: tuple[Sentence, ...] = ()
    counts: tuple[Count, ...] = ()
    policies: tuple[PolicyFinding, ...] = ()
    topology: Topology = field(default_factory=lambda: Topology((), ()))


@dataclass(frozen=True)
class Review:
    """What a change will do.

    source: what it was read from: `folders`, `plan` or `both`; `environments`, where it says in what one environment
    differs from another, and nothing happens.
    """

    stacks: tuple[StackReview, ...]
    source: Literal["folders", "plan", "both", "environments"]

    @property
    def things(self) -> Iterator[Thing]:
        """All things of all stacks that change."""
        for stack in self.stacks:
            yield from stack.things

    @property
    def dangers(self) -> tuple[Danger, ...]:
        """Each danger that is in it, once, in the order of `Danger`."""
        found = {danger for thing in self.things for danger in thing.dangers}
        found |= {Danger.STOP for stack in self.stacks if stack.at_once}
        return tuple(danger for danger in Danger if danger in found)

    @property
    def unread(self) -> bool:
        """Whether something could not be judged."""
        return any(stack.unread for stack in self.stacks)

    @property
    def no_changes(self) -> bool:
        """Whether nothing at all will happen."""
        return not any(stack.things or stack.unread for stack in self.stacks)
