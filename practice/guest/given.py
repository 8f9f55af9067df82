"""An image that somebody brings: a cloud's, or one that was baked."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from practice.errors import PracticeError
from practice.guest import host

_HEAD = 4096
_BOOT_SIGNATURE = slice(510, 512)
# Of the super block, which begins at 1024 (linux/fs/ext4/ext4.h, `s_magic`).
_EXT4_MAGIC = slice(1080, 1082)


@dataclass(frozen=True)
class GivenImage:
    """A disk that a guest starts from; it is never written to.

    boots_itself: with the boot loader and the kernel on it; else it is a file system alone, as the practice guest's
    own is, and starts with that one's kernel.
    """

    path: Path
    format: Literal["qcow2", "raw"]
    boots_itself: bool


def given(path: Path) -> GivenImage:
    """The image in a file; a PracticeError for one that no guest can start from."""
    if not path.is_file():
        raise PracticeError(f"The image {path} is no file: name one in the format qcow2 or raw.")
    info = json.loads(_qemu_img("info", "--output=json", str(path)))
    if info["format"] not in {"qcow2", "raw"}:
        raise PracticeError(
            f"The image {path} is in the format {info['format']}: make it qcow2, with `qemu-img convert -O qcow2`."
        )
    # It would name any file of this machine.
    if "backing-filename" in info:
        raise PracticeError(
            f"The image {path} is the changes of {info['backing-filename']} alone: make it whole, with `qemu-img "
            "convert -O qcow2`."
        )
    head = _head(path, info["format"])
    boots_itself = head[_BOOT_SIGNATURE] == b"\x55\xaa"
    if not boots_itself and head[_EXT4_MAGIC] != b"\x53\xef":
        raise PracticeError(
            f"The image {path} has neither a boot sector nor an ext4 file system in it: is it a disk, and not packed?"
        )
    return GivenImage(path.resolve(), info["format"], boots_itself)


def _head(path: Path, format_: str) -> bytes:
    with TemporaryDirectory() as temporary:
        head = Path(temporary) / "head"
        _qemu_img("dd", "-f", format_, "-O", "raw", f"bs={_HEAD}", "count=1", f"if={path}", f"of={head}")
        return head.read_bytes()


def _qemu_img(*arguments: str) -> str:
    done = subprocess.run((host.program("qemu-img"), *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise PracticeError(f"An image cannot be read: {done.stderr.strip()}")
    return done.stdout
