"""Programs that write over a disk, or take away what is on it: a table of them, and which of their words name it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

Arguments = Sequence[str]

# What stands before a program: the letters of its options that take a word, and how many words come before the program.
_BEFORE = {
    "busybox": ("", 0),
    "chroot": ("", 1),
    "cloud-init-per": ("", 2),
    "command": ("", 0),
    "do": ("", 0),
    "doas": ("uC", 0),
    "elif": ("", 0),
    "else": ("", 0),
    "env": ("uCS", 0),
    "exec": ("a", 0),
    "flock": ("wE", 1),
    "if": ("", 0),
    "ionice": ("cnpPu", 0),
    "lvm": ("", 0),
    "nice": ("n", 0),
    "nohup": ("", 0),
    "setsid": ("", 0),
    "stdbuf": ("ioe", 0),
    "sudo": ("ugpCrtUDhT", 0),
    "systemd-run": ("puEMHt", 0),
    "then": ("", 0),
    "time": ("fo", 0),
    "timeout": ("ks", 1),
    "until": ("", 0),
    "while": ("", 0),
    "xargs": ("nIPLdasE", 0),
    "!": ("", 0),
    "{": ("", 0),
}
_VARIABLE = re.compile(r"\w+=.*", re.DOTALL)
_ENDS = {"--help", "--version", "-V"}


def command(words: Sequence[str]) -> Sequence[str]:
    """The words from the program on, without its folder: without `sudo`, variables and the like before it."""
    left = list(words)
    while left:
        name = left[0].rpartition("/")[2]
        if _VARIABLE.fullmatch(left[0]):
            del left[0]
        elif name == "command" and left[1:2] in (["-v"], ["-V"]):
            return []  # It asks whether there is such a program.
        elif name in _BEFORE:
            takes_a_word, number = _BEFORE[name]
            del left[0]
            while left and left[0].startswith("-"):
                option = left.pop(0)
                if len(option) == 2 and option[1] in takes_a_word:
                    del left[:1]
            del left[:number]
        else:
            return [name, *left[1:]]
    return []


def overwritten(words: Sequence[str]) -> Sequence[str]:
    """The words of a command that name what it writes over: devices, variables, groups of volumes; and plain files."""
    name, *arguments = words or [""]
    if _ENDS.intersection(arguments):
        return []
    return next((named(arguments) for program, named in _PROGRAMS if program.fullmatch(name)), [])


def _names(arguments: Arguments) -> Arguments:
    return [word for word in arguments if not word.startswith("-")]


def _unless(option: str, named: Callable[[Arguments], Arguments] = _names) -> Callable[[Arguments], Arguments]:
    """What is named, but for a run with such an option, which only reads."""
    reads = re.compile(option)
    return lambda arguments: [] if any(map(reads.fullmatch, arguments)) else named(arguments)


def _only_with(option: str, named: Callable[[Arguments], Arguments] = _names) -> Callable[[Arguments], Arguments]:
    """What is named in a run with such an option, or word, alone."""
    writes = re.compile(option)
    return lambda arguments: named(arguments) if any(map(writes.fullmatch, arguments)) else []


def _wiped(arguments: Arguments) -> Arguments:
    return _only_with(r"--all|--offset(=.*)?|-[a-z]*[ao].*", _unless(r"--no-act|-[a-z]*n[a-z]*"))(arguments)


def _made(arguments: Arguments) -> Arguments:
    """`mkfs` itself: with `-n` the ext family only shows what it would do, and to FAT it is the volume's name."""
    kind = next((kind for option, kind in pairwise(arguments) if option == "-t"), "ext2")
    return _unless("-n")(arguments) if kind.startswith("ext") else _names(arguments)


_PARTED_READS = {"print", "unit", "align-check", "align-type", "help", "version", "quit", "select"}
_PARTED_HARMLESS = {"set", "name", "toggle", "disk_set", "disk_toggle"}


def _parted(arguments: Arguments) -> Arguments:
    device, *asked = _names(arguments) or [""]
    if any(option in ("-l", "--list") for option in arguments):
        return []
    words = {"mklabel", "mktable", "mkpart", "rm", "resizepart", "rescue", "type"}
    reads = asked and not words.intersection(asked) and _PARTED_READS.union(_PARTED_HARMLESS).intersection(asked)
    return [] if reads else [device]


