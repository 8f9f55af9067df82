"""`ivc inventory`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ivc.cli.options import Synthesized
from ivc.cli.running import Secrets, Stacks


def show_inventory(
    stack: Stacks = None,
    from_: Synthesized = None,
    network: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Reach servers that are on it there, as `ivc outputs` calls it."),
    ] = None,
    by_name: Annotated[
        bool, typer.Option("--by-name", help="Leave out addresses to reach them: `ivc ssh-config` tells ssh.")
    ] = False,
    secrets: Secrets = None,
) -> None:
    """Print the servers that run as an inventory of Ansible: groups by stack, tag and tier, addresses by network.

    As the state has them. `ansible_host` is a floating IP, else an address on a public network, else one on the first.
    """
    from ivc.access import inventory
    from ivc.cli.servers import deployed

    if by_name and network is not None:
        raise ValueError("--by-name: no address is told then, and --network chooses one; leave one of the two out")
    sys.stdout.write(inventory.text(deployed(stack, from_, secrets), network=network, by_name=by_name))
