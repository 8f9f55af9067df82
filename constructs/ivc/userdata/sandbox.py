"""A limit to what a template may make: a slip such as `'x'.center(99999999)` is refused before it is made."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import jinja2
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment, SandboxedFormatter

MOST = 16_777_216
"""Characters of a text, and items of a list: some 340 times what Nova takes."""

_MOST_DIGITS = 10_000
_PERCENT = re.compile(r"%(?:\(.*?\))?[#0 +-]*(\*|\d+)?(?:\.(\*|\d+))?", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_WIDTHS = ("center", "ljust", "rjust", "zfill")


class TooLongError(jinja2.TemplateRuntimeError):
    """A template makes more than it may; carries what, in a sentence."""

    def __init__(self, what: str, size: int) -> None:
        super().__init__(
            f"{what} would make {size:,} characters or items, and no user data is longer than {MOST:,} (Nova takes "
            "49,149); make it smaller"
        )


class Sandbox(SandboxedEnvironment):
    """Jinja's sandbox, in which nothing grows beyond `MOST`."""

    intercepted_binops = frozenset(("*", "+", "%", "**"))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _check_operator(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja has it
        text = getattr(__obj, "__self__", None)
        if isinstance(text, str):
            args = _check_method(text, __obj.__name__, args)
        return super().call(__context, __obj, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None
        text: str = value.__self__
        takes_mapping = value.__name__ == "format_map"

        def formatted(*args: Any, **kwargs: Any) -> str:
            given = args[0] if takes_mapping and args else kwargs
            return type(text)(_Formatter(self).vformat(text, () if takes_mapping else args, given))

        return functools.update_wrapper(formatted, value)

    def buffer(self) -> list[str]:
        """What a macro, a block that is set, or a loop that calls itself writes into."""
        return _Buffer()

    def joined(self, parts: Iterable[Any]) -> str:
        """What `~` makes."""
        texts = [str(part) for part in parts]
        _refuse("~", sum(map(len, texts)))
        return "".join(texts)


class _Code(CodeGenerator):
    """Jinja's compiler; what it does not ask the sandbox about, it asks here."""

    def buffer(self, frame: Frame) -> None:
        frame.buffer = self.temporary_identifier()
        self.writeline(f"{frame.buffer} = environment.buffer()")

    def visit_Concat(self, node: jinja2.nodes.Concat, frame: Frame) -> None:  # noqa: N802 - as Jinja has it
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


Sandbox.code_generator_class = _Code


class _Buffer(list[str]):
    def __init__(self) -> None:
        super().__init__()
        self._size = 0

    def append(self, piece: str) -> None:
        self._size = _added(self._size, piece)
        super().append(piece)

    def extend(self, pieces: Iterable[str]) -> None:
        for piece in pieces:
            self.append(piece)


class _Formatter(SandboxedFormatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        _refuse_numbers("format", format_spec)
        return super().format_field(value, format_spec)


def written(template: jinja2.Template, given: Mapping[str, object]) -> str:
    """Render a template; what goes on writing beyond `MOST` is stopped where it does."""
    pieces: list[str] = []
    size = 0
    stream = cast("Generator[str, None, None]", template.generate(given))
    for piece in stream:
        try:
            size = _added(size, piece)
        except TooLongError as error:
            stream.throw(error)  # So that it knows its line.
        pieces.append(piece)
    return "".join(pieces)


def bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja's that is refused what would grow beyond `MOST`."""
    check = _FILTERS.get(name)
    if check is None:
        return filter_
    first = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @functools.wraps(filter_)
    def checked(*arguments: Any, **named: Any) -> Any:
        check(name, arguments[first:], named)
        return filter_(*arguments, **named)

    return checked


def _refuse(what: str, size: int) -> None:
    if size > MOST:
        raise TooLongError(what, size)


def _added(size: int, piece: str) -> int:
    _refuse("what is written here", size + len(piece))
    return size + len(piece)


def _refuse_numbers(what: str, text: str) -> None:
    for number in _NUMBER.findall(text):
        _refuse(what, int(number[:20]))


def _check_operator(operator: str, left: Any, right: Any) -> None:
    if operator == "*":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, (str, list, tuple)) and isinstance(other, int):
                _refuse("*", len(one) * other)
    elif operator == "+" and isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple)):
        _refuse("+", len(left) + len(right))
    elif operator == "%" and isinstance(left, str):
        _check_percent("%", left, right)
    elif operator == "**" and isinstance(left, int) and isinstance(right, int) and abs(left) > 1:
        _refuse_power(left, right)


