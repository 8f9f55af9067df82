"""Options that several commands have, and the user data that they name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivc import estate

if TYPE_CHECKING:
    from ivc.rendered_user_data import Declared
    from ivc.userdata import Document

Synthesized = Annotated[
    Path | None,
    typer.Option("--from", metavar="FOLDER", help="What a synthesis wrote; by default cdktf.out of the project."),
]
Target = Annotated[
    str, typer.Argument(metavar="WHAT", help="An instance of the synthesized folder, or the file of a template.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="LABEL=VALUE", help="What stands for <LABEL>, which is known only at apply."),
]
Var = Annotated[
    list[str] | None, typer.Option("--var", metavar="NAME=TEXT", help="A variable of the template; may be repeated.")
]
Vars = Annotated[
    Path | None,
    typer.Option(
        "--vars",
        metavar="FILE",
        help="A YAML file with variables; `instance` in it is what templates see as that: addresses, networks, and "
        "volumes, which are mounted where they have an id and a mount_point.",
    ),
]
Trees = Annotated[
    list[str] | None,
    typer.Option("--files", metavar="FOLDER", help="A folder of files beside the templates; may be repeated."),
]
Templates = Annotated[
    Path | None,
    typer.Option("--folder", metavar="FOLDER", help="Where templates are looked for; by default the template's own."),
]
Name = Annotated[str | None, typer.Option("--name", help="The server's name, for a template; by default the file's.")]


@dataclass(frozen=True)
class Template:
    """A template, rendered without a declaration. The fields are as the options say them."""

    path: Path
    folder: Path | None
    name: str | None
    variables: list[str] | None
    variables_file: Path | None
    files: list[str] | None

    @property
    def server(self) -> str:
        """The server's name."""
        return self.name or self.path.name.split(".")[0]

    def document(self) -> Document:
        """The checked user data; raises ValueError."""
        from ivc import rendered_user_data

        given = rendered_user_data.variables_of(self.variables_file) if self.variables_file else {}
        given |= pairs("--var", self.variables)
        return rendered_user_data.of_template(
            self.path, folder=self.folder, name=self.server, variables=given, files=self.files or []
        )


def read_estate(folder: Path | None) -> estate.Estate:
    """The synthesized folder; says on stderr where a source is newer."""
    from ivc import rendered_user_data

    read = estate.read(folder or output_folder())
    if newer := rendered_user_data.newer_source(read):
        typer.echo(f"ivc: {os.path.relpath(newer)} is newer than {read.folder}: run `make synth` first.", err=True)
    return read


def declared(what: str, folder: Path | None) -> Declared:
    """An instance of the synthesized folder."""
    from ivc import rendered_user_data

    return rendered_user_data.find(read_estate(folder), what)


def pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """What `NAME=VALUE`, repeated, says; raises ValueError where there is no sign."""
    found = {}
    for text in texts or []:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise ValueError(f"{option}: {text!r} has no sign =; write NAME=VALUE")
        found[key] = value
    return found


def output_folder() -> Path:
    """Where the current project's output is: the project is the nearest folder above with a cdktf.json."""
    chosen = os.environ.get("CDKTF_OUTDIR")
    if chosen:
        return Path(chosen)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "cdktf.json").is_file():
            return Path(os.path.relpath(folder / "cdktf.out"))
    return Path("cdktf.out")
