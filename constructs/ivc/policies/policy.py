"""What a policy is: one thing that a declaration had better not say, and how to find it."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from ivc.errors import DeclarationError
from ivc.words.sentence import Quoted, Sentence

if TYPE_CHECKING:
    from ivc.policies.facts import Facts

Severity = Literal["error", "warning", "info"]
"""`error`: nearly nobody wants it, and nothing is written. `warning`: likely wrong. `info`: good to know."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a policy found about one declaration.

    subject: the Terraform address of what it is about, such as `openstack_compute_instance_v2.www-1`; `STACK` for the
    stack itself. Whoever declared that can waive it.
    message: a sentence without its full stop: what is wrong and how to mend it. It holds no secret. Of a text made
    with `say` the review knows which words came from outside; a plain one is taken for such as a whole.
    cause: the address of what in particular is meant, such as a rule of a group: its line is the one that is shown.
    others: addresses that it is about as well; a waiver of one of them holds too.
    """

    subject: str
    message: Sentence | str
    cause: str | None = None
    others: tuple[str, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """The message, with others' words kept apart."""
        return Sentence((Quoted(self.message),)) if isinstance(self.message, str) else self.message


class Policy(ABC):
    """A policy. Its docstring is its help: why it matters, and how to mend what it finds.

    id: a short word that stays the same from release to release, such as `ACME1`. Waivers name it.
    title: one sentence that says what is found.
    severity: see `Severity`.
    page: an address where it is explained.
    """

    id: str
    title: str
    severity: Severity
    page: str = ""

    @abstractmethod
    def check(self, facts: Facts) -> Iterable[Finding]:
        """What it finds in a stack."""

    @property
    def help(self) -> str:
        """Why it matters, and how to mend what it finds."""
        # A class without a docstring of its own would show that of this one.
        own = type(self).__doc__
        return inspect.cleandoc(own) if own else self.title


def checked(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """The policies by their ids; raises DeclarationError for one that lacks something, and for two of one id."""
    by_id: dict[str, Policy] = {}
    for policy in policies:
        if not isinstance(policy, Policy):
            raise DeclarationError(
                f"App: policies: {policy!r} is no policy; give objects of classes made from ivc.Policy"
            )
        where = f"App: policies: {type(policy).__name__}"
        for field in ("id", "title", "severity"):
            if not isinstance(getattr(policy, field, None), str) or not getattr(policy, field).strip():
                raise DeclarationError(f"{where}: its {field} is missing; write it in the class, as a text")
        if not _ID.fullmatch(policy.id):
            raise DeclarationError(f"{where}: id: {policy.id!r} is no word of letters, digits and '-', such as ACME1")
        if policy.severity not in get_args(Severity):
            raise DeclarationError(f"{where}: severity: {policy.severity!r} is not known; take error, warning or info")
        if policy.id in by_id:
            other = type(by_id[policy.id]).__name__
            raise DeclarationError(
                f"{where}: id: {policy.id!r} is {other}'s already; a policy is given once, with its own id"
            )
        by_id[policy.id] = policy
    return tuple(policy for _, policy in sorted(by_id.items()))
