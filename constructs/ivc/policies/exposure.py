"""Who reaches what: ports and addresses that a security group lets in."""

from __future__ import annotations

from collections.abc import Iterator

from ivc.estate.public_ranges import public_addresses, reaches_world
from ivc.estate.rules import Rule
from ivc.pages import page
from ivc.policies.facts import Facts
from ivc.policies.policy import Finding, Policy
from ivc.policies.rules import (
    most_ports,
    odd_world,
    open_ports,
    ports_of,
    ports_said,
    rules_of,
    source_said,
    together_said,
    traffic_said,
)
from ivc.terraform.document import Element
from ivc.words.sentence import listed, say


class EveryPortFromAnywhere(Policy):
    """Whatever listens on the server, now or after the next update, is on the Internet.

    Name the ports that the world is to reach, such as `allow_from_anywhere(Tcp(80, 443))`. Half of all ports or more
    count as every port. SSH, RDP and databases are among them, and are not named once more.
    """

    id = "IVC130"
    title = "The world reaches every port"
    severity = "error"
    page = page("policies.md#ivc130")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for opened in open_ports(facts):
            wide = [max(spans, key=len) for protocol in ("tcp", "udp") if most_ports(spans := opened.of(protocol))]
            if wide:
                yield Finding(
                    subject=opened.group,
                    others=opened.others,
                    message=say(
                        "the world reaches {}{}{}, SSH, RDP and databases among them: name the ports that are meant",
                        listed(ports_said(span.first, span.last, span.protocol) for span in wide),
                        source_said(wide[0].rules),
                        together_said(facts, opened),
                    ),
                    cause=wide[0].rules[0].address,
                )


class AsGoodAsAnywhere(Policy):
    """Half the Internet, or a set of ranges that together are all of it, protects nothing, and hides that from whoever
    looks for `/0`.

    Say the range that is meant (`/1` is often `/16` mistyped), or `allow_from_anywhere`. A range of /7 or shorter
    (IPv6: /12) that holds public addresses counts, and so does a set of ranges with half of all public addresses.
    """

    id = "IVC131"
    title = "A range of addresses is as good as anywhere"
    severity = "warning"
    page = page("policies.md#ivc131")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for group, rules in rules_of(facts).items():
            given = [rule for rule in rules if rule.direction == "ingress"]
            single = [rule for rule in given if rule.from_world and odd_world([rule])]
            together = [
                rule
                for opened in open_ports(facts)
                if opened.group == group
                for span in opened.spans
                if odd_world(span.rules)
                for rule in span.rules
            ]
            found = single or together
            if found:
                yield Finding(
                    subject=group,
                    message=say(
                        "{} comes in{}: give the range that is meant, or allow_from_anywhere",
                        traffic_said(found),
                        source_said(found),
                    ),
                    cause=found[0].address,
                )


class NoRemote(Policy):
    """A rule without a remote is one for any source, which nobody who reads it sees.

    Write `remote_ip_prefix = "0.0.0.0/0"` if that is meant, else the range or the group. `allow_from_anywhere` says it,
    and is not found here.
    """

    id = "IVC132"
    title = "A rule made by hand says no remote, which is any source"
    severity = "warning"
    page = page("policies.md#ivc132")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for rule in _each_rule(facts):
            if rule.direction == "ingress" and not rule.remote_said and rule.address not in facts.declared:
                yield Finding(
                    subject=rule.group,
                    message=say(
                        "{} lets {} in from any source, since it names no remote: write remote_ip_prefix, or "
                        "remote_group_id",
                        rule.address,
                        ports_of(rule),
                    ),
                    cause=rule.address,
                )


class PortZero(Policy):
    """Neutron takes ports 0 to 0 for no ports named, which is every port. Of ICMP they are the type and the code, and
    the provider leaves both out, which is every type.

    Name the ports; to let every port in, leave both out.
    """

    id = "IVC133"
    title = "The ports 0 to 0 are every port"
    severity = "warning"
    page = page("policies.md#ivc133")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for rule in _each_rule(facts):
            if rule.zero:
                yield Finding(
                    subject=rule.group,
                    message=say(
                        "{} names the {} 0 to 0, which are {}: name them, or leave both out",
                        rule.address,
                        say("type and code") if rule.protocol == "icmp" else say("ports"),
                        say("icmp of every type") if rule.protocol == "icmp" else ports_of(rule),
                    ),
                    cause=rule.address,
                )


