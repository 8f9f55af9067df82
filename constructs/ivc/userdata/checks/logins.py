"""Getting in: whether anybody can log in to the guest, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import public_key, tree
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.placeholder import shown, unknown
from ivc.userdata.checks.users import User, users

_PEOPLE = ("users", "user", "ssh_authorized_keys", "chpasswd", "password")
_PASSWORDS = ("passwd", "hashed_passwd", "plain_text_passwd")
_KEYS = ("ssh_authorized_keys", "ssh_import_id")
# What lets somebody in by other means than cloud-init's own keys.
_OTHER_WAYS = re.compile(r"(?<!ssh_)authorized_keys|AuthorizedKeysCommand|ssh-import-id|\bsssd?\b|\brealm join\b")
_FOR_A_NAME = re.compile(r"\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Za-z_]\w*|\{\{[^{}]*\}\}")
_FOR_ANY_TEXT = re.compile(r"\$\{\w[\w.]*\}|\{\{[^{}]*\}\}")
# What systemd takes for a host name (hostname_is_valid), which is more than DNS does: `_`.
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def check(fields: Mapping[str, Node], *, text: str, key_pair: bool) -> Iterator[Finding]:
    """What is wrong in a `#cloud-config` with its users, their keys and passwords, and with the host's name.

    text: the document, as it is written. key_pair: whether the instance has a key pair.
    """
    everybody = users(fields)
    if key_pair and (said := fields.get("users")) is not None:
        yield from _nobody(said, everybody, fields, text)
    # Which most documents of an estate share; what the host is called they do not.
    yield from _of_people(tuple((key, fields[key]) for key in _PEOPLE if key in fields))
    for key in ("hostname", "fqdn"):
        yield from _not_filled_in([(key, fields.get(key))], _FOR_A_NAME)
        yield from _host_name(key, fields.get(key))


@lru_cache(maxsize=48)
def _of_people(said: tuple[tuple[str, Node], ...]) -> tuple[Finding, ...]:
    """What is wrong with users, their keys and passwords, by the keys about them."""
    fields = dict(said)
    everybody = users(fields)
    found: list[Finding] = []
    for user in everybody:
        found += _keys(user.fields.get("ssh_authorized_keys"), user.called, user.name or "default")
        found += _locked(user, fields)
    found += _keys(fields.get("ssh_authorized_keys"), "the default user", "default")
    changed = [tree.entries(user) for user in tree.items(tree.entries(fields.get("chpasswd")).get("users"))]
    names = [("a user's name", user.fields.get("name", user.node)) for user in everybody]
    names += [("a name in chpasswd", user["name"]) for user in changed if "name" in user]
    found += _not_filled_in(names, _FOR_A_NAME)
    found += _not_filled_in([*_texts(fields, everybody, changed)], _FOR_ANY_TEXT)
    return tuple(found)


def _texts(
    fields: Mapping[str, Node], everybody: Sequence[User], changed: Sequence[Mapping[str, Node]]
) -> Iterator[tuple[str, Node | None]]:
    """Passwords and keys, each with what it is."""
    yield "password", fields.get("password")
    yield "chpasswd", tree.entries(fields.get("chpasswd")).get("list")
    yield from (("password in chpasswd", user.get("password")) for user in changed)
    yield from ((key, user.fields.get(key)) for user in everybody for key in _PASSWORDS)
    for each in [fields, *(user.fields for user in everybody)]:
        yield from (("an SSH key", key) for key in _each_key(each.get("ssh_authorized_keys")))


def _nobody(said: Node, everybody: Sequence[User], fields: Mapping[str, Node], text: str) -> Iterator[Finding]:
    """cloudinit/config/cc_ssh.py gives the key pair to the default user, and to root, whose login it then refuses."""
    if any(user.default or unknown(user.name or "") or _gets_in(user, fields) for user in everybody):
        return
    if tree.scalar(fields.get("disable_root")) is not None and not tree.true(fields["disable_root"]):
        return
    if _OTHER_WAYS.search(text):
        return
    yield Finding(
        id="no-login",
        severity="warning",
        line=tree.line_of(said),
        message="users names neither `default` nor anybody with a key, so that the instance's key pair goes to root "
        "alone, whom cloud-init lets nobody log in as; add `- default`, or give a user ssh_authorized_keys",
    )


def _gets_in(user: User, fields: Mapping[str, Node]) -> bool:
    has_key = any(user.fields.get(key) is not None and tree.kind(user.fields[key]) != "null" for key in _KEYS)
    has_password = any(tree.scalar(user.fields.get(key)) for key in _PASSWORDS) and not _stays_locked(user)
    return has_key or has_password or user.name in _changed(fields)


def _changed(fields: Mapping[str, Node]) -> set[str | None]:
    """Whose password cloudinit/config/cc_set_passwords.py sets later on, which also unlocks it."""
    change = tree.entries(fields.get("chpasswd"))
    names: set[str | None] = {tree.scalar(tree.entries(user).get("name")) for user in tree.items(change.get("users"))}
    listing = change.get("list")
    lines = listing.value.split("\n") if isinstance(listing, ScalarNode) else map(tree.scalar, tree.items(listing))
    return names | {(line or "").partition(":")[0].strip() for line in lines}


def _stays_locked(user: User) -> bool:
    """cloudinit/distros/__init__.py, create_user: it locks what is not said to be left open, any text among it."""
    lock = user.fields.get("lock_passwd")
    if lock is None:
        return True
    return tree.true(lock) if tree.kind(lock) in ("bool", "null") else tree.scalar(lock) not in ("", "0")


def _locked(user: User, fields: Mapping[str, Node]) -> Iterator[Finding]:
    set_later = user.name in _changed(fields) or (user.default and fields.get("password") is not None)
    for key in _PASSWORDS:
        node = user.fields.get(key)
        if not tree.scalar(node) or node is None or node.value.startswith(("!", "*")):
            continue
        if _stays_locked(user) and not set_later:
            yield Finding(
                id="locked-password",
                severity="warning",
                line=tree.line_of(node),
                message=f"{key} of {user.called} is of no use, since cloud-init locks each password unless it is told "
                "otherwise; add `lock_passwd: false`, or take the password away",
                subject=user.name or "default",
            )


def _keys(node: Node | None, whose: str, subject: str) -> Iterator[Finding]:
    for key in _each_key(node):
        if (text := tree.scalar(key)) and not unknown(text) and not _FOR_ANY_TEXT.search(text):
            yield from keys_in(text, tree.first_line_of_text(key), whose, subject)


def _each_key(node: Node | None) -> Iterator[ScalarNode]:
    """A user's keys: a text, a list, or a mapping by any name."""
    listed = [value for _, value in node.value] if isinstance(node, MappingNode) else tree.items(node)
    yield from (key for key in (listed or [node]) if isinstance(key, ScalarNode))


