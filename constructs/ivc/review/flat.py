"""A resource's configuration as values by path, written as Terraform writes paths: `network[0].port`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ivc.review.provider import Schema, plain


def flat(known: Schema, attributes: Mapping[str, Any]) -> dict[str, str]:
    """The values by path; without what says no more than leaving it out would: null, what is empty, defaults."""
    return {
        path: value
        for key, given in attributes.items()
        for path, value in _values(known, key, given)
        if plain(path) not in known.defaults or scalar(known.defaults[plain(path)]) != value
    }


def scalar(value: Any) -> str:
    """A value as Terraform compares it: `"80"` is 80, and `true` is "true"."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _values(known: Schema, path: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None or value in ("", [], {}):
        return
    if isinstance(value, Mapping):
        # A block may stand alone, without its list.
        named = _fields(path if path.endswith("]") else f"{path}[0]", value)
        for inner, each in named if known.has_blocks(path) else _keys(path, value):
            yield from _values(known, inner, each)
    elif isinstance(value, list) and plain(path) in known.sets:
        yield path, ", ".join(sorted(map(scalar, value)))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            at = f"{path}[{index}]"
            for inner, one in _fields(at, each) if isinstance(each, Mapping) else [(at, each)]:
                yield from _values(known, inner, one)
    else:
        yield path, scalar(value)


def _fields(path: str, block: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{path}.{key}", each) for key, each in block.items())


def _keys(path: str, map: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((f'{path}["{key}"]', each) for key, each in map.items())
