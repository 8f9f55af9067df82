"""One server and what is its own, of a whole stack (`--only www-1`)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ivc.deploy.errors import DeployError
from ivc.deploy.stacks import Stack
from ivc.estate import families
from ivc.estate.kinds import kind
from ivc.review.model import Review
from ivc.review.side import Side
from ivc.words.foreign_text import visible
from ivc.words.order import as_counted

_NAMED = 6


def declaring(stacks: Sequence[Stack], servers: Sequence[str], *, option: str = "") -> list[Stack]:
    """Those of the stacks that declare any of the servers, whose ids these are.

    Raises DeployError for a server that none of them declares. option: that named it, such as `--only`.
    """
    declared = {stack.name: [*Side.of_document(stack.read).instances] for stack in stacks}
    known = [name for names in declared.values() for name in names]
    for name in servers:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            there = f"did you mean {near[0]}" if near else f"there is {', '.join(known) or 'none'}"
            where = f"{option}: " if option else ""
            raise DeployError(f"{where}stack {' or '.join(declared)} declares no server {name}; {there}")
    return [stack for stack in stacks if {*declared[stack.name]} & {*servers}]


def targets(stack: Stack, servers: Sequence[str]) -> list[str]:
    """The Terraform addresses of servers, and of what belongs to each: ports, attachments, what leads to its ports.

    servers: ids of instances; those that the stack does not declare count for nothing.
    """
    side = Side.of_document(stack.read)
    owned = {address for address, owner in side.owners.items() if owner in servers}
    for one in stack.read.of_type(families.ASSOCIATION.type):
        port = stack.read.follow(one.given.get("port_id"))
        if port is not None and port.address in owned:
            owned.add(one.address)
    return sorted(owned, key=as_counted)


def left_out(whole: Review, part: Review) -> list[str]:
    """What a plan of all would do and a plan of some does not, a sentence each.

    Of a thing that is done in part, such as a group that is made without its rules, it tells what is left.
    """
    found = []
    for one, other in zip(whole.stacks, part.stacks, strict=True):
        things = {(thing.kind, thing.id, thing.module) for thing in other.things}
        done = {resource.address for thing in other.things for resource in thing.resources}
        for thing in one.things:
            left = [resource for resource in thing.resources if resource.address not in done]
            if (thing.kind, thing.id, thing.module) not in things:
                found.append(str(thing.headline))
            elif left:
                named = [f"{kind(one.type)} {one.name}" for one in left[:_NAMED]]
                more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
                found.append(f"{thing.kind} {thing.id}, in part: {', '.join(named)}{more}")
    return [visible(one) for one in found]