_SGDISK_READS = re.compile(r"--(print|info|verify|backup|list-types|first-|last-|end-).*|-[pivbLFfED].*")


def _sgdisk(arguments: Arguments) -> Arguments:
    options = [option for option in arguments if option.startswith("-")]
    reads = options and all(map(_SGDISK_READS.fullmatch, options))
    return [] if reads or {"-P", "--pretend"}.intersection(options) else _names(arguments)


def _dd(arguments: Arguments) -> Arguments:
    return [word.removeprefix("of=") for word in arguments if word.startswith("of=")]


def _last(arguments: Arguments) -> Arguments:
    return arguments[-1:]


def _behind_first(arguments: Arguments) -> Arguments:
    return _names(arguments)[1:]


# By the program's name. A row that is further down is for what the rows above do not fit.
_PROGRAMS: tuple[tuple[re.Pattern[str], Callable[[Arguments], Arguments]], ...] = tuple(
    (re.compile(program), named)
    for program, named in (
        (r"mkfs\.ext[234]|mke2fs", _unless("-n")),
        (r"mkfs\.xfs", _unless("-N")),
        (r"mkfs", _made),
        (r"mkfs\..+|mkswap|mkdosfs|mkntfs|mkudffs|make-bcache", _names),
        (r"wipefs", _wiped),
        (r"parted", _parted),
        (r"s?fdisk|gdisk", _unless(r"-[lsxdJFVgTn].*|--(list|dump|json|verify|show|get|no-act).*")),
        (r"cfdisk|cgdisk", _names),
        (r"sgdisk", _sgdisk),
        (r"pvcreate|pvremove|vgremove|lvremove|lvreduce", _unless("-t|--test")),
        (r"vgcreate|vgextend", _unless("-t|--test", _behind_first)),
        (r"dd|dcfldd", _dd),
        (r"cryptsetup", _only_with("luksFormat|luksErase|erase|reencrypt")),
        (r"mdadm", _only_with("-C|--create|--zero-superblock")),
        (r"zpool", _only_with("create|add|attach|replace|labelclear|destroy")),
        (r"btrfs", _only_with("add")),
        (r"nvme", _only_with("format|sanitize")),
        (r"ceph-volume", _only_with("zap|create|prepare|batch")),
        (r"badblocks", _only_with("-[a-z]*w[a-z]*")),
        (r"hdparm", _only_with("--security-erase.*|--trim-sector-ranges.*")),
        (r"blkdiscard|shred|tee", _names),
        (r"qemu-img", _only_with("convert|dd", _last)),
        (r"cp", _last),
    )
)  # fmt: skip


SHOWN_OR_READ = frozenset(
    [
        "echo",
        "printf",
        "logger",
        "wall",
        "lsblk",
        "blkid",
        "findmnt",
        "df",
        "du",
        "file",
        "man",
        "grep",
        "sed",
        "awk",
        "cat",
        "smartctl",
        "fdisk",
        "sfdisk",
        "gdisk",
        "sgdisk",
        "parted",
        "wipefs",
    ]
)
"""Programs that only show a disk's name, or read what is on it, where they do not write over it."""

WRITES_AT_ALL = re.compile(
    r"\b(mkfs(\.\w+)?|mke2fs|mkswap|wipefs|sgdisk|sfdisk|pvcreate|luksFormat|blkdiscard|shred|dd)\b"
)
"""Their names in a script of another language than a shell's, where its words cannot be told."""

_WORDS = (
    "mkfs", "mke2fs", "mkswap", "mkdosfs", "mkntfs", "mkudffs", "make-bcache", "wipefs", "parted", "fdisk", "gdisk",
    "pvcreate", "pvremove", "vgcreate", "vgextend", "vgremove", "lvremove", "lvreduce", "cryptsetup", "mdadm",
    "zpool", "btrfs", "nvme", "ceph-volume", "badblocks", "hdparm", "blkdiscard", "shred",
)  # fmt: skip


def worth_reading(text: str) -> bool:
    """Whether a text may have any of it; most have not."""
    # One after the other: a pattern of all takes ten times as long.
    return text.count("/dev/") > text.count("/dev/null") or any(word in text for word in _WORDS)
