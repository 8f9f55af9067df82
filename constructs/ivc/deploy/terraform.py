"""Terraform or OpenTofu, as a program on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from ivc.deploy.ending import Ending, go_on_without_us
from ivc.deploy.errors import DeployError

Line = Mapping[str, Any]
"""A line of Terraform's machine-readable output (`-json`)."""

_OLDEST = {"terraform": (1, 5), "tofu": (1, 6)}
"""`check` blocks came with Terraform 1.5; OpenTofu began with 1.6."""
_NAMES = {"terraform": "Terraform", "tofu": "OpenTofu"}
_LOOK = 0.05
"""Seconds between two looks at what Terraform wrote."""
ENOUGH = 3
"""So many signals stop Terraform at once; the second one only says so."""


@dataclass(frozen=True)
class Terraform:
    """The program. path: where it is. kind: `terraform` or `tofu`. version: such as `(1, 11)`."""

    path: str
    kind: str
    version: tuple[int, ...]

    @classmethod
    def find(cls) -> Terraform:
        """What `TERRAFORM_BINARY_NAME` names, as cdktf has it, or else `terraform` or `tofu` on PATH.

        Raises DeployError where there is none, one that cannot be run, or one that is too old.
        """
        wanted = os.environ.get("TERRAFORM_BINARY_NAME")
        names = [wanted] if wanted else ["terraform", "tofu"]
        path = next(filter(None, map(shutil.which, names)), None)
        if path is None:
            raise DeployError(f"{' or '.join(names)} is not on PATH: install Terraform 1.5 or newer, or OpenTofu")
        try:
            said = subprocess.run([path, "version"], env=_environment({}), capture_output=True, text=True, check=False)
        except OSError as error:
            raise DeployError(f"{path} cannot be run ({error.strerror}): install one for this machine") from None
        found = re.search(r"^(Terraform|OpenTofu) v(\d+)\.(\d+)", said.stdout, re.MULTILINE)
        if found is None:
            raise DeployError(f"{path} does not say its version, as Terraform and OpenTofu do: name another program")
        kind = "tofu" if found[1] == "OpenTofu" else "terraform"
        version = (int(found[2]), int(found[3]))
        if version < _OLDEST[kind]:
            oldest = ".".join(map(str, _OLDEST[kind]))
            raise DeployError(
                f"{path} is {found[1]} {version[0]}.{version[1]}, and {oldest} or newer is needed: install a newer one"
            )
        return cls(path, kind, version)

    @property
    def name(self) -> str:
        """As people call it."""
        return _NAMES[self.kind]

    def run(self, *arguments: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run it in a folder and wait. environment: what it gets beside this process's own."""
        return subprocess.run(
            [self.path, *arguments],
            cwd=folder,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def watch(
        self,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        on_line: Callable[[Line], None],
        on_look: Callable[[int], None],
        gently: bool = False,
    ) -> int:
        """Run a command that writes lines of JSON; returns its exit status.

        log: the file that it writes to. A pipe would break with this process, and Terraform with the pipe, in the
        middle of what it does and with its lock held. on_line: gets each line. on_look: is called many times a second,
        with how many signals to stop there were.

        With the first Ctrl-C it is interrupted, and so with SIGTERM, or when the terminal goes away. gently: whether it
        first ends what it began (`Ending`), as an apply must. The second one does nothing, and a third stops Terraform
        at once. It runs in a session of its own, since the terminal would send each Ctrl-C to it as well.
        """
        log.touch(mode=0o600)
        with (
            log.open("wb") as out,
            log.open("rb") as written,
            _taken() as signals,
            # Whatever goes wrong here, it is waited for.
            subprocess.Popen(
                [self.path, *arguments],
                cwd=folder,
                env=_environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=go_on_without_us,  # noqa: PLW1509 - no thread of ours runs by then
            ) as process,
        ):
            ending, handed_on, rest = Ending(process), 0, b""
            while True:
                ended = process.poll() is not None
                *lines, rest = (rest + written.read()).split(b"\n")
                for line in lines_of_json(lines):
                    on_line(line)
                on_look(len(signals))
                if ended:
                    return process.returncode
                if len(signals) > handed_on:
                    handed_on = len(signals)
                    _stop(process, ending, nth=handed_on, gently=gently)
                ending.look()
                time.sleep(_LOOK)


def _stop(process: subprocess.Popen[Any], ending: Ending, *, nth: int, gently: bool) -> None:
    """Do what the nth signal asks for."""
    if nth == 1 and gently:
        ending.begin()
    elif nth == 1:
        process.send_signal(signal.SIGINT)
    elif nth == ENOUGH:
        if ending.is_under_way:
            ending.finish()
        process.send_signal(signal.SIGINT)


@contextmanager
def _taken() -> Iterator[list[int]]:
    """Take what would end this process; gives the signals that come."""
    came: list[int] = []

    def take(number: int, _: FrameType | None) -> None:
        came.append(number)

    former = {one: signal.signal(one, take) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield came
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    # It asks its maker for news otherwise, and tells people of commands that are not those of `ivc`.
    quiet = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
    return {**os.environ, **quiet, **more}


def lines_of_json(lines: Sequence[bytes]) -> Iterator[Line]:
    """The lines that are JSON; a note on the settings of the program itself, and text for people, is not."""
    for line in lines:
        try:
            read = json.loads(line)
        except ValueError:
            continue
        if isinstance(read, dict):
            yield read
