"""The classes of the provider's bindings for load balancers, apart from the others: a stack without one loads none."""

from cdktf_cdktf_provider_openstack.lb_l7_policy_v2 import LbL7PolicyV2
from cdktf_cdktf_provider_openstack.lb_l7_rule_v2 import LbL7RuleV2
from cdktf_cdktf_provider_openstack.lb_listener_v2 import LbListenerV2
from cdktf_cdktf_provider_openstack.lb_loadbalancer_v2 import LbLoadbalancerV2
from cdktf_cdktf_provider_openstack.lb_members_v2 import LbMembersV2, LbMembersV2Member
from cdktf_cdktf_provider_openstack.lb_monitor_v2 import LbMonitorV2
from cdktf_cdktf_provider_openstack.lb_pool_v2 import LbPoolV2, LbPoolV2Persistence

__all__ = [
    "LbL7PolicyV2",
    "LbL7RuleV2",
    "LbListenerV2",
    "LbLoadbalancerV2",
    "LbMembersV2",
    "LbMembersV2Member",
    "LbMonitorV2",
    "LbPoolV2",
    "LbPoolV2Persistence",
]
