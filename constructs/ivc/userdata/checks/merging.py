"""How cloud-init puts the cloud-configs of several parts together (cloudinit/mergers, handlers/cloud_config.py)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import as_guest, tree
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.part import Part
from ivc.userdata.checks.placeholder import shown, unknown

_WORKS = "list(append)+dict(recurse_array)+str()"
_DEFAULT = "dict(replace)+list()+str()"
_KEYS = ("merge_how", "merge_type")
_ONE = re.compile(r"([a-z_][a-z0-9_]*)\((.*?)\)$")
_KNOWN = ("dict", "list", "str")


class _UnreadableError(Exception):
    """The way to merge is in no form that cloud-init reads."""


@dataclass(frozen=True)
class Config:
    """A part and the mapping that it is."""

    part: Part
    root: MappingNode


@dataclass(frozen=True)
class _Merger:
    """What merges values of one type; its options are a list or a text, in which cloud-init looks for words."""

    name: str
    options: Any

    def has(self, *words: str) -> bool:
        return any(word in self.options for word in words)

    def method(self, *words: str) -> str:
        """The first of the words that it has; else the last."""
        return next((word for word in words if self.has(word)), words[-1])


def check(configs: Sequence[Config]) -> Iterator[tuple[Part, Finding]]:
    """What parts lose to each other, and which are lost as a whole; with the part in which it is said.

    configs: in their order.
    """
    counted = Counter(name for config in configs for name in {*_nodes(config)})
    before: dict[str, Any] = {}
    places: dict[str, Config] = {}
    for config in configs:
        nodes = _nodes(config)
        given = {name: as_guest.made(node) for name, (_, node) in nodes.items() if counted[name] > 1}
        try:
            mergers, chosen = _mergers(config)
            after = _merged(before, given, mergers)
        except (_UnreadableError, TypeError, LookupError, AttributeError):
            yield config.part, _lost(config, "is in no form that cloud-init reads, or does not fit what stands here")
            continue
        if not any(merger.name == "dict" for merger in mergers):
            yield config.part, _lost(config, "says nothing of mappings, and a cloud-config is one")
            continue
        # Who writes `replace` wants it so.
        if not any(merger.has("replace") for merger in mergers) or not chosen:
            for name, value in given.items():
                if name in before:
                    yield from _forgotten(config, name, places[name], (before[name], value, after.get(name)))
        before = after
        places |= dict.fromkeys(nodes, config)


def _nodes(config: Config) -> dict[str, tuple[Node, Node]]:
    """The keys that are merged, and their values."""
    return {
        key.value: (key, value)
        for key, value in config.root.value
        if isinstance(key, ScalarNode) and key.value not in _KEYS and not unknown(key.value)
    }


def _mergers(config: Config) -> tuple[list[_Merger], bool]:
    """What merges the part with those before it, and whether somebody chose it; raises _UnreadableError and others."""
    fields = tree.entries(config.root)
    nodes = (fields[key] for key in _KEYS if key in fields)
    how = next((value for value in map(as_guest.made, nodes) if value is not None), None)
    mergers = [*_parsed(how), *_of_text(config.part.merging)]
    return mergers or _of_text(_DEFAULT), bool(mergers)


def _parsed(how: Any) -> list[_Merger]:
    if how is None:
        return []
    if isinstance(how, str):
        return _of_text(how)
    mergers = []
    for one in how:
        if isinstance(one, Mapping):
            name, options = one["name"].replace("-", "_").strip(), one["settings"]
        else:
            name, options = one[0], one[1:]
        mergers += [_merger(name, options)] if name else []
    return mergers


def _of_text(how: str) -> list[_Merger]:
    mergers = []
    for one in how.split("+"):
        name = one.lower().strip().replace("-", "_")
        if not name:
            continue
        match = _ONE.match(name)
        if match is None:
            raise _UnreadableError
        mergers.append(_merger(match[1], [option.strip() for option in match[2].split(",")]))
    return mergers


def _merger(name: str, options: Any) -> _Merger:
    known = name.removeprefix("m_")
    if known not in _KNOWN:
        raise _UnreadableError
    merger = _Merger(known, options)
    merger.has("")  # raises where cloud-init's look would
    return merger


def _merged(old: Any, new: Any, mergers: Sequence[_Merger]) -> Any:
    """What comes of an older and a newer value; raises TypeError where cloud-init fails over them."""
    merger = next((merger for merger in mergers if merger.name == type(old).__name__), None)
    if merger is None:
        return old
    return _MERGED[merger.name](old, new, merger, mergers)


def _recurses(merger: _Merger, new: Any, *, always: type | None) -> bool:
    if isinstance(new, dict):
        return always is dict or merger.has("recurse_dict")
    if isinstance(new, list):
        return merger.has("recurse_array", "recurse_list")
    return isinstance(new, str) and merger.has("recurse_str")


def _merged_mappings(old: Any, new: Any, merger: _Merger, mergers: Sequence[_Merger]) -> Any:
    if not isinstance(new, dict):
        return old
    merged = dict(old)
    for key, value in new.items():
        if key not in merged:
            merged[key] = value
        elif value is None and merger.has("allow_delete"):
            del merged[key]
        elif merger.method("replace", "no_replace") == "replace":
            merged[key] = value
        elif _recurses(merger, value, always=dict):
            merged[key] = _merged(merged[key], value, mergers)
    return merged


def _merged_lists(old: Any, new: Any, merger: _Merger, mergers: Sequence[_Merger]) -> Any:
    method = merger.method("append", "prepend", "replace", "no_replace", "replace")
    if method == "replace" and not isinstance(new, list):
        return new
    if method in ("append", "prepend"):
        return [*old, *new] if method == "append" else [*new, *old]
    merged = list(old)
    for index in range(min(len(old), len(new))):
        if method == "replace":
            value = new[index]
            merged[index] = _merged(old[index], value, mergers) if _recurses(merger, value, always=None) else value
    return merged


def _merged_texts(old: Any, new: Any, merger: _Merger, _mergers: Sequence[_Merger]) -> Any:
    return old + new if merger.has("append") else new


_MERGED = {"dict": _merged_mappings, "list": _merged_lists, "str": _merged_texts}


def _kept(value: Any, merged: Any) -> bool:
    """Whether all that a value says is still said."""
    if isinstance(value, dict) and isinstance(merged, dict):
        return all(key in merged and _kept(each, merged[key]) for key, each in value.items())
    if isinstance(value, list) and isinstance(merged, list):
        return all(any(_kept(each, other) for other in merged) for each in value)
    if isinstance(value, str) and isinstance(merged, str):
        return value in merged
    return bool(value == merged)


def _forgotten(
    config: Config, name: str, other: Config, values: tuple[Any, Any, Any]
) -> Iterator[tuple[Part, Finding]]:
    """What is said of a key that two parts have.

    values: of the part before, of this one, and what comes of them.
    """
    before, given, after = values
    if not _kept(before, after):
        loses, fix = "what that says", f"put it into one part, or write merge_how: {_WORKS!r} in the later one"
    elif not _kept(given, after):
        loses, fix = "what this says", "put it into one part"
    else:
        return
    key, _ = _nodes(config)[name]
    there, _ = _nodes(other)[name]
    where = other.part.name or f"line {other.part.encoded_at or tree.line_of(there)}"
    message = f"{shown(name)} also stands in {shown(where)}, and cloud-init would forget {loses}; {fix}"
    line = tree.line_of(key)
    yield config.part, Finding(id="merge-forgets", severity="error", line=line, message=message, subject=name)


def _lost(config: Config, why: str) -> Finding:
    fields = tree.entries(config.root)
    key = next((key for key in _KEYS if key in fields), None)
    node = fields[key] if key else config.root
    return Finding(
        id="merge-how",
        severity="error",
        line=tree.line_of(node),
        message=f"{key or 'Merge-Type'} {why}, so that the guest loses this whole part; write {_WORKS!r}",
    )
