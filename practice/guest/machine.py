"""A running qemu: its command line, its monitor, and its end."""

import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from practice.errors import PracticeError
from practice.guest import host, served
from practice.guest.config_drive import Nic
from practice.guest.disk import Bus, Disk

_MONITOR_SECONDS = 120
_QUIT_SECONDS = 10
# noresume and the like have no use here; mitigations cost time and guard nobody in a guest of one's own.
# The source is named, since the drive may not be there yet when systemd's generators look for one.
_KERNEL_LINE = "console=ttyS0 rw quiet loglevel=4 panic=-1 mitigations=off tsc=reliable no_timer_check ci.ds={}"


Source = Literal["ConfigDrive", "NoCloud"]
"""What of cloud-init's reads the drive."""


@dataclass(frozen=True)
class Hardware:
    """What a machine is made of. The root disk is always the virtio-blk disk /dev/vda.

    kernel, initramfs: None where the root disk has its own, and a boot loader.
    hosts: what answers on the first card's network, `address:port` with the folder of its files.
    """

    root: Path
    kernel: Path | None
    initramfs: Path | None
    config_drive: Path
    source: Source
    disks: Sequence[tuple[Disk, Path]]
    nics: Sequence[Nic]
    hosts: tuple[tuple[str, Path], ...]
    bus: Bus
    kvm: bool
    memory: int
    console: Path
    seen: Path


class Machine:
    """A machine that is on; leaving the context ends it. It also ends when the thread that started it does."""

    def __init__(self, hardware: Hardware, *, log: Path) -> None:
        self._hardware = hardware
        self._log = log

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        monitor = (
            *("-chardev", f"socket,id=monitor,fd={theirs.fileno()}"),
            *("-mon", "chardev=monitor,mode=control"),
        )
        with theirs, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                (host.program("setpriv"), "--pdeathsig", "KILL", *_command(self._hardware), *monitor),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(),),
                # Ctrl-C is for us; the machine then ends with the context.
                start_new_session=True,
            )
        ours.settimeout(_MONITOR_SECONDS)
        self._socket = ours
        self._monitor = ours.makefile("rw")
        try:
            self._monitor.readline()
            self._tell("qmp_capabilities")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def is_on(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def plug(self, disk: Disk, image: Path) -> None:
        """Attach a disk to the running machine."""
        node = f"disk-{disk.serial}"
        self._tell("blockdev-add", {"node-name": node, **_block_node(image)})
        self._tell("device_add", _device(disk, node, self._hardware.bus))

    def _end(self) -> None:
        with suppress(OSError, ValueError):
            self._socket.close()
            self._monitor.close()
        if self.is_on:
            self._process.terminate()
        try:
            self._process.wait(_QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, what: str, arguments: Mapping[str, object] | None = None) -> None:
        # One JSON object a line each way, with events in between (QEMU's docs/interop/qmp-spec): a library would be
        # asyncio for these ten lines.
        try:
            self._monitor.write(json.dumps({"execute": what, "arguments": arguments or {}}) + "\n")
            self._monitor.flush()
            while line := self._monitor.readline():
                answer = json.loads(line)
                if "return" in answer:
                    return
                if "error" in answer:
                    raise PracticeError(f"qemu refuses {what}: {answer['error']['desc']}.")
        except OSError:
            pass
        last = self._log.read_text(errors="replace").strip().splitlines()[-3:]
        raise PracticeError(f"qemu does not answer {what}: {' '.join(last) or 'it ended'}.")


def _command(hardware: Hardware) -> tuple[str, ...]:
    # Two emulated processors wait for each other where they do not run at the same time: beside another guest a boot
    # takes a third longer with two than with one, and now and then the kernel waits for the other one for ever.
    accelerator = ("kvm", "-cpu", "host", "-smp", "2") if hardware.kvm else ("tcg", "-cpu", "max", "-smp", "1")
    first = [(disk, image) for disk, image in hardware.disks if disk.arrives_after is None]
    return (
        host.program("qemu-system-x86_64"),
        *("-accel", *accelerator),
        # Its PCI slots take hot-plugged disks; q35's would need a port prepared for each.
        *("-M", "pc,usb=off,vmport=off", "-m", str(hardware.memory)),
        *("-nodefaults", "-display", "none", "-no-reboot"),
        *_start(hardware),
        # What the guest gives back reads as zeros.
        *_blockdev({"node-name": "root", "discard": "unmap", **_block_node(hardware.root, "qcow2", discard="unmap")}),
        *("-device", f"virtio-blk-pci,drive=root{'' if hardware.kernel else ',bootindex=0'}"),
        *("-device", "virtio-scsi-pci,id=scsi"),
        *_blockdev({"node-name": "config", "read-only": True, **_block_node(hardware.config_drive)}),
        *("-device", _place_of_drive(hardware)),
        *(argument for disk, image in first for argument in _disk(disk, image, hardware.bus)),
        *(argument for number in range(len(hardware.nics)) for argument in _nic(number, hardware)),
        *("-serial", f"file:{hardware.console}", "-serial", f"file:{hardware.seen}"),
    )


def _start(hardware: Hardware) -> tuple[str, ...]:
    """Where the kernel comes from."""
    if hardware.kernel is None:
        # Boot loaders write to a screen.
        return ("-device", "VGA")
    line = _KERNEL_LINE.format(hardware.source)
    return ("-kernel", str(hardware.kernel), "-initrd", str(hardware.initramfs), "-append", line)


def _place_of_drive(hardware: Hardware) -> str:
    # An image that names no source looks for one at the very start, when it surely knows the kind of disk that its root
    # is on and maybe no other.
    return "scsi-cd,bus=scsi.0,drive=config" if hardware.kernel is not None else "virtio-blk-pci,drive=config"


def _disk(disk: Disk, image: Path, bus: Bus) -> tuple[str, ...]:
    node = f"disk-{disk.serial}"
    return (
        *_blockdev({"node-name": node, **_block_node(image)}),
        *("-device", json.dumps(_device(disk, node, bus))),
    )


def _device(disk: Disk, node: str, bus: Bus) -> Mapping[str, object]:
    place: Mapping[str, object] = (
        {"driver": "virtio-blk-pci"} if (disk.bus or bus) == "virtio" else {"driver": "scsi-hd", "bus": "scsi.0"}
    )
    return {**place, "drive": node, "serial": disk.serial}


def _nic(number: int, hardware: Hardware) -> tuple[str, ...]:
    nic = hardware.nics[number]
    # A hub of its own with nothing else on it: there is no way out.
    network = f"hubport,hubid={number}"
    if number == 0 and hardware.hosts:
        network = served.network(nic, hardware.hosts)
    return (
        *("-netdev", f"{network},id=net{number}"),
        *("-device", f"virtio-net-pci,netdev=net{number},mac={nic.mac},romfile="),
    )


def _blockdev(node: Mapping[str, object]) -> tuple[str, str]:
    return "-blockdev", json.dumps(node)


def _block_node(path: Path, driver: str = "raw", **of_file: object) -> Mapping[str, object]:
    # Nothing here needs to survive a crash of this machine, and flushing is slow.
    cache = {"direct": False, "no-flush": True}
    return {"driver": driver, "file": {"driver": "file", "filename": str(path), **of_file}, "cache": cache}
