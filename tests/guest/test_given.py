"""Which files are images that a guest can start from: no guest is needed to tell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from practice.errors import PracticeError
from practice.guest import given
from practice.guest.host import program

from tests.helpers import a_disk
from tests.running import cannot_be_had


@pytest.fixture(scope="module", autouse=True)
def has_qemu() -> None:
    """Skips where there is no qemu-img."""
    try:
        program("qemu-img")
    except PracticeError as error:
        cannot_be_had("qemu-img", error)


def make(path: Path, *options: str) -> Path:
    subprocess.run([program("qemu-img"), "create", "-q", *options, str(path), "1M"], check=True)
    return path


def test_a_disk_with_a_boot_sector_starts_by_itself(tmp_path: Path) -> None:
    raw = a_disk(tmp_path / "disk.img")
    packed = tmp_path / "disk.qcow2"
    subprocess.run([program("qemu-img"), "convert", "-f", "raw", "-O", "qcow2", raw, packed], check=True)
    assert [(one.format, one.boots_itself) for one in map(given.given, (raw, packed))] == [
        ("raw", True),
        ("qcow2", True),
    ]


def test_a_file_system_alone_needs_a_kernel(tmp_path: Path) -> None:
    path = tmp_path / "root.img"
    path.write_bytes(bytes(1080) + b"\x53\xef" + bytes(4096))
    assert given.given(path).boots_itself is False


def test_what_no_guest_starts_from_is_one_sentence(tmp_path: Path) -> None:
    blank, vmdk = make(tmp_path / "blank.qcow2", "-f", "qcow2"), make(tmp_path / "disk.vmdk", "-f", "vmdk")
    changes = make(tmp_path / "changes.qcow2", "-f", "qcow2", "-F", "qcow2", "-b", str(blank))
    for path, sentence in (
        (tmp_path / "none.qcow2", "is no file: name one in the format qcow2 or raw"),
        (blank, "has neither a boot sector nor an ext4 file system in it: is it a disk, and not packed"),
        (vmdk, "is in the format vmdk: make it qcow2, with"),
        (changes, f"is the changes of {blank} alone: make it whole, with"),
    ):
        with pytest.raises(PracticeError, match=sentence) as raised:
            given.given(path)
        assert str(path) in str(raised.value)
