"""`ivc render`."""

from __future__ import annotations

import sys
from pathlib import Path

from ivc.cli import options
from ivc.cli.options import Name, Set, Synthesized, Target, Templates, Trees, Var, Vars


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
    if Path(what).is_file():
        text = options.Template(Path(what), folder, name, var, vars_, files).document().readable
    else:
        text = options.declared(what, from_).text(options.pairs("--set", set_))
    sys.stdout.write(text)
