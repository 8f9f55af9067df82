"""The state and the plans of a stack, encrypted by OpenTofu.

OpenTofu's documentation: "State and Plan Encryption". Terraform refuses the block that says so, whatever it is to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ivc.arguments import checked
from ivc.declare.cdktf import Construct, TerraformVariable
from ivc.errors import DeclarationError

# As OpenTofu and Terraform take it for a variable, and OpenTofu for a key provider.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@checked
@dataclass(frozen=True)
class StateEncryption:
    """State and plan files that only OpenTofu writes, and only who has the passphrase reads (PBKDF2, AES-GCM).

    passphrase: the name of the variable that holds it, which the stack then has. Its value is at least 16 characters,
    and never part of a declaration: OpenTofu reads `TF_VAR_<name>` from the environment.
    former_passphrase: likewise, the variable of the one that the state is still encrypted with, until it was written
    once.
    former_unencrypted: whether the state may still be in clear, until it was written once.

    Needs OpenTofu 1.8. Terraform refuses the stack ("No argument or block type is named encryption"): it would write
    the state in clear. Without the passphrase nobody reads the state again: keep it where it outlives this machine.

    Raises DeclarationError for a name that no variable can have, and for both former ones at once.
    """

    passphrase: str = "state_passphrase"  # noqa: S105 - a variable's name
    former_passphrase: str | None = None
    former_unencrypted: bool = False

    _terraform_version = (1, 8)

    def __post_init__(self) -> None:
        for field, name in (("passphrase", self.passphrase), ("former_passphrase", self.former_passphrase)):
            # Not shown: who mistakes it for the passphrase itself gave a secret.
            if name is not None and not _NAME.fullmatch(name):
                raise DeclarationError(
                    f"StateEncryption: {field}: it is no name of a variable; name the one that holds the passphrase, "
                    "such as state_passphrase, and set TF_VAR_state_passphrase where OpenTofu runs"
                )
        if self.former_passphrase == self.passphrase:
            raise DeclarationError(
                f"StateEncryption: former_passphrase: {self.former_passphrase!r} is the new one's variable, too; give "
                "the two their own"
            )
        if self.former_passphrase is not None and self.former_unencrypted:
            raise DeclarationError(
                "StateEncryption: former_unencrypted: the state was encrypted with former_passphrase; leave one of the "
                "two out"
            )

    def _add(self, own: Construct, /) -> dict[str, Any]:
        """Make the variables, and give the block of OpenTofu's."""
        names = [self.passphrase, *([self.former_passphrase] if self.former_passphrase else [])]
        for name in names:
            # Each key provider is called as its variable: what is encrypted names it, and so can still be read when
            # the variable has become the former one.
            variable = TerraformVariable(
                own, name, type="string", sensitive=True, description="Passphrase of this stack's state and plans"
            )
            variable.override_logical_id(name)
        used: dict[str, Any] = {"method": _method(self.passphrase), "enforced": True}
        state = used
        if self.former_passphrase is not None:
            state = used | {"fallback": {"method": _method(self.former_passphrase)}}
        elif self.former_unencrypted:
            # Enforced, OpenTofu would not read what is in clear either.
            state = {"method": used["method"], "fallback": {"method": "method.unencrypted.former"}}
        return {
            "key_provider": {"pbkdf2": {name: {"passphrase": f"${{var.{name}}}"} for name in names}},
            "method": {"aes_gcm": {name: {"keys": f"${{key_provider.pbkdf2.{name}}}"} for name in names}}
            | ({"unencrypted": {"former": {}}} if self.former_unencrypted else {}),
            "state": state,
            "plan": used,
        }


def _method(name: str) -> str:
    return f"method.aes_gcm.{name}"
