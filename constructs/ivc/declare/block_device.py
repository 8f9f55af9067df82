"""The disks that a server is born with, as Nova is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivc.declare.cdktf import struct
from ivc.declare.provider import ComputeInstanceV2BlockDevice
from ivc.declare.root_disk import AnyRootDisk, EphemeralDisk, RootDisk
from ivc.declare.terraform_text import literal
from ivc.declare.volume import Volume


def block_devices(
    root_disk: AnyRootDisk | None,
    image_id: str | None,
    ephemeral_disks: Sequence[EphemeralDisk],
    swap: int | None,
    volumes: Sequence[Volume],
) -> list[ComputeInstanceV2BlockDevice]:
    """All of them, the root disk first; none where Nova makes no more than its own root disk of the image by itself.

    The volumes among them Nova attaches at birth, and detaches after the shutdown.
    """
    if root_disk is None and not ephemeral_disks and swap is None and not volumes:
        return []
    blank: dict[str, Any] = {"source_type": "blank", "destination_type": "local", "delete_on_termination": True}
    return [
        _root(root_disk, image_id),
        *(_other(**blank, volume_size=disk.size) for disk in ephemeral_disks),
        *(_other(**blank, volume_size=swap, guest_format="swap") for swap in ([] if swap is None else [swap])),
        *(_other(**_existing(volume._id)) for volume in volumes),
    ]


def _root(root_disk: AnyRootDisk | None, image_id: str | None) -> ComputeInstanceV2BlockDevice:
    if root_disk is not None and not isinstance(root_disk, RootDisk):
        return struct(ComputeInstanceV2BlockDevice, boot_index=0, **_existing(root_disk._id))
    of_image: dict[str, Any] = {"source_type": "image", "uuid": image_id, "delete_on_termination": True}
    if root_disk is None:
        return struct(ComputeInstanceV2BlockDevice, destination_type="local", boot_index=0, **of_image)
    type_: dict[str, Any] = {} if root_disk.type is None else {"volume_type": literal(root_disk.type)}
    return struct(
        ComputeInstanceV2BlockDevice,
        destination_type="volume",
        boot_index=0,
        volume_size=root_disk.size,
        **of_image,
        **type_,
    )


def _existing(volume_id: str) -> dict[str, Any]:
    # Never deleted on termination: Nova would delete the volume with the server.
    return {
        "source_type": "volume",
        "destination_type": "volume",
        "uuid": volume_id,
        "delete_on_termination": False,
    }


def _other(**said: Any) -> ComputeInstanceV2BlockDevice:
    # One that says no boot index says 0 to Nova.
    return struct(ComputeInstanceV2BlockDevice, boot_index=-1, **said)
