"""Which image a server gets, told from a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ivc.deploy.images import given
from tests.helpers import INSTANCE

LOOKED_UP = {"id": "new", "name": "Debian 12", "created_at": "2026-11-02T08:00:00Z"}


def plan(before: dict[str, Any] | None, after: dict[str, Any], *actions: str) -> dict[str, Any]:
    image = {"mode": "data", "type": "openstack_images_image_v2", "name": "Debian-12", "values": LOOKED_UP}
    change = {"actions": [*(actions or ("delete", "create"))], "before": before, "after": after}
    return {
        "prior_state": {"values": {"root_module": {"resources": [image]}}},
        "resource_changes": [
            {"address": f"{INSTANCE}.www-1", "mode": "managed", "type": INSTANCE, "change": change},
            {"address": "x.port", "type": "x", "change": {"actions": ["create"], "before": None, "after": {}}},
        ],
    }


def told(folder: Path, plan: dict[str, Any]) -> list[str]:
    (folder / "plan.json").write_text(json.dumps(plan))
    return [*given(folder / "plan.json")]


def root(image: str) -> dict[str, Any]:
    """A server with a volume: its root disk is a block device."""
    volume = {"source_type": "volume", "uuid": "volume-1"}
    return {"image_id": "other", "block_device": [{"source_type": "image", "uuid": image}, volume]}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            {"image_id": "old"},
            {"image_id": "new"},
            "www-1 is made of the image Debian 12 of 2026-11-02 (new), the newest of its name; now it is of the image "
            "old",
        ),
        (
            root("new"),
            root("new"),
            "www-1 is made of the image Debian 12 of 2026-11-02 (new), the newest of its name, as now",
        ),
        ({"image_id": "old"}, {"image_id": "fixed"}, "www-1 is made of the image fixed; now it is of the image old"),
        (None, {"image_id": "fixed"}, "www-1 is made of the image fixed"),
        ({"image_id": "old"}, {"image_id": None}, "www-1: its image is known only at the apply"),
    ],
)
def test_a_server_that_is_made_is_told_with_its_image(
    tmp_path: Path, before: dict[str, Any] | None, after: dict[str, Any], said: str
) -> None:
    assert told(tmp_path, plan(before, after)) == [said]


def test_nothing_is_said_of_one_that_stays(tmp_path: Path) -> None:
    assert told(tmp_path, plan({"image_id": "old"}, {"image_id": "new"}, "update")) == []
    assert told(tmp_path, {"format_version": "1.2"}) == []
