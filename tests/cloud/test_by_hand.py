"""Each edit of the corpus that is written by hand, run: what the plan says, and what the apply did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from practice.cloud import Cloud

from ivc.review import reviewer
from ivc.review.model import StackReview
from ivc.review.reviewer import PlanFile
from tests.cloud.terraform import Deployment
from tests.review.by_hand import EDITS, FOLDER, Edit
from tests.review.folders import dangers
from tests.review.test_by_hand import write


@dataclass(frozen=True)
class Run:
    """The reviews of all edits, and what is left to do after they were applied."""

    plan: StackReview
    both: StackReview
    left: str


@pytest.fixture(scope="module")
def run(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("by-hand")
    deployment = Deployment(folder, credentials=cloud.credentials())
    live = folder / "live"
    here = {"folder": live / FOLDER}
    options = ("-input=false", "-no-color")
    write(live, "before")
    deployment.run("init", *options, **here)
    try:
        deployment.run("apply", "-auto-approve", *options, "-parallelism=40", **here)
        write(live, "after")
        deployment.run("init", *options, **here)
        deployment.run("plan", "-out=plan", *options, **here)
        plan = folder / "plan.json"
        plan.write_text(deployment.run("show", "-json", "plan", **here))
        deployment.run("apply", *options, "-parallelism=40", "plan", **here)
        left = deployment.run("plan", *options, **here)
        yield Run(
            plan=_reviewed(plan=[PlanFile(plan)]),
            both=_reviewed(
                base=write(folder / "base", "before"), head=write(folder / "head", "after"), plan=[PlanFile(plan)]
            ),
            left=left,
        )
    finally:
        deployment.run("destroy", "-auto-approve", *options, "-parallelism=40", **here)


def _reviewed(**read: object) -> StackReview:
    (stack,) = reviewer.review(**read).stacks  # type: ignore[arg-type]
    return stack


@pytest.mark.parametrize("which", ["plan", "both"])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.what)
def test_a_plan_tells_what_is_dangerous(run: Run, edit: Edit, which: str) -> None:
    found = dangers(getattr(run, which))
    expected = {**edit.dangers, **edit.by_plan}
    assert {what: found.get(what) for what in expected} == expected


@pytest.mark.parametrize("which", ["plan", "both"])
def test_nothing_else_is_called_dangerous_and_all_is_judged(run: Run, which: str) -> None:
    review: StackReview = getattr(run, which)
    expected = {what: given for edit in EDITS for what, given in {**edit.dangers, **edit.by_plan}.items()}
    assert {what: given for what, given in dangers(review).items() if given} == expected
    assert review.unread == ()


def test_the_apply_did_what_the_plan_said(run: Run) -> None:
    assert "No changes." in run.left
