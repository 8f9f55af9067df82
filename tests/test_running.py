"""How a run of the tests goes, tried on small runs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import PROJECT
from tests.running import note_start, take_down_if_started, was_up_before

MARKERS = "[pytest]\nmarkers =\n    cloud:\n    guest:\n    terraform:\n    long:\n"
CONFTEST = """
import pytest
from tests.running import does_not_work

pytest_plugins = ["tests.running"]

@pytest.fixture(scope="session")
def cloud(request):
    try:
        raise RuntimeError("glance does not\\n run")
    except RuntimeError as error:
        does_not_work(request.session, "cloud", error)
        raise
"""
CLOUD = """
import pytest
pytestmark = pytest.mark.cloud

@pytest.mark.parametrize("number", range(5))
def test_on_the_cloud(cloud, number): pass
"""
GUEST = """
import pytest
from tests.running import cannot_be_had
pytestmark = pytest.mark.guest

@pytest.mark.parametrize("number", range(3))
def test_of_a_guest(number): cannot_be_had("a guest", "there is no\\n qemu")
"""
FAST = """
import pytest

def test_fast(): pass

@pytest.mark.long
def test_long(): assert False
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"pytest.ini": MARKERS, "conftest.py": CONFTEST, "tests/a/test_a.py": FAST}
    files |= {"tests/guest/test_boot.py": GUEST, "tests/cloud/test_b.py": CLOUD, "tests/cloud/test_c.py": CLOUD}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(folder: Path, *options: str, **more: str) -> list[str]:
    """The lines of a run's output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-ra", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'constructs'}", "PYTEST_ADDOPTS": "", **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).splitlines()


IN_PARALLEL = ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")


@pytest.mark.parametrize("workers", [(), IN_PARALLEL], ids=["in one process", "on two workers"])
def test_what_does_not_work_is_one_error_and_each_reason_is_said_once_at_the_end(
    folder: Path, workers: tuple[str, ...]
) -> None:
    lines = run(folder, *workers)
    assert "1 passed, 12 skipped, " in lines[-1]
    assert " 1 error in " in lines[-1]
    assert sorted(lines[-3:-1]) == [
        "3 tests did NOT run: a guest cannot be had: there is no qemu",
        "9 tests did NOT run: the cloud, for which another test is an error, cannot be had: glance does not run",
    ]


def test_what_is_long_runs_where_it_is_asked_for(folder: Path) -> None:
    assert "1 failed, 14 deselected" in run(folder, "-m", "long")[-1]
    assert "1 passed, 14 deselected" in run(folder, "-m", "not cloud and not guest")[-1]


def test_what_takes_longest_begins_and_one_kind_stays_on_one_worker(folder: Path) -> None:
    lines = run(folder, "--collect-only", "-q")
    assert [line.partition("::")[0] for line in lines[:14]] == [
        *["tests/cloud/test_b.py"] * 5,
        *["tests/cloud/test_c.py"] * 5,
        *["tests/guest/test_boot.py"] * 3,
        "tests/a/test_a.py",
    ]
    shown = run(folder, *IN_PARALLEL, "-v")
    for kind in ("tests/cloud/", "tests/guest/"):
        workers = {line.split("]")[0] for line in shown if line.startswith("[gw") and f" {kind}" in line}
        assert len(workers) == 1, kind


def test_a_test_of_the_cloud_elsewhere_is_refused_as_it_would_run_beside_the_others(folder: Path) -> None:
    (folder / "tests/a/test_b.py").write_text(CLOUD)
    done = run(folder)
    assert any("the marker cloud and KINDS in tests/running.py disagree" in line for line in done)


def test_what_needs_terraform_is_said_not_to_run_where_there_is_none(folder: Path) -> None:
    (folder / "tests/a/test_b.py").write_text("import pytest\n@pytest.mark.terraform\ndef test_it(): assert False\n")
    lines = run(folder, "tests/a/test_b.py", TERRAFORM_BINARY_NAME="not-here")
    assert lines[-2].startswith("1 tests did NOT run: Terraform cannot be had: not-here is not on PATH: ")


@dataclass
class Stub:
    """A cloud that is up until it is taken down."""

    folder: Path
    up: bool = True

    def is_up(self) -> bool:
        return self.up

    def down(self) -> int:
        self.up = False
        return 1


def test_a_cloud_that_somebody_else_started_stays(tmp_path: Path) -> None:
    cloud = Stub(tmp_path)
    assert was_up_before(cloud)
    take_down_if_started(cloud)
    assert cloud.up


def test_one_that_the_run_started_goes_with_it_whoever_of_its_workers_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Stub(tmp_path)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setattr("os.getppid", os.getpid)
    note_start(cloud)
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    take_down_if_started(cloud)
    assert not cloud.up
    cloud.up = True
    take_down_if_started(cloud)
    assert cloud.up


def test_one_that_a_killed_run_left_is_taken_over(tmp_path: Path) -> None:
    cloud = Stub(tmp_path)
    (tmp_path / "started-by-tests").write_text(str(2**22 + 1))
    assert not was_up_before(cloud)
    note_start(cloud)
    take_down_if_started(cloud)
    assert not cloud.up


def test_one_that_another_run_has_started_stays(tmp_path: Path) -> None:
    cloud = Stub(tmp_path)
    # The first process of all: it lives, and is no run of these tests (a worker's parent would be this very run).
    (tmp_path / "started-by-tests").write_text("1")
    assert was_up_before(cloud)
    take_down_if_started(cloud)
    assert cloud.up
