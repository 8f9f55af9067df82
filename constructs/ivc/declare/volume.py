"""Existing volumes. Nothing here creates, resizes or deletes one, or formats one that holds anything.

data = Volume.lookup(shop, "www-data")
Instance(shop, "www-1", ..., volumes=[data.mount("/srv")])
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import get_args

from cdktf_cdktf_provider_openstack.data_openstack_blockstorage_volume_v3 import (
    DataOpenstackBlockstorageVolumeV3,
)

from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.names import by_name_or_id
from ivc.declare.place import Place
from ivc.declare.stack import terraform_type
from ivc.declare.terraform_text import literal
from ivc.policies.waiver import Waivable
from ivc.userdata import AtApply
from ivc.userdata.volumes import FileSystem, Mount

_LOGICAL_VOLUME = re.compile(r"[A-Za-z0-9_.+][A-Za-z0-9_.+-]*/[A-Za-z0-9_.+][A-Za-z0-9_.+-]*")
_SERIAL = 20
"""How much of a volume's id a guest sees as the disk's serial number: QEMU's virtio-blk cuts it there."""


class Volume(Waivable):
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
        address = f"data.{terraform_type(DataOpenstackBlockstorageVolumeV3)}.{slug}"
        if "id" in by:
            volume = cls(name=by["id"], slug=slug, id=by["id"], l1=None)
        else:
            stack.lookup(DataOpenstackBlockstorageVolumeV3, slug, where, name=literal(by["name"]))
            volume = cls(
                name=by["name"],
                slug=slug,
                id=AtApply(f"{address}.id", f"id of volume {by['name']}", 36),
                l1=stack.data_source(address),
            )
        volume._can_be_waived(where, subject=address, waivers=stack.waivers)
        return volume

    def mount(
        self, path: str, *, format_if_blank: FileSystem | None = None, lvm: str | None = None, live: bool = False
    ) -> Attachment:
        """The volume, attached, and mounted by the guest at each boot; it waits two minutes for one that comes late.

        path: absolute, in its plain form, without white space.
        format_if_blank: the file system to make on a volume that holds nothing at all. Without it a blank volume is
        left as it is, and the boot says so. One that holds anything is never formatted.
        lvm: the logical volume on it to mount, as `group/name`.
        live: see `attach`.

        The user data gets a command for it, before all others of `bootcmd`.

        Raises ValueError for a path or a name that cannot be.
        """
        where = f"Volume {self.name}: mount"
        if not path.startswith("/") or posixpath.normpath(path) != path or path == "/" or re.search(r"\s", path):
            raise ValueError(f"{where}: {path!r} is no place for it; write an absolute path such as '/srv'")
        if format_if_blank is not None and format_if_blank not in get_args(FileSystem):
            raise ValueError(f"{where}: format_if_blank: {format_if_blank!r} is not known; say 'ext4' or 'xfs'")
        if lvm is not None and not _LOGICAL_VOLUME.fullmatch(lvm):
            raise ValueError(f"{where}: lvm: {lvm!r} is no logical volume; write group/name")
        return Attachment(self, mount_point=path, live=live, format_if_blank=format_if_blank, lvm=lvm)

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
    format_if_blank: FileSystem | None = None
    lvm: str | None = None

    @property
    def as_mount(self) -> Mount | None:
        """What the guest is to do, or None where it is left to it."""
        if self.mount_point is None:
            return None
        return Mount(self.volume.name, self.volume.serial, self.mount_point, self.format_if_blank, self.lvm)
