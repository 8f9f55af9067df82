"""Finding and ending processes by their mark, and ports that are taken."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from practice import processes
from practice.errors import PracticeError
from practice.folder import Folder

# Says that it is there, and ignores TERM where it is told to.
_SLEEPER = """
import signal, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
time.sleep(60)
"""


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_only_marked_processes_are_ended_and_stubborn_ones_too(folder: Folder) -> None:
    mild = _sleeper(processes.mark(folder))
    stubborn = _sleeper(processes.mark(folder), "stubborn")
    stranger = _sleeper({})
    neighbour = _sleeper(processes.mark(Folder(folder.root / "other")))
    try:
        assert {one.pid for one in processes.marked(folder)} == {mild.pid, stubborn.pid}
        assert processes.stop_marked(folder, grace=0.5) == 2
        assert not processes.marked(folder)
        assert stranger.poll() is None
        assert neighbour.poll() is None
    finally:
        for one in (mild, stubborn, stranger, neighbour):
            one.kill()
            one.communicate()


def test_a_free_port_is_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    processes.check_ports_free([port])


def test_a_taken_port_is_named_with_the_process_that_has_it(taken: int) -> None:
    with pytest.raises(PracticeError, match=rf"Port {taken} on 127\.0\.0\.1.*process {os.getpid()} "):
        processes.check_ports_free([taken])


def test_a_listener_is_seen(taken: int) -> None:
    assert processes.listens(taken)


def _sleeper(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", _SLEEPER, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "here\n"
    return process
