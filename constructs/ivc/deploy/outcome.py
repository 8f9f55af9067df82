"""What became of a stack, as facts and in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ivc.deploy.one_at_a_time import Rolled
from ivc.deploy.progress import duration
from ivc.deploy.run import Applied
from ivc.deploy.terraform import ENOUGH
from ivc.words.order import in_runs

_SENSITIVE = "(sensitive)"
_DONE = {"create": "made", "update": "changed", "delete": "destroyed"}


def of(applied: Applied) -> dict[str, Any]:
    """Facts for a program: `status` is `deployed`, `destroyed`, `failed` or `interrupted`; `steps` counts by action."""
    progress = applied.progress
    done = "destroyed" if applied.planned.destroys else "deployed"
    return {
        "status": done if applied.succeeded else "interrupted" if applied.interrupted else "failed",
        "steps": {action: count for action, count in progress.done.items() if count},
        "seconds": round(progress.seconds, 1),
        "errors": [str(one) for one in applied.told if one.is_error],
        "warnings": [str(one) for one in applied.told if not one.is_error],
        "outputs": shown(progress.outputs),
    }


def unchanged(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Of a stack with nothing to do."""
    return {"status": "unchanged", "steps": {}, "seconds": 0, "errors": [], "warnings": [], "outputs": shown(outputs)}


def rolled(rolled: Rolled, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Of a stack whose servers went one at a time: `servers` has those that are done, the one that failed, the rest."""
    steps = sum((one.progress.done for one in rolled.applied), Counter[str]())
    told = [trouble for one in rolled.applied for trouble in one.told]
    status = "interrupted" if rolled.interrupted else "failed"
    return {
        "status": "deployed" if rolled.succeeded else status,
        "steps": {action: count for action, count in steps.items() if count},
        "seconds": round(sum(one.progress.seconds for one in rolled.applied), 1),
        "errors": [*(str(one) for one in told if one.is_error), *([rolled.why] if rolled.why else [])],
        "warnings": [str(one) for one in told if not one.is_error],
        "outputs": shown(outputs),
        "servers": {"done": rolled.done, "failed": rolled.failed, "untouched": rolled.untouched},
    }


def not_begun() -> dict[str, Any]:
    """Of a stack that was to come after one that failed."""
    return {"status": "not begun", "steps": {}, "seconds": 0, "errors": [], "warnings": [], "outputs": {}}


def shown(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The values of outputs by name; `(sensitive)` for one that is not to be shown."""
    return {name: _SENSITIVE if one.get("sensitive") else one.get("value") for name, one in outputs.items()}


def sentence_of_rolled(name: str, rolled: Rolled) -> str:
    """What stands of a stack whose servers went one at a time; empty where none had to."""
    done = ", ".join(in_runs(rolled.done))
    if rolled.succeeded:
        return f"{name}: one at a time, and well: {done}." if done else ""
    untouched = ", ".join(in_runs(rolled.untouched))
    first = f" It judges {rolled.failed} before it touches another." if rolled.failed is not None else ""
    return (
        f"{name}: stopped: {rolled.why}. Done, and well: {done or 'none'}; not touched: {untouched or 'none'}. "
        f"`{again(name)}`, with the options of before, goes on from there.{first}"
    )


def again(name: str) -> str:
    """The command that goes on with a stack whose servers go one at a time."""
    return f"ivc deploy {name} --one-at-a-time"


def sentence(applied: Applied, *, command: str | None = None) -> str:
    """What was done, in how much time; and where it was interrupted or failed, what is left to do.

    command: what goes on from there; by default `ivc deploy`, or `destroy`, of the stack.
    """
    name, progress = applied.planned.stack.name, applied.progress
    done = ", ".join(f"{progress.done[action]} {word}" for action, word in _DONE.items() if progress.done[action])
    if applied.succeeded:
        return f"{name}: {done or 'done'} in {duration(progress.seconds)}."
    how = "interrupted" if applied.interrupted else "failed"
    open_ = [step.doing for step in (*progress.failed, *progress.under_way.values()) if not step.is_own]
    was = f" Not done: {', '.join(open_[:6])}{f' and {len(open_) - 6} more' if len(open_) > 6 else ''}." * bool(open_)
    command = command or f"ivc {'destroy' if applied.planned.destroys else 'deploy'} {name}"
    further = f"`{command}` goes on from there."
    if open_ and progress.signals >= ENOUGH and applied.planned.address is None:
        further = (
            f"The state does not know whether it is in the cloud: look for its mark, ivc:{name}/<declaration>, and "
            "delete what is there before you go on."
        )
    return (
        f"{name}: {how} after {duration(progress.seconds)}; {done or 'nothing'} until then, which the state knows."
        f"{was} {further}"
    )
