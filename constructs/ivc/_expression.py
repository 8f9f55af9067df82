"""Text and references as Terraform's JSON syntax wants them.

A string there is a template: `${` and `%{` begin an expression and must be doubled where they are meant as text
(Terraform, JSON Configuration Syntax, "Expression Mapping").
"""

from __future__ import annotations

import re

from ivc.userdata import AtApply, Document

# How CDKTF writes a value that it will fill in itself: never to be escaped.
CDKTF_TOKEN = re.compile(r"\$\{TfToken\[[^]]*\]\}")
_TEMPLATE_START = re.compile(r"([$%])(?=\{)")


def literal(text: str) -> str:
    """The text so that Terraform reads exactly it; CDKTF's tokens in it keep working."""
    if "{" not in text:
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


def _join(parts: list[str | AtApply] | tuple[str | AtApply, ...]) -> str:
    out = ""
    for part in parts:
        if isinstance(part, str):
            out += _TEMPLATE_START.sub(r"\1\1", part)
            continue
        if out.endswith(("$", "%")):
            # A literal sign right before `${` would read as its escape; as an expression of its own it cannot.
            out = f'{out[:-1]}${{"{out[-1]}"}}'
        out += f"${{{part.expression}}}"
    return out
