"""`ivc summary`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ivc import estate
from ivc.cli.options import output_folder


def show_summary(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="What a synthesis wrote; by default cdktf.out of the current project."),
    ] = None,
) -> None:
    """Show what a synthesized folder declares.

    Its instances, networks, security groups and files; asks no cloud and changes nothing.
    """
    from rich.console import Console

    from ivc.cli import summary_view

    sys.stdout.write(summary_view.render(estate.read(folder or output_folder()), Console(highlight=False)))
