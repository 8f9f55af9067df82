"""`ivc check`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivc.cli import options
from ivc.cli.options import Accept, For, Name, Synthesized, Templates, Trees, Var, Vars, writes

if TYPE_CHECKING:
    from ivc.rendered_user_data import Judged

Output = Path | None


def check(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="WHAT", help="Instances, or files of templates; by default all instances."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Ask the machine's own cloud-init as well (`cloud-init schema`).")
    ] = False,
    accept: Accept = None,
    for_: For = "nova",
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
    json: Annotated[Output, writes("--json", help="Write all facts.")] = None,
    sarif: Annotated[Output, writes("--sarif", help="Write what was found, for a code host.")] = None,
    github: Annotated[bool, typer.Option("--github", help="Print annotations for GitHub Actions.")] = False,
) -> None:
    """Say all that is wrong or odd in user data; exit status 1 where anything is wrong.

    Synthesis does the same; of what it wrote, a file that somebody changed afterwards is an error. FILE may be - for
    stdout; with --json, --sarif or --github nothing else is printed there. `ivc explain ID` says what an id means.
    """
    from ivc.cli import findings_view

    program = _cloud_init() if schema else None
    waivers = options.accepted(accept)
    judged: list[Judged] = []
    if what:
        for one in what:
            if Path(one).is_file():
                limited = for_ == "nova"
                judged.append(_judged(options.Template(Path(one), folder, name, var, vars_, files, limited)))
            else:
                judged.append(options.declared(one, from_).judged())
    else:
        from ivc import rendered_user_data

        read = options.read_estate(from_)
        judged += [each.judged() for each in rendered_user_data.instances(read) if each.instance.user_data]
    if program is not None:
        judged = [_asked(program, each) for each in judged]
    judged = [each.accepting(waivers) for each in _without_read_elsewhere(judged)]
    if json is not None:
        options.write("--json", json, findings_view.as_json(judged))
    if sarif is not None:
        options.write("--sarif", sarif, findings_view.as_sarif(judged))
    for line in findings_view.github(judged) if github else ():
        typer.echo(line)
    is_for_people = json is None and sarif is None and not github
    for line in findings_view.lines(judged) if is_for_people else ():
        typer.echo(line)
    typer.echo(findings_view.summary(judged), err=not is_for_people)
    options.refuse_unused(waivers, judged)
    if any(each.errors for each in judged):
        raise typer.Exit(1)


def _judged(template: options.Template) -> Judged:
    from ivc import rendered_user_data

    try:
        return template.judged()
    except ValueError as error:
        return rendered_user_data.not_rendered(template.path, error)


def _without_read_elsewhere(judged: list[Judged]) -> list[Judged]:
    """The same without a word about the variables that one does not read and another does: all were given them."""
    from ivc.userdata.user_data import UNREAD

    unread = [
        {one.finding.subject for one in each.found if one.finding.id == UNREAD}
        for each in judged
        if each.document.parts
    ]
    by_nobody = set.intersection(*unread) if unread else set()
    return [each.without_unread(set().union(*unread) - by_nobody) for each in judged]


def _cloud_init() -> str:
    found = shutil.which("cloud-init")
    if found is None:
        raise ValueError("--schema: there is no cloud-init on this machine; install the package cloud-init")
    return found


def _asked(program: str, judged: Judged) -> Judged:
    """The same with what cloud-init says of a `#cloud-config`, on one line; of other documents it knows nothing."""
    from ivc.rendered_user_data import Placed
    from ivc.userdata.checks import Finding

    text = judged.document.readable
    if not text.startswith("#cloud-config"):
        return judged
    with tempfile.NamedTemporaryFile("wb", suffix=".yaml") as file:
        file.write(text.encode())
        file.flush()
        done = subprocess.run([program, "schema", "-c", file.name], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return judged
    said = " ".join(f"{done.stdout} {done.stderr}".replace(file.name, "").split())
    finding = Finding(id="cloud-init-schema", severity="error", line=None, message=f"cloud-init schema says: {said}")
    return replace(judged, found=(*judged.found, Placed(finding, judged.file, None)))
