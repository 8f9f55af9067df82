"""A set of blocks that changes, block for block: which come, which go, and what of the others becomes another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivc.estate.families import BY_TYPE, Blocks
from ivc.review.model import Action, Attribute, Resource
from ivc.terraform.plan_document import UNKNOWN
from ivc.terraform.value import holds_unknown, written
from ivc.words.order import as_counted

Block = Mapping[str, Any]


@dataclass(frozen=True)
class Changed:
    """What happens to one block. blocks: what it was and what it will be; None where it was not, or will not be."""

    row: Blocks
    before: Block | None
    after: Block | None

    @property
    def action(self) -> Action:
        """It comes, goes or becomes another."""
        return Action.CREATE if self.before is None else Action.DESTROY if self.after is None else Action.UPDATE

    @property
    def arguments(self) -> Iterator[Attribute]:
        """What of one that stays becomes another."""
        then, now = self.before or {}, self.after or {}
        for key in sorted({*then, *now}):
            was, will_be = (written(one[key]) if key in one else None for one in (then, now))
            if was != will_be:
                yield Attribute(key, was, will_be)


def changed(resource: Resource, attribute: Attribute) -> list[Changed] | None:
    """What happens to the blocks of a set, those that stay as they are left out.

    None where the attribute is no such set, and where it is not told which of its blocks is which.
    """
    row = next((one for one in _rows(resource) if one.argument == attribute.path), None)
    then, now = read(attribute.before), read(attribute.after)
    if row is None or then is None or now is None:
        return None
    old, new = ({_key(row, one): one for one in side} for side in (then, now))
    if len(old) < len(then) or len(new) < len(now):
        return None
    gone, come = {*old} - {*new}, {*new} - {*old}
    # One that only apply tells may be any of those that it would then not be told from.
    if gone and come and any(map(_is_unknown, gone | come)):
        return None
    return [
        Changed(row, old.get(key), new.get(key))
        for key in sorted({*old, *new}, key=lambda one: as_counted(" ".join(one)))
        if old.get(key) != new.get(key)
    ]


def shown(resource: Resource, attribute: Attribute) -> Attribute:
    """A set that becomes another which only apply tells, with what tells its blocks apart instead of all in them."""
    row = next((one for one in _rows(resource) if one.argument == attribute.path), None)
    then = read(attribute.before)
    if row is None or not then or attribute.after != UNKNOWN:
        return attribute
    return replace(attribute, before=", ".join(":".join(written(one.get(key, "")) for key in row.keys) for one in then))


def read(said: str | None) -> list[Block] | None:
    """The blocks in a set as a review says it; None where it says something else."""
    found: list[Block] = []
    rest, decoder = said or "", json.JSONDecoder()
    while rest:
        try:
            block, end = decoder.raw_decode(rest)
        except ValueError:
            return None
        if not isinstance(block, Mapping):
            return None
        found.append(block)
        rest = rest[end:].removeprefix(", ")
    return found


def _rows(resource: Resource) -> tuple[Blocks, ...]:
    family = BY_TYPE.get(resource.type)
    return family.blocks if family is not None else ()


def _key(row: Blocks, block: Block) -> tuple[str, ...]:
    """What tells a block from others: where only apply knows that, a plan leaves it out, and all of it does."""
    key = tuple(written(block.get(each, "")) for each in row.keys)
    return key if all(each in block for each in row.keys) else (*key, written(dict(block)))


def _is_unknown(key: tuple[str, ...]) -> bool:
    return "" in key or any(map(holds_unknown, key))
