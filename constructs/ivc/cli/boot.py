"""`ivc boot`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ivc.cli import guest, options
from ivc.cli.guest import Objects
from ivc.cli.options import Set, Synthesized

if TYPE_CHECKING:
    from ivc.estate import Mount
    from ivc.rendered_user_data import Declared

_NAMESPACE = uuid.UUID("0d7a3c0c-5f0e-4b7b-9a1c-2d7f7f0f5b10")
_SERIAL = 20


def boot(
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="An instance of the synthesized folder.")],
    set_: Set = None,
    bus: Annotated[Literal["virtio", "scsi"], typer.Option(help="What the volumes hang on.")] = "virtio",
    times: Annotated[int, typer.Option(min=1, help="How often the guest is booted.")] = 1,
    image: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An image, in qcow2 or raw, such as `ivc bake` writes; by default Debian."),
    ] = None,
    object_: Objects = None,
    from_: Synthesized = None,
) -> None:
    """Boot a real guest on this machine with the instance's user data, and say what of it holds.

    A virtual machine with a config drive, and a disk for each volume that it mounts: a blank one where the declaration
    says `format_if_blank`, else one with a file system. Addresses and ids known only at apply are made up. It has no
    way out, but to the objects that it fetches from its stack's containers. The guest comes with a clone of IvC's
    repository. Exit status 1 where anything is wrong.
    """
    declared = options.declared(instance, from_)
    store = guest.store(declared, object_)
    values = {**_made_up(declared), **store.urls, **options.pairs("--set", set_)}
    text = declared.text(values)
    disks = [arg for disk in _disks(declared, values) for arg in ("--disk", disk)]
    given = [] if image is None else ["--image", str(image.absolute())]
    raise typer.Exit(
        guest.run(text, declared.instance.id, "--bus", bus, "--times", str(times), *disks, *store.options, *given)
    )


def _disks(declared: Declared, values: Mapping[str, str]) -> Iterator[str]:
    """A disk for each volume that is mounted as it is, as the guest's program takes it."""
    places: dict[str, list[Mount]] = {}
    for mount in declared.instance.mounts:
        if mount.lvm is None and mount.partition is None:
            places.setdefault(values.get(mount.serial[1:-1], mount.serial), []).append(mount)
            continue
        what = f"the logical volume {mount.lvm}, for which the image must have lvm2" if mount.lvm else "a partition"
        typer.echo(f"not tried: {mount.mount_point}, which is {what}.", err=True)
    for serial, mounts in places.items():
        contents = "blank" if any(mount.format_if_blank for mount in mounts) else "ext4"
        yield f"{serial}:{contents}" + "".join(f"@{mount.mount_point}" for mount in mounts)


def _made_up(declared: Declared) -> dict[str, str]:
    """A value for each that is known only at apply, as a cloud might have given it."""
    values = {}
    for number, label in enumerate(declared.instance.unknown, start=10):
        kind, _, name = label.partition(" of ")
        volume = str(uuid.uuid5(_NAMESPACE, name))
        values[label] = {"serial": volume[:_SERIAL], "id": volume}.get(kind, guest.ADDRESS.format(number))
    return values
