"""What the commands that call Terraform have in common: their options, and what is shown before and after."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli.synth import synthesize

if TYPE_CHECKING:
    from rich.console import Console

    from ivc.deploy.run import Planned, Run
    from ivc.deploy.stacks import Stack
    from ivc.deploy.trouble import Trouble
    from ivc.review.model import Review

Stacks = Annotated[
    list[str] | None, typer.Argument(metavar="STACK", help="Stacks, by name or pattern; by default all.")
]
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="FOLDER", help="What a synthesis wrote; by default it is synthesized anew."),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SERVER", help="A server and what is its own, alone; may be repeated."),
]
Base = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="What a synthesis wrote without the change: shows changed user data, too."),
]
Calls = Annotated[int, typer.Option("--parallelism", metavar="N", min=1, help="Calls to the cloud at a time.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]


Secrets = Annotated[
    Path | None,
    typer.Option(
        "--secrets",
        metavar="FOLDER",
        help="A file for each variable that no TF_VAR_ gives, called as it is; by default IVC_SECRETS.",
    ),
]


CALLS_AT_A_TIME = 40


def begin(
    patterns: list[str] | None,
    folder: Path | None,
    *,
    calls: int = CALLS_AT_A_TIME,
    secrets: Path | None = None,
    only: Sequence[str] = (),
) -> tuple[Run, list[Stack]]:
    """Terraform, and the stacks that are meant, synthesized anew unless a folder is named.

    only: servers; stacks that declare none of them are not meant.
    Raises ValueError, in one sentence, where one of them is not to be had.
    """
    from ivc.cli import progress_view
    from ivc.deploy import only as servers
    from ivc.deploy import secrets as secret_store
    from ivc.deploy import stacks
    from ivc.deploy.run import Run
    from ivc.deploy.terraform import Terraform

    # What is missing is said before anything takes its time.
    terraform = Terraform.find()
    store = secret_store.store(secrets, os.environ)
    chosen = stacks.read((folder or synthesize()).absolute(), patterns or ())
    if only:
        chosen = servers.declaring(chosen, only, option="--only")
    view = progress_view.view(errors())
    return Run(terraform, view, calls_at_a_time=calls, store=store), chosen


def errors() -> Console:
    """The console for what is no result: how far it is, and what is wrong."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def show(review: Review, *, beside: bool = False) -> None:
    """Print a review as `ivc review` does. beside: to stderr, where something else is the result."""
    from rich.console import Console

    from ivc.review.output import terminal

    stream = sys.stderr if beside else sys.stdout
    stream.write(terminal.render(review, Console(file=stream, highlight=False)))
    stream.flush()


def tell(told: Sequence[Trouble]) -> None:
    """Say on stderr what Terraform found wrong or odd."""
    for one in told:
        say(f"{'error' if one.is_error else 'warning'}: {one}", style="bold red" if one.is_error else "yellow")


def say(sentence: str, *, style: str = "") -> None:
    """Say something on stderr: folded for a terminal, on one line elsewhere."""
    from rich.text import Text

    console = errors()
    console.print(Text(sentence, style), soft_wrap=not console.is_terminal)


def reviewed(
    stacks: Sequence[Stack], base: Path | None, plan_of: Callable[[Stack], Planned]
) -> tuple[list[Planned], Review]:
    """A plan of each stack, and the review of them. Their JSON is taken away, also where a plan fails."""
    from ivc.deploy import run

    try:
        planned = [plan_of(stack) for stack in stacks]
        return planned, run.review(planned, base=base)
    finally:
        run.forget_json(stacks)


def plan(
    run: Run, stacks: Sequence[Stack], *, only: Sequence[str], base: Path | None
) -> tuple[list[Planned], Review, list[str]]:
    """Plan stacks: their plans, the review of them, and what `--only` leaves, a sentence each."""
    from ivc.deploy.only import left_out, targets

    left: list[str] = []
    if only:
        _, whole = reviewed(stacks, base, run.plan)
        planned, review = reviewed(stacks, base, lambda stack: run.plan(stack, targets=targets(stack, only)))
        left = left_out(whole, review)
    else:
        planned, review = reviewed(stacks, base, run.plan)
    for one in planned:
        tell(one.told)
        if one.address:
            say(f"{one.stack.name}: the run is {one.address}")
    return planned, review, left


def show_left(left: Sequence[str], *, since: str = "--only is given", beside: bool = False) -> None:
    """Say what a plan of some servers leaves, and why. beside: on stderr."""
    if left:
        listed = "\n".join(f"* {one}" for one in left)
        typer.echo(f"\nLeft as it is, since {since}: {len(left)}\n{listed}", err=beside)
