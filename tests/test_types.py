"""What a user's own code says of the library's types: mypy, strict, reads this file with all others."""

from __future__ import annotations

import ast
import typing
from dataclasses import dataclass
from pathlib import Path

import pytest
from cdktf import TerraformOutput
from cdktf_cdktf_provider_openstack.blockstorage_volume_v3 import BlockstorageVolumeV3
from cdktf_cdktf_provider_openstack.compute_instance_v2 import ComputeInstanceV2
from cdktf_cdktf_provider_openstack.compute_keypair_v2 import ComputeKeypairV2
from cdktf_cdktf_provider_openstack.compute_servergroup_v2 import ComputeServergroupV2
from cdktf_cdktf_provider_openstack.data_openstack_blockstorage_volume_v3 import DataOpenstackBlockstorageVolumeV3
from cdktf_cdktf_provider_openstack.data_openstack_keymanager_container_v1 import DataOpenstackKeymanagerContainerV1
from cdktf_cdktf_provider_openstack.data_openstack_networking_floatingip_v2 import DataOpenstackNetworkingFloatingipV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import DataOpenstackNetworkingNetworkV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_router_v2 import DataOpenstackNetworkingRouterV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_secgroup_v2 import DataOpenstackNetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnet_v2 import DataOpenstackNetworkingSubnetV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnetpool_v2 import DataOpenstackNetworkingSubnetpoolV2
from cdktf_cdktf_provider_openstack.keymanager_container_v1 import KeymanagerContainerV1
from cdktf_cdktf_provider_openstack.keymanager_secret_v1 import KeymanagerSecretV1
from cdktf_cdktf_provider_openstack.lb_listener_v2 import LbListenerV2
from cdktf_cdktf_provider_openstack.lb_loadbalancer_v2 import LbLoadbalancerV2
from cdktf_cdktf_provider_openstack.lb_members_v2 import LbMembersV2
from cdktf_cdktf_provider_openstack.lb_monitor_v2 import LbMonitorV2
from cdktf_cdktf_provider_openstack.lb_pool_v2 import LbPoolV2
from cdktf_cdktf_provider_openstack.networking_floatingip_v2 import NetworkingFloatingipV2
from cdktf_cdktf_provider_openstack.networking_network_v2 import NetworkingNetworkV2
from cdktf_cdktf_provider_openstack.networking_port_v2 import NetworkingPortV2
from cdktf_cdktf_provider_openstack.networking_router_v2 import NetworkingRouterV2
from cdktf_cdktf_provider_openstack.networking_secgroup_v2 import NetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.networking_subnet_v2 import NetworkingSubnetV2
from cdktf_cdktf_provider_openstack.networking_subnetpool_v2 import NetworkingSubnetpoolV2
from cdktf_cdktf_provider_openstack.objectstorage_container_v1 import ObjectstorageContainerV1
from cdktf_cdktf_provider_openstack.objectstorage_object_v1 import ObjectstorageObjectV1

import ivc
from ivc import (
    S3,
    Addressed,
    AllocationPool,
    AnyCertificate,
    AnyContainer,
    AnyFloatingIp,
    AnyImage,
    AnyKeyManagerSecret,
    AnyNetwork,
    Anyone,
    AnyRouter,
    AnySecurityGroup,
    AnySubnet,
    AnySubnetPool,
    AnyTraffic,
    AnyZone,
    App,
    AtApply,
    Attachment,
    Backend,
    Caa,
    Certificate,
    Cidr,
    Container,
    Declaration,
    DeclarationError,
    Environment,
    EphemeralDisk,
    FileTree,
    FloatingIp,
    GitLab,
    Http,
    Icmp,
    Image,
    ImageId,
    Instance,
    KeyManagerSecret,
    KeyPair,
    Listener,
    LoadBalancer,
    Local,
    LookedUpCertificate,
    LookedUpContainer,
    LookedUpFloatingIp,
    LookedUpKeyManagerSecret,
    LookedUpNetwork,
    LookedUpRouter,
    LookedUpSecurityGroup,
    LookedUpSubnet,
    LookedUpSubnetPool,
    LookedUpZone,
    Member,
    Monitor,
    Mount,
    Mx,
    Network,
    Nic,
    Nics,
    OpenStackStack,
    Peer,
    Policy,
    Pool,
    PoolMember,
    PortRange,
    Postgres,
    Project,
    Protocol,
    RootDisk,
    RootVolume,
    Route,
    Router,
    Secret,
    SecurityGroup,
    Segment,
    ServerGroup,
    Srv,
    StateEncryption,
    StoredObject,
    Subnet,
    SubnetPool,
    Tcp,
    TerraformCloud,
    Tier,
    Traffic,
    Udp,
    User,
    UserData,
    Vip,
    Volume,
    Volumes,
    Zone,
)
from ivc.arguments import _annotations
from tests.helpers import IMAGE_ID, INSTANCE, PUBLIC_KEY, a_disk, new_stack, resources, synth
from tests.test_key_manager_secret import THEIRS
from tests.test_mistakes import INTERNAL, public_functions


