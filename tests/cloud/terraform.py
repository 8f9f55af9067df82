"""Terraform as the tests run it: one stack's folder, the state beside it, answers as values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivc import App, OpenStackStack
from ivc.deploy import triggers
from ivc.deploy.calls import json_in
from ivc.deploy.terraform import Terraform
from tests.program import terraform
from tests.running import cannot_be_had

STACK = "estate"

# How many calls at a time pay on a cloud of one worker a service; the demo uses the same.
_PARALLELISM = "-parallelism=40"
_QUIET = ("-input=false", "-no-color")


class TerraformError(AssertionError):
    """Terraform said no; the text is what it said."""


@dataclass(frozen=True)
class Plan:
    """What a plan would do.

    changes: by address, the actions, for whatever would not stay as it is.
    moved: by new address, the old one.
    text: what a person would read.
    """

    changes: dict[str, list[str]]
    moved: dict[str, str]
    text: str

    @property
    def servers(self) -> dict[str, list[str]]:
        """The instances among the changes, by name."""
        prefix = "openstack_compute_instance_v2."
        return {at.removeprefix(prefix): do for at, do in self.changes.items() if at.startswith(prefix)}


def needs_provider(program: Terraform, folder: Path) -> None:
    """Skips a test where a program cannot have the OpenStack provider; tries it in an empty folder."""
    source = {"source": "terraform-provider-openstack/openstack", "version": "3.4.0"}
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": {"openstack": source}}}))
    done = program.run("init", "-input=false", "-no-color", folder=folder, environment={})
    if done.returncode:
        cannot_be_had(f"the OpenStack provider, by `{program.kind} init`,", done.stderr.strip()[-300:])


class Deployment:
    """An estate of one stack: declared anew at will, planned, applied, destroyed."""

    def __init__(self, folder: Path, *, credentials: Mapping[str, str], stack: str = STACK) -> None:
        self.folder = folder
        self._stack = stack
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        self._environment |= credentials
        (folder / "userdata").mkdir(parents=True, exist_ok=True)

    @property
    def stack_folder(self) -> Path:
        """Where the synthesized JSON stands."""
        return self.folder / "cdktf.out" / "stacks" / self._stack

    def template(self, name: str, text: str) -> None:
        """Write a template of the estate's."""
        self.file(name, text.encode())

    def file(self, path: str, content: bytes) -> None:
        """Write a file beside the templates."""
        target = self.folder / "userdata" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def rendered(self, instance: str) -> str:
        """The readable user data of an instance."""
        return (self.stack_folder / "userdata" / instance).read_bytes().decode()

    def declare(self, declare: Callable[[OpenStackStack], object], **settings: Any) -> None:
        """Synthesize what a function declares in a new stack, and let Terraform make ready for it."""
        app = App(folder=self.folder)
        declare(OpenStackStack(app, self._stack, **settings))
        app.synth()
        self.run("init", *_QUIET, "-upgrade")

    def program(self, main: Path, **environment_of_program: str) -> None:
        """Synthesize what a program declares in its own stack, and let Terraform make ready for it."""
        environment = self._environment | {"CDKTF_OUTDIR": str(self.folder / "cdktf.out")} | environment_of_program
        subprocess.run([sys.executable, str(main)], env=environment, check=True)
        self.run("init", *_QUIET)

    def let(self, **variables: str) -> None:
        """Give Terraform's variables their values from now on."""
        self._environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}

    def plan(self, *options: str) -> Plan:
        """What an apply would do."""
        with self._triggers():
            text = self.run("plan", *_QUIET, _PARALLELISM, "-out=plan", *options)
        shown = json.loads(self.run("show", "-json", "plan"))
        changes = shown.get("resource_changes", [])
        return Plan(
            changes={
                one["address"]: one["change"]["actions"]
                for one in changes
                if one["mode"] == "managed" and one["change"]["actions"] != ["no-op"]
            },
            moved={one["address"]: one["previous_address"] for one in changes if "previous_address" in one},
            text=text,
        )

    def apply(self) -> str:
        """Make the cloud what the declaration says."""
        with self._triggers():
            return self.run("apply", "-auto-approve", *_QUIET, _PARALLELISM)

    @contextmanager
    def _triggers(self) -> Iterator[None]:
        """Those for which no program replaces what stands, as `ivc plan` has it."""
        if not triggers.replaces_for_new(terraform()):
            yield
            return
        state = json.loads(json_in(self.run("state", "pull")) or "{}")
        with triggers.of_state(self.stack_folder / "cdk.tf.json", state):
            yield

    def destroy(self) -> str:
        """Take away all that the state knows of."""
        return self.run("destroy", "-auto-approve", *_QUIET, _PARALLELISM)

    def start_apply(self) -> subprocess.Popen[str]:
        """Begin an apply, and leave it to the caller."""
        return subprocess.Popen(
            [terraform().path, "apply", "-auto-approve", *_QUIET, _PARALLELISM],
            cwd=self.stack_folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """Run Terraform, in the stack's folder unless another is said; what it prints, or TerraformError with it."""
        done = subprocess.run(
            [terraform().path, *arguments],
            cwd=folder or self.stack_folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if arguments[0] in ("show", "output", "state") else subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise TerraformError(done.stdout)
        return done.stdout
