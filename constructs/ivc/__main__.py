"""The command line: `ivc COMMAND`, or `python -m ivc COMMAND`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ivc import estate, summary

_EXAMPLES = """
Examples:

\b
  ivc summary                 what the program of this project declares
  ivc summary cdktf.out       the same of a folder, wherever it was written
  ivc summary | less          plain text, folded to 80 columns
"""

app = typer.Typer(
    help=f"Infrastructure via code for OpenStack: look at what was synthesized.\n{_EXAMPLES}",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("summary")
def show_summary(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="What a synthesis wrote; by default cdktf.out of the current project."),
    ] = None,
) -> None:
    """Show what a synthesized folder declares.

    Its instances, networks, security groups and files; asks no cloud and changes nothing.
    """
    console = Console(highlight=False)
    sys.stdout.write(summary.render(estate.read(folder or _output_folder()), console))


def _output_folder() -> Path:
    """Where the current project's output is: the project is the nearest folder above with a cdktf.json."""
    chosen = os.environ.get("CDKTF_OUTDIR")
    if chosen:
        return Path(chosen)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "cdktf.json").is_file():
            return Path(os.path.relpath(folder / "cdktf.out"))
    return Path("cdktf.out")


def main() -> None:
    """Run the command line; what went wrong is one sentence on stderr, with exit status 1."""
    # A name may hold what the terminal's encoding has not.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except estate.EstateError as error:
        sys.exit(f"ivc: {error}")


if __name__ == "__main__":
    main()
