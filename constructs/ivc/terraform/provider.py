"""What the OpenStack provider does with a changed attribute.

The table beside this file holds, for each resource type, what the provider's own schema says in version 3.4.0:
`force_new` (a change replaces the resource), `kept` (optional and computed: taking it out of the configuration changes
nothing), `defaults`, `sets` (their order means nothing) and `sensitive`. Paths are written `block.attribute`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

_INDEX = re.compile(r"\[[^\]]*\]")

WIPES = {"openstack_compute_instance_v2": frozenset({"image_id", "image_name"})}
"""Attributes whose change in place writes a server's root disk anew: Nova rebuilds it."""


@dataclass(frozen=True)
class Schema:
    """What is known of a resource type; of an unknown one `known` is False and the rest is empty."""

    known: bool = True
    force_new: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    defaults: dict[str, Any] = field(default_factory=dict)

    def has_blocks(self, path: str) -> bool:
        """Whether what stands at a path are blocks, and not a map."""
        inside = f"{plain(path)}."
        return any(known.startswith(inside) for known in (*self.force_new, *self.kept, *self.sets, *self.defaults))

    def forces(self, path: str) -> bool:
        """Whether a change at a path, such as `network[0].port`, replaces the resource."""
        known, top = plain(path), plain(path).partition(".")[0]
        # A set of blocks changes as a whole, so that what forces within it does.
        return (
            known in self.force_new
            or top in self.force_new
            or any(each.startswith(f"{known}.") for each in self.force_new)
        )


def plain(path: str) -> str:
    """A path without its indexes and keys: `network[0].port` is `network.port`."""
    return _INDEX.sub("", path)


def schema(type: str) -> Schema:
    """What is known of a resource type."""
    return _schemas().get(type, Schema(known=False))


@cache
def _schemas() -> dict[str, Schema]:
    table = json.loads(files(__package__).joinpath("openstack_provider.json").read_text())
    found = {
        type_: Schema(
            force_new=frozenset(facts.get("force_new", ())),
            kept=frozenset(facts.get("kept", ())),
            sets=frozenset(facts.get("sets", ())),
            sensitive=frozenset(facts.get("sensitive", ())),
            defaults=facts.get("defaults", {}),
        )
        for type_, facts in table.items()
    }
    # Terraform's own.
    found["terraform_data"] = Schema(force_new=frozenset({"triggers_replace"}))
    return found