class Shop:
    """As a user's own class would keep what it made and looked up."""

    app: App
    stack: OpenStackStack
    state: Backend | None
    encryption: StateEncryption | None
    policies: list[Policy]
    internet: LookedUpNetwork
    floor: LookedUpSubnet
    office: LookedUpSecurityGroup
    backend: Network
    six: Subnet
    pool: SubnetPool
    offered: LookedUpSubnetPool
    gate: Router
    theirs: LookedUpRouter
    address: FloatingIp
    kept: LookedUpFloatingIp
    vip: Vip
    front: LoadBalancer
    pools: list[Pool]
    https: Listener
    web: SecurityGroup
    apart: ServerGroup
    keys: KeyPair
    image: ImageId
    baked: Image
    images: list[AnyImage]
    data: Volume
    disk: Attachment
    root: RootVolume
    roots: list[RootDisk | RootVolume | Volume]
    scratch: list[EphemeralDisk]
    place: Mount
    files: FileTree
    password: Secret
    zone: Zone
    reverse: LookedUpZone
    store: Container
    stores: list[AnyContainer]
    application: StoredObject
    stored: KeyManagerSecret
    others: LookedUpKeyManagerSecret
    certificate: Certificate
    bought: LookedUpCertificate

    def __init__(self, stack: OpenStackStack) -> None:
        self.app, self.stack, self.state, self.policies = stack.app, stack, kept("s3"), []
        self.encryption = StateEncryption(former_unencrypted=True)
        self.internet = Network.lookup(stack, "Ext-Net", public=True)
        self.floor = Subnet.lookup(stack, "floor", network=self.internet)
        self.office = SecurityGroup.lookup(stack, "office")
        self.backend = Network(
            stack,
            "backend",
            cidr="10.0.0.0/24",
            allocation_pools=[AllocationPool("10.0.0.100", "10.0.0.199")],
            segment=Segment("vlan", physical_network="physnet1", segmentation_id=42),
        )
        self.six = Subnet(stack, "six", network=self.backend, cidr="fd00::/64")
        self.pool = SubnetPool(stack, "pool", prefixes=[Cidr("10.0.0.0/8")])
        self.offered = SubnetPool.lookup(stack, "offered")
        self.gate = Router(stack, "gate", external_network=self.internet, routes=[Route("10.9.0.0/16", "10.0.0.9")])
        self.theirs = Router.lookup(stack, "theirs")
        joined([self.gate], self.backend)
        self.address = FloatingIp(stack, "address", network=self.internet)
        self.kept = FloatingIp.lookup(stack, "203.0.113.7")
        self.vip = Vip(stack, "vip", network=self.backend, ip="10.0.0.50", floating_ip=outside(self.kept))
        self.web = opened(
            SecurityGroup(stack, "web"),
            Cidr("10.0.0.0/8"),
            Tcp(80),
            Udp(PortRange(8000, 8010)),
            Icmp(),
            Protocol("vrrp"),
        )
        self.front = LoadBalancer(stack, "front", vip=Vip(stack, "front", network=self.backend, ip="10.0.0.51"))
        self.pools = [
            Pool(self.front, "web", protocol="HTTP", port="http", monitor=Monitor("HTTP", url_path="/health")),
            Pool(self.front, "db", protocol="TCP", port=3306, algorithm="LEAST_CONNECTIONS", monitor=None),
        ]
        self.https = Listener(
            self.front,
            "https",
            protocol="TERMINATED_HTTPS",
            port="https",
            pool=self.pools[0],
            certificate=Certificate.lookup(stack, "www"),
            allowed_cidrs=[Cidr("10.0.0.0/8")],
        )
        self.https.route("api", to=self.pools[0], host="api.example.com")
        self.apart = ServerGroup(stack, "apart")
        self.keys = KeyPair(stack, "ops", public_key=PUBLIC_KEY)
        self.image = ImageId(IMAGE_ID)
        self.baked = Image(stack, "baked", file=a_disk(stack.app.folder / "baked.img"))
        self.images = ["Debian 12", self.image, self.baked]
        self.data = Volume.lookup(stack, "data")
        self.disk = self.data.mount("/srv")
        (self.place,) = self.disk.mounts
        self.root = RootVolume(stack, "root", image=self.image, size=20)
        self.roots = [RootDisk(size=20), self.root, self.data]
        self.scratch = [EphemeralDisk(size=40)]
        self.files = FileTree("www")
        self.password = Secret(stack, "password", description="Of the database")
        self.zone = Zone(stack, "example.com", email="ops@example.com", ttl=300)
        self.reverse = Zone.lookup(stack, "2.0.192.in-addr.arpa")
        named([self.zone], "www", self.address, self.kept, "192.0.2.1")
        self.store = Container(
            stack, "store", readers=[Anyone(), Project("0" * 32)], writers=[User("1" * 32, project="0" * 32)]
        )
        theirs: LookedUpContainer = Container.lookup(stack, "their-store")
        self.stores = [self.store, theirs]
        (stack.app.folder / "app").write_text("x")
        self.application = self.store.file("app", "app")
        self.stored = KeyManagerSecret(stack, "stored", payload=self.password)
        self.others = KeyManagerSecret.lookup(stack, THEIRS)
        self.certificate = served(stack, self.others, self.stored)
        self.bought = Certificate.lookup(stack, "bought")

    def server(self, name: str, *nics: Nic, user_data: UserData | None = None) -> Instance:
        return Instance(
            self.stack,
            name,
            image=self.image,
            flavor="b2-7",
            nics=nics,
            root_disk=next(disk for disk in self.roots if isinstance(disk, RootDisk)),
            ephemeral_disks=self.scratch,
            key_pair=self.keys,
            server_group=self.apart,
            user_data=user_data,
        )

    def behind(self, servers: Tier, spare: Instance) -> list[Pool]:
        return [
            Pool(self.front, "tier", protocol="TCP", port=22, members=servers),
            Pool(self.front, "list", protocol="TCP", port=22, members=[spare, PoolMember(spare, port=23, backup=True)]),
        ]

    def tier(self, name: str, *nics: Nic | Nics, volumes: Volumes, last: Member) -> Tier:
        return Tier(
            self.stack,
            name,
            count=3,
            image=self.image,
            flavor="b2-7",
            nics=nics,
            server_group=self.apart,
            volumes=[volumes.mount("/srv", format_if_blank="ext4")],
            members={3: last},
        )


