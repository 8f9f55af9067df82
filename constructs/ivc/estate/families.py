"""What is known about each kind of resource beyond its construct: a row for each, in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["description", "metadata"]
"""The argument that carries the mark of what we make: which stack and which declaration made it."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of resource.

    noun: what people call it, in plain words.
    type: its Terraform type, of the resource and of the data source alike.
    construct: the class that it is declared or looked up by; None for what only belongs to another.
    lookup: whether one that exists can be looked up; by an id, id_key is how its data source takes it, None where it
    takes none.
    mark: where its mark goes, in the call that creates it. None where the cloud has no field for one, or where a
    change of it would replace the resource.
    name_replaces: whether another name in the cloud replaces it; with most it changes in place.
    parts: the types of what belongs to one. It goes when the whole goes, and is renamed with it.
    quota: what each one takes of a project's quota, in the words of `ivc limits`.
    """

    noun: str
    type: str
    construct: str | None = None
    lookup: bool = False
    id_key: str | None = None
    mark: Mark | None = None
    name_replaces: bool = False
    parts: tuple[str, ...] = ()
    quota: tuple[str, ...] = ()


PORT = Family(noun="port", type="openstack_networking_port_v2", mark="description", quota=("ports",))
ATTACHMENT = Family(noun="attachment", type="openstack_compute_volume_attach_v2")
RULE = Family(noun="security group rule", type="openstack_networking_secgroup_rule_v2", quota=("security_group_rules",))
INSTANCE = Family(
    noun="instance",
    type="openstack_compute_instance_v2",
    construct="Instance",
    mark="metadata",
    parts=(PORT.type, ATTACHMENT.type),
    quota=("instances", "cores", "ram_mib"),
)
SUBNET = Family(
    noun="subnet",
    type="openstack_networking_subnet_v2",
    construct="Subnet",
    lookup=True,
    id_key="subnet_id",
    mark="description",
)
NETWORK = Family(
    noun="network",
    type="openstack_networking_network_v2",
    construct="Network",
    lookup=True,
    id_key="network_id",
    mark="description",
    parts=(SUBNET.type,),
)
SECURITY_GROUP = Family(
    noun="security group",
    type="openstack_networking_secgroup_v2",
    construct="SecurityGroup",
    lookup=True,
    id_key="secgroup_id",
    mark="description",
    parts=(RULE.type,),
    quota=("security_groups",),
)
# Its data source goes by a name alone.
VOLUME = Family(noun="volume", type="openstack_blockstorage_volume_v3", construct="Volume", lookup=True)
KEY_PAIR = Family(
    noun="key pair",
    type="openstack_compute_keypair_v2",
    construct="KeyPair",
    name_replaces=True,
    quota=("key_pairs",),
)
SERVER_GROUP = Family(
    noun="server group",
    type="openstack_compute_servergroup_v2",
    construct="ServerGroup",
    name_replaces=True,
    quota=("server_groups",),
)
FLOATING_IP = Family(noun="floating IP", type="openstack_networking_floatingip_v2", quota=("floating_ips",))
IMAGE = Family(noun="image", type="openstack_images_image_v2", lookup=True)
FLAVOR = Family(noun="flavor", type="openstack_compute_flavor_v2", lookup=True)

FAMILIES = (
    INSTANCE,
    PORT,
    ATTACHMENT,
    NETWORK,
    SUBNET,
    SECURITY_GROUP,
    RULE,
    VOLUME,
    KEY_PAIR,
    SERVER_GROUP,
    FLOATING_IP,
    IMAGE,
    FLAVOR,
)
