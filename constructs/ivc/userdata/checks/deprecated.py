"""Keys that cloud-init still takes and no longer wants.

Source: `deprecated` in cloudinit/config/schemas/schema-cloud-config-v1.json of cloud-init 26.1, without what images
of before 2024 do not know in its new form. `cloud-init-models` does not carry it.
"""

from __future__ import annotations

from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding

# By where the key stands (lists do not count): since which version, and what to write.
_DEPRECATED = {
    ("apt_update",): ("22.2", "package_update"),
    ("apt_upgrade",): ("22.2", "package_upgrade"),
    ("apt_reboot_if_required",): ("22.2", "package_reboot_if_required"),
    ("ca-certs",): ("22.3", "ca_certs"),
    ("ca_certs", "remove-defaults"): ("22.3", "remove_defaults"),
    ("ca-certs", "remove-defaults"): ("22.3", "remove_defaults"),
    ("chpasswd", "list"): ("22.2", "users"),
    ("grub-dpkg",): ("22.2", "grub_dpkg"),
    ("users", "lock-passwd"): ("22.3", "lock_passwd"),
    ("users", "ssh-authorized-keys"): ("18.3", "ssh_authorized_keys"),
}
_TOP = {path[0] for path in _DEPRECATED}


def deprecations(root: MappingNode) -> Iterator[Finding]:
    """The deprecated keys of a cloud-config."""
    for key, value in root.value:
        if isinstance(key, ScalarNode) and key.value in _TOP:
            yield from _of(key, value, ())


def _of(key: ScalarNode, value: Node, above: tuple[str, ...]) -> Iterator[Finding]:
    path = (*above, key.value)
    if path in _DEPRECATED:
        since, instead = _DEPRECATED[path]
        place = f" in {', '.join(above)}" if above else ""
        yield Finding(
            id="deprecated-key",
            severity="warning",
            line=tree.line_of(key),
            message=f"{key.value!r}{place} is deprecated since cloud-init {since}; write {instead!r}",
            subject=".".join(path),
        )
    if len(path) < 2:
        for mapping in value.value if isinstance(value, SequenceNode) else [value]:
            for inner, below in mapping.value if isinstance(mapping, MappingNode) else ():
                if isinstance(inner, ScalarNode):
                    yield from _of(inner, below, path)
