"""`ivc move-state`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivc.cli.running import Secrets, begin


def move_state(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="Whose state it is.")],
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="What a synthesis wrote when the state was where it is; by default Terraform's own note tells.",
        ),
    ] = None,
    secrets: Secrets = None,
) -> None:
    """Move a stack's state from the backend that it had to the one that is now declared.

    A copy is kept first. The new place must be empty, or hold the same state. Interrupted, it can be called again.
    """
    run, (one,) = begin([stack], None, secrets=secrets)
    typer.echo(run.move_state(one, former=from_))
