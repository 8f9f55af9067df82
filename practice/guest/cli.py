"""The command line: `python -m practice.guest USER_DATA`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from practice.cli import progress
from practice.errors import PracticeError
from practice.guest.disk import Blank, Bus, Disk, Files
from practice.guest.guest import TIMEOUT, Guest
from practice.guest.report import Report

_CONTENTS: Mapping[str, Blank | Files] = {"blank": Blank(), "ext4": Files()}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")


@app.command()
def boot(
    user_data: Annotated[Path, typer.Argument(help="The file with the rendered user data.")],
    disk: Annotated[
        list[str] | None,
        typer.Option(help="A volume: ID:blank or ID:ext4; @/srv at its end, or several, say where it must be mounted."),
    ] = None,
    bus: Annotated[Bus, typer.Option(help="What the disks hang on: virtio or scsi.")] = "virtio",
    name: Annotated[str, typer.Option(help="The server's name.")] = "guest",
    times: Annotated[int, typer.Option(min=1, help="How often the guest is booted.")] = 1,
    image: Annotated[Path | None, typer.Option(help="An image to boot, in the place of Debian's from here.")] = None,
    object_: Annotated[
        list[str] | None,
        typer.Option("--object", help="What it fetches by HTTP: URL=FILE, with an address of 192.0.2.0/24 in the URL."),
    ] = None,
    bake: Annotated[
        Path | None, typer.Option(help="Where all holds, clean the guest and write its disk there, as an image.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that a boot may take.")] = TIMEOUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON, one after the other.")] = False,
) -> None:
    """Boot a guest with this user data; exit code 1 where anything is wrong."""
    try:
        content = user_data.read_bytes()
    except OSError as error:
        raise PracticeError(f"{user_data} cannot be read: {error.strerror}.") from None
    if bake is not None and times > 1:
        raise PracticeError("--bake: a guest is baked at its first boot: leave --times out.")
    disks = [_disk(one) for one in disk or ()]
    objects = dict(map(_object, object_ or ()))
    to_bake = bake is not None
    holds = True
    with (
        progress() as say,
        Guest(
            content, name=name, disks=disks, objects=objects, bus=bus, image=image, to_bake=to_bake, progress=say
        ) as guest,
    ):
        for _ in range(times):
            report = guest.boot(timeout=timeout)
            holds &= report.holds
            print(report.to_json()) if as_json else show(report)
        if bake is not None and holds:
            guest.write_image(bake)
    raise typer.Exit(0 if holds else 1)


def show(report: Report) -> None:
    """Print what a person wants to know of a report, problems last."""
    console = Console(highlight=False, soft_wrap=True)

    def say(line: str) -> None:
        console.print(line, markup=False)

    say(f"{report.name}, boot {report.boot}: {report.seconds:.0f} s")
    for stage in report.stages:
        say(f"  {stage.name:16}{'did not end' if stage.seconds is None else f'{stage.seconds:6.1f} s'}")
    for mount in report.mounts:
        if mount.links:
            say(f"  {mount.target} is {mount.source}, {mount.fstype}, {', '.join(mount.links)}")
    say(f"  console: {report.console}")
    for sentence in report.not_tried:
        say(f"  not tried: {sentence}")
    for sentence in report.problems:
        say(f"  problem: {sentence}")
    say("  all that was asked for is there" if report.holds else f"  problems: {len(report.problems)}")


def main() -> None:
    """Run the command line; an error is one sentence on standard error and exit code 1."""
    try:
        app(prog_name="python -m practice.guest")
    except PracticeError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _object(text: str) -> tuple[str, Path]:
    url, _, file = text.partition("=")
    if not file:
        raise PracticeError(f"--object {text}: write URL=FILE.")
    return url, Path(file)


def _disk(text: str) -> Disk:
    rest, *places = text.split("@")
    volume_id, _, contents = rest.partition(":")
    if not volume_id or contents not in _CONTENTS:
        raise PracticeError(f"--disk {text}: write ID:blank or ID:ext4, and @/path after it where it must be mounted.")
    return Disk(volume_id, _CONTENTS[contents], mounted_at=tuple(places))
