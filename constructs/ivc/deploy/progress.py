"""How far a run of Terraform is, by the lines of its machine-readable output.

The lines are described at https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Line
from ivc.estate.kinds import TRIGGER, kind
from ivc.words.foreign_text import visible

_WORDS = {
    "create": ("making", "made"),
    "read": ("looking up", "looked up"),
    "update": ("changing", "changed"),
    "delete": ("destroying", "destroyed"),
}
"""What Terraform calls an action, and our words for it, under way and done."""


@dataclass(frozen=True)
class Step:
    """Something that Terraform does to one resource. since: when it began, in seconds of `time.monotonic`."""

    address: str
    title: str
    action: str
    since: float

    @property
    def doing(self) -> str:
        """Such as `making instance www-1`."""
        return f"{_WORDS[self.action][0]} {self.title}"

    @property
    def done(self) -> str:
        """Such as `instance www-1 made`."""
        return f"{self.title} {_WORDS[self.action][1]}"

    @property
    def is_own(self) -> bool:
        """Whether it is the library's own note in the state, which is made in no time and means nothing to people."""
        return self.address.startswith(f"{TRIGGER}.")


@dataclass
class Progress:
    """What has been done, is under way, and is left.

    whole: how many steps there are, where it is known; look-ups and the library's own notes are none. asked: how many
    objects the cloud was asked for. under_way: by address, the oldest first. done: steps by action. failed: steps that
    ended with an error.
    diagnostics: what Terraform said is wrong or odd, in its order. outputs: of the stack, where it told them.
    signals: how often it was asked to stop. ends_gently: whether it then ends what it began.
    """

    clock: Callable[[], float] = time.monotonic
    whole: int = 0
    asked: int = 0
    under_way: dict[str, Step] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    failed: list[Step] = field(default_factory=list)
    diagnostics: list[Mapping[str, Any]] = field(default_factory=list)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    signals: int = 0
    ends_gently: bool = False

    def __post_init__(self) -> None:
        self.began = self.last = self.clock()

    @property
    def steps_done(self) -> int:
        """How many of the whole."""
        return sum(self.done.values())

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took."""
        return self.last - self.began

    def take(self, line: Line) -> Step | None:
        """Take in a line; returns the step that it ended well."""
        self.last = self.clock()
        kind_of_line = line.get("type")
        if kind_of_line == "planned_change":
            # A replacement is two steps.
            action, own = line["change"]["action"], line["change"]["resource"]["resource_type"] == TRIGGER
            self.whole += 0 if own else {"replace": 2}.get(action, int(action in _WORDS and action != "read"))
        elif kind_of_line == "refresh_start":
            self.asked += 1
        elif kind_of_line == "diagnostic":
            self.diagnostics.append(line["diagnostic"])
        elif kind_of_line == "outputs":
            self.outputs = line["outputs"]
        elif kind_of_line == "apply_start":
            hook = line["hook"]
            if hook["action"] in _WORDS:
                address = hook["resource"]["addr"]
                self.under_way[address] = Step(address, title(hook["resource"]), hook["action"], self.clock())
        elif kind_of_line in ("apply_complete", "apply_errored"):
            return self._ended(line["hook"]["resource"]["addr"], well=kind_of_line == "apply_complete")
        return None

    def _ended(self, address: str, *, well: bool) -> Step | None:
        step = self.under_way.pop(address, None)
        if step is None or not well:
            self.failed += [step] if step else []
            return None
        if step.action != "read" and not step.is_own:
            self.done[step.action] += 1
        return step


class View(Protocol):
    """Who watches."""

    def begin(self, stack: Stack, doing: str) -> None:
        """Something begins: `initializing`, `planning`, `deploying`, `destroying`."""

    def step(self, step: Step, progress: Progress) -> None:
        """A step is done."""

    def look(self, progress: Progress) -> None:
        """Time has passed; many times a second."""

    def end(self, progress: Progress) -> None:
        """It is over."""


def title(resource: Mapping[str, Any]) -> str:
    """What people call a resource of Terraform's output, such as `instance www-1`."""
    name = resource["resource_name"]
    if resource.get("resource_key") is not None:
        name += f"[{resource['resource_key']}]"
    inside = f"{resource['module']}." if resource.get("module") else ""
    return visible(f"{kind(resource['resource_type'])} {inside}{name}")


def duration(seconds: float) -> str:
    """Such as `45 s` or `2:05`."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02}"