@dataclass(frozen=True)
class Settings:
    """As a user's own settings would be."""

    servers: int
    volumes: dict[str, str]


def sized(environment: Environment[Settings]) -> list[str]:
    shop = OpenStackStack(environment, "shop")
    volumes = [Volume.lookup(shop, name) for name in environment.settings.volumes.values()]
    return [environment.name_of(f"www-{number}") for number in range(environment.settings.servers)] + [
        volume.name for volume in volumes
    ]


def all_of_them(app: App) -> list[str]:
    return [name for environment in Environment.read(app, Settings) for name in sized(environment)]


def kept(where: str) -> Backend:
    everywhere: list[Backend] = [
        Local("shop.tfstate"),
        TerraformCloud("acme"),
        S3("states", region="gra", endpoint="https://s3.gra.io.cloud.ovh.net", locking="none"),
        Http("https://states.example.com/shop"),
        GitLab("acme/shop"),
        Postgres(),
    ]
    return next(one for one in everywhere if type(one).__name__.lower() == where)


def opened(group: SecurityGroup, peer: Peer, *traffic: Traffic) -> SecurityGroup:
    group.allow_from([peer, group], *traffic, AnyTraffic())
    return group


def served(stack: OpenStackStack, certificate: AnyKeyManagerSecret, key: AnyKeyManagerSecret) -> Certificate:
    return Certificate(stack, "served", certificate=certificate, private_key=key)


