"""Who reaches what: the world a server or a load balancer, one server another."""

from __future__ import annotations

from typing import Any

import pytest

from ivc.estate import Stack, stack_of
from ivc.estate.reach import Opening, Reach, between, of_load_balancer, of_nic, through, to_load_balancer
from ivc.policies.facts import GROUP, NETWORK, RULE
from ivc.terraform.document import Document
from tests.policies.documents import Json, data, group, instance, merged, port, resource, tcp

SUBNET = "openstack_networking_subnet_v2"
NOBODY: Json = {"variable": {"r": {}}}
BALANCER, LISTENER = "openstack_lb_loadbalancer_v2", "openstack_lb_listener_v2"


def stack(*documents: Json) -> Stack:
    return stack_of(Document.of("s", merged(*documents)))


def reached(read: Stack, source: str, target: str) -> Reach:
    servers = {one.id: one for one in read.instances}
    return between(read, servers[source], servers[target])


def network(name: str, cidr: str = "10.0.0.0/24") -> Json:
    subnet = resource(SUBNET, name, name=name, network_id=f"${{{NETWORK}.{name}.id}}", cidr=cidr)
    return merged(resource(NETWORK, name, name=name), subnet)


def no_range(network: str) -> Json:
    """That nobody tells the range of a network's subnet."""
    return resource(SUBNET, network, cidr="${var.r}") | NOBODY


def nic(id: str, *groups: str, of: str = "backend", ip: str | None = None, **given: Any) -> Json:
    fixed: dict[str, Any] = {"fixed_ip": [{"ip_address": ip}]} if ip else {}
    return port(id, *groups, network=f"{NETWORK}.{of}", **fixed, **given)


def out(of: str, **given: Any) -> Json:
    said = {"direction": "egress", "ethertype": "IPv4", "security_group_id": f"${{{GROUP}.{of}.id}}"} | given
    return resource(RULE, f"{of}-out", **said)


def ports(low: int, high: int) -> dict[str, Any]:
    return {"protocol": "tcp", "port_range_min": low, "port_range_max": high}


def from_group(peer: str, *, of: str = "db") -> Json:
    return tcp(3306, of=of, remote_ip_prefix=None, remote_group_id=f"${{{GROUP}.{peer}.id}}")


EVERYTHING_OUT = Reach(frozenset({Opening("", 0, 65535, "IPv4")}))
MYSQL = frozenset({Opening("tcp", 3306, 3306, "IPv4")})
PAIR = merged(network("backend"), group(), group("db"), instance("w", "wp"), instance("d", "dp"), out("web"))
PLUGGED = merged(nic("wp", "web", ip="10.0.0.11"), nic("dp", "db", ip="10.0.0.21"))


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([PLUGGED, from_group("web")], Reach(MYSQL)),
        ([PLUGGED, from_group("db")], Reach()),
        ([PLUGGED, tcp(3306, of="db", remote_ip_prefix="10.0.0.11/32")], Reach(MYSQL)),
        ([PLUGGED, tcp(3306, of="db", remote_ip_prefix="10.0.0.12/32")], Reach()),
        ([PLUGGED, tcp(3306, of="db", remote_ip_prefix="${var.r}"), NOBODY], Reach(unknown=frozenset({"${var.r}"}))),
        ([PLUGGED, from_group("web"), out("web", **ports(80, 90))], Reach()),
        ([PLUGGED, from_group("web"), out("web", **ports(3000, 4000))], Reach(MYSQL)),
        ([nic("wp", "web"), nic("dp", "db"), tcp(3306, of="db", remote_ip_prefix="10.0.0.0/16")], Reach(MYSQL)),
        (
            [nic("wp", "web"), nic("dp", "db"), tcp(3306, of="db", remote_ip_prefix="10.0.0.0/28")],
            Reach(unknown=frozenset({"a range that an automatic address may lie in"})),
        ),
        ([nic("wp", "web"), nic("dp", "db"), no_range("backend"), tcp(3306, of="db")], Reach(MYSQL)),
        ([nic("wp", "web"), nic("dp", "db", port_security_enabled=False)], EVERYTHING_OUT),
        ([nic("wp", "web"), nic("dp", "db", of="other"), network("other", "10.1.0.0/24"), from_group("web")], Reach()),
    ],
)  # fmt: skip
def test_what_one_server_reaches_of_another(documents: list[Json], expected: Reach) -> None:
    assert reached(stack(PAIR, *documents), "w", "d") == expected


