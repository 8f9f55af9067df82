"""Servers as an inventory of Ansible: YAML, which its plugin `yaml` reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from ivc.access.server import Server
from ivc.words.order import as_counted

_ANSIBLES_OWN = ("all", "ungrouped")


def text(servers: Sequence[Server], *, network: str | None = None, by_name: bool = False) -> str:
    """The inventory: a group for each stack, tag and tier, and what each server has on which network.

    network: one on which to reach the servers that are on it. by_name: leave it to ssh where they are reached.

    Raises ValueError for a network that no server is on, a server that has no address, and where two tags or tiers
    would become one group, or a server and a group would have one name.
    """
    if network is not None:
        _check_network(network, servers)
    groups: dict[str, dict[str, Any]] = {}
    said: dict[str, str] = dict.fromkeys(_ANSIBLES_OWN, "a group of Ansible's own")
    for server in servers:
        for kind, name in _memberships(server):
            group, what = group_name(kind, name), f"the {kind} {name}"
            other = said.setdefault(group, what)
            if other != what:
                raise ValueError(f"{other} and {what} would both be the group {group} in Ansible; rename one of them")
            # They are the server's in whatever group they stand, and stand once.
            variables = _variables(server, network=network, by_name=by_name) if kind == "stack" else {}
            groups.setdefault(group, {})[server.name] = variables
    for server in servers:
        if server.name in said:
            raise ValueError(
                f"stack {server.stack}: instance {server.name} is called as {said[server.name]} is in Ansible, which "
                "would take one for the other; rename one of them"
            )
    children = {group: {"hosts": groups[group]} for group in sorted(groups, key=as_counted)}
    written: str = yaml.safe_dump({"all": {"children": children}}, sort_keys=False)
    return written


def group_name(kind: str, name: str) -> str:
    """How a group is called, such as `tag_web_front` for the tag `web-front`: Ansible takes letters, digits and `_`."""
    return f"{kind}_{re.sub('[^A-Za-z0-9_]', '_', name)}"


def _memberships(server: Server) -> Iterator[tuple[str, str]]:
    yield "stack", server.stack
    if server.tier is not None:
        yield "tier", server.tier
    for tag in server.tags:
        yield "tag", tag


def _variables(server: Server, *, network: str | None, by_name: bool) -> dict[str, Any]:
    chosen = server.address_on(network) if network is not None else None
    # Found also where it is not told: a server that nobody can reach is an error.
    address = chosen or server.reached_at or server.inner_address()
    variables: dict[str, Any] = {} if by_name else {"ansible_host": address}
    variables["ivc_addresses"] = {network: list(found) for network, found in server.addresses.items()}
    if server.floating_ips:
        variables["ivc_floating_ips"] = dict(server.floating_ips)
    return variables


def _check_network(network: str, servers: Sequence[Server]) -> None:
    networks = sorted({each for server in servers for each in server.addresses}, key=as_counted)
    if network not in networks:
        raise ValueError(f"--network: no server is on {network!r}; there are {', '.join(networks) or 'none'}")
