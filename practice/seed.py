"""What stands in the cloud once it is up: the catalogue that the services need, and what a customer of an
OVH-like provider would find. Each function makes what is missing, leaves alone what is there, and makes anew what an
earlier run left half made: a volume or an image that came to nothing keeps its name for ever."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from practice import access, config, ready
from practice.errors import PracticeError
from practice.services import (
    BARBICAN_PORT,
    CINDER_PORT,
    DESIGNATE_PORT,
    GLANCE_PORT,
    HEAT_PORT,
    HOST,
    NEUTRON_PORT,
    NOVA_PORT,
    OCTAVIA_PORT,
    PLACEMENT_PORT,
    SWIFT_PORT,
    ZONES,
    Extra,
)

if TYPE_CHECKING:
    from openstack.connection import Connection
    from openstack.identity.v3._proxy import Proxy as Identity
    from openstack.identity.v3.project import Project
    from openstack.identity.v3.user import User


@dataclass(frozen=True)
class Api:
    """An entry of the catalogue; an extra's is there only while it runs."""

    type: str
    name: str
    url: str
    extra: Extra | None = None


@dataclass(frozen=True)
class Flavor:
    """Memory and swap in MB, root disk and ephemeral disk in GB."""

    name: str
    vcpus: int
    ram: int
    disk: int
    swap: int = 0
    ephemeral: int = 0


@dataclass(frozen=True)
class Image:
    """A public image; its data is a few zeros, as nothing ever boots it."""

    name: str
    distro: str
    version: str


@dataclass(frozen=True)
class Subnet:
    """A subnet of the outside network, without DHCP; the pool is what the cloud gives out."""

    name: str
    cidr: str
    gateway: str
    first: str
    last: str


@dataclass(frozen=True)
class Volume:
    """A volume of the project demo; its size in GB."""

    name: str
    size: int


APIS = (
    Api("placement", "placement", f"http://{HOST}:{PLACEMENT_PORT}"),
    Api("image", "glance", f"http://{HOST}:{GLANCE_PORT}"),
    Api("compute", "nova", f"http://{HOST}:{NOVA_PORT}/v2.1"),
    Api("network", "neutron", f"http://{HOST}:{NEUTRON_PORT}"),
    # The type that gophercloud, and so Terraform's provider, looks for; and the one that Nova looks for.
    Api("volumev3", "cinderv3", f"http://{HOST}:{CINDER_PORT}/v3"),
    Api("block-storage", "cinder", f"http://{HOST}:{CINDER_PORT}/v3"),
    Api("object-store", "swift", f"http://{HOST}:{SWIFT_PORT}/v1/AUTH_%(project_id)s", Extra.OBJECTS),
    Api("key-manager", "barbican", f"http://{HOST}:{BARBICAN_PORT}", Extra.SECRETS),
    Api("dns", "designate", f"http://{HOST}:{DESIGNATE_PORT}", Extra.DNS),
    Api("load-balancer", "octavia", f"http://{HOST}:{OCTAVIA_PORT}", Extra.LOADBALANCER),
    Api("orchestration", "heat", f"http://{HOST}:{HEAT_PORT}/v1/%(project_id)s", Extra.ORCHESTRATION),
)
FLAVORS = (
    Flavor("b2-7", vcpus=2, ram=7000, disk=50),
    # With a second disk that its host has, and one to swap to.
    Flavor("b2-7-local", vcpus=2, ram=7000, disk=50, swap=2048, ephemeral=100),
    Flavor("b2-15", vcpus=4, ram=15000, disk=100),
    Flavor("d2-2", vcpus=1, ram=2000, disk=25),
    Flavor("d2-4", vcpus=2, ram=4000, disk=50),
)
IMAGES = (Image("Debian 12", "debian", "12"), Image("Ubuntu 24.04", "ubuntu", "24.04"))
# Ranges that are reserved for tests and for documents (RFC 2544, RFC 3849): nobody's addresses.
OUTSIDE_SUBNETS = (
    Subnet("Ext-Net-v4", "198.18.0.0/16", "198.18.0.1", "198.18.1.0", "198.18.254.255"),
    Subnet("Ext-Net-v6", "2001:db8::/64", "2001:db8::1", "2001:db8::1:0", "2001:db8::ffff:ffff"),
)
VOLUMES = (Volume("www-data", 10), Volume("db-data", 20))
KEY_PAIR = "ops"
# Its private half was thrown away: nobody can log in to a server that does not exist.
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEEKz4A8daCfmFiS3ggQ8dGlpdXzPF/h64Ih0RHU1uyb ops@practice"