def keys_in(text: str, line: int, whose: str, subject: str) -> Iterator[Finding]:
    """What is wrong with the keys in a text.

    whose: who gets them, in words. subject: the same in a word.
    """
    for why in public_key.faults(text):
        hint = "" if ";" in why else "; write the line of its .pub file, whole and on one line"
        yield Finding(
            id="ssh-key",
            severity="error",
            line=line,
            message=f"the SSH key {shown(text.strip().partition(chr(10))[0][:40])!r} of {whose} {why}{hint}",
            subject=subject,
        )


def _not_filled_in(holes: Sequence[tuple[str, Node | None]], pattern: re.Pattern[str]) -> Iterator[Finding]:
    for what, node in holes:
        if node is not None and (match := pattern.search(tree.scalar(node) or "")):
            yield Finding(
                id="not-filled-in",
                severity="warning",
                line=tree.line_of(node),
                message=f"{what} holds {shown(match[0])!r}, which neither cloud-init nor a shell fills in, so that "
                "the guest gets it as it stands; write the value, or {{ name }} in a template",
                subject=match[0],
            )


def _host_name(key: str, node: Node | None) -> Iterator[Finding]:
    """cloud-init gives any name to the guest's own tools (cloudinit/distros/__init__.py, _apply_hostname)."""
    name = tree.scalar(node)
    if node is None or not name or unknown(name) or _FOR_A_NAME.search(name):
        return
    labels = name.removesuffix(".").split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        severity, what = "error", "is no host name, and the guest does not take it"
        instead = "write words of letters, digits and '-', each of 63 at most, with dots between them"
    elif "_" in name:
        severity, what = "warning", "has a '_', which Debian's `hostname` refuses and no name in DNS may have"
        instead = "write '-'"
    else:
        return
    yield Finding(
        id="host-name",
        severity=severity,  # type: ignore[arg-type]
        line=tree.line_of(node),
        message=f"{key} {shown(name)!r} {what}; {instead}",
        subject=key,
    )
