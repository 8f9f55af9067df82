"""`ivc init`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Annotated, Literal

import typer

_FILES = Path(__file__).parent / "project"
_CI = {"github": (Path(".github/workflows/review.yml"), "github.yml"), "gitlab": (Path(".gitlab-ci.yml"), "gitlab.yml")}
_IN_ALL = ("main.py", "userdata", "tests", "cdktf.json", "pyproject.toml", "README.md")
_NAMED = (Path("pyproject.toml"), Path("README.md"))
"""The files that name the project, and the version of this library."""


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the project is to stand; made if need be.")],
    ci: Annotated[
        Literal["github", "gitlab", "none"], typer.Option(help="Whose pipeline tests and reviews each change.")
    ] = "github",
) -> None:
    """Write a project to begin with: a small estate, its user data, and tests of it that pass.

    FOLDER is empty, but for .git, or not there. Asks nothing, and needs no network.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name a folder that is empty or not there")
    try:
        if there := sorted(path.name for path in folder.iterdir() if path.name != ".git") if folder.exists() else []:
            raise ValueError(f"{folder} has {there[0]} in it already: name a folder that is empty or not there")
        for path, source in _files(ci):
            text = source.read_text()
            if path in _NAMED:
                text = text.replace("NAME", _project_name(folder)).replace("~=0.0", f"~={_version()}")
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be made: {error.strerror}") from None
    typer.echo(f"Wrote a project in {folder}; README.md in it says what is what. Next:\n")
    for command in (f"cd {shlex.quote(str(folder))}", "pip install pytest && pytest", "ivc synth && ivc summary"):
        typer.echo(f"  {command}")


def _files(ci: str) -> Iterator[tuple[Path, Path]]:
    """Each file of a project, and what is written there."""
    for name in _IN_ALL:
        top = _FILES / name
        for source in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if source.is_file() and source.suffix != ".pyc":
                yield source.relative_to(_FILES), source
    # A file of this name would be obeyed here.
    yield Path(".gitignore"), _FILES / "gitignore"
    if ci in _CI:
        path, name = _CI[ci]
        yield path, _FILES / "ci" / name


def _project_name(folder: Path) -> str:
    """The folder's name, as that of a Python project may be."""
    return re.sub(r"[^A-Za-z0-9]+", "-", folder.resolve().name).strip("-").lower() or "estate"


def _version() -> str:
    """That of this library, whatever the distribution that brought it is called."""
    return version(packages_distributions()["ivc"][0])
