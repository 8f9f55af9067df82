"""What is drawn, whatever the format. Whoever draws its texts must not trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WORLD = "world"
"""The id of the Internet, from which passages may come."""
UNFILTERED = "unfiltered"
"""What is said of a tie where nothing filters."""

BoxKind = Literal["router", "servers", "vip", "port", "load balancer", "floating IP"]


@dataclass(frozen=True)
class DrawnNetwork:
    """A network. public: whether the Internet reaches it; None where nobody says.

    made: by this stack; None where only its name is told. ranges: of its subnets.
    """

    id: str
    name: str
    public: bool | None
    made: bool | None
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class Tie:
    """A line between a box and a network. network: its id; None where nobody tells which.

    words: what of the box is there, such as its addresses. more: what is said of it in small print, such as groups.
    kind: `floating` is an address that leads to the box, `outside` a router's way out.
    """

    network: str | None
    words: tuple[str, ...]
    more: tuple[str, ...] = ()
    kind: Literal["joined", "floating", "outside"] = "joined"

    @property
    def of_unknown(self) -> str:
        """What stands in the place of a network that nobody tells."""
        return f"{'a' if self.kind == 'joined' else 'an outside'} network that is not told here"


@dataclass(frozen=True)
class Member:
    """One of the servers of a box, where it stands for several. addresses: each with its network's id."""

    name: str
    addresses: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True)
class Passage:
    """What reaches a box. sources: ids of boxes, or WORLD. certain: False for what cannot be told here."""

    sources: tuple[str, ...]
    words: str
    certain: bool


@dataclass(frozen=True)
class Box:
    """A thing, or servers that are alike: on the same networks, with the same groups.

    members: the servers, where they are several. notes: what else is said of it.
    reached: None where that is not asked, as of a router.
    """

    id: str
    kind: BoxKind
    title: str
    ties: tuple[Tie, ...]
    notes: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    reached: tuple[Passage, ...] | None = None

    @property
    def noun(self) -> str:
        """What it is, in a word or two."""
        if self.kind == "servers":
            return f"{len(self.members):,} servers" if self.members else "server"
        return "VIP" if self.kind == "vip" else self.kind


@dataclass(frozen=True)
class Picture:
    """A stack, drawn. notes: what it cannot tell of the whole."""

    name: str
    servers: int
    networks: tuple[DrawnNetwork, ...]
    boxes: tuple[Box, ...]
    notes: tuple[str, ...]
