"""Root disks that are volumes, and the other disks that a server gets with its flavor.

Without a `root_disk` the flavor's own disk is written with the image: it stands on the server's host, and goes with the
server.

Instance(shop, "www-1", image="Debian 12", root_disk=RootDisk(size=20, type="ssd"), ...)    # goes with the server
root = RootVolume(shop, "db-1-root", image="Debian 12", size=20)                            # stays, and grows in place
Instance(shop, "db-1", root_disk=root, ...)
Instance(shop, "old-1", root_disk=Volume.lookup(shop, "old-1-boot"), ...)                   # exists already
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ivc.arguments import checked
from ivc.declare.cdktf import Construct, TerraformResourceLifecycle, struct
from ivc.declare.declaration import Made, Ordered
from ivc.declare.image import AnyImage, declared_image, image_reference
from ivc.declare.provider import BlockstorageVolumeV3
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.declare.volume import Volume
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.estate.triggers import OF_VOLUMES

RootVolumeUpdatePolicy = Literal["replace", "ignore"]


@checked
@dataclass(frozen=True)
class RootDisk:
    """A root disk that Nova makes of the server's image, as a volume that it deletes with the server.

    size: in GiB; at least what the image wants. type: the volume's type, by name; by default the cloud's own.

    Nova can neither grow nor retype it: another size or type replaces the server, and what is on the disk is lost.
    """

    size: int
    type: str | None = None

    def __post_init__(self) -> None:
        _check_size("RootDisk", self.size)
        _check_type("RootDisk", self.type)


@checked
@dataclass(frozen=True)
class EphemeralDisk:
    """A blank disk on the server's host, which goes with the server. Nova takes it out of the flavor's ephemeral disk
    space, and refuses what is beyond it.

    size: in GiB.
    """

    size: int

    def __post_init__(self) -> None:
        _check_size("EphemeralDisk", self.size)


class RootVolume(Made):
    """A root disk that is kept: a volume made of an image, which outlives the server that boots from it. What is on it
    is there again when that server is replaced, or is declared anew.

    Its server is shut down before the volume leaves it. The new one has another id in the cloud, so that cloud-init
    takes it for a first boot and runs all of its user data again, on what the former boots left.

    image: by name, of several the newest, an `ImageId`, or an `Image` that is made here: what the volume is made of,
    once. A new id under an unchanged name changes nothing.
    size: in GiB. A bigger one grows the volume in place, under a server that runs; its guest grows the file system.
    Cinder makes none smaller: such an apply fails.
    type: the volume's type, by name; by default the cloud's own. Another one is changed in place where Cinder can do so
    without moving data. With a provider before 3.1 it replaces the volume.
    name: what the cloud shows; by default the id.
    description: for people.
    availability_zone: of the volume; by default the cloud's own. Another one replaces it.
    image_update_policy: what another declared image does: `replace` the volume, the default, with all that is on it,
    which `prevent_destroy` refuses; or `ignore` it, for where the guest is upgraded in place, or the cloud no longer
    has the image.
    prevent_destroy: True, the default, makes a plan fail that would destroy or replace it. It cannot save one whose
    declaration is deleted.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, and for a size that cannot be.
    """

    family = families.ROOT_VOLUME

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: AnyImage,
        size: int,
        type: str | None = None,
        name: str | None = None,
        description: str = "",
        availability_zone: str | None = None,
        image_update_policy: RootVolumeUpdatePolicy = "replace",
        prevent_destroy: bool = True,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        where = self._called
        _check_size(where, size)
        _check_type(where, type)
        if availability_zone is not None and not availability_zone.strip():
            raise DeclarationError(f"{where}: availability_zone: it is empty; give its name, or leave it out")
        self._open()
        optional: dict[str, Any] = {
            "volume_type": None if type is None else literal(type),
            "availability_zone": None if availability_zone is None else literal(availability_zone),
        }
        self.l1: BlockstorageVolumeV3 = self._make(
            BlockstorageVolumeV3,
            name=literal(self.name),
            description=description,
            size=size,
            image_id=image_reference(self._stack, where, image),
            # Without it the provider refuses to grow what a server has.
            enable_online_resize=True,
            lifecycle=struct(
                TerraformResourceLifecycle,
                prevent_destroy=True if prevent_destroy else None,
                # A new image under the old name would replace it.
                ignore_changes=["image_id"],
                replace_triggered_by=[self._declared(image)] if image_update_policy == "replace" else None,
            ),
            **{key: value for key, value in optional.items() if value is not None},
        )

    def _declared(self, image: AnyImage) -> str:
        """The address of what holds the declared image, so that its change, and no other, replaces the volume."""
        what = f"{OF_VOLUMES}image"
        return self._stack._record.trigger(
            self._called,
            former=f"{self.former_key}__{what}",
            name=f"{self.key}__{what}",
            input={"image": declared_image(image)},
        )


AnyRootDisk = RootDisk | RootVolume | Volume
"""What can be a server's root disk, besides the flavor's own."""


def check_image(where: str, image: AnyImage | None, root_disk: AnyRootDisk | None, policy: str) -> None:
    """Raise DeclarationError unless exactly one of an instance's image and its root disk says what it boots from, and
    its `image_update_policy` fits that.
    """
    if root_disk is None or isinstance(root_disk, RootDisk):
        if image is None:
            raise DeclarationError(
                f"{where}: image: it is missing; give the image's name, or a root_disk that is made already, such as "
                "RootVolume(stack, ...)"
            )
        if root_disk is not None and policy == "rebuild":
            raise DeclarationError(
                f"{where}: image_update_policy: 'rebuild' writes a disk of the flavor's anew, and the root disk is a "
                "volume, which the provider knows no way to rebuild; leave it out"
            )
        return
    called, has = root_disk._called, "is made of its own" if isinstance(root_disk, RootVolume) else "exists already"
    if image is not None:
        raise DeclarationError(f"{where}: image: its root disk, {called}, {has}; leave it out")
    if policy != "replace":
        raise DeclarationError(
            f"{where}: image_update_policy: it has no image of its own, since its root disk, {called}, {has}; leave it "
            "out"
        )


def check_local(where: str, swap: int | None) -> None:
    """Raise DeclarationError for a swap disk that nobody means."""
    if swap is not None and swap < _LEAST_SWAP:
        raise DeclarationError(
            f"{where}: swap: {swap!r} MiB are too little for one, and Nova counts it in MiB; give {_LEAST_SWAP} or "
            "more, such as 2048"
        )


_LEAST_SWAP = 64
"""In MiB. Whoever says less means GiB, as everything else is counted."""


def _check_size(where: str, size: int) -> None:
    if size < 1:
        raise DeclarationError(f"{where}: size: {size!r} is no size in GiB; give 1 or more")


def _check_type(where: str, type: str | None) -> None:
    if type is not None and not type.strip():
        raise DeclarationError(f"{where}: type: it is empty; give the name of the volume's type, or leave it out")
