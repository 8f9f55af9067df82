"""What is known about each kind of resource beyond its construct: a row for each, in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["description", "metadata", "properties"]
"""The argument that carries the mark of what we make: which stack and which declaration made it."""


@dataclass(frozen=True)
class Stop:
    """A change in place that stops what a thing does for others.

    argument: of the resource, such as `enable_dhcp`; within a block, `member.weight`. words: what then is the case, of
    the thing. to: the values that do it, as texts; any change does where there are none. by_leaving_out: whether
    leaving it out does it as well.
    """

    argument: str
    words: str
    to: tuple[str, ...] = ()
    by_leaving_out: bool = True


_LEADS_ELSEWHERE = (
    Stop("port_id", "leads elsewhere, or nowhere"),
    Stop("fixed_ip", "leads to another address"),
)


@dataclass(frozen=True)
class Unlike:
    """A change in place that does otherwise than a plan says, by what the provider and the cloud do.

    argument: of the resource. words: what becomes of it. only_left_out: whether it is so only where all of it is left
    out. unless: an argument that brings it about all the same, where it is said.
    """

    argument: str
    words: str
    only_left_out: bool = False
    unless: str = ""


@dataclass(frozen=True)
class Blocks:
    """A set of blocks that come, go and change each for itself, though Terraform says the set as one value.

    argument: of the resource. keys: the arguments of a block by which the cloud tells one from another.
    """

    argument: str
    keys: tuple[str, ...]


_TAKEN_AS_DONE = "nothing is sent of that: the cloud keeps what it has, and the state says otherwise from then on"
_AGAIN = "nothing is sent of that, and every later plan says it again"
_OTHER_ADDRESS = "gets another address, and the guest keeps the old one until it asks again"
_OFF = Stop("admin_state_up", "is taken down", ("false",))


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
    loses: what is gone for good with one, besides itself; `{}` is the value of its argument `tells`, if it is known.
    stops: the changes in place that stop what it does. unlike: those that do otherwise than a plan says.
    blocks: the sets of blocks in it that are told block for block.
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
    loses: str = ""
    tells: str = ""
    stops: tuple[Stop, ...] = ()
    unlike: tuple[Unlike, ...] = ()
    blocks: tuple[Blocks, ...] = ()


PORT = Family(
    noun="port",
    type="openstack_networking_port_v2",
    mark="description",
    quota=("ports",),
    stops=(
        _OFF,
        Stop("fixed_ip.ip_address", _OTHER_ADDRESS),
        # Neutron finds the subnet of an address by itself.
        Stop("fixed_ip.subnet_id", _OTHER_ADDRESS, by_leaving_out=False),
    ),
    unlike=(Unlike("fixed_ip", _TAKEN_AS_DONE, only_left_out=True),),
)
ATTACHMENT = Family(noun="attachment", type="openstack_compute_volume_attach_v2")
RULE = Family(noun="security group rule", type="openstack_networking_secgroup_rule_v2", quota=("security_group_rules",))
INSTANCE = Family(
    noun="instance",
    type="openstack_compute_instance_v2",
    construct="Instance",
    mark="metadata",
    parts=(PORT.type, ATTACHMENT.type),
    quota=("instances", "cores", "ram_mib"),
    stops=(
        Stop("power_state", "is shut off", ("shutoff", "paused", "shelved_offloaded")),
        Stop("flavor_id", "is resized and restarts"),
        Stop("flavor_name", "is resized and restarts"),
    ),
)
HOST_ROUTE = Family(noun="host route", type="openstack_networking_subnet_route_v2")
SUBNET = Family(
    noun="subnet",
    type="openstack_networking_subnet_v2",
    construct="Subnet",
    lookup=True,
    id_key="subnet_id",
    mark="description",
    parts=(HOST_ROUTE.type,),
    stops=(
        Stop("enable_dhcp", "gives out no addresses any more; guests lose theirs when their leases end", ("false",)),
        Stop("gateway_ip", "has another gateway, which guests learn only when they ask again"),
        Stop("no_gateway", "has no gateway any more", ("true",)),
    ),
    unlike=(Unlike("no_gateway", _AGAIN, only_left_out=True, unless="gateway_ip"),),
)
RBAC_POLICY = Family(noun="RBAC policy", type="openstack_networking_rbac_policy_v2")
NETWORK = Family(
    noun="network",
    type="openstack_networking_network_v2",
    construct="Network",
    lookup=True,
    id_key="network_id",
    mark="description",
    parts=(SUBNET.type, HOST_ROUTE.type, RBAC_POLICY.type),
    stops=(_OFF, Stop("mtu", "has another MTU, which guests learn only when they ask again")),
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
VOLUME = Family(
    noun="volume",
    type="openstack_blockstorage_volume_v3",
    construct="Volume",
    lookup=True,
    mark="description",
    loses="its data, {} GiB",
    tells="size",
    unlike=(Unlike("volume_type", f"a type on another back end Cinder does not take without moving it: {_AGAIN}"),),
)
# One that a server boots from and that is kept: the same type as one that is looked up, of which nothing is made.
ROOT_VOLUME = Family(
    noun="root volume",
    type=VOLUME.type,
    construct="RootVolume",
    mark=VOLUME.mark,
    loses=VOLUME.loses,
    tells=VOLUME.tells,
    unlike=VOLUME.unlike,
)
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
ASSOCIATION = Family(
    noun="floating IP association", type="openstack_networking_floatingip_associate_v2", stops=_LEADS_ELSEWHERE
)
# Its data source goes by its address alone.
FLOATING_IP = Family(
    noun="floating IP",
    type="openstack_networking_floatingip_v2",
    construct="FloatingIp",
    lookup=True,
    mark="description",
    parts=(ASSOCIATION.type,),
    quota=("floating_ips",),
    loses="its address {}, which goes back to the pool",
    tells="address",
    stops=_LEADS_ELSEWHERE,
    unlike=(Unlike("subnet_id", _TAKEN_AS_DONE), Unlike("subnet_ids", _TAKEN_AS_DONE)),
)
# A port without a server: the same type as a server's, which is a part of that server.
VIP = Family(
    noun="VIP",
    type=PORT.type,
    construct="Vip",
    mark="description",
    quota=("ports",),
    stops=PORT.stops,
    unlike=PORT.unlike,
)
INTERFACE = Family(noun="router interface", type="openstack_networking_router_interface_v2")
ROUTER_ROUTE = Family(noun="route", type="openstack_networking_router_route_v2")
ROUTER = Family(
    noun="router",
    type="openstack_networking_router_v2",
    construct="Router",
    lookup=True,
    id_key="router_id",
    mark="description",
    parts=(INTERFACE.type, ROUTER_ROUTE.type),
    quota=("routers",),
    stops=(
        _OFF,
        Stop("external_network_id", "has another way out, with other addresses"),
        Stop("external_fixed_ip", "has other addresses outside"),
        Stop("enable_snat", "translates addresses otherwise"),
    ),
    unlike=(Unlike("external_subnet_ids", _TAKEN_AS_DONE),),
)
SUBNET_POOL = Family(
    noun="subnet pool",
    type="openstack_networking_subnetpool_v2",
    construct="SubnetPool",
    lookup=True,
    mark="description",
    unlike=(Unlike("ip_version", _AGAIN), Unlike("shared", _AGAIN)),
)
RECORD_SET = Family(
    noun="record set",
    type="openstack_dns_recordset_v2",
    mark="description",
    loses="its records {}",
    tells="records",
    unlike=(Unlike("records", "who asked for the name before keeps the former ones until their ttl ends"),),
)
# Its data source goes by its name alone.
ZONE = Family(
    noun="DNS zone",
    type="openstack_dns_zone_v2",
    construct="Zone",
    lookup=True,
    mark="description",
    name_replaces=True,
    parts=(RECORD_SET.type,),
    quota=("zones",),
    loses="all its records, also those that were made elsewhere",
)
L7_RULE = Family(noun="L7 rule", type="openstack_lb_l7rule_v2", quota=("l7_rules",))
L7_POLICY = Family(
    noun="L7 policy",
    type="openstack_lb_l7policy_v2",
    mark="description",
    parts=(L7_RULE.type,),
    quota=("l7_policies",),
    stops=(_OFF,),
)
LISTENER = Family(
    noun="listener",
    type="openstack_lb_listener_v2",
    construct="Listener",
    mark="description",
    parts=(L7_POLICY.type, L7_RULE.type),
    quota=("listeners",),
    stops=(_OFF,),
)
MEMBER = Family(
    noun="member",
    type="openstack_lb_member_v2",
    quota=("members",),
    stops=(_OFF, Stop("weight", "gets no requests any more", ("0",))),
)
MEMBERS = Family(
    noun="members",
    type="openstack_lb_members_v2",
    quota=("members",),
    stops=(
        Stop("member.address", "lose some, which get no requests any more"),
        Stop("member.admin_state_up", "have one that is taken down", ("false",)),
        Stop("member.weight", "have one that gets no requests any more", ("0",)),
    ),
    blocks=(Blocks("member", ("address", "protocol_port")),),
)
MONITOR = Family(noun="monitor", type="openstack_lb_monitor_v2", quota=("health_monitors",))
POOL = Family(
    noun="pool",
    type="openstack_lb_pool_v2",
    construct="Pool",
    mark="description",
    parts=(MEMBERS.type, MONITOR.type),
    quota=("pools",),
    stops=(_OFF,),
)
LOAD_BALANCER = Family(
    noun="load balancer",
    type="openstack_lb_loadbalancer_v2",
    construct="LoadBalancer",
    mark="description",
    parts=(LISTENER.type, *LISTENER.parts, POOL.type, *POOL.parts),
    quota=("load_balancers",),
    loses="its address {}",
    tells="vip_address",
    stops=(_OFF,),
    unlike=(Unlike("vip_qos_policy_id", "the provider writes the policy's id over its description"),),
)
_EMPTIED = "is written anew, and without its content where that does not change too"
OBJECT = Family(
    noun="object",
    type="openstack_objectstorage_object_v1",
    mark="metadata",
    loses="its content",
    # The provider's update sends a body only where `content`, `source` or `copy_from` changes.
    stops=tuple(
        Stop(one, _EMPTIED)
        for one in ("metadata", "content_type", "content_disposition", "content_encoding", "delete_at", "etag")
    ),
)
# No data source knows it.
CONTAINER = Family(
    noun="container",
    type="openstack_objectstorage_container_v1",
    construct="Container",
    lookup=True,
    mark="metadata",
    name_replaces=True,
    parts=(OBJECT.type,),
    loses="all objects in it",
    unlike=(Unlike("name", _AGAIN),),
)
IMAGE = Family(noun="image", type="openstack_images_image_v2", lookup=True, mark="properties", loses="its data")
# One that is made from a file: the same type as one that is looked up by its name alone.
MADE_IMAGE = Family(noun="image", type=IMAGE.type, construct="Image", mark=IMAGE.mark, loses=IMAGE.loses)
FLAVOR = Family(noun="flavor", type="openstack_compute_flavor_v2", lookup=True)

# What nobody can declare with a construct yet, and documents hold all the same.
ADDRESS_GROUP = Family(noun="address group", type="openstack_networking_address_group_v2")
TRUNK = Family(
    noun="trunk",
    type="openstack_networking_trunk_v2",
    stops=(_OFF, Stop("sub_port", "has all its subports attached anew")),
    unlike=(Unlike("admin_state_up", "left out, it takes the trunk down", only_left_out=True),),
)
FORWARDING = Family(
    noun="port forwarding",
    type="openstack_networking_portforwarding_v2",
    stops=_LEADS_ELSEWHERE,
    unlike=(Unlike("internal_ip_address", _AGAIN),),
)
HEAT_STACK = Family(
    noun="Heat stack",
    type="openstack_orchestration_stack_v1",
    loses="all that it made",
    unlike=(Unlike("name", _AGAIN),),
)
SHARE = Family(noun="share", type="openstack_sharedfilesystem_share_v2", loses="its data, {} GiB", tells="size")
SHARE_ACCESS = Family(noun="access to a share", type="openstack_sharedfilesystem_share_access_v2")
DATABASE_SERVER = Family(noun="database server", type="openstack_db_instance_v1", loses="its data")
DATABASE = Family(noun="database", type="openstack_db_database_v1", loses="its data")
# Barbican takes its name alone in the call that makes it. Its data source would put the payload into the state.
SECRET = Family(
    noun="secret",
    type="openstack_keymanager_secret_v1",
    construct="KeyManagerSecret",
    lookup=True,
    name_replaces=True,
    loses="its value",
)
# A container of Barbican's, which is something else than one of Swift's.
CERTIFICATE = Family(
    noun="certificate",
    type="openstack_keymanager_container_v1",
    construct="Certificate",
    lookup=True,
    name_replaces=True,
    unlike=(
        Unlike("secret_refs", "the cloud changes one of the type generic alone; of any other the apply will fail"),
    ),
    blocks=(Blocks("secret_refs", ("name",)),),
)
CLUSTER = Family(
    noun="cluster",
    type="openstack_containerinfra_cluster_v1",
    loses="all that runs on it",
    stops=(Stop("node_count", "has another number of nodes; of fewer, those that go lose what runs on them"),),
)

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
    ASSOCIATION,
    ROUTER,
    INTERFACE,
    ROUTER_ROUTE,
    HOST_ROUTE,
    SUBNET_POOL,
    RBAC_POLICY,
    IMAGE,
    FLAVOR,
    ADDRESS_GROUP,
    TRUNK,
    FORWARDING,
    HEAT_STACK,
    LOAD_BALANCER,
    LISTENER,
    L7_POLICY,
    L7_RULE,
    POOL,
    MEMBER,
    MEMBERS,
    MONITOR,
    ZONE,
    RECORD_SET,
    CONTAINER,
    OBJECT,
    SHARE,
    SHARE_ACCESS,
    DATABASE_SERVER,
    DATABASE,
    SECRET,
    CERTIFICATE,
    CLUSTER,
)
BY_TYPE = {family.type: family for family in FAMILIES}
