"""Names of a tier's members by a rule: `web-{n}-data` is `web-1-data` for the first one."""

from __future__ import annotations

import re
from string import Formatter

from ivc.errors import DeclarationError

_WIDTH = re.compile(r"(0\d)?")


def by_number(where: str, rule: str, number: int) -> str:
    """What a rule says for a member; raises DeclarationError, beginning with `where`, for what is none."""
    return _by_number(where, check_rule(where, rule), number)


def check_rule(where: str, rule: str) -> str:
    """A rule that says something else for each member; raises DeclarationError, beginning with `where`, for others."""
    if _by_number(where, rule, 1) == _by_number(where, rule, 2):
        raise DeclarationError(
            f"{where}: {rule!r} is the same for each member; write {{n}} where the member's number is to stand, or "
            "{n:02} with a zero before it"
        )
    return rule


def _by_number(where: str, rule: str, number: int) -> str:
    try:
        fields = [one for one in Formatter().parse(rule) if one[1] is not None]
        if any(name != "n" or turned or not _WIDTH.fullmatch(width or "") for _, name, width, turned in fields):
            raise ValueError(rule)
        return rule.format(n=number)
    except ValueError:
        raise DeclarationError(
            f"{where}: {rule!r} is no rule; write {{n}} where the member's number is to stand, and {{{{ or }}}} for a "
            "brace of its own"
        ) from None
