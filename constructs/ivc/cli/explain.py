"""`ivc explain`."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    id_: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="As `ivc check` or a policy shows it; all are listed without."),
    ] = None,
) -> None:
    """Say what a finding means, why it matters and how to mend it, as its page does: of user data, or a policy's."""
    from ivc.policies import BUILT_IN, ON_REQUEST
    from ivc.policies import explained as policies_explained
    from ivc.userdata.checks.explained import explained

    policies = {policy.id: policy for policy in (*BUILT_IN, *ON_REQUEST)}
    if id_ is None:
        titles = [f"{one.id}: {one.title}" for one in explained().values()]
        titles += [f"{one.id}: {one.title}" for one in policies.values()]
        typer.echo("\n".join(titles))
        return
    # A waiver names what it is about, too: secret:DB_PASSWORD.
    name = id_.partition(":")[0]
    found = explained().get(name)
    policy = policies.get(name.upper())
    if found is not None:
        typer.echo(f"{found.id}: {found.title} ({found.severity})\n\n{found.help}\n\nSee {found.page}")
    elif policy is not None:
        typer.echo(f"{policy.id}: {policies_explained.explained(policy.id)}\n\nSee {policy.page}")
    else:
        raise ValueError(f"{id_}: no finding has this id; `ivc explain` lists them")
