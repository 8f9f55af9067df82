"""Existing volumes. Nothing here creates, resizes or deletes one, or formats one that holds anything.

data = Volume.lookup(shop, "www-data")
Instance(shop, "www-1", ..., volumes=[data.mount("/srv")])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivc.arguments import checked, made_by
from ivc.declare.cdktf import Construct
from ivc.declare.declaration import LookedUp
from ivc.declare.provider import DataOpenstackBlockstorageVolumeV3
from ivc.declare.references import Reference, ValueOf, same_stack
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.userdata import AtApply
from ivc.userdata.volumes import FileSystem, Mount

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
        self,
        path: str,
        *,
        format_if_blank: FileSystem | None = None,
        lvm: str | None = None,
        partition: int | None = None,
        folder: str | None = None,
        options: Sequence[str] = (),
        owner: str | None = None,
        mode: str | None = None,
        live: bool = False,
    ) -> Attachment:
        """The volume, attached, and mounted by the guest at each boot. The boot waits two minutes for one that comes
        late; one that comes later still is mounted when it comes.

        path: absolute, in its plain form, without white space.
        format_if_blank: the file system to make on a volume that holds nothing at all. Without it a blank volume is
        left as it is, and the boot says so. One that holds anything is never formatted.
        lvm: the logical volume on it to mount, as `group/name`; the image needs lvm2, which many have not.
        partition: the number of the partition to mount; by default the whole, or its only partition.
        folder: the folder in its file system to mount, made where it is not there; by default the whole.
        options: of the mount, each alone, such as `noatime` or `ro`; by default fstab's `defaults`.
        owner, mode: of the mount point while it is mounted, `user` or `user:group` and four octal digits; by default as
        the volume has them. A user that cloud-init makes later gets it when he is there.
        live: see `attach`.

        Another `mount` of what this returns mounts more of the same volume:
        `data.mount("/srv", lvm="data/www").mount("/var/log", lvm="data/log")`.

        The user data gets a command for it, before all others of `bootcmd`.

        Raises DeclarationError for a value that cannot be.
        """
        return Attachment(self, live=live).mount(
            path,
            format_if_blank=format_if_blank,
            lvm=lvm,
            partition=partition,
            folder=folder,
            options=options,
            owner=owner,
            mode=mode,
        )

    @checked
    def attach(self, *, live: bool = False) -> Attachment:
        """The volume, attached, and left to the guest.

        live: attached to the running server, and pulled from it while it runs when the server is replaced or
        destroyed: whatever the guest has not written yet is lost. Without it a change of a server's volumes
        replaces the server, which is shut down first.
        """
        return Attachment(self, live=live)


@made_by('Volume.lookup(stack, "www-data").mount(...) or .attach(...)')
@dataclass(frozen=True)
class Attachment(Reference):
    """A volume as an instance has it; made by `Volume.mount` or `Volume.attach`."""

    volume: Volume
    live: bool
    mounts: tuple[Mount, ...] = ()
    """What the guest is to do with it; nothing where it is left to the guest."""

    @checked
    def mount(
        self,
        path: str,
        *,
        format_if_blank: FileSystem | None = None,
        lvm: str | None = None,
        partition: int | None = None,
        folder: str | None = None,
        options: Sequence[str] = (),
        owner: str | None = None,
        mode: str | None = None,
    ) -> Attachment:
        """The same attachment, with one mount more; all as `Volume.mount` has it.

        Raises DeclarationError for a value that cannot be.
        """
        where = f"{self.volume._called}: mount"
        try:
            mount = Mount(
                self.volume.name,
                self.volume.serial,
                path,
                format_if_blank,
                lvm,
                partition,
                folder,
                tuple(options),
                owner,
                mode,
            )
        except DeclarationError as error:
            raise DeclarationError(f"{where}: {error}") from None
        return replace(self, mounts=(*self.mounts, mount))

    def _refers_to(self) -> Volume:
        return self.volume
