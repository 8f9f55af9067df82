"""Disks in commands and files: what would end the data of existing volumes, and names that mean another disk at times.

The kernel numbers disks in the order in which it finds them, so that `/dev/vdb` is another one where there is one more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ivc.userdata.checks import shell
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.overwriting import SHOWN_OR_READ, WRITES_AT_ALL, command, overwritten, worth_reading
from ivc.userdata.checks.placeholder import shown, unknown

_ORDER = r"(?:(?:sd|vd|xvd|hd)[a-z]+\d*|nvme\d+n\d+(?:p\d+)?)"
BY_ORDER = re.compile(rf"(?:/dev/)?{_ORDER}")
_NAMED_BY_ORDER = re.compile(rf"(?<![\w./-])/dev/{_ORDER}(?![\w/-])")
# It holds the system, and is found first as good as always.
_FIRST = re.compile(r"/dev/(?:(?:s|v|xv|h)da\d*|nvme0n1(?:p\d+)?)")
_IN_FSTAB = re.compile(
    rf"""^[\s'"]*(?:(?:echo|printf)\s+(?:-\S+\s+)*['"]?)?(?P<device>/dev/{_ORDER})\s+(?:/\S*|none|swap)\s+"""
    r"(?:ext[234]|xfs|btrfs|vfat|auto|swap|f2fs|zfs|ntfs\w*)\b"
)
_DEVICE = re.compile("""/dev/[^\\s"'`}),;\ue100-\ue10f]+""")
_NO_DISK = re.compile(
    r"/dev/(?:null|zero|full|u?random|tty\w*|std(?:in|out|err)|fd|shm|pts|ptmx|console|kmsg|log|tcp|udp|net|loop[\w-]*"
    r"|z?ram\d*|watchdog\d*|kvm|fuse|rtc\d*|input|mqueue|hugepages|bus|char|vport\w*|virtio-ports)(?:/.*)?"
)
_EPHEMERAL = re.compile(r"ephemeral\d")
_VARIABLE = re.compile(r"\$\{?(\w+)")
_ASSIGNED = re.compile(
    r"""(?:^|[\s;&(])(?:([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|[^\s;&|]*)|for[ ]+(\w+)[ ]+in[ ]+([^;\n]*))""", re.MULTILINE
)
_REDIRECTED = re.compile(r">\|?[ \t]*")
_WORD = re.compile(r"""["']?[^\s"';&|()<>]+""")
# In a substitution, what would end a word or a command.
_SUBSTITUTION = re.compile(r"\$\([^()\n]*\)")
_HIDDEN = {ord(sign): 0xE100 + number for number, sign in enumerate("() \t|;&<>'\"")}
_UNHIDDEN = {hidden: chr(sign) for sign, hidden in _HIDDEN.items()}
_GROUP = re.compile(r"\bvgcreate\b([^\n;&|]*)")
_UNIT_RUNS = re.compile(r"Exec\w+=[-@:+!]*(.*)")
_COMMENTS = ("#", ";", "//")


@dataclass(frozen=True)
class Disks:
    """What is known of an instance's disks.

    existing: whether it has volumes that hold data.
    scratch: the groups of logical volumes that its user data makes of ephemeral disks alone.
    """

    existing: bool
    scratch: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str, *, existing: bool) -> Disks:
        """By the whole text of a part."""
        if not existing or "vgcreate" not in text:
            return cls(existing)
        assigned = _assigned(text)
        groups = set()
        for match in _GROUP.finditer(text):
            words = [_resolved(word, assigned) for word in re.findall(r"[^\s,\[\]'\"]+", match[1])]
            disks = [word for word in words if "/dev/" in word or "$" in word]
            before = [word for word in words[: words.index(disks[0])] if not word.startswith("-")] if disks else []
            if before and all(map(_EPHEMERAL.search, disks)):
                groups.add(before[-1])
        return cls(existing, frozenset(groups))

    def may_hold_data(self, named: str) -> bool:
        """Whether a disk, or a group of logical volumes, may be one that is to be kept."""
        if _EPHEMERAL.search(named) or _NO_DISK.fullmatch(named):
            return False
        for group in self.scratch:
            # The device mapper joins group and volume by a hyphen, and writes those of a name twice.
            begins = (f"/dev/{group}/", f"/dev/mapper/{group.replace('-', '--')}-", f"{group}/")
            if named == group or named.startswith(begins):
                return False
        return True


def unstable(where: str, name: str, *, line: int) -> Finding:
    """A disk that is named by its order."""
    return Finding(
        id="unstable-device",
        severity="warning",
        line=line,
        message=f"{where} names the disk {name!r}, which may be another one at the next boot; name it by its link, "
        "/dev/disk/by-id/virtio- and the first 20 characters of its volume's id, by LABEL= or by UUID=",
        subject=name,
    )


