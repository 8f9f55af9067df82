"""Secrets in user data: whoever is on the guest can read it, and so can whoever reads the state of the cloud.

A secret is known by its look (`looks`), by the name in front of it (`names`), by the command or the kind of file that
it stands in (`commands`), by the lines around it (`lines`), or since cloud-init takes it for a password (here).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.placeholder import shown
from ivc.userdata.checks.secret import commands, lines, looks, names, value
from ivc.userdata.checks.secret.hit import KEY, PASSWORD, Hit
from ivc.userdata.checks.secret.line import Line, pieces
from ivc.userdata.checks.secret.value import Says

_HASH = re.compile(r"\$(?P<scheme>[\w-]+)\$\S+")
# crypt(5): those that a graphics card reverses in hours.
_WEAK = frozenset(("1", "md5", "sha1", "3"))
_BODY = re.compile(r"\s*(?:[A-Za-z0-9+/=]{16,}|[A-Za-z-]+: \S.*)?\s*$")
_MOST_OF_A_BODY = 200


@dataclass(frozen=True)
class Text:
    """Text to look through.

    text: its lines.
    line: the number of its first line in the result.
    inside: the file in which it stands encoded, so that all of it stands in that line; or empty.
    """

    text: str
    line: int
    inside: str = ""


@dataclass(frozen=True)
class Secret:
    """A secret that stands in clear.

    value: its text, which no message may show.
    """

    finding: Finding
    value: str


def scan(given: Text, *, judged: frozenset[int] = frozenset()) -> Iterator[Secret | Finding]:
    """The secrets in a text, and the placeholders that stand where one should be.

    judged: lines whose passwords a check has looked at that knows what they mean.
    """
    for index, hit in _found(given.text.split("\n")):
        number = given.line + index
        if number not in judged:
            yield _told(hit, given.line if given.inside else number, given, index)


@dataclass(frozen=True)
class _Look:
    """What there is in a line; and whether it may be about a secret in another one."""

    hits: tuple[Hit, ...]
    about_others: bool


def _found(text: Sequence[str]) -> Iterator[tuple[int, Hit]]:
    """The hits in a text's lines, each with its index. Equal lines are looked at once, however many there are."""
    looks = {line: look for line in set(text) if (look := _look(line)).hits or look.about_others}
    if not looks:
        return
    for index, line in enumerate(text):
        if line not in looks:
            continue
        look = looks[line]
        yield from ((index, hit) for hit in look.hits if hit.what != KEY or _has_body(text, index))
        if look.about_others:
            yield from lines.hits(text, index)


@lru_cache(maxsize=65_536)
def _look(text: str) -> _Look:
    """What is in one line; the same line stands in the documents of many instances."""
    found: list[Hit] = []
    near: list[Hit] = []
    for start, piece in pieces(text):
        near = [hit for hit in near if hit.end > start]
        for hit in _hits(piece):
            here = replace(hit, start=start + hit.start)
            if not any(here.overlaps(known) for known in near):
                near.append(here)
                found.append(here)
    return _Look(tuple(found), about_others=lines.may_need_others(text))


@lru_cache(maxsize=1_024)
def _hits(piece: str) -> tuple[Hit, ...]:
    """What is in a piece of a line; in what was packed well, most pieces are the same."""
    if not piece.strip():
        return ()
    line = Line.of(piece)
    return (*looks.hits(line), *commands.hits(line), *names.hits(line))


def passwords(root: MappingNode) -> Iterator[tuple[int, Secret | Finding | None]]:
    """The lines of a cloud-config with a password under one of cloud-init's own keys, and what is wrong with each."""
    fields = tree.entries(root)
    for name, node, hashed in _own_passwords(fields):
        yield from _judge(name, node, hashed=hashed)


def _own_passwords(fields: dict[str, Node]) -> Iterator[tuple[str, Node | None, bool]]:
    """Each password, the name of its key, and whether a hash may stand there."""
    yield "password", fields.get("password"), True
    people = [*tree.items(fields.get("users"))]
    if (only := fields.get("user")) is not None:
        people.append(only)
    for user in people:
        known = tree.entries(user)
        for key in ("passwd", "hashed_passwd", "hashed-passwd"):
            yield key, known.get(key), True
        for key in ("plain_text_passwd", "plain-text-passwd"):
            yield key, known.get(key), False
    change = tree.entries(fields.get("chpasswd"))
    for user in tree.items(change.get("users")):
        known = tree.entries(user)
        yield "password", known.get("password"), (tree.scalar(known.get("type")) or "hash") == "hash"
    listing = change.get("list")
    for listed in [listing] if isinstance(listing, ScalarNode) else tree.items(listing):
        yield "chpasswd", listed, True


def _judge(name: str, node: Node | None, *, hashed: bool) -> Iterator[tuple[int, Secret | Finding | None]]:
    if not isinstance(node, ScalarNode):
        return
    first = tree.first_line_of_text(node)
    for index, line in enumerate(node.value.split("\n") if name == "chpasswd" else [node.value]):
        text = line.partition(":")[2] if name == "chpasswd" else line
        number = first + index
        match = _HASH.fullmatch(text.strip())
        if hashed and match:
            weak = match["scheme"] in _WEAK
            yield number, _weak(name, number) if weak else None
        elif text in ("R", "RANDOM") or (says := value.of(text)) is Says.NOTHING:
            yield number, None
        else:
            hit = Hit(PASSWORD, name, text, 0, placeholder=says is Says.TO_COME)
            yield number, _told(hit, number, Text("", number), 0)


def _weak(name: str, line: int) -> Finding:
    return Finding(
        id="weak-hash",
        severity="warning",
        line=line,
        message=f"the hash under {name} is of a kind that is soon reversed, and anybody on the guest can read it; "
        "make one with `mkpasswd -m yescrypt` or `openssl passwd -6`",
        subject=name,
    )


def _told(hit: Hit, line: int, given: Text, index: int) -> Secret | Finding:
    place = f"in {shown(given.inside)}, decoded, line {index + 1}: " if given.inside else ""
    named = f" under {shown(hit.name)}" if hit.name else ""
    if hit.placeholder:
        return Finding(
            id="placeholder",
            severity="warning",
            line=line,
            message=f"{place}{shown(hit.value)!r}{named} looks as if something was to be put there, and the guest "
            "takes it as it stands; let the guest fetch the secret, or take the line away",
            subject=hit.name,
        )
    what = hit.what if hit.what.startswith("a ") else f"what looks like a secret ({hit.what})"
    waiver = f"secret:{hit.name}" if hit.name else "secret"
    finding = Finding(
        id="secret",
        severity="error",
        line=line,
        message=f"{place}{what}{named} stands in clear; user data is no place for it, since every program on the "
        f"guest can read it: let the guest fetch it, or accept it with a waiver of {waiver!r} and a reason",
        subject=hit.name,
    )
    return Secret(finding, hit.value)


def _has_body(text: Sequence[str], index: int) -> bool:
    """Whether a line that names a private key begins one: text that only looks for one does not."""
    _, begin, rest = text[index].partition("-----BEGIN ")
    if not begin:
        return text[index].lstrip().startswith("PuTTY-User-Key-File")
    if re.search(r"\\n[A-Za-z0-9+/]{16}", rest):
        return True
    after = text[index + 1][:_MOST_OF_A_BODY] if index + 1 < len(text) else ""
    return rest.rstrip().endswith("-----") and bool(after.strip()) and _BODY.fullmatch(after) is not None