def references(*certificates: AnyCertificate) -> list[str]:
    return [text(one.container_ref) for one in certificates]


def joined(routers: list[AnyRouter], network: AnyNetwork) -> None:
    for router in routers:
        router.add_interface(network)


def named(zones: list[AnyZone], name: str, *addresses: Addressed) -> None:
    for zone in zones:
        zone.address(name, *addresses, ip_versions=[4])
        zone.mx(name, Mx(10, "mail"))
        zone.srv("_sip._tcp", Srv(priority=10, weight=60, port=5060, target="sip"))
        zone.caa(name, Caa("issue", "letsencrypt.org"), ttl=300)


def outside(address: AnyFloatingIp) -> AnyFloatingIp:
    return address


def versions(*pools: AnySubnetPool) -> list[int]:
    return [pool.ip_version for pool in pools]


def on(network: AnyNetwork, group: AnySecurityGroup) -> Nic:
    return network.nic(group)


def ranges(*subnets: AnySubnet) -> list[str]:
    return [str(subnet.cidr) for subnet in subnets]


def called(*declarations: Declaration) -> list[str]:
    return [declaration.name for declaration in declarations]


def text(value: str | AtApply) -> str:
    return value.as_terraform if isinstance(value, AtApply) else value


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(new_stack(tmp_path))


def test_everything_that_is_exported_can_be_named_here(shop: Shop) -> None:
    named = {node.id for node in ast.walk(ast.parse(Path(__file__).read_text())) if isinstance(node, ast.Name)}
    assert {*ivc.__all__} - named == set()
    assert called(shop.internet, shop.web, shop.data) == ["Ext-Net", "web", "data"]
    assert ranges(shop.six, shop.floor) == ["fd00::/64", "None"]
    assert versions(shop.pool, shop.offered) == [4, 4]
    assert references(shop.certificate, shop.bought) == [
        "${openstack_keymanager_container_v1.served.container_ref}",
        "${data.openstack_keymanager_container_v1.bought.container_ref}",
    ]


def test_everything_that_public_functions_take_or_give_is_exported() -> None:
    assert {each for name in ivc.__all__ if (each := getattr(ivc, name).__doc__) is None} == set()
    named = {
        f"{function}: {one.__name__}"
        for function, callable_ in public_functions()
        if callable_.__name__ not in INTERNAL
        for parameter, annotation in _annotations(callable_).items()
        if not parameter.startswith("_")
        for one in classes_in(annotation)
        if one.__module__.startswith("ivc.") and one.__name__ not in ivc.__all__
    }
    assert named == set()


def classes_in(annotation: object) -> list[type]:
    inner = [one for each in typing.get_args(annotation) for one in classes_in(each)]
    return [annotation, *inner] if isinstance(annotation, type) else inner


