"""User data that is another one and replaces nothing: a server reads it when something else replaces it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivc.review.server import Server
from ivc.review.side import Side
from ivc.words.sentence import Sentence, say, some

_WRITTEN_OTHERWISE = (
    "{} is written otherwise where nothing is compared (by another version of the library, or of other members of a "
    "tier), which replaces nothing: a server reads it when something else replaces it"
)
_OF_A_SERVER = {
    "no": say("its user data is declared otherwise, which is ignored until something else replaces it"),
    "from now on": say(
        "its user data changed too, and this change does not bring it, since what is compared of it is only told from "
        "now on: have `ivc replace` make the server anew if it is to read it"
    ),
    "yes": say(_WRITTEN_OTHERWISE, say("its user data")),
}


def of_server(server: Server) -> Iterator[Sentence]:
    """What is said of it of a server that changes otherwise."""
    if server.ignores_user_data and server.user_data_differs:
        yield _OF_A_SERVER[server.compares_user_data]


def of_others(before: Side, after: Side, told: Collection[str]) -> Iterator[Sentence]:
    """What is said of it of the servers to which nothing happens. told: those of which something is said anyhow."""
    texts = before.user_data, after.user_data
    servers = [one for one in texts[0] if one in texts[1] and one not in told and texts[0][one] != texts[1][one]]
    if servers:
        yield say(_WRITTEN_OTHERWISE, say("the user data of {}", some(servers)))
