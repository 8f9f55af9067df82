"""Existing volumes. Nothing here creates, resizes or deletes one, or formats one that holds anything.

data = Volume.lookup(shop, "www-data")
Instance(shop, "www-1", ..., volumes=[data.mount("/srv")])
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from ivc.arguments import checked
from ivc.declare.cdktf import Construct
from ivc.declare.declaration import LookedUp
from ivc.declare.provider import DataOpenstackBlockstorageVolumeV3
from ivc.declare.references import Reference, ValueOf, same_stack
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.userdata import AtApply
from ivc.userdata.volumes import FileSystem, Mount

_LOGICAL_VOLUME = re.compile(r"[A-Za-z0-9_.+][A-Za-z0-9_.+-]*/[A-Za-z0-9_.+][A-Za-z0-9_.+-]*")
_SERIAL = 20
"""How much of a volume's id a guest sees as the disk's serial number: QEMU's virtio-blk cuts it there."""


class Volume(LookedUp):
    """A volume that exists; made by `Volume.lookup`.

    l1: None where it was given by its id, since then nothing is asked of the cloud.
    """

    family = families.VOLUME
    l1: DataOpenstackBlockstorageVolumeV3 | None
    _known_id: str | None = None

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str | None = None, *, id: str | None = None) -> Volume:
        """A volume that exists, by its name or its id.

        A name that no volume or several have fails at plan, at the address
        `data.openstack_blockstorage_volume_v3.<name>`. An id is not asked for: the provider's look-up takes none.
        """
        volume = Volume._new()
        volume._look_up(scope, DataOpenstackBlockstorageVolumeV3, name=name, id=id)
        volume._known_id = None if id is None else volume.name
        return volume

    @property
    def id(self) -> str:
        """Its id in the cloud, or a token of CDKTF's for it, where it was looked up by name."""
        return self._known_id or super().id

    @property
    def serial(self) -> str | AtApply:
        """The first 20 characters of the id, by which a guest finds the disk."""
        if self._known_id is not None:
            return self._known_id[:_SERIAL]
        return ValueOf(
            f"substr({self.terraform_address}.id, 0, {_SERIAL})", f"serial of volume {self.name}", _SERIAL, self
        )

    @property
    def _id(self) -> str:
        return self._known_id or super()._id

    @property
    def _id_in_templates(self) -> str | AtApply:
        return self._known_id or ValueOf(f"{self.terraform_address}.id", f"id of volume {self.name}", 36, self)

    @checked
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

        Raises DeclarationError for a path or a name that cannot be.
        """
        where = f"{self._called}: mount"
        if not path.startswith("/") or posixpath.normpath(path) != path or path == "/" or re.search(r"\s", path):
            raise DeclarationError(f"{where}: {path!r} is no place for it; write an absolute path such as '/srv'")
        if lvm is not None and not _LOGICAL_VOLUME.fullmatch(lvm):
            raise DeclarationError(f"{where}: lvm: {lvm!r} is no logical volume; write group/name")
        return Attachment(self, mount_point=path, live=live, format_if_blank=format_if_blank, lvm=lvm)

    @checked
    def attach(self, *, live: bool = False) -> Attachment:
        """The volume, attached, and left to the guest.

        live: attached to the running server, and pulled from it while it runs when the server is replaced or
        destroyed: whatever the guest has not written yet is lost. Without it a change of a server's volumes
        replaces the server, which is shut down first.
        """
        return Attachment(self, mount_point=None, live=live)


@dataclass(frozen=True)
class Attachment(Reference):
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

    def _refers_to(self) -> Volume:
        return self.volume
