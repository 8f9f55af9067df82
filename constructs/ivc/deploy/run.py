"""A run: plan stacks, review the plans, and apply those very files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ivc.deploy.errors import DeployError
from ivc.deploy.only import targets
from ivc.deploy.progress import Progress, Step
from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Line, Terraform
from ivc.deploy.terraform_cloud import RunLog, Service, Workspace, check_variables, saved_run
from ivc.deploy.trouble import Trouble, troubles
from ivc.review import reviewer
from ivc.review.model import Review
from ivc.review.reviewer import PlanFile

CALLS_AT_A_TIME = 40

_QUIET = ("-input=false", "-no-color")
_ERROR = re.compile(r"^(?:│ ?)?Error: (?P<summary>.*)$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"^[╷│╵] ?", re.MULTILINE)
_SNIPPET = re.compile(r"^ +(?:on \S+ line \d+.*|with \S+,|\d+: .*)\n", re.MULTILINE)
_OF_AN_INTERRUPT = ("execution halted", "Operation interrupted")
_ASKS_FOR_UPGRADE = "init -upgrade"


class FailedError(DeployError):
    """Terraform cannot do it. Its text is a sentence for each error, on lines of their own."""

    def __init__(self, told: Sequence[Trouble]) -> None:
        super().__init__("\n".join(map(str, told)))


class View(Protocol):
    """Who watches a run."""

    def begin(self, stack: Stack, doing: str) -> None:
        """Something begins: `planning`, `deploying`, `destroying`."""

    def step(self, step: Step, progress: Progress) -> None:
        """A step is done."""

    def look(self, progress: Progress) -> None:
        """Time has passed; many times a second."""

    def end(self, progress: Progress) -> None:
        """It is over."""


@dataclass(frozen=True)
class Planned:
    """A plan. file: what Terraform wrote, and applies. json: the same as JSON, which holds secrets in clear.

    digest: of what it was made of. has_changes: whether to apply it does anything. destroys: whether it is to take the
    whole stack away. told: what Terraform found odd. address: of its run, where that is made in Terraform Cloud.
    """

    stack: Stack
    file: Path
    json: Path
    digest: str
    has_changes: bool
    destroys: bool = False
    told: tuple[Trouble, ...] = ()
    address: str | None = None


@dataclass(frozen=True)
class Applied:
    """What became of a plan. told: what is wrong or odd. left: what was under way, or failed, when it ended."""

    planned: Planned
    status: int
    interrupted: bool
    progress: Progress
    told: tuple[Trouble, ...]

    @property
    def succeeded(self) -> bool:
        """Whether all of it was done."""
        return self.status == 0


@dataclass
class Run:
    """Terraform's calls for the stacks of one output folder.

    calls: how many to the cloud at a time. environment: what Terraform gets beside this process's own, by stack.
    """

    terraform: Terraform
    view: View
    calls: int = CALLS_AT_A_TIME
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _services: dict[str, Service | None] = field(default_factory=dict)

    def plan(self, stack: Stack, *, destroy: bool = False, only: Sequence[str] = ()) -> Planned:
        """Plan a stack, and keep the plan. only: servers to which it is limited.

        Raises FailedError where Terraform cannot plan it, with what it said.
        """
        self.initialize(stack)
        options = [f"-target={address}" for address in (targets(stack, only) if only else ())]
        file = stack.workspace / "plan"
        file.unlink(missing_ok=True)
        digest = stack.digest()
        progress, status, signals = self._watch(
            stack,
            "planning",
            "plan",
            "-input=false",
            "-json",
            f"-out={file}",
            *self._parallelism(stack),
            *(["-destroy"] if destroy else []),
            *options,
        )
        told = troubles(progress.diagnostics, stack, self.terraform)
        if signals:
            raise DeployError(f"stack {stack.name}: stopped while it was planned; nothing was changed")
        if status:
            raise FailedError([one for one in told if one.is_error] or [_unknown(stack, "planned")])
        file.chmod(0o600)
        json_file = self._as_json(stack, file)
        (stack.workspace / "planned.json").write_text(json.dumps({"digest": digest, "destroys": destroy}) + "\n")
        changes, there = _has_changes(json_file), self._address(stack, file)
        return Planned(stack, file, json_file, digest, changes, destroy, tuple(told), there)

    def planned(self, stack: Stack) -> Planned:
        """The plan that was kept; raises DeployError where there is none, or where it is of another synthesis."""
        file = stack.workspace / "plan"
        try:
            said = json.loads((stack.workspace / "planned.json").read_bytes())
        except FileNotFoundError:
            raise DeployError(f"stack {stack.name}: no plan is kept of it; run `ivc plan {stack.name}`") from None
        if not file.is_file():
            raise DeployError(f"stack {stack.name}: its plan was applied; run `ivc plan {stack.name}` for another")
        if said["digest"] != stack.digest():
            raise DeployError(
                f"stack {stack.name}: it was synthesized anew since its plan was made, and is another now; run "
                f"`ivc plan {stack.name}`"
            )
        self.initialize(stack)
        json_file = self._as_json(stack, file)
        changes, there = _has_changes(json_file), self._address(stack, file)
        return Planned(stack, file, json_file, said["digest"], changes, said["destroys"], (), there)

    def apply(self, planned: Planned) -> Applied:
        """Apply a plan, that very file. It can be applied once: Terraform refuses it when the state has moved on."""
        stack = planned.stack
        progress, status, signals = self._watch(
            stack,
            "destroying" if planned.destroys else "deploying",
            "apply",
            "-input=false",
            "-json",
            *self._parallelism(stack),
            # An interrupt has Terraform ask otherwise whether to cancel the run there.
            *(["-auto-approve"] if stack.is_remote else []),
            str(planned.file),
        )
        service, run = self._services.get(stack.name), saved_run(planned.file)
        if signals and service and run:
            # Terraform exits with 0 after an interrupt.
            status = int(service.status(run) != "applied")
        planned.file.unlink(missing_ok=True)
        # What Terraform says of an interrupt, everybody knows who sent it.
        said = [one for one in progress.diagnostics if not (signals and one.get("summary") in _OF_AN_INTERRUPT)]
        told = tuple(troubles(said, stack, self.terraform))
        if status and not signals and not any(one.is_error for one in told):
            told = (_unknown(stack, "deployed"), *told)
        return Applied(planned, status, signals > 0, progress, told)

    def discard(self, planned: Planned) -> None:
        """Have nobody apply a plan that was not wanted; one that was made here is its file."""
        service, run = self._services.get(planned.stack.name), saved_run(planned.file)
        if service and run:
            service.discard(run)

    def outputs(self, stack: Stack) -> dict[str, Any]:
        """The outputs of a stack as Terraform says them: `{name: {"value": ..., "sensitive": ...}}`."""
        self.initialize(stack)
        found: dict[str, Any] = json.loads(self._run(stack, "output", "-json"))
        return found

    def initialize(self, stack: Stack) -> None:
        """Have Terraform make a stack's folder ready, unless it did so already for the same settings.

        Raises DeployError where it is to run elsewhere and cannot.
        """
        service = self._sign_in(stack)
        self._initialize(stack)
        if service is not None and stack.name not in self._services:
            there = service.runs_there()
            if there:
                check_variables(stack.name, stack.document.raw, self._environment(stack))
            self._services[stack.name] = service if there else None

    def _sign_in(self, stack: Stack) -> Service | None:
        if stack.name in self._services:
            return self._services[stack.name]
        environment = self._environment(stack)
        workspace = Workspace.of(stack.name, stack.settings, environment)
        return None if workspace is None else Service.sign_in(workspace, environment)

    def _environment(self, stack: Stack) -> Mapping[str, str]:
        return {**os.environ, **self.environment.get(stack.name, {})}

    def _address(self, stack: Stack, plan: Path) -> str | None:
        service, run = self._services.get(stack.name), saved_run(plan)
        return service.workspace.address(run) if service and run else None

    def _initialize(self, stack: Stack) -> None:
        noted = stack.workspace / "initialized"
        wanted = self._settings(stack)
        ready = (stack.folder / ".terraform").is_dir() and (stack.folder / ".terraform.lock.hcl").is_file()
        if ready and noted.is_file() and noted.read_text() == wanted:
            return
        self._check_version(stack)
        self.view.begin(stack, "initializing")
        try:
            self._run(stack, "init", *_QUIET)
        except FailedError as failed:
            # Another version was declared, on purpose: the lock file holds the former one.
            if _ASKS_FOR_UPGRADE not in str(failed):
                raise
            self._run(stack, "init", *_QUIET, "-upgrade")
        noted.write_text(wanted)

    def _check_version(self, stack: Stack) -> None:
        """Raise DeployError where the stack wants a newer program: OpenTofu does not look at that in JSON."""
        wanted = re.fullmatch(r">= ?(\d+)\.(\d+)(?:\.\d+)?", stack.settings.get("required_version", ""))
        if wanted is not None and self.terraform.version < (int(wanted[1]), int(wanted[2])):
            version = ".".join(map(str, self.terraform.version))
            raise DeployError(
                f"stack {stack.name}: it needs {self.terraform.name} {wanted[1]}.{wanted[2]} or newer, and "
                f"{self.terraform.path} is {version}: install a newer one"
            )

    def _settings(self, stack: Stack) -> str:
        said = json.dumps([stack.settings, self.terraform.path, self.terraform.version, str(stack.folder)])
        return hashlib.sha256(said.encode()).hexdigest()

    def _parallelism(self, stack: Stack) -> list[str]:
        # Where it runs elsewhere the flag is refused.
        return [] if stack.is_remote else [f"-parallelism={self.calls}"]

    def _as_json(self, stack: Stack, file: Path) -> Path:
        target = stack.workspace / "plan.json"
        target.touch(mode=0o600)
        target.write_text(self._run(stack, "show", "-json", str(file)))
        return target

    def _run(self, stack: Stack, *arguments: str) -> str:
        done = self.terraform.run(*arguments, folder=stack.folder, environment=self.environment.get(stack.name, {}))
        if done.returncode:
            told = troubles(list(map(_diagnostic, _errors(done.stdout + done.stderr))), stack, self.terraform)
            raise FailedError(told or [_unknown(stack, "made ready")])
        return done.stdout

    def _watch(self, stack: Stack, doing: str, *arguments: str) -> tuple[Progress, int, int]:
        progress, signals = Progress(), 0

        def on_line(line: Line) -> None:
            step = progress.take(line)
            if step is not None:
                self.view.step(step, progress)

        log = stack.workspace / f"{arguments[0]}.log"
        service = self._services.get(stack.name)
        there = RunLog(service, arguments[0], log) if service else None

        def on_look(count: int) -> None:
            nonlocal signals
            signals = progress.signals = count
            for line in there.lines() if there else ():
                on_line(line)
            self.view.look(progress)

        self.view.begin(stack, doing)
        try:
            status = self.terraform.watch(
                *arguments,
                folder=stack.folder,
                environment=self.environment.get(stack.name, {}),
                log=log,
                on_line=on_line,
                on_look=on_look,
            )
            for lines in there.to_its_end(interrupt=signals > 0) if there else ():
                for line in lines:
                    on_line(line)
                self.view.look(progress)
            if there and status and not progress.diagnostics:
                progress.diagnostics += map(_diagnostic, _errors(log.read_text(errors="replace")))
        finally:
            self.view.end(progress)
        return progress, status, signals


def review(planned: Sequence[Planned], *, base: Path | None = None) -> Review:
    """What plans will do, as `ivc review --head FOLDER --plan STACK=FILE` of the same files says it."""
    output = planned[0].stack.output
    return reviewer.review(base=base, head=output, plan=[PlanFile(one.json, one.stack.name) for one in planned])


def forget_json(planned: Sequence[Planned]) -> None:
    """Take the JSON of plans away, which holds secrets in clear, when it has been reviewed."""
    for one in planned:
        with suppress(FileNotFoundError):
            one.json.unlink()


def _has_changes(json_file: Path) -> bool:
    """Whether applying it changes the cloud, the state or an output."""
    said = json.loads(json_file.read_bytes())
    if "applyable" in said:
        return bool(said["applyable"])
    outputs = said.get("output_changes", {}).values()
    changes = [*(one["change"] for one in said.get("resource_changes", ()) if one["mode"] == "managed"), *outputs]
    return any(one["actions"] != ["no-op"] for one in changes)


def _errors(text: str) -> list[str]:
    """The errors in what Terraform printed for people, without the frames around them and the lines of the JSON."""
    plain = _SNIPPET.sub("", _FRAME.sub("", text))
    starts = [found.start() for found in _ERROR.finditer(plain)]
    return [plain[start:end] for start, end in zip(starts, [*starts[1:], len(plain)], strict=True)]


def _diagnostic(text: str) -> dict[str, str]:
    first, _, rest = text.removeprefix("Error: ").partition("\n")
    return {"severity": "error", "summary": first, "detail": rest.strip()}


def _unknown(stack: Stack, done: str) -> Trouble:
    advice = f"look into {stack.workspace}"
    return Trouble(True, None, (f"stack {stack.name}",), f"it cannot be {done}, and Terraform did not say why", advice)
