"""`ivc replace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli import gate
from ivc.cli.deploy import Json, Session, check_can_ask
from ivc.cli.gate import AllowUnread, FailOn
from ivc.cli.options import is_stdout
from ivc.cli.running import CALLS_AT_A_TIME, Calls, From, Secrets, Yes, begin, reviewed, say, show, show_left, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ivc.deploy.run import Planned
    from ivc.deploy.stacks import Stack
    from ivc.review.model import Review


def replace(
    server: Annotated[list[str], typer.Argument(metavar="SERVER", help="Servers, by their ids.")],
    stack: Annotated[
        list[str] | None,
        typer.Option("--stack", metavar="STACK", help="Where they are declared, by name or pattern; by default all."),
    ] = None,
    from_: From = None,
    fail_on: FailOn = "",
    allow_unread: AllowUnread = False,
    yes: Yes = False,
    json: Json = None,
    secrets: Secrets = None,
    parallelism: Calls = CALLS_AT_A_TIME,
) -> None:
    """Make servers anew, of the newest images of their names: plan, show the review, ask, and apply that very plan.

    Their ports, addresses and volumes stay, root volumes too; what is on other root disks is lost. Several go at once.
    Where other changes wait for a deploy, they are told and left. Exit status as that of `ivc deploy`.
    """
    from ivc.deploy import images
    from ivc.deploy.only import declaring, left_out, targets

    stops = gate.dangers(fail_on)
    check_can_ask(yes, json)
    run, stacks = begin(stack, from_, calls=parallelism, secrets=secrets)
    chosen = declaring(stacks, server)
    _check_each_is_one(chosen, server)
    told: list[str] = []

    def plan(one: Stack, limits: Sequence[str] = ()) -> Planned:
        planned = run.plan(one, targets=limits, replace=_addresses(one, server))
        told.extend(images.given(planned.json))
        return planned

    own = {one.name: targets(one, server) for one in chosen}
    plans, review = reviewed(chosen, None, plan)
    left: list[str] = []
    if not _is_of(review, own):
        # Other changes wait for a deploy.
        told.clear()
        for each in plans:
            run.forget(each)
        whole = review
        plans, review = reviewed(chosen, None, lambda one: plan(one, own[one.name]))
        left = left_out(whole, review)
    try:
        for each in plans:
            tell(each.told)
        show(review, beside=is_stdout(json))
        show_left(left, since="it is none of what is replaced", beside=is_stdout(json))
        for sentence in told:
            say(f"{sentence}.")
        gate.stop(review, stops, allow_unread=allow_unread)
        with Session(run, yes=yes, json=json) as session:
            session.apply(plans, review, "Replace in")
    finally:
        # `ivc deploy --planned` is not to find it.
        for each in plans:
            run.forget(each)


def _is_of(review: Review, own: Mapping[str, Sequence[str]]) -> bool:
    """Whether a review holds nothing but what is the servers' own, by stack."""
    return all(
        one.address in own[stack.name] for stack in review.stacks for thing in stack.things for one in thing.resources
    )


def _addresses(stack: Stack, servers: Sequence[str]) -> list[str]:
    """The Terraform addresses of servers themselves."""
    from ivc.review.side import Side

    return [one.address for one in Side.of_document(stack.read).stack.instances if one.id in servers]


def _check_each_is_one(stacks: Sequence[Stack], servers: Sequence[str]) -> None:
    from ivc.deploy.only import declaring

    for server in servers:
        names = [one.name for one in declaring(stacks, [server])]
        if len(names) > 1:
            raise ValueError(f"{server}: stacks {' and '.join(names)} each declare one: say which, --stack {names[0]}")
