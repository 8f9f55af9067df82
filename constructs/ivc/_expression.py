"""Text and references as Terraform's JSON syntax wants them.

A string there is a template: `${` and `%{` begin an expression and must be doubled where they are meant as text
(Terraform, JSON Configuration Syntax, "Expression Mapping").
"""

from __future__ import annotations

import re

from ivc.userdata import AtApply, Document

# How CDKTF writes a value that it will fill in itself: never to be escaped.
CDKTF_TOKEN = re.compile(r"\$\{TfToken\[[^]]*\]\}")
_BOM = "\ufeff"
# Text that only looks like a token must not look so to CDKTF. And after a carriage return without its line feed
# Terraform takes expressions for text.
_SPECIAL = re.compile(r"\$(?=\{TfToken\[)|\r(?!\n)")


def literal(text: str) -> str:
    """The text so that Terraform reads exactly it; CDKTF's tokens in it keep working."""
    if "{" not in text and not text.startswith(_BOM):
        return text
    pieces: list[str | AtApply] = []
    end = 0
    for token in CDKTF_TOKEN.finditer(text):
        pieces += [text[end : token.start()], AtApply(token[0][2:-1], label="a CDKTF token", longest=0)]
        end = token.end()
    return _join([*pieces, text[end:]])


def document(rendered: Document) -> str:
    """The rendered user data, with an expression where a value is known only at apply."""
    return _join(rendered.parts)


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _guarded(text: str) -> str:
    """The text before a `${`: signs at its end would read as the escape of that; as an expression they cannot."""
    before = text.rstrip("$%")
    return text if before == text else f'{before}${{"{text[len(before) :]}"}}'


def _join(parts: list[str | AtApply] | tuple[str | AtApply, ...]) -> str:
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
        out = _guarded(out) + f"${{{part.expression}}}"
    # Terraform drops one that a string begins with.
    return f'${{"\\ufeff"}}{out[1:]}' if out.startswith(_BOM) else out
