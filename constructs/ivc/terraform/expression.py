"""Terraform's expressions, read: what one says, as a tree. `evaluation` tells what it comes to.

After HCL's native syntax (its specification, "Expressions" and "Templates"). What is not read here, such as a
template's directives, is a `Node` all the same: an `Opaque` one, of which only the references are known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Literal:
    """A text, a number, a truth or null."""

    value: Any


@dataclass(frozen=True)
class Inserted:
    """An expression in a template. text: as it stands there, with its signs."""

    node: Node
    text: str


@dataclass(frozen=True)
class Template:
    """Texts and expressions, one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Get:
    """An attribute of something. `name` in `x.name`."""

    of: Node
    name: str


@dataclass(frozen=True)
class Index:
    """An item of something: `x[key]`."""

    of: Node
    key: Node


@dataclass(frozen=True)
class Splat:
    """`x[*].a.b`: of each item its `then`, which is written with `Each` in the item's place."""

    of: Node
    then: Node


@dataclass(frozen=True)
class Each:
    """The item that a splat is at."""


@dataclass(frozen=True)
class Name:
    """What an expression begins with: `var`, `local`, `data`, a resource's type, or a name that a `for` gives."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function's result. spread: whether the last argument is a list of arguments (`...`)."""

    function: str
    arguments: tuple[Node, ...]
    spread: bool


