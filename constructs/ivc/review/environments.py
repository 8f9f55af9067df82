"""Two environments of one synthesized folder side by side, told as a change of the first to the second."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ivc import estate
from ivc.estate import EstateError, Synthesized
from ivc.estate.environment import Environment, environment_of
from ivc.review.model import Review, StackReview
from ivc.review.quota import Limits
from ivc.review.reviewer import stack_review
from ivc.review.side import Side
from ivc.terraform.document import blocks
from ivc.terraform.value import text
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, say


@dataclass(frozen=True)
class _Stack:
    written: Synthesized
    environment: Environment


def review(folder: Path, *, base: str, head: str, limits: Limits | None = None) -> Review:
    """In what an environment differs from another, stack by stack, by what the stacks are called in both.

    folder: a synthesized one, with both environments. limits: what the project of `head` may have.

    A stack's own name, its marks, the place of its state and the cloud are no difference, nor is the environment's name
    where it begins or ends another name. Raises EstateError for an environment that the folder has not.
    """
    found: dict[str, dict[str, _Stack]] = {}
    for written in estate.synthesized(folder):
        environment = environment_of(written.document)
        if environment is not None:
            found.setdefault(environment.name, {})[environment.stack] = _Stack(written, environment)
    for name in (base, head):
        if name not in found:
            nearest = difflib.get_close_matches(name, found, 1)
            known = f"did you mean {nearest[0]}?" if nearest else f"it has {', '.join(found) or 'none'}."
            raise EstateError(f"{name} is no synthesized folder, and {folder} has no environment of that name; {known}")
    then, now = found[base], found[head]
    stacks = []
    for name in sorted({*then, *now}, key=as_counted):
        if name in then and name in now:
            stacks.append(_both(name, then[name], now[name], limits))
        else:
            has, has_not = (base, head) if name in then else (head, base)
            stacks.append(StackReview(name, notes=(say("{} has it, and {} has not", has, has_not),)))
    return Review(tuple(stacks), source="environments")


def _both(name: str, then: _Stack, now: _Stack, limits: Limits | None) -> StackReview:
    before, after = (Side.of_environment(one.written, one.environment) for one in (then, now))
    folders = (then.written.path.parent, now.written.path.parent)
    found = stack_review(name, before, after, None, limits, folders)
    return replace(found, notes=(*found.notes, *_clouds(then, now)))


def _clouds(then: _Stack, now: _Stack) -> Iterator[Sentence]:
    """That they are in different clouds of clouds.yaml."""
    old, new = (_cloud(one) for one in (then, now))
    if old != new:
        yield say("{} is in {}, and {} in {}", then.environment.name, old, now.environment.name, new)


def _cloud(stack: _Stack) -> str:
    provider = blocks(stack.written.document.section("provider").get("openstack"))
    named = next((cloud for one in provider if (cloud := text(one.get("cloud")))), None)
    return f"cloud {named}" if named else "the cloud of the credentials"
