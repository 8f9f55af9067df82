"""Ways in and out: routers, gateways and floating IPs."""

from __future__ import annotations

from collections.abc import Iterator

from ivc.estate.model import Network, Nic
from ivc.pages import page
from ivc.policies.facts import Facts
from ivc.policies.policy import Finding, Policy
from ivc.words.sentence import listed, say


class SeveralWaysOut(Policy):
    """A guest with two default routes takes one of them, and answers what came by the other where nobody expects it:
    connections hang, now and then or always.

    Put the server into one of the networks alone. Waive it where its user data sees to the routes.
    """

    id = "IVC207"
    title = "A server has two default routes"
    severity = "warning"
    page = page("policies.md#ivc207")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for instance in facts.estate.instances:
            out = list(dict.fromkeys(nic.network.name for nic in instance.nics if _has_default_route(nic)))
            if len(out) > 1:
                yield Finding(
                    subject=instance.address,
                    message=say(
                        "it has a default route in each of {}, and takes one of them: put it into one of these "
                        "networks, or see to the routes in its user data",
                        listed(out),
                    ),
                )


class FloatingIpWithoutRouter(Policy):
    """A floating IP leads into a network by a router that joins it with the outside. Of a network that is looked up
    nobody here knows whether one does; where none does, the apply fails.

    Join it here with `Router.lookup(...).add_interface(...)`, or waive it where somebody else's router does.
    """

    id = "IVC304"
    title = "A floating IP leads into a network of which no router is known"
    severity = "warning"
    page = page("policies.md#ivc304")

    def check(self, facts: Facts) -> Iterator[Finding]:
        stack = facts.estate
        network_of = {nic.port: nic.network for nic in stack.ports} | {vip.address: vip.network for vip in stack.vips}
        joined = {name for router in stack.routers for name in router.networks}
        for floating in stack.floating_ips:
            network = network_of.get(floating.port)
            if network is not None and _is_looked_up(network) and network.name not in joined:
                yield Finding(
                    subject=floating.address,
                    message=say(
                        "it leads into the network {}, and whether a router joins that with the outside is not known "
                        "here: without one the apply fails",
                        network.name,
                    ),
                )


def _has_default_route(nic: Nic) -> bool:
    """Whether its network tells guests of a gateway; one that the Internet reaches does."""
    return nic.network.public is True or any(
        subnet.gateway and ":" not in subnet.gateway for subnet in nic.network.subnets
    )


def _is_looked_up(network: Network) -> bool:
    return bool(network.address) and not network.made
