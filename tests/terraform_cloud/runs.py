"""What the stand-in keeps: workspaces and their runs, and how its worker does one."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.helpers import Json
from tests.program import terraform

_OF_THE_MACHINE = ("PATH", "HOME", "LANG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "https_proxy", "no_proxy")
"""All that the worker's environment has of this one: no credential, no variable of Terraform's."""

_CONFIRMABLE = {"planned", "planned_and_saved"}


@dataclass(eq=False)
class Log:
    """What a step of the worker said so far, between the control characters by which a reader knows start and end."""

    content: bytes = b"\x02"
    status: str = "pending"

    def part(self, offset: int, limit: int) -> bytes:
        return self.content[offset : offset + limit]

    def end(self, status: str) -> None:
        self.content += b"\x03"
        self.status = status


@dataclass(eq=False)
class ConfigurationVersion:
    """An archive that was uploaded, for runs of a workspace."""

    id: str
    speculative: bool
    archive: bytes | None = None

    @property
    def files(self) -> list[str]:
        """The paths of the files in the archive."""
        with tarfile.open(fileobj=io.BytesIO(self.archive or b""), mode="r:gz") as archive:
            return sorted(one.name.removeprefix("./") for one in archive.getmembers() if one.isfile())


@dataclass(eq=False)
class Run:
    """A run of a workspace. asked: the attributes that it was made with."""

    id: str
    workspace: Workspace
    version: ConfigurationVersion
    asked: Json
    status: str = "pending"
    has_changes: bool = False
    plan: Log = field(default_factory=Log)
    apply: Log = field(default_factory=Log)
    plan_json: Json = field(default_factory=dict)
    redacted_json: Json = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def saves_plan(self) -> bool:
        return bool(self.asked.get("save-plan"))

    @property
    def is_confirmable(self) -> bool:
        return self.status in _CONFIRMABLE

    @property
    def is_discardable(self) -> bool:
        return self.status in _CONFIRMABLE | {"pending"}

    @property
    def is_cancelable(self) -> bool:
        return self.is_under_way and not self.asked.get("canceled")

    @property
    def is_under_way(self) -> bool:
        return self.status in {"pending", "planning", "confirmed", "applying"}

    @property
    def holds_up_others(self) -> bool:
        """Whether the workspace's other runs wait for it."""
        waits = self.status in {"planning", "planned"} and not self.saves_plan and not self.version.speculative
        return waits or self.status in {"confirmed", "applying"}


