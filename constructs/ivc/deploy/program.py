"""The project's program, which declares the stacks and writes them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO

from ivc import node
from ivc.deploy.errors import DeployError


def synthesize(output: Path) -> bool:
    """Run what cdktf.json names, here or in the nearest folder above, and have it write to a folder.

    What it says goes to stderr. Returns whether it succeeded. Raises DeployError where there is no program, and
    MachineError where there is no Node for it.
    """
    project = project_of(Path.cwd())
    if project is None:
        raise DeployError(
            "there is no cdktf.json here or above: change into a project, or write one beside your program, "
            '{"app": "python main.py"}'
        )
    return _run(project, output, stdout=sys.stderr).returncode == 0


def project_of(folder: Path) -> Path | None:
    """The folder, or the nearest one above it, that has a cdktf.json; None where there is none."""
    return next((one for one in (folder, *folder.parents) if (one / "cdktf.json").is_file()), None)


def run(project: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Run what the cdktf.json of a project names, and have it write to a folder. All that it says is in `stdout`.

    Raises DeployError where there is no program, and MachineError where there is no Node for it.
    """
    return _run(project, output, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _run(
    project: Path, output: Path, *, stdout: IO[str] | int, stderr: int | None = None
) -> subprocess.CompletedProcess[str]:
    settings = project / "cdktf.json"
    try:
        program = shlex.split(json.loads(settings.read_bytes())["app"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DeployError(f'{settings} names no program: write {{"app": "python main.py"}}') from None
    output.parent.mkdir(parents=True, exist_ok=True)
    # `python` is the one that runs this: in an environment that nobody activated it would be another.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # The program may import CDKTF, which starts Node, before it imports this library.
    environment = os.environ | node.environment() | {"CDKTF_OUTDIR": str(output.absolute()), "PATH": path}
    try:
        return subprocess.run(
            program,
            cwd=project,
            env=environment,
            stdout=stdout,
            stderr=stderr,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, IndexError) as error:
        raise DeployError(f"{settings}: its app cannot be run ({error}): correct it") from None
