"""`ivc render`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from ivc.cli import options
from ivc.cli.options import Accept, For, Name, Set, Synthesized, Target, Templates, Trees, Var, Vars


def render(
    what: Target,
    set_: Set = None,
    accept: Accept = None,
    for_: For = "nova",
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
) -> None:
    """Print the user data that a guest gets, and on stderr what is wrong or odd in it; exit status 1 where it is wrong.

    Of an instance: as it was synthesized. Of a template: rendered now, without a declaration, for any machine.
    """
    if Path(what).is_file():
        template = options.Template(Path(what), folder, name, var, vars_, files, limited=for_ == "nova")
        judged = template.judged()
        text = judged.document.readable
    else:
        declared = options.declared(what, from_)
        text, judged = declared.text(options.pairs("--set", set_)), declared.judged()
    is_right = options.tell(judged, options.accepted(accept))
    sys.stdout.write(text)
    if not is_right:
        raise typer.Exit(1)
