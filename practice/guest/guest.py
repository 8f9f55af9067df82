"""A guest: a virtual machine with a root disk and volumes of its own, which can be booted several times."""

import base64
import fcntl
import json
import re
import shutil
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from practice.errors import PracticeError
from practice.folder import Folder
from practice.guest import config_drive, host, judge
from practice.guest.asked import read, watched
from practice.guest.config_drive import Nic
from practice.guest.disk import Bus, Disk
from practice.guest.image import INSIDE, GuestImage, image, initramfs_part
from practice.guest.judge import Boot
from practice.guest.machine import Hardware, Machine, Source
from practice.guest.report import Event, Report

#: Seconds a boot may take. Without KVM, on two slow cores that others use too, a boot takes minutes.
TIMEOUT = 900.0

_MEMORY_MIB = 1024
_TICK = 0.1
# How long the guest itself waits for a late disk and for what is being started, beyond the disk's own time.
_PATIENCE = 60.0
# How long a command may take that is run in it at the end.
_OF_A_COMMAND = 60.0
# A guest without KVM hangs now and then before its first line, which comes within a minute on idle cores: seen once in
# some hundred boots, beside other work. Switching it off and on again is what helps.
_SILENT = 240.0
_STAGE = re.compile(r"Cloud-init v\. \S+ running '([\w:-]+)'")
_SEEN = re.compile(rb"IVC-SEEN (\S+) IVC-END")
# In it, cloud-init makes mounts.
_RECORD = "/run/ivc/runcmd.log"
_TITLES = {
    "init-local": "cloud-init: network",
    "init": "cloud-init: users, files, bootcmd",
    "modules:config": "cloud-init: mounts, packages",
    "modules:final": "cloud-init: scripts, runcmd",
}


def _silent(_: str) -> None:
    pass


