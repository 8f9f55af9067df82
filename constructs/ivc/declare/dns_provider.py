"""The classes of the provider's bindings for DNS, apart from the others: a stack without it loads none."""

from cdktf_cdktf_provider_openstack.data_openstack_dns_zone_v2 import DataOpenstackDnsZoneV2
from cdktf_cdktf_provider_openstack.dns_recordset_v2 import DnsRecordsetV2
from cdktf_cdktf_provider_openstack.dns_zone_v2 import DnsZoneV2

__all__ = [
    "DataOpenstackDnsZoneV2",
    "DnsRecordsetV2",
    "DnsZoneV2",
]
