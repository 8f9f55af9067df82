"""The examples as their pages show them: commands, and the diagram beside what was synthesized."""

from __future__ import annotations

import json
import os
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.helpers import GROUP, INSTANCE, PORT, PROJECT, RULE, SUBNET, VOLUME

ROUTER = "openstack_networking_router_v2"
INTERFACE = "openstack_networking_router_interface_v2"
ASSOCIATION = "openstack_networking_floatingip_associate_v2"
LOAD_BALANCER = "openstack_lb_loadbalancer_v2"
LISTENER = "openstack_lb_listener_v2"
POOL = "openstack_lb_pool_v2"
MEMBERS = "openstack_lb_members_v2"

FOLDER = PROJECT / "examples"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/main.py"))

Arrow = tuple[str, str, str]


def page(name: str) -> str:
    """The example's README."""
    return (FOLDER / name / "README.md").read_text()


def commands(name: str) -> list[str]:
    """The lines that a reader is to type."""
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", page(name), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def refusal(name: str, outdir: Path, **environment: str) -> object:
    """What an example's program ends with before it writes anything. outdir: an empty folder."""
    environment["CDKTF_OUTDIR"] = str(outdir)
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "path", [*sys.path]),
        pytest.raises(SystemExit) as ended,
    ):
        runpy.run_path(str(FOLDER / name / "main.py"))
    assert list(outdir.iterdir()) == []
    return ended.value.code


def drawn(name: str) -> tuple[set[Arrow], set[tuple[str, str]]]:
    """What the page's diagram says: who reaches whom by what, and what hangs on what. By labels where there are any."""
    (text,) = re.findall(r"```mermaid\nflowchart LR\n(.*?)```", page(name), re.DOTALL)
    nodes = re.compile(r'([\w-]+)[(\[]+"?([^")\]]+)"?[)\]]+')
    labels: dict[str, str] = dict(nodes.findall(text))
    lines = [nodes.sub(r"\1", line).strip() for line in text.splitlines()]
    arrows, hangs = set(), set()
    for line in lines:
        if arrow := re.fullmatch(r"([\w-]+) -->\|(.+)\| ([\w-]+)", line):
            arrows.add((labels.get(arrow[1], arrow[1]), arrow[2], labels.get(arrow[3], arrow[3])))
        elif hang := re.fullmatch(r"([\w-]+) --- ([\w-]+)", line):
            hangs.add((labels.get(hang[1], hang[1]), labels.get(hang[2], hang[2])))
        else:
            raise AssertionError(f"{name}: no line of a diagram as they are here: {line}")
    return arrows, hangs


def declared(name: str, outdir: Path) -> tuple[set[Arrow], set[tuple[str, str]]]:
    """The same, of what was synthesized."""
    document = json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text())
    return _arrows(document["resource"]), _hangs(document)


def _arrows(resources: dict[str, Any]) -> set[Arrow]:
    servers: dict[str, list[str]] = {}
    for label, members in _alike(resources).items():
        for nic in resources[INSTANCE][members[0]]["network"]:
            for group in resources[PORT][_key(nic["port"])]["security_group_ids"]:
                servers.setdefault(_key(group), []).append(label)
    found: dict[tuple[str, str, str], list[int]] = {}
    for peer, protocol, port, end in _of_load_balancers(resources):
        found.setdefault((peer, protocol, end), []).append(port)
    let_in = _let_in(resources)
    for rule in resources.get(RULE, {}).values():
        # What lets a load balancer in to its members is the arrow from its VIP.
        if rule["direction"] != "ingress" or (rule.get("remote_ip_prefix"), rule.get("port_range_min")) in let_in:
            continue
        group = rule.get("remote_group_id")
        peers = servers[_key(group)] if group else [rule.get("remote_ip_prefix", "anywhere")]
        protocol = rule["protocol"].removeprefix("ipv6-").upper()
        ports = [rule["port_range_min"]] if "port_range_min" in rule else []
        for peer in peers:
            for server in servers[_key(rule["security_group_id"])]:
                found.setdefault((peer, protocol, server), []).extend(ports)
    assert GROUP in resources
    return {
        (peer, f"{protocol} {', '.join(str(port) for port in sorted({*ports}))}".strip(), server)
        for (peer, protocol, server), ports in found.items()
    }


