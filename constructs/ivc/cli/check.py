"""`ivc check`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli import options
from ivc.cli.options import Name, Synthesized, Templates, Trees, Var, Vars

if TYPE_CHECKING:
    from ivc.userdata import Document


def check(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHAT]...", help="Instances, or files of templates; by default all instances."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Ask the machine's own cloud-init as well (`cloud-init schema`).")
    ] = False,
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
) -> None:
    """Say what is wrong with user data; exit status 1 where anything is.

    Synthesis does the same; of what it wrote, a file that somebody changed afterwards is an error.
    """
    from ivc.userdata.checks import findings, waive

    program = _cloud_init() if schema else None
    documents: dict[str, Document] = {}
    if what:
        for one in what:
            if Path(one).is_file():
                documents[one] = options.Template(Path(one), folder, name, var, vars_, files).document()
            else:
                declared = options.declared(one, from_)
                documents[declared.label] = declared.document()
    else:
        from ivc import rendered_user_data

        read = options.read_estate(from_)
        documents = {
            each.label: each.document() for each in rendered_user_data.instances(read) if each.instance.user_data
        }
    for label, document in documents.items():
        for waiver in document.accepted:
            typer.echo(f"{label}: waived: {waiver.id}: {waiver.reason}")
        for warning in document.warnings:
            typer.echo(f"{label}: warning: {warning}")
    complaints = [
        f"{label}: error: {finding.text}"
        for label, document in documents.items()
        for finding in waive(findings(document), document.accepted).remaining
        if finding.severity == "error"
    ]
    complaints += [f"{label}: {said}" for label, each in documents.items() if program for said in _asked(program, each)]
    for complaint in complaints:
        typer.echo(complaint)
    warnings = sum(len(document.warnings) for document in documents.values())
    typer.echo(f"Checked {len(documents)}: {len(complaints)} errors, {warnings} warnings.")
    if complaints:
        raise typer.Exit(1)


def _cloud_init() -> str:
    found = shutil.which("cloud-init")
    if found is None:
        raise ValueError("--schema: there is no cloud-init on this machine; install the package cloud-init")
    return found


def _asked(program: str, document: Document) -> list[str]:
    """What cloud-init says of a `#cloud-config`, on one line; of other documents it knows nothing."""
    if not document.readable.startswith("#cloud-config"):
        return []
    with tempfile.NamedTemporaryFile("wb", suffix=".yaml") as file:
        file.write(document.readable.encode())
        file.flush()
        done = subprocess.run([program, "schema", "-c", file.name], capture_output=True, text=True, check=False)
    said = " ".join(f"{done.stdout} {done.stderr}".replace(file.name, "").split())
    return [f"cloud-init schema: {said}"] if done.returncode else []
