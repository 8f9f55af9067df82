"""Existing volumes of a tier, one for each member, by a rule.

Tier(shop, "web", count=3, ..., volumes=[Volumes("web-{n}-data").mount("/srv")])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from ivc.arguments import checked
from ivc.declare.cdktf import Construct
from ivc.declare.rule import by_number, check_rule
from ivc.declare.volume import Attachment, Volume

P = ParamSpec("P")
Use = Callable[[Volume | Attachment], Attachment]
"""What is done with the volume of a member."""


def _of_each(
    method: Callable[Concatenate[Volume, P], Attachment],
) -> Callable[Concatenate[Volumes, P], Volumes]:
    """The method for the volumes of all members: with the same arguments, kept until there is a volume."""

    @checked
    @wraps(method)
    def later(self: Volumes, /, *args: P.args, **kwargs: P.kwargs) -> Volumes:
        def use(one: Volume | Attachment) -> Attachment:
            if isinstance(one, Volume):
                return method(one, *args, **kwargs)
            another: Attachment = getattr(one, method.__name__)(*args, **kwargs)
            return another

        return self._and(use)

    return later


class Volumes:
    """Existing volumes of a tier, one for each member, each looked up by its name where its member is declared.

    name: the rule of their names in the cloud, with `{n}` for the member's number: `web-{n}-data`, or `web-{n:02}-data`
    for `web-01-data`.

    mount: as `Volume.mount` has it, for each of them. Without it they are attached, and left to the guests.

    Raises DeclarationError for a rule that is the same for each member.
    """

    @checked
    def __init__(self, name: str) -> None:
        self._called = f"Volumes({name!r})"
        self.name = check_rule(self._called, name)
        self._uses: tuple[Use, ...] = ()

    mount = _of_each(Volume.mount)

    def _and(self, use: Use) -> Volumes:
        volumes = Volumes(self.name)
        volumes._uses = (*self._uses, use)
        return volumes

    def _lookup(self, scope: Construct, number: int) -> Volume:
        return Volume.lookup(scope, by_number(self._called, self.name, number))

    def _of(self, scope: Construct, number: int) -> Volume | Attachment:
        """The volume of a member, as it has it."""
        used: Volume | Attachment = self._lookup(scope, number)
        for use in self._uses:
            used = use(used)
        return used
