"""What stands in a project of the cloud, as its own API says it: servers, their ports, volumes, and what the extras
keep."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from practice.services import Extra

if TYPE_CHECKING:
    from openstack.connection import Connection


def contents(cloud: "Connection", extras: Collection[Extra] = ()) -> Group:
    """The project's servers and volumes, and what stands in these extras, for a terminal."""
    servers = _by_name(cloud.compute.servers())
    volumes = _by_name(cloud.block_storage.volumes())
    tables = [_servers(cloud, servers, volumes), _volumes(servers, volumes)]
    tables += [_EXTRAS[extra](cloud) for extra in Extra if extra in extras]
    return Group(*[part for table in tables for part in ("", table)][1:])


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


def _containers(cloud: "Connection") -> Table:
    table = _table("container", "objects", "size")
    for one in cloud.object_store.containers():
        # The list of all has what each told some time ago.
        container = cloud.object_store.get_container_metadata(one.name)
        table.add_row(escape(one.name), str(container.object_count), f"{container.bytes_used} B")
    return table


def _secrets(cloud: "Connection") -> Table:
    table = _table("secret", "type", "status")
    for secret in _by_name(cloud.key_manager.secrets()):
        table.add_row(escape(secret.name or ""), secret.secret_type, secret.status)
    return table


def _zones(cloud: "Connection") -> Table:
    table = _table("zone", "status", "records")
    for zone in _by_name(cloud.dns.zones()):
        records = _by_name(cloud.dns.recordsets(zone))
        said = (f"{one.name} {one.type} {', '.join(one.records)}" for one in records if one.type not in ("NS", "SOA"))
        table.add_row(escape(zone.name), zone.status, escape("\n".join(said)))
    return table


def _load_balancers(cloud: "Connection") -> Table:
    listeners: dict[str, list[str]] = defaultdict(list)
    for one in _by_name(cloud.load_balancer.listeners()):
        for balancer in one.load_balancers:
            listeners[balancer["id"]].append(f"{one.protocol} {one.protocol_port}")
    table = _table("load balancer", "status", "address", "listeners")
    for one in _by_name(cloud.load_balancer.load_balancers()):
        table.add_row(escape(one.name), one.provisioning_status, one.vip_address, "\n".join(listeners[one.id]))
    return table


def _stacks(cloud: "Connection") -> Table:
    table = _table("stack", "status")
    for stack in _by_name(cloud.orchestration.stacks()):
        table.add_row(escape(stack.name), stack.status)
    return table


_EXTRAS: dict[Extra, Callable[["Connection"], Table]] = {
    Extra.OBJECTS: _containers,
    Extra.SECRETS: _secrets,
    Extra.DNS: _zones,
    Extra.LOADBALANCER: _load_balancers,
    Extra.ORCHESTRATION: _stacks,
}


def _by_name(things: Iterable[Any]) -> list[Any]:
    return sorted(things, key=lambda one: str(one.name))


def _holders(volume: Any) -> list[str]:
    return [str(attachment["server_id"]) for attachment in volume.attachments]


def _addresses(port: Any) -> Iterator[str]:
    # IPv4 first: it is the shorter one, and what people look for.
    return iter(sorted((ip["ip_address"] for ip in port.fixed_ips), key=lambda ip: (":" in ip, ip)))


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold", pad_edge=False)
