"""What the program of a project declared at another commit: git has it in a work tree of its own for a while."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RevisionError(ValueError):
    """A revision cannot be had. Its text is a sentence: what, and the fix."""


def commit(project: Path, revision: str) -> str:
    """The commit that a revision such as `origin/main` names; raises RevisionError where there is none."""
    done = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode == 0:
        return done.stdout.strip()
    if _git(project, "rev-parse", "--git-dir").returncode:
        raise RevisionError(f"estate_at: {revision}: {project} is in no git repository: run the tests in a clone")
    raise RevisionError(
        f"estate_at: {revision}: this clone has no such commit: fetch it (git fetch origin; in CI let the checkout "
        "take the whole history)"
    )


@contextmanager
def tree(project: Path, revision: str, folder: Path) -> Iterator[Path]:
    """The project's folder at a commit, below a folder that is not there yet, and is not there afterwards.

    Raises RevisionError where git does not make it, or the project was not there then.
    """
    below = _git(project, "rev-parse", "--show-prefix").stdout.strip()
    # A hook of the user's is for their own work tree.
    added = _git(project, "-c", f"core.hooksPath={os.devnull}", "worktree", "add", "--detach", str(folder), revision)
    if added.returncode:
        raise RevisionError(f"estate_at: {revision}: {added.stderr.strip()}")
    try:
        then = folder / below
        if not (then / "cdktf.json").is_file():
            raise RevisionError(f"estate_at: {revision}: it had no {below}cdktf.json: name a later commit")
        yield then
    finally:
        _git(project, "worktree", "remove", "--force", str(folder))


def _git(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["git", *words], cwd=project, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RevisionError("estate_at: there is no git on PATH: install it") from None
