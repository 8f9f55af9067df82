"""What the cloud itself says, in the words of the tests."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from openstack.connection import Connection

from tests.cloud import balancers


@dataclass(frozen=True)
class Server:
    """A server as Nova, Neutron and Cinder describe it."""

    id: str
    status: str
    networks: list[str]
    addresses: list[list[str]]
    groups: list[list[str]]
    port_ids: list[str]
    volumes: list[str]
    config_drive: bool
    flavor: str
    image_id: str
    metadata: dict[str, str]
    tags: list[str]


def running(cloud: Connection, name: str) -> Server:
    """The one server of a name; networks, addresses and groups in the order of its NICs."""
    one = cloud.compute.get_server(_only(cloud.compute.servers(name=f"^{name}$"), name).id)
    names = {network.id: network.name for network in cloud.network.networks()}
    groups = {group.id: group.name for group in cloud.network.security_groups()}
    ports = _ports_in_order(cloud, one.id)
    return Server(
        id=one.id,
        status=one.status,
        networks=[names[port.network_id] for port in ports],
        addresses=[sorted(ip["ip_address"] for ip in port.fixed_ips) for port in ports],
        groups=[sorted(groups[group] for group in port.security_group_ids) for port in ports],
        port_ids=[port.id for port in ports],
        volumes=[volume.volume_id for volume in cloud.compute.volume_attachments(one.id)],
        config_drive=bool(one.has_config_drive),
        flavor=one.flavor.original_name or one.flavor.name,
        # Nova tells none of what boots from a volume.
        image_id=one.image.id if one.image else "",
        metadata=dict(one.metadata),
        tags=sorted(tag for tag in cloud.compute.get(f"/servers/{one.id}/tags", microversion="2.26").json()["tags"]),
    )


def stored_user_data(admin: Connection, server_id: str) -> str:
    """The user data that Nova stores, which only an administrator may read."""
    shown = admin.compute.get(f"/servers/{server_id}", microversion="2.3").json()["server"]
    return base64.b64decode(shown["OS-EXT-SRV-ATTR:user_data"]).decode()


def actions(admin: Connection, server_id: str) -> list[str]:
    """What was done to a server, first to last; also of one that is deleted."""
    shown = admin.compute.get(f"/servers/{server_id}/os-instance-actions", microversion="2.21").json()
    # Nova lists the latest first, and tells their times to the second, by which two may be one.
    return [str(action["action"]) for action in reversed(shown["instanceActions"])]


def rules(cloud: Connection, group: str) -> set[tuple[Any, ...]]:
    """A group's rules: direction, family, protocol, first and last port, and who is at the other end."""
    names = {one.id: one.name for one in cloud.network.security_groups()}
    found = _only(cloud.network.security_groups(name=group), group)
    return {
        (
            rule.direction,
            rule.ether_type,
            rule.protocol,
            rule.port_range_min,
            rule.port_range_max,
            names.get(rule.remote_group_id) or rule.remote_ip_prefix,
        )
        for rule in cloud.network.security_group_rules(security_group_id=found.id)
    }


def records(cloud: Connection, zone: str) -> dict[str, list[str]]:
    """The IPv4 addresses that a zone has, by name."""
    found = _only(cloud.dns.zones(name=zone), zone)
    return {one.name: sorted(one.records) for one in cloud.dns.recordsets(found) if one.type == "A"}


def marked(cloud: Connection, stack: str) -> dict[str, list[str]]:
    """All that carries the mark of a stack, by kind: what `ivc:<stack>/<declaration>` says made it."""
    mark = f"ivc:{stack}/"

    def of(things: Any) -> list[str]:
        return sorted(thing.description.split(mark)[1].rstrip("]") for thing in things if mark in thing.description)

    return {
        "networks": of(cloud.network.networks()),
        "subnets": of(cloud.network.subnets()),
        "ports": of(cloud.network.ports()),
        "groups": of(cloud.network.security_groups()),
        "servers": sorted(
            server.metadata["ivc"].removeprefix(f"{stack}/")
            for server in cloud.compute.servers()
            if server.metadata.get("ivc", "").startswith(f"{stack}/")
        ),
    }


def _ports_in_order(cloud: Connection, server_id: str) -> list[Any]:
    """Nova shows a server's addresses in the order of its NICs; the MAC tells the port."""
    shown = cloud.compute.get(f"/servers/{server_id}").json()["server"]["addresses"]
    macs = dict.fromkeys(ip["OS-EXT-IPS-MAC:mac_addr"] for network in shown.values() for ip in network)
    ports = {port.mac_address: port for port in cloud.network.ports(device_id=server_id)}
    return [ports[mac] for mac in macs]


