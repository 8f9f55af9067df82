"""`ivc review`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli import gate
from ivc.cli.gate import AllowUnread, FailOn
from ivc.cli.options import output_folder, tell_newer, write, writes
from ivc.pages import page

if TYPE_CHECKING:
    from ivc.review.model import Review
    from ivc.review.reviewer import PlanFile

Output = Path | None


def review(
    base: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="What a synthesis wrote without the change; or an environment of cdktf.out, as --head.",
        ),
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="What it wrote with the change; with --base by default cdktf.out."),
    ] = None,
    plan: Annotated[
        list[str] | None,
        typer.Option(metavar="[STACK=]FILE", help="`terraform show -json` of a plan file; one for each stack."),
    ] = None,
    fail_on: FailOn = "",
    allow_unread: AllowUnread = False,
    limits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the project may have, as `ivc limits` writes it.")
    ] = None,
    markdown: Annotated[Output, writes("--markdown", help="Write a comment for a pull request.")] = None,
    html: Annotated[Output, writes("--html", help="Write a page.")] = None,
    json: Annotated[Output, writes("--json", help=f"Write all facts; see {page('review.schema.json')}.")] = None,
    sarif: Annotated[Output, writes("--sarif", help="Write what policies found, for a code host.")] = None,
) -> None:
    """Say what a change will do, before anything happens.

    Reads two synthesized folders, a Terraform plan, or both. With two environments, `--base prod --head staging`, it
    says in what the second differs from the first. FILE may be - for stdout; without any it prints for a
    terminal. Exit status 0: nothing that --fail-on names; 2: something that it names; 1: an error.
    """
    stops = gate.dangers(fail_on)
    reviewed = _review(base, head, plan or [], limits)
    outputs = {"markdown": markdown, "html": html, "json": json, "sarif": sarif}
    if not any(outputs.values()):
        from rich.console import Console

        from ivc.review.output import terminal

        sys.stdout.write(terminal.render(reviewed, Console(highlight=False)))
    for kind, path in outputs.items():
        if path is not None:
            write(f"--{kind}", path, _rendered(kind, reviewed))
    gate.stop(reviewed, stops, allow_unread=allow_unread)


def _review(base: Path | None, head: Path | None, plans: list[str], limits: Path | None) -> Review:
    from ivc.review import environments, quota, reviewer

    may_have = quota.read(limits) if limits is not None else None
    named = [one for one in (base, head) if one is not None and _is_environment(one)]
    if base is not None and named:
        if head is None or len(named) < 2 or plans:
            raise ValueError(
                f"--base, --head: {named[0]} is no synthesized folder; name the cdktf.out of its branch, which `git "
                "worktree add` and `ivc synth` make, or, of an environment, another one beside it and no --plan"
            )
        return environments.review(output_folder(), base=str(base), head=str(head), limits=may_have)
    is_of_this_project = head is None and (base is not None or not plans)
    if is_of_this_project:
        head = output_folder()
    if base is None and not plans:
        typer.echo("ivc: without --base or --plan all is new.", err=True)
    found = reviewer.review(
        base=base,
        head=head,
        plan=[_plan(text) for text in plans],
        limits=may_have,
    )
    if is_of_this_project:
        tell_newer(output_folder())
    return found


def _is_environment(given: Path) -> bool:
    """Whether it is a name, and no folder that a synthesis wrote."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", str(given)) is not None and not (given / "manifest.json").is_file()


def _plan(text: str) -> PlanFile:
    from ivc.review.reviewer import PlanFile

    stack, sign, path = text.partition("=")
    return PlanFile(Path(path), stack) if sign and not Path(text).exists() else PlanFile(Path(text))


def _rendered(kind: str, reviewed: Review) -> str:
    if kind == "sarif":
        import json

        from ivc.policies import sarif

        findings = [finding for stack in reviewed.stacks for finding in stack.policies]
        return json.dumps(sarif.document(findings), indent=2) + "\n"
    from ivc.review.output import as_json, html, markdown

    return {"markdown": markdown.render, "html": html.render, "json": as_json.render}[kind](reviewed)
