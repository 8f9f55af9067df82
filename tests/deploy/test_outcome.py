"""What became of a stack, in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.deploy import outcome, stacks
from ivc.deploy.progress import Progress
from ivc.deploy.run import Applied, Planned
from tests.deploy.outputs import document, write
from tests.deploy.test_progress import Clock, hook


@pytest.mark.parametrize(
    ("signals", "advice"),
    [
        (0, "`ivc deploy shop` goes on from there."),
        (1, "`ivc deploy shop` goes on from there."),
        (
            3,
            "The state does not know whether it is in the cloud: look for its mark, ivc:shop/<declaration>, and delete "
            "what is there before you go on.",
        ),
    ],
)
def test_what_was_cut_off_is_told_from_what_a_deploy_goes_on_with(tmp_path: Path, signals: int, advice: str) -> None:
    (shop,) = stacks.read(write(tmp_path / "cdktf.out", {"shop": document()}))
    clock = Clock()
    progress = Progress(clock)
    clock.now = 3
    progress.take(hook("start", "www-1", "create"))
    progress.signals = signals
    planned = Planned(shop, tmp_path / "plan", tmp_path / "plan.json", has_changes=True)
    said = outcome.sentence(Applied(planned, 1, signals > 0, progress, ()))
    assert said == (
        f"shop: {'interrupted' if signals else 'failed'} after 3 s; nothing until then, which the state knows. "
        f"Not done: making instance www-1. {advice}"
    )
