"""Who gets at what is stored, besides the project that it belongs to.

Container(shop, "releases", readers=[Anyone(), Project("0123..."), User("4567...", project="0123...")])
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivc.arguments import checked
from ivc.declare.names import check_known, check_project
from ivc.errors import DeclarationError

# Keystone's own, and those that it makes for users of LDAP and the like.
_USER = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


@checked
@dataclass(frozen=True)
class Anyone:
    """The world, without any credential: whoever knows the address of an object gets it.

    listing: whether everybody may list the objects, too.
    """

    listing: bool = False

    @property
    def _entries(self) -> tuple[str, ...]:
        return (".r:*", ".rlistings") if self.listing else (".r:*",)


@checked
@dataclass(frozen=True)
class Project:
    """All users of another project. id: the project's, as `openstack project show` tells it."""

    id: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", check_project("Project: id", self.id))

    @property
    def _entries(self) -> tuple[str, ...]:
        return (f"{self.id}:*",)


@checked
@dataclass(frozen=True)
class User:
    """One user. id: the user's, as `openstack user show` tells it: names are not unique.

    project: the id of the one with which the user must have logged in; by default any.
    """

    id: str
    project: str | None = None

    def __post_init__(self) -> None:
        if not _USER.fullmatch(check_known("User: id", self.id)):
            raise DeclarationError(
                f"User: id: {self.id!r} is no user's id, of 32 or 64 hexadecimal digits; `openstack user show NAME` "
                "tells it"
            )
        if self.project is not None:
            object.__setattr__(self, "project", check_project("User: project", self.project))

    @property
    def _entries(self) -> tuple[str, ...]:
        return (f"{self.project or '*'}:{self.id}",)


Reader = Anyone | Project | User
Writer = Project | User


def access_list(ones: Iterable[Reader]) -> str:
    """Swift's access list of them, whatever their order, each entry once."""
    return ",".join(sorted({entry for one in ones for entry in one._entries}))
