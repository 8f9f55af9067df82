"""Every class of the OpenStack provider's bindings that this library uses, imported once.

The bindings are archived as CDKTF is: the move to what follows them is an edit of this file, and of the one beside it
for what few stacks have (`load_balancer_provider`). Each comes from its own module, since the bindings' top package
imports them all, which takes half a second.
"""

from cdktf_cdktf_provider_openstack.blockstorage_volume_v3 import BlockstorageVolumeV3
from cdktf_cdktf_provider_openstack.compute_instance_v2 import ComputeInstanceV2, ComputeInstanceV2BlockDevice
from cdktf_cdktf_provider_openstack.compute_keypair_v2 import ComputeKeypairV2
from cdktf_cdktf_provider_openstack.compute_servergroup_v2 import ComputeServergroupV2, ComputeServergroupV2Rules
from cdktf_cdktf_provider_openstack.compute_volume_attach_v2 import ComputeVolumeAttachV2
from cdktf_cdktf_provider_openstack.data_openstack_blockstorage_volume_v3 import DataOpenstackBlockstorageVolumeV3
from cdktf_cdktf_provider_openstack.data_openstack_compute_flavor_v2 import DataOpenstackComputeFlavorV2
from cdktf_cdktf_provider_openstack.data_openstack_identity_auth_scope_v3 import DataOpenstackIdentityAuthScopeV3
from cdktf_cdktf_provider_openstack.data_openstack_images_image_v2 import DataOpenstackImagesImageV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_floatingip_v2 import DataOpenstackNetworkingFloatingipV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import DataOpenstackNetworkingNetworkV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_router_v2 import DataOpenstackNetworkingRouterV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_secgroup_v2 import DataOpenstackNetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnet_v2 import DataOpenstackNetworkingSubnetV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnetpool_v2 import DataOpenstackNetworkingSubnetpoolV2
from cdktf_cdktf_provider_openstack.images_image_v2 import ImagesImageV2
from cdktf_cdktf_provider_openstack.networking_floatingip_associate_v2 import NetworkingFloatingipAssociateV2
from cdktf_cdktf_provider_openstack.networking_floatingip_v2 import NetworkingFloatingipV2
from cdktf_cdktf_provider_openstack.networking_network_v2 import NetworkingNetworkV2, NetworkingNetworkV2Segments
from cdktf_cdktf_provider_openstack.networking_port_v2 import (
    NetworkingPortV2,
    NetworkingPortV2AllowedAddressPairs,
    NetworkingPortV2FixedIp,
)
from cdktf_cdktf_provider_openstack.networking_rbac_policy_v2 import NetworkingRbacPolicyV2
from cdktf_cdktf_provider_openstack.networking_router_interface_v2 import NetworkingRouterInterfaceV2
from cdktf_cdktf_provider_openstack.networking_router_route_v2 import NetworkingRouterRouteV2
from cdktf_cdktf_provider_openstack.networking_router_v2 import NetworkingRouterV2
from cdktf_cdktf_provider_openstack.networking_secgroup_rule_v2 import NetworkingSecgroupRuleV2
from cdktf_cdktf_provider_openstack.networking_secgroup_v2 import NetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.networking_subnet_route_v2 import NetworkingSubnetRouteV2
from cdktf_cdktf_provider_openstack.networking_subnet_v2 import NetworkingSubnetV2, NetworkingSubnetV2AllocationPool
from cdktf_cdktf_provider_openstack.networking_subnetpool_v2 import NetworkingSubnetpoolV2
from cdktf_cdktf_provider_openstack.provider import OpenstackProvider

__all__ = [
    "BlockstorageVolumeV3",
    "ComputeInstanceV2",
    "ComputeInstanceV2BlockDevice",
    "ComputeKeypairV2",
    "ComputeServergroupV2",
    "ComputeServergroupV2Rules",
    "ComputeVolumeAttachV2",
    "DataOpenstackBlockstorageVolumeV3",
    "DataOpenstackComputeFlavorV2",
    "DataOpenstackIdentityAuthScopeV3",
    "DataOpenstackImagesImageV2",
    "DataOpenstackNetworkingFloatingipV2",
    "DataOpenstackNetworkingNetworkV2",
    "DataOpenstackNetworkingRouterV2",
    "DataOpenstackNetworkingSecgroupV2",
    "DataOpenstackNetworkingSubnetV2",
    "DataOpenstackNetworkingSubnetpoolV2",
    "ImagesImageV2",
    "NetworkingFloatingipAssociateV2",
    "NetworkingFloatingipV2",
    "NetworkingNetworkV2",
    "NetworkingNetworkV2Segments",
    "NetworkingPortV2",
    "NetworkingPortV2AllowedAddressPairs",
    "NetworkingPortV2FixedIp",
    "NetworkingRbacPolicyV2",
    "NetworkingRouterInterfaceV2",
    "NetworkingRouterRouteV2",
    "NetworkingRouterV2",
    "NetworkingSecgroupRuleV2",
    "NetworkingSecgroupV2",
    "NetworkingSubnetRouteV2",
    "NetworkingSubnetV2",
    "NetworkingSubnetV2AllocationPool",
    "NetworkingSubnetpoolV2",
    "OpenstackProvider",
]
