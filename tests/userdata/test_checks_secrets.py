"""Secrets in user data. Those in here are put together at run time, and open nothing."""

from __future__ import annotations

import base64
import gzip
import importlib
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivc.userdata.checks import findings, secret
from ivc.userdata.checks.secret import looks
from ivc.userdata.checks.secret.hit import Hit
from ivc.userdata.checks.secret.line import OVERLAP, STEP, Line, pieces
from tests.userdata.test_checks import config, document, said

WORD = "hunt" + "er2!x"
HASH = "$6$rounds=4096$saltsalt$" + "a" * 86
ASCII = st.characters(codec="ascii")
PRIVATE_KEY = ["-----BEGIN OPENSSH " + "PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjEAAAAA" * 2, "-----END-----"]


def sentence(line: int, what: str, name: str) -> str:
    named = f" under {name}" if name else ""
    waiver = f"secret:{name}" if name else "secret"
    return (
        f"error secret: line {line} of the result: {what}{named} stands in clear; user data is no place for it, "
        "since every "
        f"program on the guest can read it: let the guest fetch it, or accept it with a waiver of {waiver!r} and a "
        "reason"
    )


def script(*lines: str) -> str:
    return "\n".join(("#!/bin/sh", *lines, ""))


def found(text: str) -> list[tuple[int | None, str]]:
    """Line and name of each secret; no message may hold the word itself."""
    all_of_them = findings(document(text))
    assert WORD not in str(all_of_them)
    return [(finding.line, finding.subject) for finding in all_of_them if finding.id == "secret"]


def test_a_cloud_password_in_a_script_is_one_sentence() -> None:
    assert said(script("set -e", f"export OS_PASSWORD={WORD}")) == [sentence(3, "a password or key", "OS_PASSWORD")]


def test_a_plain_password_of_a_user_is_one_sentence() -> None:
    assert said(config("users:", "- name: ops", f"  plain_text_passwd: {WORD}", "  lock_passwd: false")) == [
        sentence(4, "a plain password", "plain_text_passwd")
    ]


def test_a_private_key_is_one_sentence() -> None:
    text = config("write_files:", "- path: /root/.ssh/id", "  content: |", *(f"    {line}" for line in PRIVATE_KEY))
    assert said(text) == [sentence(5, "what looks like a secret (Private Key)", "")]


@pytest.mark.parametrize("encoding", ["b64", "gz+b64"])
def test_a_secret_in_an_encoded_file_is_found(encoding: str) -> None:
    content = f"[db]\npassword = {WORD}\n".encode()
    raw = gzip.compress(content, mtime=0) if encoding == "gz+b64" else content
    text = config(
        "write_files:", "- path: /etc/a", f"  encoding: {encoding}", f"  content: {base64.b64encode(raw).decode()}"
    )
    (message,) = said(text)
    assert (
        "line 5 of the result: in /etc/a, decoded, line 2: a password or key under password stands in clear" in message
    )
    assert WORD not in message


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"OS_APPLICATION_CREDENTIAL_SECRET='{WORD}'", "OS_APPLICATION_CREDENTIAL_SECRET"),
        (f'export DB_PASSWORD="{WORD}"', "DB_PASSWORD"),
        (f"  password: {WORD}", "password"),
        (f"password = {WORD}", "password"),
        (f"requirepass_secret={WORD}", "requirepass_secret"),
        ("aws_secret_access_key = '" + "aB3/" * 10 + "'", "aws_secret_access_key"),
        ("AWS_ACCESS_KEY_ID=" + "AKIA" + "ABCDEFGHIJKLMNOP", "AWS_ACCESS_KEY_ID"),
        ("git clone https://ops:" + WORD.replace("!", "") + "@git.example.org/a", "ops"),
        ("TOKEN=" + "ghp_" + "a1B2" * 9, "TOKEN"),
        ("GITLAB_TOKEN=" + "glpat-" + "abcdefghij0123456789", "GITLAB_TOKEN"),
        ("  token: abcdef.0123456789abcdef", "token"),
        (f"curl -u ops:{WORD} https://example.org", "curl"),
        (f"mysql -u root -p{WORD} shop", "mysql"),
        (f"echo 'ops:{WORD}' | chpasswd", "echo"),
        ("curl -d x https://hooks.slack.com/services/" + "T01234567/B01234567/abcdefghijklmnop", ""),
    ],
)
def test_secrets_of_all_kinds_are_found(line: str, name: str) -> None:
    assert (2, name) in found(script(line))


@pytest.mark.parametrize(
    "lines",
    [
        [f"password: {WORD}"],
        ["users: [ default ]", "chpasswd:", "  users:", f"  - {{ name: ops, password: {WORD}, type: text }}"],
        ["chpasswd:", "  users:", f"  - {{ name: ops, password: {WORD} }}"],
        ["users:", "- name: ops", f"  passwd: {WORD}"],
    ],
)
def test_passwords_under_cloud_inits_own_keys_are_found(lines: list[str]) -> None:
    assert len(found(config(*lines))) == 1


def test_each_password_of_a_list_is_found_on_its_line() -> None:
    text = config("chpasswd:", "  list: |", f"    ops:{WORD}", "    shop:RANDOM", f"    root:{HASH}")
    assert found(text) == [(4, "chpasswd")]


