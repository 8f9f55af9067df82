"""The values that a plan changes, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivc.estate.rules import called
from ivc.review.compare import looks_secret
from ivc.review.model import Attribute
from ivc.terraform.plan_document import UNKNOWN, Changed, PlanDocuments
from ivc.terraform.value import SENSITIVE, Unknown


def attributes(documents: PlanDocuments, change: Mapping[str, Any]) -> Iterator[Attribute]:
    """The attributes that differ in one of the plan's changes, as people read them."""
    for one in documents.changed(change):
        yield Attribute(one.path, before=_said(documents, one, one.before), after=_said(documents, one, one.after))


def _said(documents: PlanDocuments, one: Changed, value: str | Unknown | None) -> str | None:
    """A value as people read it."""
    if value is None or value == UNKNOWN or isinstance(value, Unknown):
        return None if value is None else str(value)
    if looks_secret(one.path, value):
        return SENSITIVE
    if one.path == "user_data":
        return f"(SHA-1 {value[:12]})" if len(value) == 40 else f"({len(value):,} characters)"
    return ", ".join(called(documents.before, part) for part in documents.referred(one.path, value))
