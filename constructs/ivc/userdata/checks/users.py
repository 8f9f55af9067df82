"""Who comes with a `#cloud-config`: users and groups in all the ways in which cloud-init takes them.

cloudinit/distros/ug_util.py, normalize_users_groups, and cloudinit/distros/__init__.py, create_user and add_user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import tree

# Of config/cloud.cfg.tmpl, and of the images that the distributions make themselves.
DEFAULT_NAMES = frozenset(
    (
        "debian",
        "ubuntu",
        "fedora",
        "centos",
        "cloud-user",
        "rocky",
        "almalinux",
        "opensuse",
        "ec2-user",
        "arch",
        "alpine",
    )
)
# Groups, and users, that are in an image before cloud-init makes any (Debian's base-passwd, Red Hat's setup).
IN_ANY_IMAGE = frozenset(
    (
        *("root", "daemon", "bin", "sys", "adm", "tty", "disk", "lp", "mem", "mail", "news", "uucp", "man", "proxy"),
        *("kmem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "wheel", "audio", "dip", "www-data"),
        *("backup", "operator", "list", "irc", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff", "games"),
        *(
            "users",
            "nogroup",
            "nobody",
            "input",
            "render",
            "kvm",
            "netdev",
            "lock",
            "ftp",
            "systemd-journal",
            "ssh_keys",
        ),
    )
)


@dataclass(frozen=True)
class User:
    """A user.

    name: None for the image's own, by whatever name. default: whether that is so, or it takes the place of that one.
    fields: what is said, by key, with `_` where a key may have `-`.
    node: where it stands.
    """

    name: str | None
    default: bool
    fields: Mapping[str, Node]
    node: Node

    @property
    def called(self) -> str:
        """As a message calls it."""
        return f"the user {self.name!r}" if self.name else "the default user"

    @property
    def home(self) -> str | None:
        """The home that is made for it; None where none is."""
        if not self.name or any(tree.true(self.fields.get(key)) for key in ("no_create_home", "system")):
            return None
        return tree.scalar(self.fields.get("homedir")) or f"/home/{self.name}"


def users(fields: Mapping[str, Node]) -> tuple[User, ...]:
    """The users of a document, by its keys."""
    return _all(fields.get("users"), fields.get("user"))


@lru_cache(maxsize=48)
def _all(said: Node | None, only: Node | None) -> tuple[User, ...]:
    found = [*_users(said)] if said is not None else []
    if isinstance(only, MappingNode):
        own = _fields(only)
        found.append(User(tree.scalar(own.get("name")), True, own, only))
    elif only is not None and (name := tree.scalar(only)):
        found.append(User(name, True, {}, only))
    return tuple(found)


def _users(node: Node) -> Iterator[User]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(value, MappingNode):
                yield _user(key.value, _fields(value), value)
            elif isinstance(key, ScalarNode) and tree.true(value):
                yield _user(key.value, {}, key)
    elif isinstance(node, ScalarNode):
        yield from (_user(name, {}, node) for name in _names(node))
    else:
        for item in tree.items(node):
            if isinstance(item, MappingNode):
                own = _fields(item)
                yield _user(tree.scalar(own.get("name")) or "default", own, item)
            else:
                yield from (_user(name, {}, item) for name in _names(item))


def _user(name: str, fields: Mapping[str, Node], node: Node) -> User:
    return User(None if name == "default" else name, name == "default", fields, node)


def _fields(node: MappingNode) -> Mapping[str, Node]:
    return {key.replace("-", "_").strip(): value for key, value in tree.entries(node).items()}


def groups(fields: Mapping[str, Node], of: tuple[User, ...]) -> frozenset[str]:
    """The groups that a document makes, and that no image has already: its own, and those of its users."""
    names = {*_names(fields.get("groups"))}
    for user in of:
        primary = tree.scalar(user.fields.get("primary_group"))
        names |= {*_names(user.fields.get("groups"))} | ({primary} if primary else set())
        if user.name and not primary and not tree.true(user.fields.get("no_user_group")):
            names.add(user.name)
    return frozenset(names - IN_ANY_IMAGE)


def _names(node: Node | None) -> Iterator[str]:
    if isinstance(node, MappingNode):
        yield from (key.value for key, _ in node.value if isinstance(key, ScalarNode))
    elif isinstance(node, ScalarNode):
        yield from (name.strip() for name in (tree.scalar(node) or "").split(",") if name.strip())
    else:
        for item in tree.items(node):
            yield from _names(item)
