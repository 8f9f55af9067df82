"""A volume as the guest gets it: a disk whose serial carries the start of the volume's id."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from practice.errors import PracticeError
from practice.guest.host import program

#: How an image's `hw_disk_bus` makes volumes appear: virtio-blk, or virtio-scsi.
Bus = Literal["virtio", "scsi"]

_SERIAL = 20


@dataclass(frozen=True)
class Blank:
    """Nothing but zeros."""


@dataclass(frozen=True)
class Files:
    """An ext4 file system with these files, path (below its root) to content, all root's."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    uuid: str | None = None


@dataclass(frozen=True)
class Image:
    """A raw image that the caller owns: the guest writes into it, and it outlives the guest."""

    path: Path


@dataclass(frozen=True)
class Disk:
    """A volume's disk.

    size: in MiB; an `Image` has its own.
    arrives_after: attached that many seconds after cloud-init began a stage (so that it is late on a fast machine
        and on a slow one), at the guest's first boot only, as on a cloud; None: there from the start.
    late_from: that stage: `init`, in which bootcmd runs, or `modules:config`, in which cloud-init makes its mounts.
    mounted_at: where the user data is to mount it, or its folders; the report has a problem where it is not.
    bus: where it is not the guest's; no cloud mixes them, but one start then shows both.
    """

    volume_id: str
    contents: Blank | Files | Image = Blank()
    size: int = 64
    arrives_after: float | None = None
    late_from: Literal["init", "modules:config"] = "modules:config"
    mounted_at: tuple[str, ...] = ()
    bus: Bus | None = None

    @property
    def serial(self) -> str:
        """What links under /dev/disk/by-id/ carry: the first 20 characters of the volume's id."""
        return self.volume_id[:_SERIAL]

    def image(self, folder: Path) -> Path:
        """The disk's raw image; made in `folder` where it is not there yet, kept where it is."""
        if isinstance(self.contents, Image):
            if not self.contents.path.is_file():
                raise PracticeError(f"Volume {self.volume_id}: its image {self.contents.path} is not a file.")
            return self.contents.path.resolve()
        path = folder / f"{self.volume_id}.img"
        if not path.exists():
            with path.open("wb") as file:
                file.truncate(self.size * 2**20)
            if isinstance(self.contents, Files):
                _format(path, self.contents)
        return path


def _format(path: Path, contents: Files) -> None:
    with TemporaryDirectory(dir=path.parent) as temporary:
        for name, content in contents.files.items():
            file = Path(temporary) / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        uuid = ("-U", contents.uuid) if contents.uuid else ()
        command = (
            program("mke2fs"),
            "-q",
            "-F",
            "-t",
            "ext4",
            "-E",
            "root_owner=0:0",
            *uuid,
            "-d",
            temporary,
            str(path),
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        path.unlink()
        raise PracticeError(f"The file system of {path.name} cannot be made: {done.stderr.strip()}")
