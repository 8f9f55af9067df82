"""Existing volumes. Nothing here creates, formats, resizes or deletes one.

data = Volume.lookup(shop, "www-data")
Instance(shop, "www-1", ..., volumes=[data.mount("/srv")])
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from cdktf_cdktf_provider_openstack.data_openstack_blockstorage_volume_v3 import (
    DataOpenstackBlockstorageVolumeV3,
)

from ivc._cdktf import Construct, TerraformElement
from ivc._expression import literal
from ivc._names import by_name_or_id
from ivc._place import Place
from ivc.userdata import AtApply

_SERIAL = 20
"""How much of a volume's id a guest sees as the disk's serial number: QEMU's virtio-blk cuts it there."""


class Volume:
    """A volume that exists; made by `Volume.lookup`.

    name: what the declaration calls it: its name, or its id.
    slug: its Terraform name.
    id: its id; known only at apply where it was looked up by name.
    serial: the first 20 characters of the id, by which a guest finds the disk.
    l1: the data source; None where the volume was given by id, which asks the cloud nothing.
    """

    def __init__(self, *, name: str, slug: str, id: str | AtApply, l1: TerraformElement | None) -> None:
        self.name = name
        self.slug = slug
        self.id = id
        self.l1 = l1
        self.serial: str | AtApply = (
            id[:_SERIAL]
            if isinstance(id, str)
            else AtApply(f"substr({id.expression}, 0, {_SERIAL})", f"serial of volume {name}", _SERIAL)
        )

    @classmethod
    def lookup(cls, scope: Construct, name: str | None = None, *, id: str | None = None) -> Volume:
        """A volume that exists, by its name or its id.

        A name that no volume or several have fails at plan, at the address
        `data.openstack_blockstorage_volume_v3.<name>`. An id is not asked for: the provider's look-up takes none.
        """
        where = f"Volume.lookup({name or id!r})"
        stack = Place.of(where, scope).stack
        slug, by = by_name_or_id(where, name, id)
        if "id" in by:
            return cls(name=by["id"], slug=slug, id=by["id"], l1=None)
        address = stack.lookup(DataOpenstackBlockstorageVolumeV3, slug, where, name=literal(by["name"]))
        return cls(
            name=by["name"],
            slug=slug,
            id=AtApply(f"{address}.id", f"id of volume {by['name']}", 36),
            l1=stack.data_source(address),
        )

    def mount(self, path: str, *, live: bool = False) -> Attachment:
        """The volume, attached, with the place in the guest where user data is to mount it.

        path: absolute, in its plain form. live: see `attach`.
        """
        if not path.startswith("/") or posixpath.normpath(path) != path or path == "/":
            raise ValueError(
                f"Volume {self.name}: mount: {path!r} is no place for it; write an absolute path such as '/srv'"
            )
        return Attachment(self, mount_point=path, live=live)

    def attach(self, *, live: bool = False) -> Attachment:
        """The volume, attached, and left to the guest.

        live: attached to the running server, and pulled from it while it runs when the server is replaced or
        destroyed: whatever the guest has not written yet is lost. Without it a change of a server's volumes
        replaces the server, which is shut down first.
        """
        return Attachment(self, mount_point=None, live=live)


@dataclass(frozen=True)
class Attachment:
    """A volume as an instance has it; made by `Volume.mount` or `Volume.attach`."""

    volume: Volume
    mount_point: str | None
    live: bool
