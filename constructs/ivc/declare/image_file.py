"""The file of an image: what it is, read from its first bytes, and its checksum, read in small pieces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ivc.errors import DeclarationError

DiskFormat = Literal["qcow2", "raw"]

_GIB = 2**30
_HEADER = 512
_QCOW2 = b"QFI\xfb"
# QEMU, docs/interop/qcow2.rst, "Header".
_BACKING_FILE = slice(8, 16)
_VIRTUAL_SIZE = slice(24, 32)
_VERSION = slice(4, 8)
_INCOMPATIBLE = slice(72, 80)
_EXTERNAL_DATA = 4
_BOOT_SIGNATURE = b"\x55\xaa"


@dataclass(frozen=True)
class ImageFile:
    """A disk in a file.

    disk_format: as Glance calls it. size: of the disk, in GiB, up to the next whole one. sha256: of the file.
    """

    path: Path
    disk_format: DiskFormat
    size: int
    sha256: str


def read(where: str, path: Path) -> ImageFile:
    """What is in a file; raises DeclarationError, beginning with `where`, for one that nothing starts from."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
            bytes_ = path.stat().st_size
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DeclarationError(
            f"{where} cannot be read ({error.strerror}); name an image's file, as from the app's folder"
        ) from None
    if header[: len(_QCOW2)] == _QCOW2:
        if _number(header[_BACKING_FILE]) or _has_data_elsewhere(header):
            raise DeclarationError(
                f"{where} is whole only together with another file; make it one, with `qemu-img convert -O qcow2`"
            )
        return ImageFile(path, "qcow2", _gib(_number(header[_VIRTUAL_SIZE])), sha256)
    if header[-len(_BOOT_SIGNATURE) :] != _BOOT_SIGNATURE or len(header) < _HEADER:
        raise DeclarationError(
            f"{where} is neither in the format qcow2 nor a raw disk with a boot sector; unpack it, or convert "
            "it with `qemu-img convert -O qcow2`"
        )
    return ImageFile(path, "raw", _gib(bytes_), sha256)


def _has_data_elsewhere(header: bytes) -> bool:
    return _number(header[_VERSION]) > 2 and bool(_number(header[_INCOMPATIBLE]) & _EXTERNAL_DATA)


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _gib(size: int) -> int:
    return -(-size // _GIB)