@pytest.mark.parametrize(
    "line",
    [
        'PASSWORD="${PASSWORD}"',
        "PASSWORD=$1",
        "PASSWORD=$(cat /run/secrets/db)",
        "DB_PASSWORD=`pwgen 20 1`",
        "password: <your password>",
        "password = {{ password }}",
        "password: /run/secrets/db",
        "password_file=/etc/a",
        "lock_passwd: true",
        "ssh_pwauth: false",
        "PasswordAuthentication no",
        "password: none",
        "  # the password: the one that you were given",
        "PermitRootLogin prohibit-password",
        "pwd=$(pwd)",
        "private_key_path: /etc/ssl/private/a.key",
        "ssl_certificate_key /etc/ssl/private/a.key;",
        "token=$(curl -s http://169.254.169.254/token)",
        'curl -H "X-Auth-Token: $TOKEN" https://example.org',
        "grep -q 'BEGIN RSA PRIVATE KEY' /etc/a",
        "[ -n \"$PASSWORD\" ] || exit 1",
        "curl -u $USER:$PASS https://example.org",
        "mysql -u root -p shop",
        "mysql -P3306 shop",
        "git clone https://github.com/a/b@v1",
        "git clone https://ops:xxxx@git.example.org/a",
        "rsync://example.org:873/a",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqZ0pXb3kzZm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0 ops@example.org",
        "sha256sum: " + "0123456789abcdef" * 4,
        "id: 01234567-89ab-cdef-0123-456789abcdef",
        "secret_name: db",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQsw\n-----END CERTIFICATE-----",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_not_found(line: str) -> None:
    assert [finding for finding in findings(document(f"#!/usr/bin/env a\n{line}\n")) if finding.id == "secret"] == []


@pytest.mark.parametrize("key", ["passwd", "hashed_passwd"])
def test_a_strong_hash_is_what_these_keys_are_for(key: str) -> None:
    assert said(config("users:", "- name: ops", f"  {key}: {HASH}", "  lock_passwd: false")) == []


def test_a_weak_hash_is_a_warning() -> None:
    assert said(config("users:", "- name: ops", "  passwd: $1$saltsalt$" + "a" * 22, "  lock_passwd: false")) == [
        "warning weak-hash: line 4 of the result: the hash under passwd is of a kind that is soon reversed, and "
        "anybody on "
        "the guest can read it; make one with `mkpasswd -m yescrypt` or `openssl passwd -6`"
    ]


@given(st.from_regex(r"[A-Za-z0-9]{8,40}", fullmatch=True))
def test_no_message_shows_a_secret(word: str) -> None:
    value = f"Zq9{word}"
    for text in (
        script(f"curl -u ops:{value} https:/example.org/{value}"),
        script(f"PASSWORD={value} tail -f {value}"),
        config(f"password: {value}", f"{value}: a"),
        f"PASSWORD={value}\n",
    ):
        shown = str(findings(document(text)))
        assert "secret" in shown
        assert value not in shown
        assert value[:8] not in shown


@pytest.mark.parametrize(("module", "name", "needles"), looks.PLUGINS)
@settings(max_examples=20)
@given(data=st.data())
def test_no_detector_is_passed_over_for_want_of_its_words(
    module: str, name: str, needles: tuple[str, ...], data: st.DataObject
) -> None:
    """Most lines hold none of the words that a detector needs to see, and are not shown to it."""
    patterns = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name).denylist
    text = data.draw(st.sampled_from(patterns).flatmap(lambda one: st.from_regex(one, alphabet=ASCII)))
    assert [needle for needle in needles if needle in Line.of(text).lower] != []


@settings(max_examples=40)
@given(before=st.integers(0, 6_000), sign=st.sampled_from("x ,.-"))
def test_a_secret_anywhere_in_a_long_line_is_found_once(before: int, sign: str) -> None:
    """Long lines are looked through in pieces."""
    assert found(script(f"{sign * before} OS_PASSWORD={WORD} {sign * 6_000}")) == [(2, "OS_PASSWORD")]


@given(st.text(alphabet="ab ,", max_size=9), st.integers(0, 3_000))
def test_the_pieces_of_a_line_are_short_and_not_much_longer_together(words: str, times: int) -> None:
    """So that the time for a line is in proportion to its length, whatever a pattern does."""
    text = words * times
    cut = [*pieces(text)]
    assert max(len(piece) for _, piece in cut) <= STEP + OVERLAP
    assert sum(len(piece) for _, piece in cut) <= len(text) * (STEP + OVERLAP) / STEP
    assert [text[start : start + len(piece)] for start, piece in cut] == [piece for _, piece in cut]


def test_equal_lines_are_looked_at_once_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def counted(line: str) -> Iterator[tuple[int, str]]:
        looked.append(line)
        return pieces(line)

    monkeypatch.setattr(secret, "pieces", counted)
    lines = ["one line that stands nowhere else", "another"] * 10_000
    assert [*secret.scan(secret.Text("\n".join(lines), 1))] == []
    assert sorted(looked) == ["another", "one line that stands nowhere else"]


def test_equal_pieces_of_a_long_line_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was packed to a thousandth of its size is nothing else."""
    looked: list[str] = []

    def counted(line: Line) -> Iterator[Hit]:
        looked.append(line.text)
        return looks.hits(line)

    monkeypatch.setattr(secret, "looks", SimpleNamespace(hits=counted))
    assert [*secret.scan(secret.Text("\0\1" * 1_000_000, 1))] == []
    assert len(looked) <= 2
