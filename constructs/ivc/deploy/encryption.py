"""Who may run a stack whose state is encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivc.deploy.errors import DeployError


def check_program(stack: str, settings: Mapping[str, Any], *, kind: str) -> None:
    """Raise DeployError where a stack's state is to be encrypted, and the program is not the one that can.

    settings: the stack's block `terraform`. kind: `terraform` or `tofu`. Terraform itself refuses the block as well.
    """
    if settings.get("encryption") is not None and kind != "tofu":
        raise DeployError(
            f"stack {stack}: its state is encrypted, which OpenTofu does and Terraform does not; run it with OpenTofu "
            "1.8 or newer (TERRAFORM_BINARY_NAME=tofu), or take encryption= away and leave the state in clear"
        )
