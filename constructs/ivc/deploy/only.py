"""One server and what is its own, of a whole stack (`--only www-1`)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ivc.deploy.errors import DeployError
from ivc.deploy.stacks import Stack
from ivc.estate import families
from ivc.review.model import Review
from ivc.review.side import Side
from ivc.words.foreign_text import visible
from ivc.words.order import as_counted


def targets(stack: Stack, servers: Sequence[str]) -> list[str]:
    """The Terraform addresses of servers, and of what belongs to each: ports, attachments, what leads to its ports.

    servers: ids of instances that the stack declares. Raises DeployError for one that it does not.
    """
    side = Side.of_document(stack.read)
    for name in servers:
        if name not in side.instances:
            near = difflib.get_close_matches(name, side.instances, 1)
            known = f"did you mean {near[0]}" if near else f"it declares {', '.join(side.instances) or 'none'}"
            raise DeployError(f"--only: stack {stack.name} declares no server {name}; {known}")
    owned = {address for address, owner in side.owners.items() if owner in servers}
    for one in stack.read.of_type(families.ASSOCIATION.type):
        port = stack.read.follow(one.given.get("port_id"))
        if port is not None and port.address in owned:
            owned.add(one.address)
    return sorted(owned, key=as_counted)


def left_out(whole: Review, part: Review) -> list[str]:
    """What a plan of all would do and a plan of some does not, a sentence each."""
    found = []
    for one, other in zip(whole.stacks, part.stacks, strict=True):
        done = {(thing.kind, thing.id, thing.module) for thing in other.things}
        found += [str(thing.headline) for thing in one.things if (thing.kind, thing.id, thing.module) not in done]
    return [visible(one) for one in found]
