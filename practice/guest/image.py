"""The guest's image: Debian 12 with cloud-init, made once and cached."""

import fcntl
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from practice.errors import PracticeError
from practice.guest import host

INSIDE = Path(__file__).resolve().parent / "inside"
#: Debian's release; its kernel's modules and its Python are what the files in inside/ count on.
SUITE = "bookworm"
#: What user data may lean on without asking for it: what Debian's own cloud image has and mounts need.
_BASE = (
    "ca-certificates",
    "cloud-init",
    "curl",
    "dbus",
    "iproute2",
    "kmod",
    "lvm2",
    "openssh-server",
    "sudo",
    "systemd-sysv",
    "udev",
)
#: Slow without KVM, of no use in a guest that lives for a minute, or in the way of the serial lines.
_MASKED = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "cloud-init-hotplugd.socket",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "lvm2-monitor.service",
    "modprobe@drm.service",
    "modprobe@efi_pstore.service",
    "serial-getty@ttyS0.service",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-journal-flush.service",
    "systemd-logind.service",
    "systemd-networkd-wait-online.service",
    "systemd-random-seed.service",
    "systemd-update-utmp-runlevel.service",
    "systemd-update-utmp.service",
)
# What the root disk hangs on, and the config drive.
_INITRAMFS_MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "sr_mod")
_FREE_MIB = 2048
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")


@dataclass(frozen=True)
class GuestImage:
    """The files that a guest starts from; none is ever written to."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root file system, a raw image."""
        return self.folder / "root.img"

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initramfs(self) -> Path:
        """A cpio archive, to which each boot appends what it is asked for."""
        return self.folder / "initramfs"


def image(folder: Path, *, packages: Sequence[str], say: Callable[[str], None]) -> GuestImage:
    """The image with those Debian packages, built in `folder` where it is not there yet (a minute or two)."""
    if bad := sorted(name for name in packages if not _PACKAGE.fullmatch(name)):
        raise PracticeError(f"packages: {', '.join(map(repr, bad))} cannot be a Debian package's name.")
    wanted = sorted({*packages} - {*_BASE})
    made = GuestImage(folder / f"image-{_recipe()}-{_short(' '.join(wanted).encode())}")
    if made.folder.exists():
        return made
    host.check_can_build()
    host.provide({**host.PACKAGES, **host.BUILD_PACKAGES}, say)
    with _locked(folder, say):
        if not made.folder.exists():
            _remove_outdated(folder)
            partial = made.folder.with_suffix(".partial")
            with_what = f" with {', '.join(wanted)}" if wanted else ""
            say(f"building the guest's image, Debian {SUITE}{with_what} (a minute or two, once)")
            partial.mkdir()
            try:
                _build(GuestImage(partial), wanted, say)
                partial.rename(made.folder)
            finally:
                _remove(partial)
    return made


def initramfs_part(folder: Path) -> bytes:
    """The files of a folder as a cpio archive, which the kernel unpacks after those of the image's."""
    names = "\n".join(sorted(str(path.relative_to(folder)) for path in folder.rglob("*")))
    return _run((host.program("cpio"), "--create", "--format=newc", "--quiet"), cwd=folder, given=names.encode())


def _recipe() -> str:
    files = (path for path in sorted(INSIDE.iterdir()) if path.is_file() and path.name != "probe.py")
    return _short(Path(__file__).read_bytes() + b"".join(path.read_bytes() for path in files))


