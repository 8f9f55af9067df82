"""What an estate consists of, as plain facts. Whoever prints its texts must not trust them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ivc.estate.rules import Rule
from ivc.terraform.value import Unknown


@dataclass(frozen=True)
class File:
    """A file of the output, and its size in bytes."""

    path: Path
    size: int


@dataclass(frozen=True)
class Subnet:
    """A subnet of a network. gateway: its router's address; None where it has none, or nobody says.

    dns: the servers that guests are told to ask.
    """

    cidr: str
    gateway: str | None
    dns: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """A network. made: by this stack. public: None where the output does not tell. cidrs: of its known subnets.

    shared: with every project of the cloud; None where nobody says.
    """

    address: str
    name: str
    made: bool
    public: bool | None
    port_security: bool | None
    cidrs: tuple[str, ...]
    shared: bool | Unknown | None = None
    subnets: tuple[Subnet, ...] = ()


@dataclass(frozen=True)
class Nic:
    """A NIC. ips: the declared addresses; none where the cloud chooses.

    groups: the names of its security groups. group_addresses: their Terraform addresses, where the stack has them; of
    one that is named by an id, `data.openstack_networking_secgroup_v2.<id>`.
    port_security: None where nobody says. port: the Terraform address of its port, where the stack has it.
    server: the address of the server for which Nova makes the port. outside: its port is not this stack's.
    known: False where its network or its groups are not told.
    unknown: what else of it is not told, and taken for the worse.
    pairs: the addresses that it may use besides its own. vips: the Terraform addresses of the ports that have these.
    """

    network: Network
    ips: tuple[str, ...]
    groups: tuple[str, ...]
    port_security: bool | None
    port: str | None = None
    group_addresses: tuple[str, ...] = ()
    server: str | None = None
    outside: bool = False
    known: bool = True
    unknown: tuple[Unknown, ...] = ()
    pairs: tuple[str | Unknown, ...] = ()
    vips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Volume:
    """A volume of its own, as an instance has it.

    id: what tells it from others of its name: the address of what makes it or looks it up, or its id.
    size: in GiB; None where it is not told.
    live: attached to the running server. deleted: Nova deletes it with the server, or may, where that is not told.
    boot: the server boots from it.
    """

    name: str
    id: str
    size: int | None
    live: bool
    deleted: bool = False
    boot: bool = False


@dataclass(frozen=True)
class RootDisk:
    """A root disk that Nova makes from an image as a volume.

    size: in GiB; None where it is not told. type: of the volume; None where the cloud chooses.
    kept: it stays when the server goes, without a name; None where it is not told.
    """

    size: int | None
    kept: bool | None
    type: str | None = None


@dataclass(frozen=True)
class Mount:
    """A volume that the guest mounts. serial: the start of its id; in angle brackets where only apply tells it.

    lvm, partition, folder: what of it, where it is not the whole.
    """

    volume: str
    serial: str
    mount_point: str
    format_if_blank: str | None = None
    lvm: str | None = None
    partition: int | None = None
    folder: str | None = None


@dataclass(frozen=True)
class Waiver:
    """What the declaration accepts of what the checks of its user data found, how grave that is, and why."""

    id: str
    reason: str
    severity: Literal["error", "warning"]


@dataclass(frozen=True)
class Instance:
    """A server. address: its Terraform address. id: its name there, with its key if it has one.

    image, flavor: names, or ids where it was declared so; image is empty where it boots from what exists already.
    root_disk: where Nova makes it as a volume. One that is a volume of its own is among the volumes; any other is the
    flavor's. ephemeral_disks: their sizes in GiB; None for one that is not told. swap: in MiB, where it is said.
    server_group: the name of the one that it is in.
    unknown: what stands in its user data in angle brackets, since it is known only at apply.
    warnings, accepted: what the checks of its user data found odd, and what was waived.
    no_way_out: why it does not reach what its user data asks the Internet for, where a network leads there.
    """

    address: str
    id: str
    name: str
    image: str
    flavor: str
    key_pair: str | None
    availability_zone: str | None
    tags: tuple[str, ...]
    nics: tuple[Nic, ...]
    volumes: tuple[Volume, ...]
    root_disk: RootDisk | None
    config_drive: bool | None
    prevent_destroy: bool
    server_group: str | None
    user_data: File | None
    unknown: tuple[str, ...]
    mounts: tuple[Mount, ...]
    warnings: tuple[str, ...]
    accepted: tuple[Waiver, ...]
    no_way_out: str | None = None
    ephemeral_disks: tuple[int | None, ...] = ()
    swap: int | None = None

    @property
    def root_volume(self) -> Volume | None:
        """The volume of its own that it boots from."""
        return next((volume for volume in self.volumes if volume.boot), None)


@dataclass(frozen=True)
class Group:
    """A security group. made: by this stack; of one that is looked up the rules are not known."""

    address: str
    name: str
    description: str
    made: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Router:
    """A router. outside: the name of its outside network. networks: those that it has an interface in, by name."""

    address: str
    name: str
    outside: str | None
    networks: tuple[str, ...]


@dataclass(frozen=True)
class Vip:
    """A port without a server. ips: the declared addresses; none where the cloud chooses."""

    address: str
    name: str
    network: Network
    ips: tuple[str, ...]


@dataclass(frozen=True)
class FloatingIp:
    """A floating IP. ip: None where the cloud chooses. pool: the network it comes from; empty where nobody says.

    port: where it leads to. association: the Terraform address of what leads it there, where that is apart.
    """

    address: str
    ip: str | None
    pool: str
    port: str | None
    association: str | None = None


@dataclass(frozen=True)
class PoolMember:
    """A server as a pool knows it. name: empty where nobody says. port: None where nobody says.

    weight: its share beside the others'; with 0 it gets nothing new. backup: it gets something only when no other
    works. up: False where it is taken down.
    """

    name: str
    address: str | Unknown
    port: int | Unknown | None
    weight: int | Unknown = 1
    backup: bool = False
    up: bool = True

    @property
    def is_served(self) -> bool:
        """Whether it gets what comes, or may."""
        return self.up and self.weight != 0


@dataclass(frozen=True)
class Pool:
    """Servers that a load balancer leads to. told: False where some of its members only apply knows."""

    address: str
    name: str
    protocol: str
    members: tuple[PoolMember, ...]
    told: bool = True


@dataclass(frozen=True)
class L7Rule:
    """What a request must be, in Octavia's words. key: of a header or a cookie. inverted: what it must not be."""

    type: str
    compare_type: str
    value: str
    key: str | None = None
    inverted: bool = False


