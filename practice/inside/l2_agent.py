# mypy: ignore-errors
"""Run once with Neutron's Python: writes the row of an Open vSwitch agent that is alive (by Neutron's own code
for an agent's report) for each host, so that ML2 binds the ports there.

    l2_agent.py --config-file neutron.conf PHYSICAL_NETWORK HOST...
"""

import sys

from neutron.common import config
from neutron.db import agents_db
from neutron_lib import context
from oslo_utils import timeutils

option, config_file, physical_network, *hosts = sys.argv[1:]
config.register_common_config_options()
config.init([option, config_file])
for host in hosts:
    agents_db.AgentDbMixin().create_or_update_agent(
        context.get_admin_context(),
        {
            "binary": "neutron-openvswitch-agent",
            "host": host,
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
