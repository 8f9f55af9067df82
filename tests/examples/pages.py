"""The examples as their pages show them: commands, and the diagram beside what was synthesized."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.helpers import GROUP, INSTANCE, PORT, PROJECT, RULE, SUBNET, VOLUME

ROUTER = "openstack_networking_router_v2"
INTERFACE = "openstack_networking_router_interface_v2"
ASSOCIATION = "openstack_networking_floatingip_associate_v2"

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
    for rule in resources.get(RULE, {}).values():
        if rule["direction"] != "ingress":
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
        for device in instance.get("block_device", []):
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
    """The servers, those with the same groups, networks and pairs as one; by their names together."""
    found: dict[str, list[str]] = {}
    for key, instance in resources[INSTANCE].items():
        ports = [resources[PORT][_key(nic["port"])] for nic in instance["network"]]
        what = ("network_id", "security_group_ids", "allowed_address_pairs")
        kind = str([[port.get(name) for name in what] for port in ports] + [instance.get("block_device")])
        found.setdefault(kind, []).append(key)
    return {", ".join(keys): keys for keys in found.values()}


def _key(reference: str) -> str:
    """The name in a reference to a resource or a look-up."""
    return reference.removeprefix("${").removesuffix("}").removesuffix(".id").split(".")[-1]
