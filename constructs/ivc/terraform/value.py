"""Values of a document: JSON's own, and the unknown, which no folder tells."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

SOMEHOW = "${...}"
"""The text of an unknown that is made of others, until it is known how it is written."""
SENSITIVE = "(sensitive)"
"""What stands for a value that nobody is to read."""


@dataclass(frozen=True, order=True)
class Reference:
    """What an expression refers to.

    address: of a resource or data source, as in Terraform's state, with its key if it has one; else `var.name`,
    `local.name`, `module.name` and the like. attribute: None for the whole.
    """

    address: str
    attribute: str | None = None

    def __str__(self) -> str:
        return self.address if self.attribute is None else f"{self.address}.{self.attribute}"


@dataclass(frozen=True)
class Unknown:
    """A value that only a plan or an apply tells.

    text: as a template says it, such as `${openstack_networking_port_v2.a.id}` or `web-${var.number}`.
    depends_on: all that it refers to.
    inputs: what is known of what it is made of, so that two unknowns are equal only where all that is known of them is.
    target: what it is an attribute of, where it is that and no more.
    parts: the texts and unknowns that it is put together from, where it is a text with unknowns in it.
    """

    text: str
    depends_on: tuple[Reference, ...] = ()
    inputs: tuple[str, ...] = ()
    target: Reference | None = None
    parts: tuple[str | Unknown, ...] = ()

    def __str__(self) -> str:
        return self.text


def readable(value: str | Unknown) -> str:
    """A text as people read it, an expression in each unknown's place."""
    parts = (value.parts or (value,)) if isinstance(value, Unknown) else (value,)
    return "".join(map(str, parts))


def referring(address: str, attribute: str) -> Unknown:
    """The value that only the cloud gives an attribute, such as an id."""
    reference = Reference(address, attribute)
    return Unknown(f"${{{reference}}}", (reference,), target=reference)


def hidden(value: object) -> Unknown:
    """A value that nobody is to read: an unknown, equal to that of an equal value."""
    return Unknown(SENSITIVE, inputs=(hashlib.sha256(written(value).encode()).hexdigest(),))


def holds_unknown(said: str) -> bool:
    """Whether a value, as it is shown, holds what only apply, or nobody who reads it, is to know."""
    return SENSITIVE in said or "${" in said


def text(value: object) -> str | None:
    """A text, or a number as one; None for anything else, an unknown among it."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(value: object) -> bool | Unknown | None:
    """A truth, also where it is written as a text, as Terraform takes it; None where it is not said, or is none."""
    if isinstance(value, bool | Unknown):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def number(value: object) -> int | Unknown | None:
    """A whole number, also where it is written as a text; None where it is not said, or is none."""
    if isinstance(value, Unknown):
        return value
    said = text(value)
    try:
        return None if said is None else int(float(said))
    except (ValueError, OverflowError):
        return None


def items(value: object) -> list[Any]:
    """The items of a list; Terraform lets one stand for a list of one, and so does an unknown."""
    return value if isinstance(value, list) else [] if value is None else [value]


def written(value: Any) -> str:
    """A value as Terraform compares it: `"80"` is 80, and `true` is "true"."""
    if isinstance(value, str | Unknown):
        return str(value)
    return json.dumps(value, sort_keys=True, default=str)
