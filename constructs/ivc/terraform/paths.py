"""A resource's arguments as values by path, written as Terraform writes paths: `network[0].port`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivc.terraform.evaluation import unknowns
from ivc.terraform.provider import Schema, plain
from ivc.terraform.value import Reference, Unknown, written


def flat(known: Schema, given: Mapping[str, Any]) -> dict[str, str | Unknown]:
    """The values by path; without what says no more than leaving it out would: null, what is empty, defaults."""
    return {
        path: value
        for key, each in given.items()
        for path, value in _values(known, key, each)
        if plain(path) not in known.defaults or written(known.defaults[plain(path)]) != value
    }


def _values(known: Schema, path: str, value: Any) -> Iterator[tuple[str, str | Unknown]]:
    if value is None or value in ("", [], {}):
        return
    if isinstance(value, Mapping):
        # A block may stand alone, without its list.
        named = _fields(path if path.endswith("]") else f"{path}[0]", value)
        for inner, each in named if known.has_blocks(path) else _keys(path, value):
            yield from _values(known, inner, each)
    elif isinstance(value, list) and plain(path) in known.sets:
        yield path, _joined(value)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            at = f"{path}[{index}]"
            for inner, one in _fields(at, each) if isinstance(each, Mapping) else [(at, each)]:
                yield from _values(known, inner, one)
    else:
        yield path, value if isinstance(value, Unknown) else written(value)


def _joined(values: list[Any]) -> str | Unknown:
    """A set, in which order means nothing, as one value."""
    said = ", ".join(sorted(written(_without_nothing(value)) for value in values))
    found = unknowns(values)
    if not found:
        return said
    if isinstance(values[0], Unknown) and len(values) == 1:
        return values[0]
    depends: dict[Reference, None] = {reference: None for each in found for reference in each.depends_on}
    return Unknown(said, tuple(depends), tuple(sorted(part for each in found for part in each.inputs)))


def _without_nothing(value: Any) -> Any:
    """A block without what says nothing."""
    return (
        {key: each for key, each in value.items() if each not in (None, "", [])}
        if isinstance(value, Mapping)
        else value
    )


def _fields(path: str, block: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{path}.{key}", each) for key, each in block.items())


def _keys(path: str, map: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((f'{path}["{key}"]', each) for key, each in map.items())
