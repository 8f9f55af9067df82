"""What Octavia takes, and what it refuses only when Terraform asks it, and then for ten minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ListenerProtocol = Literal["HTTP", "TERMINATED_HTTPS", "HTTPS", "TCP", "UDP"]
PoolProtocol = Literal["HTTP", "HTTPS", "TCP", "UDP", "PROXY", "PROXYV2"]
Algorithm = Literal["ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT"]
Persistence = Literal["SOURCE_IP", "HTTP_COOKIE", "APP_COOKIE"]
MonitorType = Literal["HTTP", "HTTPS", "TCP", "PING", "TLS-HELLO", "UDP-CONNECT"]

# octavia/common/constants.py, VALID_LISTENER_POOL_PROTOCOL_MAP.
POOLS_OF: Mapping[ListenerProtocol, tuple[PoolProtocol, ...]] = {
    "HTTP": ("HTTP", "PROXY", "PROXYV2"),
    "TERMINATED_HTTPS": ("HTTP", "PROXY", "PROXYV2"),
    "HTTPS": ("HTTPS", "TCP", "PROXY", "PROXYV2"),
    "TCP": ("TCP", "HTTP", "HTTPS", "PROXY", "PROXYV2"),
    "UDP": ("UDP",),
}
"""By a listener's protocol, those of the pools that it may lead to."""

LAYER_7: tuple[ListenerProtocol, ...] = ("HTTP", "TERMINATED_HTTPS")
"""Those of listeners that see requests, and not connections alone."""

# octavia/api/v2/controllers/health_monitor.py, `_validate_healthmonitor_request_for_udp`.
MONITORS_OF_UDP: tuple[MonitorType, ...] = ("UDP-CONNECT", "TCP", "HTTP")

OVN = "ovn"
"""The provider whose load balancers are made of OVN's flows: layer 4 alone, with what it lacks refused here (Octavia,
"Provider Feature Matrix")."""
# Octavia's own, under its two names.
AMPHORA = ("amphora", "octavia")
OVN_PROTOCOLS = ("TCP", "UDP")
OVN_MONITORS = ("TCP", "UDP-CONNECT")

TIMEOUTS = {"create": "20m", "update": "20m", "delete": "20m"}
"""How long Terraform waits for each step. A load balancer's servers (amphorae) take minutes to come and to go, and it
takes one change at a time, so that its parts wait for each other.
"""
