"""Secrets in user data: whoever is on the guest can read it, and so can whoever reads the state of the cloud.

detect-secrets knows what tokens and keys look like; what is ours is which of its findings mean something here. Its
detectors for high entropy stay out: they take certificates, checksums and public keys for secrets.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.placeholder import shown, unknown

_PLUGINS = (
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("basic_auth", "BasicAuthDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("jwt", "JwtTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)
# What detect-secrets has no detector for: a command that is given a password.
_COMMANDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bcurl\b.*?\s(?:-u|--user|--proxy-user)[ =]?['\"]?[^\s:'\"]+:([^\s'\"]+)",
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b.*?\s-p([^\s'\"=]+)",
        r"\bsshpass\s+-p\s*['\"]?([^\s'\"]+)",
        r"\becho\s+(?:-n\s+)?['\"]?[\w.-]+:([^\s'\"]+)['\"]?\s*\|\s*(?:sudo\s+)?chpasswd\b(?!.*\s-e\b)",
        r"\b(?:IDENTIFIED BY|(?:WITH|SET) (?:ENCRYPTED )?PASSWORD)\s*=?\s*'([^']+)'",
    )
)
_WORTH_A_LOOK = re.compile(r"key|pass|pwd|secret|contrase|token|curl|mysql|mariadb|identified", re.IGNORECASE)
# KeywordDetector finds words like `password` anywhere in a name; a secret is what stands under such a name itself.
_NAME = re.compile(
    r"(?:^|[_.-]|(?<=[a-z])(?=[A-Z]))(?:password|passwd|passphrase|pwd|pass|secret|secret_?key|secret_?access_?key|"
    r"api_?key|auth_?key|access_?key|account_?key|db_?key|client_?key|service_?key|token)$",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"([A-Za-z_][\w.-]*)['\"]?\]?\s*(?:=>|:=|[:=])\s*['\"]?$")
_TOKEN = re.compile(
    r"(?i)(?<![\w-])([\w.-]*(?:token|passphrase|pass))['\"]?\s*[:=]\s*(['\"]?)([^\s'\"#;,]{6,})\2(?=[\s;,\\'\"]|$)"
)
# A reference, a path, a word that says that there is none, or a call.
_HARMLESS = re.compile(
    r"[$`]|^[{<%@!*/~.]|^\(|\(.*\)$|^(?:true|false|yes|no|on|off|none|null|nil|required|optional|random|prompt|ask|"
    r"disabled|enabled|default|expired?|locked|prohibit-password|without-password|sufficient|x+|\*+|\.+)$|"
    r"^(?:file|env|vault|secret|op|ssm|barbican|https?):|^\d{1,4}$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"[$`]|^[xX*.]+$")
_HASH = re.compile(r"\$(?P<scheme>[\w-]+)\$\S+")
# crypt(5): those that a graphics card reverses in hours.
_WEAK = frozenset(("1", "md5", "sha1", "3"))
_BODY = re.compile(r"\s*(?:[A-Za-z0-9+/=]{16,}|[A-Za-z-]+: \S.*)?\s*$")
_KEY = "Private Key"


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


@dataclass(frozen=True)
class _Hit:
    """A secret in a line: what it is, the name in front of it, and its text, which no message shows."""

    what: str
    name: str
    value: str


def scan(given: Text, *, judged: frozenset[int] = frozenset()) -> Iterator[Secret]:
    """The secrets in a text.

    judged: lines whose passwords a check has looked at that knows what they mean.
    """
    lines = given.text.split("\n")
    for index, content in enumerate(lines):
        number = given.line + index
        for hit in _hits(content):
            if number in judged or (hit.what == _KEY and not _has_body(lines, index)):
                continue
            yield _secret(hit, given.line if given.inside else number, given, index)


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
        value = line.partition(":")[2] if name == "chpasswd" else line
        number = first + index
        match = _HASH.fullmatch(value.strip())
        if hashed and match:
            weak = match["scheme"] in _WEAK
            yield number, _weak(name, number) if weak else None
        elif not value.strip() or unknown(value) or value in ("R", "RANDOM") or _is_harmless(value):
            yield number, None
        else:
            yield number, _secret(_Hit("a plain password", name, value), number, Text("", number), 0)


def _weak(name: str, line: int) -> Finding:
    return Finding(
        id="weak-hash",
        severity="warning",
        line=line,
        message=f"the hash under {name} is of a kind that is soon reversed, and anybody on the guest can read it; "
        "make one with `mkpasswd -m yescrypt` or `openssl passwd -6`",
        subject=name,
    )


def _secret(hit: _Hit, line: int, given: Text, index: int) -> Secret:
    place = f"in {shown(given.inside)}, decoded, line {index + 1}: " if given.inside else ""
    named = f" under {shown(hit.name)}" if hit.name else ""
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


def _has_body(lines: Sequence[str], index: int) -> bool:
    """Whether a line that names a private key begins one: text that only looks for one does not."""
    _, begin, rest = lines[index].partition("-----BEGIN ")
    if not begin:
        return lines[index].lstrip().startswith("PuTTY-User-Key-File")
    if re.search(r"\\n[A-Za-z0-9+/]{16}", rest):
        return True
    after = lines[index + 1] if index + 1 < len(lines) else ""
    return rest.rstrip().endswith("-----") and bool(after.strip()) and _BODY.fullmatch(after) is not None


@lru_cache(maxsize=65_536)
def _hits(line: str) -> tuple[_Hit, ...]:
    """The secrets in one line; the same line stands in the documents of many instances."""
    return tuple(_of_detectors(line)) if line.strip() else ()


def _of_detectors(line: str) -> Iterator[_Hit]:
    detectors = _detectors()
    for detector in detectors.plain:
        for value in detector.analyze_string(line):
            if not unknown(value) and not detectors.templated(value) and not _REFERENCE.search(value):
                yield _Hit(detector.secret_type, _name_before(line, value), value)
    # All others look for one of these words, and most lines have none.
    if _WORTH_A_LOOK.search(line):
        yield from _of_names(line)


def _of_names(line: str) -> Iterator[_Hit]:
    detectors = _detectors()
    for pattern in _COMMANDS:
        for match in pattern.finditer(line):
            if not unknown(match[1]) and not _is_harmless(match[1]):
                yield _Hit("a plain password", match[0].split()[0].strip("'\""), match[1])
    for value in detectors.keyword.analyze_string(line, detectors.regexes):
        if (word := _word(line, value)) is not None:
            yield from _named("a password or key", _name_before(line, value), word, line)
    for match in _TOKEN.finditer(line):
        yield from _named("a token", match[1], match[3], line)


def _named(what: str, name: str, value: str, line: str) -> Iterator[_Hit]:
    detectors = _detectors()
    harmless = unknown(value) or _is_harmless(value.strip("'\"")) or detectors.templated(value)
    if _NAME.search(name) and not harmless and not detectors.indirect(line):
        yield _Hit(what, name, value)


def _word(line: str, value: str) -> str | None:
    """The word that stands for a value without quotes; None in a sentence: `password: the one that you know`."""
    before, _, after = line.partition(value)
    if before.endswith(("'", '"')):
        return value
    more = " " in value.strip() or re.match(r"\s+[^\s#&|;]", after) is not None
    return None if more and before.rstrip().endswith(":") else next(iter(value.split()), None)


def _is_harmless(value: str) -> bool:
    """Whether it is none: a reference, a word that says that there is none."""
    return _HARMLESS.search(value) is not None


def _name_before(line: str, value: str) -> str:
    match = _ASSIGNED.search(line[: line.find(value)]) if value else None
    return match[1] if match else ""


@dataclass(frozen=True)
class _Detectors:
    """detect-secrets, as far as it is used."""

    plain: tuple[Any, ...]
    keyword: Any
    regexes: Any
    templated: Callable[[str], bool]
    indirect: Callable[[str], bool]


@lru_cache(maxsize=1)
def _detectors() -> _Detectors:
    with _no_requests():
        from detect_secrets.filters import heuristic
        from detect_secrets.plugins import keyword

        modules = [importlib.import_module(f"detect_secrets.plugins.{module}") for module, _ in _PLUGINS]
    return _Detectors(
        plain=tuple(getattr(module, name)() for module, (_, name) in zip(modules, _PLUGINS, strict=True)),
        keyword=keyword.KeywordDetector(),
        regexes=keyword.CONFIG_DENYLIST_REGEX_TO_GROUP,
        templated=heuristic.is_templated_secret,
        indirect=heuristic.is_indirect_reference,
    )


@contextmanager
def _no_requests() -> Iterator[None]:
    """Keeps `requests` out of an import.

    Detectors import it to ask a cloud whether a secret works, which nothing here does, and it takes longer to import
    than all else together. What was imported so holds an empty module of that name.
    """
    if "requests" in sys.modules:
        yield
        return
    sys.modules["requests"] = ModuleType("requests")
    try:
        yield
    finally:
        del sys.modules["requests"]