@dataclass(frozen=True)
class Route:
    """What a listener does with some requests: an L7 policy. rules: what they must be, all of it.

    pool: the Terraform address of the one that gets them, or its id; None where none does. redirect: where they are
    sent instead, an URL; of one with `action` REDIRECT_PREFIX the path stays theirs. code: of that answer, where it is
    said.
    """

    address: str
    name: str
    action: str
    rules: tuple[L7Rule, ...]
    pool: str | None = None
    redirect: str | None = None
    code: int | None = None


@dataclass(frozen=True)
class Listener:
    """A port that a load balancer listens on. allowed: the ranges that may come in; None in it is any.

    unknown: those of the ranges that only apply knows. leads_to: the ports of the members behind it, as far as they
    are told. pool: the Terraform address of the one that gets what no route is about, or its id; None where none does.
    routes: the first that fits is taken. certificates: the names of those that it has; the first is for all whom no
    other one fits.
    """

    address: str
    protocol: str
    port: int | Unknown | None
    allowed: tuple[str | None, ...]
    unknown: tuple[Unknown, ...] = ()
    leads_to: tuple[int, ...] = ()
    name: str = ""
    pool: str | None = None
    routes: tuple[Route, ...] = ()
    certificates: tuple[str, ...] = ()

    @property
    def pools(self) -> tuple[str, ...]:
        """All that it leads to, each once."""
        found = (self.pool, *(route.pool for route in self.routes))
        return tuple(dict.fromkeys(pool for pool in found if pool is not None))


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer. network: of its address; without a name where nobody tells.

    address: of one that is told by its id alone, that id.
    port: the Terraform address of the port that is its VIP, where the stack has it. ips: what that declares.
    """

    address: str
    name: str
    network: Network
    listeners: tuple[Listener, ...]
    pools: tuple[Pool, ...] = ()
    port: str | None = None
    ips: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The addresses behind it."""
        return tuple(str(member.address) for pool in self.pools for member in pool.members)