def test_an_l1_has_its_real_class(shop: Shop) -> None:
    www = shop.server("www", on(shop.backend, shop.web))
    # By these names alone mypy knows that each has what the bindings give it.
    instance: ComputeInstanceV2 = www.l1
    network: NetworkingNetworkV2 = shop.backend.l1
    looked_up: DataOpenstackNetworkingNetworkV2 = shop.internet.l1
    subnet: NetworkingSubnetV2 = shop.six.l1
    floor: DataOpenstackNetworkingSubnetV2 = shop.floor.l1
    group: NetworkingSecgroupV2 = shop.web.l1
    office: DataOpenstackNetworkingSecgroupV2 = shop.office.l1
    keys: ComputeKeypairV2 = shop.keys.l1
    apart: ComputeServergroupV2 = shop.apart.l1
    volume: DataOpenstackBlockstorageVolumeV3 | None = shop.data.l1
    root: BlockstorageVolumeV3 = shop.root.l1
    router: NetworkingRouterV2 = shop.gate.l1
    theirs: DataOpenstackNetworkingRouterV2 = shop.theirs.l1
    address: NetworkingFloatingipV2 = shop.address.l1
    kept: DataOpenstackNetworkingFloatingipV2 = shop.kept.l1
    pool: NetworkingSubnetpoolV2 = shop.pool.l1
    offered: DataOpenstackNetworkingSubnetpoolV2 = shop.offered.l1
    vip: NetworkingPortV2 = shop.vip.l1
    store: ObjectstorageContainerV1 = shop.store.l1
    application: ObjectstorageObjectV1 | None = shop.application.l1
    stored: KeymanagerSecretV1 = shop.stored.l1
    certificate: KeymanagerContainerV1 = shop.certificate.l1
    bought: DataOpenstackKeymanagerContainerV1 | None = shop.bought.l1
    front: LbLoadbalancerV2 = shop.front.l1
    https: LbListenerV2 = shop.https.l1
    pools: LbPoolV2 = shop.pools[0].l1
    members: LbMembersV2 = shop.pools[0].members
    monitor: LbMonitorV2 | None = shop.pools[0].monitor
    expected = {
        ComputeInstanceV2: instance,
        NetworkingNetworkV2: network,
        DataOpenstackNetworkingNetworkV2: looked_up,
        NetworkingSubnetV2: subnet,
        DataOpenstackNetworkingSubnetV2: floor,
        NetworkingSecgroupV2: group,
        DataOpenstackNetworkingSecgroupV2: office,
        ComputeKeypairV2: keys,
        ComputeServergroupV2: apart,
        DataOpenstackBlockstorageVolumeV3: volume,
        BlockstorageVolumeV3: root,
        NetworkingRouterV2: router,
        DataOpenstackNetworkingRouterV2: theirs,
        NetworkingFloatingipV2: address,
        DataOpenstackNetworkingFloatingipV2: kept,
        NetworkingSubnetpoolV2: pool,
        DataOpenstackNetworkingSubnetpoolV2: offered,
        NetworkingPortV2: vip,
        ObjectstorageContainerV1: store,
        ObjectstorageObjectV1: application,
        KeymanagerSecretV1: stored,
        KeymanagerContainerV1: certificate,
        DataOpenstackKeymanagerContainerV1: bought,
        LbLoadbalancerV2: front,
        LbListenerV2: https,
        LbPoolV2: pools,
        LbMembersV2: members,
        LbMonitorV2: monitor,
    }
    assert {cls for cls, element in expected.items() if type(element) is not cls} == set()


def test_a_value_known_at_apply_goes_where_cdktf_takes_a_text(shop: Shop) -> None:
    www = shop.server("www", on(shop.internet, shop.office))
    address = text(www.address_on(shop.internet))
    TerraformOutput(shop.stack, "address", value=address)
    BlockstorageVolumeV3(shop.stack, "scratch", size=1, metadata={"of": address})
    www.l1.add_override("metadata.seen", address)
    synthesized = synth(shop.stack)
    ips = "sort(openstack_networking_port_v2.www_Ext-Net.all_fixed_ips)"
    expected = f'${{concat([for ip in {ips} : ip if !strcontains(ip, ":")], {ips})[0]}}'
    assert synthesized["output"]["address"]["value"] == expected
    assert resources(synthesized, "openstack_blockstorage_volume_v3")["scratch"]["metadata"] == {"of": expected}
    assert resources(synthesized, INSTANCE)["www"]["metadata"]["seen"] == expected


def test_a_tier_is_of_instances(shop: Shop) -> None:
    each: Nics = shop.backend.nics(shop.web, first="10.0.0.11")
    workers = shop.tier("worker", each, volumes=Volumes("worker-{n}"), last=Member(flavor="b2-15"))
    first: Instance = workers.instances[0]
    addresses: list[str] = [text(one) for one in workers.address_on(shop.backend)]
    assert (first.key, addresses) == ("worker-1", ["10.0.0.11", "10.0.0.12", "10.0.0.13"])


def test_an_error_can_be_caught_by_its_name() -> None:
    with pytest.raises(DeclarationError):
        Tcp(0)
