"""What Terraform's expressions come to, as far as a document alone tells. The rest is unknown: see `Unknown`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Protocol

from ivc.terraform import functions
from ivc.terraform.address import addressed
from ivc.terraform.expression import (
    Call,
    Each,
    For,
    Get,
    Index,
    Inserted,
    Items,
    Literal,
    Name,
    Node,
    Object,
    Opaque,
    Operation,
    Splat,
    Template,
    template,
)
from ivc.terraform.value import SOMEHOW, Reference, Unknown, flag, hidden, written

_ITEM = "*"
_SETS = ("toset", "setunion", "setproduct")
_NUMBERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
    "%": lambda one, other: one % other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}


@dataclass(frozen=True)
class Resources:
    """The resources, or data sources, of one block.

    address: of the block, or of the one that is meant. keys: of those that it makes; `None` for its only one. It is
    None where only Terraform knows them.
    """

    address: str
    keys: tuple[str | int | None, ...] | None

    def __getitem__(self, key: object) -> Resources:
        if self.keys is None:
            return self
        if key not in self.keys:
            raise KeyError(key)
        return Resources(addressed(self.address, key), (None,))


class Namespace(Protocol):
    """What names in expressions stand for."""

    def constant(self, kind: str, name: str) -> Any:
        """The value of a variable (`var`) or local value (`local`); unknown where none is told."""

    def resources(self, block: str) -> Resources | None:
        """The resources that a block such as `data.openstack_images_image_v2.debian` makes; None if there is none."""

    def attribute(self, address: str, name: str) -> Any:
        """An attribute of a resource; unknown where the configuration does not say it."""

    def file(self, name: str) -> Any:
        """The text of a file; unknown where it is not beside the configuration."""


@dataclass(frozen=True)
class Scope:
    """Where an expression stands. names: `each`, `count` and what a `for` gives."""

    space: Namespace
    names: Mapping[str, Any] = field(default_factory=dict)

    def with_names(self, **names: Any) -> Scope:
        """The same with more names."""
        return Scope(self.space, {**self.names, **names})

    def value(self, given: Any) -> Any:
        """What a value of a document comes to, with all that is in it."""
        if isinstance(given, str):
            if "${" not in given and "%{" not in given:
                return given
            try:
                return _whole(_evaluated(template(given), self))
            except RecursionError:
                return Unknown(given)
        if isinstance(given, Mapping):
            return {key: self.value(each) for key, each in given.items() if key != "//"}
        if isinstance(given, list):
            return [self.value(each) for each in given]
        return given


def _whole(value: Any) -> Any:
    """A value as a reader can have it: a resource as a whole is none."""
    if isinstance(value, Resources):
        return Unknown(f"${{{value.address}}}", (Reference(value.address),))
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return {key: _whole(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def _unknown(values: Iterable[Any]) -> Unknown:
    """What is made of values, of which some are unknown, or in a way that is not known here."""
    depends: dict[Reference, None] = {}
    inputs: list[str] = []
    for value in map(_whole, values):
        inputs.append(written(value))
        for unknown in unknowns(value):
            depends |= dict.fromkeys(unknown.depends_on)
            inputs += unknown.inputs
    return Unknown(SOMEHOW, tuple(depends), tuple(dict.fromkeys(inputs)))


def unknowns(value: Any) -> list[Unknown]:
    """All that is unknown in a value."""
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, Mapping):
        return [found for each in value.values() for found in unknowns(each)]
    return [found for each in value for found in unknowns(each)] if isinstance(value, list) else []


def _evaluated(node: Node, scope: Scope) -> Any:
    return _RULES[type(node)](node, scope)


def _inserted(node: Inserted, scope: Scope) -> Any:
    value = _evaluated(node.node, scope)
    return replace(value, text=node.text) if isinstance(value, Unknown) and value.text == SOMEHOW else value


def _name(node: Name, scope: Scope) -> Any:
    return scope.names[node.name] if node.name in scope.names else Unknown(f"${{{node.name}}}", (Reference(node.name),))


def _opaque(node: Opaque, scope: Scope) -> Any:
    return replace(_unknown([_evaluated(name, scope) for name in node.names]), text=node.text)


def _template(node: Template, scope: Scope) -> Any:
    parts = [_whole(_evaluated(part, scope)) for part in node.parts]
    try:
        return _text([part if isinstance(part, Unknown) else functions.as_text(part) for part in parts])
    except functions.UnknownResultError:
        return _unknown(parts)


def _text(parts: Iterable[str | Unknown]) -> str | Unknown:
    """Texts and unknowns as one text; however it was put together, the same is made of the same."""
    joined: list[str | Unknown] = []
    for part in (inner for each in parts for inner in (getattr(each, "parts", ()) or (each,))):
        if isinstance(part, str) and joined and isinstance(before := joined[-1], str):
            joined[-1] = before + part
        elif part != "":
            joined.append(part)
    if sum(len(part) for part in joined if isinstance(part, str)) > functions.LONGEST_TEXT:
        raise functions.UnknownResultError("template")
    if all(isinstance(part, str) for part in joined):
        return "".join(map(str, joined))
    said = "".join(part.text if isinstance(part, Unknown) else _escaped(part) for part in joined)
    if len(joined) == 1:
        return joined[0]
    return replace(_unknown(joined), text=said, parts=tuple(joined))


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _replaced(text: str | Unknown, old: str, new: str | Unknown) -> str | Unknown:
    """`replace(text, old, new)`, of which `new`, and a part of the text, may be unknown."""
    parts = (text.parts or (text,)) if isinstance(text, Unknown) else (text,)
    found: list[str | Unknown] = []
    for part in parts:
        if isinstance(part, Unknown):
            found.append(part)
            continue
        first, *others = part.split(old)
        found.append(first)
        for other in others:
            found += [new, other]
    return _text(found)


def _member(node: Get | Index, scope: Scope) -> Any:
    """An attribute or an item; what begins with a name that stands for something outside of the expression is that."""
    if isinstance(node, Get) and (found := _outside(node, scope)) is not None:
        return found
    of = _evaluated(node.of, scope)
    key = node.name if isinstance(node, Get) else _evaluated(node.key, scope)
    if isinstance(of, Resources):
        return _of_resources(of, key, scope, index=isinstance(node, Index))
    if not isinstance(of, Unknown) and not isinstance(key, Unknown):
        with suppress(KeyError, IndexError, TypeError, ValueError):
            return of[int(key)] if isinstance(of, list) else dict(of)[key]
    return _unknown([of, key])


def _outside(node: Get, scope: Scope) -> Any:
    """What the first two or three names of a traversal stand for; None where these are not they."""
    match node.of:
        case Name(root) if root not in scope.names and root != "data":
            return _named(root, node.name, scope)
        case Get(Name("data"), type_) if "data" not in scope.names:
            return _resources(f"data.{type_}.{node.name}", scope)
    return None


def _named(root: str, name: str, scope: Scope) -> Any:
    if root in ("var", "local"):
        return scope.space.constant(root, name)
    if (root, name) == ("path", "module"):
        return "."
    if root in ("path", "terraform", "module", "self", "each", "count"):
        return Unknown(f"${{{root}.{name}}}", (Reference(f"{root}.{name}"),))
    return _resources(f"{root}.{name}", scope)


def _resources(block: str, scope: Scope) -> Resources:
    # What no block declares is a single one for all that is known.
    return scope.space.resources(block) or Resources(block, (None,))


def _of_resources(of: Resources, key: Any, scope: Scope, *, index: bool) -> Any:
    if isinstance(key, Unknown):
        return _unknown([of, key])
    if index:
        # A list's index may be written as a text.
        number = int(key) if isinstance(key, str) and key.isdecimal() and of.keys and 0 in of.keys else key
        try:
            return of[number]
        except KeyError:
            return _unknown([of, key])
    if of.keys != (None,):
        return _unknown([of])
    return scope.space.attribute(of.address, key)


def _splat(node: Splat, scope: Scope) -> Any:
    of = _evaluated(node.of, scope)
    if isinstance(of, Unknown) or (isinstance(of, Resources) and of.keys is None):
        return _unknown([of])
    if isinstance(of, Resources):
        listed: list[Any] = [of[key] for key in of.keys or ()]
    else:
        listed = of if isinstance(of, list) else [] if of is None else [of]
    return [_evaluated(node.then, scope.with_names(**{_ITEM: item})) for item in listed]


def _call(node: Call, scope: Scope) -> Any:
    arguments = [_whole(_evaluated(argument, scope)) for argument in node.arguments]
    if node.function in ("sensitive", "nonsensitive", "try") and arguments:
        return _passed_on(node, arguments)
    if node.spread and isinstance(arguments[-1], list):
        arguments = [*arguments[:-1], *arguments[-1]]
    told = node.function in functions.OF_WHOLE_ITEMS and not any(isinstance(each, Unknown) for each in arguments)
    try:
        match node.function, arguments:
            case "file", [str(name)]:
                return scope.space.file(name)
            case "replace", [str() | Unknown() as text, str(old), Unknown() | str() as new] if old and old[0] != "/":
                return _replaced(text, old, new)
        if told or not unknowns(arguments):
            return functions.call(node.function, arguments)
    except functions.UnknownResultError:
        pass
    return _unknown(arguments)


def _passed_on(node: Call, arguments: list[Any]) -> Any:
    """What a function comes to that gives its argument back."""
    if node.function == "sensitive":
        return hidden(arguments[0])
    # What goes over items may fail at one of them, and still come to something here.
    told = not unknowns(arguments[0]) and not (node.function == "try" and _goes_over_items(node.arguments[0]))
    return arguments[0] if told else _unknown(arguments)


def _goes_over_items(node: object) -> bool:
    if isinstance(node, For | Splat):
        return True
    if isinstance(node, tuple):
        return any(map(_goes_over_items, node))
    return is_dataclass(node) and any(_goes_over_items(getattr(node, each.name)) for each in fields(node))


def _operation(node: Operation, scope: Scope) -> Any:
    operator = node.operator
    values = [_whole(_evaluated(operand, scope)) for operand in node.operands]
    if operator == "?" and isinstance(truth := flag(values[0]), bool) and _of_one_kind(*values[1:]):
        chosen = values[1] if truth else values[2]
        as_text = isinstance(chosen, int | float) and any(isinstance(each, str) for each in values[1:])
        return functions.as_text(chosen) if as_text else chosen
    if operator in ("&&", "||", "!"):
        if not all(isinstance(flag(value), bool | Unknown) for value in values):
            return _unknown(values)  # Terraform refuses what is no truth
        values = [flag(value) for value in values]
    if operator in ("&&", "||") and (operator == "||") in values:
        return operator == "||"
    if unknowns(values):
        return _unknown(values)
    try:
        return _of_known(operator, values)
    except (TypeError, ValueError, ArithmeticError, functions.UnknownResultError):
        return _unknown(values)


def _of_one_kind(one: Any, other: Any) -> bool:
    """Whether Terraform takes both for the results of one condition; a number beside a text it takes for a text."""
    kinds = {
        bool if isinstance(each, bool) else float if isinstance(each, int) else type(each) for each in (one, other)
    }
    return len(kinds - {Unknown, type(None)}) < 2 or (str in kinds and not kinds & {list, dict})


def _of_known(operator: str, values: list[Any]) -> Any:
    if operator in ("==", "!="):
        alike = values[0] == values[1] and isinstance(values[0], bool) == isinstance(values[1], bool)
        return alike is (operator == "==")
    if operator in ("&&", "||"):
        return all(values) if operator == "&&" else any(values)
    if operator == "!":
        return not values[0]
    numbers = [functions.call("tonumber", [value]) for value in values]
    return -numbers[0] if len(numbers) == 1 else _NUMBERS[operator](*numbers)


def _map(pairs: list[tuple[Any, Any]]) -> Any:
    if any(not isinstance(key, str | int | float) for key, _ in pairs):
        return _unknown([each for pair in pairs for each in pair])
    return {functions.as_text(key): value for key, value in pairs}


def _for(node: For, scope: Scope) -> Any:
    over = _evaluated(node.over, scope)
    if isinstance(over, Mapping):
        pairs: list[tuple[Any, Any]] = [*over.items()]
    elif isinstance(over, list):
        # The key of a set's item is the item.
        is_set = isinstance(node.over, Call) and node.over.function in _SETS
        pairs = [(each, each) for each in over] if is_set else [*enumerate(over)]
    else:
        return _unknown([over])
    found: list[Any] = []
    keys: list[Any] = []
    for key, value in pairs:
        inner = scope.with_names(
            **dict(zip(node.names, (key, value) if len(node.names) > 1 else (value,), strict=True))
        )
        wanted = True if node.condition is None else _evaluated(node.condition, inner)
        if not isinstance(wanted, bool):
            return _unknown([over, wanted])
        if wanted:
            keys.append(None if node.key is None else _evaluated(node.key, inner))
            found.append(_evaluated(node.value, inner))
    if node.key is None:
        return found
    if node.grouped:
        return _unknown([over, *found])
    return _map([*zip(keys, found, strict=True)])


_RULES: Mapping[type, Callable[[Any, Scope], Any]] = {
    Literal: lambda node, _: node.value,
    Inserted: _inserted,
    Template: _template,
    Name: _name,
    Get: _member,
    Index: _member,
    Each: lambda _, scope: scope.names[_ITEM],
    Splat: _splat,
    Call: _call,
    Operation: _operation,
    Items: lambda node, scope: [_evaluated(item, scope) for item in node.items],
    Object: lambda node, scope: _map([(_evaluated(key, scope), _evaluated(value, scope)) for key, value in node.pairs]),
    For: _for,
    Opaque: _opaque,
}
