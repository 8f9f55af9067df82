"""ISO images that bring user data to a guest without a cloud: Libvirt, bare metal.

nocloud: cloud-init's own, volume `cidata` (cloud-init, "NoCloud"). config-2: as OpenStack's config drive, volume
`config-2` (Nova, "Config drives").
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pycdlib

Kind = Literal["nocloud", "config-2"]

_NETWORK: Mapping[Kind, str] = {"nocloud": "network-config", "config-2": "openstack/latest/network_data.json"}
_NAMESPACE = uuid.UUID("7f0c3c5e-6a53-4d0f-9d0b-6d1f9c2a4b11")
_DATE = 946_684_800.0
"""Of all files, and of the image itself: the first second of the year 2000."""


def files(kind: Kind, *, name: str, user_data: bytes, network: bytes | None = None) -> Mapping[str, bytes]:
    """What the image holds, by path.

    name: the guest's. The instance's id comes from name and content, so that a guest with new user data takes it as a
    first boot, and the same twice gives the same image.
    network: its network configuration as that kind of image has it; None leaves it to the guest, which asks by DHCP.
    """
    digest = hashlib.sha256(user_data + (b"" if network is None else b"\0" + network)).hexdigest()
    configured = {} if network is None else {_NETWORK[kind]: network}
    if kind == "nocloud":
        # JSON is YAML, too.
        meta_data = {"instance-id": f"{name}-{digest[:16]}", "local-hostname": name}
        return {"meta-data": json.dumps(meta_data).encode(), "user-data": user_data, **configured}
    described = {"uuid": str(uuid.uuid5(_NAMESPACE, f"{name} {digest}")), "name": name, "hostname": name}
    return {
        "openstack/latest/meta_data.json": json.dumps(described).encode(),
        "openstack/latest/user_data": user_data,
        **configured,
    }


def write(path: Path, kind: Kind, *, name: str, user_data: bytes, network: bytes | None = None) -> None:
    """Write the image; raises OSError where it cannot be written.

    The arguments are those of `files`, and equal ones give the same bytes.
    """
    with _one_date():
        content = _image(kind, files(kind, name=name, user_data=user_data, network=network))
    path.write_bytes(content)


def _image(kind: Kind, contents: Mapping[str, bytes]) -> bytes:
    image = pycdlib.PyCdlib()
    label = "cidata" if kind == "nocloud" else kind
    image.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=label)
    made: dict[str, str] = {"": ""}
    for number, (target, content) in enumerate(contents.items()):
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
    out = io.BytesIO()
    image.write_fp(out)
    image.close()
    return out.getvalue()


@contextmanager
def _one_date() -> Iterator[None]:
    """Have pycdlib, which takes no date from its callers, see one date in one time zone."""
    clock = SimpleNamespace(**vars(time))
    clock.time = lambda: _DATE
    clock.localtime = time.gmtime
    modules = [
        module for name, module in sys.modules.items() if name.startswith("pycdlib.") and hasattr(module, "time")
    ]
    for module in modules:
        module.time = clock  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in modules:
            module.time = time  # type: ignore[attr-defined]
