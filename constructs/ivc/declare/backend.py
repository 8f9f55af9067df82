"""Where Terraform keeps the state of a stack."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ivc.arguments import checked
from ivc.errors import DeclarationError


@checked
@dataclass(frozen=True)
class TerraformCloud:
    """State and runs in Terraform Cloud, or a server of the same API (the `cloud` block).

    organization: its name there.
    workspace: the workspace's name; by default the stack's.
    hostname: the server, where it is not Terraform Cloud itself.

    The token is never part of a declaration: Terraform reads it from `TF_TOKEN_<host>` or `terraform login`.
    """

    organization: str
    workspace: str | None = None
    hostname: str = "app.terraform.io"

    def __post_init__(self) -> None:
        for field_, value in (("organization", self.organization), ("hostname", self.hostname)):
            if not value.strip():
                raise DeclarationError(f"TerraformCloud: {field_} is empty; give its name")

    @classmethod
    def from_environment(cls) -> TerraformCloud | None:
        """What Terraform's own `TF_CLOUD_ORGANIZATION` and `TF_CLOUD_HOSTNAME` ask for, if they do."""
        organization = os.environ.get("TF_CLOUD_ORGANIZATION")
        if not organization:
            return None
        return cls(organization=organization, hostname=os.environ.get("TF_CLOUD_HOSTNAME") or cls.hostname)


def local_state_path(stack: str) -> str:
    """The state file of a stack, from the stack's output folder: beside the output, never in it."""
    return f"../../../terraform.{stack}.tfstate"
