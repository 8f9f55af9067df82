"""ISO images that bring user data to a guest without a cloud: Libvirt, bare metal.

nocloud: cloud-init's own, volume `cidata` (cloud-init, "NoCloud"). config-2: as OpenStack's config drive, volume
`config-2` (Nova, "Config drives").
"""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pycdlib

Kind = Literal["nocloud", "config-2"]

_NAMESPACE = uuid.UUID("7f0c3c5e-6a53-4d0f-9d0b-6d1f9c2a4b11")


def files(kind: Kind, *, name: str, user_data: bytes) -> Mapping[str, bytes]:
    """What the image holds, by path.

    name: the guest's. The instance's id comes from name and content, so that a guest with new user data takes it as a
    first boot, and the same twice gives the same image.
    """
    digest = hashlib.sha256(user_data).hexdigest()
    if kind == "nocloud":
        # JSON is YAML, too.
        meta_data = {"instance-id": f"{name}-{digest[:16]}", "local-hostname": name}
        return {"meta-data": json.dumps(meta_data).encode(), "user-data": user_data}
    described = {"uuid": str(uuid.uuid5(_NAMESPACE, f"{name} {digest}")), "name": name, "hostname": name}
    return {
        "openstack/latest/meta_data.json": json.dumps(described).encode(),
        "openstack/latest/user_data": user_data,
    }


def write(path: Path, kind: Kind, *, name: str, user_data: bytes) -> None:
    """Write the image; raises OSError where it cannot be written."""
    image = pycdlib.PyCdlib()
    label = "cidata" if kind == "nocloud" else kind
    image.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=label)
    made: dict[str, str] = {"": ""}
    for number, (target, content) in enumerate(files(kind, name=name, user_data=user_data).items()):
        folder = ""
        for depth, part in enumerate(target.split("/")[:-1]):
            below = f"{folder}/{part}"
            if below not in made:
                made[below] = f"{made[folder]}/D{depth}"
                image.add_directory(made[below], rr_name=part, joliet_path=below)
            folder = below
        image.add_fp(
            io.BytesIO(content),
            len(content),
            f"{made[folder]}/F{number}.;1",
            rr_name=target.rsplit("/", maxsplit=1)[-1],
            joliet_path=f"/{target}",
        )
    with path.open("wb") as out:
        image.write_fp(out)
    image.close()
