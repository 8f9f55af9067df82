"""A value that is known only when Terraform applies: an address the cloud chooses, the id of a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn

from ivc.arguments import checked
from ivc.errors import DeclarationError


class AtApplyError(DeclarationError):
    """A value known only at apply was asked for its text, its length or a part of it."""


class _NotForCdktf:
    """Where jsii asks what class of its own a value has: this one has none, and jsii would say so in its words."""

    def __get__(self, value: object, owner: type) -> NoReturn:
        raise AtApplyError("a value known only at apply was given to CDKTF as it is; give its as_terraform")


REPRESENTATION = "AtApply(<"
"""How Python's `repr` of such a value begins, which no user data holds on purpose."""


class AsTerraform(str):
    """A value known only at apply, in Terraform's words: told from a text that only looks like it."""

    only_at_apply: ClassVar[bool] = True


@checked
@dataclass(frozen=True, eq=False, repr=False)
class AtApply:
    """A value known only at apply. A template may insert it as it is, and nothing else; what is CDKTF's takes its
    `as_terraform`.

    expression: the Terraform expression that yields it, without `${}`.
    label: what it is, in words; the rendered file shows it in angle brackets.
    longest: the most bytes that it can have, which is what Nova's limit is measured with.
    """

    __jsii_type__ = _NotForCdktf()
    only_at_apply: ClassVar[bool] = True

    expression: str
    label: str
    longest: int

    @property
    def as_terraform(self) -> str:
        """The value as Terraform takes it in a text, `${...}`: for an argument of an L1, an output or an override. The
        library's own arguments refuse it, which take a text as it stands.
        """
        return AsTerraform(f"${{{self.expression}}}")

    @property
    def placeholder(self) -> str:
        """What the rendered file shows in its place."""
        return f"<{self.label}>"

    @property
    def _refusal(self) -> str:
        return (
            f"{self.placeholder} is known only at apply: insert it as it is, {{{{ value }}}}, "
            "with no filter, test or calculation on it; in Python take its as_terraform"
        )

    def _refuse(self) -> NoReturn:
        raise AtApplyError(self._refusal)

    def __str__(self) -> str:  # noqa: PLE0307 - it has none
        self._refuse()

    def __len__(self) -> int:  # noqa: PLE0303 - it has none
        self._refuse()

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AtApply):
            self._refuse()
        return (self.expression, self.label, self.longest) == (other.expression, other.label, other.longest)

    def __hash__(self) -> int:
        return hash((self.expression, self.label, self.longest))

    def __repr__(self) -> str:
        return f"{REPRESENTATION}{self.label}>)"

    def __int__(self) -> int:
        # Jinja's filters `int` and `float` take a ValueError for a 0.
        raise ArithmeticError(self._refusal)

    def __float__(self) -> float:
        raise ArithmeticError(self._refusal)

    def __format__(self, spec: str) -> str:
        self._refuse()

    def __getattr__(self, name: str) -> NoReturn:
        # Python's own protocols (copy, pickle, Jinja's __html__) ask for names that are not there, and so do we.
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()
