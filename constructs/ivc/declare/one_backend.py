"""A stack has one backend: what it was told, or what its user makes with CDKTF itself.

CDKTF writes all that it finds in the tree beside each other, and Terraform refuses two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ivc.declare.backend import Backend, Local
from ivc.declare.cdktf import Construct, TerraformBackend, TerraformElement, kind_of_backend, validation
from ivc.errors import DeclarationError
from ivc.source import Line

_BLOCK = "terraform"


class OneBackend:
    """The backend of a stack. Where nothing was declared, the library's gives way to one of the user's own.

    kind: what Terraform calls it, such as `s3`, or `cloud`.
    own: the library's scope in the stack. declared: what `backend=` says. otherwise: what is taken where it says
    nothing.
    """

    def __init__(
        self, own: Construct, stack: str, declared: Backend | None, otherwise: Backend | None, line: Line | None
    ) -> None:
        self._scope = own
        self._stack = stack
        self._is_declared = declared is not None
        self._line = line
        self._overridden: set[str] = set()
        used = declared or otherwise or Local()
        self.terraform_version = used._terraform_version
        self._ours: TerraformBackend | None = used._add(own, stack)
        self._kind = kind_of_backend(self._ours)
        self.kind = self._kind
        # An aspect adds its own when all is declared; this is what CDKTF asks after the last of them.
        own.node.add_validation(validation(self._problems_of_aspects))

    def note_override(self, path: str, value: object) -> None:
        """Note what an override of the stack says about backends."""
        if value is None:
            return
        for part in reversed(path.split(".")):
            value = {part: value}
        block = value.get(_BLOCK) if isinstance(value, Mapping) else None
        if isinstance(block, Mapping):
            named = block.get("backend")
            self._overridden |= {*named} if isinstance(named, Mapping) else set()
            self._overridden |= {"cloud"} if block.get("cloud") is not None else set()

    def settle(self) -> None:
        """Take the library's away where the user made another; raises DeclarationError where there would be two."""
        stack: Any = self._scope.node.scope
        theirs = [
            each for each in stack.node.find_all() if isinstance(each, TerraformBackend) and each is not self._ours
        ]
        theirs = [each for each in theirs if not isinstance(each, _Elsewhere)]
        kinds = {kind_of_backend(each) for each in theirs}
        if self._is_declared and theirs:
            self._refuse(f"backend: it is given, and a {_class_of(theirs[0])} of CDKTF's is made, too")
        kinds |= self._overridden | ({self._kind} if self._is_declared else set())
        if len(theirs) > 1 or len(kinds) > 1:
            self._refuse(f"it has more than one backend ({', '.join(sorted(kinds))})")
        self.kind = next(iter(kinds), self._kind)
        if self._ours is not None and (theirs or kinds - {self._kind}):
            self._scope.node.try_remove_child(self._ours.node.id)
            self._ours = None
            if not theirs:
                _Elsewhere(self._scope, "backend", *kinds)

    def _problems_of_aspects(self) -> list[str]:
        try:
            self.settle()
        except DeclarationError as error:
            return [str(error)]
        return []

    def _refuse(self, what: str) -> None:
        raise DeclarationError(
            f"OpenStackStack {self._stack}: {what}, and a state is in one place; leave one of the two out",
            line=self._line,
        )


class _Elsewhere(TerraformBackend):
    """Stands for a backend that is all in overrides: where CDKTF finds none at all, it adds its own."""

    def to_terraform(self) -> Any:
        """Nothing of its own."""
        return {}

    def get_remote_state_data_source(self, scope: Construct, name: str, from_stack: str) -> NoReturn:
        """Asked for where another stack refers to this one, which needs more than overrides."""
        raise DeclarationError(
            f"OpenStackStack {from_stack}: another stack refers to it, and its backend is all in overrides; give it by "
            "backend=, or make CDKTF's class of it"
        )


def _class_of(element: TerraformElement) -> str:
    return type(element).__name__
