"""A guest: a virtual machine with a root disk and volumes of its own, which can be booted several times."""

import base64
import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self
from uuid import uuid4

from practice.errors import PracticeError
from practice.folder import Folder
from practice.guest import config_drive, host, judge, served
from practice.guest.asked import read, watched
from practice.guest.config_drive import Nic
from practice.guest.disk import Bus, Disk
from practice.guest.given import given
from practice.guest.image import INSIDE, GuestImage, image, initramfs_part
from practice.guest.judge import Boot
from practice.guest.machine import Hardware, Machine, Source
from practice.guest.report import Event, Report
from practice.guest.vendor_data import vendor_data

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
_SAID = re.compile(rb"IVC-(SEEN|CLEANED) (\S+) IVC-END")
# In it, cloud-init makes mounts.
_RECORD = "/run/ivc/runcmd.log"
_CLEANING = Path(__file__).resolve().parent / "cleaning.sh"
# An ext4 file system's blocks: the guest gives each back alone.
_BLOCK = 4096
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
    objects: what it fetches by HTTP all the same, files by their URLs, `http://ADDRESS/PATH` with an address of the
        first card's network.
    seed: an image for cloud-init's NoCloud that brings all of it in the config drive's place; `user_data` is what it
        holds.
    packages: what its image has besides what the user data installs, as an image of one's own would.
    image: the file of an image, in the place of this program's own: a disk with a boot loader, or one that was baked.
        It needs cloud-init, which reads the config drive, and nothing of this program's.
    to_bake: its first boot ends with the removal of all that is of this one server, for `write_image`.
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
        objects: Mapping[str, Path] = MappingProxyType({}),
        bus: Bus = "virtio",
        seed: Path | None = None,
        packages: Sequence[str] = (),
        image: Path | None = None,
        to_bake: bool = False,
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
        self._objects = objects
        self._bus = bus
        self._seed = seed
        self._packages = packages
        self._given = None if image is None else given(image)
        self._to_bake = to_bake
        self._source: Source = "ConfigDrive" if seed is None else "NoCloud"
        self._say = progress
        self._asked = read(user_data, own_image=image is None)
        self._boots = 0

    def __enter__(self) -> Self:
        home = Folder.default()
        home.make()
        self._home = home.root / "guest"
        self._home.mkdir(exist_ok=True)
        host.provide(host.PACKAGES, self._say)
        self._image = None if self._given is not None and self._given.boots_itself else self._own_image()
        self._folder = self._make_folder()
        (self._folder / "user_data").write_bytes(self._user_data)
        self._root = self._folder / "root.qcow2"
        self._make_root()
        self._hosts = served.put(self._objects, self._folder / "objects", next(iter(self._nics), None))
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
                self._make_root()
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
        report = judge.seen(boot, said["SEEN"]) if "SEEN" in said else judge.unseen(boot, self._in_this_image(why))
        if self._to_bake and report.holds and said.get("CLEANED", {}).get("exit_code") != 0:
            last = str(said.get("CLEANED", {}).get("output", why)).strip().splitlines()[-1:]
            problem = f"What is of this one server could not be taken away: {''.join(last) or 'nobody says why'}."
            report = replace(report, problems=(problem,))
        self._path("report.json").write_text(report.to_json())
        return report

    def write_image(self, path: Path) -> None:
        """Write its disk as an image, qcow2 and compressed; the file is whole, or not there.

        It is for a guest that is `to_bake`, whose one boot held.
        """
        self._say("writing the image")
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            _qemu_img("convert", "-c", "-f", "qcow2", "-O", "qcow2", str(self._root), str(partial))
            partial.replace(path)
        except OSError as error:
            raise PracticeError(f"The image {path} cannot be written: {error.strerror}.") from None
        finally:
            partial.unlink(missing_ok=True)

    def _own_image(self) -> GuestImage:
        packages = () if self._given is not None else (*self._asked.packages, *self._packages)
        return image(self._home, packages=packages, say=self._say)

    def _make_root(self) -> None:
        """The changes of the image that the guest starts from: in small pieces where they are to be an image."""
        if self._given is not None:
            base, format_ = self._given.path, self._given.format
        else:
            base, format_ = self._own_image().root, "raw"
        size = ("-o", f"cluster_size={_BLOCK}") if self._to_bake else ()
        _qemu_img("create", "-q", "-f", "qcow2", *size, "-F", format_, "-b", str(base), str(self._root))

    def _in_this_image(self, why: str) -> str:
        """Why nothing may have been said, with what is to be looked for where the image is somebody else's."""
        if self._given is None:
            return why
        console = self._path("console.log")
        if console.exists() and _STAGE.search(console.read_text(errors="replace")):
            return (
                f"{why}: cloud-init ran and did nothing of what the config drive holds: does it read one, and do the "
                "image and the user data leave vendor data on"
            )
        return (
            f"{why}: cloud-init said nothing on its serial line: has the image {self._given.path.name} cloud-init, a "
            "kernel and a boot loader that a PC's BIOS starts, and console=ttyS0"
        )

    def _path(self, what: str) -> Path:
        return self._folder / f"boot-{self._boots}.{what}"

    def _hardware(self, files: Sequence[str], commands: Sequence[str]) -> Hardware:
        question = self._question(files, commands)
        self._write_drive({} if self._given is None else question)
        initramfs = self._path("initramfs")
        if self._image is not None:
            part = b"" if self._given is not None else self._part(question)
            initramfs.write_bytes(self._image.initramfs.read_bytes() + part)
        return Hardware(
            root=self._root,
            kernel=None if self._image is None else self._image.kernel,
            initramfs=None if self._image is None else initramfs,
            config_drive=self._folder / "config.iso",
            source=self._source,
            disks=[(disk, disk.image(self._folder)) for disk in self._disks],
            nics=self._nics,
            hosts=self._hosts,
            bus=self._bus,
            kvm=host.has_kvm(lambda: self._own_image().kernel, self._home),
            memory=_MEMORY_MIB,
            console=self._path("console.log"),
            seen=self._path("seen"),
        )

    def _write_drive(self, question: Mapping[str, bytes]) -> None:
        """The config drive, with vendor data that asks where nothing in the image does."""
        drive = self._folder / "config.iso"
        if self._seed is not None:
            shutil.copy(self._seed, drive)
            return
        config_drive.write(
            drive,
            user_data=self._user_data,
            name=self._name,
            instance_id=self._instance_id,
            nics=self._nics,
            vendor_data=vendor_data(question) if question else b"{}",
        )

    def _question(self, files: Sequence[str], commands: Sequence[str]) -> Mapping[str, bytes]:
        """What the guest finds in /run/ivc, by name."""
        late = [disk.arrives_after for disk in self._disks if disk.arrives_after is not None and self._boots == 1]
        wanted = (target for disk in self._disks for target in disk.mounted_at)
        asked = {
            "files": sorted({*self._asked.files, *files}),
            "targets": sorted({mount.target for mount in self._asked.mounts} | {*wanted}),
            "serials": [disk.serial for disk in self._disks],
            "commands": [*commands],
            "of_a_command": _OF_A_COMMAND,
            "patience": max(late, default=0) + _PATIENCE,
            **({"cleaning": _CLEANING.read_text()} if self._to_bake else {}),
        }
        scripts = watched(self._asked.commands, _RECORD) or ()
        names = ("runcmd.original", "runcmd.watched")
        return {
            "asked.json": json.dumps(asked).encode(),
            "probe.py": (INSIDE / "probe.py").read_bytes(),
            **{name: script.encode() for name, script in zip(names, scripts, strict=False)},
        }

    def _part(self, question: Mapping[str, bytes]) -> bytes:
        """The same, as the initramfs takes it."""
        with tempfile.TemporaryDirectory(dir=self._folder) as temporary:
            folder = Path(temporary) / "ivc"
            folder.mkdir()
            for name, content in question.items():
                (folder / name).write_bytes(content)
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
                is_silent = self._hardware.kernel is not None and not self._console()
                if is_silent and time.monotonic() - switched_on > _SILENT:
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
    objects: Mapping[str, Path] = MappingProxyType({}),
    bus: Bus = "virtio",
    packages: Sequence[str] = (),
    image: Path | None = None,
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
        objects=objects,
        bus=bus,
        packages=packages,
        image=image,
        progress=progress,
    ) as guest:
        return guest.boot(timeout=timeout, files=files, commands=commands)


def _qemu_img(*arguments: str) -> None:
    done = subprocess.run((host.program("qemu-img"), *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise PracticeError(f"The guest's disk cannot be made or written: {done.stderr.strip()}")


def _said(path: Path) -> dict[str, Any]:
    """What the guest said of itself at its end, by its words for that."""
    found = _SAID.findall(path.read_bytes()) if path.exists() else []
    return {what.decode(): json.loads(zlib.decompress(base64.b64decode(packed))) for what, packed in found}
