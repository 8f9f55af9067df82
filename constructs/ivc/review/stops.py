"""What a change in place stops, and what it does otherwise than a plan says: by the rows of the families."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ivc.estate.families import BY_TYPE, Stop
from ivc.review.model import Action, Attribute, Resource
from ivc.review.side import Side
from ivc.terraform.plan_document import UNKNOWN
from ivc.terraform.provider import plain, schema
from ivc.terraform.value import holds_unknown


@dataclass(frozen=True)
class Stopped:
    """What a resource stops doing, in our words. certain: False where it may come otherwise."""

    resource: Resource
    words: str
    certain: bool


def stopped(resource: Resource, after: Side) -> Iterator[Stopped]:
    """What a resource stops doing with a change in place. after: the side that it leads to."""
    family = BY_TYPE.get(resource.type)
    if family is None or resource.action is not Action.UPDATE:
        return
    done = [one for one in resource.attributes if unlike(resource, one, after) is None]
    for stop in family.stops:
        found = [one for one in done if _stops(resource.type, stop, one)]
        if found:
            certain = resource.certain and any(_is_told(stop, one) for one in found)
            yield Stopped(resource, stop.words, certain)


def unlike(resource: Resource, one: Attribute, after: Side) -> str | None:
    """What becomes of a changed argument, where that is something else than a plan says; None where it is not."""
    family = BY_TYPE.get(resource.type)
    if family is None or resource.action is not Action.UPDATE:
        return None
    element = after.document.elements.get(resource.address)
    left_out = element is not None and not element.given.get(one.top)
    return next(
        (
            each.words
            for each in family.unlike
            if each.argument == one.top
            and (left_out or not each.only_left_out)
            and not (each.unless and element is not None and element.given.get(each.unless))
        ),
        None,
    )


def _stops(type_: str, stop: Stop, one: Attribute) -> bool:
    top, _, inner = stop.argument.partition(".")
    if plain(one.path) == top and inner:
        return _stops_in_set(stop, inner, one.before or "", one.after or "")
    if one.after is None and not stop.by_leaving_out:
        return False
    if plain(one.path) != stop.argument and (inner or one.top != top):
        return False
    if stop.to:
        return one.after in stop.to or _is_unknown(one.after)
    # What was not there before did nothing, unless the cloud chose it.
    return one.before is not None or stop.argument in schema(type_).kept


def _stops_in_set(stop: Stop, inner: str, before: str, after: str) -> bool:
    """Whether it is so of a set of blocks, which is one value: by what is said in it more often, or no more."""
    if not stop.to:
        return bool({*_said(inner, before)} - {*_said(inner, after)})
    return any(after.count(each) > before.count(each) for each in (f'"{inner}": {value}' for value in stop.to))


def _said(inner: str, blocks: str) -> list[str]:
    """What a set of blocks says at an argument, of each."""
    return re.findall(rf'"{inner}": ("[^"]*"|[^,}}]+)', blocks)


def _is_told(stop: Stop, one: Attribute) -> bool:
    """Whether it is known what a thing comes to; of a set of blocks, what is said there at the argument in question."""
    top, _, inner = stop.argument.partition(".")
    if inner and plain(one.path) == top and one.after is not None and one.after != UNKNOWN:
        return not any(map(holds_unknown, _said(inner, one.after)))
    return not _is_unknown(one.after)


def _is_unknown(value: str | None) -> bool:
    """Whether only apply, or nobody who reads this, is to know a value."""
    return value is not None and (value == UNKNOWN or holds_unknown(value))