def _only(found: Any, name: str) -> Any:
    (one,) = list(found)
    assert one.name == name
    return one


def everything(cloud: Connection, stack: str) -> list[str]:
    """All that stands in the project under the mark of a stack, a line each, as a person says it.

    An address goes by its subnet's name where that is not the stack's own, or where it is made of a MAC; both address
    families of a rule are one line.
    """
    mark = f"ivc:{stack}/"
    networks = {one.id: one for one in cloud.network.networks()}
    subnets = {one.id: one for one in cloud.network.subnets()}
    groups = {one.id: one for one in cloud.network.security_groups()}
    ports = [one for one in cloud.network.ports() if mark in one.description]
    servers = [one for one in cloud.compute.servers() if one.metadata.get("ivc", "").startswith(f"{stack}/")]

    def address(ip: dict[str, str]) -> str:
        subnet = subnets[ip["subnet_id"]]
        if mark not in subnet.description:
            return str(subnet.name)
        return f"of {subnet.name}" if subnet.ipv6_address_mode else ip["ip_address"]

    def port(one: Any) -> str:
        addresses = ", ".join(sorted(address(ip) for ip in one.fixed_ips))
        guarded = ", ".join(sorted(groups[group].name for group in one.security_group_ids)) or "none"
        pairs = "".join(f"; also {pair['ip_address']}" for pair in one.allowed_address_pairs)
        open_to_all = "" if one.is_port_security_enabled else "; no port security"
        return f"port {one.name}: {addresses}; groups: {guarded}{pairs}{open_to_all}"

    def subnet(one: Any) -> str:
        gateway = f"gateway {one.gateway_ip}" if one.gateway_ip else "no gateway"
        return f"subnet {one.name} of {networks[one.network_id].name}: {one.cidr}, {gateway}"

    def router(one: Any) -> str:
        outside = one.external_gateway_info or {}
        joined = cloud.network.ports(device_id=one.id, device_owner="network:router_interface")
        joins = sorted(
            f"{subnets[ip['subnet_id']].name} at {ip['ip_address']}" for port in joined for ip in port.fixed_ips
        )
        routes = [f"; {route['destination']} by {route['nexthop']}" for route in one.routes]
        way = networks[outside["network_id"]].name if outside else "nothing"
        return f"router {one.name}: out by {way}; joins {', '.join(joins)}{''.join(routes)}"

    def floating_ip(one: Any) -> str:
        port = cloud.network.get_port(one.port_id) if one.port_id else None
        leads = f"leads to {port.name} at {one.fixed_ip_address}" if port is not None else "leads nowhere"
        name = one.description.partition(mark)[2].rstrip("]")
        return f"floating IP {name}: of {networks[one.floating_network_id].name}, {leads}"

    lines = [f"network {one.name}" for one in networks.values() if mark in one.description]
    lines += [subnet(one) for one in subnets.values() if mark in one.description]
    lines += [port(one) for one in ports]
    lines += [router(one) for one in cloud.network.routers() if mark in one.description]
    lines += [floating_ip(one) for one in cloud.network.ips() if mark in one.description]
    for group in groups.values():
        if mark in group.description:
            lines += [f"group {group.name}: {rule}" for rule in _spoken(cloud, group.name)]
    lines += [_server(cloud, one.name) for one in servers]
    if cloud.has_service("load-balancer"):
        lines += balancers.load_balancers(cloud, mark)
    return sorted(lines)


def _server(cloud: Connection, name: str) -> str:
    one = running(cloud, name)
    volumes = ", ".join(cloud.block_storage.get_volume(volume).name for volume in one.volumes)
    parts = [one.status, one.flavor, cloud.image.get_image(one.image_id).name, f"on {', '.join(one.networks)}"]
    parts += [f"volumes: {volumes}"] if volumes else []
    parts += ["config drive"] if one.config_drive else []
    return f"server {name}: {'; '.join(parts)}"


def _spoken(cloud: Connection, group: str) -> set[str]:
    """A group's rules as sentences; of one that holds in one address family alone, that is said."""
    families: dict[str, set[str]] = {}
    for direction, family, protocol, first, last, peer in rules(cloud, group):
        kind = "icmp" if protocol == "ipv6-icmp" else protocol or "anything"
        numbers = "" if first is None else f" {first}" if first == last else f" {first}-{last}"
        way = "from" if direction == "ingress" else "to"
        families.setdefault(f"{kind}{numbers} {way} {peer or 'anywhere'}", set()).add(family)
    is_range = re.compile(r"/\d+$")
    return {
        sentence if len(found) == 2 or is_range.search(sentence) else f"{sentence}, {min(found)} alone"
        for sentence, found in families.items()
    }