class Guest:
    """A guest whose root disk and volumes are kept from boot to boot, until the context is left.

    Its files stand in a folder of its own, below the practice cloud's (IVC_PRACTICE_DIR, or practice/.cloud); what
    is left of them afterwards are the console log, the user data and the report of each boot, until the next guest
    of that name.

    user_data: its bytes, as Nova would hand them over.
    bus: what the volumes' disks hang on.
    nics: none of them has a way out.
    seed: an image for cloud-init's NoCloud that brings all of it in the config drive's place; `user_data` is what it
        holds.
    packages: what its image has besides what the user data installs, as an image of one's own would.
    progress: told what is being done, a short line at a time.

    What cannot be done here raises a PracticeError, one sentence. What does not hold in the guest is in the report.
    """

    def __init__(
        self,
        user_data: bytes,
        *,
        name: str,
        instance_id: str | None = None,
        disks: Sequence[Disk] = (),
        nics: Sequence[Nic] = (Nic("192.0.2.17/24"),),
        bus: Bus = "virtio",
        seed: Path | None = None,
        packages: Sequence[str] = (),
        progress: Callable[[str], None] = _silent,
    ) -> None:
        serials = [disk.serial for disk in disks]
        if twice := {serial for serial in serials if serials.count(serial) > 1}:
            raise PracticeError(f"Two disks have the serial {twice.pop()}: a guest finds a volume's disk by it.")
        self._user_data = user_data
        self._name = name
        self._instance_id = instance_id or str(uuid4())
        self._disks = disks
        self._nics = nics
        self._bus = bus
        self._seed = seed
        self._packages = packages
        self._source: Source = "ConfigDrive" if seed is None else "NoCloud"
        self._say = progress
        self._asked = read(user_data)
        self._boots = 0

    def __enter__(self) -> Self:
        home = Folder.default()
        home.make()
        self._home = home.root / "guest"
        self._home.mkdir(exist_ok=True)
        host.provide(host.PACKAGES, self._say)
        self._image = image(self._home, packages=(*self._asked.packages, *self._packages), say=self._say)
        self._folder = self._make_folder()
        (self._folder / "user_data").write_bytes(self._user_data)
        self._root = self._folder / "root.qcow2"
        _make_overlay(self._root, self._image)
        drive = self._folder / "config.iso"
        if self._seed is not None:
            shutil.copy(self._seed, drive)
        else:
            config_drive.write(
                drive, user_data=self._user_data, name=self._name, instance_id=self._instance_id, nics=self._nics
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in self._folder.iterdir():
            if path.suffix in {".qcow2", ".img", ".iso", ".initramfs"}:
                path.unlink()
        self._lock.close()

    @property
    def folder(self) -> Path:
        """The guest's own folder."""
        return self._folder

    def boot(self, *, timeout: float = TIMEOUT, files: Sequence[str] = (), commands: Sequence[str] = ()) -> Report:
        """Switch the guest on, wait until cloud-init has ended, look at it, and let it power off.

        timeout: seconds; a guest that takes longer is killed and has a problem. One that says nothing at all for some
            minutes is switched off and on again within that time; the report's events say so.
        files: absolute paths whose content the report is to have too.
        commands: lines for the guest's shell, run one after the other as root when all that the user data asks for has
            come to its end, each for a minute at most; the report has what each answers.
        """
        self._boots += 1
        began = time.monotonic()
        hardware = self._hardware(files, commands)
        run = _Run(hardware, began=began, say=self._say, is_first=self._boots == 1)
        while (why := run.wait(timeout, log=self._path("qemu.log"))) is None:
            if self._boots == 1:
                _make_overlay(self._root, self._image)
            hardware.console.unlink(missing_ok=True)
        boot = Boot(
            name=self._name,
            number=self._boots,
            seconds=round(time.monotonic() - began, 1),
            user_data=self._user_data,
            asked=self._asked,
            source=self._source,
            disks=self._disks,
            console=self._path("console.log"),
            events=tuple(run.events),
        )
        said = _said(self._path("seen"))
        self._path("seen").unlink(missing_ok=True)
        report = judge.seen(boot, said) if said else judge.unseen(boot, why)
        self._path("report.json").write_text(report.to_json())
        return report

    def _path(self, what: str) -> Path:
        return self._folder / f"boot-{self._boots}.{what}"

    def _hardware(self, files: Sequence[str], commands: Sequence[str]) -> Hardware:
        initramfs = self._path("initramfs")
        initramfs.write_bytes(self._image.initramfs.read_bytes() + self._question(files, commands))
        return Hardware(
            image=self._image,
            root=self._root,
            initramfs=initramfs,
            config_drive=self._folder / "config.iso",
            source=self._source,
            disks=[(disk, disk.image(self._folder)) for disk in self._disks],
            nics=self._nics,
            bus=self._bus,
            kvm=host.has_kvm(self._image.kernel, self._home),
            memory=_MEMORY_MIB,
            console=self._path("console.log"),
            seen=self._path("seen"),
        )

    def _question(self, files: Sequence[str], commands: Sequence[str]) -> bytes:
        late = [disk.arrives_after for disk in self._disks if disk.arrives_after is not None and self._boots == 1]
        wanted = (target for disk in self._disks for target in disk.mounted_at)
        asked = {
            "files": sorted({*self._asked.files, *files}),
            "targets": sorted({mount.target for mount in self._asked.mounts} | {*wanted}),
            "serials": [disk.serial for disk in self._disks],
            "commands": [*commands],
            "of_a_command": _OF_A_COMMAND,
            "patience": max(late, default=0) + _PATIENCE,
        }
        with tempfile.TemporaryDirectory(dir=self._folder) as temporary:
            folder = Path(temporary) / "ivc"
            folder.mkdir()
            (folder / "asked.json").write_text(json.dumps(asked))
            shutil.copy(INSIDE / "probe.py", folder)
            if scripts := watched(self._asked.commands, _RECORD):
                (folder / "runcmd.original").write_text(scripts[0])
                (folder / "runcmd.watched").write_text(scripts[1])
            return initramfs_part(Path(temporary))

    def _make_folder(self) -> Path:
        # A guest of the same name may be running; its folder is then not ours to take.
        runs = self._home / "runs"
        runs.mkdir(exist_ok=True)
        safe = re.sub(r"[^\w.-]", "-", self._name)
        for number in range(1, 1000):
            folder = runs / (safe if number == 1 else f"{safe}-{number}")
            folder.mkdir(exist_ok=True)
            self._lock = (folder / "lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                continue
            for path in folder.iterdir():
                if path.name != "lock":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            return folder
        raise PracticeError(f"A thousand guests of the name {self._name} run already: end some.")


class _Run:
    """One boot, followed from outside."""

    def __init__(self, hardware: Hardware, *, began: float, say: Callable[[str], None], is_first: bool) -> None:
        self._hardware = hardware
        self._began = began
        self._say = say
        self._late = [(disk, path) for disk, path in hardware.disks if disk.arrives_after is not None]
        self._is_first = is_first
        self._stages = 0
        self._seen = False
        self._began_at: dict[str, float] = {}
        self.events: list[Event] = []

    def wait(self, timeout: float, *, log: Path) -> str | None:
        """Follow the boot to its end; return why there may be nothing to report, and None where the guest hung before
        it said anything and is to be switched on again."""
        self._say(f"booting, {'with KVM' if self._hardware.kvm else 'without KVM, which is slow'}")
        switched_on = time.monotonic()
        with Machine(self._hardware, log=log) as machine:
            if not self._is_first:
                for disk, path in self._late:
                    self._plug(machine, disk, path)
            while machine.is_on:
                if time.monotonic() - self._began > timeout:
                    return f"The guest had not ended after {timeout:.0f} s and was killed"
                if time.monotonic() - switched_on > _SILENT and not self._console():
                    self._note("switched off and on again", f"nothing said for {_SILENT:.0f} s: switching it on again")
                    return None
                self._look(machine)
                time.sleep(_TICK)
        return "The guest switched itself off before it could be looked at"

    def _look(self, machine: Machine) -> None:
        for stage in self._new_stages():
            self._began_at.setdefault(stage, time.monotonic())
            self._note(f"{stage} begins", _TITLES.get(stage, f"cloud-init: {stage}"))
        if self._is_first:
            for disk, path in [late for late in self._late if self._is_due(late[0])]:
                self._late.remove((disk, path))
                self._plug(machine, disk, path)
        if not self._seen and self._hardware.seen.exists() and self._hardware.seen.stat().st_size:
            self._seen = True
            self._note("looked at", "reading back")

    def _is_due(self, disk: Disk) -> bool:
        began = self._began_at.get(disk.late_from)
        return began is not None and time.monotonic() >= began + (disk.arrives_after or 0)

    def _new_stages(self) -> Sequence[str]:
        stages = _STAGE.findall(self._console())
        new = stages[self._stages :]
        self._stages = len(stages)
        return new

    def _console(self) -> str:
        console = self._hardware.console
        return console.read_text(errors="replace") if console.exists() else ""

    def _plug(self, machine: Machine, disk: Disk, path: Path) -> None:
        machine.plug(disk, path)
        self._note(f"volume {disk.volume_id} arrives", f"attaching volume {disk.volume_id}")

    def _note(self, event: str, line: str) -> None:
        self.events.append(Event(round(time.monotonic() - self._began, 1), event))
        self._say(line)


def boot(
    user_data: bytes,
    *,
    name: str,
    instance_id: str | None = None,
    disks: Sequence[Disk] = (),
    nics: Sequence[Nic] = (Nic("192.0.2.17/24"),),
    bus: Bus = "virtio",
    packages: Sequence[str] = (),
    timeout: float = TIMEOUT,
    files: Sequence[str] = (),
    commands: Sequence[str] = (),
    progress: Callable[[str], None] = _silent,
) -> Report:
    """Boot a new guest once; the arguments are those of `Guest` and its `boot`."""
    with Guest(
        user_data,
        name=name,
        instance_id=instance_id,
        disks=disks,
        nics=nics,
        bus=bus,
        packages=packages,
        progress=progress,
    ) as guest:
        return guest.boot(timeout=timeout, files=files, commands=commands)


def _make_overlay(path: Path, base: GuestImage) -> None:
    command = (host.program("qemu-img"), "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(base.root), str(path))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PracticeError(f"The guest's root disk cannot be made: {done.stderr.strip()}")


def _said(path: Path) -> dict[str, Any] | None:
    found = _SEEN.search(path.read_bytes()) if path.exists() else None
    if not found:
        return None
    said: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return said
