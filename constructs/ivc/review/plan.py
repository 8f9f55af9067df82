"""Terraform's plan, as `terraform show -json` writes it (format 1.x; Terraform 1.5 and newer, OpenTofu).

The plan is the authority on what Terraform will do. It hides what user data says, and calls the wiping of a disk an
update.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ivc.estate import families
from ivc.estate.kinds import INSTANCE, TRIGGER
from ivc.estate.triggers import owner_of
from ivc.review.model import Action, Attribute, Resource
from ivc.review.plan_outside import failing, outside
from ivc.review.plan_values import attributes
from ivc.terraform.document import Document
from ivc.terraform.plan_document import UNKNOWN, PlanDocuments
from ivc.terraform.plan_file import PlanError, load
from ivc.terraform.provider import WIPES
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, listed, say

_ACTIONS = {
    ("no-op",): Action.NONE,
    ("read",): Action.NONE,
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DESTROY,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget",): Action.FORGET,
}
_MARKED = {family.type: family.mark for family in families.FAMILIES if family.mark is not None}
"""Which argument carries the mark of what the library makes."""
_MARK = re.compile(r"(?:^| \[)ivc:(?P<stack>[A-Za-z][A-Za-z0-9_-]*)/[A-Za-z0-9_.-]+\]?$")


@dataclass(frozen=True)
class Plan:
    """A plan of one stack.

    name: the stack's, as its resources are marked; None where nothing in it is.
    path: the file. partly: why it does not tell all that may happen; empty where it does.
    declared: the addresses of resources that it was made from; None where it does not say.
    resources: what happens to each; those with nothing to happen are left out.
    outside: what somebody did outside of Terraform. failing: checks and conditions that fail. notes: what else it says.
    before, after: what stands and what will stand; values known only at apply are references.
    user_data: by instance, its text where the plan holds it whole.
    """

    name: str | None
    path: Path
    partly: tuple[Sentence, ...]
    declared: frozenset[str] | None
    resources: tuple[Resource, ...]
    outside: tuple[Sentence, ...]
    failing: tuple[Sentence, ...]
    notes: tuple[Sentence, ...]
    before: Document
    after: Document
    user_data: Mapping[str, str]


def read(path: Path) -> Plan:
    """The plan in a file; raises PlanError where it is none, or is of a format that is not known here."""
    document = load(path)
    try:
        return _Reader(path, document).plan()
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise PlanError(f"{path} is not as Terraform writes a plan ({error!r}): write it anew.") from None


class _Reader:
    """Reads one plan's JSON."""

    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        self._path = path
        self._document = document
        self._documents = PlanDocuments(document)

    def plan(self) -> Plan:
        resources = tuple(
            resource for change in (*self._changes, *self._deferred) if (resource := self._resource(change)) is not None
        )
        return Plan(
            name=_stack(self._documents.after) or _stack(self._documents.before),
            path=self._path,
            partly=tuple(self._partly()),
            declared=self._documents.declared,
            resources=resources,
            outside=tuple(outside(self._document, self._documents, resources)),
            failing=tuple(failing(self._document)),
            notes=tuple(self._notes()),
            before=self._documents.before,
            after=self._documents.after,
            user_data=dict(self._user_data()),
        )

    def _user_data(self) -> Iterator[tuple[str, str]]:
        """By instance, its user data where the plan holds the whole text."""
        for element in self._documents.after.of_type(INSTANCE):
            text = self._documents.constant(element.block, "user_data")
            if isinstance(text, str):
                yield element.title, text

    @cached_property
    def _changes(self) -> list[Mapping[str, Any]]:
        return [change for change in self._document.get("resource_changes", []) if change["mode"] == "managed"]

    @cached_property
    def _deferred(self) -> list[Mapping[str, Any]]:
        """Changes that Terraform leaves to a later plan."""
        listed = [each["resource_change"] for each in self._document.get("deferred_changes", [])]
        return [change for change in listed if change["mode"] == "managed"]

    def _partly(self) -> Iterator[Sentence]:
        if self._document.get("errored"):
            yield say("the plan is not whole, since Terraform failed while it made it")
        elif self._document.get("complete") is False:
            yield say("the plan is not whole: it was made for some resources alone, or leaves some to a later one")
        if self._deferred:
            names = listed(change["address"] for change in self._deferred)
            yield say("left to a later plan, which may see it otherwise: {}", names)

    def _notes(self) -> Iterator[Sentence]:
        outputs = self._document.get("output_changes") or {}
        changed = [name for name, change in outputs.items() if change.get("actions") not in (None, ["no-op"])]
        if changed and not any(change["change"]["actions"] != ["no-op"] for change in self._changes):
            yield say("only outputs change: {}", listed(sorted(changed, key=lambda one: as_counted(str(one)))))

    def _resource(self, change: Mapping[str, Any]) -> Resource | None:
        address, said = change["address"], change["change"]
        action = _ACTIONS.get(tuple(said["actions"]))
        if action is None:
            raise PlanError(
                f"{self._path}: {address} has the actions {said['actions']}, which are not known here: use a newer ivc."
            )
        moved_from = change.get("previous_address")
        imported = (said.get("importing") or {}).get("id")
        attributes = () if action in (Action.DESTROY, Action.FORGET) else tuple(self._attributes(change))
        certain = True
        if action is Action.UPDATE:
            wiping = [one for one in attributes if one.top in WIPES.get(change["type"], ())]
            action = Action.WIPE if wiping else action
            # An image that is looked up at apply may turn out to be the same.
            certain = not wiping or any(one.after != UNKNOWN for one in wiping)
        if action is Action.NONE and moved_from:
            action = Action.MOVE
        if action is Action.NONE and imported is not None:
            action = Action.IMPORT
        if action is Action.NONE:
            return None
        if "deposed" in change:
            # What an earlier apply put aside and could not destroy; the resource itself is another.
            address = f"{address} (deposed {change['deposed']})"
        return Resource(address, action, attributes, moved_from=moved_from, imported=imported, certain=certain)

    def _attributes(self, change: Mapping[str, Any]) -> Iterator[Attribute]:
        """What changes of what the configuration says, and what forces a replacement."""
        forcing = [_path(steps) for steps in change["change"].get("replace_paths", [])]
        seen: set[str] = set()
        for one in attributes(self._documents, change):
            forces = [path for path in forcing if one.path == path or one.path.startswith((f"{path}.", f"{path}["))]
            seen |= {*forces}
            # What is configured no more the provider sets back; what it fills in by itself is known only at apply.
            if forces or one.after != UNKNOWN or self._documents.says(change["address"], one.path):
                yield replace(one, forces_replacement=bool(forces))
        for path in forcing:
            if path not in seen:
                yield Attribute(path, None, None, forces_replacement=True)
        yield from self._reason(change)

    def _reason(self, change: Mapping[str, Any]) -> Iterator[Attribute]:
        """Why it is replaced, where no attribute of its own is the reason."""
        reason = change.get("action_reason")
        if reason == "replace_by_triggers":
            for trigger in self._triggers(change["address"]):
                said = [one for one in attributes(self._documents, trigger) if one.top == "input"]
                before, after = (
                    ", ".join(filter(None, (getattr(one, side) for one in said))) for side in ("before", "after")
                )
                yield Attribute(f"replace_triggered_by.{trigger['address']}", before, after, forces_replacement=True)
        elif reason == "replace_because_tainted":
            yield Attribute("tainted", "it was not made whole", None, forces_replacement=True)
        elif reason == "replace_by_request":
            yield Attribute("-replace", None, "asked for on the command line", forces_replacement=True)

    def _triggers(self, address: str) -> Iterator[Mapping[str, Any]]:
        """The library's own triggers of it that change."""
        return iter(self._changed_triggers.get(address, ()))

    @cached_property
    def _changed_triggers(self) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for change in self._changes:
            changed = tuple(change["change"]["actions"]) not in (("no-op",), ("create",))
            if changed and change["type"] == TRIGGER:
                found.setdefault(owner_of(change["name"]), []).append(change)
        return found


def _stack(document: Document) -> str | None:
    """The stack's name, after the mark that the library gives everything it makes; None where nothing has one."""
    for element in document.resources.values():
        field = _MARKED.get(element.type)
        value = element.given.get(field) if field is not None else None
        if isinstance(value, Mapping):
            value = f"ivc:{value.get('ivc', '')}"
        found = _MARK.search(value) if isinstance(value, str) else None
        if found is not None:
            return found["stack"]
    return None


def _path(steps: Sequence[str | int]) -> str:
    """Terraform's steps as a path: `["network", 0, "port"]` is `network[0].port`."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path
