"""The command line: `ivc COMMAND`, or `python -m ivc COMMAND`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from ivc.cli.bake import bake
from ivc.cli.boot import boot
from ivc.cli.check import check
from ivc.cli.deploy import deploy, destroy
from ivc.cli.diagram import draw
from ivc.cli.doctor import doctor
from ivc.cli.explain import explain
from ivc.cli.init import init
from ivc.cli.inventory import show_inventory
from ivc.cli.limits import show_limits
from ivc.cli.move_state import move_state
from ivc.cli.outputs import show_outputs
from ivc.cli.plan import plan_stacks
from ivc.cli.render import render
from ivc.cli.replace import replace
from ivc.cli.review import review
from ivc.cli.seed import write_seed
from ivc.cli.ssh_config import show_ssh_config
from ivc.cli.summary import show_summary
from ivc.cli.synth import synth
from ivc.errors import MachineError

_EXAMPLES = """
Examples:

\b
  ivc init shop                      a project to begin with, and tests of it that pass
  ivc doctor                         whether this machine has what is needed
  ivc summary                        what the program of this project declares
  ivc diagram -o shop.svg            the same as a picture, and who reaches what
  ivc review --base ../main/cdktf.out  what a change of it will do
  ivc plan                           what a deploy would do in the cloud, as a review
  ivc deploy shop                    shows that review, asks, and applies that very plan
  ivc replace www-1                  makes a server anew, of the newest image of its name
  ivc inventory > hosts.yaml         what runs, for Ansible; `ivc ssh-config`, for ssh
  ivc render www-1                   the user data of one of its instances
  ivc check                          what is wrong with the user data of any
  ivc explain IVC101                 what a finding means, and how to mend it
  ivc boot www-1                     what it does on a real guest, on this machine
  ivc bake www-1 -o www.qcow2        the same, kept as an image
  ivc render userdata/www.yaml.jinja --var site=shop.example
  ivc seed www-1 --output www-1.iso  the same for Libvirt and bare metal
"""

app = typer.Typer(
    help=f"Infrastructure via code for OpenStack: declare, look, try, deploy.\n{_EXAMPLES}",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _begin(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("-C", metavar="FOLDER", help="Do it in that folder, not in the current one.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        from ivc.deploy import machine

        typer.echo(f"ivc {machine.version()}")
        raise typer.Exit
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise ValueError(f"-C: {folder}: {error.strerror}") from None
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command("init")(init)
app.command("doctor")(doctor)
app.command("synth")(synth)
app.command("summary")(show_summary)
app.command("diagram")(draw)
app.command("review")(review)
app.command("plan")(plan_stacks)
app.command("deploy")(deploy)
app.command("replace")(replace)
app.command("destroy")(destroy)
app.command("outputs")(show_outputs)
app.command("inventory")(show_inventory)
app.command("ssh-config")(show_ssh_config)
app.command("move-state")(move_state)
app.command("limits")(show_limits)
app.command("render")(render)
app.command("check")(check)
app.command("explain")(explain)
app.command("boot")(boot)
app.command("bake")(bake)
app.command("seed")(write_seed)


def main() -> None:
    """Run the command line; what went wrong is one sentence on stderr, with exit status 1.

    A mistaken option too: 2, which is usual for that, says here that a review found what it is to stop at.
    """
    # A name may hold what the terminal's encoding has not.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = app(prog_name="ivc", standalone_mode=False)
    except (ValueError, MachineError, TyperException) as error:
        said = error.format_message() if isinstance(error, TyperException) else str(error)
        sys.exit("\n".join(f"ivc: {line}" for line in said.splitlines()))
    except typer.Abort:
        sys.exit("ivc: stopped.")
    sys.exit(status)


if __name__ == "__main__":
    main()
