"""A run: plan stacks, review the plans, and apply those very files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivc.deploy import calls, encryption, ending, moving, stacks, triggers
from ivc.deploy.calls import FailedError, silent
from ivc.deploy.errors import DeployError
from ivc.deploy.progress import Progress, View
from ivc.deploy.readiness import Readiness
from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Line, Terraform
from ivc.deploy.terraform_cloud import RunLog, saved_run
from ivc.deploy.trouble import Trouble, troubles
from ivc.review import reviewer
from ivc.review.model import Review
from ivc.review.reviewer import PlanFile

_JSON = "plan.json"
_OF_AN_INTERRUPT = ("execution halted", "Operation interrupted", "operation canceled")


@dataclass(frozen=True)
class Planned:
    """A plan. file: what Terraform wrote, and applies. json: the same as JSON, which holds secrets in clear.

    has_changes: whether to apply it does anything. destroys: whether it is to take the whole stack away. told: what
    Terraform found odd. address: of its run, where that is made in Terraform Cloud. targets: the addresses to which it
    is limited; of all where there are none.
    """

    stack: Stack
    file: Path
    json: Path
    has_changes: bool
    destroys: bool = False
    told: tuple[Trouble, ...] = ()
    address: str | None = None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Applied:
    """What became of a plan. status: 0 where all of it was done. told: what is wrong or odd."""

    planned: Planned
    status: int
    interrupted: bool
    progress: Progress
    told: tuple[Trouble, ...]

    @property
    def succeeded(self) -> bool:
        """Whether all of it was done."""
        return self.status == 0


class Run:
    """Terraform's calls for the stacks of one output folder.

    calls_at_a_time: to the cloud. store: a folder of secrets, a file for each variable.
    """

    def __init__(self, terraform: Terraform, view: View, *, calls_at_a_time: int, store: Path | None = None) -> None:
        self._terraform = terraform
        self._view = view
        self._calls_at_a_time = calls_at_a_time
        self._readiness = Readiness(terraform, view, store)

    def plan(
        self, stack: Stack, *, destroy: bool = False, targets: Sequence[str] = (), replace: Sequence[str] = ()
    ) -> Planned:
        """Plan a stack, and keep the plan.

        targets: addresses to which it is limited, with what they need. replace: addresses of what is to be made anew
        though nothing else asks for it.

        Raises FailedError where Terraform cannot plan it, with what it said.
        """
        self._readiness.to_plan(stack)
        options = [f"-target={address}" for address in targets] + [f"-replace={address}" for address in replace]
        if destroy:
            options.append("-destroy")
        digest = stack.digest()
        if triggers.replaces_for_new(self._terraform) and not destroy:
            pulled = json.loads(self._answer(stack, "state", "pull") or "{}")
            with triggers.of_state(stack.folder / "cdk.tf.json", pulled):
                planned = self._plan(stack, options, destroys=False)
        else:
            planned = self._plan(stack, options, destroys=destroy)
        note = {"digest": digest, "destroys": destroy, "targets": [*targets]}
        (stack.workspace / "planned.json").write_text(json.dumps(note) + "\n")
        return dataclasses.replace(planned, targets=tuple(targets))

    def _plan(self, stack: Stack, options: Sequence[str], *, destroys: bool) -> Planned:
        file = stack.workspace / "plan"
        file.unlink(missing_ok=True)
        progress, status, signals = self._watch(
            stack, "planning", "plan", "-input=false", "-json", f"-out={file}", *self._parallelism(stack), *options
        )
        told = troubles(progress.diagnostics, stack, self._terraform)
        if signals or status:
            # Of a plan that failed half way Terraform writes what there is, the values of variables among it.
            file.unlink(missing_ok=True)
        if signals:
            raise DeployError(f"stack {stack.name}: stopped while it was planned; nothing was changed")
        if status:
            raise FailedError([one for one in told if one.is_error] or [silent(stack, "planned")])
        file.chmod(0o600)
        json_file = self._as_json(stack, file)
        changes, there = _has_changes(json_file), self._address(stack, file)
        return Planned(stack, file, json_file, changes, destroys, tuple(told), there)

    def planned(self, stack: Stack) -> Planned:
        """The kept plan to deploy; raises DeployError where there is none, or where it is of another synthesis."""
        file = stack.workspace / "plan"
        try:
            said = json.loads((stack.workspace / "planned.json").read_bytes())
        except FileNotFoundError:
            raise DeployError(f"stack {stack.name}: no plan is kept of it; run `ivc plan {stack.name}`") from None
        if not file.is_file():
            raise DeployError(
                f"stack {stack.name}: its plan failed, or was applied; run `ivc plan {stack.name}` for another"
            )
        if said["destroys"]:
            raise DeployError(
                f"stack {stack.name}: the plan that is kept was made by `ivc destroy`, which alone applies it; run "
                f"`ivc plan {stack.name}`"
            )
        if said["digest"] != stack.digest():
            raise DeployError(
                f"stack {stack.name}: it was synthesized anew since its plan was made, and is another now; run "
                f"`ivc plan {stack.name}`"
            )
        self._readiness.to_plan(stack)
        json_file = self._as_json(stack, file)
        changes, there = _has_changes(json_file), self._address(stack, file)
        targets = tuple(said.get("targets", ()))  # of an older version's plan nobody noted them
        return Planned(stack, file, json_file, changes, address=there, targets=targets)

    def apply(self, planned: Planned) -> Applied:
        """Apply a plan, that very file. It can be applied once: Terraform refuses it when the state has moved on."""
        stack, run = planned.stack, saved_run(planned.file)
        progress, status, signals = self._watch(
            stack,
            "destroying" if planned.destroys else "deploying",
            "apply",
            "-input=false",
            "-json",
            *self._parallelism(stack),
            # No -auto-approve: OpenTofu leaves it to others then to confirm the run of a plan that was saved there.
            str(planned.file),
        )
        service = self._readiness.service(stack)
        if signals and service and run:
            # Terraform itself does not know: it did not wait for its end.
            status = int(service.status(run) != "applied")
        planned.file.unlink(missing_ok=True)
        # What Terraform says of an interrupt, everybody knows who sent it.
        said = [one for one in progress.diagnostics if not (signals and one.get("summary") in _OF_AN_INTERRUPT)]
        told = tuple(troubles(said, stack, self._terraform))
        if status and not signals and not any(one.is_error for one in told):
            told = (silent(stack, "deployed"), *told)
        return Applied(planned, status, signals > 0, progress, told)

    def encrypt_state(self, planned: Planned) -> bool:
        """Apply a plan without changes where the state may not stand encrypted as it is declared until it is written;
        returns whether it was. Raises FailedError where that cannot be.
        """
        if not encryption.has_former(planned.stack.settings):
            return False
        applied = self.apply(planned)
        if not applied.succeeded:
            of, what = (f"stack {planned.stack.name}",), "it was interrupted before its state was encrypted"
            raise FailedError(
                [one for one in applied.told if one.is_error] or [Trouble(True, None, of, what, "deploy again")]
            )
        return True

    def discard(self, planned: Planned) -> None:
        """Have nobody apply a plan that was not wanted; one that was made here is its file."""
        service, run = self._readiness.service(planned.stack), saved_run(planned.file)
        if service and run:
            service.discard(run)

    def forget(self, planned: Planned) -> None:
        """Likewise, and keep no plan at all: it was for one command alone. One that was applied is gone already."""
        if planned.file.is_file():
            self.discard(planned)
            planned.file.unlink()

    def move_state(self, stack: Stack, *, former: Path | None) -> str:
        """Move a stack's state to where it is declared; returns what was done.

        former: an output folder from when it was elsewhere; by default Terraform's own note tells. Raises
        DeployError where nothing tells where it is, where it is there already, and where it cannot be moved.
        """
        self._readiness.to_move(stack)
        (before,) = stacks.read(former, [stack.name]) if former is not None else (None,)
        settings = before.settings if before is not None else moving.former_settings(stack)
        if settings is None:
            raise DeployError(
                f"stack {stack.name}: nothing tells of another place of its state; name the folder of the output from "
                f"when it was there, ivc move-state {stack.name} --from FOLDER"
            )

        def run(arguments: Sequence[str], folder: Path) -> str:
            given = self._readiness.given(stack)
            return calls.said(self._terraform, stack, *arguments, environment=given, folder=folder)

        return moving.move(run, stack, former=settings, copy_to=stack.workspace)

    def outputs(self, stack: Stack) -> dict[str, Any]:
        """The outputs of a stack as Terraform says them: `{name: {"value": ..., "sensitive": ...}}`."""
        self._readiness.to_read(stack)
        found: dict[str, Any] = json.loads(self._answer(stack, "output", "-json"))
        return found

    def state(self, stack: Stack, *, seen_by: Planned | None = None) -> dict[str, Any]:
        """What the state of a stack holds, as `terraform show -json` says it.

        seen_by: a plan that was not applied yet; what is in the cloud by now is what that saw when it was made.
        """
        self._readiness.to_read(stack)
        found: dict[str, Any] = json.loads(
            self._answer(stack, "show", "-json", *([str(seen_by.file)] if seen_by else []))
        )
        return found if seen_by is None else found.get("prior_state", {})

    def _address(self, stack: Stack, plan: Path) -> str | None:
        service, run = self._readiness.service(stack), saved_run(plan)
        return service.workspace.address(run) if service and run else None

    def _parallelism(self, stack: Stack) -> list[str]:
        # Where it runs elsewhere the flag is refused.
        return [] if self._readiness.service(stack) else [f"-parallelism={self._calls_at_a_time}"]

    def _as_json(self, stack: Stack, file: Path) -> Path:
        target = stack.workspace / _JSON
        target.touch(mode=0o600)
        target.write_text(self._answer(stack, "show", "-json", str(file)))
        return target

    def _answer(self, stack: Stack, *arguments: str) -> str:
        given = self._readiness.given(stack)
        return calls.json_in(calls.said(self._terraform, stack, *arguments, environment=given))

    def _watch(self, stack: Stack, doing: str, *arguments: str) -> tuple[Progress, int, int]:
        service = self._readiness.service(stack)
        # Where it runs elsewhere, Terraform here only looks on.
        gently = arguments[0] == "apply" and service is None and ending.IS_POSSIBLE
        progress, signals = Progress(ends_gently=gently), 0

        def on_line(line: Line) -> None:
            step = progress.take(line)
            if step is not None:
                self._view.step(step, progress)

        log = stack.workspace / f"{arguments[0]}.log"
        there = RunLog(service, arguments[0], log) if service else None

        def on_look(count: int) -> None:
            nonlocal signals
            signals = progress.signals = count
            for line in there.lines() if there else ():
                on_line(line)
            self._view.look(progress)

        self._view.begin(stack, doing)
        try:
            status = self._terraform.watch(
                *arguments,
                folder=stack.folder,
                environment=self._readiness.given(stack),
                log=log,
                on_line=on_line,
                on_look=on_look,
                gently=gently,
            )
            for lines in there.to_its_end(interrupt=signals > 0) if there else ():
                for line in lines:
                    on_line(line)
                self._view.look(progress)
            if there and status and not progress.diagnostics:
                progress.diagnostics += calls.errors(log.read_text(errors="replace"))
        finally:
            self._view.end(progress)
        if not status or progress.diagnostics:
            # All of it was told; and of a rule of a variable that fails Terraform writes the value, sensitive or not.
            log.unlink()
        return progress, status, signals


def review(planned: Sequence[Planned], *, base: Path | None = None) -> Review:
    """What plans will do, as `ivc review --head FOLDER --plan STACK=FILE` of the same files says it.

    Of plans to destroy it reads no folder: what is declared does not come.
    """
    head = None if planned[0].destroys else planned[0].stack.output
    return reviewer.review(base=base, head=head, plan=[PlanFile(one.json, one.stack.name) for one in planned])


def forget_json(stacks: Sequence[Stack]) -> None:
    """Take the JSON of plans away, which holds secrets in clear, when it has been reviewed."""
    for stack in stacks:
        (stack.workspace / _JSON).unlink(missing_ok=True)


def _has_changes(json_file: Path) -> bool:
    """Whether applying it changes the cloud, the state or an output."""
    said = json.loads(json_file.read_bytes())
    if "applyable" in said:
        return bool(said["applyable"])
    outputs = said.get("output_changes", {}).values()
    changes = [*(one["change"] for one in said.get("resource_changes", ()) if one["mode"] == "managed"), *outputs]
    return any(one["actions"] != ["no-op"] for one in changes)
