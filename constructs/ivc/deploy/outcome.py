"""What became of a stack, as facts and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivc.deploy.progress import duration
from ivc.deploy.run import Applied
from ivc.deploy.terraform import ENOUGH

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


def not_begun() -> dict[str, Any]:
    """Of a stack that was to come after one that failed."""
    return {"status": "not begun", "steps": {}, "seconds": 0, "errors": [], "warnings": [], "outputs": {}}


def shown(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The values of outputs by name; `(sensitive)` for one that is not to be shown."""
    return {name: _SENSITIVE if one.get("sensitive") else one.get("value") for name, one in outputs.items()}


def sentence(applied: Applied) -> str:
    """What was done, in how much time; and where it was interrupted or failed, what is left to do."""
    name, progress = applied.planned.stack.name, applied.progress
    done = ", ".join(f"{progress.done[action]} {word}" for action, word in _DONE.items() if progress.done[action])
    if applied.succeeded:
        return f"{name}: {done or 'done'} in {duration(progress.seconds)}."
    how = "interrupted" if applied.interrupted else "failed"
    open_ = [step.doing for step in (*progress.failed, *progress.under_way.values()) if not step.is_own]
    was = f" Not done: {', '.join(open_[:6])}{f' and {len(open_) - 6} more' if len(open_) > 6 else ''}." * bool(open_)
    again = f"`ivc {'destroy' if applied.planned.destroys else 'deploy'} {name}` goes on from there."
    if open_ and progress.signals >= ENOUGH and applied.planned.address is None:
        again = (
            f"The state does not know whether it is in the cloud: look for its mark, ivc:{name}/<declaration>, and "
            "delete what is there before you go on."
        )
    return (
        f"{name}: {how} after {duration(progress.seconds)}; {done or 'nothing'} until then, which the state knows."
        f"{was} {again}"
    )
