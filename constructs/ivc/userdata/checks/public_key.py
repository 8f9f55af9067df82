"""A public SSH key as cloud-init and sshd read it: a line with its type and, in base64, its numbers."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence

# The types that cloud-init takes in all its versions (cloudinit/ssh_util.py, VALID_KEY_TYPES), and how many numbers
# each has behind the type's name (RFC 4253, 5656, 8709; PROTOCOL.u2f); None where that differs.
_NUMBERS = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ssh-ed25519@openssh.com": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
    "ssh-xmss@openssh.com": None,
    "ssh-rsa-cert-v01@openssh.com": None,
    "ssh-ed25519-cert-v01@openssh.com": None,
    "ecdsa-sha2-nistp256-cert-v01@openssh.com": None,
    "ecdsa-sha2-nistp384-cert-v01@openssh.com": None,
    "ecdsa-sha2-nistp521-cert-v01@openssh.com": None,
    "sk-ssh-ed25519-cert-v01@openssh.com": None,
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": None,
    "ssh-xmss-cert-v01@openssh.com": None,
}
_OPTIONS = re.compile(r'(?:[^\s"]|"(?:\\"|[^"])*")+\s+')
_PATH = re.compile(r"[~./]\S*|\S+\.pub")


def faults(text: str) -> Iterator[str]:
    """What is wrong with a key, in words that follow its name; of several lines, with each.

    cloud-init takes type, key and note apart at any white space, and writes them on one line: what is wrapped between
    the first two is whole, and what is wrapped inside the key is not.
    """
    text = text.strip()
    if not text or text.startswith("#"):
        return
    kind, words = _apart(text)
    if kind is None:
        yield _no_type(text)
        return
    key, note, others = words[0] if words else "", *"".join(words[1:]).partition("\n")[::2]
    if not key:
        yield f"has nothing behind its type {kind!r}, and cloud-init leaves it out"
    elif why := _why_broken(kind, key):
        yield f"{why}, and sshd takes no such key"
    elif _apart(note)[0]:
        yield "has another key in the place of its note, which is lost; make each an item of its own"
    for line in others.split("\n"):
        yield from faults(line)


def _apart(text: str) -> tuple[str | None, Sequence[str]]:
    """The type, and what is behind it: the key and its note."""
    options = _OPTIONS.match(text)
    for one in (text, text[options.end() :] if options else ""):
        kind, *words = one.split(None, 2) or [""]
        if kind in _NUMBERS:
            return kind, words
    return None, []


def _no_type(text: str) -> str:
    if "BEGIN" in text:
        return "is in another form than OpenSSH's, or a private key, and cloud-init leaves it out"
    if text.startswith("AAAA"):
        return "has no type before it (ssh-ed25519, ssh-rsa), and cloud-init leaves it out"
    if _PATH.fullmatch(text):
        return "is a path, which cloud-init does not read, and leaves it out"
    if text.startswith(("ssh-dss ", "ssh-dss-cert")):
        return "is of DSA, which newer guests do not take"
    return "begins with no type of key that cloud-init knows, and it leaves it out"


def _why_broken(kind: str, encoded: str) -> str | None:
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return "is cut, or changed: it is not base64"
    fields: list[bytes] = []
    while blob or not fields:
        length = int.from_bytes(blob[:4], "big")
        if len(blob) < 4 + length or len(blob) < 4:
            return "is cut: its end is missing"
        fields.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    if fields[0] != kind.encode():
        return f"says that it is {kind!r}, and is another inside"
    number = _NUMBERS[kind]
    wrong = number is not None and len(fields) != number + 1
    if wrong or (kind == "ssh-ed25519" and len(fields[1]) != 32):
        return "is cut, or changed: its numbers are not those of its type"
    return None
