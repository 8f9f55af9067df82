"""What stands between a port and its network: port security and security groups."""

from __future__ import annotations

from collections.abc import Iterator

from ivc.estate.rules import OLD_GROUP
from ivc.pages import page
from ivc.policies.facts import GROUP, NETWORK, PORT, Facts
from ivc.policies.policy import Finding, Policy
from ivc.policies.rules import rules_of, traffic_said
from ivc.terraform.value import Unknown
from ivc.words.sentence import listed, say

_LIBRARY_MARK = "ivc:"


class PortSecurityOff(Policy):
    """Without port security nothing is filtered: security groups do not hold, and a server may take others' addresses.

    Leave it on; where a server routes for others, allow their addresses on its port (`allowed_address_pairs`) instead.
    """

    id = "IVC140"
    title = "Port security is off"
    severity = "warning"
    page = page("policies.md#ivc140")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for element in facts.resources(PORT, NETWORK):
            enabled = element.flag("port_security_enabled")
            if enabled is False or isinstance(enabled, Unknown):
                what = "its port {}" if element.type == PORT else "network {}"
                has = "has" if enabled is False else "may have"
                yield Finding(
                    subject=facts.declaration(element.address),
                    message=say(
                        f"{what} {has} no port security, so that no security group filters: leave it on",
                        element.text("name") or element.name,
                    ),
                    cause=element.address,
                )


class DefaultGroup(Policy):
    """The group `default` is the project's, not yours: whoever adds a rule to it for another server opens this one, and
    all that have it reach each other.

    Declare a group of your own. A port made by hand gets `default` unless it has groups or `no_security_groups = true`;
    a server made by hand gets it with a network named instead of a port.
    """

    id = "IVC141"
    title = "The project's group `default` is in use"
    severity = "warning"
    page = page("policies.md#ivc141")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for group in facts.data(GROUP):
            if group.text("name") == "default":
                yield Finding(
                    subject=group.address,
                    message=say("it is the project's own group, which others change: declare a group of your own"),
                )
        for port in facts.resources(PORT):
            filtered = port.flag("port_security_enabled") in (None, True)
            if filtered and not facts.group_names(port) and port.flag("no_security_groups") is not True:
                yield Finding(
                    subject=facts.declaration(port.address),
                    message=say(
                        "its port {} names no group and gets the project's group default: give it groups, or "
                        "no_security_groups",
                        port.text("name") or port.name,
                    ),
                    cause=port.address,
                )
        for instance in facts.instances:
            if "default" in instance.values("security_groups"):
                yield Finding(
                    subject=instance.address,
                    message=say("it has the project's group default, which others change: declare one of your own"),
                )
            elif not instance.given.get("security_groups") and any(
                not block.get("port") for block in instance.blocks("network")
            ):
                yield Finding(
                    subject=instance.address,
                    message=say(
                        "Nova makes a port for it, with the project's group default: name a port instead of a network"
                    ),
                )


class NoOwnGroup(Policy):
    """Who reaches a server on the Internet is decided by groups that this stack does not make: nobody sees here what
    they let in, and others change them. With no group at all nothing comes in or goes out.

    Give the port a group that is declared here.
    """

    id = "IVC142"
    title = "A server with a public address has no group of its own"
    severity = "warning"
    page = page("policies.md#ivc142")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for instance in facts.instances:
            for port in facts.ports(instance):
                filtered = port.flag("port_security_enabled") in (None, True)
                own = [group for group in facts.groups_of(port) if not group.data]
                if filtered and not own and facts.is_public(port):
                    groups = facts.group_names(port)
                    yield Finding(
                        subject=instance.address,
                        message=say(
                            "its public port {} has {}: give it a group that is declared here",
                            port.text("name") or port.name,
                            say("no group of this stack, only {}", listed(groups))
                            if groups
                            else say("no group at all"),
                        ),
                        cause=port.address,
                    )


class GroupDescription(Policy):
    """Nobody dares to touch a group whose reason he does not know. Off unless an app is given it.

    Say it: `SecurityGroup(shop, "db", description="Databases: the web servers ask them")`.
    """

    id = "IVC143"
    title = "A security group has no description"
    severity = "warning"
    page = page("policies.md#ivc143")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for group in facts.resources(GROUP, OLD_GROUP):
            said = (group.text("description") or "").strip()
            # The library's own mark is for machines.
            if not said or said.startswith(_LIBRARY_MARK):
                yield Finding(subject=group.address, message=say("it has no description: say what it is for"))


class OpenEgressOfPrivateTier(Policy):
    """A server that only others of yours ask needs to reach little. Where it may reach everything, whoever gets in can
    carry data out.

    `SecurityGroup(..., egress="closed")`, `allow_to(...)`, and `allow_booting(...)` for names (DNS), time (NTP),
    packages and the metadata service.
    """

    id = "IVC150"
    title = "A private tier may reach the whole world"
    severity = "info"
    page = page("policies.md#ivc150")

    def check(self, facts: Facts) -> Iterator[Finding]:
        public_by_group = _public_by_group(facts)
        for group, rules in rules_of(facts).items():
            public = public_by_group.get(group)
            if public is False:
                for rule in rules:
                    if rule.direction == "egress" and rule.from_world and rule.protocol is None:
                        yield Finding(
                            subject=group,
                            message=say(
                                "only servers without a public address have it, and they may reach everything: close "
                                "its egress and say what they may reach"
                            ),
                            cause=rule.address,
                        )
                        break


class EgressToTheWorld(Policy):
    """What a group may reach of the Internet, so that a reviewer need not gather it from its rules.

    Nothing to mend where that is meant. Private tiers that may reach everything are IVC150's.
    """

    id = "IVC151"
    title = "A group's servers may reach the whole world"
    severity = "info"
    page = page("policies.md#ivc151")

    def check(self, facts: Facts) -> Iterator[Finding]:
        public_by_group = _public_by_group(facts)
        for group, rules in rules_of(facts).items():
            found = [rule for rule in rules if rule.direction == "egress" and rule.from_world]
            everything = any(rule.protocol is None for rule in found)
            if found and not (everything and public_by_group.get(group) is False):
                yield Finding(
                    subject=group,
                    message=say("its servers reach the whole world by {}", traffic_said(found)),
                    cause=found[0].address,
                )


def _public_by_group(facts: Facts) -> dict[str, bool]:
    """The groups that servers have, and whether one of these has a public address."""
    found: dict[str, bool] = {}
    for instance in facts.instances:
        ports = facts.ports(instance)
        public = any(facts.is_public(port) for port in ports)
        for port in ports:
            for group in facts.groups_of(port):
                found[group.address] = found.get(group.address, False) or public
    return found
