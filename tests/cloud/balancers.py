"""What Octavia and Designate say of an estate, in the words of the tests; beside `witness`, which asks the core."""

from __future__ import annotations

from typing import Any

from openstack.connection import Connection


def load_balancers(cloud: Connection, stack: str) -> list[str]:
    """The load balancers that carry the mark of a stack, with all that stands in them, a line each."""
    mark = f"ivc:{stack}/"
    found = [one for one in _ask(cloud, "loadbalancers") if mark in one["description"]]
    return sorted(line for one in found for line in _load_balancer(cloud, one))


def records(cloud: Connection, zone: str) -> dict[str, list[str]]:
    """The IPv4 addresses that a zone has, by name."""
    (found,) = list(cloud.dns.zones(name=zone))
    return {one.name: sorted(one.records) for one in cloud.dns.recordsets(found) if one.type == "A"}


def _load_balancer(cloud: Connection, one: dict[str, Any]) -> list[str]:
    name, own = one["name"], {part["id"] for part in [*one["listeners"], *one["pools"]]}
    pools = {pool["id"]: pool for pool in _ask(cloud, "pools") if pool["id"] in own}
    lines = [f"load balancer {name}: {one['provisioning_status']}; at {one['vip_address']}"]
    for listener in _ask(cloud, "listeners"):
        if listener["id"] not in own:
            continue
        what = f"{name}: {listener['protocol']} {listener['protocol_port']}"
        who = ", ".join(listener["allowed_cidrs"] or ["anywhere"])
        pool = pools.get(listener["default_pool_id"])
        to = f" to {pool['name']}" if pool else ""
        lines.append(f"{what} from {who}{to}")
        for policy in _ask(cloud, "l7policies"):
            if policy["listener_id"] == listener["id"]:
                rules = ", ".join(map(_rule, _ask(cloud, f"l7policies/{policy['id']}/rules")))
                lines.append(f"{what}, {rules}: {policy['redirect_http_code']} to {policy['redirect_prefix']}")
    for pool in pools.values():
        monitor = next(one for one in _ask(cloud, "healthmonitors") if one["id"] == pool["healthmonitor_id"])
        members = ", ".join(sorted(_member(member) for member in _ask(cloud, f"pools/{pool['id']}/members")))
        asked = f"{monitor['type']} {monitor['url_path'] or ''}".strip()
        what = f"{name}: pool {pool['name']}: {pool['protocol']}, {pool['lb_algorithm']}"
        lines.append(f"{what}; asked by {asked}; {members}")
    return lines


def _ask(cloud: Connection, path: str) -> list[dict[str, Any]]:
    """What stands under a path; raw, as the SDK leaves out what some of it says."""
    found: list[dict[str, Any]] = cloud.load_balancer.get(f"/lbaas/{path}").json()[path.rpartition("/")[2]]
    return found


def _rule(one: dict[str, Any]) -> str:
    return f"{one['type']} {one['compare_type']} {one['value']}"


def _member(one: dict[str, Any]) -> str:
    return f"{one['name']} at {one['address']}:{one['protocol_port']}{' as a backup' if one['backup'] else ''}"
