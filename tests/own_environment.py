"""Programs of PyPI whose dependencies clash with ours: each in an environment of its own, made once, in pytest's
cache.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.helpers import PROJECT


class NotToBeHadError(Exception):
    """A program cannot be had here; its text says why."""


def program(lock: str, called: str | None = None) -> Path:
    """A program as `toolchain/<lock>.lock` has it. called: its name, where that is another.

    Raises NotToBeHadError where it is not here and cannot be installed.
    """
    environment, file = PROJECT / ".pytest_cache" / "d" / lock, PROJECT / "toolchain" / f"{lock}.lock"
    stamp, locked = environment / "locked", hashlib.sha256(file.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != locked:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise NotToBeHadError(f"pip could not install {file.name}: {done.stderr.strip().splitlines()[-1:]}")
        stamp.write_text(locked)
    return environment / "bin" / (called or lock)
