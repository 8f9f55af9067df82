"""What Octavia says of an estate, in the words of the tests; `witness`, which asks the rest, has it among all lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openstack.connection import Connection

Json = dict[str, Any]


def load_balancers(cloud: Connection, mark: str) -> Iterator[str]:
    """The load balancers that carry the mark of a stack, and all that stands in them, whoever made it; a line each."""
    for one in _ask(cloud, "loadbalancers"):
        if mark in one["description"]:
            yield from (f"load balancer {one['name']}: {line}" for line in _in_load_balancer(cloud, one))


def _in_load_balancer(cloud: Connection, one: Json) -> Iterator[str]:
    port = cloud.network.get_port(one["vip_port_id"])
    yield f"{one['provisioning_status']}, at {one['vip_address']} of port {port.name}"
    own = {part["id"] for part in [*one["listeners"], *one["pools"]]}
    pools = {pool["id"]: pool for pool in _ask(cloud, "pools") if pool["id"] in own}
    for listener in _ask(cloud, "listeners"):
        if listener["id"] in own:
            yield from _of_listener(cloud, listener, pools)
    for pool in pools.values():
        yield f"pool {pool['name']}: {pool['protocol']}, {pool['lb_algorithm']}"
        yield from (f"pool {pool['name']}: {line}" for line in _in_pool(cloud, pool))


def _of_listener(cloud: Connection, one: Json, pools: dict[str, Json]) -> Iterator[str]:
    what = f"{one['protocol']} {one['protocol_port']}"
    peers = ", ".join(one["allowed_cidrs"] or ["anywhere"])
    to = f"pool {pools[one['default_pool_id']]['name']}" if one["default_pool_id"] else "no pool"
    yield f"{what} from {peers} to {to}"
    for policy in _ask(cloud, "l7policies"):
        if policy["listener_id"] == one["id"]:
            rules = ", ".join(
                f"{rule['type']} {rule['compare_type']} {rule['value']}"
                for rule in _ask(cloud, f"l7policies/{policy['id']}/rules")
            )
            yield f"{what}, {rules}: {policy['action']} {policy['redirect_http_code']} {policy['redirect_prefix']}"


def _in_pool(cloud: Connection, pool: Json) -> Iterator[str]:
    subnets = {one.id: one.name for one in cloud.network.subnets()}
    for member in _ask(cloud, f"pools/{pool['id']}/members"):
        where = f"{member['address']}:{member['protocol_port']} of {subnets[member['subnet_id']]}"
        backup = ", a backup" if member["backup"] else ""
        yield f"member {member['name']}, {where}, weight {member['weight']}{backup}"
    for one in _ask(cloud, "healthmonitors"):
        if one["id"] == pool["healthmonitor_id"]:
            asked = f"{one['type']} {one['url_path'] or ''}".strip()
            answers = f"{one['max_retries']} answers and it works, {one['max_retries_down']} misses and it does not"
            yield f"asked by {asked} every {one['delay']} s for {one['timeout']} s; {answers}"


def _ask(cloud: Connection, path: str) -> list[Json]:
    """What stands under a path; raw, as the SDK leaves out what some of it says."""
    found: list[Json] = cloud.load_balancer.get(f"/lbaas/{path}").json()[path.rpartition("/")[2]]
    return found