# A volume's states in which nobody can use it, nor ever will: it came to nothing, or whoever was at it was cut off.
_BROKEN_VOLUME = frozenset({"creating", "error", "deleting", "error_deleting"})
_BROKEN_IMAGE = frozenset({"queued", "saving", "uploading", "importing", "killed"})


def catalogue(admin: "Connection", extras: Collection[Extra] = ()) -> None:
    """The services' own user and the addresses of the APIs, of the extras those of `extras`. Only Keystone needs to be
    up."""
    identity = _identity(admin)
    project = _project(admin, access.SERVICE_PROJECT)
    user = _user(admin, access.SERVICE_USER, access.SERVICE_PASSWORD)
    for role in ("admin", "service"):
        identity.assign_project_role_to_user(project, user, identity.find_role(role, ignore_missing=False))
    services = {one.type: one for one in identity.services()}
    endpoints = {(one.service_id, one.interface) for one in identity.endpoints()}
    for api in APIS:
        service = services.get(api.type)
        if api.extra and api.extra not in extras:
            if service and service.is_enabled:
                identity.update_service(service, is_enabled=False)
            continue
        service = service or identity.create_service(type=api.type, name=api.name)
        if not service.is_enabled:
            identity.update_service(service, is_enabled=True)
        for interface in ("public", "internal", "admin"):
            if (service.id, interface) not in endpoints:
                identity.create_endpoint(
                    service_id=service.id, interface=interface, region_id=access.REGION, url=api.url
                )


def stack_domain(admin: "Connection") -> None:
    """Where Heat makes the users that a stack needs for itself, as those who report that a server has booted."""
    identity = _identity(admin)
    if not identity.find_role("heat_stack_user"):
        identity.create_role(name="heat_stack_user")
    domain = identity.find_domain(access.HEAT_DOMAIN) or identity.create_domain(name=access.HEAT_DOMAIN)
    user = identity.find_user(access.HEAT_ADMIN, domain_id=domain.id) or identity.create_user(
        name=access.HEAT_ADMIN, password=access.HEAT_PASSWORD, domain_id=domain.id
    )
    identity.assign_domain_role_to_user(domain, user, identity.find_role("admin", ignore_missing=False))


def projects(admin: "Connection") -> None:
    """The projects demo and other, and the user demo, an ordinary member of both."""
    identity = _identity(admin)
    user = _user(admin, access.DEMO, access.DEMO_PASSWORD)
    member = identity.find_role("member", ignore_missing=False)
    for name in (access.DEMO, access.OTHER):
        identity.assign_project_role_to_user(_project(admin, name), user, member)


def offer(admin: "Connection") -> None:
    """What the provider offers to every project: zones, flavors, images, the outside network."""
    _zones(admin)
    flavors = {one.name for one in admin.compute.flavors(details=False)}
    for flavor in FLAVORS:
        if flavor.name not in flavors:
            admin.compute.create_flavor(**asdict(flavor), is_public=True)
    images: list[Any] = list(admin.image.images(visibility="public"))
    for image in IMAGES:
        _image(admin, image, [one for one in images if one.name == image.name])
    _outside_network(admin)


def belongings(demo: "Connection", admin: "Connection") -> None:
    """What the user demo owns: a key pair and two volumes."""
    if KEY_PAIR not in {one.name for one in demo.compute.keypairs()}:
        demo.compute.create_keypair(name=KEY_PAIR, public_key=PUBLIC_KEY)
    volumes(demo, admin, VOLUMES)


