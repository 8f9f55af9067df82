"""Installs what the cloud runs on: Debian's packages, and the services in a virtualenv of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import RABBITMQ_SERVER, Extra, find_program

_LOCK = Path(__file__).resolve().parent / "requirements.lock"
# What an extra needs beside that, in the same versions: most of a minute that a cloud without one does not take.
_EXTRAS_LOCK = _LOCK.with_name("requirements-extras.lock")

#: Programs of the system, and the Debian package that brings each. The -core packages have the database server
#: without a system service.
_PROGRAMS = {
    "mariadbd": "mariadb-server-core",
    "mariadb-install-db": "mariadb-server-core",
    # mariadb-install-db needs it.
    "my_print_defaults": "mariadb-client-core",
    "epmd": "erlang-base",
    RABBITMQ_SERVER: "rabbitmq-server",
}
_EXTRA_PROGRAMS = {
    Extra.DNS: {"named": "bind9", "rndc": "bind9-utils"},
    Extra.LOADBALANCER: {"openssl": "openssl"},
}
# Debian's way to say: install daemons, but start none (invoke-rc.d(8)).
_POLICY = Path("/usr/sbin/policy-rc.d")


def lock_hash() -> str:
    """Which services are wanted: the hash of their lock and the Python that runs them."""
    return _hash(_LOCK)


def extras_lock_hash() -> str:
    """The same of the extras' services."""
    return _hash(_EXTRAS_LOCK)


def is_installed(folder: Folder, extras: Collection[Extra] = ()) -> bool:
    """Whether all the cloud runs on with these extras is there, in the versions of the locks."""
    return not _missing_packages(extras) and _is_current(folder, _LOCK) and (not extras or _has_extras(folder))


def install(folder: Folder, say: Callable[[str], None], extras: Collection[Extra] = ()) -> None:
    """Install what is missing; needs root or sudo only for Debian's packages."""
    folder.make()
    if packages := _missing_packages(extras):
        say(f"installing {', '.join(packages)}")
        install_packages(packages)
    if not _is_current(folder, _LOCK):
        say(f"installing the OpenStack services into {folder.venv} (a minute or two)")
        shutil.rmtree(folder.venv, ignore_errors=True)
        _run((sys.executable, "-m", "venv", str(folder.venv)))
        _install_services(folder, _LOCK)
    if extras and not _has_extras(folder):
        say(f"installing the extras' services into {folder.venv} (half a minute)")
        _install_services(folder, _EXTRAS_LOCK)


def _hash(lock: Path) -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}".encode()
    return hashlib.sha256(lock.read_bytes() + version).hexdigest()


def _has_extras(folder: Folder) -> bool:
    return _is_current(folder, _EXTRAS_LOCK)


def _is_current(folder: Folder, lock: Path) -> bool:
    stamp = _stamp(folder, lock)
    return stamp.exists() and stamp.read_text() == _hash(lock)


def _stamp(folder: Folder, lock: Path = _LOCK) -> Path:
    return folder.venv / f"practice{lock.stem.removeprefix('requirements')}.lock.sha256"


def _missing_packages(extras: Collection[Extra]) -> list[str]:
    wanted = [_PROGRAMS, *(_EXTRA_PROGRAMS.get(extra, {}) for extra in extras)]
    return sorted({package for table in wanted for program, package in table.items() if not find_program(program)})


def install_packages(packages: Sequence[str]) -> None:
    if not find_program("apt-get"):
        raise PracticeError(
            f"{', '.join(packages)} must be installed and this system has no apt-get: "
            "use Debian or Ubuntu, or a container of one."
        )
    root = _as_root(packages)
    with _daemons_held(root):
        _run((*root, "apt-get", "update", "-qq"))
        _run(
            (
                *root,
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "-y",
                "-qq",
                "--no-install-recommends",
                *packages,
            )
        )


def _as_root(packages: Sequence[str]) -> tuple[str, ...]:
    if os.geteuid() == 0:
        return ()
    sudo = find_program("sudo")
    if sudo and subprocess.run((sudo, "-n", "true"), capture_output=True, check=False).returncode == 0:
        return (sudo, "-n")
    raise PracticeError(
        f"{', '.join(packages)} must be installed and that needs root: "
        f"run `apt-get install --no-install-recommends {' '.join(packages)}` as root, then this again."
    )


@contextmanager
def _daemons_held(root: tuple[str, ...]) -> Iterator[None]:
    """Keep Debian from starting the daemons it installs, by a policy that is there only meanwhile."""
    if _POLICY.exists():
        # Somebody else's policy, often a container's, which says the same; it is not ours to take away.
        yield
        return
    try:
        script = "#!/bin/sh\nexit 101\n"
        _run((*root, "sh", "-c", 'printf "%s" "$1" >"$2" && chmod 755 "$2"', "sh", script, str(_POLICY)))
        yield
    finally:
        _run((*root, "rm", "-f", str(_POLICY)))


def _install_services(folder: Folder, lock: Path) -> None:
    # The lock is whole, so there is nothing to resolve.
    _run(
        (
            folder.program("python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-deps",
            "-r",
            str(lock),
        )
    )
    _stamp(folder, lock).write_text(_hash(lock))


def _run(command: Sequence[str]) -> None:
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        last = ended.stdout.strip().splitlines()[-15:]
        raise PracticeError("\n".join((f"`{' '.join(command)}` failed with exit code {ended.returncode}:", *last)))
