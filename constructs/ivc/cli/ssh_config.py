"""`ivc ssh-config`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ivc.cli.options import Synthesized
from ivc.cli.running import Secrets, Stacks


def show_ssh_config(
    stack: Stacks = None,
    from_: Synthesized = None,
    jump: Annotated[
        str | None,
        typer.Option(metavar="SERVER", help="The one that leads to those without a floating IP or public address."),
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="LOGIN", help="Whom to log in as, which the image decides; by default unsaid.")
    ] = None,
    secrets: Secrets = None,
) -> None:
    """Print the servers that run as a configuration of ssh, for `ssh -F FILE` or `Include`.

    As the state has them; a server goes by the name of its declaration. Of one that was replaced ssh asks once whether
    to trust its new keys.
    """
    from ivc.access import ssh_config
    from ivc.cli.servers import deployed

    sys.stdout.write(ssh_config.text(deployed(stack, from_, secrets), jump=jump, user=user))
