"""An object of one stack never stands in another: the one place that decides it.

Terraform finds things by their addresses inside of one stack. An object of another stack would be bound by its name
alone: to whatever this stack calls so, or to nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ivc.arguments import check_arguments
from ivc.declare.cdktf import Construct, TerraformElement, TerraformStack
from ivc.errors import DeclarationError
from ivc.userdata import AtApply

if TYPE_CHECKING:
    from ivc.declare.declaration import Declaration
    from ivc.declare.stack import OpenStackStack

P = ParamSpec("P")
R = TypeVar("R")


class Reference:
    """What refers to a declaration, and so belongs to its stack: the declaration itself, or what is made of it."""

    def _refers_to(self) -> Declaration:
        """The declaration."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class ValueOf(AtApply, Reference):
    """A value of a declaration that is known only at apply."""

    of: Declaration

    def _refers_to(self) -> Declaration:
        return self.of


def stack_of(where: str, scope: Construct) -> OpenStackStack:
    """The stack that a scope stands in; raises DeclarationError outside of an OpenStackStack."""
    from ivc.declare.stack import OpenStackStack  # which is made of what stands here

    if isinstance(scope, OpenStackStack):
        return scope
    for ancestor in scope.node.scopes:
        if isinstance(ancestor, OpenStackStack):
            return ancestor
    raise DeclarationError(f"{where}: it stands in no OpenStackStack; give it one, or a scope in one, first")


def check_stack(where: str, stack: OpenStackStack, value: object) -> None:
    """Raise DeclarationError if a value is, or holds, something of another stack. where: the value, in words."""
    for path, thing in _references(value):
        if isinstance(thing, TerraformElement):
            other, called, instead = TerraformStack.of(thing), thing.node.path, f"give one of stack {stack.name}"
        else:
            declaration = thing._refers_to()
            other, called, instead = declaration._stack, declaration._called, declaration._instead(stack)
        if other is not stack:
            raise DeclarationError(
                f"{where}{path}: {called} is of stack {other.node.id}, and this is stack {stack.name}; {instead}"
            )


def same_stack(function: Callable[P, R]) -> Callable[P, R]:
    """Have a public function of a declaration refuse, before it does anything, arguments of another type than it takes
    (`ivc.arguments`), and what is of another stack.

    The stack is that of its `scope` where it has one, else that of the declaration whose method it is.
    """
    parameters = inspect.signature(function).parameters.values()
    names = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    rest = next((one.name for one in parameters if one.kind is one.VAR_POSITIONAL), "")

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        check_arguments(function, args, kwargs)
        given: dict[str, Any] = {**dict(zip(names, args, strict=False)), rest: args[len(names) :], **kwargs}
        where, stack = _called(function, given)
        for name, value in given.items():
            if name not in ("self", "scope"):
                check_stack(f"{where}: {name}", stack, value)
        result = function(*args, **kwargs)
        made = args[0] if function.__name__ == "__init__" else result
        if isinstance(made, Reference) and made._refers_to() is made:
            vars(made)["_declared_with"] = frozenset(vars(made))
        return result

    return checked


def _called(function: Callable[..., object], given: Mapping[str, Any]) -> tuple[str, OpenStackStack]:
    """How errors call what is called, and the stack that it is called in."""
    name = function.__name__
    if "scope" not in given:
        return f"{given['self']._called}: {name}", given["self"]._stack
    if "self" in given:
        where = f"{type(given['self']).__name__} {given.get('id') or given.get('name')}"
    else:
        where = f"{function.__qualname__}({given.get('name') or given.get('id')!r})"
    return where, stack_of(where, given["scope"])


def _references(value: object, path: str = "") -> Iterator[tuple[str, Reference | TerraformElement]]:
    """What a value refers to, each with where it stands in the value."""
    if isinstance(value, Reference | TerraformElement):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _references(item, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            yield from _references(item, f"{path}[{index}]")
