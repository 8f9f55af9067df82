"""Where the settings of a stack say that its state is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ivc.terraform.document import blocks

_CLOUD = "cloud"
_TELLING = {
    _CLOUD: ("hostname", "organization", "workspaces"),
    "http": ("address",),
    "local": ("path", "workspace_dir"),
    "pg": ("schema_name",),
    "s3": ("bucket", "key", "region", "endpoints", "endpoint", "workspace_key_prefix"),
}
"""By kind, which settings tell the place. The others say how it is reached and locked."""


@dataclass(frozen=True)
class StatePlace:
    """A place of a state; equal to another where that is the same place.

    kind: what Terraform calls the backend, or `cloud`. path: of the file of a local one, where its folder is known.
    """

    kind: str
    path: str | None
    _telling: str
    _words: str

    def __str__(self) -> str:
        return self._words


def state_place(settings: Mapping[str, Any], folder: Path | None = None) -> StatePlace:
    """The place that a stack's block `terraform` tells.

    folder: the stack's, from which the path of a local state is meant.
    """
    kind, said = _named(settings)
    known = {name: value for name, value in said.items() if name in _TELLING.get(kind, said) and value is not None}
    path = None
    if kind == "local":
        path = str(known.get("path", "terraform.tfstate"))
        path = known["path"] = path if folder is None else os.path.normpath(folder / path)
    if kind == _CLOUD:
        known.setdefault("hostname", "app.terraform.io")
    telling = repr(sorted((name, _plain(value)) for name, value in known.items()))
    return StatePlace(kind, path, telling, _words(kind, known))


def _named(settings: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if settings.get(_CLOUD) is not None:
        return _CLOUD, _block(settings[_CLOUD])
    backends = _block(settings.get("backend"))
    # With none Terraform keeps it in the folder. Two are no place, and Terraform refuses them.
    kind = next(iter(backends), "local")
    return (kind, _block(backends.get(kind))) if len(backends) < 2 else (", ".join(sorted(backends)), backends)


def _block(value: Any) -> Mapping[str, Any]:
    return next(iter(blocks(value)), {})


def _plain(value: Any) -> Any:
    """A value without what says nothing, in an order of its own."""
    if isinstance(value, Mapping):
        return sorted((name, _plain(item)) for name, item in value.items() if item is not None)
    # A block may stand in a list.
    return _plain(value[0]) if isinstance(value, list) and len(value) == 1 else value


def _words(kind: str, known: Mapping[str, Any]) -> str:
    if kind == _CLOUD:
        workspace = _block(known.get("workspaces")).get("name", "workspaces by their tags")
        return f"Terraform Cloud, {known.get('organization')}/{workspace} at {known['hostname']}"
    if kind == "local":
        # From the stack's folder, where that is not known: below the folder that holds the output.
        return str(known["path"]).removeprefix("../../../")
    if kind == "s3":
        endpoint = _block(known.get("endpoints")).get("s3") or known.get("endpoint")
        return f"s3://{known.get('bucket')}/{known.get('key')}" + (f" at {_shown(endpoint)}" if endpoint else "")
    if kind == "http":
        return _shown(known.get("address"))
    if kind == "pg":
        return f"PostgreSQL, schema {known.get('schema_name', 'terraform_remote_state')}"
    return f"backend {kind}"


def _shown(address: Any) -> str:
    """An address without what may be secret in it."""
    parts = urlsplit(str(address))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
