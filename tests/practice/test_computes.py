"""The process that runs nova-compute for every host, with a Nova that only says who it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import practice
import psutil
import pytest

_SCRIPT = Path(practice.__file__).parent / "inside" / "computes.py"
_PATIENCE = 30
_NOVA = """
import os, sys, time

def main():
    said = [str(os.getpid()), os.environ["OS_DEFAULT__HOST"], os.environ["OS_DEFAULT__STATE_PATH"], *sys.argv]
    os.write(1, f"{' '.join(said)}\\n".encode())  # at once, as several write
    time.sleep(60)
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The process, with the hosts one and two."""
    package = tmp_path / "nova" / "cmd"
    package.mkdir(parents=True)
    (package / "compute.py").write_text(_NOVA)
    places = [f"{host}={tmp_path / host}" for host in ("one", "two")]
    process = subprocess.Popen(
        [sys.executable, _SCRIPT, "compute.conf", *places],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def _said(running: subprocess.Popen[str]) -> dict[str, list[str]]:
    """What the Nova of each host was told, its process first."""
    assert running.stdout
    said = [running.stdout.readline().split() for _ in range(2)]
    return {host: [pid, *rest] for pid, host, *rest in said}


def _children(said: dict[str, list[str]]) -> list[psutil.Process]:
    return [psutil.Process(int(pid)) for pid, *_ in said.values()]


def test_each_host_has_its_name_its_own_folder_and_the_shared_file(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    told = {host: rest for host, (_, *rest) in _said(running).items()}
    assert told == {
        host: [str(tmp_path / host), "nova-compute", "--config-file", "compute.conf"] for host in ("one", "two")
    }
    assert all((tmp_path / host / "instances").is_dir() for host in told)


def test_when_one_host_ends_all_do_and_that_is_a_failure(running: subprocess.Popen[str]) -> None:
    one, two = _children(_said(running))
    one.kill()
    assert running.wait(_PATIENCE) != 0
    assert not two.is_running()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_none_outlives_the_process(running: subprocess.Popen[str], how: signal.Signals) -> None:
    children = _children(_said(running))
    running.send_signal(how)
    _, alive = psutil.wait_procs(children, timeout=_PATIENCE)
    assert not alive