def _of_load_balancers(resources: dict[str, Any]) -> Iterator[tuple[str, str, int, str]]:
    """Who reaches a VIP by which protocol and port, and whom it leads to; a range of a subnet is the servers there."""
    alike = _alike(resources)
    for listener in resources.get(LISTENER, {}).values():
        for range_ in listener.get("allowed_cidrs", ["anywhere"]):
            inside = [label for label, keys in alike.items() if range_ in _ranges_of(resources, keys[0])]
            for peer in inside or [range_]:
                yield peer, _protocol(listener), listener["protocol_port"], _vip_of(resources, listener)
    for key, pool in resources.get(POOL, {}).items():
        for member in resources[MEMBERS][key].get("member", []):
            (label,) = [label for label, keys in alike.items() if member["name"] in keys]
            yield _vip_of(resources, pool), _protocol(pool), member["protocol_port"], label


def _let_in(resources: dict[str, Any]) -> set[tuple[str, int]]:
    """The ranges that load balancers ask from, with the ports of their members."""
    return {
        (
            resources[SUBNET][_key(resources[LOAD_BALANCER][_key(pool["loadbalancer_id"])]["vip_subnet_id"])]["cidr"],
            port,
        )
        for key, pool in resources.get(POOL, {}).items()
        for port in {member["protocol_port"] for member in resources[MEMBERS][key].get("member", [])}
    }


def _vip_of(resources: dict[str, Any], part: dict[str, Any]) -> str:
    balancer = resources[LOAD_BALANCER][_key(part["loadbalancer_id"])]
    return _vips(resources)[_key(balancer["vip_port_id"])]


def _protocol(part: dict[str, Any]) -> str:
    return "UDP" if part["protocol"] == "UDP" else "TCP"


def _ranges_of(resources: dict[str, Any], server: str) -> set[str]:
    """Those of the subnets that a server is on."""
    on = {resources[PORT][_key(nic["port"])]["network_id"] for nic in resources[INSTANCE][server]["network"]}
    return {subnet["cidr"] for subnet in resources[SUBNET].values() if subnet["network_id"] in on}


def _hangs(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {*_of_servers(document), *_of_routers(document["resource"])}


def _of_servers(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    resources = document["resource"]
    vips = _vips(resources)
    for label, members in _alike(resources).items():
        instance = resources[INSTANCE][members[0]]
        for nic in instance["network"]:
            port = resources[PORT][_key(nic["port"])]
            yield label, _key(port["network_id"])
            for pair in port.get("allowed_address_pairs", []):
                yield from ((vip, label) for vip in vips.values() if vip.endswith(f" {pair['ip_address']}"))
        for device in (one for key in members for one in resources[INSTANCE][key].get("block_device", [])):
            if device["source_type"] == "volume":
                yield label, document["data"][VOLUME][_key(device["uuid"])]["name"]


def _of_routers(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, router in resources.get(ROUTER, {}).items():
        yield key, _key(router["external_network_id"])
    for interface in resources.get(INTERFACE, {}).values():
        subnet = resources[SUBNET][_key(interface["subnet_id"])]
        yield _key(interface["router_id"]), _key(subnet["network_id"])
    ends = _vips(resources)
    for label, members in _alike(resources).items():
        ends |= {_key(nic["port"]): label for key in members for nic in resources[INSTANCE][key]["network"]}
    for key, association in resources.get(ASSOCIATION, {}).items():
        yield f"floating IP {key}", ends[_key(association["port_id"])]


def _vips(resources: dict[str, Any]) -> dict[str, str]:
    """The ports that no server has, by name, as a page calls them."""
    taken = {_key(nic["port"]) for instance in resources[INSTANCE].values() for nic in instance["network"]}
    return {
        key: f"VIP {key} {port['fixed_ip'][0]['ip_address']}"
        for key, port in resources[PORT].items()
        if key not in taken
    }


def _alike(resources: dict[str, Any]) -> dict[str, list[str]]:
    """The servers, those with the same groups, networks, pairs and kinds of disks as one; by their names together."""
    found: dict[str, list[str]] = {}
    for key, instance in resources[INSTANCE].items():
        ports = [resources[PORT][_key(nic["port"])] for nic in instance["network"]]
        what = ("network_id", "security_group_ids", "allowed_address_pairs")
        disks = [device["source_type"] for device in instance.get("block_device", [])]
        kind = str([[port.get(name) for name in what] for port in ports] + disks)
        found.setdefault(kind, []).append(key)
    return {", ".join(keys): keys for keys in found.values()}


def _key(reference: str) -> str:
    """The name in a reference to a resource or a look-up."""
    return reference.removeprefix("${").removesuffix("}").removesuffix(".id").split(".")[-1]
