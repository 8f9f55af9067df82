"""Text as Terraform's JSON writes it.

A string there is a template: `${` and `%{` begin an expression and are doubled where they are meant as text (Terraform,
JSON Configuration Syntax, "Expression Mapping").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivc.userdata.at_apply import AtApply

BOM = "\ufeff"
# Text that only looks like a token must not look so to CDKTF. And after a carriage return without its line feed
# Terraform takes expressions for text.
_SPECIAL = re.compile(r"\$(?=\{TfToken\[)|\r(?!\n)")


def template(parts: Iterable[str | AtApply]) -> str:
    """The template that yields literal texts and values known only at apply, in order."""
    out = ""
    for part in parts:
        if isinstance(part, str):
            end = 0
            for special in _SPECIAL.finditer(part):
                out += _escaped(part[end : special.start()])
                out = _guarded(f"{out}$") if special[0] == "$" else _guarded(out) + r'${"\r"}'
                end = special.end()
            out += _escaped(part[end:])
            continue
        out = _guarded(out) + part.as_terraform
    # Terraform drops one that a string begins with.
    return f'${{"\\ufeff"}}{out[1:]}' if out.startswith(BOM) else out


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _guarded(text: str) -> str:
    """The text before a `${`: signs at its end would read as the escape of that; as an expression they cannot."""
    before = text.rstrip("$%")
    return text if before == text else f'{before}${{"{text[len(before) :]}"}}'
