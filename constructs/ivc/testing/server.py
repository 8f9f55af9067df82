"""A server of an estate, as tests look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml

from ivc.estate import Instance, Mount, Stack
from ivc.estate.reach import Assumed, Reach, of_nic
from ivc.testing import openings
from ivc.userdata.checks import tree, write_files
from ivc.userdata.checks.part import Form, parts

if TYPE_CHECKING:
    from yaml.nodes import Node

AUTOMATIC = "automatic"
"""Stands for an address that the cloud chooses."""


@dataclass(frozen=True, repr=False)
class Server:
    """A server.

    stack, instance: all else that is known of it: `server.instance.flavor`, `.image`, `.tags`, `.config_drive`.
    """

    stack: Stack
    instance: Instance

    def __repr__(self) -> str:
        return f"<Server {self.name} of {self.stack.name}>"

    @property
    def name(self) -> str:
        """Its name in its stack, such as `www-1`."""
        return self.instance.id

    @cached_property
    def world_reaches(self) -> set[str]:
        """What the Internet reaches of it, such as `{"tcp 80", "tcp 443", "icmp"}`: by addresses of its own and by
        floating IPs, also of VIPs that it may use. What comes by a load balancer is told of that.

        `tcp 443 (IPv6 only)` is of one family, `perhaps tcp 22` depends on what is known only at apply, and `not known:
        default` is what a looked-up group lets in.
        """
        return openings.of_world(self._reached)

    def _reached(self, assumed: Assumed) -> Reach:
        found = Reach()
        for nic in self.instance.nics:
            found |= of_nic(self.stack, nic, assumed)
        return found

    @property
    def mounts(self) -> dict[str, str]:
        """By mount point, the volume: `{"/var/lib/mysql": "db-data"}`. What of it, if not the whole, stands behind it:
        `db-data, partition 1`.
        """
        return {mount.mount_point: _said(mount) for mount in self.instance.mounts}

    @property
    def volumes(self) -> list[str]:
        """The volumes that it has, in their order, with one that it boots from."""
        return [volume.name for volume in self.instance.volumes]

    @property
    def networks(self) -> dict[str, list[str]]:
        """By network, its addresses there: `{"Ext-Net": ["automatic"], "backend": ["10.0.0.11"]}`."""
        found: dict[str, list[str]] = {}
        for nic in self.instance.nics:
            found.setdefault(nic.network.name, []).extend(nic.ips or (AUTOMATIC,))
        return found

    @cached_property
    def user_data(self) -> str:
        """Its user data; what only apply knows stands in angle brackets. Empty where it has none."""
        file = self.instance.user_data
        return file.path.read_bytes().decode() if file is not None else ""

    @cached_property
    def cloud_config(self) -> dict[str, Any]:
        """The `#cloud-config` of its user data, as YAML has it; empty where there is none.

        Raises ValueError where it has several, which the guest merges.
        """
        texts = [part.text for part in parts(self.user_data) if part.form is Form.CLOUD_CONFIG]
        if len(texts) > 1:
            raise ValueError(
                f"{self.name}: its user data has {len(texts)} cloud-configs, which the guest merges; look at .user_data"
            )
        return {key: value for text in texts for key, value in (yaml.load(text, yaml.CSafeLoader) or {}).items()}

    @cached_property
    def files(self) -> dict[str, str | None]:
        """By path, the files that its cloud-configs write, decoded; None for one of which the output does not tell."""
        found: dict[str, str | None] = {}
        for part in parts(self.user_data):
            if part.form is Form.CLOUD_CONFIG:
                found |= write_files.contents(_write_files(part.text))
        return found


def _said(mount: Mount) -> str:
    parts = [mount.volume]
    parts += [f"partition {mount.partition}"] if mount.partition is not None else []
    parts += [f"logical volume {mount.lvm}"] if mount.lvm is not None else []
    parts += [f"folder {mount.folder}"] if mount.folder is not None else []
    return ", ".join(parts)


def _write_files(text: str) -> Node | None:
    return tree.entries(tree.parse(text)).get("write_files")
