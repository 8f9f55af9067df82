"""Secrets: values that Terraform is given when it runs, and that no file here holds.

password = Secret(shop, "database_password", description="What the back end shows to MySQL")
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from ivc.declare.cdktf import Construct, Precondition, TerraformVariable, create, struct
from ivc.declare.references import Reference, same_stack, stack_of
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.userdata import AtApply

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN = ("source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals")
"""What Terraform calls no variable."""


class Secret(AtApply, Reference):
    """A value of the stack that is given when Terraform runs: a sensitive variable without a default.

    A template takes it as it is, `password=password`, and inserts it, `{{ password }}`; an argument of an L1 takes its
    `as_terraform`. The output has its name alone. The state holds the value, and so does a plan file.

    id: the variable's name; whoever runs Terraform gives it as `TF_VAR_<id>`, in a file `<id>` of a folder of secrets,
    or as a variable of the workspace (docs/credentials.md). Letters, digits and `_`, after a letter.
    description: what it is for.
    pattern: a regular expression (RE2's) that all of it must match; a plan of a server whose user data has it fails
    otherwise. longest: likewise the most characters that it may have; Nova's limit on user data is measured with it.

    Another value is a change of all that has it: where it stands in user data, the server is replaced. Raises
    DeclarationError for a name that Terraform cannot carry or that the stack has already, and for a pattern that is
    none.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        description: str,
        pattern: str | None = None,
        longest: int = 255,
    ) -> None:
        self._called = f"Secret {id}"
        self._stack = stack_of(self._called, scope)
        _check(self._called, id, pattern, longest)
        AtApply.__init__(self, expression=f"var.{id}", label=f"var.{id}", longest=longest)
        self._pattern = pattern
        try:
            self.l1: TerraformVariable = create(
                TerraformVariable,
                self._stack,
                self._called,
                type="string",
                sensitive=True,
                description=literal(description),
            )
        except RuntimeError as error:
            raise DeclarationError(
                f"{self._called}: stack {self._stack.name} has one of that name; use that one"
            ) from error
        self.l1.override_logical_id(id)

    def _refers_to(self) -> Any:
        return self

    def _instead(self, stack: object) -> str:
        return f"declare one in stack {getattr(stack, 'name', '')}"


def rules(parts: Iterable[object]) -> list[Precondition]:
    """That the secrets among the parts of a text are as they were declared.

    Not as rules of the variables themselves: where one of those fails, Terraform (1.11) shows the value in clear.
    """
    secrets = {part.expression: part for part in parts if isinstance(part, Secret)}
    return [rule for name in sorted(secrets) for rule in _rules(secrets[name])]


def _rules(secret: Secret) -> list[Precondition]:
    variable, pattern = secret.expression, secret._pattern
    name = variable.removeprefix("var.")
    said = {f"length({variable}) <= {secret.longest}": f"Variable {name} is longer than {secret.longest} characters."}
    if pattern is not None:
        # HCL has all the escapes that JSON's writer makes.
        quoted = literal(json.dumps(f"^(?:{pattern})$", ensure_ascii=False))
        said[f"can(regex({quoted}, {variable}))"] = f"Variable {name}: all of it must match {literal(pattern)}"
    return [
        struct(Precondition, condition=f"${{{condition}}}", error_message=message)
        for condition, message in said.items()
    ]


def _check(where: str, name: str, pattern: str | None, longest: int) -> None:
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise DeclarationError(
            f"{where}: Terraform calls no variable {name!r}; use letters, digits and '_', beginning with a letter, "
            "such as 'database_password'"
        )
    if longest < 1:
        raise DeclarationError(f"{where}: longest: {longest} is no number of characters; give 1 or more")
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise DeclarationError(f"{where}: pattern: {pattern!r} is no regular expression: {error}") from None
