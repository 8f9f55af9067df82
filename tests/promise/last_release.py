"""The last release: its library, and the estates that it had."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from tests.helpers import PROJECT

NAMED = PROJECT / "tests" / "promise" / "last_release.txt"
_PARTS = ("constructs", "main.py", "cdktf.json", "userdata", "examples")


class NotHereError(Exception):
    """This clone does not hold the last release; its text says what does."""


def revision() -> str:
    """Its tag, or a commit."""
    (said,) = [line for line in NAMED.read_text().splitlines() if not line.startswith("#")]
    return said.strip()


def unpack(folder: Path) -> Path:
    """Its library and estates, put into a folder; raises NotHereError."""
    try:
        done = subprocess.run(
            ["git", "archive", "--format=tar", revision(), *_PARTS], cwd=PROJECT, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise NotHereError("git is not on PATH") from None
    if done.returncode != 0:
        raise NotHereError(f"{revision()} is not in this clone: `git fetch --unshallow --tags` brings it")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
