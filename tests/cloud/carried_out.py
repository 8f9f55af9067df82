"""Edits of the review's corpora, carried out: what the folders alone told, what the plan says, and the apply."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivc import OpenStackStack
from ivc.review import reviewer
from ivc.review.model import StackReview, Thing
from ivc.review.reviewer import PlanFile
from tests.cloud.terraform import Deployment
from tests.review.edits import STACK, Edit, World, declare


@dataclass(frozen=True)
class Reviews:
    """What was said of all edits by the two folders, by the plan, and by both together."""

    folders: StackReview
    plan: StackReview
    both: StackReview


def make(deployment: Deployment, side: str, world: World, edits: Sequence[Edit]) -> None:
    """Declare and apply one side of all edits."""
    deployment.declare(_of(side, world, edits))
    deployment.apply()


def carry_out(deployment: Deployment, world: World, edits: Sequence[Edit], folder: Path) -> Reviews:
    """Go from the side `before`, which was applied, to the side `after`. folder: for what is compared."""
    base = _kept(deployment, folder / "base")
    deployment.declare(_of("after", world, edits))
    head = _kept(deployment, folder / "head")
    deployment.plan()
    plan = deployment.folder / "plan.json"
    plan.write_text(deployment.run("show", "-json", "plan"))
    deployment.run("apply", "-input=false", "-no-color", "-parallelism=40", "plan")
    return Reviews(
        folders=_reviewed(base=base, head=head),
        plan=_reviewed(plan=[PlanFile(plan)]),
        both=_reviewed(base=base, head=head, plan=[PlanFile(plan)]),
    )


def take_away(deployment: Deployment) -> None:
    """Destroy all of it; what is protected must be declared no longer before that."""
    deployment.declare(_nothing)
    deployment.apply()


def _nothing(stack: OpenStackStack) -> None:
    """Declares nothing."""


def labelled(review: StackReview) -> dict[str, Thing]:
    """By kind and name, as the edits call them, what changes."""
    return {f"{thing.kind} {thing.id}": thing for thing in review.things}


def planned(edit: Edit, label: str) -> str:
    """What the plan is to say of a thing."""
    return edit.plan[label][0] if label in edit.plan else edit.does[label].removesuffix("?")


def _of(side: str, world: World, edits: Sequence[Edit]) -> Callable[[OpenStackStack], None]:
    return lambda stack: declare(stack, side, world, edits)


def _kept(deployment: Deployment, folder: Path) -> Path:
    shutil.copytree(deployment.folder / "cdktf.out", folder, ignore=shutil.ignore_patterns(".terraform", "plan"))
    return folder


def _reviewed(**read: object) -> StackReview:
    (stack,) = reviewer.review(**read).stacks  # type: ignore[arg-type]
    assert stack.name == STACK
    return stack
