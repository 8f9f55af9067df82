"""`ivc deploy` and `ivc destroy`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Never

import typer

from ivc.cli import gate
from ivc.cli import one_at_a_time as rolling
from ivc.cli.gate import AllowUnread, FailOn
from ivc.cli.one_at_a_time import Check, CheckSeconds, OneAtATime
from ivc.cli.options import is_stdout, write, writes
from ivc.cli.running import (
    CALLS_AT_A_TIME,
    Base,
    Calls,
    From,
    Only,
    Secrets,
    Stacks,
    Yes,
    begin,
    plan,
    reviewed,
    say,
    show,
    show_left,
    tell,
)

if TYPE_CHECKING:
    from ivc.deploy.one_at_a_time import Rolling
    from ivc.deploy.run import Planned, Run
    from ivc.review.model import Review

Json = Annotated[
    Path | None, writes("--json", help="Write what became of each stack as JSON. On stdout nothing else is, then.")
]


def deploy(
    stack: Stacks = None,
    from_: From = None,
    only: Only = None,
    base: Base = None,
    fail_on: FailOn = "",
    allow_unread: AllowUnread = False,
    planned: Annotated[
        bool, typer.Option("--planned", help="Apply the plans that `ivc plan` kept, and synthesize nothing.")
    ] = False,
    yes: Yes = False,
    json: Json = None,
    secrets: Secrets = None,
    parallelism: Calls = CALLS_AT_A_TIME,
    one_at_a_time: OneAtATime = False,
    check: Check = None,
    check_seconds: CheckSeconds = None,
) -> None:
    """Plan, show the review, ask, and apply that very plan; stacks that need others come after them.

    With --one-at-a-time it is applied in parts, each by a plan of its own that must be a part of what was approved. It
    stops at the first server that fails, and the same command goes on from there.

    Ctrl-C once lets Terraform end what it began. Exit status 0: done, or nothing to do; 2: something that --fail-on
    names, and nothing more was done; 1: an error, a server that fails its check, or it was not confirmed.
    """
    from ivc.cli.options import output_folder

    stops, judge = gate.dangers(fail_on), rolling.judge(one_at_a_time, check, check_seconds)
    if planned and only:
        raise ValueError("--planned: a plan was made for what --only said then; leave --only away")
    check_can_ask(yes, json)
    folder = from_ or (output_folder() if planned else None)
    run, stacks = begin(stack, folder, calls=parallelism, secrets=secrets, only=only or ())
    from ivc.deploy.stacks import waves

    with Session(run, yes=yes, json=json) as session:
        for wave in waves(stacks):
            left: Sequence[str] = ()
            if planned:
                plans, review = reviewed(wave, base, run.planned)
            else:
                plans, review, left = plan(run, wave, only=only or (), base=base)
            if judge is not None:
                from ivc.deploy.one_at_a_time import without_at_once

                review = without_at_once(review)
            show(review, beside=is_stdout(json))
            show_left(left, beside=is_stdout(json))
            gate.stop(review, stops, allow_unread=allow_unread)
            if judge is None:
                session.apply(plans, review, "Deploy")
            else:
                session.roll(rolling.rollings(run, plans, review, judge), review)


def destroy(
    stack: Stacks = None,
    from_: From = None,
    yes: Yes = False,
    json: Json = None,
    secrets: Secrets = None,
    parallelism: Calls = CALLS_AT_A_TIME,
) -> None:
    """Plan to destroy all of the stacks, show the review, ask, and apply that very plan.

    Volumes that are looked up, and what they hold, stay. Exit status 0: done; 1: an error, or it was not confirmed.
    """
    check_can_ask(yes, json)
    run, stacks = begin(stack, from_, calls=parallelism, secrets=secrets)
    from ivc.deploy.stacks import waves

    with Session(run, yes=yes, json=json) as session:
        for wave in reversed(waves(stacks)):
            plans, review = reviewed(wave, None, partial(run.plan, destroy=True))
            show(review, beside=is_stdout(json))
            session.apply(plans, review, "Destroy")


def check_can_ask(yes: bool, json: Path | None) -> None:
    """Before anything takes its time."""
    if is_stdout(json) and not yes:
        raise ValueError("--json: nobody can be asked on stdout then; give --yes as well")
    if json is not None and not json.parent.is_dir():
        raise ValueError(f"--json: there is no folder {json.parent}: make it, or name another")
    if not yes and not sys.stdin.isatty():
        raise ValueError("there is no terminal to ask whether to go on: give --yes")


class Session:
    """What was applied so far, and what is said of it at its end, however that comes."""

    def __init__(self, run: Run, *, yes: bool, json: Path | None) -> None:
        self._run = run
        self._yes = yes
        self._json = json
        self._results: dict[str, dict[str, Any]] = {}

    def apply(self, plans: Sequence[Planned], review: Review, word: str) -> None:
        """Ask, apply plans one after the other, and say what became of each; ends where one fails."""
        from ivc.deploy import outcome

        changing = self._confirmed(plans, review, word)
        for number, one in enumerate(changing):
            applied = self._run.apply(one)
            self._results[one.stack.name] = outcome.of(applied)
            tell(applied.told)
            say(outcome.sentence(applied), style="bold")
            if not applied.succeeded:
                self._end(changing[number + 1 :])

    def roll(self, rollings: Sequence[Rolling], review: Review) -> None:
        """Likewise, each plan in parts. Servers that are yet to be judged are, also where nothing is to be applied."""
        from ivc.deploy import outcome

        changing = self._confirmed([one.whole for one in rollings], review, "Deploy")
        for number, one in enumerate(rollings):
            rolled, stack = one.go(), one.whole.stack
            if one.whole.has_changes or not rolled.succeeded:
                self._results[stack.name] = outcome.rolled(rolled, self._run.outputs(stack))
            if said := outcome.sentence_of_rolled(stack.name, rolled):
                say(said, style="bold" if rolled.succeeded else "bold red")
            if not rolled.succeeded:
                self._end([each.whole for each in rollings[number + 1 :] if each.whole in changing])

    def _confirmed(self, plans: Sequence[Planned], review: Review, word: str) -> list[Planned]:
        """Those of the plans that change anything, when somebody said that they may."""
        from ivc.deploy import outcome
        from ivc.review.output.wording import verdict

        for one in plans:
            if not one.has_changes:
                if self._run.encrypt_state(one):
                    done = "its state is encrypted now; take former_passphrase or former_unencrypted away"
                    say(f"{one.stack.name}: {done}.", style="bold")
                self._results[one.stack.name] = outcome.unchanged({} if one.destroys else self._run.outputs(one.stack))
        changing = [one for one in plans if one.has_changes]
        names = ", ".join(one.stack.name for one in changing)
        if changing and not self._yes and not typer.confirm(f"\n{word} {names} ({verdict(review)})?", default=False):
            for one in changing:
                self._run.discard(one)
            raise ValueError(f"{names}: not confirmed, and nothing of it was changed")
        return changing

    def _end(self, left: Sequence[Planned]) -> Never:
        """End the command, since one failed. left: what was to come after it."""
        from ivc.deploy import outcome

        for one in left:
            self._results[one.stack.name] = outcome.not_begun()
            say(f"{one.stack.name}: not begun.")
        raise typer.Exit(1)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        if self._json is not None:
            import json

            write("--json", self._json, json.dumps({"stacks": self._results}, indent=2) + "\n")
        if is_stdout(self._json):
            return
        from ivc.cli import outputs_view

        outputs_view.show({name: result["outputs"] for name, result in self._results.items()})
