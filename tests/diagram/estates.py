"""Estates to draw, as Terraform JSON: no CDKTF, so that a test takes no time."""

from __future__ import annotations

from typing import Any

from ivc.estate import Stack, stack_of
from ivc.policies.facts import GROUP, INSTANCE, NETWORK, PORT, RULE
from ivc.terraform.document import Document
from tests.policies.documents import Json, data, merged, resource

SUBNET = "openstack_networking_subnet_v2"
ROUTER, INTERFACE = "openstack_networking_router_v2", "openstack_networking_router_interface_v2"
FLOATING_IP, ASSOCIATION = "openstack_networking_floatingip_v2", "openstack_networking_floatingip_associate_v2"
BALANCER, LISTENER = "openstack_lb_loadbalancer_v2", "openstack_lb_listener_v2"
POOL, MEMBER = "openstack_lb_pool_v2", "openstack_lb_member_v2"


def stack(*documents: Json) -> Stack:
    return stack_of(Document.of("shop", merged(*documents)))


def outside(id: str = "Ext-Net", *, public: bool | None = True) -> Json:
    """A network that is looked up."""
    note = {} if public is None else {"//": {"ivc": {f"data.{NETWORK}.{id}": {"public": public}}}}
    return merged(data(NETWORK, id, name=id), note)


def network(id: str, *cidrs: str, **given: Any) -> Json:
    subnets = [
        resource(SUBNET, f"{id}-{number}", name=id, network_id=f"${{{NETWORK}.{id}.id}}", cidr=cidr)
        for number, cidr in enumerate(cidrs)
    ]
    return merged(resource(NETWORK, id, name=id, **given), *subnets)


def router(id: str, *subnets: str, out: str | None = "Ext-Net") -> Json:
    """A router with interfaces in subnets, by their Terraform names."""
    way = {"external_network_id": f"${{data.{NETWORK}.{out}.id}}"} if out else {}
    interfaces = [
        resource(
            INTERFACE, f"{id}-{subnet}", router_id=f"${{{ROUTER}.{id}.id}}", subnet_id=f"${{{SUBNET}.{subnet}.id}}"
        )
        for subnet in subnets
    ]
    return merged(resource(ROUTER, id, name=id, **way), *interfaces)


def group(id: str, **opened: Any) -> Json:
    """A group of which everything leaves. opened: ports, by the peer that reaches them: `world`, or a group."""
    ref = f"${{{GROUP}.{id}.id}}"
    rules = [
        resource(RULE, f"{id}-out-{family}", direction="egress", ethertype=family, security_group_id=ref)
        for family in ("IPv4", "IPv6")
    ]
    for peer, ports in opened.items():
        far = {"remote_ip_prefix": "0.0.0.0/0"} if peer == "world" else {"remote_group_id": f"${{{GROUP}.{peer}.id}}"}
        rules += [
            resource(RULE, f"{id}-{peer}-{port}", direction="ingress", ethertype="IPv4", protocol="tcp",
                     port_range_min=port, port_range_max=port, security_group_id=ref, **far)
            for port in ports
        ]  # fmt: skip
    return merged(resource(GROUP, id, name=id, description=id), *rules)


def server_with(id: str, *nics: Json, **given: Any) -> Json:
    """A server with a port for each NIC, which `nic` says."""
    ports = [resource(PORT, f"{id}_{number}", name=id, **nic) for number, nic in enumerate(nics)]
    plugged = [{"port": f"${{{PORT}.{id}_{number}.id}}"} for number in range(len(nics))]
    return merged(resource(INSTANCE, id, **{"name": id, "network": plugged} | given), *ports)


def nic(network: str, *groups: str, ip: str | None = None, vip: str | None = None, **given: Any) -> Json:
    """What a port says. network: the Terraform name of one that is made, or `data.Ext-Net` of one that is looked up."""
    where = f"data.{NETWORK}.{network.removeprefix('data.')}" if network.startswith("data.") else f"{NETWORK}.{network}"
    said: Json = {"network_id": f"${{{where}.id}}", "security_group_ids": [f"${{{GROUP}.{one}.id}}" for one in groups]}
    if ip:
        said["fixed_ip"] = [{"ip_address": ip}]
    if vip:
        said["allowed_address_pairs"] = [{"ip_address": vip}]
    return said | given


def free_port(id: str, nic: Json) -> Json:
    return resource(PORT, id, name=id, **nic)


def floating_ip(id: str, port: str | None = None, *, ip: str | None = None, pool: str = "Ext-Net") -> Json:
    """A floating IP, and what leads it to a port."""
    made = resource(FLOATING_IP, id, pool=pool, address=ip)
    if port is None:
        return made
    led = resource(ASSOCIATION, id, floating_ip=f"${{{FLOATING_IP}.{id}.address}}", port_id=f"${{{PORT}.{port}.id}}")
    return merged(made, led)


def balancer(id: str, network: str, *members: str, port: int = 443) -> Json:
    ref, pool = (f"${{{type_}.{id}.id}}" for type_ in (BALANCER, POOL))
    return merged(
        resource(BALANCER, id, name=id, vip_network_id=f"${{{network}.id}}"),
        resource(LISTENER, id, protocol="HTTPS", protocol_port=port, loadbalancer_id=ref, default_pool_id=pool),
        resource(POOL, id, protocol="HTTPS", lb_method="ROUND_ROBIN", loadbalancer_id=ref),
        *(
            resource(MEMBER, f"{id}-{number}", pool_id=pool, address=address, protocol_port=8443)
            for number, address in enumerate(members)
        ),
    )


def forty_servers() -> Stack:
    """Forty servers of five kinds on four networks, with two routers, floating IPs, a VIP and a load balancer."""
    webs = [
        server_with(f"web-{n}", nic("front", "web", ip=f"10.0.1.{10 + n}", vip="10.0.1.100"), nic("back", "web"))
        for n in range(1, 19)
    ]
    apps = [server_with(f"app-{n}", nic("back", "app", ip=f"10.0.2.{10 + n}")) for n in range(1, 13)]
    dbs = [
        server_with(f"db-{n}", nic("back", "db", ip=f"10.0.2.{100 + n}"), nic("storage", "storage", ip=f"fd00:3::{n}"))
        for n in range(1, 8)
    ]
    return stack(
        outside(),
        network("front", "10.0.1.0/24"),
        network("back", "10.0.2.0/24", "fd00:2::/64"),
        network("storage", "fd00:3::/64", port_security_enabled=True),
        router("gate", "front-0", "back-0"),
        router("inner", "back-1", "storage-0", out=None),
        group("web", world=[80, 443], ops=[22]),
        group("app", web=[8080], ops=[22]),
        group("db", app=[5432], ops=[22]),
        group("storage", storage=[2049]),
        group("ops", world=[22]),
        *webs, *apps, *dbs,
        server_with("bastion-1", nic("front", "ops", ip="10.0.1.5")),
        server_with("bastion-2", nic("front", "ops", ip="10.0.1.6")),
        server_with("legacy", nic("data.office", security_group_ids=[f"${{data.{GROUP}.office.id}}"])),
        outside("office", public=None),
        data(GROUP, "office", name="office"),
        free_port("www", nic("front", ip="10.0.1.100")),
        floating_ip("www", "www", ip="203.0.113.7"),
        floating_ip("bastion-1", "bastion-1_0", ip="203.0.113.8"),
        floating_ip("bastion-2", "bastion-2_0"),
        floating_ip("spare", ip="203.0.113.99"),
        balancer("api", f"data.{NETWORK}.Ext-Net", *(f"10.0.2.{10 + n}" for n in range(1, 13))),
    )  # fmt: skip
