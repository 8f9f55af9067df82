"""Where in a project something is declared."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# jsii, which makes CDKTF's classes, stands between our code and who calls it.
_NOT_THE_PROJECT = frozenset(("site-packages", "dist-packages"))


@dataclass(frozen=True)
class Source:
    """A line of a project. file: relative to the app's folder, with `/` on any machine."""

    file: str
    line: int


def source_of_caller(folder: Path) -> Source | None:
    """The innermost line of a project that led here; None where none did.

    folder: the app's, resolved. Libraries do not count: where one declares, the line that called it is meant.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] != "ivc":
            file = _below(folder, frame.f_code.co_filename)
            if file is not None:
                return Source(file, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return None


@lru_cache(maxsize=1024)
def _below(folder: Path, file: str) -> str | None:
    path = Path(file).resolve()
    if not path.is_relative_to(folder) or not path.is_file() or _NOT_THE_PROJECT & set(path.parts):
        return None
    return path.relative_to(folder).as_posix()
