"""What waits for itself: Terraform refuses it (`Error: Cycle`), and names all that is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

_NAMED = re.compile(r"(?:data\.)?[A-Za-z_]\w*\.[A-Za-z_][\w-]*")
_ORDERS = ("depends_on", "replace_triggered_by")


def circle(written: Mapping[str, Any]) -> tuple[str, ...]:
    """Addresses of which each waits for the next one, and the last for the first; empty where there are none.

    By what resources, data sources and locals say of one another in expressions, and in `depends_on`.
    written: a stack's JSON, as it stands in its file.
    """
    said: dict[str, Any] = {f"local.{name}": value for name, value in written.get("locals", {}).items()}
    for prefix, section in (("", "resource"), ("data.", "data")):
        for kind, named in written.get(section, {}).items():
            said |= {f"{prefix}{kind}.{name}": value for name, value in named.items()}
    # A `depends_on` of itself Terraform takes.
    waits = {address: {one for one in _named(value) if one in said} - {address} for address, value in said.items()}
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        # Each is named before what waits for it, and the first again at the end.
        found: list[str] = error.args[1]
        return tuple(reversed(found[1:]))
    return ()


def _named(value: Any) -> Iterator[str]:
    """What a value names: in expressions, and in lists of addresses."""
    if isinstance(value, str) and "${" in value:
        yield from _NAMED.findall(value)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            for each in one if key in _ORDERS and isinstance(one, list) else ():
                yield from _NAMED.findall(each)
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)
