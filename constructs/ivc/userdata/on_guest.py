"""What cloud-init fills in on the guest: `{{ v1.instance_id }}` in a `## template: jinja` document."""

from __future__ import annotations

from typing import NoReturn

NAMES = ("v1", "ds", "vendordata", "merged_cfg", "sys_info")
"""What cloud-init gives its templates at the top (cloud-init, "Instance metadata")."""
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
