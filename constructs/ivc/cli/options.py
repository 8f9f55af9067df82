"""Options that several commands have, and the user data that they name."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ivc import estate

if TYPE_CHECKING:
    from ivc.rendered_user_data import Declared, Judged
    from ivc.userdata.checks import Waiver


def _no_option(file: Path | None) -> Path | None:
    """What an option that writes was given; raises where the name was forgotten, and the next option taken for it."""
    if file is not None and str(file).startswith("-") and str(file) != "-":
        raise typer.BadParameter(f"{str(file)!r} is an option, where the name of a file was to come; - is stdout")
    return file


def writes(*names: str, help: str) -> Any:
    """An option that says where to write something: a file, or - for stdout."""
    return typer.Option(*names, metavar="FILE", help=help, callback=_no_option)


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
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="ID=REASON", help="Accept what a check finds, and say why; may be repeated."),
]
For = Annotated[
    Literal["nova", "nocloud"],
    typer.Option("--for", help="Who takes a template's text: `nova` has a limit of 49,149 bytes, `nocloud` none."),
]


@dataclass(frozen=True)
class Template:
    """A template, rendered without a declaration. The fields are as the options say them; limited: by Nova."""

    path: Path
    folder: Path | None
    name: str | None
    variables: list[str] | None
    variables_file: Path | None
    files: list[str] | None
    limited: bool

    @property
    def server(self) -> str:
        """The server's name."""
        return self.name or self.path.name.split(".")[0]

    def judged(self) -> Judged:
        """The user data and what its checks found; raises ValueError where it does not render."""
        from ivc import rendered_user_data

        given = rendered_user_data.variables_of(self.variables_file) if self.variables_file else {}
        alone = pairs("--var", self.variables)
        judged = rendered_user_data.of_template(
            self.path,
            folder=self.folder,
            name=self.server,
            variables=given | alone,
            files=self.files or [],
            limited=self.limited,
        )
        # A file of variables may serve many templates.
        return judged.without_unread(given.keys() - alone.keys())


def accepted(texts: list[str] | None) -> list[Waiver]:
    """What `--accept` says."""
    from ivc.userdata.checks import Waiver

    return [Waiver(id_, reason) for id_, reason in pairs("--accept", texts).items()]


def tell(judged: Judged, waivers: Sequence[Waiver]) -> bool:
    """Say on stderr what was found and is not accepted; gives whether no error is among it."""
    from ivc.cli import findings_view

    judged = judged.accepting(waivers)
    refuse_unused(waivers, [judged])
    left = replace(judged, found=tuple(one for one in judged.found if one.waived is None))
    for line in findings_view.lines([left]):
        typer.echo(line, err=True)
    return not left.errors


def is_stdout(path: Path | None) -> bool:
    """Whether what an option asks for is printed, and all else stays out of its way."""
    return path is not None and str(path) == "-"


def write(option: str, path: Path, text: str) -> None:
    """Write what an option asks for, to stdout where it says -; raises ValueError where that cannot be."""
    if is_stdout(path):
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{option}: {path} cannot be written: {error.strerror}") from None


def refuse_unused(waivers: Sequence[Waiver], judged: Sequence[Judged]) -> None:
    """Raise ValueError where a waiver accepts nothing of what was found."""
    for waiver in waivers:
        if not any(waiver.covers(one.finding) for each in judged for one in each.found):
            raise ValueError(f"--accept: {waiver.id!r} accepts nothing of what was found: take it away")


def read_estate(folder: Path | None) -> estate.Estate:
    """The synthesized folder; says on stderr where a source is newer."""
    read = estate.read(folder or output_folder())
    tell_newer(read.folder)
    return read


def tell_newer(output: Path) -> None:
    """Say on stderr where a source is newer than what was synthesized from it."""
    from ivc import rendered_user_data

    newer = rendered_user_data.newer_source(output)
    if newer is not None:
        what = f"{os.path.relpath(newer)} is newer than {output}"
        typer.echo(f"ivc: {what}, of which this is told: `ivc synth` writes it anew.", err=True)


def declared(what: str, folder: Path | None) -> Declared:
    """An instance of the synthesized folder; raises ValueError for what is meant as a file, and is none."""
    from ivc import rendered_user_data

    # No name of a declaration has a dot.
    if "." in what:
        raise ValueError(f"{what}: there is no such file: name a file, or an instance of what was synthesized")
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
