"""Servers, as the output `instances` of their stack tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from ivc.access.reachable import Reachable
from ivc.estate.kinds import INSTANCES
from ivc.words.foreign_text import visible
from ivc.words.order import as_counted

# As declarations and the networks of their NICs are called. Whatever is called otherwise is not the library's, and may
# mean something to those who read what is written here.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ID = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, kw_only=True)
class Server(Reachable):
    """A server that was deployed.

    name: of its declaration, as in its Terraform address. tier: the one that it is a member of.
    """

    stack: str
    name: str
    id: str
    tags: Sequence[str] = ()
    tier: str | None = None

    def inner_address(self, networks: Iterable[str] = ()) -> str:
        """Its address on the first of some networks that it is on, else on the first of all of its own.

        Raises ValueError where it has no address at all.
        """
        for network in (*networks, *self.addresses):
            if address := self.address_on(network):
                return address
        raise ValueError(
            f"stack {self.stack}: instance {self.name} has no address in the state; give its network a subnet, and "
            "deploy it anew"
        )


def read(stack: str, outputs: Mapping[str, Any], *, declares_servers: bool) -> list[Server]:
    """The servers of a stack, in the order in which people count.

    outputs: their values by name. Raises ValueError where none are there and the stack declares some, and where the
    output `instances` is not the library's.
    """
    if INSTANCES not in outputs:
        if declares_servers:
            raise ValueError(f"stack {stack}: its state knows of no servers: deploy it first, or name the stacks meant")
        return []
    try:
        found = outputs[INSTANCES]
        return [_server(stack, name, found[name]) for name in sorted(found, key=as_counted)]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"stack {stack}: its output {INSTANCES} is not as ivc writes it: {_what(error)}") from None


def refuse_namesakes(servers: Iterable[Server]) -> None:
    """Raise ValueError where servers of two stacks have one name, and would be taken for one."""
    stacks: dict[str, str] = {}
    for server in servers:
        other = stacks.setdefault(server.name, server.stack)
        if other != server.stack:
            raise ValueError(
                f"{server.name}: there is one in stack {other} and one in stack {server.stack}, which would be taken "
                "for the same; name the stack that is meant"
            )


def lacks_notes(outputs: Mapping[str, Any]) -> bool:
    """Whether they are of an IvC that did not yet say which networks are public, in which order, and which tags."""
    return any("networks" not in each for each in outputs.get(INSTANCES, {}).values())


def _server(stack: str, name: str, said: Mapping[str, Any]) -> Server:
    addresses = {network: [_address(one) for one in found] for network, found in said["addresses"].items()}
    # Terraform gives them by their names.
    order = said.get("networks", addresses)
    return Server(
        stack=stack,
        name=_fit(_NAME, name),
        id=_fit(_ID, said["id"]),
        addresses={_fit(_NAME, network): addresses[network] for network in order},
        public=said.get("public", ()),
        floating_ips={network: _address(one) for network, one in said.get("floating_ips", {}).items()},
        tags=said.get("tags", ()),
        tier=said.get("tier"),
    )


def _address(text: str) -> str:
    return str(ip_address(text))


def _fit(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} is no name that it gives")
    return text


def _what(error: Exception) -> str:
    return visible(f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error))
