"""What goes wrong is one sentence: of a declaration with the line of the program that it is about, else of the machine.

A program that ends with one shows that sentence and no traceback, unless the environment says `IVC_TRACEBACK=1`.
Other people's exceptions look as ever.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from ivc.source import Line, line_of_caller


class DeclarationError(ValueError):
    """What a program declares cannot be. Its text is a sentence: of what, which argument, what was given, the fix.

    file, line: the line of the program that declares it, the innermost outside of any library; None where there is
    none, as in a shell.
    """

    def __init__(self, sentence: str, *, line: Line | None = None) -> None:
        super().__init__(sentence)
        self.file: Path | None = None
        self.line: int | None = None
        self.is_about(line or line_of_caller())

    def is_about(self, line: Line | None) -> None:
        """Say which line it is about, where that is known better."""
        if line is not None:
            self.file, self.line = line.file, line.line

    def begins(self, former: str, other: str) -> None:
        """Say of what it is otherwise, where its sentence begins with the former words."""
        sentence = str(self)
        if sentence.startswith(former):
            self.args = (f"{other}{sentence.removeprefix(former)}",)


class MachineError(RuntimeError):
    """This machine lacks what declaring or writing needs. Its text says what, and the fix."""


def told(error: DeclarationError | MachineError) -> str:
    """The error as a program ends with it: the place, below the current folder where it can be, and the sentence."""
    place = ""
    if isinstance(error, DeclarationError) and error.file is not None:
        here = Path.cwd()
        file = error.file.relative_to(here) if error.file.is_relative_to(here) else error.file
        place = f"{file}:{error.line}: "
    return "\n".join([f"{place}{error}", *getattr(error, "__notes__", ())])


def tell_in_one_sentence() -> None:
    """Have the program end with the sentence of an error of these classes instead of with a traceback."""
    former = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, (DeclarationError, MachineError)) and not os.environ.get("IVC_TRACEBACK"):
            print(told(error), file=sys.stderr)
        else:
            former(kind, error, trace)

    sys.excepthook = hook