def formats(what: str, named: str, *, line: int, ephemeral: str = "its link, /dev/disk/by-label/ephemeral0") -> Finding:
    """What may end the data of a volume.

    what: what it is, and what it may do, in words that the name follows. ephemeral: how a disk that comes with the
    flavor is named there.
    """
    return Finding(
        id="formats-volume",
        severity="error",
        line=line,
        message=f"{what} {shown(named)!r}, and this instance has existing volumes, whose data that would "
        "end; mount them by `Volume.lookup(...).mount(...)`, and format here only an ephemeral disk by "
        f"{ephemeral}",
        subject=named,
    )


def in_commands(items: Sequence[str | Sequence[str]], lines: Sequence[int], disks: Disks) -> Iterator[Finding]:
    """What is wrong in commands that one shell runs, one after the other; those that are lists are words already.

    lines: where each begins in the result.
    """
    texts = [item for item in items if isinstance(item, str)]
    if not any(worth_reading(text if isinstance(text, str) else " ".join(text)) for text in items):
        return
    assigned = tuple(sorted(_assigned("\n".join(texts)).items()))
    for item, line in zip(items, lines, strict=True):
        found = _in_text(item, assigned, disks) if isinstance(item, str) else _in_words(tuple(item), disks)
        yield from _moved(found, line - 1)


def in_script(text: str, line: int, disks: Disks) -> Iterator[Finding]:
    """What is wrong in shell text.

    line: of its first line in the result.
    """
    yield from in_commands([text], [line], disks)


def in_file(path: str, text: str, line: int, disks: Disks, *, runs: bool) -> Iterator[Finding]:
    """What is wrong in a file.

    runs: whether it is a program.
    """
    if shell.is_shell(text) or (runs and not text.lstrip().startswith("#!")):
        yield from in_script(text, line, disks)
    else:
        yield from _moved(_in_lines(path, text, disks, runs=runs), line - 1)


def _in_lines(path: str, text: str, disks: Disks, *, runs: bool) -> tuple[Finding, ...]:
    """What is wrong in text that is no shell's."""
    if not worth_reading(text):
        return ()
    found: list[Finding] = []
    for number, content in enumerate(text.split("\n"), start=1):
        if content.lstrip().startswith(_COMMENTS):
            continue
        if unit := _UNIT_RUNS.match(content):
            found += _moved(_in_text(unit[1], (), disks), number - 1)
        elif runs and disks.existing and (program := WRITES_AT_ALL.search(content)):
            named = [name for name in _DEVICE.findall(content) if disks.may_hold_data(name)]
            found += [formats(f"{program[0]} in {shown(path)} may write over", name, line=number) for name in named[:1]]
        found += _named(shown(path), content, number, disks)
    return tuple(_once(found))


@lru_cache(maxsize=16_384)
def _in_words(words: tuple[str, ...], disks: Disks) -> tuple[Finding, ...]:
    """What is wrong with a command that is given as a list, which no shell reads."""
    if (text := shell.run_by_a_shell(words)) is not None:
        return _in_text(text, (), disks)
    return tuple(_once([*_of_command(words, {}, disks, line=1)]))


@lru_cache(maxsize=16_384)
def _in_text(text: str, assigned: tuple[tuple[str, str], ...], disks: Disks) -> tuple[Finding, ...]:
    """What is wrong in shell text, as if it began in line 1.

    assigned: the variables that were set before.
    """
    if not worth_reading(text):
        return ()
    from ivc.userdata.volumes import own_text

    own = own_text()
    text = text.replace(own, "\n" * own.count("\n"))
    variables = dict(assigned) | _assigned(text)
    found: list[Finding] = []
    for inner in _SUBSTITUTION.finditer(text):
        found += _moved(_in_text(inner[0][2:-1], assigned, disks), text.count("\n", 0, inner.start()))
    text = _SUBSTITUTION.sub(_hidden, text)
    bare, documents = shell.without_data(text)
    line, counted = 1, 0
    for each in shell.commands(text, bare):
        line, counted = line + text.count("\n", counted, each.position), each.position
        if len(each.text.split(None, 1)) == 1 and "/dev/" not in each.text:
            continue  # One word names no disk.
        words = each.words
        found += _of_command(words, variables, disks, line=line)
        if _reads_commands(command(words)) or _is_run_later(words, text):
            for document in documents:
                if each.position <= document.sign < each.position + len(each.text):
                    body = _in_text(text[document.start : document.end], assigned, disks)
                    found += _moved(body, text.count("\n", 0, document.start))
    found += _redirected(text, bare, variables, disks)
    for number, content in enumerate(text.split("\n"), start=1):
        if not content.lstrip().startswith("#"):
            found += _fstab(content, number)
    return tuple(_once(found))


def _moved(found: Sequence[Finding], lines: int) -> Iterator[Finding]:
    """The findings, so many lines further down."""
    return (replace(one, line=(one.line or 1) + lines) for one in found)


