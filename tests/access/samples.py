"""Servers that run, for the tests of what tells how to reach them."""

from __future__ import annotations

from typing import Any

from ivc.access.server import Server

ID = "d81a25cf-3817-460b-a57c-72024b6b0afd"


def running(name: str = "www-1", /, **more: Any) -> Server:
    """A server of the stack shop on a private network."""
    return Server(**{"stack": "shop", "name": name, "id": ID, "addresses": {"backend": ["10.0.0.11"]}, **more})


def shop() -> list[Server]:
    """A bastion with a floating IP, web servers on the Internet, a database on the inside alone."""
    inside, outside = {"backend": ["10.0.0.11", "fd00::11"]}, {"Ext-Net": ["198.51.100.7", "2001:db8::7"]}
    return [
        running("bastion", addresses={"backend": ["10.0.0.5"]}, floating_ips={"backend": "203.0.113.5"}),
        running("db-1", addresses={"store": ["10.9.0.21"], "backend": ["10.0.0.21"]}, tags=["data-base", "slow"]),
        running("www-1", addresses=outside | inside, public=["Ext-Net"], tags=["web"], tier="www"),
    ]
