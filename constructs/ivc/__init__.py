"""IvC: the servers of an OpenStack project, declared in Python and applied by Terraform.

Names are imported when they are first asked for: CDKTF starts Node, which the command line has no use for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from ivc.errors import MachineError, tell_in_one_sentence

if TYPE_CHECKING:
    from ivc.cidr import Cidr
    from ivc.declare.access_list import Anyone, Project, User
    from ivc.declare.allocation_pool import AllocationPool
    from ivc.declare.app import App
    from ivc.declare.backend import S3, Backend, GitLab, Http, Local, Postgres, TerraformCloud
    from ivc.declare.certificate import AnyCertificate, Certificate, LookedUpCertificate
    from ivc.declare.container import AnyContainer, Container, LookedUpContainer, StoredObject
    from ivc.declare.declaration import Declaration
    from ivc.declare.environment import Environment
    from ivc.declare.floating_ip import AnyFloatingIp, FloatingIp, LookedUpFloatingIp
    from ivc.declare.image import AnyImage, Image, ImageId
    from ivc.declare.instance import Instance
    from ivc.declare.key_manager_secret import AnyKeyManagerSecret, KeyManagerSecret, LookedUpKeyManagerSecret
    from ivc.declare.key_pair import KeyPair
    from ivc.declare.listener import Listener
    from ivc.declare.load_balancer import LoadBalancer
    from ivc.declare.monitor import Monitor
    from ivc.declare.network import AnyNetwork, LookedUpNetwork, Network, Segment
    from ivc.declare.nic import Nic
    from ivc.declare.nics import Nics
    from ivc.declare.pool import Pool
    from ivc.declare.pool_member import PoolMember
    from ivc.declare.record_addresses import Addressed
    from ivc.declare.record_data import Caa, Mx, Srv
    from ivc.declare.root_disk import EphemeralDisk, RootDisk, RootVolume
    from ivc.declare.route import Route
    from ivc.declare.router import AnyRouter, LookedUpRouter, Router
    from ivc.declare.secret import Secret
    from ivc.declare.security_group import AnySecurityGroup, LookedUpSecurityGroup, Peer, SecurityGroup
    from ivc.declare.server_group import ServerGroup
    from ivc.declare.stack import OpenStackStack
    from ivc.declare.state_encryption import StateEncryption
    from ivc.declare.subnet import AnySubnet, LookedUpSubnet, Subnet
    from ivc.declare.subnet_pool import AnySubnetPool, LookedUpSubnetPool, SubnetPool
    from ivc.declare.tier import Member, Tier
    from ivc.declare.traffic import AnyTraffic, Icmp, PortRange, Protocol, Tcp, Traffic, Udp
    from ivc.declare.vip import Vip
    from ivc.declare.volume import Attachment, Volume
    from ivc.declare.volumes import Volumes
    from ivc.declare.zone import AnyZone, LookedUpZone, Zone
    from ivc.errors import DeclarationError
    from ivc.policies import Policy
    from ivc.userdata import AtApply, FileTree, UserData
    from ivc.userdata.volumes import Mount

__all__ = [
    "S3",
    "Addressed",
    "AllocationPool",
    "AnyCertificate",
    "AnyContainer",
    "AnyFloatingIp",
    "AnyImage",
    "AnyKeyManagerSecret",
    "AnyNetwork",
    "AnyRouter",
    "AnySecurityGroup",
    "AnySubnet",
    "AnySubnetPool",
    "AnyTraffic",
    "AnyZone",
    "Anyone",
    "App",
    "AtApply",
    "Attachment",
    "Backend",
    "Caa",
    "Certificate",
    "Cidr",
    "Container",
    "Declaration",
    "DeclarationError",
    "Environment",
    "EphemeralDisk",
    "FileTree",
    "FloatingIp",
    "GitLab",
    "Http",
    "Icmp",
    "Image",
    "ImageId",
    "Instance",
    "KeyManagerSecret",
    "KeyPair",
    "Listener",
    "LoadBalancer",
    "Local",
    "LookedUpCertificate",
    "LookedUpContainer",
    "LookedUpFloatingIp",
    "LookedUpKeyManagerSecret",
    "LookedUpNetwork",
    "LookedUpRouter",
    "LookedUpSecurityGroup",
    "LookedUpSubnet",
    "LookedUpSubnetPool",
    "LookedUpZone",
    "Member",
    "Monitor",
    "Mount",
    "Mx",
    "Network",
    "Nic",
    "Nics",
    "OpenStackStack",
    "Peer",
    "Policy",
    "Pool",
    "PoolMember",
    "PortRange",
    "Postgres",
    "Project",
    "Protocol",
    "RootDisk",
    "RootVolume",
    "Route",
    "Router",
    "Secret",
    "SecurityGroup",
    "Segment",
    "ServerGroup",
    "Srv",
    "StateEncryption",
    "StoredObject",
    "Subnet",
    "SubnetPool",
    "Tcp",
    "TerraformCloud",
    "Tier",
    "Traffic",
    "Udp",
    "User",
    "UserData",
    "Vip",
    "Volume",
    "Volumes",
    "Zone",
]

tell_in_one_sentence()
if sys.version_info < (3, 11):  # noqa: UP036 - pip is not the only way to get here
    raise MachineError(f"ivc needs Python 3.11 or newer, and this is {sys.version.split()[0]}: run it with a newer one")

_MODULES = {
    "cidr": ("Cidr",),
    "declare.access_list": (
        "Anyone",
        "Project",
        "User",
    ),
    "declare.allocation_pool": ("AllocationPool",),
    "declare.app": ("App",),
    "declare.backend": (
        "S3",
        "Backend",
        "GitLab",
        "Http",
        "Local",
        "Postgres",
        "TerraformCloud",
    ),
    "declare.certificate": (
        "AnyCertificate",
        "Certificate",
        "LookedUpCertificate",
    ),
    "declare.container": (
        "AnyContainer",
        "Container",
        "LookedUpContainer",
        "StoredObject",
    ),
    "declare.declaration": ("Declaration",),
    "declare.environment": ("Environment",),
    "declare.floating_ip": (
        "AnyFloatingIp",
        "FloatingIp",
        "LookedUpFloatingIp",
    ),
    "declare.image": (
        "AnyImage",
        "Image",
        "ImageId",
    ),
    "declare.instance": ("Instance",),
    "declare.key_manager_secret": (
        "AnyKeyManagerSecret",
        "KeyManagerSecret",
        "LookedUpKeyManagerSecret",
    ),
    "declare.key_pair": ("KeyPair",),
    "declare.listener": ("Listener",),
    "declare.load_balancer": ("LoadBalancer",),
    "declare.monitor": ("Monitor",),
    "declare.network": (
        "AnyNetwork",
        "LookedUpNetwork",
        "Network",
        "Segment",
    ),
    "declare.nic": ("Nic",),
    "declare.nics": ("Nics",),
    "declare.pool": ("Pool",),
    "declare.pool_member": ("PoolMember",),
    "declare.record_addresses": ("Addressed",),
    "declare.record_data": (
        "Caa",
        "Mx",
        "Srv",
    ),
    "declare.root_disk": (
        "EphemeralDisk",
        "RootDisk",
        "RootVolume",
    ),
    "declare.route": ("Route",),
    "declare.router": (
        "AnyRouter",
        "LookedUpRouter",
        "Router",
    ),
    "declare.secret": ("Secret",),
    "declare.security_group": (
        "AnySecurityGroup",
        "LookedUpSecurityGroup",
        "Peer",
        "SecurityGroup",
    ),
    "declare.server_group": ("ServerGroup",),
    "declare.stack": ("OpenStackStack",),
    "declare.state_encryption": ("StateEncryption",),
    "declare.subnet": (
        "AnySubnet",
        "LookedUpSubnet",
        "Subnet",
    ),
    "declare.subnet_pool": (
        "AnySubnetPool",
        "LookedUpSubnetPool",
        "SubnetPool",
    ),
    "declare.tier": (
        "Member",
        "Tier",
    ),
    "declare.traffic": (
        "AnyTraffic",
        "Icmp",
        "PortRange",
        "Protocol",
        "Tcp",
        "Traffic",
        "Udp",
    ),
    "declare.vip": ("Vip",),
    "declare.volume": (
        "Attachment",
        "Volume",
    ),
    "declare.volumes": ("Volumes",),
    "declare.zone": (
        "AnyZone",
        "LookedUpZone",
        "Zone",
    ),
    "errors": ("DeclarationError",),
    "policies": ("Policy",),
    "userdata": (
        "AtApply",
        "FileTree",
        "UserData",
    ),
    "userdata.volumes": ("Mount",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'ivc' has no attribute {name!r}")
    value: object = getattr(import_module(f"ivc.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
