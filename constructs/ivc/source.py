"""Where in a project something is declared."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# jsii, which makes CDKTF's classes, stands between our code and who calls it.
_NOT_THE_PROJECT = frozenset(("site-packages", "dist-packages"))
_PYTHON = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "scripts"))


@dataclass(frozen=True)
class Source:
    """A line of a project. file: relative to the app's folder, with `/` on any machine."""

    file: str
    line: int


@dataclass(frozen=True)
class Line:
    """A line of a program, wherever it stands. file: absolute."""

    file: Path
    line: int


def source_of_caller(folder: Path) -> Source | None:
    """The innermost line of a project that led here; None where none did.

    folder: the app's, resolved. Libraries do not count: where one declares, the line that called it is meant.
    """
    for line in _lines():
        if line.file.is_relative_to(folder):
            return Source(line.file.relative_to(folder).as_posix(), line.line)
    return None


def line_of_caller() -> Line | None:
    """The innermost line of a program, of no library and not of this one, that led here; None where none did."""
    return next(_lines(), None)


def is_of_a_program(file: str) -> bool:
    """Whether a file of Python is somebody's own, and no library's, no installed command, nor a part of Python."""
    return _own(file) is not None


def _lines() -> Iterator[Line]:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] != "ivc":
            file = _own(frame.f_code.co_filename)
            if file is not None:
                yield Line(file, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]


@lru_cache(maxsize=1024)
def _own(file: str) -> Path | None:
    path = Path(file).resolve()
    if not path.is_file() or _NOT_THE_PROJECT & set(path.parts) or any(map(path.is_relative_to, _PYTHON)):
        return None
    return path
