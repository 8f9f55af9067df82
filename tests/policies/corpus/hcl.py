"""Terraform's JSON told in its own language, which the scanners read best.

checkov reads nothing of a JSON file that says which Terraform it needs, and resolves no variable in one. Compared is
what they find, not what they parse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_WHOLE_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
# What is a block though the JSON holds one object; a list of objects is one anyway.
_BLOCKS = ("lifecycle",)


def hcl(document: Mapping[str, Any]) -> str:
    """The variables, locals, providers, data sources and resources of a Terraform JSON document."""
    return "\n".join(_document(document)) + "\n"


def _document(document: Mapping[str, Any]) -> Iterator[str]:
    for name, body in document.get("variable", {}).items():
        yield from _block(f'variable "{name}"', body)
    if "locals" in document:
        yield from _block("locals", document["locals"])
    for name, bodies in document.get("provider", {}).items():
        for body in bodies:
            yield from _block(f'provider "{name}"', body)
    for section in ("data", "resource"):
        for type_, named in document.get(section, {}).items():
            for name, body in named.items():
                yield from _block(f'{section} "{type_}" "{name}"', body)


def _block(head: str, body: Mapping[str, Any]) -> Iterator[str]:
    yield f"{head} {{"
    for key, value in body.items():
        if key in _BLOCKS:
            yield from _block(key, value)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for item in value:
                yield from _block(key, item)
        elif head.startswith("variable ") and key == "type":
            yield f"{key} = {value}"
        else:
            yield f"{key} = {_value(value)}"
    yield "}"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str) and (whole := _WHOLE_EXPRESSION.fullmatch(value)):
        return whole[1]
    return json.dumps(value)
