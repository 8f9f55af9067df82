"""Servers as a configuration of OpenSSH's client (ssh_config(5))."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivc.access.server import Server

# What needs no quotes, and has no meaning of its own there.
_LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")


def text(servers: Sequence[Server], *, jump: str | None = None, user: str | None = None) -> str:
    """A block `Host` for each server.

    jump: the server that leads to those that nobody reaches otherwise. user: whom to log in as; by default it is not
    said.

    Raises ValueError for a jump that is no server, a login that cannot stand there, and a server that has no address.
    """
    if user is not None and not _LOGIN.fullmatch(user):
        raise ValueError(f"--user: {user!r} is no login: use letters, digits and any of . _ @ + - after the first")
    gate = None if jump is None else _jump(jump, servers)
    return "\n".join(_block(server, gate, user) for server in servers)


def _jump(name: str, servers: Sequence[Server]) -> Server:
    found = next((server for server in servers if server.name == name), None)
    if found is None:
        names = ", ".join(server.name for server in servers)
        raise ValueError(f"--jump: no server is called {name!r}; there are {names or 'none'}")
    if name.lower() == "none":
        raise ValueError(f"--jump: ssh takes a jump through {name!r} for none at all; rename that server")
    return found


def _block(server: Server, gate: Server | None, user: str | None) -> str:
    jumps = gate is not None and server is not gate and server.reached_at is None
    # The gate passes on to where it is itself.
    address = server.reached_at or server.inner_address(gate.addresses if gate is not None and jumps else ())
    lines = [
        f"Host {server.name}",
        f"    HostName {address}",
        # A replaced server has the old one's address, and other keys: it is another host.
        f"    HostKeyAlias {server.name}.{server.id}",
    ]
    if user is not None:
        lines.append(f"    User {user}")
    if gate is not None and jumps:
        lines.append(f"    ProxyJump {gate.name}")
    return "\n".join(lines) + "\n"
