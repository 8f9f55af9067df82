"""How people call what a Terraform type stands for."""

from __future__ import annotations

import re

INSTANCE = "openstack_compute_instance_v2"
PORT = "openstack_networking_port_v2"
NETWORK = "openstack_networking_network_v2"
SUBNET = "openstack_networking_subnet_v2"
GROUP = "openstack_networking_secgroup_v2"
RULE = "openstack_networking_secgroup_rule_v2"
ATTACHMENT = "openstack_compute_volume_attach_v2"
TRIGGER = "terraform_data"

_WORDS = {
    INSTANCE: "instance",
    PORT: "port",
    NETWORK: "network",
    SUBNET: "subnet",
    GROUP: "security group",
    RULE: "rule",
    ATTACHMENT: "attachment",
    "openstack_blockstorage_volume_v3": "volume",
    "openstack_compute_keypair_v2": "key pair",
    "openstack_compute_servergroup_v2": "server group",
    "openstack_images_image_v2": "image",
    "openstack_networking_floatingip_associate_v2": "floating IP association",
    "openstack_networking_floatingip_v2": "floating IP",
    "openstack_networking_router_interface_v2": "router interface",
    "openstack_networking_router_v2": "router",
}


def kind(type: str) -> str:
    """A type in a word or two: `openstack_networking_port_v2` is a port. Whatever the type, these are plain words."""
    known = _WORDS.get(type)
    if known is not None:
        return known
    words = re.sub(r"^openstack_|_v\d+$", "", type).replace("_", " ")
    return words if re.fullmatch(r"[a-z0-9]{1,20}( [a-z0-9]{1,20}){0,4}", words) else "thing"
