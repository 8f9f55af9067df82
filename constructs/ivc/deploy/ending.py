"""Letting Terraform end what it began, and begin nothing more.

An interrupt alone does not: Terraform hands it on to the provider, which drops the calls that are under way. A server
whose call was dropped is made all the same, and no state knows of it; the next deploy fails at its port.

So Terraform is halted first, while its provider goes on: its calls come to their end, and nobody gives it new ones.
When it is quiet, Terraform goes on, with an interrupt that waits for it: it takes in what was done, writes its state
and ends. Quiet is a provider that waits for no answer, and has not spoken for longer than it waits from an answer to
its next look at a server.

A provider tells Terraform all that it does, by a pipe that holds 64 KiB and whether anybody asked for a log or not. It
would wait there for a Terraform that is halted, and seem quiet; so that is read in Terraform's place, and lost.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

_QUIET = 15.0
"""Seconds after the last answer: between an answer and its next look at a server the provider waits ten."""
_CALL = 150
"""Bytes; no call to a cloud is shorter. A program that only waits writes a few now and then."""
_PR_SET_PDEATHSIG = 1
_ESTABLISHED = 1 << 1
"""Of the states of connections; of those that ended a busy machine has thousands."""
_INET_DIAG_INFO = 1 << 1
"""Asks for the times of connections; linux/inet_diag.h."""

IS_POSSIBLE = sys.platform.startswith("linux")
"""Whether it can be told here when a provider is quiet."""


class Ending:
    """Brings a Terraform that applies to its end."""

    def __init__(self, process: subprocess.Popen[Any]) -> None:
        self._process = process
        self._moved: dict[int, int] = {}
        self._quiet_since: float | None = None
        self._told: list[int] = []

    @property
    def is_under_way(self) -> bool:
        """Whether it has begun, and Terraform is halted."""
        return self._quiet_since is not None

    def begin(self) -> None:
        """Halt Terraform."""
        self._process.send_signal(signal.SIGSTOP)
        self._quiet_since = time.monotonic()
        self._told = [*_told_by(_children(self._process.pid))]

    def look(self) -> None:
        """See whether its provider is quiet, and if so let Terraform end. To be called now and then."""
        if self._quiet_since is None:
            return
        for pipe in self._told:
            _read_away(pipe)
        children = _children(self._process.pid)
        moved = _bytes_moved(children)
        spoke = any(count - self._moved.get(pid, 0) >= _CALL for pid, count in moved.items())
        if spoke or _waits_for_an_answer(children):
            self._moved, self._quiet_since = moved, time.monotonic()
        elif time.monotonic() - self._quiet_since >= _QUIET:
            self.finish()

    def finish(self) -> None:
        """Let Terraform end now."""
        self._process.send_signal(signal.SIGINT)  # waits until it goes on
        self._process.send_signal(signal.SIGCONT)
        self._quiet_since = None
        while self._told:
            os.close(self._told.pop())


def _children(pid: int) -> list[psutil.Process]:
    """The processes that Terraform started."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:  # it has just ended
        return []


def _told_by(children: Iterable[psutil.Process]) -> Iterator[int]:
    """Of each that tells by a pipe what it does, the end to read from."""
    for child in children:
        place = Path(f"/proc/{child.pid}/fd/2")
        with suppress(OSError):
            if place.is_fifo():
                yield os.open(place, os.O_RDONLY | os.O_NONBLOCK)


def _read_away(pipe: int) -> None:
    with suppress(BlockingIOError):
        while os.read(pipe, 1 << 16):
            pass


def _bytes_moved(children: Iterable[psutil.Process]) -> dict[int, int]:
    """By process, how much it wrote and read: a late answer counts as its call does."""
    found = {}
    for child in children:
        with suppress(psutil.Error):
            counted = child.io_counters()
            found[child.pid] = counted.write_chars + counted.read_chars
    return found


def _waits_for_an_answer(children: Iterable[psutil.Process]) -> bool:
    """Whether what went last over one of their connections is what they sent; the kernel keeps both times.

    A busy cloud may take longer to answer than any time that could be set here. Where the kernel may not be asked, the
    bytes have to do.
    """
    theirs = set()
    for child in children:
        with suppress(psutil.Error):
            theirs |= {one.laddr for one in child.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED}
    if not theirs:
        return False
    # Here, for it takes a while, and few deploys are stopped.
    from pyroute2 import DiagSocket, NetlinkError  # type: ignore[import-untyped]

    with suppress(OSError, NetlinkError), DiagSocket() as kernel:
        kernel.bind()
        return any(
            (one["idiag_src"], one["idiag_sport"]) in theirs and _was_asked_last(one.get_attr("INET_DIAG_INFO"))
            for family in (socket.AF_INET, socket.AF_INET6)
            for one in kernel.get_sock_stats(family=family, states=_ESTABLISHED, extensions=_INET_DIAG_INFO)
        )
    return False


def _was_asked_last(connection: Mapping[str, int] | None) -> bool:
    """connection: the kernel's `tcp_info`, whose times are milliseconds ago.

    It counts them in steps of some milliseconds. Within one are a call and what came before it, the connection itself
    or an answer, and never the answer to that call. Over TLS, what a server tells unasked counts as an answer.
    """
    if connection is None or not connection["tcpi_data_segs_out"]:
        return False
    return connection["tcpi_last_data_sent"] <= connection["tcpi_last_data_recv"]


def go_on_without_us() -> None:
    """Called in Terraform's process before it begins: should this program die while Terraform is halted, it goes on."""
    if IS_POSSIBLE:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)
