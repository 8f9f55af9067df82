"""Somebody's machine: a synthesized folder with a stack that runs in the stand-in, and Terraform there."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivc.deploy.terraform_cloud import Service as SignedIn
from ivc.deploy.terraform_cloud import Workspace
from tests.helpers import clean_environment
from tests.program import terraform
from tests.review import folders
from tests.terraform_cloud.api import TOKEN, Service

_PATIENCE = 300


@dataclass
class Machine:
    """A person's folder, token and environment. environment: what is set there beside what Terraform needs."""

    service: Service
    folder: Path
    token: str = TOKEN
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def output(self) -> Path:
        return self.folder / "cdktf.out"

    @property
    def stack(self) -> Path:
        return self.output / "stacks" / "shop"

    @property
    def plan(self) -> Path:
        return self.folder / "plan"

    def settings(self, **cloud: Any) -> dict[str, Any]:
        """The stack's block `terraform`."""
        block = {"hostname": self.service.host, "organization": "acme", "workspaces": {"name": "shop"}}
        return {"cloud": block | cloud}

    def synthesize(self, **document: Any) -> None:
        """Write a stack of this content."""
        folders.write(self.output, {"terraform": self.settings(), **document})

    def everything(self) -> dict[str, str]:
        """The whole environment."""
        configuration = self.folder / "terraform.rc"
        said = Path(os.environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
        credentials = f'credentials "{self.service.host}" {{\n  token = "{self.token}"\n}}\n' if self.token else ""
        # What it says of mirrors holds on.
        configuration.write_text((said.read_text() if said.is_file() else "") + credentials)
        own = {
            "TF_CLI_CONFIG_FILE": str(configuration),
            "SSL_CERT_FILE": str(self.service.certificate),
            "CHECKPOINT_DISABLE": "1",
            "no_proxy": "localhost",
        }
        return clean_environment(**own) | self.environment

    def workspace(self, **cloud: Any) -> Workspace:
        """Where the stack runs."""
        found = Workspace.of("shop", self.settings(**cloud), {})
        assert found is not None
        return found

    def sign_in(self, **cloud: Any) -> SignedIn:
        """The service as `ivc` asks it from here."""
        return SignedIn.sign_in(self.workspace(**cloud), self.everything())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command of Terraform's."""
        return subprocess.Popen(
            [terraform().path, *arguments],
            cwd=self.stack,
            env=self.everything(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run Terraform; what it prints. status: that it must end with."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=_PATIENCE)
        assert process.returncode == status, said
        return said

    def save_plan(self, *options: str) -> str:
        """Plan, and save the plan; what Terraform prints."""
        return self.run("plan", "-input=false", "-no-color", f"-out={self.plan}", *options)

    def apply_plan(self, status: int = 0) -> str:
        """Apply the plan that was saved; what Terraform prints."""
        return self.run("apply", "-input=false", "-no-color", str(self.plan), status=status)
