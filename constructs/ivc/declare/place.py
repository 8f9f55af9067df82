"""Where a declaration stands: its stack, and the scopes between the stack and it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.names import check_name
from ivc.declare.stack import OpenStackStack, terraform_type

_LEFT_OUT = ("Default", "Resource")
"""Ids that CDKTF leaves out of an address."""

L1 = TypeVar("L1", bound=TerraformElement)


@dataclass(frozen=True)
class Place:
    """The scope of a declaration, and how its name and those of its scopes become Terraform names."""

    scope: Construct
    stack: OpenStackStack
    prefix: str

    @classmethod
    def of(cls, where: str, scope: Construct) -> Place:
        """The place that a scope is; raises ValueError outside of an OpenStackStack."""
        if isinstance(scope, OpenStackStack):
            return cls(scope, scope, "")
        names: list[str] = []
        for ancestor in reversed(scope.node.scopes):
            if isinstance(ancestor, OpenStackStack):
                checked = (check_name(f"{where}: a scope it stands in", name) for name in reversed(names))
                return cls(scope, ancestor, "".join(f"{name}_" for name in checked))
            names.append(ancestor.node.id)
        raise ValueError(f"{where}: it stands in no OpenStackStack; give it one, or a scope in one, first")

    def declare(self, kind: str, name: str, *, renamed_from: str | None) -> Names:
        """The names of a declaration; raises ValueError for one that Terraform cannot carry."""
        where = f"{kind} {check_name(kind, name)}"
        former = name if renamed_from is None else check_name(f"{where}: renamed_from", renamed_from)
        if renamed_from == name:
            raise ValueError(f"{where}: renamed_from: {name!r} is its name; say the one it had before")
        self.stack.ledger.declare(where, kind=kind, name=self.prefix + name)
        return Names(where=where, id=self.prefix + name, former=self.prefix + former)

    def make(self, type: type[L1], name: str, where: str, /, *, former: str | None = None, **config: Any) -> L1:
        """A resource in the declaration's own scope, at the address that is its name there."""
        self._register(type, name, where, former)
        element = type(self.scope, name, **config)
        return element if not self.prefix else _at(element, name)

    def make_in(
        self,
        parent: Construct,
        type: type[L1],
        name: str,
        where: str,
        /,
        *,
        former: str | None = None,
        **config: Any,
    ) -> L1:
        """A resource inside the declaration's own construct, at the address that is `name`."""
        self._register(type, name, where, former)
        return _at(type(parent, f"{terraform_type(type)} {name}", **config), name)

    def make_main(
        self,
        parent: Construct,
        type: type[L1],
        name: str,
        where: str,
        /,
        *,
        former: str | None = None,
        **config: Any,
    ) -> L1:
        """The resource that a declaration's construct, called `name`, stands for.

        CDKTF leaves `Default` out of an address, so that this one needs no other: setting it would cost a call.
        """
        self._register(type, name, where, former)
        element = type(parent, "Default", **config)
        return element if not self.prefix and name not in _LEFT_OUT else _at(element, name)

    def _register(self, type: type[L1], name: str, where: str, former: str | None) -> None:
        self.stack.ledger.claim(where, type=terraform_type(type), name=name)
        self.stack.ledger.move(where, type=terraform_type(type), former=former or name, name=name)


@dataclass(frozen=True)
class Names:
    """where: how errors call the declaration. id: its Terraform name. former: the one it had before a rename."""

    where: str
    id: str
    former: str


def _at(element: L1, name: str) -> L1:
    element.override_logical_id(name)
    return element
