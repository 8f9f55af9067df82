"""What Terraform will do to each resource, told from two documents alone: that of now and that of the change.

It assumes that the first was applied and that nobody changed the cloud since; a plan knows better, and where both are
there the plan decides. Where the documents cannot tell, the worse is said, as uncertain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from ivc.estate.rules import called
from ivc.review.model import Action, Attribute, Resource
from ivc.terraform.address import Renaming, references
from ivc.terraform.document import Document, Element
from ivc.terraform.evaluation import unknowns
from ivc.terraform.paths import flat
from ivc.terraform.plan_document import UNKNOWN
from ivc.terraform.provider import WIPES, Schema, plain, schema
from ivc.terraform.value import SENSITIVE, Unknown
from ivc.words.order import as_counted

_IGNORED_UNTIL_NOW = "(whatever it is: its changes were ignored until now)"


def compare(before: Document, after: Document) -> list[Resource]:
    """What happens to each resource of either document; those with nothing to happen are left out."""
    return Comparison(before, after).resources()


def moves(before: Document, after: Document) -> dict[str, str]:
    """From the addresses that resources have before to those that they are moved to."""
    found, renaming = {}, Renaming(after.moved)
    for former, element in before.elements.items():
        new = former
        # One who is two versions behind goes all the way.
        for _ in after.moved:
            new = after.moved.get(new) or renaming.address(new)
        if new == former and former not in after.elements and element.many is None:
            new = _counted_otherwise(former, after)
        if former not in after.elements and new in after.elements:
            found[former] = new
    return {former: new for former, new in found.items() if new not in before.elements}


def _counted_otherwise(address: str, after: Document) -> str:
    """Where Terraform moves what gets a `count`, or loses it, by itself: between `name` and `name[0]`."""
    other = address.removesuffix("[0]") if address.endswith("[0]") else f"{address}[0]"
    there = after.elements.get(other)
    return other if there is not None and there.many is None else address


class _Value(Enum):
    """What becomes of a value that both documents write alike."""

    SAME = auto()
    UNKNOWN = auto()
    """Terraform will know it only at apply, and takes it for another."""
    ANOTHER = auto()
    """It most likely is another."""


@dataclass(frozen=True)
class _Change:
    attribute: Attribute
    certain: bool


class Comparison:
    """Two documents side by side. before: with the addresses of the other one."""

    def __init__(self, before: Document, after: Document) -> None:
        self._moves = moves(before, after)
        self.before = before.renamed(self._moves)
        self._after = after
        self._version = after.provider_version
        self._known: dict[str, Resource] = {}
        self._data: dict[str, _Value] = {}

    def resources(self) -> list[Resource]:
        """What happens to each resource of either document; those with nothing to happen are left out."""
        found = (
            self.resource(address)
            for address in sorted({*self.before.resources, *self._after.resources}, key=as_counted)
        )
        return [resource for resource in found if resource.action is not Action.NONE]

    def is_same(self, value: Unknown) -> bool:
        """Whether an unknown value that both documents write alike is the same in both."""
        return self._value(value) is _Value.SAME

    @cached_property
    def _moved_from(self) -> dict[str, str]:
        return {new: former for former, new in self._moves.items()}

    def resource(self, address: str) -> Resource:
        """What happens to the resource at an address of the second document, or of the first if it goes."""
        known = self._known.get(address)
        if known is None:
            # Terraform refuses references in a circle; here they must only not go on for ever.
            self._known[address] = Resource(address, Action.NONE)
            known = self._known[address] = self._resource(address)
        return known

    def _resource(self, address: str) -> Resource:
        old, new = self.before.elements.get(address), self._after.elements.get(address)
        if new is None:
            if address in self._after.forgotten or (old is not None and old.block in self._after.forgotten):
                return Resource(address, Action.FORGET)
            # Of how many there will be only a plan tells, and it may be among them.
            certain = old is None or (old.many is None and not self._many(old.block))
            return Resource(address, Action.DESTROY, certain=certain)
        if old is None:
            imported = self._after.imported.get(address)
            if imported is not None:
                # What it is in the cloud, and so what of it changes, no document tells.
                return Resource(address, Action.IMPORT, imported=imported, certain=False)
            return Resource(address, Action.CREATE, attributes=tuple(self._created(new)))
        if (several := self._several(old, new)) is not None:
            return several
        changes = [*self._changes(old, new), *self._provider(old, new), *self._triggers(new)]
        return Resource(
            address,
            self._action(new, changes, moved=address in self._moved_from),
            attributes=tuple(change.attribute for change in changes),
            moved_from=self._moved_from.get(address),
            certain=_certain(changes),
        )

    def _action(self, new: Element, changes: list[_Change], *, moved: bool) -> Action:
        if any(change.attribute.forces_replacement for change in changes):
            return Action.REPLACE
        wiping = WIPES.get(new.type, frozenset())
        if any(change.attribute.top in wiping for change in changes):
            return Action.WIPE
        if changes:
            return Action.UPDATE
        return Action.MOVE if moved else Action.NONE

    def _several(self, old: Element, new: Element) -> Resource | None:
        """What happens where how many there are of it changes: some may go, and which only a plan tells."""
        if old.many == new.many:
            return None
        key = next(key for key in ("count", "for_each") for side in (old, new) if key in side.meta)
        attribute = Attribute(key, json.dumps(old.meta.get(key)), json.dumps(new.meta.get(key)))
        return Resource(new.address, Action.DESTROY, (attribute,), certain=False)

    def _many(self, block: str) -> bool:
        """Whether only a plan tells how many a block makes."""
        there = self._after.elements.get(block)
        return there is not None and there.many is not None

    def _provider(self, old: Element, new: Element) -> Iterator[_Change]:
        """Another configuration of the provider may be another cloud."""
        then, now = (str(side.meta["provider"]) if "provider" in side.meta else None for side in (old, new))
        if then != now:
            yield _Change(Attribute("provider", then, now, forces_replacement=True), certain=False)

    # The attributes.

    def _created(self, new: Element) -> Iterator[Attribute]:
        known = schema(new.type, self._version)
        for path, value in flat(known, new.given).items():
            yield Attribute(path, None, self._said(self._after, known, path, value))

    def _changes(self, old: Element, new: Element) -> Iterator[_Change]:
        known = schema(new.type, self._version)
        then, now = flat(known, old.given), flat(known, new.given)
        ignored = [str(path) for path in new.lifecycle("ignore_changes")]
        unignored = [
            path
            for path in map(str, old.lifecycle("ignore_changes"))
            if not _covers(ignored, path) and (_covers([path], *then) or _covers([path], *now))
        ]
        for path in sorted({*then, *now}, key=as_counted):
            if _covers(ignored, path):
                continue
            if path not in now and _kept(known, path, now):
                continue
            certain, before, after = True, None, None
            if then.get(path) == now.get(path):
                value = self._value(now[path])
                if value is _Value.UNKNOWN:
                    after = UNKNOWN
                elif value is _Value.ANOTHER:
                    certain = False
                elif any(_covers([entry], path) for entry in unignored):
                    before, certain = _IGNORED_UNTIL_NOW, False
                else:
                    continue
            else:
                # What was not said before the cloud chose, and it may have chosen just this.
                chosen = path not in then and _kept(known, path, then)
                certain = not chosen and not self._perhaps_the_same(then.get(path), now.get(path))
            # What says nothing is what the provider takes then.
            default = known.default(path)
            before = before or self._said(self.before, known, path, then.get(path, default))
            after = after or self._said(self._after, known, path, now.get(path, default))
            yield _Change(
                # Of a type that nobody here knows any change may replace it.
                Attribute(path, before, after, forces_replacement=known.forces(path) or not known.known),
                certain=certain and known.known,
            )

    def _triggers(self, new: Element) -> Iterator[_Change]:
        for trigger in new.lifecycle("replace_triggered_by"):
            for each in references(str(trigger)):
                if each.address not in self._after.elements or each.address.startswith("data."):
                    continue
                source = self.resource(each.address)
                # Terraform: an update or a replacement of the resource triggers, its creation does not.
                if source.action not in (Action.UPDATE, Action.WIPE, Action.REPLACE):
                    continue
                changed = list(source.attributes)
                if each.attribute is not None:
                    changed = [one for one in changed if one.top == each.attribute]
                for one in changed:
                    yield _Change(
                        Attribute(
                            f"replace_triggered_by.{each.address}", one.before, one.after, forces_replacement=True
                        ),
                        certain=source.certain,
                    )

    # What becomes of references.

    def _value(self, value: str | Unknown) -> _Value:
        worst = _Value.SAME
        for each in value.depends_on if isinstance(value, Unknown) else ():
            found = (
                self._of_data(each.address)
                if each.address.startswith("data.")
                else self._of_resource(each.address, each.attribute)
            )
            if found is _Value.UNKNOWN:
                return found
            worst = found if found is not _Value.SAME else worst
        return worst

    def _of_resource(self, address: str, attribute: str | None) -> _Value:
        if address not in self._after.elements:
            return self._of_block(address)
        source = self.resource(address)
        if attribute == "output" and source.type == "terraform_data":
            attribute = "input"
        configured = self._after.elements[address].given.get(attribute or "")
        if source.action in (Action.CREATE, Action.REPLACE) and (configured is None or attribute == "id"):
            return _Value.UNKNOWN
        changed = {one.top for one in source.attributes}
        # The provider fills these from what `fixed_ip` says, and a plan of the port does not know that yet.
        if "fixed_ip" in changed and attribute in ("all_fixed_ips", "all_security_group_ids"):
            return _Value.ANOTHER
        if attribute in changed:
            return _Value.ANOTHER
        return _Value.SAME

    def _of_block(self, block: str) -> _Value:
        """What becomes of a value that is made of all that a block makes."""
        sides = (self.before, self._after)
        made = {each.address for side in sides for each in side.resources.values() if each.block == block}
        changed = any(self.resource(address).action not in (Action.NONE, Action.MOVE) for address in made)
        return _Value.ANOTHER if changed else _Value.SAME

    def _of_data(self, address: str) -> _Value:
        if address not in self._data:
            # As with resources: references in a circle must only not go on for ever.
            self._data[address] = _Value.SAME
            self._data[address] = self._of_look_up(address)
        return self._data[address]

    def _of_look_up(self, address: str) -> _Value:
        old, new = self.before.elements.get(address), self._after.elements.get(address)
        if new is None:
            return _Value.SAME
        for dependency in new.meta.get("depends_on") or ():
            if str(dependency) in self._after.elements and self.resource(str(dependency)).action is not Action.NONE:
                return _Value.UNKNOWN
        for unknown in unknowns(new.given):
            value = self._value(unknown)
            if value is not _Value.SAME:
                return value
        return _Value.SAME if old is not None and old.given == new.given else _Value.ANOTHER

    def _perhaps_the_same(self, then: str | Unknown | None, now: str | Unknown | None) -> bool:
        """Whether two look-ups, written differently, may well find the same thing: one goes by name, one by id."""
        return {self._looked_up(self.before, then), self._looked_up(self._after, now)} == {"name", "id"}

    @staticmethod
    def _looked_up(document: Document, value: str | Unknown | None) -> str | None:
        """How a value is found: by `name`, by `id`; None where it is no look-up."""
        if isinstance(value, str):
            return "id" if len(value) == 36 and value.count("-") == 4 else None
        element = document.follow(value)
        if element is None or not element.data:
            return None
        return "name" if element.given.get("name") else "id"

    def _said(self, document: Document, known: Schema, path: str, value: str | Unknown | None) -> str | None:
        """A value as people read it."""
        if value is None:
            return None
        if plain(path) in known.sensitive:
            return SENSITIVE
        if path == "user_data":
            return f"({len(str(value)):,} characters)"
        said = called(document, value)
        return SENSITIVE if looks_secret(path, said) else said


def looks_secret(path: str, text: str) -> bool:
    """Whether a value, such as one of `metadata["password"]`, looks like a secret that stands in clear."""
    from ivc.policies.secrets import is_secret

    return is_secret(re.split(r"[.\[\]\"]+", path.rstrip('"]'))[-1], text)


def _certain(changes: list[_Change]) -> bool:
    """Whether what is worst in the changes is sure to happen."""
    forcing = [change for change in changes if change.attribute.forces_replacement] or changes
    return not forcing or any(change.certain for change in forcing)


def _covers(entries: list[str], *paths: str) -> bool:
    """Whether one of Terraform's `ignore_changes` entries is about one of the paths."""
    return any(
        entry in ("all", path) or path.startswith((f"{entry}.", f"{entry}[")) for entry in entries for path in paths
    )


def _kept(known: Schema, path: str, configured: Mapping[str, Any]) -> bool:
    """Whether an attribute that is not configured has the value that the provider gave it or left it."""
    if plain(path) not in known.kept:
        return False
    parent, dot, _ = path.rpartition(".")
    return not dot or any(other.startswith(f"{parent}.") for other in configured)
