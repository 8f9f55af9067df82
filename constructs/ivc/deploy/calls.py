"""Calls of Terraform that nobody watches: what they print, or why they fail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivc.deploy.errors import DeployError
from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Terraform
from ivc.deploy.trouble import Trouble, troubles

_ERROR = re.compile(r"^Error: (?P<summary>.*)$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"^[╷│╵] ?", re.MULTILINE)
_JSON = re.compile(r"^\{", re.MULTILINE)
_SNIPPET = re.compile(r"^ +(?:on \S+ line \d+.*|with \S+,|\d+: .*)\n", re.MULTILINE)


class FailedError(DeployError):
    """Terraform cannot do it. Its text is a sentence for each error, on lines of their own."""

    def __init__(self, told: Sequence[Trouble]) -> None:
        super().__init__("\n".join(map(str, told)))


def said(
    terraform: Terraform, stack: Stack, *arguments: str, environment: Mapping[str, str], folder: Path | None = None
) -> str:
    """What Terraform prints for a stack; raises FailedError.

    environment: what it gets beside ours. folder: where it runs, by default the stack's.
    """
    done = terraform.run(*arguments, folder=folder or stack.folder, environment=environment)
    if done.returncode:
        raise FailedError(
            troubles(errors(done.stdout + done.stderr), stack, terraform) or [silent(stack, "made ready")]
        )
    return done.stdout


def json_in(text: str) -> str:
    """The JSON in what Terraform printed; empty where there is none. OpenTofu prints warnings before it."""
    found = _JSON.search(text)
    return text[found.start() :] if found else ""


def errors(text: str) -> list[Mapping[str, str]]:
    """The errors in what Terraform printed for people, without the frames around them and the lines of the JSON."""
    plain = _SNIPPET.sub("", _FRAME.sub("", _COLOUR.sub("", text)))
    starts = [found.start() for found in _ERROR.finditer(plain)]
    return [_diagnostic(plain[start:end]) for start, end in zip(starts, [*starts[1:], len(plain)], strict=True)]


def silent(stack: Stack, done: str) -> Trouble:
    """That Terraform failed and said nothing."""
    what = f"it cannot be {done}, and Terraform did not say why"
    return Trouble(True, None, (f"stack {stack.name}",), what, f"look into {stack.workspace}")


def _diagnostic(text: str) -> dict[str, str]:
    first, _, rest = text.removeprefix("Error: ").partition("\n")
    return {"severity": "error", "summary": first, "detail": rest.strip()}
