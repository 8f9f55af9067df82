"""What Terraform does, to watch: in a terminal a few lines that change, elsewhere a line for each thing done."""

from __future__ import annotations

import time

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from ivc.deploy.progress import Progress, Step, duration
from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import ENOUGH

_REDRAWN = 0.25
_MOST_LINES = 12
_SILENCE = 30
"""Seconds after which a line says that it goes on, where no terminal shows it."""
_STOPPING = (
    "",
    "stopping: what was begun is brought to its end; that can take minutes",
    "still stopping; a third Ctrl-C kills Terraform, and then the state does not know what is being made",
    "killed",
)


def view(console: Console) -> Terminal | Lines:
    """A view for a console."""
    return Terminal(console) if console.is_terminal else Lines(console)


class Terminal:
    """Lines that change, and go when it is over."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._head = ""
        self._drawn = 0.0

    def begin(self, stack: Stack, doing: str) -> None:
        self._head = f"{stack.name}: {doing}"
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(Text(f"{self._head} ...", style="bold"), refresh=True)
        self._drawn = time.monotonic()

    def step(self, step: Step, progress: Progress) -> None:
        pass

    def look(self, progress: Progress) -> None:
        if self._live is not None and time.monotonic() - self._drawn >= _REDRAWN:
            self._drawn = time.monotonic()
            self._live.update(picture(self._head, progress, self._console), refresh=True)

    def end(self, progress: Progress) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


class Lines:
    """A line for each step, and one now and then where nothing ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._name = ""
        self._said = 0.0
        self._signals = 0

    def begin(self, stack: Stack, doing: str) -> None:
        self._name = stack.name
        self._say(f"{doing} ...")

    def step(self, step: Step, progress: Progress) -> None:
        if step.action != "read" and not step.is_own:
            took = duration(progress.clock() - step.since)
            self._say(f"{step.done} ({took}), {progress.steps_done} of {progress.whole}")

    def look(self, progress: Progress) -> None:
        if progress.signals > self._signals:
            self._signals = progress.signals
            self._say(_stopping(progress))
        if time.monotonic() - self._said >= _SILENCE:
            self._say(", ".join([f"{duration(progress.clock() - progress.began)} so far", *_in_words(progress)]))

    def end(self, progress: Progress) -> None:
        self._signals = 0

    def _say(self, words: str) -> None:
        self._said = time.monotonic()
        self._console.print(Text(f"{self._name}: {words}"), soft_wrap=True)


def picture(head: str, progress: Progress, console: Console) -> Group:
    """What a terminal shows: no more lines than it has, none longer than it is wide."""
    now = progress.clock()
    counted = f", {progress.steps_done} of {progress.whole} done" if progress.whole else ""
    asked = f", {progress.asked} objects asked for" if progress.asked and not progress.steps_done else ""
    failed = f", {len(progress.failed)} failed" if progress.failed else ""
    lines = [Text(f"{head}{counted}{asked}{failed}, {duration(now - progress.began)}", style="bold")]
    if progress.signals:
        lines.append(Text(_stopping(progress), style="bold yellow"))
    steps = [step for step in progress.under_way.values() if not step.is_own]
    most = max(min(_MOST_LINES, console.height - 4), 1)
    width = max((len(step.doing) for step in steps[:most]), default=0)
    lines += [Text(f"  {step.doing:<{width}}  {duration(now - step.since)}") for step in steps[:most]]
    if len(steps) > most:
        lines.append(Text(f"  and {len(steps) - most} more", style="dim"))
    for line in lines:
        line.truncate(console.width - 1, overflow="ellipsis")
    return Group(*lines)


def _in_words(progress: Progress) -> list[str]:
    """What is under way, in a line."""
    steps = [step for step in progress.under_way.values() if not step.is_own]
    if not steps:
        return [f"{progress.asked} objects asked for"] if progress.asked else []
    more = [f"and {len(steps) - 1} more"] if len(steps) > 1 else []
    return [f"{steps[0].doing} ({duration(progress.clock() - steps[0].since)})", *more]


def _stopping(progress: Progress) -> str:
    if not progress.ends_gently and progress.signals < ENOUGH:
        return "stopping"
    return _STOPPING[min(progress.signals, len(_STOPPING) - 1)]
