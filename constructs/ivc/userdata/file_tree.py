"""Folders mirrored onto a guest: `userdata/www/etc/nginx/nginx.conf` becomes `/etc/nginx/nginx.conf`."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from ivc.arguments import checked
from ivc.errors import DeclarationError
from ivc.userdata import template
from ivc.userdata.at_apply import AtApply
from ivc.userdata.document import Document
from ivc.userdata.file_rules import RULES_FILE, Rule, Rules, check_owner, check_permissions

_TEMPLATE_SUFFIX = ".jinja"
_LEFTOVERS = (
    *("*~", "*.swp", ".*.sw[a-p]", ".*.kate-swp", ".#*", "#*#"),  # editors
    *(".DS_Store", "._*", "Thumbs.db", "desktop.ini", ".directory", ".nfs*"),  # desktops and file systems
    *(".git", ".hg", ".svn", ".gitkeep", "__pycache__"),  # what is no content of the folder itself
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class GuestFile:
    """A file as it is to stand on the guest.

    content: its bytes, or its rendered text.
    source: where it comes from, as a message names it.
    permissions: four octal digits. owner: `user` or `user:group`; root's where it is None.
    defer: written only after cloud-init has made users and installed packages.
    compress: text too is sent compressed, where that is smaller.
    """

    target: str
    content: bytes | Document
    source: str
    owner: str | None
    permissions: str
    append: bool
    defer: bool
    compress: bool

    @property
    def said(self) -> tuple[str | AtApply, ...]:
        """What the guest has of it, however it is packed on the way."""
        about = {"target": self.target, "owner": self.owner, "permissions": self.permissions}
        head = f"\nfile {json.dumps({**about, 'append': self.append, 'defer': self.defer})}\n"
        if isinstance(self.content, bytes):
            return (head, hashlib.sha256(self.content).hexdigest())
        return (head, *self.content.parts)


@checked
@dataclass(frozen=True)
class FileTree:
    """A folder below `userdata/` that is mirrored onto the guest's `/`.

    folder: its path below `userdata/`, with `/`, one at its end too or not: of `FileTree("www")`,
    `userdata/www/etc/motd` becomes `/etc/motd`.
    owner: of all its files, `user` or `user:group`, by name; root by default.
    permissions: of all its files, as four octal digits in a string; "0644" by default. An executable file (as git
    records it, by its owner's bit) gets `x` wherever these have `r`; nothing else of the local mode counts.
    templated: whether a file whose name ends in `.jinja` is rendered, with the variables and `instance`, and loses
    that ending. All other files arrive byte for byte.

    A file `.files.yaml` in the folder says what differs. Its keys are paths on the guest, where `*` and `?` stop at a
    `/` and `**` does not; of several that match, the later wins. It is not sent itself:

        /etc/app/**:       {owner: "app:app", permissions: "0640"}
        /etc/crontab:      {append: true, permissions: "0644"}
        /opt/app/data.csv: {compress: true}

    owner, permissions: as above, but `permissions` are taken as they stand.
    append: the file is added to the guest's own. Say its permissions too, since cloud-init sets them.
    defer: the file is written only once cloud-init has made users and installed packages; by default so where its
    owner is not root, whom alone cloud-init finds before.
    compress: text is sent as gzip where that is smaller; nobody can review it then. Binary files are, by themselves.

    A symbolic link, or what is neither file nor folder, is refused. Empty folders, what editors and desktops leave
    behind (`*~`, `*.swp`, `.*.swo`, `.*.kate-swp`, `.#*`, `#*#`, `.DS_Store`, `._*`, `Thumbs.db`, `desktop.ini`,
    `.directory`, `.nfs*`), `.git`, `.hg`, `.svn`, `.gitkeep` and `__pycache__` are never sent: the result must not
    depend on whose machine it is.

    Raises DeclarationError for a folder, an owner or permissions that cannot be.
    """

    folder: str
    _: KW_ONLY
    owner: str | None = None
    permissions: str | None = None
    templated: bool = True

    def __post_init__(self) -> None:
        where = f"FileTree({self.folder!r})"
        # As the shell completes it.
        object.__setattr__(self, "folder", self.folder.removesuffix("/"))
        if any(part in ("", ".", "..") or "\\" in part for part in self.folder.split("/")):
            raise DeclarationError(
                f"{where}: a tree is a folder below the app's userdata/; write its path from there, "
                'with / and without .., as in FileTree("www")'
            )
        if self.owner is not None:
            check_owner(f"{where}: owner", self.owner)
        if self.permissions is not None:
            check_permissions(f"{where}: permissions", self.permissions)

    def files(self, variables: Mapping[str, object], *, folder: Path) -> list[GuestFile]:
        """The guest's files.

        variables: what templates in the tree may use.
        folder: the app's `userdata/`.

        Raises DeclarationError, as one sentence with the file, for a tree that is not there or empty, two files for one
        target, a file that cannot be sent, a template that does not render, and a wrong `.files.yaml`.
        """
        root = folder / self.folder
        _check_root(root, folder)
        paths = [*_walk(os.fsencode(root), "")]
        rules = Rules.read(root / RULES_FILE)
        sources: dict[str, str] = {}
        for path in paths:
            target = self._target(root, path)
            if (other := sources.setdefault(target, path)) != path:
                raise DeclarationError(
                    f"{root}: both {other} and {path} would be {target} on the guest; keep one of the two"
                )
        if not sources:
            raise DeclarationError(
                f"{root}: the tree holds no file; put one there, or take FileTree({self.folder!r}) out"
            )
        rules.check_all_used(sources)
        return [self._file(target, path, rules.of(target), variables, folder) for target, path in sources.items()]

    def templates(self, *, folder: Path) -> list[str]:
        """The paths of its templates, below the app's `userdata/`."""
        paths = _walk(os.fsencode(folder / self.folder), "")
        return [f"{self.folder}/{path}" for path in paths if self._is_template(path)]

    def _is_template(self, path: str) -> bool:
        return self.templated and path.endswith(_TEMPLATE_SUFFIX)

    def _target(self, root: Path, path: str) -> str:
        if not self._is_template(path):
            return f"/{path}"
        target = f"/{path.removesuffix(_TEMPLATE_SUFFIX)}"
        if target.endswith("/"):
            raise DeclarationError(f"{root / path}: nothing is left of its name without {_TEMPLATE_SUFFIX}; rename it")
        return target

    def _file(self, target: str, path: str, rule: Rule, variables: Mapping[str, object], folder: Path) -> GuestFile:
        source = folder / self.folder / path
        # By the name's bytes, however the locale would have them.
        place = Path(os.fsdecode(os.fsencode(folder / self.folder) + b"/" + path.encode()))
        content: bytes | Document
        try:
            executable = bool(place.stat().st_mode & stat.S_IXUSR)
            if self._is_template(path):
                content = template.render(f"{self.folder}/{path}", variables, folder=folder)
            else:
                content = place.read_bytes()
        except OSError as error:
            raise DeclarationError(f"{source}: it cannot be read ({error.strerror}); make it readable") from None
        owner = rule.owner or self.owner
        permissions = rule.permissions or _with_execution(self.permissions or "0644", executable=executable)
        return GuestFile(
            target=target,
            content=content,
            source=str(source),
            owner=owner,
            permissions=permissions,
            append=rule.append or False,
            defer=_needs_others(owner) if rule.defer is None else rule.defer,
            compress=rule.compress or False,
        )


def files_of(trees: Sequence[FileTree], variables: Mapping[str, object], *, folder: Path) -> list[GuestFile]:
    """The files of several trees, by target; of two for one target, the later tree's.

    Raises DeclarationError as `FileTree.files` does, and where one file would stand in the place of another's folder.
    """
    files = {file.target: file for tree in trees for file in tree.files(variables, folder=folder)}
    for target, file in files.items():
        parents = target.split("/")[1:-1]
        for length in range(1, len(parents) + 1):
            if other := files.get("/" + "/".join(parents[:length])):
                raise DeclarationError(
                    f"{file.source}: {other.target} is a file on the guest, by {other.source}, and cannot be the "
                    f"folder of {target}; rename one of the two"
                )
    return [file for _, file in sorted(files.items())]


def _with_execution(permissions: str, *, executable: bool) -> str:
    mode = int(permissions, 8)
    return f"{mode | (mode & 0o444) >> 2:04o}" if executable else permissions


def _needs_others(owner: str | None) -> bool:
    return owner is not None and any(name != "root" for name in owner.split(":"))


def _check_root(root: Path, folder: Path) -> None:
    place = folder
    for part in root.relative_to(folder).parts:
        place /= part
        if place.is_symlink():
            raise DeclarationError(
                f"{place}: it is a symbolic link, which git copies as no folder; put the folder itself there"
            )
    if not root.is_dir():
        known = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        raise DeclarationError(
            f"{root}: there is no such folder to mirror; in {folder} there are {', '.join(known) or 'no folders'}"
        )


def _walk(folder: bytes, prefix: str) -> Iterator[str]:
    """The paths of all files to send, below the tree; in bytes first, since a locale says how names are read."""
    shown = os.fsdecode(folder)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise DeclarationError(f"{shown}: it cannot be read ({error.strerror}); make it readable") from None
    for entry in entries:
        name = _name(entry.name, shown)
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFTOVERS):
            continue
        if entry.is_symlink():
            raise DeclarationError(
                f"{shown}/{name}: it is a symbolic link, which user data cannot carry; put the file there"
            )
        if prefix + name == RULES_FILE:
            continue
        if entry.is_dir():
            yield from _walk(entry.path, f"{prefix}{name}/")
        elif entry.is_file():
            yield prefix + name
        else:
            raise DeclarationError(f"{shown}/{name}: it is neither a file nor a folder; take it out of the tree")


def _name(raw: bytes, shown: str) -> str:
    """The name of a file of the folder that messages call `shown`; raises DeclarationError for one that cannot be."""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise DeclarationError(f"{shown}: the file name {raw!r} is not UTF-8; rename it") from None
    if control := _CONTROL.search(name):
        raise DeclarationError(f"{shown}: the file name {name!r} holds {control[0]!r}, a control character; rename it")
    if not unicodedata.is_normalized("NFC", name):
        raise DeclarationError(
            f"{shown}: the file name {name!r} is not in Unicode's form C, and other systems would not find it by "
            f"what they write; rename it to {unicodedata.normalize('NFC', name)!r}"
        )
    return name
