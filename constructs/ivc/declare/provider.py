"""Every class of the OpenStack provider's bindings that this library uses, imported once.

The bindings are archived as CDKTF is: the move to what follows them is an edit of this file. Each comes from its own
module, since the bindings' top package imports them all, which takes half a second.
"""

from cdktf_cdktf_provider_openstack.blockstorage_volume_v3 import BlockstorageVolumeV3
from cdktf_cdktf_provider_openstack.compute_instance_v2 import ComputeInstanceV2, ComputeInstanceV2BlockDevice
from cdktf_cdktf_provider_openstack.compute_keypair_v2 import ComputeKeypairV2
from cdktf_cdktf_provider_openstack.compute_servergroup_v2 import ComputeServergroupV2, ComputeServergroupV2Rules
from cdktf_cdktf_provider_openstack.compute_volume_attach_v2 import ComputeVolumeAttachV2
from cdktf_cdktf_provider_openstack.data_openstack_blockstorage_volume_v3 import DataOpenstackBlockstorageVolumeV3
from cdktf_cdktf_provider_openstack.data_openstack_compute_flavor_v2 import DataOpenstackComputeFlavorV2
from cdktf_cdktf_provider_openstack.data_openstack_dns_zone_v2 import DataOpenstackDnsZoneV2
from cdktf_cdktf_provider_openstack.data_openstack_identity_auth_scope_v3 import DataOpenstackIdentityAuthScopeV3
from cdktf_cdktf_provider_openstack.data_openstack_images_image_v2 import DataOpenstackImagesImageV2
from cdktf_cdktf_provider_openstack.data_openstack_keymanager_container_v1 import DataOpenstackKeymanagerContainerV1
from cdktf_cdktf_provider_openstack.data_openstack_networking_floatingip_v2 import DataOpenstackNetworkingFloatingipV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_network_v2 import DataOpenstackNetworkingNetworkV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_router_v2 import DataOpenstackNetworkingRouterV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_secgroup_v2 import DataOpenstackNetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnet_v2 import DataOpenstackNetworkingSubnetV2
from cdktf_cdktf_provider_openstack.data_openstack_networking_subnetpool_v2 import DataOpenstackNetworkingSubnetpoolV2
from cdktf_cdktf_provider_openstack.dns_recordset_v2 import DnsRecordsetV2
from cdktf_cdktf_provider_openstack.dns_zone_v2 import DnsZoneV2
from cdktf_cdktf_provider_openstack.keymanager_container_v1 import (
    KeymanagerContainerV1,
    KeymanagerContainerV1SecretRefs,
)
from cdktf_cdktf_provider_openstack.keymanager_secret_v1 import (
    KeymanagerSecretV1,
    KeymanagerSecretV1Acl,
    KeymanagerSecretV1AclRead,
)
from cdktf_cdktf_provider_openstack.lb_l7_policy_v2 import LbL7PolicyV2
from cdktf_cdktf_provider_openstack.lb_l7_rule_v2 import LbL7RuleV2
from cdktf_cdktf_provider_openstack.lb_listener_v2 import LbListenerV2
from cdktf_cdktf_provider_openstack.lb_loadbalancer_v2 import LbLoadbalancerV2
from cdktf_cdktf_provider_openstack.lb_members_v2 import LbMembersV2, LbMembersV2Member
from cdktf_cdktf_provider_openstack.lb_monitor_v2 import LbMonitorV2
from cdktf_cdktf_provider_openstack.lb_pool_v2 import LbPoolV2, LbPoolV2Persistence
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
from cdktf_cdktf_provider_openstack.objectstorage_container_v1 import ObjectstorageContainerV1
from cdktf_cdktf_provider_openstack.objectstorage_object_v1 import ObjectstorageObjectV1
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
    "DataOpenstackDnsZoneV2",
    "DataOpenstackIdentityAuthScopeV3",
    "DataOpenstackImagesImageV2",
    "DataOpenstackKeymanagerContainerV1",
    "DataOpenstackNetworkingFloatingipV2",
    "DataOpenstackNetworkingNetworkV2",
    "DataOpenstackNetworkingRouterV2",
    "DataOpenstackNetworkingSecgroupV2",
    "DataOpenstackNetworkingSubnetV2",
    "DataOpenstackNetworkingSubnetpoolV2",
    "DnsRecordsetV2",
    "DnsZoneV2",
    "KeymanagerContainerV1",
    "KeymanagerContainerV1SecretRefs",
    "KeymanagerSecretV1",
    "KeymanagerSecretV1Acl",
    "KeymanagerSecretV1AclRead",
    "LbL7PolicyV2",
    "LbL7RuleV2",
    "LbListenerV2",
    "LbLoadbalancerV2",
    "LbMembersV2",
    "LbMembersV2Member",
    "LbMonitorV2",
    "LbPoolV2",
    "LbPoolV2Persistence",
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
    "ObjectstorageContainerV1",
    "ObjectstorageObjectV1",
    "OpenstackProvider",
]
