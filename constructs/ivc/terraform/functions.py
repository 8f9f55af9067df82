"""Terraform's functions that configurations build lists, names and numbers with. What any other makes is unknown."""

from __future__ import annotations

import base64
import ipaddress
import json
import math
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

OF_WHOLE_ITEMS = frozenset(
    {
        "concat",
        "element",
        "flatten",
        "keys",
        "length",
        "lookup",
        "merge",
        "one",
        "reverse",
        "setproduct",
        "slice",
        "tolist",
        "tomap",
        "toset",
        "values",
        "zipmap",
    }
)
"""Functions that only move items: an unknown one stays what it is."""


LONGEST_TEXT = 4 * 1024 * 1024
"""Characters of a text that is put together here; user data, the longest there is, has 64 KiB."""

MOST_ITEMS = 10_000
"""Items that a list is made of here, and resources that a block makes."""


class UnknownResultError(Exception):
    """A function, or arguments of one, of which only Terraform knows the result."""


def call(name: str, arguments: list[Any]) -> Any:
    """What a function makes of arguments, all of which are known; raises UnknownResultError."""
    try:
        if name in ("join", "range", "setproduct") and _size(name, arguments) > MOST_ITEMS:
            raise UnknownResultError(name)
        return _FUNCTIONS[name](*(map(_number, arguments) if name in _OF_NUMBERS else arguments))
    except (UnknownResultError, ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnknownResultError(name) from error


def _size(name: str, arguments: list[Any]) -> float:
    """How much a function would make, that makes much of little."""
    if name == "range":
        return max(map(_number, arguments))
    if name == "setproduct":
        return math.prod(map(len, arguments))
    return sum(len(each) if isinstance(each, str) else 8 for values in arguments[1:] for each in values) / 100


def as_text(value: Any) -> str:
    """A value in a template, as Terraform writes it; raises UnknownResultError for what cannot stand there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise UnknownResultError("template")


def _list(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise TypeError(values)
    return values


def _map(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise TypeError(values)
    return values


def _flatten(values: Iterable[Any]) -> list[Any]:
    return [one for value in values for one in (_flatten(value) if isinstance(value, list) else [value])]


def _distinct(values: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept


def _set(values: Any) -> list[Any]:
    """A set's items come in the order of their texts; Terraform makes all of one kind."""
    given = _list(values)
    if len({isinstance(value, str) for value in given}) > 1:
        given = [as_text(value) for value in given]
    return sorted(_distinct(given), key=str)


def _number(value: Any) -> int | float:
    """A number, also where it is written as a text; a truth is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(value)
    return int(value) if float(value).is_integer() else float(value)


def _whole(value: Any) -> int:
    found = _number(value)
    if not isinstance(found, int):
        raise TypeError(value)
    return found


def _coalesce(*values: Any) -> Any:
    if not all(value is None or isinstance(value, str | int | float) for value in values):
        raise TypeError(values)
    found = [value for value in values if value not in (None, "")][0]  # noqa: RUF015 - an IndexError is meant
    # Terraform makes all of one kind.
    mixed = len({isinstance(value, str) for value in values if value is not None}) > 1
    return as_text(found) if mixed else found


def _one(values: Any) -> Any:
    if len(_list(values)) > 1:
        raise ValueError(values)
    return values[0] if values else None


def _range(*bounds: int) -> list[int]:
    if min(bounds) < 0:
        raise ValueError(bounds)
    return [*range(*map(_whole, bounds))]


def _merge(*maps: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for each in maps for key, value in (_map(each) if each is not None else {}).items()}


def _lookup(mapping: Mapping[str, Any], key: str, *default: Any) -> Any:
    return _map(mapping).get(key, *default) if default else _map(mapping)[key]


def _format(form: str, *arguments: Any) -> str:
    if set(form.replace("%s", "").replace("%d", "")) & {"%"}:
        raise ValueError(form)
    return form % tuple(
        as_text(each) if kind == "s" else int(each) for kind, each in zip(_verbs(form), arguments, strict=True)
    )


def _verbs(form: str) -> list[str]:
    return [part[0] for part in form.split("%")[1:]]


def _network(prefix: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    if not isinstance(prefix, str):
        raise TypeError(prefix)
    return ipaddress.ip_network(prefix, strict=False)


def _cidrhost(prefix: str, number: int) -> str:
    return str(_network(prefix)[_whole(number)])


def _cidrsubnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    size = 1 << (network.max_prefixlen - network.prefixlen - _whole(bits))
    address = network.network_address + _whole(number) * size
    return f"{address}/{network.prefixlen + _whole(bits)}"


def _slice(values: list[Any], first: int, after: int) -> list[Any]:
    if not 0 <= first <= after <= len(_list(values)):
        raise ValueError("slice")
    return values[first:after]


_OF_NUMBERS = frozenset({"ceil", "floor", "max", "min", "range"})
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "base64encode": lambda text: base64.b64encode(text.encode()).decode(),
    "ceil": math.ceil,
    "chomp": lambda text: text.rstrip("\r\n"),
    "cidrhost": _cidrhost,
    "cidrsubnet": _cidrsubnet,
    "coalesce": _coalesce,
    "compact": lambda values: [value for value in _list(values) if value not in (None, "")],
    "concat": lambda *lists: [value for each in lists for value in _list(each)],
    "contains": lambda values, value: value in _list(values),
    "distinct": lambda values: _distinct(_list(values)),
    "element": lambda values, index: _list(values)[_whole(index) % len(values)],
    "flatten": lambda values: _flatten(_list(values)),
    "floor": math.floor,
    "format": _format,
    "join": lambda separator, *lists: separator.join(as_text(value) for each in lists for value in _list(each)),
    "jsondecode": json.loads,
    "keys": lambda mapping: sorted(_map(mapping)),
    "length": len,
    "lookup": _lookup,
    "lower": str.lower,
    "max": max,
    "merge": _merge,
    "min": min,
    "one": _one,
    "range": _range,
    "reverse": lambda values: _list(values)[::-1],
    "setproduct": lambda *lists: [[*each] for each in product(*map(_list, lists))],
    "setunion": lambda *lists: _set([value for each in lists for value in _list(each)]),
    "slice": _slice,
    "sort": lambda values: sorted(map(as_text, _list(values))),
    "split": lambda separator, text: text.split(separator),
    "tobool": lambda value: value if isinstance(value, bool) else {"true": True, "false": False}[str(value)],
    "tolist": lambda values: [*_list(values)],
    "tomap": lambda mapping: dict(_map(mapping)),
    "tonumber": _number,
    "toset": _set,
    "tostring": as_text,
    "trimspace": str.strip,
    "upper": str.upper,
    "values": lambda mapping: [mapping[key] for key in sorted(_map(mapping))],
    "zipmap": lambda keys, values: dict(zip(map(as_text, _list(keys)), _list(values), strict=True)),
}
