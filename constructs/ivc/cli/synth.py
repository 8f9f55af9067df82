"""`ivc synth`, and the synthesis with which other commands begin."""

from __future__ import annotations

from pathlib import Path

import typer

from ivc.cli.options import output_folder


def synth() -> None:
    """Run the program of this project, and write what it declares.

    The program is what cdktf.json names, and the output folder is cdktf.out beside it, unless CDKTF_OUTDIR says
    another. Needs no cloud and no Terraform.
    """
    from ivc import estate

    output = synthesize()
    names = ", ".join(one.name for one in estate.synthesized(output)) or "no stack"
    typer.echo(f"Synthesized in {output}: {names}.")


def synthesize() -> Path:
    """Run the program of the project; returns the output folder. Ends the command where the program fails."""
    from ivc.deploy import program

    output = output_folder()
    if not program.synthesize(output):
        raise typer.Exit(1)  # it said why
    return output
