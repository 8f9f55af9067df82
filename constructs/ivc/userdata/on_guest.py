"""What cloud-init fills in on the guest: `{{ v1.instance_id }}` in a `## template: jinja` document."""

from __future__ import annotations

from typing import NoReturn

NAMES = ("v1", "ds", "vendordata", "merged_cfg", "merged_system_cfg", "sys_info", "sensitive_keys")
"""What cloud-init gives its templates at the top (cloudinit/sources/__init__.py, persist_instance_data)."""
SHORT_NAMES = (
    "availability_zone",
    "cloud_id",
    "cloud_name",
    "distro",
    "distro_release",
    "distro_version",
    "instance_id",
    "kernel_release",
    "local_hostname",
    "machine",
    "platform",
    "public_ssh_keys",
    "python_version",
    "region",
    "subplatform",
    "system_platform",
    "variant",
)
"""What stands in `v1`, and at the top as well (cloudinit/handlers/jinja_template.py, convert_jinja_instance_data).

Words that a declaration may use, too: only a template for the guest has them, and a variable goes before.
"""
HEADER = "## template: jinja"


class OnGuest:
    """A name that reaches the guest as it stands; anything but inserting it belongs in a `{% raw %}` block."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def text(self) -> str:
        """What the guest is to read."""
        return f"{{{{ {self._path} }}}}"

    def __getattr__(self, name: str) -> OnGuest:
        if name.startswith("_"):
            raise AttributeError(name)
        return OnGuest(f"{self._path}.{name}")

    def __getitem__(self, key: str | int) -> OnGuest:
        return OnGuest(f"{self._path}[{key!r}]")

    def _refuse(self) -> NoReturn:
        raise ValueError(
            f"{self.text} is known on the guest alone: insert it as it is, or put what cloud-init is to work out "
            "between {% raw %} and {% endraw %}"
        )

    def __str__(self) -> str:  # noqa: PLE0307 - it has none
        self._refuse()

    def __bool__(self) -> bool:  # noqa: PLE0304 - it has none
        self._refuse()

    def __len__(self) -> int:  # noqa: PLE0303 - it has none
        self._refuse()

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __eq__(self, other: object) -> bool:
        self._refuse()

    __hash__ = object.__hash__
