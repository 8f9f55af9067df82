"""What stops a pipeline: the dangers that `--fail-on` names, and what could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ivc.review.model import Danger, Review

FailOn = Annotated[
    str,
    typer.Option(
        metavar="DANGERS",
        help="Exit status 2 where any is there, of destroy,wipe,replace,detach,stop,open, or not all was judged.",
    ),
]
AllowUnread = Annotated[bool, typer.Option("--allow-unread", help="Let --fail-on pass what could not be judged.")]


def dangers(given: str) -> list[Danger]:
    """What `--fail-on` names; raises ValueError for what is no danger."""
    from ivc.review.model import Danger

    known = {danger.value: danger for danger in Danger}
    names = [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise ValueError(f"--fail-on: {name!r} is not known: give one or more of {','.join(known)}")
    return [known[name] for name in names]


def stop(reviewed: Review, stops: list[Danger], *, allow_unread: bool) -> None:
    """End with exit status 2, and say why on stderr, where a review holds what it is to stop at."""
    found = [danger for danger in reviewed.dangers if danger in stops]
    unread = bool(stops) and reviewed.unread and not allow_unread
    if unread:
        typer.echo("ivc: --fail-on: not all could be judged; --allow-unread lets that pass.", err=True)
    if found:
        typer.echo(f"ivc: --fail-on: stopped by {', '.join(found)}.", err=True)
    if found or unread:
        raise typer.Exit(2)
