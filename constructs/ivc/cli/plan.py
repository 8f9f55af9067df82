"""`ivc plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivc.cli import gate
from ivc.cli.gate import AllowUnread, FailOn
from ivc.cli.options import is_stdout, write, writes
from ivc.cli.running import CALLS_AT_A_TIME, Base, Calls, From, Only, Secrets, Stacks, begin, plan, show, show_left
from ivc.pages import page


def plan_stacks(
    stack: Stacks = None,
    from_: From = None,
    only: Only = None,
    base: Base = None,
    fail_on: FailOn = "",
    allow_unread: AllowUnread = False,
    json: Annotated[
        Path | None, writes("--json", help=f"Write the review as JSON; see {page('review.schema.json')}.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit status 2 where anything changes.")] = False,
    secrets: Secrets = None,
    parallelism: Calls = CALLS_AT_A_TIME,
) -> None:
    """Say what a deploy would do, and keep the plans: `ivc deploy --planned` applies these very files.

    The review is that of `ivc review --head FOLDER --plan STACK=FILE`. Exit status 0: nothing that --fail-on names; 2:
    something that it names; 1: an error.
    """
    stops = gate.dangers(fail_on)
    run, stacks = begin(stack, from_, calls=parallelism, secrets=secrets, only=only or ())
    planned, review, left = plan(run, stacks, only=only or (), base=base)
    if json is not None:
        from ivc.review.output import as_json

        write("--json", json, as_json.render(review))
    if not is_stdout(json):
        show(review)
        show_left(left)
    gate.stop(review, stops, allow_unread=allow_unread)
    if exit_code and any(one.has_changes for one in planned):
        raise typer.Exit(2)
