"""Whether a value changes the structure of a YAML document that it is inserted into.

The document is read twice: as it is, and with a token for each inserted value. Both must have the same mappings, lists
and keys; and where a value of one line stands in a scalar, the scalar must hold that value. What fails is text that
ends a string, begins a mapping or a comment, or adds a line: `{{ value | to_yaml }}` says it as data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import yaml

_TOKEN = re.compile("\ue000(\\d+)\ue001")
_HARMLESS = re.compile(r"[A-Za-z0-9/](?:[A-Za-z0-9_./@%+=-]|[ :](?=[A-Za-z0-9/]))*")
_SHORT = 60


def token(number: int) -> str:
    """What stands for the value of a number; of characters for private use, which YAML takes for letters."""
    return f"\ue000{number}\ue001"


def holds_token(text: str) -> bool:
    """Whether values were put into the text already, each as its token."""
    return _TOKEN.search(text) is not None


def is_harmless(value: str) -> bool:
    """Whether the value is a word or words that are the same in all of YAML, so that it needs no second reading."""
    return _HARMLESS.fullmatch(value) is not None


def check(text: str, with_tokens: str, values: Sequence[str]) -> None:
    """Raise a ValueError, in one sentence, where a value changed the structure or is not what YAML reads.

    text: the document. with_tokens: the same with a `token` for each value. values: by the tokens' numbers.
    """
    expected = _events(with_tokens)
    if expected is None:
        return  # The template itself is no YAML, which is for others to say.
    found = _events(text)
    if found is None:
        risky = [value for value in values if not is_harmless(value)]
        raise ValueError(_sentence(risky[0] if len(risky) == 1 else None, "breaks the YAML it is inserted into"))
    last: str | None = None
    for wanted, got in zip_longest(expected, found):
        inserted = [values[int(match[1])] for match in _TOKEN.finditer(wanted.text)] if wanted is not None else []
        last = inserted[-1] if inserted else last
        if wanted is None or got is None or wanted.kind != got.kind:
            raise ValueError(_sentence(last, "changes what the document is made of", wanted))
        if any("\n" in value or "\r" in value for value in inserted):
            continue  # Its indentation, and how its end is read, are the template's business.
        if _TOKEN.sub(lambda match: values[int(match[1])], wanted.text) != got.text:
            what = f"is read as {got.text[:_SHORT]!r}" if inserted else "changes what the document is made of"
            raise ValueError(_sentence(last, what, wanted))


@dataclass(frozen=True)
class _Event:
    """What YAML's parser meets: a scalar with its text, or where a mapping or a list begins or ends.

    kind: which of them, with its tag and anchor. line: from 1.
    """

    kind: str
    text: str
    line: int

    @classmethod
    def of(cls, event: yaml.Event) -> _Event:
        text = event.value if isinstance(event, yaml.ScalarEvent) else ""
        # A value that brings a tag or an anchor is none, whatever follows it.
        kind = f"{type(event).__name__} {getattr(event, 'tag', None)} {getattr(event, 'anchor', None)}"
        return cls(kind, text, event.start_mark.line + 1 if event.start_mark else 1)


@lru_cache(maxsize=64)
def _events(text: str) -> tuple[_Event, ...] | None:
    try:
        # Not the parser in C, which takes tabs where this one, which is cloud-init's, does not.
        return tuple(_Event.of(event) for event in yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return None


def _sentence(value: str | None, what: str, event: _Event | None = None) -> str:
    shown = "a variable's value" if value is None else f"the value {value[:_SHORT]!r}"
    place = "" if event is None else f"line {event.line} of the result: "
    return (
        f"{place}{shown} {what}: insert it as {{{{ value | to_yaml }}}}, or as {{{{ value | verbatim }}}} "
        "where it is meant to bring YAML of its own"
    )
