"""The command line: `ivc COMMAND`, or `python -m ivc COMMAND`."""

from __future__ import annotations

import sys

import typer

from ivc.cli.boot import boot
from ivc.cli.check import check
from ivc.cli.render import render
from ivc.cli.seed import write_seed
from ivc.cli.summary import show_summary

_EXAMPLES = """
Examples:

\b
  ivc summary                        what the program of this project declares
  ivc render www-1                   the user data of one of its instances
  ivc check                          what is wrong with the user data of any
  ivc boot www-1                     what it does on a real guest, on this machine
  ivc render userdata/www.yaml.jinja --var site=shop.example
  ivc seed www-1 --output www-1.iso  the same for Libvirt and bare metal
"""

app = typer.Typer(
    help=f"Infrastructure via code for OpenStack: look at what was synthesized, and try it.\n{_EXAMPLES}",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command("summary")(show_summary)
app.command("render")(render)
app.command("check")(check)
app.command("boot")(boot)
app.command("seed")(write_seed)


def main() -> None:
    """Run the command line; what went wrong is one sentence on stderr, with exit status 1."""
    # A name may hold what the terminal's encoding has not.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except ValueError as error:
        sys.exit(f"ivc: {error}")


if __name__ == "__main__":
    main()
