"""Outputs of stacks for people: which server runs where, and the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivc.words.foreign_text import visible
from ivc.words.order import as_counted

_SERVERS = "instances"


def show(outputs: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the outputs of each stack: the library's own as a table, others as `name = value`."""
    console = Console(highlight=False)
    for stack, found in outputs.items():
        servers = found.get(_SERVERS)
        if isinstance(servers, Mapping) and servers:
            console.print(_servers(stack, servers))
        others = {name: value for name, value in found.items() if name != _SERVERS or not isinstance(value, Mapping)}
        for name in sorted(others, key=as_counted):
            value = others[name]
            text = value if isinstance(value, str) else json.dumps(value)
            console.print(Text(visible(f"{stack}: {name} = {text}")), soft_wrap=True)


def _servers(stack: str, servers: Mapping[str, Any]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, title=Text(f"What runs in {stack}"), title_justify="left")
    for heading in ("Instance", "Network", "Addresses"):
        table.add_column(heading, overflow="fold")
    for name in sorted(servers, key=as_counted):
        server = servers[name]
        addresses = server.get("addresses") or {}
        floating = server.get("floating_ips") or {}
        rows = [(network, [*found, *_floating(floating.get(network))]) for network, found in addresses.items()] or [
            ("", [])
        ]
        for number, (network, found) in enumerate(rows):
            called = name if server.get("name") in (None, name) else f"{name} ({server['name']})"
            table.add_row(
                Text("" if number else visible(called), style="bold"),
                Text(visible(network)),
                Text(visible(", ".join(map(str, found)))),
            )
    return table


def _floating(address: object) -> list[str]:
    return [f"floating {address}"] if address else []
