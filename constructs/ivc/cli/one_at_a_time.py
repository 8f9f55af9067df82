"""`ivc deploy --one-at-a-time`: its options, and the parts of a plan as they are made and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli.running import reviewed, say, tell

if TYPE_CHECKING:
    from ivc.deploy.one_at_a_time import Rolling
    from ivc.deploy.run import Applied, Planned, Run
    from ivc.deploy.server_check import Judge
    from ivc.deploy.standing import Standing
    from ivc.review.model import Review, StackReview

_SECONDS = 300

OneAtATime = Annotated[
    bool,
    typer.Option(
        "--one-at-a-time",
        help="Servers that are replaced or restarted go one after another, each judged before the next.",
    ),
]
Check = Annotated[
    str | None,
    typer.Option(
        "--check",
        metavar="CHECK",
        help="What each must pass, beside being ACTIVE: tcp://{address}:22, http://{address}/health, or a command. "
        "{address:NETWORK} and {name} may stand in it.",
    ),
]
CheckSeconds = Annotated[
    int | None,
    typer.Option("--check-seconds", metavar="N", min=1, help=f"How long a server may take; by default {_SECONDS}."),
]


def judge(one_at_a_time: bool, check: str | None, seconds: int | None) -> Judge | None:
    """Who judges the servers; None where they need not go one at a time. Raises ValueError where options contradict."""
    if not one_at_a_time:
        if check is not None or seconds is not None:
            raise ValueError("--check: nothing is judged without --one-at-a-time: give that as well")
        return None
    if seconds is not None and check is None:
        raise ValueError("--check-seconds: there is no --check that it is for: give one, or leave it away")
    from ivc.deploy.server_check import Judge, ServerCheck

    return Judge(None if check is None else ServerCheck.parse(check), float(seconds or _SECONDS))


def rollings(run: Run, plans: Sequence[Planned], review: Review, judge: Judge) -> list[Rolling]:
    """What applies each plan in parts. Raises ValueError where one cannot be; says in which order its servers go."""
    from ivc.deploy.one_at_a_time import Rolling

    of_stacks = {one.name: one for one in review.stacks}
    found = [Rolling(one, of_stacks[one.stack.name], _Parts(run, one), judge, say) for one in plans]
    for one in found:
        one.check()
    for one in found:
        if one.row:
            check = f", then {judge.check.text}" if judge.check is not None else ""
            say(f"{one.whole.stack.name}: one at a time: {', '.join(one.row)}; each must be ACTIVE{check}.")
    return found


class _Parts:
    """The parts of a plan, by Terraform."""

    def __init__(self, run: Run, whole: Planned) -> None:
        self._run = run
        self._stack = whole.stack
        self._all = whole.targets

    def plan(self, targets: Sequence[str]) -> tuple[Planned, StackReview]:
        plans, review = reviewed([self._stack], None, lambda stack: self._run.plan(stack, targets=targets or self._all))
        return plans[0], review.stacks[0]

    def forget(self, planned: Planned) -> None:
        self._run.forget(planned)

    def apply(self, planned: Planned) -> Applied:
        from ivc.deploy import outcome

        applied = self._run.apply(planned)
        tell(applied.told)
        say(outcome.sentence(applied, command=outcome.again(self._stack.name)))
        return applied

    def standing(self, seen_by: Planned | None = None) -> Mapping[str, Standing]:
        from ivc.deploy.standing import standing

        return standing(self._stack, self._run.state(self._stack, seen_by=seen_by))
