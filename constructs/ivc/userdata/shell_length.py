"""A shell's length of a variable, `${#name}`, where Jinja takes its `{#` for the beginning of a comment."""

from __future__ import annotations

import re

_RAW = r"{%[-+]?\s*raw\s*[-+]?%}.*?{%[-+]?\s*endraw\s*[-+]?%}"
# Where Jinja would read it: not in a raw block, in a tag or in a comment.
_LENGTH = re.compile(f"{_RAW}|{{{{.*?}}}}|{{%.*?%}}|(?<!\\$){{#.*?#}}|(?P<length>\\${{#)", re.DOTALL)

EATEN = (
    "'${#' is the length of a variable to a shell, and to Jinja the beginning of a comment, up to whose end all would "
    "be lost; write {{ '${#' }}name}, or put the text between {% raw %} and {% endraw %}"
)


def line_of(text: str) -> int | None:
    """The line of the first one in a template, or None where there is none."""
    if "${#" not in text:
        return None
    starts = (match.start() for match in _LENGTH.finditer(text) if match["length"])
    return next((text.count("\n", 0, start) + 1 for start in starts), None)
