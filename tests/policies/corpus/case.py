"""What a case is, and the plain parts that many of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf_cdktf_provider_openstack.networking_secgroup_rule_v2 import NetworkingSecgroupRuleV2

from ivc import Instance, Network, OpenStackStack, SecurityGroup
from tests.helpers import new_stack


@dataclass(frozen=True)
class Case:
    """A stack, and what is wrong with it.

    name: unique; the folder that it is written to.
    wrong: what is wrong, in words that end a sentence; None where nothing is.
    declare: declares it in an empty stack.
    meant: why it is right all the same to open what it opens; a policy may mention it, but not complain.
    """

    name: str
    wrong: str | None
    declare: Callable[[OpenStackStack], object]
    meant: str | None = None

    def stack(self, folder: Path) -> OpenStackStack:
        """It, declared. folder: an empty one to work in."""
        stack = new_stack(folder)
        self.declare(stack)
        return stack


def group(stack: OpenStackStack, **said: Any) -> SecurityGroup:
    """A group that a server wears on the Internet; its egress is closed unless said."""
    made = SecurityGroup(stack, "web", **{"description": "Servers of the corpus", "egress": "closed"} | said)
    typical_server(stack, made)
    return made


def typical_server(
    stack: OpenStackStack, *groups: SecurityGroup, network: Network | None = None, **said: Any
) -> Instance:
    """A server with nothing wrong, on the Internet unless a network is said."""
    nic = (network or Network.lookup(stack, "Ext-Net", public=True)).nic(*groups)
    declared: dict[str, Any] = {"image": "Debian 12", "flavor": "b2-7", "key_pair": "ops", "nics": [nic]}
    return Instance(stack, "www-1", **declared | said)


def plain_rule(stack: OpenStackStack, id: str = "by-hand", **said: Any) -> None:
    """A rule as the provider takes it: ingress of TCP over IPv4 unless said otherwise; None leaves an argument out."""
    declared: dict[str, Any] = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"} | said
    declared.setdefault("security_group_id", "")
    if not declared["security_group_id"]:
        declared["security_group_id"] = group(stack).id
    NetworkingSecgroupRuleV2(stack, id, **{key: value for key, value in declared.items() if value is not None})
