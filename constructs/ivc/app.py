"""The root of the construct tree: what is synthesized, and where to."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ivc._cdktf import CdktfApp


class Stack(Protocol):
    """What an app needs of its stacks."""

    name: str

    @property
    def user_data(self) -> Mapping[str, str]:
        """The readable user data, by instance."""

    @property
    def warnings(self) -> Sequence[str]:
        """What is odd but was written, a sentence each."""

    def finish(self) -> None:
        """Say in the output what only all declarations together tell; raises ValueError where they contradict."""


class App(CdktfApp):
    """A CDKTF app whose output is the same on any machine and holds the readable user data as well.

    folder: where `cdktf.json` and the templates (`userdata/`) stand. By default the folder of the program that
    runs, or the nearest one above it that has a `cdktf.json`.
    outdir: where the output goes; by default what CDKTF was told, else `cdktf.out` in the folder.
    """

    def __init__(self, *, folder: Path | str | None = None, outdir: Path | str | None = None) -> None:
        self.folder = Path(folder).resolve() if folder is not None else _folder_of_program()
        chosen = outdir or os.environ.get("CDKTF_OUTDIR") or self.folder / "cdktf.out"
        # Stack traces in the manifest would hold paths of this machine, some of them random.
        super().__init__(outdir=str(chosen), stack_traces=False)
        self._stacks: list[Stack] = []

    @property
    def templates(self) -> Path:
        """The folder of the user data templates."""
        return self.folder / "userdata"

    def synth(self) -> None:
        """Write the output: for each stack its JSON and, beside it, `userdata/<instance>`; warnings go to stderr.

        Raises ValueError where a declaration turned out wrong only now; then nothing is written.
        """
        for stack in self._stacks:
            stack.finish()
        super().synth()
        for stack in self._stacks:
            _write_user_data(Path(self.outdir) / "stacks" / stack.name / "userdata", stack.user_data)
            for warning in stack.warnings:
                print(f"warning: {warning}", file=sys.stderr)

    def add(self, stack: Stack) -> None:
        """Take in a stack, as `OpenStackStack` does by itself; raises ValueError for a name that another has."""
        if any(other.name == stack.name for other in self._stacks):
            raise ValueError(f"OpenStackStack {stack.name}: the app already has a stack of that name; give one another")
        self._stacks.append(stack)


def _folder_of_program() -> Path:
    program = getattr(sys.modules["__main__"], "__file__", None)
    start = Path(program).resolve().parent if program else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / "cdktf.json").is_file():
            return folder
    return start


def _write_user_data(folder: Path, texts: Mapping[str, str]) -> None:
    """Make the folder hold just these files: one that is left over would be read as an instance's."""
    if folder.is_dir():
        for left_over in folder.iterdir():
            if left_over.name not in texts:
                left_over.unlink()
    if texts:
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
