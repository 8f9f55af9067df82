"""What the guest needs of this machine: programs, root where the image is built, and KVM where it works."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from practice import install
from practice.errors import PracticeError
from practice.services import find_program

#: Programs of the system, and the Debian package that brings each.
PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mke2fs": "e2fsprogs",
    "setpriv": "util-linux",
    "cpio": "cpio",
}
BUILD_PACKAGES = {"mmdebstrap": "mmdebstrap"}

_KVM = Path("/dev/kvm")
_PROBE_SECONDS = 6


def program(name: str) -> str:
    """The path of a program of the system."""
    if path := find_program(name):
        return path
    package = {**PACKAGES, **BUILD_PACKAGES}[name]
    raise PracticeError(f"A guest needs {name}: run `apt-get install --no-install-recommends {package}` as root.")


def find(name: str) -> str:
    """The path of a program that every Debian has."""
    return find_program(name) or name


def provide(programs: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Install the Debian packages of those programs that are missing; a PracticeError where that cannot be."""
    if missing := sorted({package for name, package in programs.items() if not find_program(name)}):
        say(f"installing {', '.join(missing)}")
        install.install_packages(missing)


def check_can_build() -> None:
    """Raise a PracticeError that says why the guest's image cannot be built here."""
    if os.geteuid() != 0:
        raise PracticeError(
            "The guest's image is not built yet and building it needs root, for the owners of its files: "
            "run this once as root; later boots need no root."
        )


def has_kvm(kernel: Callable[[], Path], folder: Path) -> bool:
    """Whether a kernel boots under KVM here. Tried once between two boots of this machine: a device that can be
    opened may still not work, as in some nested virtual machines.

    kernel: asked for where it is tried."""
    if not os.access(_KVM, os.R_OK | os.W_OK):
        return False
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    known = folder / "kvm"
    if not known.exists() or not known.read_text().startswith(boot):
        known.write_text(f"{boot} {'yes' if _boots_under_kvm(kernel()) else 'no'}")
    return known.read_text().endswith("yes")


def _boots_under_kvm(kernel: Path) -> bool:
    # With no root file system the kernel panics, which ends qemu.
    machine = ("-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot")
    command = (program("qemu-system-x86_64"), *machine, "-kernel", str(kernel), "-append", "panic=-1 quiet")
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
