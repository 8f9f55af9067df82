"""`ivc diagram`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ivc.cli import options
from ivc.cli.options import Synthesized, writes
from ivc.estate import Estate, Stack

Format = Literal["mermaid", "svg"]
_ENDINGS: dict[str, Format] = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid"}


def draw(
    from_: Synthesized = None,
    stack: Annotated[
        str | None, typer.Option(metavar="NAME", help="The stack to draw, where there are several.")
    ] = None,
    output: Annotated[Path, writes("--output", "-o", help="Where to write it; by default stdout.")] = Path("-"),
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="By default what FILE's ending says, .svg, .mmd or .mermaid; else `mermaid`."),
    ] = None,
) -> None:
    """Draw what a synthesized folder declares: its networks, what hangs at them, and who reaches what.

    Mermaid for Markdown on a code host, SVG for all that shows pictures. Asks no cloud and changes nothing. What cannot
    be told from the folder is drawn as such.
    """
    from ivc.diagram import mermaid, of_stack, svg

    picture = of_stack(_stack(options.read_estate(from_), stack))
    render = {"mermaid": mermaid.render, "svg": svg.render}[format_ or _format(output)]
    options.write("--output", output, render(picture))


def _format(output: Path) -> Format:
    if options.is_stdout(output):
        return "mermaid"
    known = _ENDINGS.get(output.suffix.lower())
    if known is None:
        raise ValueError(
            f"--output: {output} does not say what it is to be: give --format, or an ending of {', '.join(_ENDINGS)}"
        )
    return known


def _stack(estate: Estate, name: str | None) -> Stack:
    names = [stack.name for stack in estate.stacks]
    if not names:
        raise ValueError(f"{estate.folder} holds no stack: the program declares none")
    if name is None and len(names) > 1:
        raise ValueError(f"{estate.folder} holds several stacks: name one of {', '.join(names)} with --stack")
    found = [stack for stack in estate.stacks if name in (None, stack.name)]
    if not found:
        raise ValueError(f"--stack: {name!r} is not in {estate.folder}: name one of {', '.join(names)}")
    return found[0]
