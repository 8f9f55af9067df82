"""`ivc seed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ivc.cli import options
from ivc.cli.options import Name, Set, Synthesized, Target, Templates, Trees, Var, Vars


def write_seed(
    what: Target,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The image to write.")],
    kind: Annotated[
        Literal["nocloud", "config-2"], typer.Option(help="`nocloud` for Libvirt and bare metal, or `config-2`.")
    ] = "nocloud",
    set_: Set = None,
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
) -> None:
    """Write an ISO image that brings the user data to a guest without a cloud: attach it as a CD."""
    from ivc import seed_image

    if Path(what).is_file():
        template = options.Template(Path(what), folder, name, var, vars_, files)
        server, text = template.server, template.document().readable
    else:
        declared = options.declared(what, from_)
        values = options.pairs("--set", set_)
        missing = [label for label in declared.instance.unknown if label not in values]
        if missing:
            raise ValueError(
                f"{declared.label}: {missing[0]!r} is known only at apply: give --set {missing[0]!r}=VALUE"
            )
        server, text = name or declared.instance.name, declared.text(values)
    try:
        seed_image.write(output, kind, name=server, user_data=text.encode())
    except OSError as error:
        raise ValueError(f"--output: {output} cannot be written: {error.strerror}") from None
    typer.echo(f"Wrote {output}, {output.stat().st_size:,} bytes.", err=True)