def test_a_router_joins_networks() -> None:
    apart = [nic("wp", "web"), nic("dp", "db", of="other"), network("other", "10.1.0.0/24"), from_group("web")]
    router = merged(
        resource("openstack_networking_router_v2", "r", name="r"),
        *(
            resource(
                "openstack_networking_router_interface_v2",
                name,
                router_id="${openstack_networking_router_v2.r.id}",
                subnet_id=f"${{{SUBNET}.{name}.id}}",
            )
            for name in ("backend", "other")
        ),
    )
    assert reached(stack(PAIR, *apart, router), "w", "d") == Reach(MYSQL)


def balancer(network: str, **listener: Any) -> Json:
    given = {"protocol": "HTTPS", "protocol_port": 443, "loadbalancer_id": f"${{{BALANCER}.lb.id}}"} | listener
    return merged(
        resource(BALANCER, "lb", name="lb", vip_network_id=f"${{{network}.id}}"), resource(LISTENER, "l", **given)
    )


HTTPS = frozenset(Opening("tcp", 443, 443, family) for family in ("IPv4", "IPv6"))
IPV4 = frozenset(opening for opening in HTTPS if opening.family == "IPv4")
DIAMETER = frozenset(Opening("sctp", 3868, 3868, family) for family in ("IPv4", "IPv6"))
DNS = frozenset(Opening("udp", 53, 53, family) for family in ("IPv4", "IPv6"))
OUTSIDE = data(NETWORK, "Ext-Net", name="Ext-Net", external=True)
FLOATING = resource(
    "openstack_networking_floatingip_v2", "f", pool="Ext-Net", port_id=f"${{{BALANCER}.lb.vip_port_id}}"
)
OF_OUR_PORT = merged(
    network("backend"),
    port("vip", network=f"{NETWORK}.backend"),
    balancer(f"{NETWORK}.backend"),
    resource(BALANCER, "lb", vip_network_id=None, vip_port_id="${openstack_networking_port_v2.vip.id}"),
)
LEADS_TO_IT = merged(
    resource("openstack_networking_floatingip_v2", "f", pool="Ext-Net"),
    resource(
        "openstack_networking_floatingip_associate_v2",
        "f",
        floating_ip="${openstack_networking_floatingip_v2.f.address}",
        port_id="${openstack_networking_port_v2.vip.id}",
    ),
)


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([OF_OUR_PORT], frozenset()),
        ([OF_OUR_PORT, LEADS_TO_IT], HTTPS),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net")], HTTPS),
        ([network("backend"), balancer(f"{NETWORK}.backend")], frozenset()),
        ([network("backend"), balancer(f"{NETWORK}.backend"), FLOATING], HTTPS),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net", allowed_cidrs=["203.0.113.0/24"])], frozenset()),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net", allowed_cidrs=["0.0.0.0/1", "128.0.0.0/1"])], IPV4),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net", allowed_cidrs=["::/0", "203.0.113.0/24"])], HTTPS - IPV4),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net", protocol="SCTP", protocol_port=3868)], DIAMETER),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net", allowed_cidrs=["${var.who}"])], HTTPS),
        ([OUTSIDE, balancer(f"data.{NETWORK}.Ext-Net", protocol="UDP", protocol_port=53)], DNS),
    ],
)
def test_what_the_world_reaches_of_a_load_balancer(documents: list[Json], expected: frozenset[Opening]) -> None:
    read = stack(*documents)
    assert of_load_balancer(read, read.load_balancers[0]).openings == expected


BY_WEB = frozenset({Opening("tcp", 443, 443, "IPv4")})


@pytest.mark.parametrize(
    ("given", "of_group", "expected"),
    [
        ({}, {}, Reach(BY_WEB)),
        ({"allowed_cidrs": ["10.0.0.11/32"]}, {}, Reach(BY_WEB)),
        ({"allowed_cidrs": ["10.0.0.12/32"]}, {}, Reach()),
        ({"allowed_cidrs": ["${var.who}"]}, {}, Reach(unknown=frozenset({"${var.who}"}))),
        ({}, ports(80, 90), Reach()),
        ({"protocol": "UDP"}, ports(443, 443), Reach()),
    ],
)
def test_what_a_server_reaches_of_a_load_balancer(given: Json, of_group: Json, expected: Reach) -> None:
    lets = balancer(f"{NETWORK}.backend", **given)
    read = stack(
        PAIR, PLUGGED, out("web", **of_group), OF_OUR_PORT, resource(LISTENER, "l", **lets["resource"][LISTENER]["l"])
    )
    web, db = (next(one for one in read.instances if one.id == name) for name in ("w", "d"))
    assert to_load_balancer(read, web, read.load_balancers[0]) == expected
    # Its group lets nothing out.
    assert to_load_balancer(read, db, read.load_balancers[0]).openings == frozenset()


