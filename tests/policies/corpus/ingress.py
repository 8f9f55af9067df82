"""What the world reaches, told in all the ways that a rule can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdktf import Fn, TerraformLocal, TerraformVariable
from cdktf_cdktf_provider_openstack.networking_secgroup_v2 import NetworkingSecgroupV2

from ivc import AnyTraffic, Cidr, OpenStackStack, PortRange, SecurityGroup, Tcp, Udp
from ivc.declare.traffic import Traffic
from tests.policies.corpus.case import Case, group, plain_rule, typical_server

WORLD = "0.0.0.0/0"


def _from(*prefixes: str, traffic: Traffic) -> Callable[[OpenStackStack], None]:
    def declare(stack: OpenStackStack) -> None:
        made = group(stack)
        for prefix in prefixes:
            made.allow_from(Cidr(prefix), traffic)

    return declare


def _from_anywhere(*traffic: Traffic) -> Callable[[OpenStackStack], None]:
    return lambda stack: group(stack).allow_from_anywhere(*traffic)


def _plain(**said: Any) -> Callable[[OpenStackStack], None]:
    return lambda stack: plain_rule(stack, **said)


def _prefix_from_variable(stack: OpenStackStack) -> None:
    prefix = TerraformVariable(stack, "admins", type="string", default=WORLD)
    plain_rule(stack, port_range_min=22, port_range_max=22, remote_ip_prefix=prefix.string_value)


def _prefix_from_local(stack: OpenStackStack) -> None:
    prefix = TerraformLocal(stack, "admins", WORLD)
    plain_rule(stack, port_range_min=22, port_range_max=22, remote_ip_prefix=prefix.as_string)


def _prefix_for_each(stack: OpenStackStack) -> None:
    plain_rule(stack, port_range_min=22, port_range_max=22, remote_ip_prefix="${each.value}")
    stack.add_override("resource.openstack_networking_secgroup_rule_v2.by-hand.for_each", '${toset(["0.0.0.0/0"])}')


def _prefix_from_function(stack: OpenStackStack) -> None:
    prefix = Fn.join("", [WORLD[:-1], "0"])
    plain_rule(stack, port_range_min=22, port_range_max=22, remote_ip_prefix=prefix)


def _halves_in_two_groups(stack: OpenStackStack) -> None:
    groups = [SecurityGroup(stack, half, description="Half of the world", egress="closed") for half in ("low", "high")]
    for made, prefix in zip(groups, ("0.0.0.0/1", "128.0.0.0/1"), strict=True):
        made.allow_from(Cidr(prefix), Tcp("ssh"))
    typical_server(stack, *groups)


def _without_description(stack: OpenStackStack) -> None:
    NetworkingSecgroupV2(stack, "by-hand", name="by-hand")


def _compute_secgroup(stack: OpenStackStack) -> None:
    rule = {"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "cidr": WORLD}
    stack.add_override(
        "resource.openstack_compute_secgroup_v2.old", {"name": "old", "description": "Nova's", "rule": [rule]}
    )


def _firewall(type_: str, **said: object) -> Callable[[OpenStackStack], None]:
    declared = {"action": "allow", "protocol": "tcp", "destination_port": "22", "enabled": True} | said
    return lambda stack: stack.add_override(f"resource.{type_}.old", declared)


INGRESS = (
    # What checkov (CKV_OPENSTACK_2 and 3) and trivy (OPNSTK-0003) look for.
    Case("ssh-from-ipv4", "all of IPv4 reaches SSH", _from(WORLD, traffic=Tcp("ssh"))),
    Case("ssh-from-ipv6", "all of IPv6 reaches SSH", _from("::/0", traffic=Tcp("ssh"))),
    Case("rdp-from-ipv4", "all of IPv4 reaches RDP", _from(WORLD, traffic=Tcp("rdp"))),
    Case("rdp-from-ipv6", "all of IPv6 reaches RDP", _from("::/0", traffic=Tcp("rdp"))),
    Case("rdp-by-udp", "all of IPv4 reaches RDP over UDP", _from(WORLD, traffic=Udp("rdp"))),
    Case("udp-22", "all of IPv4 reaches UDP port 22", _from(WORLD, traffic=Udp(22))),
    Case("ssh-in-range", "all of IPv4 reaches ports 20 to 30", _from(WORLD, traffic=Tcp(PortRange(20, 30)))),
    Case("every-tcp-port", "all of IPv4 reaches ports 1 to 65535", _from(WORLD, traffic=Tcp(PortRange(1, 65535)))),
    Case(
        "ipv6-spelled-out",
        "all of IPv6 reaches SSH",
        _plain(
            ethertype="IPv6",
            port_range_min=22,
            port_range_max=22,
            remote_ip_prefix="0000:0000:0000:0000:0000:0000:0000:0000/0",
        ),
    ),
    # No remote: any source.
    Case("ssh-no-remote", "the world reaches SSH", _from_anywhere(Tcp("ssh"))),
    Case("rdp-no-remote", "the world reaches RDP", _from_anywhere(Tcp("rdp"))),
    Case("mysql-no-remote", "the world reaches a database", _from_anywhere(Tcp("mysql"))),
    Case("postgresql-from-ipv4", "all of IPv4 reaches a database", _from(WORLD, traffic=Tcp("postgresql"))),
    Case("redis-no-remote", "the world reaches a database", _from_anywhere(Tcp("redis"))),
    Case("mongodb-no-remote", "the world reaches a database", _from_anywhere(Tcp("mongodb"))),
    Case("memcached-no-remote", "the world reaches a cache that amplifies floods", _from_anywhere(Udp("memcached"))),
    Case("anything-no-remote", "the world reaches everything", _from_anywhere(AnyTraffic())),
    Case("every-port-no-remote", "the world reaches every TCP port", _from_anywhere(Tcp.all())),
    Case(
        "empty-remote",
        "the world reaches SSH",
        _plain(port_range_min=22, port_range_max=22, remote_ip_prefix=""),
    ),
    # Every port, told otherwise.
    Case("no-ports", "all of IPv4 reaches every TCP port", _from(WORLD, traffic=Tcp.all())),
    Case("no-protocol", "all of IPv4 reaches everything", _from(WORLD, traffic=AnyTraffic())),
    Case(
        "ports-0-0",
        "ports 0 to 0 are every port",
        _plain(port_range_min=0, port_range_max=0, remote_ip_prefix=WORLD),
    ),
    Case(
        "ports-0-0-no-remote",
        "ports 0 to 0 are every port, from any source",
        _plain(port_range_min=0, port_range_max=0),
    ),
    Case(
        "every-port-in-two",
        "two rules together are every TCP port",
        _from_anywhere(Tcp(PortRange(1, 30000), PortRange(30001, 65535))),
    ),
    Case("protocol-6", "6 is TCP", _plain(protocol="6", port_range_min=22, port_range_max=22)),
    Case("protocol-any", "`any` is every protocol", _plain(protocol="any", remote_ip_prefix=WORLD)),
    # The world, told otherwise.
    Case("half-of-ipv4", "half of IPv4 reaches SSH", _from("0.0.0.0/1", traffic=Tcp("ssh"))),
    Case("both-halves-of-ipv4", "two halves are all of IPv4", _from("0.0.0.0/1", "128.0.0.0/1", traffic=Tcp("ssh"))),
    Case(
        "quarters-of-ipv4",
        "four quarters are all of IPv4",
        _from("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2", traffic=Tcp("ssh")),
    ),
    Case("a-slash-7", "no one has 33 million addresses", _from("64.0.0.0/7", traffic=Tcp("ssh"))),
    Case("both-halves-of-ipv6", "two halves are all of IPv6", _from("::/1", "8000::/1", traffic=Tcp("ssh"))),
    Case("public-ipv6", "2000::/3 is all of IPv6 that is routed", _from("2000::/3", traffic=Tcp("ssh"))),
    Case("halves-in-two-groups", "the groups of one NIC together are the world", _halves_in_two_groups),
    Case(
        "bits-behind-the-mask",
        "10.0.0.0/1 is half of IPv4",
        _plain(port_range_min=22, port_range_max=22, remote_ip_prefix="10.0.0.0/1"),
    ),
    Case(
        "address-slash-0",
        "198.51.100.7/0 is all of IPv4",
        _plain(port_range_min=22, port_range_max=22, remote_ip_prefix="198.51.100.7/0"),
    ),
    Case(
        "ipv6-in-short",
        "0::/0 is all of IPv6",
        _plain(ethertype="IPv6", port_range_min=22, port_range_max=22, remote_ip_prefix="0::/0"),
    ),
    # The world, as an expression.
    Case("prefix-from-variable", "the variable's default is all of IPv4", _prefix_from_variable),
    Case("prefix-from-local", "the local value is all of IPv4", _prefix_from_local),
    Case("prefix-for-each", "the rule is made for each of a set that holds all of IPv4", _prefix_for_each),
    Case("prefix-from-function", "the function's result is all of IPv4", _prefix_from_function),
    # Other resources.
    Case("group-without-description", "nobody knows what the group is for", _without_description),
    Case("compute-secgroup", "all of IPv4 reaches SSH", _compute_secgroup),
    Case(
        "firewall-1-open", "a rule of the firewall takes any source and destination", _firewall("openstack_fw_rule_v1")
    ),
    Case(
        "firewall-1-to-world",
        "a rule of the firewall names no destination",
        _firewall("openstack_fw_rule_v1", source_ip_address="10.0.0.5", destination_ip_address=WORLD),
    ),
    Case(
        "firewall-2-open", "a rule of the firewall takes any source and destination", _firewall("openstack_fw_rule_v2")
    ),
)
