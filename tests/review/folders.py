"""Synthesized folders written by hand, for what no declaration of the library would say."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from ivc.review import reviewer
from ivc.review.model import StackReview

SERVER, PORT, NETWORK, GROUP, RULE = (
    "openstack_compute_instance_v2",
    "openstack_networking_port_v2",
    "openstack_networking_network_v2",
    "openstack_networking_secgroup_v2",
    "openstack_networking_secgroup_rule_v2",
)
# A server on the public network, in a group that lets the world reach its web server.
STACK: dict[str, Any] = {
    "terraform": {"required_providers": {"openstack": {"source": "x/openstack", "version": "3.4.0"}}},
    "provider": {"openstack": [{}]},
    "data": {NETWORK: {"Ext-Net": {"name": "Ext-Net"}}},
    "resource": {
        SERVER: {"a": {"name": "a", "flavor_name": "small", "network": [{"port": f"${{{PORT}.a.id}}"}]}},
        PORT: {
            "a": {
                "network_id": f"${{data.{NETWORK}.Ext-Net.id}}",
                "security_group_ids": [f"${{{GROUP}.web.id}}"],
            }
        },
        GROUP: {"web": {"name": "web"}, "ssh": {"name": "ssh"}},
        RULE: {
            "web": {
                "direction": "ingress",
                "ethertype": "IPv4",
                "protocol": "tcp",
                "port_range_min": 80,
                "port_range_max": 80,
                "security_group_id": f"${{{GROUP}.web.id}}",
            },
            "ssh": {
                "direction": "ingress",
                "ethertype": "IPv4",
                "protocol": "tcp",
                "port_range_min": 22,
                "port_range_max": 22,
                "security_group_id": f"${{{GROUP}.ssh.id}}",
            },
        },
    },
}


def stack(**merged: Any) -> dict[str, Any]:
    """The stack with something merged into it; None takes a key out."""
    return _merged(copy.deepcopy(STACK), merged)


def _merged(into: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    for key, value in other.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            _merged(into[key], value)
        else:
            into[key] = value
    return into


def write(folder: Path, document: dict[str, Any]) -> Path:
    """A folder with one stack called shop."""
    path = folder / "stacks" / "shop"
    path.mkdir(parents=True)
    (path / "cdk.tf.json").write_text(json.dumps(document))
    entry = {"name": "shop", "synthesizedStackPath": "stacks/shop/cdk.tf.json"}
    (folder / "manifest.json").write_text(json.dumps({"stacks": {"shop": entry}}))
    return folder


def review(tmp_path: Path, before: dict[str, Any], after: dict[str, Any]) -> StackReview:
    """The review of two documents."""
    (found,) = reviewer.review(base=write(tmp_path / "base", before), head=write(tmp_path / "head", after)).stacks
    return found


def dangers(found: StackReview) -> dict[str, tuple[str, ...]]:
    """By thing, its dangers; with `?` last where it is not certain."""
    return {
        f"{thing.kind} {thing.id}": (*map(str, thing.dangers), *(() if thing.certain else ("?",)))
        for thing in found.things
    }
