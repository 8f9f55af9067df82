# mypy: ignore-errors
"""Run once with Neutron's Python: writes the row of an Open vSwitch agent that is alive (by Neutron's own code
for an agent's report), so that ML2 binds the ports of this host.

    l2_agent.py --config-file neutron.conf PHYSICAL_NETWORK
"""

import sys

from neutron.common import config
from neutron.db import agents_db
from neutron_lib import context
from oslo_config import cfg
from oslo_utils import timeutils

*arguments, physical_network = sys.argv[1:]
config.register_common_config_options()
config.init(arguments)
agents_db.AgentDbMixin().create_or_update_agent(
    context.get_admin_context(),
    {
        "binary": "neutron-openvswitch-agent",
        "host": cfg.CONF.host,
        "topic": "N/A",
        "agent_type": "Open vSwitch agent",
        "start_flag": True,
        "availability_zone": "nova",
        "configurations": {
            "bridge_mappings": {physical_network: "br-ex"},
            "tunnel_types": ["vxlan"],
            "tunneling_ip": "127.0.0.1",
            "integration_bridge": "br-int",
            "datapath_type": "system",
        },
    },
    timeutils.utcnow(),
)
