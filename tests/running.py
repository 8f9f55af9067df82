"""How a run of the tests goes: what is left out, what runs beside what, and a loud word on what could not run.

A plugin of pytest, which tests/conftest.py loads.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Never, Protocol

import psutil
import pytest

#: Kinds of tests that take long, each by its marker, and where they stand: on their worker of pytest-xdist, one after
#: the other, as there can be one practice cloud on a machine, and a guest takes two cores by itself.
KINDS = {
    "cloud": (
        "tests/cloud/",
        "tests/practice/test_lifecycle.py",
        "tests/practice/test_starts.py",
        "tests/practice/test_extras.py",
    ),
    "guest": (
        "tests/guest/test_baking.py",
        "tests/guest/test_boot.py",
        "tests/guest/test_seed.py",
        "tests/guest/test_volumes.py",
        "tests/guest/examples/",
    ),
}
_CANNOT = " cannot be had: "
_REASON = pytest.StashKey[dict[str, str]]()


def cannot_be_had(what: str, why: object) -> Never:
    """Skip what needs something that this machine does not have; the run's last lines say so once."""
    pytest.skip(f"{what}{_CANNOT}{' '.join(str(why).split())}")


def does_not_work(session: pytest.Session, marker: str, why: BaseException) -> None:
    """Say in a fixture, before it fails, that what all tests with a marker need does not work though it should: the one
    test that asked for it is an error, and all others are skipped with the reason.
    """
    said = " ".join(str(why).split()) or type(why).__name__
    session.stash.setdefault(_REASON, {})[marker] = said


class Startable(Protocol):
    """Of the practice cloud, what is used here."""

    @property
    def folder(self) -> Path: ...

    def is_up(self) -> bool: ...

    def down(self) -> int: ...


def was_up_before(cloud: Startable) -> bool:
    """Whether somebody else started the cloud, whose it stays. One that a killed run of the tests left is nobody's."""
    return cloud.is_up() and (_starter(cloud) is None or psutil.pid_exists(_starter(cloud) or 0))


def note_start(cloud: Startable) -> None:
    """Note that this run starts the cloud, for whoever has to take it down."""
    _note(cloud).write_text(str(_run()))


def take_down_if_started(cloud: Startable) -> None:
    """Take the cloud down, if it was this run that started it."""
    if _starter(cloud) == _run():
        cloud.down()
        _note(cloud).unlink()


def _note(cloud: Startable) -> Path:
    return cloud.folder / "started-by-tests"


def _starter(cloud: Startable) -> int | None:
    with suppress(OSError, ValueError):
        return int(_note(cloud).read_text())
    return None


def _run() -> int:
    # A worker of pytest-xdist is a child of the process that the run is.
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Takes down what a worker started that could not do so itself: it was interrupted, or it died."""
    from practice.cloud import Cloud

    if not hasattr(config, "workerinput"):
        take_down_if_started(Cloud())


def group_of(nodeid: str) -> str:
    """The kind of a test, or else its module: what is made for all of them is made once, on one worker."""
    path = nodeid.partition("::")[0]
    return next((kind for kind, places in KINDS.items() if path.startswith(places)), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A scheduler by groups; `--dist loadgroup` does not see its marks under pytest 9.2 (pytest-xdist issue 1386)."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts what takes longest first, and leaves out what is long where nobody asked for it (`-m long`)."""
    for item in items:
        for kind in KINDS:
            if (item.get_closest_marker(kind) is not None) != (group_of(item.nodeid) == kind):
                raise pytest.UsageError(f"{item.nodeid}: the marker {kind} and KINDS in tests/running.py disagree")
    order = [*KINDS]
    items.sort(key=lambda item: order.index(group) if (group := group_of(item.nodeid)) in order else len(order))
    if "long" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs something that is known not to work, or Terraform where there is none."""
    for marker, why in item.session.stash.get(_REASON, {}).items():
        if item.get_closest_marker(marker):
            cannot_be_had(f"the {marker}, for which another test is an error,", why)
    if item.get_closest_marker("terraform"):
        from tests.program import terraform

        terraform()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Any:
    """Ends with one line for each thing that was not to be had, and how many tests did not run for it."""
    yield
    skipped = terminalreporter.stats.get("skipped", ())
    reasons = (report.longrepr[2].removeprefix("Skipped: ") for report in skipped if isinstance(report.longrepr, tuple))
    for reason, count in Counter(reason for reason in reasons if _CANNOT in reason).items():
        terminalreporter.write_line(f"{count} tests did NOT run: {reason}", red=True, bold=True)
