"""Secrets that only the lines around them make one: a here-document, an entry of netrc, of Kubernetes' `env`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ivc.userdata.checks.secret import names, value
from ivc.userdata.checks.secret.hit import PASSWORD, Hit
from ivc.userdata.checks.secret.line import Line
from ivc.userdata.checks.secret.value import Says

_NEEDLES = ("value", "password", "chpasswd", "account", "- -", "- '-", '- "-')
_LONGEST = 1_000
# A list of users and passwords stands behind the command, or before it.
_PLAIN = r"chpasswd\b(?!.*\s(?:-e|--encrypted)\b)"
_HERE = re.compile(
    rf"\b{_PLAIN}.{{0,100}}?<<-?\s{{0,8}}\\?['\"]?(\w{{1,40}})|"
    rf"<<-?\s{{0,8}}\\?['\"]?(\w{{1,40}})['\"]?\s{{0,8}}\|\s{{0,8}}(?:sudo\s{{1,8}})?{_PLAIN}"
)
_MOST_USERS = 100
_PAIR = re.compile(r"\s*[\w.@-]{1,100}:(\S+)\s*")
_NETRC = re.compile(r"\s*(?:password|account)\s+(\S+)\s*")
_NETRC_BEFORE = re.compile(
    r"\s*(?:machine\s+\S+|default|login\s+\S+|machine\s+\S+\s+login\s+\S+|default\s+login\s+\S+)\s*"
)
_VALUE = re.compile(r"""[\s-]*['"]?value['"]?\s*:\s*(\S.*?),?\s*""")
_NAME = re.compile(r"""[\s-]*['"]?name['"]?\s*:\s*['"]?([\w.-]+)['"]?,?\s*""")
_OPTION = re.compile(r"\s*-\s+(['\"]?)(--?[\w-]+)\1\s*")
_ITEM = re.compile(r"\s*-\s+(\S+)\s*")


def may_need_others(text: str) -> bool:
    """Whether a line may hold a secret because of another one, or make one of another."""
    return len(text) <= _LONGEST and any(needle in text for needle in _NEEDLES)


def hits(lines: Sequence[str], index: int) -> Iterator[tuple[int, Hit]]:
    """The secrets that a line is about, each with the index of the line where it stands."""
    before = lines[index - 1][:_LONGEST] if index else ""
    after = lines[index + 1][:_LONGEST] if index + 1 < len(lines) else ""
    yield from ((index + offset, hit) for offset, hit in _near(before, lines[index], after))
    if "chpasswd" in lines[index] and (here := _HERE.search(lines[index])):
        yield from _listed(lines, index, end=here[1] or here[2])


@lru_cache(maxsize=16_384)
def _near(before: str, line: str, after: str) -> tuple[tuple[int, Hit], ...]:
    """The secrets in a line, or in the next one, that a line beside it makes one; with how many lines below it."""
    found: list[tuple[int, Hit]] = []
    if (given := _VALUE.fullmatch(line)) and (named := _NAME.fullmatch(before)):
        found += ((0, hit) for hit in names.hits(Line.of(f"{named[1]}={given[1]}")))
    if (option := _OPTION.fullmatch(line)) and (item := _ITEM.fullmatch(after)):
        found += ((1, hit) for hit in names.hits(Line.of(f"{option[2]} {item[1]}")))
    if (word := _NETRC.fullmatch(line)) and _NETRC_BEFORE.fullmatch(before):
        found += ((0, hit) for hit in _plain(word, "password"))
    return tuple(found)


def _listed(lines: Sequence[str], index: int, *, end: str) -> Iterator[tuple[int, Hit]]:
    for number in range(index + 1, min(index + 1 + _MOST_USERS, len(lines))):
        if lines[number].strip() == end:
            return
        if len(lines[number]) <= _LONGEST and (pair := _PAIR.fullmatch(lines[number])):
            yield from ((number, hit) for hit in _plain(pair, "chpasswd"))


def _plain(match: re.Match[str], name: str) -> Iterator[Hit]:
    says = value.of(match[1])
    if says is not Says.NOTHING:
        yield Hit(PASSWORD, name, match[1], match.start(1), placeholder=says is Says.TO_COME)
