"""Security groups: who may reach the instances behind a port, and whom these may reach.

web.allow_from_anywhere(Tcp(80, 443))
db.allow_from(web, Tcp("mysql"))
db.allow_from(Cidr("10.0.0.0/24"), Icmp())
"""

from __future__ import annotations

from typing import Any, Literal

from cdktf_cdktf_provider_openstack.data_openstack_networking_secgroup_v2 import (
    DataOpenstackNetworkingSecgroupV2,
)
from cdktf_cdktf_provider_openstack.networking_secgroup_rule_v2 import NetworkingSecgroupRuleV2
from cdktf_cdktf_provider_openstack.networking_secgroup_v2 import NetworkingSecgroupV2

from ivc.cidr import Cidr
from ivc.declare.cdktf import Construct, TerraformElement
from ivc.declare.names import by_name_or_id
from ivc.declare.place import Place
from ivc.declare.terraform_text import literal
from ivc.declare.traffic import AnyTraffic, Family, Flow, Traffic
from ivc.policies.waiver import Waivable

_FAMILIES: tuple[Family, Family] = ("IPv4", "IPv6")


class AnySecurityGroup(Waivable):
    """A security group, made here or looked up: what a NIC wears, and a peer in rules.

    address: its Terraform address.
    key: what the addresses of rules call it; former_key: what they called it before a rename.
    l1: its Terraform element, for what this library does not say.
    """

    l1: TerraformElement
    name: str

    def __init__(self, *, address: str, key: str, former_key: str | None = None) -> None:
        self.address = address
        self.key = key
        self.former_key = former_key or key

    @property
    def id(self) -> str:
        """Its id, as a Terraform expression."""
        return f"${{{self.address}.id}}"


class LookedUpSecurityGroup(AnySecurityGroup):
    """A security group that is there already and is not changed; made by `SecurityGroup.lookup`."""


Peer = AnySecurityGroup | Cidr
"""The other end of a rule: the instances that wear a group, or a range of addresses."""


class SecurityGroup(Construct, AnySecurityGroup):
    """A security group, with exactly the rules that are declared: none of Neutron's own is left in it.

    name: what the cloud shows; the id unless said.
    description: for people.
    egress: `open` lets its instances reach everything, `closed` only what `allow_to` says.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises ValueError for an id that Terraform cannot carry or that is taken.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str | None = None,
        description: str = "",
        egress: Literal["open", "closed"] = "open",
        renamed_from: str | None = None,
    ) -> None:
        self._place = Place.of(f"SecurityGroup {id}", scope)
        names = self._place.declare("SecurityGroup", id, renamed_from=renamed_from)
        self._where = names.where
        if egress not in ("open", "closed"):
            raise ValueError(f"{self._where}: egress: {egress!r} is not known; say 'open' or 'closed'")
        Construct.__init__(self, scope, names.where)
        AnySecurityGroup.__init__(
            self,
            address=f"openstack_networking_secgroup_v2.{names.id}",
            key=names.id,
            former_key=names.former,
        )
        self._can_be_waived(self._where, subject=self.address, waivers=self._place.stack.waivers)
        self.name = name or id
        self._egress = egress
        self._rules: set[str] = set()
        mark = self._place.stack.mark(names.former)
        self.l1: NetworkingSecgroupV2 = self._place.make_in(
            self,
            NetworkingSecgroupV2,
            names.id,
            self._where,
            former=names.former,
            name=literal(self.name),
            description=literal(f"{description} [{mark}]" if description else mark),
            delete_default_rules=True,
        )
        if egress == "open":
            self._allow("egress", None, AnyTraffic())

    @staticmethod
    def lookup(scope: Construct, name: str | None = None, *, id: str | None = None) -> LookedUpSecurityGroup:
        """A security group that exists, by its name or its id.

        A name that no group or several have fails at plan, at the address
        `data.openstack_networking_secgroup_v2.<name>`.
        """
        where = f"SecurityGroup.lookup({name or id!r})"
        stack = Place.of(where, scope).stack
        slug, by = by_name_or_id(where, name, id)
        by = {"secgroup_id": by["id"]} if "id" in by else {"name": literal(by["name"])}
        address = stack.lookup(DataOpenstackNetworkingSecgroupV2, slug, where, **by)
        group = LookedUpSecurityGroup(address=address, key=slug)
        group._can_be_waived(where, subject=address, waivers=stack.waivers)
        group.l1 = stack.data_source(address)
        group.name = name or f"{id}"
        return group

    def allow_from(self, peer: Peer, *traffic: Traffic) -> None:
        """Let a peer reach the instances of this group: a group (this one as well) or a range of addresses.

        From a group in both address families, from a range in its own. What is said twice is one rule.
        """
        self._allow("ingress", peer, *self._said("allow_from", traffic))

    def allow_from_anywhere(self, *traffic: Traffic) -> None:
        """Let the whole world, IPv4 and IPv6, reach the instances of this group."""
        self._allow("ingress", None, *self._said("allow_from_anywhere", traffic))

    def allow_to(self, peer: Peer, *traffic: Traffic) -> None:
        """Let the instances of this group reach a peer; for a group with `egress="closed"`."""
        self._allow("egress", peer, *self._said("allow_to", traffic))

    def allow_to_anywhere(self, *traffic: Traffic) -> None:
        """Let the instances of this group reach the whole world; for a group with `egress="closed"`."""
        self._allow("egress", None, *self._said("allow_to_anywhere", traffic))

    def _said(self, method: str, traffic: tuple[Traffic, ...]) -> tuple[Traffic, ...]:
        if not traffic:
            raise ValueError(f"{self._where}: {method}: no traffic is said; name it, such as Tcp(22) or AnyTraffic()")
        if method.startswith("allow_to") and self._egress == "open":
            raise ValueError(
                f"{self._where}: {method}: its egress is open already, to everything; "
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
            config["remote_group_id"] = peer.id
        self._place.make_in(
            self,
            NetworkingSecgroupRuleV2,
            name,
            self._where,
            former=address(self.former_key, former_other),
            direction=direction,
            ethertype=family,
            security_group_id=self.id,
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
