"""What a file tree's `.files.yaml` says of its files: patterns of paths on the guest, and what holds there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import yaml

from ivc.errors import DeclarationError

RULES_FILE = ".files.yaml"

_OWNER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(:[A-Za-z_][A-Za-z0-9_.-]*)?")
_PERMISSIONS = re.compile("[0-7]{4}")
_BOOLEANS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Rule:
    """What is said of a file; None where nothing is."""

    owner: str | None = None
    permissions: str | None = None
    append: bool | None = None
    defer: bool | None = None
    compress: bool | None = None


@dataclass(frozen=True)
class _Row:
    pattern: str
    regex: re.Pattern[str]
    line: int
    rule: Rule


@dataclass(frozen=True)
class Rules:
    """The rules of one file, in its order."""

    _path: Path
    _rows: tuple[_Row, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Rules:
        """The rules of a file, none where it does not exist.

        Raises DeclarationError, as one sentence with the line, for what is no such rule.
        """
        if not path.exists():
            return cls(path)
        try:
            node = yaml.compose(path.read_bytes().decode(), Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise DeclarationError(f"{path}: it is not YAML ({' '.join(str(error).split())}); correct it") from None
        rows = [] if node is None else [_row(path, key, value) for key, value in _pairs(str(path), node)]
        return cls(path, tuple(rows))

    def of(self, target: str) -> Rule:
        """What holds for a file; of several that say something, the last."""
        result = Rule()
        for row in self._rows:
            if row.regex.fullmatch(target):
                said = {field.name: getattr(row.rule, field.name) for field in fields(Rule)}
                result = replace(result, **{name: value for name, value in said.items() if value is not None})
        if result.append and result.permissions is None:
            raise DeclarationError(
                f"{self._path}: {target}: append: cloud-init also sets the permissions of a file that it appends to; "
                'write which they are, as in permissions: "0644"'
            )
        return result

    def check_all_used(self, targets: Iterable[str]) -> None:
        """Raise a DeclarationError for a pattern that no file of the tree matches: it is mistyped, or left over."""
        known = sorted(targets)
        for row in self._rows:
            if not any(row.regex.fullmatch(target) for target in known):
                raise DeclarationError(
                    f"{self._path}, line {row.line}: no file of the tree matches {row.pattern!r}; the first is "
                    f"{known[0]} (a pattern is a path on the guest, without .jinja)"
                )


def check_owner(where: str, owner: object) -> None:
    """Raise a DeclarationError, beginning with `where`, for what is not `user` or `user:group`."""
    if not isinstance(owner, str) or not _OWNER.fullmatch(owner):
        raise DeclarationError(
            f"{where}: {owner!r} is not a user, or a user and group as in 'www-data:www-data', by name"
        )


def check_permissions(where: str, permissions: object) -> None:
    """Raise a DeclarationError, beginning with `where`, for what is not four octal digits in a string."""
    if not isinstance(permissions, str) or not _PERMISSIONS.fullmatch(permissions):
        raise DeclarationError(f"{where}: {permissions!r} are not four octal digits in a string, as in '0644'")


def _row(path: Path, key: yaml.ScalarNode, value: yaml.Node) -> _Row:
    pattern, line = str(key.value), key.start_mark.line + 1
    where = f"{path}, line {line}: {pattern}"
    if not pattern.startswith("/"):
        raise DeclarationError(f"{where}: a pattern is a path on the guest and begins with /, as in /etc/app/**")
    said: dict[str, str | bool] = {}
    for name, node in _pairs(where, value):
        said[name.value] = _value(f"{path}, line {name.start_mark.line + 1}: {pattern}: {name.value}", name.value, node)
    return _Row(pattern, _regex(pattern), line, Rule(**said))  # type: ignore[arg-type]


def _value(where: str, name: str, node: yaml.Node) -> str | bool:
    if name not in (known := [field.name for field in fields(Rule)]):
        raise DeclarationError(f"{where}: there is no such rule; use one of {', '.join(known)}")
    if not isinstance(node, yaml.ScalarNode):
        raise DeclarationError(f"{where}: it has one value, and here stands a list or a mapping")
    # As it was written, before YAML makes 0644 a number.
    text = str(node.value)
    if name == "owner":
        check_owner(where, text)
        return text
    if name == "permissions":
        check_permissions(where, text)
        return text
    if node.tag != "tag:yaml.org,2002:bool":
        raise DeclarationError(f"{where}: {text!r} is neither true nor false; write one of them, without quotes")
    return _BOOLEANS[text.lower()]


def _pairs(where: str, node: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise DeclarationError(f"{where}: here belongs a mapping, as in /etc/app/**: {{permissions: '0640'}}")
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise DeclarationError(f"{where}: line {key.start_mark.line + 1}: a key is text, not a list or a mapping")
        if key.value in seen:
            raise DeclarationError(f"{where}: line {key.start_mark.line + 1}: {key.value} stands there twice; keep one")
        seen.add(key.value)
        yield key, value


def _regex(pattern: str) -> re.Pattern[str]:
    special = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*|\*|\?)", pattern)
    return re.compile("".join(special.get(piece) or re.escape(piece) for piece in pieces), re.DOTALL)