def _short(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


@contextmanager
def _locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    with (folder / "image.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that builds a guest's image")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_outdated(folder: Path) -> None:
    # What another version of the recipe made, and what a killed build left.
    for path in folder.glob("image-*"):
        if path.suffix == ".partial" or not path.name.startswith(f"image-{_recipe()}-"):
            _remove(path)


def _remove(folder: Path) -> None:
    # A killed build may have left the kernel's own file systems mounted in it.
    if folder.exists():
        _run((host.find("rm"), "-rf", "--one-file-system", "--", str(folder)))


def _build(made: GuestImage, packages: Sequence[str], say: Callable[[str], None]) -> None:
    root = made.folder / "root"
    _bootstrap(root, packages)
    say("making its root file system")
    shutil.move(root / "boot/vmlinuz", made.kernel)
    _make_initramfs(root, made)
    _configure(root)
    _make_file_system(root, made.root)
    _remove(root)


def _bootstrap(root: Path, packages: Sequence[str]) -> None:
    without = ("doc", "info", "locale", "man")
    command = (
        host.program("mmdebstrap"),
        "--quiet",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join((*_BASE, *packages))}",
        '--aptopt=APT::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in without),
        f'--customize-hook=sh "{INSIDE / "kernel.sh"}" "$1"',
        SUITE,
        str(root),
    )
    try:
        _run(command)
    except PracticeError as error:
        if unknown := re.findall(r"Unable to locate package (\S+)|Package (\S+) has no installation cand", str(error)):
            names = ", ".join(sorted({name for pair in unknown for name in pair if name}))
            raise PracticeError(
                f"packages: Debian {SUITE} has no {names}: correct the name in the user data."
            ) from None
        raise


def _make_initramfs(root: Path, made: GuestImage) -> None:
    [version] = (path.name for path in (root / "usr/lib/modules").iterdir())
    content = made.folder / "initramfs.d"
    for name in ("modules", "dev", "root", "ivc"):
        (content / name).mkdir(parents=True)
    show = ("modprobe", "--set-version", version, "--show-depends", "--all", *_INITRAMFS_MODULES)
    found = _run((host.find("chroot"), str(root), *show))
    modules = [line.split()[1] for line in found.decode().splitlines() if line.startswith("insmod ")]
    for number, module in enumerate(dict.fromkeys(modules)):
        shutil.copy(root / module.lstrip("/"), content / "modules" / f"{number:02}-{Path(module).name}")
    shutil.move(root / "boot/busybox", content / "busybox")
    shutil.copy(INSIDE / "init", content / "init")
    (content / "init").chmod(0o755)
    made.initramfs.write_bytes(initramfs_part(content))
    shutil.rmtree(content)


def _configure(root: Path) -> None:
    units = root / "etc/systemd/system"
    shutil.copy(INSIDE / "99_ivc.cfg", root / "etc/cloud/cloud.cfg.d/99_ivc.cfg")
    for unit, target in (("ivc-watch.service", "cloud-init.target"), ("ivc-probe.service", "graphical.target")):
        shutil.copy(INSIDE / unit, units / unit)
        (units / f"{target}.wants").mkdir(exist_ok=True)
        (units / f"{target}.wants" / unit).symlink_to(f"../{unit}")
    for unit in _MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    _run((host.find("chroot"), str(root), "systemctl", "--quiet", "enable", "systemd-networkd.service"))
    # mmdebstrap leaves those of the machine that it ran on.
    (root / "etc/resolv.conf").write_text("")
    (root / "etc/hostname").unlink(missing_ok=True)
    (root / "etc/machine-id").write_text("")
    (root / "etc/fstab").write_text("/dev/vda / ext4 defaults 0 0\n")
    (root / "etc/default/locale").write_text("LANG=C.UTF-8\n")


def _make_file_system(root: Path, path: Path) -> None:
    used = int(_run((host.find("du"), "-sm", str(root))).split()[0])
    _run((host.program("mke2fs"), "-q", "-t", "ext4", "-m", "0", "-d", str(root), str(path), f"{used + _FREE_MIB}M"))


def _run(command: Sequence[str], *, cwd: Path | None = None, given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, cwd=cwd, capture_output=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-15:]
        raise PracticeError("\n".join((f"`{' '.join(command)}` failed with exit code {done.returncode}:", *last)))
    return done.stdout
