"""The command line: `ivc COMMAND`, or `python -m ivc COMMAND`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from ivc import estate, rendered, seed, summary

_EXAMPLES = """
Examples:

\b
  ivc summary                        what the program of this project declares
  ivc render www-1                   the user data of one of its instances
  ivc check                          what is wrong with the user data of any
  ivc boot www-1                     what it does on a real guest, on this machine
  ivc render userdata/www.yaml.jinja --var site=shop.example
  ivc seed www-1 --output www-1.iso  the same for Libvirt and bare metal
"""

app = typer.Typer(
    help=f"Infrastructure via code for OpenStack: look at what was synthesized, and try it.\n{_EXAMPLES}",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("summary")
def show_summary(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="What a synthesis wrote; by default cdktf.out of the current project."),
    ] = None,
) -> None:
    """Show what a synthesized folder declares.

    Its instances, networks, security groups and files; asks no cloud and changes nothing.
    """
    console = Console(highlight=False)
    sys.stdout.write(summary.render(estate.read(folder or _output_folder()), console))


Target = Annotated[
    str, typer.Argument(metavar="WHAT", help="An instance of the synthesized folder, or the file of a template.")
]
Synthesized = Annotated[
    Path | None,
    typer.Option("--from", metavar="FOLDER", help="What a synthesis wrote; by default cdktf.out of the project."),
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


@app.command("render")
def render(
    what: Target,
    set_: Set = None,
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
) -> None:
    """Print the user data that a guest gets.

    Of an instance: as it was synthesized. Of a template: rendered now, without a declaration, for any machine.
    """
    sys.stdout.write(_text(what, set_, var, vars_, files, name, folder, from_))


@app.command("seed")
def write_seed(
    what: Target,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The image to write.")],
    kind: Annotated[str, typer.Option(help="`nocloud` for Libvirt and bare metal, or `config-2`.")] = "nocloud",
    set_: Set = None,
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
) -> None:
    """Write an ISO image that brings the user data to a guest without a cloud: attach it as a CD."""
    if kind not in get_args(seed.Kind):
        raise ValueError(f"--kind: {kind!r} is not known; say nocloud or config-2")
    text = _text(what, set_, var, vars_, files, name, folder, from_, complete=True)
    try:
        seed.write(output, kind, name=name or Path(what).name.split(".")[0], user_data=text.encode())  # type: ignore[arg-type]
    except OSError as error:
        raise ValueError(f"--output: {output} cannot be written: {error.strerror}") from None
    typer.echo(f"Wrote {output}, {output.stat().st_size:,} bytes.", err=True)


def _text(
    what: str,
    values: list[str] | None,
    variables: list[str] | None,
    variables_file: Path | None,
    files: list[str] | None,
    name: str | None,
    folder: Path | None,
    synthesized: Path | None,
    *,
    complete: bool = False,
) -> str:
    """The user data of an instance or a template; with `complete`, raises where a value is still missing."""
    if Path(what).is_file():
        given = rendered.variables_of(variables_file) if variables_file else {}
        given |= _pairs("--var", variables)
        document = rendered.of_template(
            Path(what), folder=folder, name=name or Path(what).name.split(".")[0], variables=given, files=files or []
        )
        return document.readable
    read = estate.read(synthesized or _output_folder())
    declared = rendered.find(read, what)
    if newer := rendered.newer_source(read):
        typer.echo(f"ivc: {os.path.relpath(newer)} is newer than {read.folder}: run `make synth` first.", err=True)
    given_values = _pairs("--set", values)
    missing = [label for label in declared.instance.unknown if label not in given_values]
    if complete and missing:
        raise ValueError(f"{declared.label}: {missing[0]!r} is known only at apply: say --set {missing[0]!r}=VALUE")
    return declared.text(given_values)


def _pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in texts or []:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise ValueError(f"{option}: {text!r} has no sign =; write NAME=VALUE")
        pairs[key] = value
    return pairs


def _output_folder() -> Path:
    """Where the current project's output is: the project is the nearest folder above with a cdktf.json."""
    chosen = os.environ.get("CDKTF_OUTDIR")
    if chosen:
        return Path(chosen)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "cdktf.json").is_file():
            return Path(os.path.relpath(folder / "cdktf.out"))
    return Path("cdktf.out")


def main() -> None:
    """Run the command line; what went wrong is one sentence on stderr, with exit status 1."""
    # A name may hold what the terminal's encoding has not.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except ValueError as error:
        sys.exit(f"ivc: {error}")


if __name__ == "__main__":
    main()
