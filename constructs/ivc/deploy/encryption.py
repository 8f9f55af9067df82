"""A stack whose state and plans OpenTofu encrypts, as `StateEncryption` declares it."""

from __future__ import annotations

import json
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


def variables(document: Mapping[str, Any]) -> dict[str, Any]:
    """Of the variables of a stack's JSON, those that its encryption names, which whoever reads the state needs."""
    said = json.dumps(document.get("terraform", {}).get("encryption", {}))
    return {name: one for name, one in document.get("variable", {}).items() if f"${{var.{name}}}" in said}


def has_former(settings: Mapping[str, Any]) -> bool:
    """Whether the state may still stand as it was before: in clear, or encrypted with another passphrase."""
    return "fallback" in settings.get("encryption", {}).get("state", {})
