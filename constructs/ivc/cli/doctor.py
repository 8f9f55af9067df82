"""`ivc doctor`."""

from __future__ import annotations

import os

import typer

from ivc.cli.options import output_folder


def doctor() -> None:
    """Say whether this machine has what is needed to declare and review, and to plan and deploy.

    Of credentials it tells the names alone, and it asks no cloud. Exit status 1 where anything is missing, with what to
    do.
    """
    from ivc.deploy import machine

    # A clouds.yaml is looked for where Terraform runs, which is not here.
    stacks = output_folder().absolute() / "stacks"
    groups = {
        "To declare and review": machine.to_declare(),
        "To plan and deploy": machine.to_deploy(stacks, os.environ),
    }
    is_right = True
    for title, parts in groups.items():
        typer.echo(f"{title}:")
        for part in parts:
            typer.echo(f"  {'ok     ' if part.is_right else 'missing'}  {part.name}: {part.said}")
            is_right = is_right and part.is_right
    if not is_right:
        raise typer.Exit(1)
