"""Whether a server reaches the Internet, as far as the declarations tell: by its networks, and by its groups' rules."""

from __future__ import annotations

from collections.abc import Sequence

from ivc.cidr import Cidr
from ivc.declare.nic import Nic
from ivc.declare.security_group import Peer, SecurityGroup
from ivc.declare.traffic import Flow
from ivc.estate.public_ranges import public_addresses
from ivc.userdata.checks import NO_NETWORK


def why_no_way_out(nics: Sequence[Nic]) -> str | None:
    """What keeps a server with these NICs from asking the Internet for packages; None where nothing does, or nobody
    here knows. Only once all is declared.
    """
    leading = [nic for nic in nics if nic.network.leads_out]
    if not leading:
        return NO_NETWORK
    reasons = [_why_closed(nic) for nic in leading]
    return None if None in reasons else reasons[0]


def _why_closed(nic: Nic) -> str | None:
    filters = nic.network.port_security if nic.port_security is None else nic.port_security
    made = [group for group in nic.groups if isinstance(group, SecurityGroup)]
    # What the rules of one that is looked up let out, nobody here knows.
    if not filters or len(made) < len(nic.groups):
        return None
    if not made:
        return f"its port in network {nic.network.key} has no security group, so that nothing passes"
    ways = [way for group in made for way in group._ways_out]
    packages = any(_lets(way, "tcp", port) and _is_public(way[0]) for way in ways for port in (80, 443))
    # The name server may stand anywhere.
    names = any(_lets(way, protocol, 53) for way in ways for protocol in ("udp", "tcp"))
    missing = [*([] if packages else ["HTTP"]), *([] if names else ["DNS"])]
    if not missing:
        return None
    groups = f"security group{'s' if len(made) > 1 else ''} {', '.join(group.key for group in made)}"
    return f"the closed egress of {groups} lets no {' and no '.join(missing)} out, which allow_booting() does"


def _lets(way: tuple[Peer | None, Flow], protocol: str, port: int) -> bool:
    _, flow = way
    return flow.protocol in (None, protocol) and (flow.range is None or flow.range[0] <= port <= flow.range[1])


def _is_public(peer: Peer | None) -> bool:
    return peer is None or (isinstance(peer, Cidr) and public_addresses(peer.text) > 0)