def test_whom_the_world_reaches_through_a_load_balancer() -> None:
    pools = merged(
        *(
            resource(
                "openstack_lb_pool_v2", name, name=name, protocol="HTTPS", loadbalancer_id=f"${{{BALANCER}.lb.id}}"
            )
            for name in ("web", "idle")
        ),
        *(
            resource(
                "openstack_lb_members_v2",
                name,
                pool_id=f"${{openstack_lb_pool_v2.{name}.id}}",
                member=[{"name": name, "address": address, "protocol_port": 8443}],
            )
            for name, address in (("web", "10.0.0.11"), ("idle", "10.0.0.12"))
        ),
    )
    leading = balancer(f"data.{NETWORK}.Ext-Net", default_pool_id="${openstack_lb_pool_v2.web.id}")
    read = stack(OUTSIDE, leading, pools)
    assert [
        (one.opening.low, one.opening.family, one.pool.name, one.member.address, one.member.port)
        for one in sorted(through(read, read.load_balancers[0]), key=lambda one: one.opening)
    ] == [(443, "IPv4", "web", "10.0.0.11", 8443), (443, "IPv6", "web", "10.0.0.11", 8443)]


@pytest.mark.parametrize("said", ["shown", "${openstack_networking_secgroup_v2.web.name}"])
def test_an_instance_says_its_groups_by_the_names_that_the_cloud_shows(said: str) -> None:
    read = stack(
        data(NETWORK, "net", name="Ext-Net", external=True),
        merged(tcp(22), group(name="shown")),
        resource("openstack_compute_instance_v2", "w", name="w", network=[{"name": "Ext-Net"}], security_groups=[said]),
    )
    (nic_of_nova,) = read.instances[0].nics
    assert nic_of_nova.group_addresses == (f"{GROUP}.web",)
    assert {(one.low, one.high) for one in of_nic(read, nic_of_nova).openings} == {(22, 22)}


def test_the_rules_of_a_group_that_is_looked_up_are_not_all_known() -> None:
    read = stack(
        data(NETWORK, "net", name="Ext-Net", external=True),
        data(GROUP, "office", name="office"),
        port("p", network=f"data.{NETWORK}.net", security_group_ids=[f"${{data.{GROUP}.office.id}}"]),
        resource(RULE, "r", **ports(443, 443) | {"direction": "ingress", "ethertype": "IPv4"}
                 | {"remote_ip_prefix": "0.0.0.0/0", "security_group_id": f"${{data.{GROUP}.office.id}}"}),
        instance("w", "p"),
    )  # fmt: skip
    (nic_of_port,) = read.instances[0].nics
    reach = of_nic(read, nic_of_port)
    assert {(one.low, one.high) for one in reach.openings} == {(443, 443)}
    assert reach.unknown == {"office"}


def test_what_a_looked_up_group_lets_out_is_not_known() -> None:
    theirs = data(GROUP, "office", name="office")
    leaves = nic("wp", ip="10.0.0.11", security_group_ids=[f"${{data.{GROUP}.office.id}}"])
    comes = [nic("dp", "db", ip="10.0.0.21"), tcp(3306, of="db", remote_ip_prefix="10.0.0.0/24")]
    assert reached(stack(PAIR, theirs, leaves, *comes), "w", "d") == Reach(unknown=frozenset({"office"}))


def test_whether_a_server_is_of_a_group_is_unknown_where_its_groups_are() -> None:
    leaves = nic("wp", security_group_ids=["${var.r}"], port_security_enabled=False)
    comes = [nic("dp", "db"), from_group("web"), NOBODY]
    assert "web" in reached(stack(PAIR, leaves, *comes), "w", "d").unknown


@pytest.mark.parametrize(("cidr", "family"), [("::/0", "IPv6"), ("0.0.0.0/0", "IPv4")])
def test_a_rule_of_an_old_group_is_of_the_family_of_its_range(cidr: str, family: str) -> None:
    old = "openstack_compute_secgroup_v2"
    block = {"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "cidr": cidr}
    (only,) = stack(resource(old, "web", name="web", description="d", rule=[block])).groups
    assert [one.families for one in only.rules] == [(family,)]
