"""Making a stack ready to be planned: what would go wrong is said before Terraform begins."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from ivc.deploy import calls, credentials, encryption, moving, secrets
from ivc.deploy.errors import DeployError
from ivc.deploy.progress import View
from ivc.deploy.stacks import Stack
from ivc.deploy.terraform import Terraform
from ivc.deploy.terraform_cloud import Service, Workspace, check_variables

_INIT = ("init", "-input=false", "-no-color")
_SAVES_PLANS_IN_CLOUD = (1, 6)
_RECONFIGURE = "-reconfigure"
"""Takes the declared backend for the one that it always was: whether it is, was asked before. The two programs note the
same backend otherwise.
"""
_ASKS_FOR_UPGRADE = "init -upgrade"


class Readiness:
    """What the stacks of a run were made ready for. store: a folder of secrets, if there is one."""

    def __init__(self, terraform: Terraform, view: View, store: Path | None) -> None:
        self._terraform = terraform
        self._view = view
        self._store = store
        self._claimed: dict[str, IO[str]] = {}
        self._given: dict[str, dict[str, str]] = {}
        self._services: dict[str, Service | None] = {}

    def given(self, stack: Stack) -> Mapping[str, str]:
        """What Terraform gets beside this process's environment: the secrets of the stack."""
        return self._given.get(stack.name, {})

    def service(self, stack: Stack) -> Service | None:
        """Where the stack's runs are made, if that is not this machine."""
        return self._services.get(stack.name)

    def to_read(self, stack: Stack) -> None:
        """Make ready to ask for what is in the state. Raises DeployError where that cannot be."""
        self._check_program(stack)
        if stack.name not in self._given:
            self._give(stack, encryption.variables(stack.document))
        self._sign_in(stack)
        self._initialize(stack)

    def to_move(self, stack: Stack) -> None:
        """Make ready to move the state. Raises DeployError where another `ivc` is at work, or the program is none."""
        self._claim(stack)
        self._check_program(stack)
        self._give(stack, encryption.variables(stack.document))

    def to_plan(self, stack: Stack) -> None:
        """Make ready to plan and apply.

        Raises DeployError where another `ivc` is at work on it, the program is none for this stack, its state stands
        elsewhere than declared, a variable has no value, the cloud does not let us in, or where it is to run elsewhere
        and cannot.
        """
        self._claim(stack)
        self._check_program(stack)
        elsewhere = moving.elsewhere(stack)
        if elsewhere is not None:
            raise DeployError(elsewhere)
        service = self._sign_in(stack)
        if service is None:
            if stack.name not in self._given:
                self._give(stack, stack.document.get("variable", {}))
                # While Terraform looks for its providers.
                with ThreadPoolExecutor(1) as beside:
                    login = beside.submit(_log_in, stack)
                    self._initialize(stack)
                    login.result()
            return
        self._initialize(stack)
        if stack.name not in self._services:
            there = service.runs_there()
            if there:
                check_variables(stack.name, stack.document, os.environ)
            else:
                self._give(stack, stack.document.get("variable", {}))
                _log_in(stack)
            self._services[stack.name] = service if there else None

    def _claim(self, stack: Stack) -> None:
        """Keep others away from the stack's plans for as long as this process lives."""
        if stack.name not in self._claimed:
            file = (stack.workspace / "at-work").open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                raise DeployError(
                    f"stack {stack.name}: another ivc is at work on it in {stack.output.parent}; wait for its end"
                ) from None
            self._claimed[stack.name] = file

    def _give(self, stack: Stack, variables: Mapping[str, Any]) -> None:
        self._given[stack.name] = secrets.environment(
            variables,
            stack=stack.name,
            folder=stack.folder,
            store=self._store,
            environment=os.environ,
        )

    def _sign_in(self, stack: Stack) -> Service | None:
        if stack.name in self._services:
            return self._services[stack.name]
        workspace = Workspace.of(stack.name, stack.settings, os.environ)
        return None if workspace is None else Service.sign_in(workspace, os.environ)

    def _initialize(self, stack: Stack) -> None:
        """Have Terraform make the stack's folder ready, unless it did so already for the same settings."""
        noted = stack.workspace / "initialized"
        said = [stack.settings, self._terraform.path, self._terraform.version, str(stack.folder)]
        wanted = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        ready = (stack.folder / ".terraform").is_dir() and (stack.folder / ".terraform.lock.hcl").is_file()
        if ready and noted.is_file() and noted.read_text() == wanted:
            return
        self._view.begin(stack, "initializing")
        init = _INIT if "cloud" in stack.settings else (*_INIT, _RECONFIGURE)
        try:
            calls.said(self._terraform, stack, *init, environment=self.given(stack))
        except calls.FailedError as failed:
            # Another version was declared, on purpose: the lock file holds the former one.
            if _ASKS_FOR_UPGRADE not in str(failed):
                raise
            calls.said(self._terraform, stack, *init, "-upgrade", environment=self.given(stack))
        noted.write_text(wanted)

    def _check_program(self, stack: Stack) -> None:
        """Raise DeployError where the stack wants another program, or a newer one: OpenTofu 1.12 does not look at that
        in JSON.
        """
        encryption.check_program(stack.name, stack.settings, kind=self._terraform.kind)
        said = re.fullmatch(r">= ?(\d+)\.(\d+)(?:\.\d+)?", stack.settings.get("required_version", ""))
        wanted = (int(said[1]), int(said[2])) if said is not None else (0, 0)
        if "cloud" in stack.settings:
            wanted = max(wanted, _SAVES_PLANS_IN_CLOUD)
        if self._terraform.version < wanted:
            needed, version = (".".join(map(str, one)) for one in (wanted, self._terraform.version))
            raise DeployError(
                f"stack {stack.name}: it needs {self._terraform.name} {needed} or newer, and {self._terraform.path} is "
                f"{version}: install a newer one"
            )


def _log_in(stack: Stack) -> None:
    for block in _blocks(stack.document.get("provider", {}).get("openstack", [])):
        credentials.check(block, environment=os.environ, folder=stack.folder)


def _blocks(said: Any) -> list[Mapping[str, Any]]:
    return said if isinstance(said, list) else [said]
