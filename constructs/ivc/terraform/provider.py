"""What the OpenStack provider does with a changed attribute.

The table beside this file holds, for each resource type, what the provider's own schema says in version 3.4.0:
`force_new` (a change replaces the resource), `kept` (optional and computed: taking it out of the configuration changes
nothing), `defaults`, `sets` (their order means nothing) and `sensitive`. Paths are written `block.attribute`. The other
one holds what was otherwise before a version, from 3.0.0 on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ivc.terraform.value import written

SOURCE = "terraform-provider-openstack/openstack"
"""Where Terraform gets the provider."""
VERSION = "3.4.0"
"""The version that is asked for unless a stack says otherwise."""

_INDEX = re.compile(r"\[[^\]]*\]")

_EXACT = re.compile(r"\s*(?:=|~>)?\s*v?(\d+(?:\.\d+)+)\s*")
"""A version, or the newest of those that differ from it in their last number alone."""

WIPES = {"openstack_compute_instance_v2": frozenset({"image_id", "image_name", "personality"})}
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

    def default(self, path: str) -> str | None:
        """What the provider takes where nothing is said at a path; None where it takes nothing."""
        value = self.defaults.get(path)
        return None if value in (None, "") else written(value)

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


def schema(type: str, version: str | None = None) -> Schema:
    """What is known of a resource type.

    version: of the provider, as a configuration requires it. One that is not said, or is a range, is the newest known.
    """
    exact = _EXACT.fullmatch(version or "")
    if exact is not None:
        given = tuple(map(int, exact[1].split(".")))
        for until, schemas in _earlier():
            if given < until and type in schemas:
                return schemas[type]
    return _newest().get(type, Schema(known=False))


@cache
def _newest() -> dict[str, Schema]:
    # Terraform's own beside the provider's.
    return _read(_table("openstack_provider.json")) | {
        "terraform_data": Schema(force_new=frozenset({"triggers_replace"}))
    }


@cache
def _earlier() -> list[tuple[tuple[int, ...], dict[str, Schema]]]:
    """By version, the earliest first, what was otherwise before it."""
    table = _table("openstack_provider_before.json")
    return sorted((tuple(map(int, version.split("."))), _read(rows)) for version, rows in table.items())


def _table(name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files(__package__).joinpath(name).read_text())
    return table


def _read(table: Mapping[str, Any]) -> dict[str, Schema]:
    return {
        type_: Schema(
            force_new=frozenset(facts.get("force_new", ())),
            kept=frozenset(facts.get("kept", ())),
            sets=frozenset(facts.get("sets", ())),
            sensitive=frozenset(facts.get("sensitive", ())),
            defaults=facts.get("defaults", {}),
        )
        for type_, facts in table.items()
    }
