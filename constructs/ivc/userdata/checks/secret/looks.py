"""Secrets by their look: detect-secrets knows tokens of many makers, and here are those that it does not know.

Its detectors for high entropy stay out: they take certificates, checksums and public keys for secrets. So does the one
for names (`ivc.userdata.checks.secret.names` has that topic), and those for addresses and keys, which would take the
square of a long line's length.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

from ivc.userdata.checks.placeholder import unknown
from ivc.userdata.checks.secret import value
from ivc.userdata.checks.secret.hit import KEY, Hit
from ivc.userdata.checks.secret.line import Line
from ivc.userdata.checks.secret.value import Says

# Module, class, and what any text that it finds has in it, in small letters; most lines have none of it.
PLUGINS = (
    ("aws", "AWSKeyDetector", ("akia", "asia", "abia", "acca", "a3t", "aws")),
    ("azure_storage_key", "AzureStorageKeyDetector", ("accountkey=",)),
    ("discord", "DiscordBotTokenDetector", (".",)),
    ("github_token", "GitHubTokenDetector", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    (
        "gitlab_token",
        "GitLabTokenDetector",
        (
            *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "gr1348941", "glcbt-", "glimt-", "glptt-", "glagent-"),
            "gloas-",
        ),
    ),
    ("jwt", "JwtTokenDetector", ("eyj",)),
    ("mailchimp", "MailchimpDetector", ("-us",)),
    ("npm", "NpmDetector", ("_authtoken",)),
    ("openai", "OpenAIDetector", ("t3blbkfj",)),
    ("pypi_token", "PypiTokenDetector", ("pypi-age",)),
    ("sendgrid", "SendGridDetector", ("sg.",)),
    ("slack", "SlackDetector", ("xox", "hooks.slack.com")),
    ("square_oauth", "SquareOAuthDetector", ("sq0csp-",)),
    ("stripe", "StripeDetector", ("k_live_",)),
    ("telegram_token", "TelegramBotTokenDetector", (":",)),
    ("twilio", "TwilioKeyDetector", ("ac", "sk")),
)
# What a token begins with, what it is, and what follows, as its maker documents it.
_TOKENS = (
    ("github_pat_", "GitHub Token", r"\w{22,255}"),
    ("hvs.", "Vault Token", r"[\w-]{24,}"),
    ("hvb.", "Vault Token", r"[\w-]{24,}"),
    ("hvr.", "Vault Token", r"[\w-]{24,}"),
    ("glsa_", "Grafana Token", r"\w{32,}"),
    ("glc_", "Grafana Token", r"[\w+/=]{32,}"),
    ("AIza", "Google API Key", r"[\w-]{35}"),
    ("GOCSPX-", "Google OAuth Secret", r"[\w-]{28}"),
    ("dop_v1_", "DigitalOcean Token", r"[0-9a-f]{64}"),
    ("doo_v1_", "DigitalOcean Token", r"[0-9a-f]{64}"),
    ("dor_v1_", "DigitalOcean Token", r"[0-9a-f]{64}"),
    ("tskey-", "Tailscale Key", r"[a-z]{3,12}-[\w-]{8,}"),
    ("SWMTKN-1-", "Docker Swarm Token", r"[0-9a-z]{40,}-[0-9a-z]{20,}"),
    ("dckr_pat_", "Docker Hub Token", r"[\w-]{20,}"),
    ("K10", "k3s Token", r"[0-9a-f]{48,64}::[\w:.-]{8,}"),
    ("hf_", "Hugging Face Token", r"[A-Za-z]{30,}"),
    ("npm_", "npm Token", r"[A-Za-z0-9]{36}"),
    ("sk-ant-", "Anthropic API Key", r"[\w-]{32,}"),
    ("sk-proj-", "OpenAI Token", r"[\w-]{32,}"),
    ("shpat_", "Shopify Token", r"[0-9a-f]{32}"),
    ("xapp-", "Slack Token", r"\d-[A-Z0-9]{6,}-\d+-[0-9a-f]{16,}"),
    ("rubygems_", "RubyGems Token", r"[0-9a-f]{48}"),
    ("NRAK-", "New Relic Key", r"[A-Z0-9]{27}"),
    ("PMAK-", "Postman Key", r"[0-9a-f]{24}-[0-9a-f]{34}"),
    ("dp.st.", "Doppler Token", r"[\w.-]{40,}"),
    ("pul-", "Pulumi Token", r"[0-9a-f]{40}"),
    ("ATATT3x", "Atlassian Token", r"[\w=-]{100,}"),
    ("sntrys_", "Sentry Token", r"[\w+/=-]{40,}"),
    ("ops_eyJ", "1Password Token", r"[\w=-]{100,}"),
    ("AGE-SECRET-KEY-1", "age Key", r"[0-9A-Z]{50,}"),
    ("gAAAAA", "Keystone Token", r"[\w-]{120,}={0,2}"),
)
_BY_NEEDLE = (
    *(
        (begin.lower(), what, re.compile(rf"(?<![A-Za-z0-9_]){re.escape(begin)}(?:{rest})"))
        for begin, what, rest in _TOKENS
    ),
    (".atlasv1.", "Terraform Token", re.compile(r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,80}")),
)
# An address with a password in front of its host: scheme://user:password@host, the user may be empty.
_ADDRESS = re.compile(r"://([^\s/:@'\"<>{}\[\]?#]{0,100}):([^\s/@'\"<>\[\]]{1,256})@")
_PRIVATE = re.compile(
    r"BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-[23]|BEGIN OpenVPN Static key V1"
)
# `-----BEGIN ` in base64; and what cephx writes: type 1, a time, sixteen bytes of key.
_PEM_IN_BASE64 = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,86}")
_CEPH = re.compile(r"(?<![A-Za-z0-9+/])AQ[A-Za-z0-9+/]{36}==")
_ASSIGNED = re.compile(r"([A-Za-z_][\w.-]*)['\"]?\]?\s*(?:=>|:=|[:=])\s*\\?['\"]?$")
_NO_TOKEN = re.compile(r"[$`]|^[xX*.]+$|^\{.*\}$|^<.*>$")
_LONGEST_NAME = 80


def hits(line: Line) -> Iterator[Hit]:
    """What looks like a secret, wherever it stands."""
    lower = line.lower
    detectors, by_needle = _detectors()
    for number in dict.fromkeys([number for needle, number in by_needle if needle in lower]):
        detector = detectors[number]
        for found in detector.analyze_string(line.text):
            yield from _hit(line, detector.secret_type, found, line.text.find(found))
    for needle, what, pattern in _BY_NEEDLE:
        if needle in lower:
            for match in pattern.finditer(line.text):
                yield from _hit(line, what, match[0], match.start())
    for needle, find in _BY_MEANING:
        if needle in line.lower:
            yield from find(line)


def _hit(line: Line, what: str, found: str, start: int) -> Iterator[Hit]:
    if found and not unknown(found) and not _NO_TOKEN.search(found):
        yield Hit(what, _name_before(line.text, start), found, start)


def _name_before(text: str, start: int) -> str:
    match = _ASSIGNED.search(text, max(0, start - _LONGEST_NAME), start)
    return match[1] if match else ""


def _of_addresses(line: Line) -> Iterator[Hit]:
    for match in _ADDRESS.finditer(line.text):
        user, word = match[1], match[2]
        says = value.of(word, quote='"')
        if says is not Says.NOTHING and not _NO_TOKEN.search(word):
            yield Hit("Basic Auth Credentials", user, word, match.start(2), placeholder=says is Says.TO_COME)


def _of_private_keys(line: Line) -> Iterator[Hit]:
    for match in _PRIVATE.finditer(line.text):
        yield Hit(KEY, _name_before(line.text, match.start()), match[0], match.start())


def _of_pem_in_base64(line: Line) -> Iterator[Hit]:
    for match in _PEM_IN_BASE64.finditer(line.text):
        text = match[0]
        if b"PRIVATE KEY" in base64.b64decode(text[: len(text) // 4 * 4]):
            yield from _hit(line, "Private Key in base64", text, match.start())


def _of_ceph(line: Line) -> Iterator[Hit]:
    for match in _CEPH.finditer(line.text):
        if _is_cephx(match[0]):
            yield from _hit(line, "Ceph Key", match[0], match.start())


def _is_cephx(text: str) -> bool:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return raw[:2] == b"\x01\x00" and raw[10:12] == b"\x10\x00"


_BY_MEANING = (
    ("://", _of_addresses),
    ("key", _of_private_keys),
    ("ls0tls1crudjti", _of_pem_in_base64),
    ("aq", _of_ceph),
)


@lru_cache(maxsize=1)
def _detectors() -> tuple[Sequence[Any], Sequence[tuple[str, int]]]:
    """detect-secrets, as far as it is used: its detectors, and the number of the one that a word in a line asks for."""
    with _no_requests():
        detectors = [
            getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)() for module, name, _ in PLUGINS
        ]
    return detectors, [(needle, number) for number, (_, _, needles) in enumerate(PLUGINS) for needle in needles]


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