def volumes(demo: "Connection", admin: "Connection", wanted: Sequence[Volume]) -> None:
    """Volumes of the user demo."""
    there: list[Any] = list(demo.block_storage.volumes())
    for volume in wanted:
        _volume(demo, admin, volume, [one for one in there if one.name == volume.name])


def _volume(demo: "Connection", admin: "Connection", wanted: Volume, there: Sequence[Any]) -> None:
    broken = [one for one in there if one.status in _BROKEN_VOLUME]
    for one in broken:
        # As the administrator: an owner may not, while it is being made or deleted.
        admin.block_storage.delete_volume(one.id, force=True)
        admin.block_storage.wait_for_delete(one, interval=0.2, wait=ready.PATIENCE)
    if len(there) > len(broken):
        return
    made = demo.block_storage.create_volume(name=wanted.name, size=wanted.size)
    try:
        demo.block_storage.wait_for_status(made, "available", failures=["error"], interval=0.2, wait=ready.PATIENCE)
    except ready.refusals() as error:
        raise PracticeError(
            f"The volume {wanted.name} could not be made ({error}): the logs of cinder-scheduler and cinder-volume say "
            "why; `up` makes it anew."
        ) from error


def _identity(admin: "Connection") -> "Identity":
    # The type of `admin.identity` allows for Keystone's version 2 too.
    return cast("Identity", admin.identity)


def _project(admin: "Connection", name: str) -> "Project":
    identity = _identity(admin)
    return identity.find_project(name) or identity.create_project(name=name, domain_id="default")


def _user(admin: "Connection", name: str, password: str) -> "User":
    identity = _identity(admin)
    return identity.find_user(name) or identity.create_user(name=name, password=password, domain_id="default")


def _zones(admin: "Connection") -> None:
    """An aggregate of the zone's name for each host, the first one too: a zone without one is anywhere to Nova."""
    # Imported here, as in ready.py.
    from openstack.exceptions import ConflictException

    aggregates = {one.name: one for one in admin.compute.aggregates()}
    for host, zone in ZONES.items():
        aggregate = aggregates.get(zone) or admin.compute.create_aggregate(name=zone, availability_zone=zone)
        if host not in (aggregate.hosts or ()):
            try:
                admin.compute.add_host_to_aggregate(aggregate, host)
            except ConflictException as error:
                raise PracticeError(
                    "The cloud's servers were made before it had zones, and Nova moves none into a zone: "
                    "take them away with `python -m practice wipe`, then `up`."
                ) from error


def _image(admin: "Connection", image: Image, there: Sequence[Any]) -> None:
    broken = [one for one in there if one.status in _BROKEN_IMAGE]
    for one in broken:
        admin.image.delete_image(one.id)
    if len(there) > len(broken):
        return
    admin.image.create_image(
        name=image.name,
        data=bytes(1024),
        disk_format="raw",
        container_format="bare",
        visibility="public",
        min_disk=2,
        os_distro=image.distro,
        os_version=image.version,
        wait=True,
        timeout=ready.PATIENCE,
    )


def _outside_network(admin: "Connection") -> None:
    network = admin.network.find_network(config.OUTSIDE_NETWORK) or admin.network.create_network(
        name=config.OUTSIDE_NETWORK,
        is_router_external=True,
        # So that a project may plug its instances straight into it, which Nova forbids otherwise.
        is_shared=True,
        provider_network_type="flat",
        provider_physical_network=config.PHYSICAL_NETWORK,
    )
    subnets = {one.name for one in admin.network.subnets(network_id=network.id)}
    for subnet in OUTSIDE_SUBNETS:
        if subnet.name not in subnets:
            admin.network.create_subnet(
                network_id=network.id,
                name=subnet.name,
                ip_version=6 if ":" in subnet.cidr else 4,
                cidr=subnet.cidr,
                gateway_ip=subnet.gateway,
                allocation_pools=[{"start": subnet.first, "end": subnet.last}],
                is_dhcp_enabled=False,
            )
