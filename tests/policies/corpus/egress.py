"""What servers reach."""

from __future__ import annotations

from ivc import AnyTraffic, Cidr, Network, OpenStackStack, SecurityGroup, Tcp
from tests.policies.corpus.case import Case, typical_server


def _private(stack: OpenStackStack, *prefixes: str, egress: str) -> None:
    made = SecurityGroup(stack, "db", description="Databases", egress=egress)  # type: ignore[arg-type]
    for prefix in prefixes:
        made.allow_to(Cidr(prefix), AnyTraffic())
    typical_server(stack, made, network=Network(stack, "backend", cidr="10.0.0.0/24"))


def _public(stack: OpenStackStack) -> None:
    made = SecurityGroup(stack, "web", description="Web servers", egress="closed")
    made.allow_to(Cidr("0.0.0.0/0"), Tcp("https"))
    typical_server(stack, made)


EGRESS = (
    # What trivy looks for (OPNSTK-0004).
    Case(
        "egress-to-ipv4",
        "a private server reaches all of IPv4",
        lambda stack: _private(stack, "0.0.0.0/0", egress="closed"),
    ),
    Case("https-to-ipv4", "a web server reaches every other by HTTPS", _public),
    Case(
        "egress-to-halves",
        "a private server reaches all of IPv4",
        lambda stack: _private(stack, "0.0.0.0/1", "128.0.0.0/1", egress="closed"),
    ),
    Case("egress-open", "a private server reaches everything", lambda stack: _private(stack, egress="open")),
)
