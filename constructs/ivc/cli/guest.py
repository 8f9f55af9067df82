"""The practice guest's own program, which stands in a project of IvC and not in the library."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def run(user_data: str, name: str, *options: str) -> int:
    """Boot a guest called `name` with user data, on this terminal; gives the program's exit status.

    Raises ValueError outside of such a project.
    """
    project = _project()
    with tempfile.NamedTemporaryFile("wb", suffix=".user-data") as file:
        file.write(user_data.encode())
        file.flush()
        command = [sys.executable, "-m", "practice.guest", file.name, "--name", name, *options]
        return subprocess.run(command, cwd=project, check=False).returncode


def _project() -> Path:
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "practice" / "guest").is_dir():
            return folder
    raise ValueError("the guest stands in the folder practice/ of an IvC project: run this in one")
