"""Type hints as shapes that a YAML node fits or not.

The hints are those of `cloud-init-models`: its TypedDicts come from `typing`, which pydantic refuses before Python
3.12, and its main one ends with `Any` for every key. What they are made of is little, so nodes are held against them
directly, which also gives every fault its line, and costs no import of a validator.
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding, Severity
from ivc.userdata.checks.placeholder import shown, unknown

_NAMES: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "nothing",
}
_FORMS: Mapping[type[Node], tuple[str, ...]] = {
    ScalarNode: ("any", "scalar", "literal"),
    SequenceNode: ("any", "list"),
    MappingNode: ("any", "mapping", "object"),
}
_CONTAINERS: Mapping[Any, str] = {list: "list", dict: "mapping", Union: "union", types.UnionType: "union"}
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")


@dataclass(frozen=True)
class Hint:
    """A type hint taken apart.

    kind: `any`, `scalar`, `literal`, `list`, `mapping`, `object` or `union`.
    scalar: the Python type of a scalar.
    values: what a literal may be.
    members: the item of a list, the value of a mapping, the members of a union; none where anything will do.
    fields: the keys of an object.
    open: whether an object may have other keys.
    """

    kind: str
    scalar: Any = None
    values: tuple[Any, ...] = ()
    members: tuple[Hint, ...] = ()
    fields: Mapping[str, Hint] = field(default_factory=dict, hash=False)
    open: bool = False

    @property
    def words(self) -> str:
        """What is expected, for a message."""
        match self.kind:
            case "scalar":
                return _NAMES[self.scalar]
            case "literal":
                return _either(str(value).lower() if isinstance(value, bool) else value for value in self.values)
            case "list":
                return "a list" if not self.members or self.members[0].kind == "any" else f"a list of {self._plural}"
            case "union":
                return _either(member.words for member in self.members if member.scalar is not type(None))
            case _:
                return "a mapping"

    @property
    def _plural(self) -> str:
        parts = self.members[0].members if self.members[0].kind == "union" else self.members
        words = (
            part.words.removeprefix("a ").replace("list of", "lists of") for part in parts if part.words != "nothing"
        )
        return _either(word if " " in word else f"{word}s" for word in words)


def _either(words: Iterable[str]) -> str:
    *most, last = dict.fromkeys(words)
    return f"{', '.join(most)} or {last}" if most else last


@dataclass(frozen=True, eq=False)
class Shapes:
    """Makes hints out of types.

    wider: types in place of a field's own, by TypedDict and field.
    open: the TypedDicts that may have keys beyond their own.
    """

    wider: Mapping[tuple[Any, str], Any]
    open: frozenset[Any]

    def fields(self, typed_dict: Any) -> dict[str, Hint]:
        """The keys of a TypedDict."""
        # Resolves names, and takes NotRequired away: in these models no key is required.
        hints = typing.get_type_hints(typed_dict)
        return {name: self.hint(self.wider.get((typed_dict, name), hint)) for name, hint in hints.items()}

    @cache  # noqa: B019 - there is one, for as long as the process
    def hint(self, of: Any) -> Hint:
        """A type taken apart; raises TypeError for one that models are not made of."""
        origin, arguments = get_origin(of) or of, get_args(of)
        if of in _NAMES:
            hint = Hint("scalar", scalar=of)
        elif typing.is_typeddict(of):
            hint = Hint("object", fields=self.fields(of), open=of in self.open)
        elif origin is Literal:
            hint = Hint("literal", values=arguments)
        elif origin in _CONTAINERS:
            kind = _CONTAINERS[origin]
            hint = Hint(kind, members=tuple(self.hint(member) for member in arguments[kind == "mapping" :]))
        elif of is Any:
            hint = Hint("any")
        else:
            raise TypeError(f"{of!r} is no type of a model")
        return hint


def misfits(node: Node, hint: Hint, where: str) -> Iterator[Finding]:
    """What does not fit.

    where: the place, in words: `write_files, item 2, content`.
    """
    if isinstance(node, ScalarNode) and unknown(node.value):
        return
    match hint.kind:
        case "any":
            return
        case "union":
            yield from _misfits_of_all(node, hint, where)
        case "scalar" | "literal" if isinstance(node, ScalarNode):
            yield from _misfits_of_scalar(node, hint, where)
        case "list" if isinstance(node, SequenceNode):
            for number, item in enumerate(node.value if hint.members else (), start=1):
                yield from misfits(item, hint.members[0], f"{where}, item {number}")
        case "mapping" if isinstance(node, MappingNode):
            for key, value in node.value if hint.members else ():
                yield from misfits(value, hint.members[0], f"{where}, {key.value}")
        case "object" if isinstance(node, MappingNode):
            yield from _misfits_of_fields(node, hint, where)
        case _:
            yield _wrong(node, hint, where)


def _misfits_of_all(node: Node, hint: Hint, where: str) -> Iterator[Finding]:
    # Only a member of the node's own form can say what is wrong inside it.
    forms = _FORMS[type(node)]
    attempts = []
    for member in hint.members:
        if member.kind in forms:
            found = list(misfits(node, member, where))
            if not found:
                return
            attempts.append(found)
    if isinstance(node, ScalarNode):
        attempts = [found for found in attempts if all(finding.severity == "warning" for finding in found)]
    if attempts:
        yield from min(attempts, key=len)
    else:
        yield _wrong(node, hint, where)


def _misfits_of_fields(node: MappingNode, hint: Hint, where: str) -> Iterator[Finding]:
    for key, value in node.value:
        name = key.value
        if not isinstance(key, ScalarNode) or unknown(name) or tree.kind(key) == "merge":
            continue
        known = hint.fields.get(name) or hint.fields.get(name.replace("_", "-"))
        if known is not None:
            yield from misfits(value, known, f"{where}, {name}" if where else name)
        elif not hint.open:
            yield unknown_key(key, hint.fields, where)


def unknown_key(key: ScalarNode, known: Mapping[str, object], where: str) -> Finding:
    """A key that cloud-init ignores, with the key that was meant, as far as that can be guessed."""
    near = difflib.get_close_matches(key.value, known, n=1, cutoff=0.6)
    place = f" in {where}" if where else ""
    meant = f"write {near[0]!r} if that was meant" if near else "take it away, or correct its name"
    return Finding(
        id="unknown-key",
        severity="error",
        line=tree.line_of(key),
        message=f"cloud-init knows no key {shown(key.value)!r}{place} and ignores it; {meant}",
        subject=key.value,
    )


def _misfits_of_scalar(node: ScalarNode, hint: Hint, where: str) -> Iterator[Finding]:
    kind, value = tree.kind(node), node.value
    if hint.kind == "literal":
        given = tree.true(node) if kind == "bool" else value
        if not any(
            given == allowed and isinstance(given, bool) == isinstance(allowed, bool) for allowed in hint.values
        ):
            yield _wrong(node, hint, where)
        return
    fits = {str: ("str", "binary"), bool: ("bool",), int: ("int",), float: ("int", "float"), type(None): ("null",)}
    if kind in fits[hint.scalar]:
        return
    if hint.scalar is str and kind in ("int", "float") and _DECIMAL.fullmatch(value):
        yield _finding(
            node, "warning", f'{where} is the number {value}, where a text is expected; write "{value}"', where
        )
    elif hint.scalar in (int, float) and kind == "str" and _DECIMAL.fullmatch(value):
        yield _finding(
            node,
            "warning",
            f"{where} is the text {value!r}, where {hint.words} is expected; take the quotes away",
            where,
        )
    else:
        yield _wrong(node, hint, where)


def _wrong(node: Node, hint: Hint, where: str) -> Finding:
    return _finding(node, "error", f"{where} {_is(node, hint)}", where)


def _is(node: Node, hint: Hint) -> str:
    expected = f"and cloud-init expects {hint.words}"
    takes_text = hint.scalar is str or any(member.scalar is str for member in hint.members)
    if isinstance(node, MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
        said = f"is a mapping, {expected}"
        if "path" in keys and "content" in keys:
            said = f"is a file, with path and content, {expected}; put 'write_files:' above it"
        elif takes_text and len(keys) == 1:
            said = f"is a mapping with the key {shown(keys[0])!r}, {expected}; put a text that has ': ' in it in quotes"
    elif isinstance(node, ScalarNode):
        value, kind = shown(node.value), tree.kind(node)
        said = f"is {value!r}, {expected}"
        if kind == "null":
            said = f"has nothing after it, {expected}; give it a value or take the key away"
        elif takes_text and hint.kind != "literal" and kind != "str":
            reading = _reading(node, kind)
            said = f'is {value} without quotes, which YAML reads as {reading}, {expected}; write "{value}"'
        elif hint.scalar is bool:
            said = f"is the text {value!r}, {expected}; write it without quotes"
    else:
        said = f"is a list, {expected}"
    return said


def _reading(node: ScalarNode, kind: str) -> str:
    if kind == "bool":
        return "true" if tree.true(node) else "false"
    return {"int": "another number", "float": "another number", "timestamp": "a date"}.get(kind, kind)


def _finding(node: Node, severity: Severity, message: str, where: str) -> Finding:
    return Finding(id="schema", severity=severity, line=tree.line_of(node), message=message, subject=where)
