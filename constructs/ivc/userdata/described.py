"""What a file says of an instance that no declaration tells of: the facts that templates see, and what is mounted.

It is checked as a declaration would be: an id goes into a shell text that root runs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ivc.userdata.volumes import Mount

_SERIAL = 20
_VOLUME_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_OF_MOUNTS = tuple(field.name for field in fields(Mount) if field.name not in ("volume", "serial"))


def facts(name: str, given: object) -> dict[str, Any]:
    """What a template sees as `instance`; raises ValueError for what is none."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise ValueError(f"variable instance: {given!r} is no mapping; write its name, addresses, networks or volumes")
    said: dict[str, Any] = {"name": name, "addresses": {}, "networks": [], "volumes": []} | dict(given)
    if not isinstance(said["addresses"], Mapping):
        raise ValueError(
            f"variable instance: addresses: {said['addresses']!r} is no mapping; write `NETWORK: ADDRESS` for each"
        )
    for key, item in (("networks", "name: backend"), ("volumes", "id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301")):
        if not isinstance(said[key], list) or not all(isinstance(one, Mapping) for one in said[key]):
            raise ValueError(
                f"variable instance: {key}: {said[key]!r} is no list of mappings; write an item for each, such as "
                f"`- {{{item}}}`"
            )
    return said | {"volumes": [_volume(volume) for volume in said["volumes"]]}


def _volume(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A volume as templates see it; raises ValueError for one that a declaration could not have."""
    where = "variable instance: a volume"
    id_ = given.get("id")
    if not isinstance(id_, str) or not _VOLUME_ID.fullmatch(id_):
        raise ValueError(
            f"{where}: its id {id_!r} is none; write the volume's id, or the serial number of the disk, of letters, "
            "digits and -, in quotes where YAML would take it for a number"
        )
    known = ("id", "name", *_OF_MOUNTS)
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            raise ValueError(
                f"{where}: {id_}: there is no {key}; {f'write {near[0]}' if near else 'use ' + ', '.join(known)}"
            )
    return {"name": id_, "serial": id_[:_SERIAL]} | dict(given)


def mounts(facts: Mapping[str, Any]) -> Sequence[Mount]:
    """The volumes that are mounted; raises ValueError as a declaration of them would."""
    found: dict[str, Mount] = {}
    for volume in facts["volumes"]:
        where = f"variable instance: volume {volume['id']}"
        said = {key: volume[key] for key in _OF_MOUNTS if volume.get(key) is not None}
        if not said:
            continue  # A template may mount it.
        if "mount_point" not in said:
            raise ValueError(f"{where}: it has {', '.join(said)} and no mount_point; write where it is to be mounted")
        try:
            mount = Mount(str(volume["name"]), str(volume["serial"]), **said)
        except ValueError as error:
            raise ValueError(f"{where}: {str(error).removeprefix('Mount: ')}") from None
        point = mount.mount_point
        if point in found:
            raise ValueError(
                f"{where}: {found[point].volume} is mounted at {point!r} already; give it another mount_point"
            )
        found[point] = mount
    return [*found.values()]