class OpenToTheWorld(Policy):
    """What a group shows to the Internet, so that a reviewer need not gather it from its rules.

    Nothing to mend where that is meant.
    """

    id = "IVC134"
    title = "The world reaches something"
    severity = "info"
    page = page("policies.md#ivc134")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for group, rules in rules_of(facts).items():
            found = [
                rule
                for opened in open_ports(facts)
                if opened.group == group
                for span in opened.spans
                for rule in span.rules
            ]
            found += [rule for rule in rules if rule.direction == "ingress" and rule.from_world]
            if found:
                yield Finding(
                    subject=group,
                    message=say("the world reaches {}{}", traffic_said(found), source_said(found)),
                    cause=found[0].address,
                )


class OpenToAPublicRange(Policy):
    """Others' networks reach the servers of the group, not only one address.

    Nothing to mend where they are partners'; a range of one's own provider holds its other customers as well.
    """

    id = "IVC135"
    title = "A range of public addresses reaches something"
    severity = "info"
    page = page("policies.md#ivc135")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for group, rules in rules_of(facts).items():
            found = [
                rule
                for rule in rules
                if rule.direction == "ingress"
                and not rule.from_world
                and any(prefix and public_addresses(prefix) > 1 for prefix in rule.prefixes)
            ]
            if found:
                ranges = dict.fromkeys(
                    prefix for rule in found for prefix in rule.prefixes if prefix and public_addresses(prefix) > 1
                )
                yield Finding(
                    subject=group,
                    message=say("{} comes in from {}", traffic_said(found), listed(ranges)),
                    cause=found[0].address,
                )


class UnknownRemote(Policy):
    """Nobody who reads the JSON can tell whether it is the world.

    Nothing to mend where the variable is meant; a default for it, or the range itself, can be judged.
    """

    id = "IVC137"
    title = "Whom a rule lets in is known only to Terraform"
    severity = "info"
    page = page("policies.md#ivc137")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for rule in _each_rule(facts):
            unknown = rule.unknown_prefixes
            if rule.direction == "ingress" and unknown:
                yield Finding(
                    subject=rule.group,
                    message=say(
                        "{} lets {} in from {}, which nobody can judge here",
                        rule.address,
                        ports_of(rule),
                        listed(map(str, unknown)),
                    ),
                    cause=rule.address,
                )


class FirewallFromAnywhere(Policy):
    """A rule of the firewall service that lets in from anywhere, or to anywhere, is no rule.

    Name `source_ip_address` and `destination_ip_address`.
    """

    id = "IVC136"
    title = "A firewall rule lets in from anywhere, or to anywhere"
    severity = "warning"
    page = page("policies.md#ivc136")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for element in facts.resources("openstack_fw_rule_v1", "openstack_fw_rule_v2"):
            open_ends = [
                words
                for key, words in (("source_ip_address", "from anywhere"), ("destination_ip_address", "to anywhere"))
                if not _said_elsewhere(element, key) and reaches_world([_said(element, key)])
            ]
            if element.text("action") == "allow" and element.flag("enabled") is not False and open_ends:
                yield Finding(
                    subject=element.address,
                    message=say(
                        "it allows {} {}: name source_ip_address and destination_ip_address",
                        element.text("protocol") or "every protocol",
                        say(" and ".join(open_ends)),
                    ),
                )


def _said_elsewhere(element: Element, key: str) -> bool:
    return bool(element.given.get(key.replace("ip_address", "firewall_group_id")))


def _said(element: Element, key: str) -> str | None:
    """An address; what only apply knows, as an expression, is none."""
    value = element.given.get(key)
    return str(value) if value else None


def _each_rule(facts: Facts) -> Iterator[Rule]:
    for rules in rules_of(facts).values():
        yield from rules
