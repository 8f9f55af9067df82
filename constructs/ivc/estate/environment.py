"""Of which environment a synthesized stack is, and what it says without the environment's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivc.estate.kinds import TRIGGER
from ivc.estate.user_data import hash_of
from ivc.terraform.document import Document, blocks
from ivc.terraform.value import text

KEY = "environment"
"""Under what the JSON says it, in the comment `//`: Terraform reads nothing of it."""
_NAMES = ("name", "description", "metadata", "properties")
"""Arguments that hold a name which is made of the environment's, or a mark."""


@dataclass(frozen=True)
class Environment:
    """Whose a stack is. name: such as `prod`. stack: what the stack is called in each environment, such as `shop`."""

    name: str
    stack: str

    def said(self) -> dict[str, str]:
        """What the JSON says of it."""
        return {"name": self.name, "stack": self.stack}


def environment_of(document: Document) -> Environment | None:
    """The environment that a stack says it is of; None for one of none."""
    said = document.section("//", KEY)
    name, stack = text(said.get("name")), text(said.get("stack"))
    return Environment(name, stack) if name and stack else None


def without(environment: str, said: str) -> str:
    """A text without an environment's name where that ends a name, or begins one: `data-prod` and `prod-data` are
    `data`. environment: empty for none.
    """

    def of_word(found: re.Match[str]) -> str:
        word, prefix, suffix = found[0], f"{environment}-", f"-{environment}"
        shorter = word.removesuffix(suffix) if word.endswith(suffix) else word.removeprefix(prefix)
        return shorter or word

    return re.sub(r"[A-Za-z0-9-]+", of_word, said) if environment else said


def alike(raw: Mapping[str, Any], environment: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """A stack's JSON without what is the environment's alone: its name as a part of others, the place of the state, the
    cloud, and the version of Terraform that these need.

    texts: the user data without the environment's name, by instance.
    """
    versions = _mapping(_mapping(raw.get("terraform")).get("required_providers"))
    providers = {
        name: [{key: value for key, value in block.items() if key != "cloud"} for block in blocks(given)]
        for name, given in _mapping(raw.get("provider")).items()
    }
    found: dict[str, Any] = {
        **{key: _named(value, environment) for key, value in raw.items()},
        "//": _all(raw.get("//"), environment),
        "terraform": {"required_providers": versions},
        "provider": providers,
    }
    # What Terraform compares in the place of a text is a hash.
    triggers = _mapping(_mapping(found.get("resource")).get(TRIGGER))
    for instance, text_ in texts.items():
        trigger = triggers.get(f"{instance}__user_data")
        if isinstance(trigger, dict):
            trigger["input"] = {"user_data": hash_of(text_)}
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _named(value: Any, environment: str) -> Any:
    """A value with the environment's name left out of what is a name, a description or metadata in it."""
    if isinstance(value, Mapping):
        return {
            key: _all(item, environment) if key in _NAMES else _named(item, environment) for key, item in value.items()
        }
    return [_named(item, environment) for item in value] if isinstance(value, list) else value


def _all(value: Any, environment: str) -> Any:
    """A value with it left out of all texts in it."""
    if isinstance(value, Mapping):
        return {key: _all(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_all(item, environment) for item in value]
    return without(environment, value) if isinstance(value, str) else value