@dataclass(frozen=True)
class RecordSet:
    """The records of a type that a name has. name: whole, with a dot at its end. records: as Designate has them."""

    address: str
    name: str
    type: str
    records: tuple[str | Unknown, ...]


@dataclass(frozen=True)
class Zone:
    """A DNS zone, and what the stack declares in it. made: by this stack. name: what is known of it."""

    address: str
    name: str
    made: bool
    record_sets: tuple[RecordSet, ...]


@dataclass(frozen=True)
class StoredObject:
    """An object that the stack puts into a container. fetched_by: the servers whose user data has its address.

    file: None where it is not in the output.
    """

    address: str
    name: str
    fetched_by: tuple[str, ...]
    file: File | None = None


@dataclass(frozen=True)
class Container:
    """A container of objects. readers, writers: the entries of its access lists, as Swift writes them.

    made: by this stack; of another nothing is told but the objects that the stack puts there, and it has no address.
    """

    address: str
    name: str
    readers: tuple[str | Unknown, ...]
    writers: tuple[str | Unknown, ...]
    objects: tuple[StoredObject, ...] = ()
    made: bool = True


@dataclass(frozen=True)
class Image:
    """An image that the stack makes. visibility: as Glance says it, such as `private` or `public`."""

    address: str
    name: str
    visibility: str | Unknown


@dataclass(frozen=True)
class ShareAccess:
    """A rule of who may mount a share. kind: of what `to` is, such as `ip` or `user`."""

    address: str
    kind: str
    to: str | Unknown


@dataclass(frozen=True)
class Share:
    """A share of files. size: in GiB; None where it is not told. public: to every project; None where nobody says."""

    address: str
    name: str
    size: int | None
    public: bool | Unknown | None
    accesses: tuple[ShareAccess, ...]


@dataclass(frozen=True)
class Sharing:
    """What shares a thing of any other kind with projects. with_all: with every one."""

    address: str
    with_all: bool | Unknown


@dataclass(frozen=True)
class Stack:
    """A stack. ports: all that it makes, whether a server has them or not.

    load_balancers: those that it makes, and those of others that it puts listeners or pools on.
    listeners, pools: all that it makes.
    loose: the rules of which nobody tells the group. loose_accesses: those of shares that this stack does not make.
    state: where Terraform keeps its state: the path of a file, or words.
    """

    name: str
    file: File
    provider_version: str | None
    state: str
    instances: tuple[Instance, ...]
    networks: tuple[Network, ...]
    groups: tuple[Group, ...]
    ports: tuple[Nic, ...] = ()
    loose: tuple[Rule, ...] = ()
    routers: tuple[Router, ...] = ()
    floating_ips: tuple[FloatingIp, ...] = ()
    vips: tuple[Vip, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    listeners: tuple[Listener, ...] = ()
    pools: tuple[Pool, ...] = ()
    zones: tuple[Zone, ...] = ()
    containers: tuple[Container, ...] = ()
    images: tuple[Image, ...] = ()
    shares: tuple[Share, ...] = ()
    loose_accesses: tuple[ShareAccess, ...] = ()
    sharings: tuple[Sharing, ...] = ()


@dataclass(frozen=True)
class Estate:
    """All stacks of a folder. others: names of those that are not on OpenStack, which are not read."""

    folder: Path
    stacks: tuple[Stack, ...]
    others: tuple[str, ...]