def _refuse_power(base: int, exponent: int) -> None:
    if base.bit_length() * exponent > _MOST_DIGITS * 4:
        raise jinja2.TemplateRuntimeError(
            f"** would make a number of more than {_MOST_DIGITS:,} digits; make it smaller"
        )


def _check_percent(what: str, text: str, values: Any) -> None:
    given = values if isinstance(values, tuple) else (values,)
    for widths in _PERCENT.findall(text):
        for width in widths:
            if width == "*":
                _refuse(what, max((abs(value) for value in given if isinstance(value, int)), default=0))
            elif width:
                _refuse(what, int(width[:20]))


def _check_method(text: str, name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, of which a list that could be read only once is one that can be read again."""
    numbers = [argument for argument in arguments if isinstance(argument, int)]
    if name in _WIDTHS:
        _refuse(name, max(numbers, default=0))
    elif name == "expandtabs":
        _refuse(name, text.count("\t") * max(numbers, default=8))
    elif name == "replace" and len(arguments) > 1 and all(isinstance(one, str) for one in arguments[:2]):
        _refuse_replacement(name, text, arguments)
    elif name == "join" and arguments:
        return (_joinable(name, arguments[0], text), *arguments[1:])
    return arguments


def _refuse_replacement(name: str, text: str, arguments: Sequence[Any]) -> None:
    old, new = arguments[:2]
    times = text.count(old)
    if len(arguments) > 2 and isinstance(arguments[2], int) and arguments[2] >= 0:
        times = min(times, arguments[2])
    _refuse(name, len(text) + times * (len(new) - len(old)))


def _joinable(name: str, items: Any, between: str) -> Any:
    given = [*items] if isinstance(items, Iterator) else items
    if isinstance(given, (list, tuple)):
        _refuse(name, sum(len(one) for one in given if isinstance(one, str)) + len(between) * len(given))
    return given


def _argument(arguments: Sequence[Any], named: Mapping[str, Any], place: int, name: str, default: Any) -> Any:
    return arguments[place] if len(arguments) > place else named.get(name, default)


def _check_number(place: int, argument: str) -> Callable[[str, Sequence[Any], Mapping[str, Any]], None]:
    def check(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
        number = _argument(arguments, named, place, argument, 0)
        if isinstance(number, int):
            _refuse(name, abs(number))

    return check


def _check_indent(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
    text, width = arguments[0], _argument(arguments, named, 1, "width", 4)
    each = width if isinstance(width, int) else len(str(width))
    _refuse(name, len(str(text)) + each * (str(text).count("\n") + 1))


def _check_join(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
    between = _argument(arguments, named, 1, "d", "")
    if _argument(arguments, named, 2, "attribute", None) is None:
        _joinable(name, arguments[0] if isinstance(arguments[0], (list, tuple)) else (), str(between))


def _check_replace(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
    old, new = (_argument(arguments, named, place, which, "") for place, which in ((1, "old"), (2, "new")))
    count = _argument(arguments, named, 3, "count", None)
    _refuse_replacement(name, str(arguments[0]), (str(old), str(new), -1 if count is None else count))


def _check_format(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
    _check_percent(name, str(arguments[0]), tuple(arguments[1:]) or tuple(named.values()))


_FILTERS: Mapping[str, Callable[[str, Sequence[Any], Mapping[str, Any]], None]] = {
    "batch": _check_number(1, "linecount"),
    "center": _check_number(1, "width"),
    "format": _check_format,
    "indent": _check_indent,
    "join": _check_join,
    "replace": _check_replace,
    "round": _check_number(1, "precision"),
    "slice": _check_number(1, "slices"),
    "tojson": _check_number(1, "indent"),
}