@dataclass(eq=False)
class Workspace:
    """A workspace.

    environment: variables of the worker's environment. variables: Terraform's own. Both as sensitive as can be: nobody
    may read them back.
    settings: further attributes, by their names in the API, such as "auto-apply" or "working-directory".
    admin: whether the one token that there is may read the JSON of plans.
    """

    name: str
    folder: Path
    id: str
    environment: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    settings: Json = field(default_factory=dict)
    admin: bool = True
    runs: list[Run] = field(default_factory=list)
    locked: bool = False
    versions: list[ConfigurationVersion] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def state(self) -> Path:
        return self.folder / "terraform.tfstate"

    @property
    def current_run(self) -> Run | None:
        return next((run for run in self.runs if run.holds_up_others), None)

    def start(self, run: Run) -> None:
        """Put a run into the queue."""
        self.runs.append(run)
        threading.Thread(target=self._plan, args=(run,), daemon=True).start()

    def confirm(self, run: Run) -> None:
        """Apply a run's plan, when nothing is before it."""
        self._set(run, "confirmed")
        threading.Thread(target=self._apply, args=(run,), daemon=True).start()

    def discard(self, run: Run) -> None:
        self._set(run, "discarded")

    def cancel(self, run: Run) -> None:
        """Interrupt what the worker does, once, as a person at a terminal would."""
        run.asked["canceled"] = True
        if run.process is None:
            self._set(run, "canceled")
        else:
            run.process.send_signal(signal.SIGINT)

    def wait(self) -> None:
        """Until no run is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not any(run.is_under_way for run in self.runs))

    def _set(self, run: Run, status: str) -> None:
        with self._changed:
            run.status = status
            self._changed.notify_all()

    def _plan(self, run: Run) -> None:
        with self._changed:
            # Plans that nobody waits for need no turn.
            self._changed.wait_for(
                lambda: run.saves_plan or run.version.speculative or self.current_run is None or run.status != "pending"
            )
            if run.status != "pending":
                return
            run.status = "planning"
        worker = _Worker(self, run)
        run.plan.status = "running"
        done = False
        # Else who asked would wait for ever for a worker that is broken.
        try:
            done = worker.prepare() and worker.do(run.plan, "plan", *self._options(run))
            if done:
                run.plan_json = json.loads(worker.answer("show", "-json", "plan"))
                run.has_changes = _changes_anything(run.plan_json)
                run.redacted_json = _redacted(run.plan_json, json.loads(worker.answer("providers", "schema", "-json")))
        except (OSError, ValueError, KeyError) as broken:
            done = False
            run.plan.content += f"Error: the worker of the stand-in is broken: {broken!r}\n".encode()
        run.plan.end("finished" if done else "errored")
        self._set(run, self._after_plan(run) if done else self._broken(run))
        if run.status == "planned" and run.asked.get("auto-apply", self.settings.get("auto-apply")):
            self.confirm(run)

    def _options(self, run: Run) -> Iterator[str]:
        yield from ("-out=plan", "-lock=false")
        if run.asked.get("is-destroy"):
            yield "-destroy"
        if not run.asked.get("refresh", True):
            yield "-refresh=false"
        yield from (f"-target={address}" for address in run.asked.get("target-addrs") or ())
        yield from (f"-replace={address}" for address in run.asked.get("replace-addrs") or ())

    def _after_plan(self, run: Run) -> str:
        if not run.has_changes or run.version.speculative:
            return "planned_and_finished"
        return "planned_and_saved" if run.saves_plan else "planned"

    def _broken(self, run: Run) -> str:
        return "canceled" if run.asked.get("canceled") else "errored"

    def _apply(self, run: Run) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.current_run is run or run.status != "confirmed")
            if run.status != "confirmed":
                return
            run.status = "applying"
        run.apply.status = "running"
        done = _Worker(self, run).do(run.apply, "apply", "plan")
        run.apply.end("finished" if done else "errored")
        if done:
            stale = [other for other in self.runs if other.status == "planned_and_saved"]
            for other in stale:
                self.discard(other)
        self._set(run, "applied" if done else self._broken(run))


class _Worker:
    """Terraform, in a folder of the run's own which holds what was uploaded and nothing else."""

    def __init__(self, workspace: Workspace, run: Run) -> None:
        self.run = run
        self.folder = workspace.folder / run.id
        self.where = self.folder / workspace.settings.get("working-directory", "")
        machine = {name: os.environ[name] for name in _OF_THE_MACHINE if name in os.environ}
        self.environment = machine | {"TF_INPUT": "0", "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        self.environment |= workspace.environment
        self.environment |= {f"TF_VAR_{name}": value for name, value in workspace.variables.items()}
        self.state = workspace.state
        self.structured = workspace.settings.get("structured-run-output-enabled", True)

    def prepare(self) -> bool:
        """Unpack, keep the state here, and let Terraform fetch what it needs; whether it could."""
        self.folder.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(self.run.version.archive or b""), mode="r:gz") as archive:
            archive.extractall(self.folder, filter="data")
        # A backend in an override file takes the place of the `cloud` block.
        backend = {"terraform": {"backend": {"local": {"path": str(self.state)}}}}
        (self.where / "worker_override.tf.json").write_text(json.dumps(backend))
        given = {one["key"]: one["value"] for one in self.run.asked.get("variables") or ()}
        (self.where / "worker.auto.tfvars").write_text("".join(f"{key} = {value}\n" for key, value in given.items()))
        done = self._start("init", "-no-color")
        said, _ = done.communicate()
        if done.returncode:
            self.run.plan.content += said
        return done.returncode == 0

    def do(self, log: Log, command: str, *arguments: str) -> bool:
        """Run Terraform, its words into a log line by line; whether it went well."""
        self.run.process = self._start(command, "-json" if self.structured else "-no-color", *arguments)
        assert self.run.process.stdout is not None
        for line in self.run.process.stdout:
            log.content += line
        status = self.run.process.wait()
        self.run.process = None
        return status == 0

    def answer(self, *arguments: str) -> bytes:
        """What Terraform says, without what it warns of beside."""
        said, _ = self._start(*arguments, stderr=subprocess.DEVNULL).communicate()
        return said

    def _start(self, *arguments: str, stderr: int = subprocess.STDOUT) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [terraform().path, *arguments],
            cwd=self.where,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            # Ctrl-C at the tests' terminal is not the worker's.
            start_new_session=True,
        )


def _changes_anything(plan: Json) -> bool:
    changes = [*plan.get("resource_changes", ()), *({"change": one} for one in plan.get("output_changes", {}).values())]
    return any(one["change"]["actions"] not in (["no-op"], ["read"]) for one in changes)


def _redacted(plan: Json, schemas: Json) -> Json:
    """What Terraform draws a plan for people from: the changes, without sensitive values, and the schemas."""

    def without_secrets(value: Any, marks: Any) -> Any:
        if marks is True:
            return "(sensitive value)"
        if isinstance(value, dict) and isinstance(marks, dict):
            return {key: without_secrets(one, marks.get(key)) for key, one in value.items()}
        if isinstance(value, Sequence) and isinstance(marks, list) and not isinstance(value, str):
            return [without_secrets(*pair) for pair in itertools.zip_longest(value, marks[: len(value)])]
        return value

    def change(one: Json) -> Json:
        sides = {side: without_secrets(one.get(side), one.get(f"{side}_sensitive")) for side in ("before", "after")}
        return one | sides

    return {
        "plan_format_version": plan["format_version"],
        "output_changes": {name: change(one) for name, one in plan.get("output_changes", {}).items()},
        "resource_changes": [one | {"change": change(one["change"])} for one in plan.get("resource_changes", ())],
        "provider_format_version": schemas["format_version"],
        "provider_schemas": schemas.get("provider_schemas", {}),
    }
