"""Where the cloud's state stands: one folder, and nothing outside it but Debian's packages."""

import fcntl
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practice.errors import PracticeError

#: Overrides the folder; tests use it.
VARIABLE = "IVC_PRACTICE_DIR"

_GITIGNORE = ".gitignore"
_SIGN = "# Made by `python -m practice`, which may remove this folder.\n"
# A unix socket's path may have 107 bytes (sun_path in unix(7)), and the longest one here is run/supervisor.sock.<pid>.
_LONGEST = 107 - len("/run/supervisor.sock.4194304")
# Folders that a service wants to find rather than to make.
_DATA = (
    "home",
    "tmp",
    "keystone",
    "glance/images",
    "glance/staging",
    "glance/tasks",
    "nova/instances",
    "nova/lock",
    "neutron/lock",
    "cinder/coordination",
    "cinder/lock",
    "swift/d1",
    "designate",
    "named",
    "octavia",
)


@dataclass(frozen=True)
class Folder:
    """The state folder and the places in it.

    `venv` holds the installed services and outlives a wipe; `etc` (rendered anew at each start), `log`, `run`
    and `data` do not.
    """

    root: Path

    @classmethod
    def default(cls) -> "Folder":
        """The folder that IVC_PRACTICE_DIR names, or `.cloud` beside this file."""
        named = os.environ.get(VARIABLE)
        return cls(Path(named).resolve() if named else Path(__file__).resolve().parent / ".cloud")

    @property
    def venv(self) -> Path:
        return self.root / "venv"

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def program(self, name: str) -> str:
        """The path of a program of the cloud's own virtualenv."""
        return str(self.venv / "bin" / name)

    def make(self) -> None:
        """Make the folder, signed as ours and invisible to git; refuse one that holds something else."""
        if odd := sorted(set(re.sub(r"[\w./+@,-]", "", str(self.root)))):
            raise PracticeError(
                f"The path of the folder {self.root} has characters that not every service's configuration can "
                f"hold ({', '.join(map(repr, odd))}): name another folder in {VARIABLE}."
            )
        if len(os.fsencode(self.root)) > _LONGEST:
            raise PracticeError(
                f"The folder {self.root} has too long a path for the sockets in it (at most {_LONGEST} bytes): "
                f"name a shorter one in {VARIABLE}."
            )
        self.root.mkdir(parents=True, exist_ok=True)
        if self._is_ours():
            return
        half = f"{_GITIGNORE}."  # others may be making it at the same moment
        if any(not path.name.startswith(half) for path in self.root.iterdir()) and not self._is_ours():
            raise PracticeError(
                f"The folder {self.root} holds files that are not the practice cloud's: "
                f"name an empty or a new one in {VARIABLE}."
            )
        sign = self.root / f"{half}{os.getpid()}-{threading.get_ident()}"
        sign.write_text(f"{_SIGN}*\n")
        sign.replace(self.root / _GITIGNORE)

    def make_state(self) -> None:
        """Make the folders in which the services write."""
        self.make()
        for place in (self.etc, self.log, self.run, *(self.data / name for name in _DATA)):
            place.mkdir(parents=True, exist_ok=True)

    def remove_state(self) -> None:
        """Remove data, logs and rendered configuration; the installed services stay."""
        if self._is_ours():
            for place in (self.etc, self.log, self.run, self.data):
                shutil.rmtree(place, ignore_errors=True)

    def remove(self) -> None:
        """Remove the whole folder, if it was made by this program."""
        if self._is_ours():
            shutil.rmtree(self.root)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against another `up`, `down` or `wipe`; the kernel lets go of it if we are killed."""
        with (self.root / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                raise PracticeError(
                    f"Process {holder} is at work on the practice cloud in {self.root}: wait for it or stop it."
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def _is_ours(self) -> bool:
        sign = self.root / _GITIGNORE
        return sign.is_file() and sign.read_text().startswith(_SIGN)
