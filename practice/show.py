"""What stands in a project of the cloud, as its own API says it: servers, their ports, and the volumes."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from openstack.connection import Connection


def contents(cloud: "Connection") -> Group:
    """The project's servers and volumes, for a terminal."""
    servers = sorted(cloud.compute.servers(), key=lambda server: str(server.name))
    volumes = sorted(cloud.block_storage.volumes(), key=lambda volume: str(volume.name))
    return Group(_servers(cloud, servers, volumes), "", _volumes(servers, volumes))


def _servers(cloud: "Connection", servers: list[Any], volumes: list[Any]) -> Table:
    networks = {one.id: one.name for one in cloud.network.networks()}
    groups = {one.id: one.name for one in cloud.network.security_groups()}
    ports: dict[str, list[Any]] = defaultdict(list)
    for port in cloud.network.ports():
        ports[port.device_id].append(port)
    table = _table("server", "status", "flavor", "network: addresses", "groups", "volumes")
    for server in servers:
        own = sorted(ports[server.id], key=lambda port: networks.get(port.network_id, ""))
        table.add_row(
            escape(server.name),
            "[green]ACTIVE[/]" if server.status == "ACTIVE" else f"[red]{server.status}[/]",
            server.flavor.original_name or server.flavor.name,
            "\n".join(f"{escape(networks.get(port.network_id, '?'))}: {', '.join(_addresses(port))}" for port in own),
            "\n".join(
                escape(", ".join(groups.get(group, group) for group in port.security_group_ids) or "none")
                for port in own
            ),
            "\n".join(escape(volume.name) for volume in volumes if server.id in _holders(volume)),
        )
    return table


def _volumes(servers: list[Any], volumes: list[Any]) -> Table:
    names = {server.id: server.name for server in servers}
    table = _table("volume", "size", "status", "server")
    for volume in volumes:
        held_by = ", ".join(names.get(server, server) for server in _holders(volume))
        table.add_row(escape(volume.name), f"{volume.size} GB", volume.status, escape(held_by))
    return table


def _holders(volume: Any) -> list[str]:
    return [str(attachment["server_id"]) for attachment in volume.attachments]


def _addresses(port: Any) -> Iterator[str]:
    # IPv4 first: it is the shorter one, and what people look for.
    return iter(sorted((ip["ip_address"] for ip in port.fixed_ips), key=lambda ip: (":" in ip, ip)))


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold", pad_edge=False)