def _reads_commands(words: Sequence[str]) -> bool:
    """Whether it is a shell that takes its commands from a here-document."""
    return bool(words) and shell.is_a_shell(words[0]) and all(word.startswith(("-", "<")) for word in words[1:2])


def _is_run_later(words: Sequence[str], text: str) -> bool:
    """Whether it writes a file that the same text runs."""
    return any(word.startswith(">/") and shell.is_called(word[1:], text) for word in words)


def _redirected(text: str, bare: str, variables: Mapping[str, str], disks: Disks) -> Iterator[Finding]:
    """Output that goes onto a disk."""
    if not disks.existing:
        return
    for sign in _REDIRECTED.finditer(bare):
        if word := _WORD.match(text, sign.end()):
            for name in _devices(_resolved(word[0], variables), disks):
                yield formats(f"'> {shown(name)}' may write over", name, line=text.count("\n", 0, sign.start()) + 1)


def _of_command(words: Sequence[str], variables: Mapping[str, str], disks: Disks, *, line: int) -> Iterator[Finding]:
    within = command(words)
    if not within:
        # Nothing but variables that are set.
        if disks.existing:
            yield from _by_order(repr(shown(" ".join(words).translate(_UNHIDDEN))), words, line=line)
        return
    if (text := _text_run(within)) is not None:
        yield from _moved(_in_text(text, tuple(sorted(variables.items())), disks), line - 1)
        return
    what = repr(shown(" ".join(words).translate(_UNHIDDEN)))
    named = list(overwritten(within)) if disks.existing else []
    resolved = [_resolved(word, variables) for word in named]
    over = [device for word in resolved for device in _devices(word, disks)]
    if not over and within[0] in ("vgremove", "lvremove", "lvreduce", "zpool"):
        over = [word for word in resolved if word not in ("destroy", "labelclear") and disks.may_hold_data(word)][:1]
    elif not over and named and not any(word.startswith("/") for word in resolved) and within[0] not in _FILES_TOO:
        over = [
            word.translate(_UNHIDDEN)
            for word in resolved
            if ("$" in word or "`" in word or unknown(word)) and not _EPHEMERAL.search(word)
        ][:1]
    if over:
        yield from (formats(f"{what} may write over", device, line=line) for device in over)
    elif within[0] not in SHOWN_OR_READ and (disks.existing or within[0] == "mount"):
        yield from _by_order(what, words, line=line)


# Of these a target that is not known is likely a file.
_FILES_TOO = ("dd", "dcfldd", "tee", "cp", "qemu-img", "shred")


def _text_run(words: Sequence[str]) -> str | None:
    """The shell text that a command runs: `sh -c TEXT`, `su -c TEXT`, `eval TEXT`."""
    if words[0] == "eval":
        return " ".join(words[1:])
    if words[0] in ("su", "runuser"):
        return next((text for option, text in pairwise(words) if option in ("-c", "--command")), None)
    return shell.run_by_a_shell(words)


def _by_order(what: str, words: Sequence[str], *, line: int) -> Iterator[Finding]:
    if any(_EPHEMERAL.search(word) for word in words):
        return
    for word in words:
        for match in _NAMED_BY_ORDER.finditer(word):
            if not _FIRST.fullmatch(match[0]):
                yield unstable(what, match[0], line=line)


def _named(path: str, content: str, number: int, disks: Disks) -> Iterator[Finding]:
    """A line of a file: what names a disk by its order, where there are volumes; else what mounts it alone."""
    if disks.existing:
        yield from _by_order(path, [content], line=number)
    else:
        yield from _fstab(content, number)


def _fstab(content: str, number: int) -> Iterator[Finding]:
    if (match := _IN_FSTAB.match(content)) and not _FIRST.fullmatch(match["device"]):
        yield unstable("a line of fstab", match["device"], line=number)


def _devices(word: str, disks: Disks) -> list[str]:
    """The disks that a word names whose data may be lost."""
    return [name for name in _DEVICE.findall(word) if disks.may_hold_data(name)] if not _EPHEMERAL.search(word) else []


def _hidden(match: re.Match[str]) -> str:
    return match[0].translate(_HIDDEN)


def _assigned(text: str) -> dict[str, str]:
    """The variables that shell text sets, each with all that it is set to."""
    values: dict[str, str] = {}
    for name, value, each, several in _ASSIGNED.findall(_SUBSTITUTION.sub(_hidden, text)):
        said = (value if name else several).strip("\"'")
        values[name or each] = f"{values.get(name or each, '')} {said}".strip()
    return values


def _resolved(word: str, variables: Mapping[str, str]) -> str:
    """The word with the variables in it that are known; of one that is set by another, too."""
    for _ in range(3):
        word = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), word)
    return word


def _once(found: Sequence[Finding]) -> Iterator[Finding]:
    """Each disk is named once, and not beside an error about it."""
    seen = {one.subject for one in found if one.severity == "error"}
    for one in found:
        if one.severity == "error":
            yield one
        elif one.subject not in seen:
            seen.add(one.subject)
            yield one
