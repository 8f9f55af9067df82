"""Which image a plan gives to a server that it makes: ids in a plan, a name and a day for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ivc.estate.kinds import INSTANCE
from ivc.terraform.address import named
from ivc.words.foreign_text import visible

_LOOK_UP = "openstack_images_image_v2"


def given(file: Path) -> Iterator[str]:
    """A sentence for each server that a plan makes: the image that it gets, and whether it has that now.

    file: the plan as JSON. Of several images of one name the look-up gives the newest. One that no look-up gave is told
    by its id.
    """
    plan = json.loads(file.read_bytes())
    prior = plan.get("prior_state", {}).get("values", {}).get("root_module", {})
    images = {
        one["values"]["id"]: one["values"]
        for one in prior.get("resources", ())
        if one["mode"] == "data" and one["type"] == _LOOK_UP
    }
    for one in plan.get("resource_changes", ()):
        change = one["change"]
        if one["type"] != INSTANCE or "create" not in change["actions"]:
            continue
        server, image = visible(named(one["address"])), _image(change["after"])
        if image is None:
            yield f"{server}: its image is known only at the apply"
            continue
        former = _image(change["before"] or {})
        now = "" if former is None else ", as now" if former == image else f"; now it is of {_called(former, images)}"
        newest = ", the newest of its name" if image in images else ""
        yield f"{server} is made of {_called(image, images)}{newest}{now}"


def _image(server: Mapping[str, Any]) -> str | None:
    """The id of the image that its root disk is made of."""
    roots = [one for one in server.get("block_device") or () if one.get("source_type") == "image"]
    found = (roots[0].get("uuid") if roots else None) or server.get("image_id")
    return str(found) if found else None


def _called(image: str, images: Mapping[str, Mapping[str, Any]]) -> str:
    known = images.get(image)
    if known is None:
        return f"the image {visible(image)}"
    day = str(known.get("created_at") or "").partition("T")[0]
    return visible(f"the image {known.get('name')}{f' of {day}' if day else ''} ({image})")
