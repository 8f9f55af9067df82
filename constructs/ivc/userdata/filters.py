"""Filters for templates: a value encoded for the language that it is put into.

A text that Jinja itself made (a macro, a parent's block) is `Printed`, and stays so through any filter: what it holds
was looked at when it was printed first.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
import yaml
from jinja2.filters import FILTERS

from ivc.userdata.at_apply import AtApply
from ivc.userdata.sandbox import bounded

_LINE_END = re.compile("[\n\r\x85\u2028\u2029]")


class Printed(str):
    """Text of a template, or a value that is encoded already: it may hold structure."""

    __slots__ = ()


def to_yaml(value: object) -> Printed:
    """The value as YAML on one line, which may stand wherever YAML expects a value; strings are quoted as needed."""
    _refuse_at_apply(value)
    try:
        text = _dumped(value)
        if not _comes_back(text, value):
            # Plain text alone, and none in a list: `a, b`.
            text = _dumped([value])[1:-1]
        # A key with a line end, for one, has no form that may stand anywhere.
        if not _comes_back(text, value):
            raise yaml.YAMLError
    except yaml.YAMLError:
        raise ValueError(f"to_yaml: {value!r} is nothing that YAML has a form for") from None
    return Printed(text)


def _dumped(value: object) -> str:
    text = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=2**31, allow_unicode=True, sort_keys=False)
    return str(text).removesuffix("\n").removesuffix("\n...").removesuffix("\n")


def _comes_back(text: str, value: object) -> bool:
    try:
        return bool(yaml.safe_load(f"[{text}]") == [value])
    except yaml.YAMLError:
        return False


def to_json(value: object) -> Printed:
    """The value as JSON on one line."""
    _refuse_at_apply(value)
    try:
        return Printed(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError(f"to_json: {value!r} is nothing that JSON has a form for") from None


def quote(value: object) -> str:
    """The value as one word of a POSIX shell."""
    _refuse_at_apply(value)
    return shlex.quote(str(value))


def verbatim(value: object) -> Printed:
    """A text that is meant to bring structure of its own, such as a piece of YAML that the declaration gives."""
    return Printed(str(value))


def filters() -> dict[str, Callable[..., Any]]:
    """Jinja's own filters and ours."""
    ours = {"to_yaml": to_yaml, "to_json": to_json, "quote": quote, "verbatim": verbatim}
    return {name: _keeping_printed(bounded(name, filter_)) for name, filter_ in FILTERS.items()} | ours


class _Dumper(yaml.SafeDumper):
    """YAML without anchors, which a person would have to look up."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Unquoted, a line end that only Unicode knows would be folded.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _LINE_END.search(text) else None)


_Dumper.add_representer(str, _represent_text)


def _keeping_printed(filter_: Callable[..., Any]) -> Callable[..., Any]:
    # Jinja gives a filter that asks for it its environment or context first.
    first = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @functools.wraps(filter_)
    def kept(*arguments: Any, **named: Any) -> Any:
        result = filter_(*arguments, **named)
        is_printed = len(arguments) > first and isinstance(arguments[first], Printed)
        return Printed(result) if is_printed and isinstance(result, str) else result

    return kept


def _refuse_at_apply(value: object) -> None:
    """Raise where a value known only at apply is, or is in, what would have to be encoded."""
    if isinstance(value, AtApply):
        str(value)
    if isinstance(value, jinja2.Undefined):
        str(value)
    if isinstance(value, Mapping):
        for item in (*value.keys(), *value.values()):
            _refuse_at_apply(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            _refuse_at_apply(item)
