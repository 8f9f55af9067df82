"""Letting Terraform end what it began, and begin nothing more.

An interrupt alone does not: Terraform hands it on to the provider, which drops the calls that are under way. A server
whose call was dropped is made all the same, and no state knows of it; the next deploy fails at its port.

So Terraform is halted first, while its provider goes on: its calls come to their end, and nobody gives it new ones.
When it is quiet, Terraform goes on, with an interrupt that waits for it: it takes in what was done, writes its state
and ends.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from typing import Any

import psutil

_QUIET = 20.0
"""Seconds without a call after which nothing is under way: between an answer and its next look at a server the
provider waits ten, and a busy cloud takes its time to answer.
"""
_CALL = 150
"""Bytes; no call to a cloud is shorter. A program that only waits writes a few now and then."""
_PR_SET_PDEATHSIG = 1

IS_POSSIBLE = sys.platform.startswith("linux")
"""Whether it can be told here when a provider is quiet."""


class Ending:
    """Brings a Terraform that applies to its end."""

    def __init__(self, process: subprocess.Popen[Any]) -> None:
        self._process = process
        self._moved: dict[int, int] = {}
        self._quiet_since: float | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it has begun, and Terraform is halted."""
        return self._quiet_since is not None

    def begin(self) -> None:
        """Halt Terraform."""
        self._process.send_signal(signal.SIGSTOP)
        self._quiet_since = time.monotonic()

    def look(self) -> None:
        """See whether its provider is quiet, and if so let Terraform end. To be called now and then."""
        if self._quiet_since is None:
            return
        moved = self._bytes_moved()
        if any(count - self._moved.get(pid, 0) >= _CALL for pid, count in moved.items()):
            self._moved, self._quiet_since = moved, time.monotonic()
        elif time.monotonic() - self._quiet_since >= _QUIET:
            self.finish()

    def finish(self) -> None:
        """Let Terraform end now."""
        self._process.send_signal(signal.SIGINT)  # waits until it goes on
        self._process.send_signal(signal.SIGCONT)
        self._quiet_since = None

    def _bytes_moved(self) -> dict[int, int]:
        """By process that Terraform started, how much it wrote and read: a late answer counts as its call does."""
        found = {}
        try:
            for child in psutil.Process(self._process.pid).children(recursive=True):
                counted = child.io_counters()
                found[child.pid] = counted.write_chars + counted.read_chars
        except psutil.Error:  # it has just ended
            pass
        return found


def go_on_without_us() -> None:
    """Called in Terraform's process before it begins: should this program die while Terraform is halted, it goes on."""
    if IS_POSSIBLE:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)
