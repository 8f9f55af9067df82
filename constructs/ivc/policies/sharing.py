"""What is given to everybody by other means than security groups: load balancers, containers, images, shares, ports."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ivc.estate import families
from ivc.estate.reach import NONE, of_load_balancer
from ivc.estate.sharing import grants
from ivc.pages import page
from ivc.policies.facts import Facts
from ivc.policies.policy import Finding, Policy, Severity
from ivc.terraform.value import Unknown
from ivc.words.sentence import listed, say

_HTTPS = 443
_TLS_PORTS = (_HTTPS, 8443, 993, 995, 465, 636)


class GivenToAll(Policy):
    """Whoever is in the cloud, or in the world, gets at it, and nobody sees who does.

    Name the projects, users or addresses that are meant.
    """

    def __init__(self, id: str, title: str, severity: Severity, *types: str, words: str = "") -> None:
        self.id = id
        self.title = title
        self.severity = severity
        self.page = page(f"policies.md#{id.lower()}")
        self._types = types
        self._words = words

    def check(self, facts: Facts) -> Iterator[Finding]:
        for grant in grants(facts.estate):
            if grant.holds(NONE) and self._words in grant.words and facts.elements[grant.address].type in self._types:
                yield Finding(
                    subject=facts.declaration(grant.address),
                    message=say(f"{grant.words}: name those that are meant"),
                    cause=grant.address,
                )


SHARED = (
    GivenToAll("IVC160", "A port may use any address", "warning", families.PORT.type),
    GivenToAll("IVC161", "Everybody may read a container", "warning", families.CONTAINER.type, words="read"),
    GivenToAll("IVC162", "Everybody may write into a container", "error", families.CONTAINER.type, words="write"),
    GivenToAll("IVC163", "Every address may use a share", "error", families.SHARE_ACCESS.type),
    GivenToAll(
        "IVC164",
        "Every project of the cloud may use it",
        "warning",
        families.IMAGE.type,
        families.SHARE.type,
        families.NETWORK.type,
        families.RBAC_POLICY.type,
    ),
)


class ListenerFromAnywhere(Policy):
    """What a load balancer shows to the Internet, so that a reviewer need not gather it from its listeners.

    Nothing to mend where that is meant; else say `allowed_cidrs` on its listeners.
    """

    id = "IVC165"
    title = "The world reaches a load balancer"
    severity = "info"
    page = page("policies.md#ivc165")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for balancer in facts.estate.load_balancers:
            openings = of_load_balancer(facts.estate, balancer, NONE).openings
            if openings:
                ports = sorted({opening.low for opening in openings})
                yield Finding(
                    subject=balancer.address,
                    message=say(
                        "the world reaches its port {}: set allowed_cidrs if that is not meant", listed(map(str, ports))
                    ),
                )


class ListenerWithoutTls(Policy):
    """Browsers and clients expect TLS on this port; without it passwords cross the network in clear.

    Say `protocol = "TERMINATED_HTTPS"` with a certificate, or `HTTPS` or `TCP` where the members speak TLS themselves.
    """

    id = "IVC166"
    title = "A listener speaks in clear on a port for TLS"
    severity = "warning"
    page = page("policies.md#ivc166")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for balancer in facts.estate.load_balancers:
            for listener in balancer.listeners:
                if listener.protocol == "HTTP" and listener.port in _TLS_PORTS:
                    yield Finding(
                        subject=listener.address,
                        message=say("it speaks HTTP in clear on port {}: use TERMINATED_HTTPS", int(listener.port)),
                    )


class RedirectToNothing(Policy):
    """Requests are sent to HTTPS, mostly at the same load balancer by its name. Where it does not listen there, whoever
    follows finds nothing.

    Add a listener on that port. Waive it where the name leads elsewhere.
    """

    id = "IVC167"
    title = "A listener sends to HTTPS, and its load balancer does not listen there"
    severity = "warning"
    page = page("policies.md#ivc167")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for balancer in facts.estate.load_balancers:
            ports = {listener.port for listener in balancer.listeners if listener.protocol != "UDP"}
            if any(isinstance(port, Unknown) for port in ports):
                continue
            for listener in balancer.listeners:
                prefixes = [route.redirect for route in listener.routes if route.action == "REDIRECT_PREFIX"]
                wanted = {one: port for one in prefixes if one is not None and (port := _https(one)) is not None}
                missing = {prefix: port for prefix, port in wanted.items() if port not in ports}
                if missing:
                    yield Finding(
                        subject=listener.address,
                        message=say(
                            "it sends requests to {}, and the load balancer does not listen on port {}: add a listener "
                            "there",
                            listed(missing),
                            listed(map(str, sorted({*missing.values()}))),
                        ),
                    )


def _https(prefix: str) -> int | None:
    """The port that a prefix leads to; None where that is none of HTTPS."""
    try:
        parts = urlsplit(prefix)
        return (parts.port or _HTTPS) if parts.scheme == "https" else None
    except ValueError:  # Octavia refuses it
        return None
