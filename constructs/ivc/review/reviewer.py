"""A review, made of folders, a plan, or both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ivc import estate
from ivc.estate import EstateError
from ivc.review import fixed_ip_conflict, other_changes, pending_user_data, quota, server_change, settings
from ivc.review import plan as plans
from ivc.review.compare import Comparison, compare, moves
from ivc.review.findings import findings
from ivc.review.model import Action, Danger, Resource, Review, StackReview, Thing
from ivc.review.plan import Plan
from ivc.review.quota import Limits
from ivc.review.redundancy import at_once
from ivc.review.server import Server
from ivc.review.side import Side
from ivc.review.topology import topology
from ivc.review.unread import left_as_it_is, of_folders, of_resources, untold
from ivc.terraform.address import type_of
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, say


@dataclass(frozen=True)
class PlanFile:
    """A plan to read. stack: the name of its stack; None where the plan itself tells."""

    path: Path
    stack: str | None = None


def review(
    *, base: Path | None = None, head: Path | None = None, plan: Sequence[PlanFile] = (), limits: Limits | None = None
) -> Review:
    """What a change does.

    base, head: synthesized folders, without the change and with it; without `base` all of `head` is new, unless a plan
    tells what stands. plan: a plan for each stack that has one; without `base` only these are reviewed, since of the
    others nobody knows what stands. limits: what the project may have.

    Raises EstateError or PlanError, in one sentence, for what cannot be read or does not belong together.
    """
    then, now = _sides(base), _sides(head)
    read: dict[str, Plan] = {}
    for file in plan:
        found = plans.read(file.path)
        name = file.stack or _whose(found, now)
        if name in read:
            raise EstateError(
                f"{file.path} is a plan of stack {name}, and so is {read[name].path}: give one of the two."
            )
        if head is not None and name not in now:
            raise EstateError(f"{file.path} is a plan of stack {name}, which {head} has not: give the folder it is of.")
        read[name] = found
    if base is not None and head is not None and then and now and not {*then} & {*now}:
        raise EstateError(
            f"{base} and {head} have no stack in common ({', '.join(then)} and {', '.join(now)}): give the same "
            "project's folder, without the change and with it."
        )
    names = {*read} if read and base is None else {*then, *now, *read}
    stacks = [
        stack_review(
            name, then.get(name), now.get(name), read.get(name), limits, (_place(base, name), _place(head, name))
        )
        for name in sorted(names, key=as_counted)
    ]
    return Review(tuple(stacks), source="folders" if not read else "plan" if head is None else "both")


def _whose(plan: Plan, now: Mapping[str, Side]) -> str:
    """The stack that a plan is of: by the marks of what it makes, by what is declared, by the name of its file."""
    if plan.name is not None:
        return plan.name
    declared = [name for name, side in now.items() if plan.declared == _declared(side)]
    if len(declared) == 1:
        return declared[0]
    return next(iter(now)) if len(now) == 1 else plan.path.name.partition(".")[0]


def _declared(side: Side) -> frozenset[str]:
    return frozenset(element.block for element in side.document.resources.values())


def _sides(folder: Path | None) -> dict[str, Side]:
    if folder is None:
        return {}
    # All of them: one that has nothing on OpenStack any more destroys what it had.
    return {each.name: Side.of_folder(each) for each in estate.synthesized(folder)}


def _place(folder: Path | None, stack: str) -> Path | None:
    return None if folder is None else folder / "stacks" / stack


def stack_review(
    name: str,
    base: Side | None,
    head: Side | None,
    plan: Plan | None,
    limits: Limits | None,
    folders: tuple[Path | None, Path | None],
) -> StackReview:
    """What a change does to one stack. folders: its own in the synthesized ones, without the change and with it."""
    notes: list[Sentence] = []
    if base is not None and head is None and plan is None and folders[1] is not None:
        note = say(
            "stack {} is not declared any more: that destroys nothing of it; run {} before its declaration goes",
            name,
            f"ivc destroy {name}",
        )
        return StackReview(name, notes=(note,))
    before, after = base or Side.empty(name), head or Side.empty(name)
    if plan is not None:
        if head is None:
            after = Side.of_document(plan.after, plan.user_data)
        else:
            _check_same(plan, head)
            after = head.completed(plan.after)
        if base is not None:
            before = base.completed(plan.before).with_actual(plan.before)
        else:
            before = Side.of_document(plan.before)
    comparison = Comparison(before.document, after.document)
    names = moves(before.document, after.document) if plan is None or head is not None else _moves(plan)
    resources = comparison.resources() if plan is None else list(plan.resources)
    before = before.renamed({former: new for former, new in names.items() if former in before.document.elements})
    declared = after
    if plan is None:
        made = {one.address for one in resources if one.action in (Action.CREATE, Action.REPLACE, Action.IMPORT)}
        after = after.keeping(before.document, lambda address: address not in made)
    # What is unknown on both sides alike is no more open than it was; what else is unknown of what was may hide much.
    before = replace(before, assumed=frozenset(filter(comparison.is_same, before.unknowns & after.unknowns)))
    unread = [*(plan.partly if plan is not None else ()), *of_resources(resources, after)]
    if plan is not None:
        notes += _notes_on_plan(plan, base, head)
    things = _things(before, after, resources)
    if base is not None and head is not None:
        things += settings.things(base, head, planned=plan is not None)
        notes += settings.unprotected(before, after)
        former = base.renamed({old: new for old, new in names.items() if old in base.document.elements})
        notes += left_as_it_is(former, head, resources)
        notes += pending_user_data.of_others(before, after, {thing.id for thing in things if thing.kind == "instance"})
    if plan is None and head is not None:
        unread += of_folders(before, after, comparison)
        notes += untold(before, declared) if base is not None else ()
    notes += fixed_ip_conflict.conflicts(before, after, resources)
    instances = {thing.id: thing for thing in things if thing.kind == "instance"}
    actions = {resource.address: resource.action for resource in resources}
    return StackReview(
        name=name,
        things=tuple(sorted(things, key=_importance)),
        at_once=tuple(at_once(before, instances)),
        unread=tuple(unread),
        unchanged=sum(one not in instances for one in after.instances),
        outside=plan.outside if plan is not None else (),
        failing=plan.failing if plan is not None else (),
        notes=tuple(notes),
        counts=quota.counts(before.stack, after.stack, before.document, after.document, limits) if limits else (),
        policies=tuple(findings(*folders, before, after)),
        topology=topology(before, after, instances, actions),
    )


def _moves(plan: Plan) -> dict[str, str]:
    return {one.moved_from: one.address for one in plan.resources if one.moved_from}


def _things(before: Side, after: Side, resources: Sequence[Resource]) -> list[Thing]:
    """The resources as the things that people know."""
    of_instances: dict[str, list[Resource]] = defaultdict(list)
    of_others: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        instance = after.owners.get(resource.address) or before.owners.get(resource.address)
        if instance is not None:
            of_instances[instance].append(resource)
        else:
            of_others[other_changes.owner(resource.address, before, after)].append(resource)
    fates = {resource.address: resource.action for resource in resources}
    unchanged = (Server(one, before, after, (), fates) for one in after.instances if one not in of_instances)
    return [
        *(server_change.thing(Server(one, before, after, found, fates)) for one, found in of_instances.items()),
        # Nothing of it changes, while the world comes to reach more of it than its groups alone tell.
        *(server_change.thing(server) for server in unchanged if server.old is not None and server.opens),
        *(other_changes.thing(address, before, after, found) for address, found in of_others.items()),
        *other_changes.opened(before, after, of_others),
    ]


def _importance(thing: Thing) -> tuple[object, ...]:
    """Dangers first, in their order, then by what happens, servers before others."""
    dangers = [list(Danger).index(danger) for danger in thing.dangers]
    return (
        min(dangers, default=len(Danger)),
        list(Action).index(thing.action),
        thing.kind != "instance",
        as_counted(thing.id),
    )


def _check_same(plan: Plan, head: Side) -> None:
    """Raise EstateError where a plan was not made from a folder."""
    if plan.declared is None:
        return
    declared = _declared(head)
    for left, words in ((plan.declared - declared, "has"), (declared - plan.declared, "has not")):
        if left:
            raise EstateError(
                f"{plan.path} was not made from the folder given: the plan {words} {min(left)}, unlike the folder; "
                "plan what you review."
            )


def _notes_on_plan(plan: Plan, base: Side | None, head: Side | None) -> Iterator[Sentence]:
    yield from plan.notes
    if base is None or head is None:
        return
    alone = {one.address: one for one in compare(base.document, head.document)}
    planned = {one.address: one for one in plan.resources}
    for address in sorted({*alone, *planned}, key=as_counted):
        if type_of(address) == "terraform_data":
            continue
        said = alone[address].action if address in alone else Action.NONE
        does = planned[address].action if address in planned else Action.NONE
        if said is not does:
            yield say(f"the plan says {does} for {{}}, and the declarations alone would have said {said}", address)
