"""Security groups: who may reach the instances behind a port, and whom these may reach.

web.allow_from_anywhere(Tcp(80, 443))
db.allow_from(web, Tcp("mysql"))
db.allow_from(Cidr("10.0.0.0/24"), Icmp("echo-request"))

db = SecurityGroup(shop, "db", egress="closed")
db.allow_booting(dns=Cidr("10.0.0.2"))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from ivc.declare.traffic import FAMILIES, AnyTraffic, Family, Flow, Tcp, Traffic, Udp
from ivc.errors import DeclarationError
from ivc.estate import families

# Neutron's metadata service (neutron_lib/constants.py, METADATA_V4_CIDR and METADATA_V6_CIDR), on port 80.
_METADATA = (Cidr("169.254.169.254/32"), Cidr("fe80::a9fe:a9fe/128"))
# The port that a guest asks. Some drivers let it pass by themselves, OVN does not (Neutron: doc/source/ovn/gaps.rst).
_DHCP: Mapping[Family, int] = {"IPv4": 67, "IPv6": 547}


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
    egress: `open`, the default, lets its instances reach everything; `closed` only what `allow_to` and `allow_booting`
    say, and the groups made here that let it in with `allow_from`.
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
        self._ways_out: list[tuple[Peer | None, Flow]] = []
        self._open()
        self.l1: NetworkingSecgroupV2 = self._make(
            NetworkingSecgroupV2, name=literal(self.name), description=description, delete_default_rules=True
        )
        if egress == "open":
            self._allow("egress", "egress", None, AnyTraffic())

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

        From a group in both address families, from a range in its own. A group made here with `egress="closed"` is let
        out to this one, too: the one call opens both sides. What is said twice is one rule.

        Raises DeclarationError for traffic that the family of a range has none of.
        """
        for each in self._peers("allow_from", peer):
            said = self._said("allow_from", traffic)
            self._allow("allow_from", "ingress", each, *said)
            if isinstance(each, SecurityGroup) and each._egress == "closed":
                each._allow("allow_to", "egress", self, *said)

    @same_stack
    def allow_from_anywhere(self, *traffic: Traffic) -> None:
        """Let the whole world, IPv4 and IPv6, reach the instances of this group."""
        self._allow("allow_from_anywhere", "ingress", None, *self._said("allow_from_anywhere", traffic))

    @same_stack
    def allow_to(self, peer: Peer | Sequence[Peer], *traffic: Traffic) -> None:
        """Let the instances of this group reach a peer, or several; for a group with `egress="closed"`.

        A group at the other end stays as it is: who gets in there is said by that one's own `allow_from`, which opens
        both sides.
        """
        for each in self._peers("allow_to", peer):
            self._allow("allow_to", "egress", each, *self._said("allow_to", traffic))

    @same_stack
    def allow_to_anywhere(self, *traffic: Traffic) -> None:
        """Let the instances of this group reach the whole world; for a group with `egress="closed"`."""
        self._allow("allow_to_anywhere", "egress", None, *self._said("allow_to_anywhere", traffic))

    @same_stack
    def allow_booting(
        self,
        *,
        dns: Peer | Sequence[Peer] | None = None,
        ntp: Peer | Sequence[Peer] | None = None,
        http: Peer | Sequence[Peer] | None = None,
    ) -> None:
        """Let the instances of this group reach what a guest asks when it boots; for a group with `egress="closed"`.

        That is DHCP (UDP 67 in IPv4, 547 in IPv6), DNS (UDP and TCP 53), NTP (UDP 123), HTTP and HTTPS (TCP 80 and 443)
        for packages and keys, and the metadata service (TCP 80 of 169.254.169.254 and fe80::a9fe:a9fe).

        dns, ntp, http: the servers for each, a range, a group, or several; by default anywhere. A guest that needs less
        gets it by `allow_to`.
        """
        self._check_closed("allow_booting")
        for field, peer, traffic in (
            ("dns", dns, (Udp("dns"), Tcp("dns"))),
            ("ntp", ntp, (Udp("ntp"),)),
            ("http", http, (Tcp("http", "https"),)),
        ):
            peers: Sequence[Peer | None] = (None,) if peer is None else self._peers("allow_booting", peer, field)
            for each in peers:
                self._allow("allow_booting", "egress", each, *traffic)
        for family, port in _DHCP.items():
            self._allow("allow_booting", "egress", None, Udp(port), families=(family,))
        # Where HTTP goes anywhere, it goes there as well.
        for address in () if http is None else _METADATA:
            self._allow("allow_booting", "egress", address, Tcp("http"))

    def _allow_for(self, range_: Cidr, *traffic: Traffic) -> list[str]:
        """Let a range in for another declaration; gives the Terraform addresses of the rules that are new by that."""
        before = len(self._addresses)
        self._allow("allow_from", "ingress", range_, *traffic)
        return self._addresses[before:]

    def _peers(self, method: str, peer: Peer | Sequence[Peer], field: str = "peer") -> Sequence[Peer]:
        several = [peer] if isinstance(peer, AnySecurityGroup | Cidr) else peer
        if not several:
            raise DeclarationError(
                f"{self._called}: {method}: {field}: the list is empty; give a group or a range, or leave the line out"
            )
        return several

    def _said(self, method: str, traffic: tuple[Traffic, ...]) -> tuple[Traffic, ...]:
        if not traffic:
            raise DeclarationError(
                f"{self._called}: {method}: no traffic is given; name it, such as Tcp(22) or AnyTraffic()"
            )
        if not method.startswith("allow_from"):
            self._check_closed(method)
        return traffic

    def _check_closed(self, method: str) -> None:
        if self._egress == "open":
            raise DeclarationError(
                f"{self._called}: {method}: its egress is open already, to everything; "
                "declare the group with egress='closed' to list what it may reach"
            )

    def _allow(
        self,
        method: str,
        direction: Literal["ingress", "egress"],
        peer: Peer | None,
        *traffic: Traffic,
        families: Sequence[Family] = FAMILIES,
    ) -> None:
        if isinstance(peer, Cidr):
            families = [family for family in families if family == f"IPv{peer.network.version}"]
        for one in traffic:
            flows = [(family, flow) for family in families for flow in one.flows(family)]
            if not flows:
                raise DeclarationError(
                    f"{self._called}: {method}: {' and '.join(families)} knows no {one._called}; "
                    "give a range of the other family, or leave it out"
                )
            for family, flow in flows:
                self._rule(direction, peer, family, flow)

    def _rule(self, direction: str, peer: Peer | None, family: str, flow: Flow) -> None:
        def address(group: str, other: str) -> str:
            return f"{group}_{direction}_{flow.words}_{other}_{family.lower()}"

        other, former_other = _words(peer)
        name = address(self.key, other)
        if name in self._rules:
            return
        self._rules.add(name)
        if direction == "egress":
            self._ways_out.append((peer, flow))
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