@dataclass(frozen=True)
class Operation:
    """An operator between its operands; one alone stands after its operator. `?` has three."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Object:
    """A map."""

    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class For:
    """A `for` expression. key: None for a list. grouped: whether values of one key are gathered (`...`)."""

    names: tuple[str, ...]
    over: Node
    key: Node | None
    value: Node
    condition: Node | None
    grouped: bool


@dataclass(frozen=True)
class Opaque:
    """What is not read here. names: the references that it seems to hold."""

    text: str
    names: tuple[Node, ...]


Node = (
    Literal | Inserted | Template | Get | Index | Splat | Each | Name | Call | Operation | Items | Object | For | Opaque
)  # fmt: skip

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d][\w-]*)
    |(?P<quote>")
    |(?P<sign>\.\.\.|=>|==|!=|<=|>=|&&|\|\||[-+*/%!<>?:.,=(){}\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_PRECEDENCE = ({"||"}, {"&&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"+", "-"}, {"*", "/", "%"})
_REFERENCE = re.compile(
    r"\b(?:(data\.)?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)|(var|local|module|each|count|path|self))"
    r"\.([A-Za-z_][\w-]*)(?:\.([A-Za-z_]\w*))?"
)
_SIGNS = re.compile(r"\$+\{|%+\{")
_SIGNS_IN_QUOTES = re.compile(r'["\\]|\$+\{|%+\{')
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _NotReadError(Exception):
    """Something that is not read here."""


@lru_cache(maxsize=65_536)
def template(text: str) -> Node:
    """A text of a document, which Terraform takes for a template; a `Literal` where it holds no expression."""
    if "${" not in text and "%{" not in text:
        return Literal(text)
    try:
        return _joined(_Parts(text, 0, closing=None).read())
    except (_NotReadError, RecursionError, ValueError, OverflowError):
        return Opaque(text, tuple(_names(text)))


def _joined(parts: list[Node]) -> Node:
    if len(parts) == 1:
        return parts[0]
    return Template(tuple(parts)) if parts else Literal("")


class _Parts:
    """Reads the parts of a template, from a place on to its end, or to behind the quote that closes it."""

    def __init__(self, text: str, at: int, closing: str | None) -> None:
        self._text = text
        self.at = at
        self._closing = closing
        self._found: list[Node] = []
        self._plain = ""

    def read(self) -> list[Node]:
        stop = _SIGNS if self._closing is None else _SIGNS_IN_QUOTES
        while (sign := stop.search(self._text, self.at)) is not None:
            self._plain += self._text[self.at : sign.start()]
            self.at = sign.end()
            if sign[0] == self._closing:
                return self._all()
            self._sign(sign)
        if self._closing is not None:
            raise _NotReadError(self._text)
        self._plain += self._text[self.at :]
        return self._all()

    def _all(self) -> list[Node]:
        if self._plain:
            self._found.append(Literal(self._plain))
            self._plain = ""
        return self._found

    def _sign(self, sign: re.Match[str]) -> None:
        if sign[0] == "\\":
            self._plain += self._escaped()
        elif len(sign[0]) > 2:
            # The sign is doubled where it is meant; of more than two the last two are.
            self._plain += sign[0][:-3] + sign[0][-2:]
        elif sign[0] == "%{":
            raise _NotReadError(self._text)
        else:
            reader = _Reader(self._text, self.at + (self._text[self.at : self.at + 1] == "~"))
            node = reader.expression()
            self.at = reader.closed("}")
            self._all().append(Inserted(node, self._text[sign.start() : self.at]))

    def _escaped(self) -> str:
        escape = self._text[self.at : self.at + 1]
        self.at += 1
        if escape in ("u", "U"):
            digits = self._text[self.at : self.at + (4 if escape == "u" else 8)]
            self.at += len(digits)
            return chr(int(digits, 16))
        if escape not in _ESCAPES:
            raise _NotReadError(self._text)
        return _ESCAPES[escape]


def _names(text: str) -> Iterator[Node]:
    """What expressions that are not read seem to refer to."""
    for found in _REFERENCE.finditer(text):
        node: Node = Name(found[3] or found[2])
        if found[1]:
            node = Get(Name("data"), found[2])
        node = Get(node, found[4])
        yield Get(node, found[5]) if found[5] and not found[3] else node


class _Reader:
    """Reads an expression of a text, from a place on."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at
        self._sign = ""
        self._kind = ""
        self._began = self._ended = at
        self._next()

    def expression(self) -> Node:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        yes = self.expression()
        self._must(":")
        return Operation("?", (condition, yes, self.expression()))

    def closed(self, sign: str) -> int:
        """Where what follows the closing sign begins."""
        if self._sign == "~":
            self._next()
        if self._sign != sign:
            raise _NotReadError(self._text)
        return self._at

    def _next(self) -> None:
        self._ended = self._at
        while True:
            self._began = self._at
            if self._text[self._at : self._at + 1] == "~":
                self._sign, self._kind, self._at = "~", "sign", self._at + 1
                return
            found = _TOKEN.match(self._text, self._at)
            if found is None:
                self._sign = self._kind = ""
                return
            self._at = found.end()
            if found.lastgroup is not None:
                self._sign, self._kind = found[0], found.lastgroup
                return

    def _take(self, sign: str) -> bool:
        if self._sign != sign or self._kind == "quote":
            return False
        self._next()
        return True

    def _must(self, sign: str) -> None:
        if not self._take(sign):
            raise _NotReadError(self._text)

    def _name(self) -> str:
        if self._kind != "name":
            raise _NotReadError(self._text)
        name = self._sign
        self._next()
        return name

    def _binary(self, level: int) -> Node:
        if level == len(_PRECEDENCE):
            return self._unary()
        left = self._binary(level + 1)
        while self._kind == "sign" and self._sign in _PRECEDENCE[level]:
            operator = self._sign
            self._next()
            left = Operation(operator, (left, self._binary(level + 1)))
        return left

    def _unary(self) -> Node:
        for operator in "-!":
            if self._take(operator):
                return Operation(operator, (self._unary(),))
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while True:
            if self._take("."):
                if self._take("*"):
                    return self._splat(node)
                if self._kind == "number":
                    # `x.0.1` reads as one number.
                    for part in self._sign.split("."):
                        node = Index(node, Literal(int(part)))
                    self._next()
                else:
                    node = Get(node, self._name())
            elif self._take("["):
                if self._take("*"):
                    self._must("]")
                    return self._splat(node)
                key = self.expression()
                self._must("]")
                node = Index(node, key)
            else:
                return node

    def _splat(self, node: Node) -> Node:
        return Splat(node, self._postfix(Each()))

    def _primary(self) -> Node:
        sign, kind = self._sign, self._kind
        if kind == "quote":
            parts = _Parts(self._text, self._at, closing='"')
            node = _joined(parts.read())
            self._at = parts.at
            self._next()
            return node
        self._next()
        if kind == "number":
            return Literal(json.loads(sign))
        if kind == "name":
            return self._named(sign)
        match sign:
            case "(":
                node = self.expression()
                self._must(")")
            case "[":
                node = self._for("]") if self._sign == "for" else self._items()
            case "{":
                node = self._for("}") if self._sign == "for" else self._object()
            case _:
                raise _NotReadError(self._text)
        return node

    def _named(self, name: str) -> Node:
        if self._take("("):
            return self._call(name)
        return Literal(_WORDS[name]) if name in _WORDS else Name(name)

    def _call(self, function: str) -> Node:
        arguments: list[Node] = []
        spread = False
        while not self._take(")"):
            began = self._began
            argument = self.expression()
            arguments.append(Inserted(argument, f"${{{self._text[began : self._ended]}}}"))
            spread = self._take("...")
            if not self._take(",") and self._sign != ")":
                raise _NotReadError(self._text)
        return Call(function, tuple(arguments), spread)

    def _items(self) -> Node:
        items: list[Node] = []
        while not self._take("]"):
            items.append(self.expression())
            if not self._take(",") and self._sign != "]":
                raise _NotReadError(self._text)
        return Items(tuple(items))

    def _object(self) -> Node:
        pairs: list[tuple[Node, Node]] = []
        while not self._take("}"):
            key = self.expression()
            # A bare name is the key itself.
            key = Literal(key.name) if isinstance(key, Name) else key
            if not self._take("=") and not self._take(":"):
                raise _NotReadError(self._text)
            pairs.append((key, self.expression()))
            self._take(",")
        return Object(tuple(pairs))

    def _for(self, closing: str) -> Node:
        self._must("for")
        names = [self._name()]
        if self._take(","):
            names.append(self._name())
        self._must("in")
        over = self.expression()
        self._must(":")
        first = self.expression()
        key, value = (None, first)
        if closing == "}":
            self._must("=>")
            key, value = first, self.expression()
        grouped = self._take("...")
        condition = self.expression() if self._take("if") else None
        self._must(closing)
        return For(tuple(names), over, key, value, condition, grouped)
