"""Finds and stops the cloud's processes by the mark in their environment, whoever their parent is by now, and
finds out who holds a port.

Nothing that does not carry our mark is ever signalled.
"""

import os
import socket
from collections.abc import Iterable
from contextlib import suppress

import psutil

from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import HOST

#: In the environment of each process of a cloud: its folder.
MARK = "IVC_PRACTICE_CLOUD"


def mark(folder: Folder) -> dict[str, str]:
    """The variable that makes a process and its descendants findable as those of the cloud in `folder`."""
    return {MARK: str(folder.root)}


def marked(folder: Folder) -> list[psutil.Process]:
    """Every living process of the cloud in `folder`."""
    ours = set(mark(folder).items())
    return [one for one in psutil.process_iter() if one.pid != os.getpid() and ours <= _environment(one)]


def stop_marked(folder: Folder, grace: float = 15) -> int:
    """End every process of the cloud, by KILL where TERM did not do within `grace` seconds; return how many."""
    stopped: set[int] = set()
    while found := marked(folder):
        stopped.update(one.pid for one in found)
        _signal(found, kill=False)
        _, stubborn = psutil.wait_procs(found, timeout=grace)
        _signal(stubborn, kill=True)
        psutil.wait_procs(stubborn, timeout=grace)
    return len(stopped)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on the loopback port."""
    try:
        with socket.create_connection((HOST, port), timeout=5):
            return True
    except OSError:
        return False


def check_ports_free(ports: Iterable[int]) -> None:
    """Raise a PracticeError that names the first port that is taken, and by whom."""
    for port in ports:
        if not _is_free(port):
            raise PracticeError(
                f"Port {port} on {HOST}, which the practice cloud needs, is taken by {_holder(port)}: "
                "stop that process first."
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the services do: what an earlier connection left in TIME_WAIT is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    for one in psutil.net_connections("tcp"):
        if one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN and one.pid:
            return f"process {one.pid} ({psutil.Process(one.pid).name()})"
    return "a process of another user, whose number only root may see"


def _environment(process: psutil.Process) -> set[tuple[str, str]]:
    try:
        return set(process.environ().items())
    except (psutil.Error, OSError):
        # Gone meanwhile, or another user's, so not ours.
        return set()


def _signal(processes: Iterable[psutil.Process], *, kill: bool) -> None:
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            one.kill() if kill else one.terminate()
