"""Text and references as Terraform's JSON syntax wants them.

A string there is a template: `${` and `%{` begin an expression and must be doubled where they are meant as text
(Terraform, JSON Configuration Syntax, "Expression Mapping").
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivc.declare.cdktf import Construct, DefaultTokenResolver, StringConcat, Tokenization
from ivc.errors import DeclarationError
from ivc.estate.template_text import BOM, template
from ivc.userdata import AtApply
from ivc.userdata.at_apply import AsTerraform

# How CDKTF writes a value that it will fill in itself: never to be escaped.
_CDKTF_TOKEN = re.compile(r"\$\{TfToken\[[^]]*\]\}")
_HIGHEST_NUMBER_TOKEN = -1e280
"""CDKTF writes a number known only at apply as one that is lower."""
_LONGEST_VALUE = 255
"""How long a value of CDKTF's may be, as far as the limit on user data is concerned."""


def literal(text: str) -> str:
    """The text so that Terraform reads exactly it; CDKTF's tokens in it keep working."""
    if "{" not in text and not text.startswith(BOM):
        return text
    pieces: list[str | AtApply] = []
    end = 0
    for token in _CDKTF_TOKEN.finditer(text):
        pieces += [text[end : token.start()], AtApply(token[0][2:-1], label="a CDKTF token", longest=0)]
        end = token.end()
    return template([*pieces, text[end:]])


def as_terraform(value: str | AtApply) -> str:
    """A text without anything to escape in it, such as an address, or a value known only at apply."""
    return value if isinstance(value, str) else value.as_terraform


def at_apply(where: str, scope: Construct, value: object) -> object:
    """A template's variable, with CDKTF's own way of writing a value known only at apply made ours.

    Raises DeclarationError, beginning with `where`, for one that cannot stand in a template.
    """
    if isinstance(value, Mapping):
        return {key: at_apply(where, scope, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [at_apply(where, scope, item) for item in value]
    if isinstance(value, AsTerraform):
        raise DeclarationError(f"{where}: it is the as_terraform of a value; give the value itself")
    if isinstance(value, str) and value.startswith("#{TfToken["):
        raise DeclarationError(
            f"{where}: it is a list known only at apply, and how many items it has is not known before; pass the items "
            "that the template needs, one by one"
        )
    is_number = isinstance(value, float) and value < _HIGHEST_NUMBER_TOKEN
    if not is_number and not (isinstance(value, str) and _CDKTF_TOKEN.search(value)):
        return value
    if isinstance(value, str) and not _CDKTF_TOKEN.fullmatch(value):
        raise DeclarationError(
            f"{where}: it holds a value known only at apply among other text; pass that value alone, and put the text "
            "around it in the template"
        )
    resolver = DefaultTokenResolver(StringConcat())
    resolved = str(Tokenization.resolve(value, resolver=resolver, scope=scope, preparing=True))
    expression = resolved.removeprefix("${").removesuffix("}")
    return AtApply(expression, expression, _LONGEST_VALUE)
