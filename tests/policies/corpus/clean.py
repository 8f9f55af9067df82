"""Declarations with nothing wrong: some open what they mean to open, some are close to what is wrong."""

from __future__ import annotations

from ivc import Cidr, Icmp, Network, OpenStackStack, PortRange, SecurityGroup, Tcp, Udp
from tests.policies.corpus.case import Case, group, typical_server


def _ssh_from(*prefixes: str) -> Case:
    name = prefixes[0].replace(".", "-").replace(":", "-").replace("/", "-")

    def declare(stack: OpenStackStack) -> None:
        made = group(stack)
        for prefix in prefixes:
            made.allow_from(Cidr(prefix), Tcp("ssh"))

    return Case(f"ssh-from-{name}", None, declare)


def _peers(stack: OpenStackStack) -> None:
    web = group(stack)
    db = SecurityGroup(stack, "db", description="Databases", egress="closed")
    db.allow_from(web, Tcp("mysql", "ssh"), Icmp())
    db.allow_from(db, Tcp(PortRange(4444, 4568)))


def _lists_its_egress(stack: OpenStackStack) -> None:
    made = SecurityGroup(stack, "db", description="Databases", egress="closed")
    made.allow_to(Cidr("10.0.0.0/8"), Udp("dns", "ntp"))
    made.allow_to(Cidr("198.51.100.7/32"), Tcp("https"))
    typical_server(stack, made, network=Network(stack, "backend", cidr="10.0.0.0/24"))


def _mirror(stack: OpenStackStack) -> None:
    made = SecurityGroup(stack, "web", description="Web servers", egress="closed")
    made.allow_to(Cidr("9.9.9.0/24"), Tcp("https"))
    typical_server(stack, made)


def _partners(stack: OpenStackStack) -> None:
    group(stack).allow_from(Cidr("9.9.9.0/24"), Tcp("https"))


MEANT = (
    Case(
        "web-server",
        None,
        lambda stack: group(stack).allow_from_anywhere(Tcp("http", "https")),
        meant="the world is to read the site",
    ),
    Case(
        "web-server-of-ipv4",
        None,
        lambda stack: group(stack).allow_from(Cidr("0.0.0.0/0"), Tcp("https")),
        meant="the world is to read the site",
    ),
    Case(
        "answers-pings",
        None,
        lambda stack: group(stack).allow_from_anywhere(Icmp()),
        meant="the path's MTU is found by ICMP",
    ),
    Case("partners", None, _partners, meant="the range is a partner's"),
)

CLEAN = (
    Case("nothing-reaches-it", None, group),
    _ssh_from("203.0.113.7/32"),
    _ssh_from("2001:db8:5::/64"),
    _ssh_from("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    _ssh_from("fc00::/7"),
    Case("groups-reach-each-other", None, _peers),
    Case("lists-its-egress", None, _lists_its_egress),
    Case("lists-a-mirror-for-egress", None, _mirror),
)
