"""The practice guest's own program, which stands in a project of IvC and not in the library."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli import options

if TYPE_CHECKING:
    from ivc.rendered_user_data import Declared

# RFC 5737: for documentation, so that no guest reaches anybody there.
ADDRESS = "192.0.2.{}"

Objects = Annotated[
    list[str] | None,
    typer.Option(
        "--object",
        metavar="CONTAINER/NAME=FILE",
        help="What the guest fetches as that object; of those that the stack makes it finds the files by itself.",
    ),
]


@dataclass(frozen=True)
class Store:
    """The objects that a guest fetches: their files by their URLs, and these by what stands for them."""

    files: Mapping[str, Path]
    urls: Mapping[str, str]

    def kept(self, text: str) -> Iterator[str]:
        """What stands for URLs that user data says beside where it fetches, so that they stay in the guest."""
        for label in self.urls:
            # As objects.jinja writes it.
            if f"<{label}>" in text.replace(f"set -- '<{label}>' ", ""):
                yield label

    @property
    def options(self) -> Iterator[str]:
        """As the guest's program takes them."""
        for url, file in self.files.items():
            yield from ("--object", f"{url}={file.absolute()}")


def store(declared: Declared, given: list[str] | None) -> Store:
    """What an instance fetches from its stack's object store. given: files for it, as `CONTAINER/NAME=FILE`.

    Raises ValueError for a file of nothing that it fetches.
    """
    from ivc.estate import objects

    made = {
        f"{container.name}/{one.name}": one.file.path
        for container in declared.stack.containers
        for one in container.objects
        if one.file is not None
    }
    brought = {name: Path(file) for name, file in options.pairs("--object", given).items()}
    files, urls = {}, {}
    for name, file in (made | brought).items():
        label = objects.url(*name.split("/", 1)) if "/" in name else name
        if label in declared.instance.unknown:
            urls[label] = f"http://{ADDRESS.format(1)}/{name}"
            files[urls[label]] = file
        elif name in brought:
            raise ValueError(f"--object: {declared.label} fetches no object {name}; write CONTAINER/NAME=FILE")
    return Store(files, urls)


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
    raise ValueError("the guest comes with the repository of IvC alone: run this in a clone of it")
