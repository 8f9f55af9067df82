"""`ivc bake`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivc.cli import guest, options
from ivc.cli.guest import Objects
from ivc.cli.options import Set, Synthesized


def bake(
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="An instance of the synthesized folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The image to write, in qcow2.")],
    image: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The image to start from, in qcow2 or raw; by default the practice guest's."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an image that is there.")] = False,
    set_: Set = None,
    object_: Objects = None,
    from_: Synthesized = None,
) -> None:
    """Run an instance's user data in a real guest on this machine, and write what it made as an image.

    As `ivc boot` does, in a clone of IvC's repository, without volumes. Where all that was asked for is there, what is
    of that one server is taken away (cloud-init's state, the user data, host keys, the machine's id, network
    configuration, logs), and a server of the image boots as for the first time, with its own user data. What the user
    data wrote stays, secrets too. Exit status 1 where anything is wrong, and nothing is written. The same twice does
    not give the same bytes.
    """
    declared = options.declared(instance, from_)
    if declared.instance.mounts:
        raise ValueError(
            f"{declared.label}: its user data mounts volumes, which no image has: bake an instance without volumes"
        )
    store = guest.store(declared, object_)
    said = options.pairs("--set", set_)
    values = {**store.urls, **said}
    if missing := [label for label in declared.instance.unknown if label not in values]:
        raise ValueError(
            f"{declared.label}: {missing[0]!r} is known only at apply, and would be in the image: give --set "
            f"{missing[0]!r}=VALUE"
        )
    if kept := next((label for label in store.kept(declared.text({})) if label not in said), None):
        raise ValueError(
            f"{declared.label}: {kept!r} is said beside where it is fetched, and a made-up address would be in the "
            "image: take that out of what is baked"
        )
    if not output.parent.is_dir():
        raise ValueError(f"--output: there is no folder {output.parent}: make it, or name another")
    if not force and output.exists():
        raise ValueError(f"--output: {output} is there already: name another, or give --force to write over it")
    given = [] if image is None else ["--image", str(image.absolute())]
    where = ("--bake", str(output.absolute()))
    status = guest.run(declared.text(values), declared.instance.id, *where, *store.options, *given)
    if status:
        raise typer.Exit(status)
    typer.echo(f"Wrote {output}, {output.stat().st_size:,} bytes.", err=True)
