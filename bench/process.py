"""A whole process measured: time, processor time, memory."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """Wall and processor time in seconds, and memory: the sum of the peaks of the process and of all below it."""

    seconds: float
    busy: float
    mebibytes: float


def measured(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None, expected: int = 0
) -> Run:
    """Run a command in a folder; raises CalledProcessError, with what it said, if its exit code is not the expected."""
    began, busy_before = time.perf_counter(), _busy()
    with subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        peaks: dict[int, int] = {}
        said = ""
        while process.returncode is None:
            _note_peaks(process.pid, peaks)
            try:
                said, _ = process.communicate(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
        seconds = time.perf_counter() - began
    if process.returncode != expected:
        raise subprocess.CalledProcessError(process.returncode, command, said)
    return Run(seconds, _busy() - busy_before, sum(peaks.values()) / 1024)


def spread(ratios: list[float]) -> str:
    """The median of ratios, with the smallest and the largest."""
    return f"   {statistics.median(ratios):>5.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def _busy() -> float:
    """Processor seconds of all children so far that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _note_peaks(pid: int, peaks: dict[int, int]) -> None:
    """The peak so far (in KiB) of a process and of all below it. It only grows: a look now and then will do."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        below = [
            child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:
        return  # it has ended meanwhile
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            peaks[pid] = int(line.split()[1])
    for child in below:
        _note_peaks(int(child), peaks)
