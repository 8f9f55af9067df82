"""Output folders of stacks that need no cloud: what a synthesis would write, with `terraform_data` alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.helpers import PROJECT

Json = dict[str, Any]


def document(**resources: Any) -> Json:
    """A stack's JSON with resources `terraform_data`, by name their arguments, and its state beside the output."""
    return {
        "terraform": {"required_version": ">= 1.5", "backend": {"local": {"path": "../../../terraform.tfstate"}}},
        "resource": {"terraform_data": resources},
    }


def write(output: Path, stacks: Mapping[str, Json], needs: Mapping[str, list[str]] | None = None) -> Path:
    """Write an output folder; returns it. needs: by stack, those that are deployed before it."""
    manifest: Json = {"stacks": {}, "version": "0.20.12"}
    for name, content in stacks.items():
        folder = output / "stacks" / name
        folder.mkdir(parents=True, exist_ok=True)
        local = content.get("terraform", {}).get("backend", {}).get("local")
        if local is not None:
            local["path"] = f"../../../terraform.{name}.tfstate"
        (folder / "cdk.tf.json").write_text(json.dumps(content, indent=2))
        manifest["stacks"][name] = {
            "name": name,
            "dependencies": (needs or {}).get(name, []),
            "synthesizedStackPath": f"stacks/{name}/cdk.tf.json",
            "workingDirectory": f"stacks/{name}",
        }
    (output / "manifest.json").write_text(json.dumps(manifest))
    return output


def command(*arguments: str) -> list[str]:
    """A command line of `ivc`."""
    return [sys.executable, "-m", "ivc", *arguments]


def environment(**more: str) -> dict[str, str]:
    """What it runs in: nobody's credentials, a width of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "TF_VAR_", "CDKTF_"))}
    return kept | {"PYTHONPATH": str(PROJECT / "constructs"), "COLUMNS": "100", **more}


def ivc(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `ivc` in a folder, with nobody at a terminal."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
