"""Security groups: who may reach the instances behind a port, and whom these may reach.

web.allow_from_anywhere(Tcp(80, 443))
db.allow_from(web, Tcp("mysql"))
db.allow_from(Cidr("10.0.0.0/24"), Icmp())
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ivc.cidr import Cidr
from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.provider import (
    DataOpenstackNetworkingSecgroupV2,
    NetworkingSecgroupRuleV2,
    NetworkingSecgroupV2,
)
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.declare.traffic import AnyTraffic, Family, Flow, Traffic
from ivc.errors import DeclarationError
from ivc.estate import families

_FAMILIES: tuple[Family, Family] = ("IPv4", "IPv6")


class AnySecurityGroup(Declaration):
    """A security group, made here or looked up: what a NIC has, and a peer in rules."""

    family = families.SECURITY_GROUP
    l1: TerraformElement


class LookedUpSecurityGroup(LookedUp, AnySecurityGroup):
    """A security group that is there already and is not changed; made by `SecurityGroup.lookup`."""

    l1: DataOpenstackNetworkingSecgroupV2


Peer = AnySecurityGroup | Cidr
"""The other end of a rule: the instances that have a group, or a range of addresses."""


class SecurityGroup(Made, AnySecurityGroup):
    """A security group, with exactly the rules that are declared: none of Neutron's own is left in it.

    name: what the cloud shows; by default the id.
    description: for people.
    egress: `open`, the default, lets its instances reach everything, `closed` only what `allow_to` says.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str | None = None,
        description: str = "",
        egress: Literal["open", "closed"] = "open",
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        self._egress = egress
        self._rules: set[str] = set()
        self._open()
        self.l1: NetworkingSecgroupV2 = self._make(
            NetworkingSecgroupV2, name=literal(self.name), description=description, delete_default_rules=True
        )
        if egress == "open":
            self._allow("egress", None, AnyTraffic())

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str | None = None, *, id: str | None = None) -> LookedUpSecurityGroup:
        """A security group that exists, by its name or its id.

        A name that no group or several have fails at plan, at the address
        `data.openstack_networking_secgroup_v2.<name>`.
        """
        group = LookedUpSecurityGroup._new()
        group._look_up(scope, DataOpenstackNetworkingSecgroupV2, name=name, id=id)
        return group

    @same_stack
    def allow_from(self, peer: Peer | Sequence[Peer], *traffic: Traffic) -> None:
        """Let a peer reach the instances of this group: a group (this one as well), a range of addresses, or several.

        From a group in both address families, from a range in its own. What is said twice is one rule.
        """
        for each in self._peers("allow_from", peer):
            self._allow("ingress", each, *self._said("allow_from", traffic))

    @same_stack
    def allow_from_anywhere(self, *traffic: Traffic) -> None:
        """Let the whole world, IPv4 and IPv6, reach the instances of this group."""
        self._allow("ingress", None, *self._said("allow_from_anywhere", traffic))

    @same_stack
    def allow_to(self, peer: Peer | Sequence[Peer], *traffic: Traffic) -> None:
        """Let the instances of this group reach a peer, or several; for a group with `egress="closed"`."""
        for each in self._peers("allow_to", peer):
            self._allow("egress", each, *self._said("allow_to", traffic))

    @same_stack
    def allow_to_anywhere(self, *traffic: Traffic) -> None:
        """Let the instances of this group reach the whole world; for a group with `egress="closed"`."""
        self._allow("egress", None, *self._said("allow_to_anywhere", traffic))

    def _peers(self, method: str, peer: Peer | Sequence[Peer]) -> Sequence[Peer]:
        several = [peer] if isinstance(peer, AnySecurityGroup | Cidr) else peer
        if not several:
            raise DeclarationError(
                f"{self._called}: {method}: peer: the list is empty; give a group or a range, or leave the line out"
            )
        return several

    def _said(self, method: str, traffic: tuple[Traffic, ...]) -> tuple[Traffic, ...]:
        if not traffic:
            raise DeclarationError(
                f"{self._called}: {method}: no traffic is given; name it, such as Tcp(22) or AnyTraffic()"
            )
        if method.startswith("allow_to") and self._egress == "open":
            raise DeclarationError(
                f"{self._called}: {method}: its egress is open already, to everything; "
                "declare the group with egress='closed' to list what it may reach"
            )
        return traffic

    def _allow(self, direction: Literal["ingress", "egress"], peer: Peer | None, *traffic: Traffic) -> None:
        families = (f"IPv{peer.network.version}",) if isinstance(peer, Cidr) else _FAMILIES
        for one in traffic:
            for family in families:
                for flow in one.flows(family):  # type: ignore[arg-type]
                    self._rule(direction, peer, family, flow)

    def _rule(self, direction: str, peer: Peer | None, family: str, flow: Flow) -> None:
        def address(group: str, other: str) -> str:
            return f"{group}_{direction}_{flow.words}_{other}_{family.lower()}"

        other, former_other = _words(peer)
        name = address(self.key, other)
        if name in self._rules:
            return
        self._rules.add(name)
        config: dict[str, Any] = {}
        if flow.protocol is not None:
            config["protocol"] = flow.protocol
        if flow.range is not None:
            config["port_range_min"], config["port_range_max"] = flow.range
        if isinstance(peer, Cidr):
            config["remote_ip_prefix"] = peer.text
        elif peer is not None:
            config["remote_group_id"] = peer._id
        self._make_part(
            families.RULE,
            NetworkingSecgroupRuleV2,
            name,
            former=address(self.former_key, former_other),
            direction=direction,
            ethertype=family,
            security_group_id=self._id,
            **config,
        )


def _words(peer: Peer | None) -> tuple[str, str]:
    """How a rule's address calls the other end, now and before a rename."""
    if peer is None:
        return "anywhere", "anywhere"
    if isinstance(peer, Cidr):
        words = peer.text.replace(".", "-").replace(":", "-").replace("/", "-")
        return words, words
    # One that is looked up may have the name of one that is made here.
    kind = "group" if isinstance(peer, SecurityGroup) else "existing-group"
    return f"{kind}-{peer.key}", f"{kind}-{peer.former_key}"
