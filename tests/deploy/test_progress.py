"""How far a run is, by the lines of Terraform's machine-readable output, and what a person sees of it."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ivc.cli import progress_view
from ivc.deploy import stacks
from ivc.deploy.progress import Progress, duration
from ivc.deploy.stacks import Stack
from tests.deploy.outputs import document, write

SERVER = "openstack_compute_instance_v2"


def resource(name: str, type: str = SERVER) -> dict[str, Any]:
    address = f"{type}.{name}"
    return {
        "addr": address,
        "module": "",
        "resource": address,
        "resource_type": type,
        "resource_name": name,
        "resource_key": None,
    }


def planned(name: str, action: str, type: str = SERVER) -> dict[str, Any]:
    return {"type": "planned_change", "change": {"resource": resource(name, type), "action": action}}


def hook(kind: str, name: str, action: str, type: str = SERVER) -> dict[str, Any]:
    return {"type": f"apply_{kind}", "hook": {"resource": resource(name, type), "action": action}}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(clock: Callable[[], float], *lines: dict[str, Any]) -> Progress:
    progress = Progress(clock)
    for line in lines:
        progress.take(line)
    return progress


def test_a_replacement_is_two_steps(clock: Clock) -> None:
    progress = taken(
        clock,
        planned("www-1", "replace"),
        planned("www-2", "create"),
        planned("www-3", "noop"),
        hook("start", "www-1", "delete"),
        hook("complete", "www-1", "delete"),
        hook("start", "www-1", "create"),
        hook("complete", "www-1", "create"),
        hook("start", "www-2", "create"),
    )
    assert (progress.whole, progress.steps_done, dict(progress.done)) == (3, 2, {"delete": 1, "create": 1})
    assert [step.doing for step in progress.under_way.values()] == ["making instance www-2"]


def test_a_step_that_failed_is_not_done(clock: Clock) -> None:
    progress = taken(clock, hook("start", "www-1", "create"), hook("errored", "www-1", "create"))
    assert (progress.steps_done, [step.doing for step in progress.failed]) == (0, ["making instance www-1"])


def test_the_librarys_own_notes_are_not_counted(clock: Clock) -> None:
    lines = [hook(kind, "www-1__image", "create", "terraform_data") for kind in ("start", "complete")]
    progress = taken(clock, planned("www-1__image", "create", "terraform_data"), *lines)
    assert (progress.whole, progress.steps_done) == (0, 0)


def test_a_duration_reads_as_people_say_it() -> None:
    assert [duration(seconds) for seconds in (0.4, 59.9, 60, 754)] == ["0 s", "59 s", "1:00", "12:34"]


@pytest.fixture
def shop(tmp_path: Path) -> Stack:
    (stack,) = stacks.read(write(tmp_path / "cdktf.out", {"shop": document()}))
    return stack


def test_a_pipe_gets_a_line_for_each_thing(shop: Stack, clock: Clock) -> None:
    console = Console(file=StringIO(), width=80)
    view = progress_view.view(console)
    progress = taken(clock, planned("www-1", "create"), planned("www-1_net", "create", "openstack_networking_port_v2"))
    view.begin(shop, "deploying")
    for line in (hook("start", "www-1", "create"), {"type": "other"}, hook("complete", "www-1", "create")):
        step = progress.take(line)
        clock.now += 30
        if step is not None:
            view.step(step, progress)
    progress.signals, progress.ends_gently = 1, True
    view.look(progress)
    view.end(progress)
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().splitlines() == [
        "shop: deploying ...",
        "shop: instance www-1 made (1:30), 1 of 2",
        "shop: stopping: what was begun is brought to its end; that can take minutes",
    ]


@pytest.mark.parametrize(
    ("ends_gently", "signals", "words"),
    [
        (False, 1, "stopping"),
        (True, 1, "stopping: what was begun is brought to its end; that can take minutes"),
        (False, 3, "killed"),
    ],
)
def test_what_a_signal_does_is_said_as_it_is(clock: Clock, ends_gently: bool, signals: int, words: str) -> None:
    """A plan ends at once, and so does what runs where nobody can tell when a provider is quiet."""
    progress = Progress(clock, ends_gently=ends_gently)
    progress.signals = signals
    assert screen("shop: planning", progress, 80, 24) == ["shop: planning, 0 s", words]


def screen(head: str, progress: Progress, width: int, height: int) -> list[str]:
    console = Console(file=StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(progress_view.picture(head, progress, console))
    return capture.get().splitlines()


def test_a_terminal_shows_what_is_under_way_and_since_when(clock: Clock) -> None:
    progress = taken(clock, planned("www-1", "create"), planned("www-2", "create"), hook("start", "www-1", "create"))
    clock.now = 61
    progress.take(hook("start", "www-2", "create"))
    clock.now = 65
    assert screen("shop: deploying", progress, 80, 24) == [
        "shop: deploying, 0 of 2 done, 1:05",
        "  making instance www-1  1:05",
        "  making instance www-2  4 s",
    ]


def test_many_things_at_once_fit_a_small_terminal(clock: Clock) -> None:
    names = [f"www-{number}-with-a-long-name-of-many-words" for number in range(40)]
    progress = taken(
        clock, *(planned(name, "create") for name in names), *(hook("start", name, "create") for name in names)
    )
    progress.signals, progress.ends_gently = 1, True
    shown = screen("shop: deploying", progress, 40, 12)
    assert len(shown) == 11
    assert max(map(len, shown)) < 40
    assert shown[-1] == "  and 32 more"
    assert shown[1].startswith("stopping: what was begun")
