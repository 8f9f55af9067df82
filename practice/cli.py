"""The command line: `python -m practice COMMAND`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from practice import access, wanted
from practice.cloud import Cloud, ServiceStatus
from practice.errors import PracticeError
from practice.services import Extra
from practice.show import contents

_UP, _PARTLY_UP, _DOWN = 0, 1, 3

_With = Annotated[
    str,
    typer.Option("--with", metavar="EXTRA,...", help=f"Extras, with commas between: {', '.join(Extra)}."),
]

app = typer.Typer(
    help="A real OpenStack control plane on this machine: nothing to pay, nothing to break.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.command()
def install(with_: _With = "") -> None:
    """Install what the cloud runs on: Debian's packages (needs root or sudo) and the OpenStack services."""
    with progress() as say:
        cloud = Cloud(say=say)
        cloud.install(_extras(with_))
    print(f"Installed in {cloud.folder}.")


@app.command()
def up(with_: _With = "") -> None:
    """Install, start and seed what is missing, and wait until servers can be made.

    Extras are added to a cloud that runs, and go on until it is taken down; their data stays, as all of it does.
    Where it cannot come up, what was started is stopped again; data and logs stay, and the next `up` goes on with them.
    """
    began = time.monotonic()
    with progress() as say:
        cloud = Cloud(say=say)
        was_up = cloud.is_up(_extras(with_))
        cloud.up(_extras(with_))
    if was_up:
        print("The practice cloud was up already.")
        return
    print(f"The practice cloud is up, after {time.monotonic() - began:.0f} s. What can be done next:")
    print('  eval "$(python -m practice env)"    work in it as the user demo')
    print("  python -m practice status           see what runs")
    print("  python -m practice down             stop it; its data stays")


@app.command()
def down() -> None:
    """Stop everything the cloud started, also after a crash. Its data stays."""
    with progress() as say:
        stopped = Cloud(say=say).down()
    print("The practice cloud is down." if stopped else "The practice cloud was down already.")


@app.command()
def status() -> None:
    """Show the services. Exit code 0: all up, 3: all down, 1: in between."""
    cloud = Cloud()
    services = cloud.status()
    Console(highlight=False).print(_table(services))
    orphans = cloud.orphans()
    if orphans:
        print(f"{len(orphans)} processes run without their supervisor: `python -m practice down` ends them.")
    ups = [one.is_up for one in services]
    raise typer.Exit(_UP if all(ups) else _PARTLY_UP if any(ups) or orphans else _DOWN)


@app.command()
def show() -> None:
    """Show what stands in the project demo: servers, their ports, volumes, and what is the extras'."""
    cloud = Cloud()
    if not cloud.is_up():
        raise PracticeError("The practice cloud is not up: start it with `python -m practice up`.")
    # A table, unlike a line, is not broken where nobody sees it.
    console = Console(highlight=False)
    console.print(contents(cloud.connect(), cloud.extras), soft_wrap=not console.is_terminal)


@app.command()
def wipe(
    everything: Annotated[bool, typer.Option("--all", help="Remove the installed services too.")] = False,
) -> None:
    """Stop the cloud and remove all its data; what is installed stays."""
    with progress() as say:
        cloud = Cloud(say=say)
        cloud.wipe(everything=everything)
    print(f"Removed {cloud.folder if everything else f'the data in {cloud.folder}'}.")


@app.command()
def prepare(
    output: Annotated[Path, typer.Argument(help="The folder that the stacks are synthesized in.")],
) -> None:
    """Start the extras and make the volumes that synthesized stacks want; print their secrets, for `eval "$(...)"`."""
    with progress() as say:
        cloud = Cloud(say=say)
        if not cloud.is_up():
            raise PracticeError("The practice cloud is not up: start it with `python -m practice up`.")
        wanted.check_state(output)
        if not cloud.is_up(extras := wanted.extras(output)):
            cloud.up(extras)
        cloud.make_volumes(wanted.volumes(output))
    print(wanted.secrets(output), end="")


@app.command()
def env(
    admin: Annotated[bool, typer.Option("--admin", help="The administrator's login, not demo's.")] = False,
    clouds_yaml: Annotated[bool, typer.Option("--clouds-yaml", help="Every login, as a clouds.yaml.")] = False,
) -> None:
    """Print the login of the user demo, for `eval "$(python -m practice env)"`."""
    if admin and clouds_yaml:
        raise PracticeError("--admin and --clouds-yaml exclude each other: a clouds.yaml has every login.")
    print(access.clouds_yaml() if clouds_yaml else access.openrc(access.ADMIN if admin else access.DEMO), end="")


def main() -> None:
    """Run the command line; an error is one sentence on standard error and exit code 1."""
    try:
        app(prog_name="python -m practice")
    except PracticeError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Lines with the seconds so far; on a terminal also a spinner for what is under way."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    began = time.monotonic()
    with console.status("") if console.is_terminal else nullcontext() as spinner:

        def say(line: str) -> None:
            console.print(f"{time.monotonic() - began:6.1f} s  {line}", markup=False)
            if spinner:
                spinner.update(line)

        yield say


def _extras(said: str) -> list[str]:
    return [name.strip() for name in said.split(",") if name.strip()]


def _table(services: list[ServiceStatus]) -> Table:
    table = Table("service", "state", "pid", "memory", "port", box=None, header_style="bold")
    for one in services:
        state = "[green]up[/]" if one.is_up else "[red]DOWN[/]"
        memory = f"{one.memory / 2**20:.0f} MB" if one.is_up else ""
        table.add_row(one.name, state, str(one.pid or ""), memory, str(one.port or ""))
    total = sum(one.memory for one in services) / 2**20
    table.add_row("", "", "", f"{total:.0f} MB" if total else "", "")
    return table
