"""Listeners: the ports that a load balancer listens on, and which pool gets what comes there.

Listener(www, "http", protocol="HTTP", port=80, redirect_to_https="www.example.com")
https = Listener(www, "https", protocol="TERMINATED_HTTPS", port=443, pool=web, certificate=certificate)
https.route("api", to=api, host="api.example.com", path="/v1")
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ivc.cidr import Cidr
from ivc.declare.certificate import AnyCertificate
from ivc.declare.declaration import Ordered
from ivc.declare.key_manager_secret import AnyKeyManagerSecret, KeyManagerSecret
from ivc.declare.load_balancer import LoadBalancer, PartOfLoadBalancer
from ivc.declare.load_balancer_provider import LbL7PolicyV2, LbL7RuleV2, LbListenerV2
from ivc.declare.names import check_name
from ivc.declare.octavia import LAYER_7, OVN_PROTOCOLS, POOLS_OF, TIMEOUTS, ListenerProtocol
from ivc.declare.pool import Pool
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import as_terraform, literal
from ivc.declare.traffic import one_port
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.userdata import AtApply

ServerCertificate = AnyCertificate | AnyKeyManagerSecret
Header = Literal["X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"]
_FORWARDED: tuple[Header, ...] = ("X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto")

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")
# Octavia takes ASCII alone, and a `*` as it stands.
_PATH = re.compile(r"/(?:(?![?#*])[!-~])*")

_Rules = Mapping[str, tuple[str, str, str]]
"""By what they are called, the rules of a policy, which must all hold: their type, how they compare, and with what."""


class Listener(PartOfLoadBalancer):
    """A port that a load balancer listens on.

    scope: the load balancer that it stands in.
    protocol: `HTTP` sees requests, and so does `TERMINATED_HTTPS`, where TLS ends; `HTTPS` passes TLS on as it is, to
    members that speak it; `TCP` and `UDP` pass everything on. Another one replaces the listener, and so does another
    port.
    port: a number or a well-known name.
    pool: what gets all that no route says otherwise of; without it such a request gets the answer 503.
    certificate: for `TERMINATED_HTTPS`, a `Certificate`, or a `KeyManagerSecret` that holds a PKCS 12 bundle. Another
    one, and one that is renewed, is taken in place, without an outage.
    sni_certificates: further ones, for other names that clients ask for.
    allowed_cidrs: who may come in; by default everybody who reaches the VIP.
    insert_headers: what requests are told of the client, for listeners that see them; by default `X-Forwarded-For`,
    `X-Forwarded-Port` and `X-Forwarded-Proto`.
    redirect_to_https: instead of a pool, for `HTTP`: every request is sent to the same path there by the answer 301.
    Several hosts keep their own names, and all others get the first one.
    name: what the cloud shows; by default the id.
    description: for people.
    depends_on: what is to be there first, declarations or CDKTF's elements, beside what it refers to.
    renamed_from: the id that this declaration had before; its routes are renamed with it. The mark in its description
    names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, for a port that another listener
    has, for a pool of another load balancer, and for what Octavia would refuse.
    """

    family = families.LISTENER

    @same_stack
    def __init__(
        self,
        scope: LoadBalancer,
        id: str,
        *,
        protocol: ListenerProtocol,
        port: int | str,
        pool: Pool | None = None,
        certificate: ServerCertificate | None = None,
        sni_certificates: Sequence[ServerCertificate] = (),
        allowed_cidrs: Sequence[Cidr] | None = None,
        insert_headers: Sequence[Header] | None = None,
        redirect_to_https: str | Sequence[str] = (),
        name: str | None = None,
        description: str = "",
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self.load_balancer = scope
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on, whole=scope)
        self.protocol = protocol
        self.port = one_port(f"{self._called}: port", port)
        hosts = (redirect_to_https,) if isinstance(redirect_to_https, str) else tuple(redirect_to_https)
        self._check_provider(allowed_cidrs)
        self._check_redirect(hosts, pool)
        if pool is not None:
            self._check_pool("pool", pool)
        self._check_tls(certificate, sni_certificates)
        headers = self._headers(insert_headers)
        ranges = None if allowed_cidrs is None else self._texts_of_ranges(allowed_cidrs)
        scope._listen(self._called, "UDP" if protocol == "UDP" else "TCP", self.port)
        self.pool, self._ranges, self._redirects = pool, tuple(allowed_cidrs or ()), bool(hosts)
        self._policies: list[LbL7PolicyV2] = []
        self._routed: dict[tuple[str | None, str | None], str] = {}
        self._open()
        optional: dict[str, Any] = {
            "default_pool_id": None if pool is None else pool._id,
            "default_tls_container_ref": None if certificate is None else as_terraform(_reference(certificate)),
            "allowed_cidrs": ranges,
            "insert_headers": dict.fromkeys(headers, "true") or None,
        }
        self.l1: LbListenerV2 = self._make(
            LbListenerV2,
            loadbalancer_id=scope._id,
            name=literal(self.name),
            description=description,
            protocol=protocol,
            protocol_port=self.port,
            timeouts=TIMEOUTS,
            **{key: value for key, value in optional.items() if value is not None},
        )
        self._say_sni([_reference(one) for one in sni_certificates])
        for host in hosts[1:]:
            rules = {"host": ("HOST_NAME", "EQUAL_TO", host)}
            self._policy(_words(host), _words(host), rules, action="REDIRECT_PREFIX", **_to_https(host))
        if hosts:
            everything = {"path": ("PATH", "STARTS_WITH", "/")}
            words = _words(hosts[0])
            self._policy(words, words, everything, action="REDIRECT_PREFIX", **_to_https(hosts[0]))

    @same_stack
    def route(
        self,
        id: str,
        *,
        to: Pool,
        host: str | None = None,
        path: str | None = None,
        renamed_from: str | None = None,
    ) -> None:
        """Have a pool get the requests for a host, for a path, or for both; the first route that fits wins, in the
        order in which they are declared.

        id: its name among the listener's routes, which its address and the cloud show.
        host: the name that clients ask for, or `*.example.com` for all below it.
        path: how the path of the request begins: `/v1` holds for `/v1/users`, and for `/v10` as well.
        renamed_from: the id that this route had before.

        Raises DeclarationError for a listener that sees no requests, for what is routed already, and for a pool that
        cannot be one of the listener's.
        """
        where = f"{self._called}: route {check_name(f'{self._called}: route', id)}"
        if self.protocol not in LAYER_7:
            raise DeclarationError(
                f"{where}: a listener of {self.protocol} sees no requests; give it the protocol {' or '.join(LAYER_7)}"
            )
        if self._redirects:
            raise DeclarationError(
                f"{where}: redirect_to_https sends every request away; put the route on the listener that it sends to"
            )
        if host is None and path is None:
            raise DeclarationError(f"{where}: host: it is missing; give it, or a path, or a pool to the listener")
        if host is not None:
            _check_host(f"{where}: host", host)
        if path is not None and not _PATH.fullmatch(path):
            raise DeclarationError(
                f"{where}: path: {path!r} is none; write how it begins, from '/' on, in ASCII and without '?' and '*', "
                "such as '/v1'"
            )
        self._check_pool(f"route {id}: to", to)
        other = self._routed.setdefault((host, path), id)
        if other != id:
            raise DeclarationError(f"{where}: route {other} is of the same host and path; leave one of the two out")
        rules: dict[str, tuple[str, str, str]] = {}
        if host is not None:
            rules["host"] = (
                ("HOST_NAME", "ENDS_WITH", host[1:]) if host.startswith("*") else ("HOST_NAME", "EQUAL_TO", host)
            )
        if path is not None:
            rules["path"] = ("PATH", "STARTS_WITH", path)
        former = id if renamed_from is None else check_name(f"{where}: renamed_from", renamed_from)
        self._policy(id, former, rules, action="REDIRECT_TO_POOL", redirect_pool_id=to._id)

    def _policy(self, name: str, former: str, rules: _Rules, **said: Any) -> None:
        """One more L7 policy. Their places are dense, and parallel calls would mix them: each waits for the one
        before.
        """
        key, former_key = f"{self.key}_{name}", f"{self.former_key}_{former}"
        after: dict[str, Any] = {"depends_on": [self._policies[-1]]} if self._policies else {}
        policy = self._make_part(
            families.L7_POLICY,
            LbL7PolicyV2,
            key,
            former=former_key,
            listener_id=self._id,
            name=literal(name),
            position=len(self._policies) + 1,
            timeouts=TIMEOUTS,
            **said,
            **after,
        )
        self._policies.append(policy)
        for called, (type_, compare, value) in rules.items():
            self._make_part(
                families.L7_RULE,
                LbL7RuleV2,
                f"{key}_{called}",
                former=f"{former_key}_{called}",
                l7_policy_id=f"${{{families.L7_POLICY.type}.{key}.id}}",
                type=type_,
                compare_type=compare,
                value=literal(value),
                timeouts=TIMEOUTS,
            )

    def _decide(self) -> None:
        super()._decide()
        if self.pool is None and not self._policies:
            raise DeclarationError(
                f"{self._called}: pool: there is none, and no route, so that nothing answers there; give a pool"
            )
        version = self.load_balancer._version
        for range_ in self._ranges:
            if version not in (None, range_.network.version):
                raise DeclarationError(
                    f"{self._called}: allowed_cidrs: {range_.text} is IPv{range_.network.version}, and the VIP has an "
                    f"IPv{version} address; leave it out"
                )

    def _check_provider(self, allowed_cidrs: Sequence[Cidr] | None) -> None:
        if not self.load_balancer._is_ovn:
            return
        if self.protocol not in OVN_PROTOCOLS:
            raise DeclarationError(
                f"{self._called}: protocol: load balancers of the provider 'ovn' know {' and '.join(OVN_PROTOCOLS)} "
                f"alone, and it is {self.protocol}; give one of these, or leave the provider out"
            )
        if allowed_cidrs is not None:
            raise DeclarationError(
                f"{self._called}: allowed_cidrs: the provider 'ovn' has none, so that everybody would come in; let the "
                "ranges in with the members' security groups, which see the clients' own addresses there"
            )

    def _check_redirect(self, hosts: Sequence[str], pool: Pool | None) -> None:
        where = f"{self._called}: redirect_to_https"
        if not hosts:
            return
        if self.protocol != "HTTP":
            raise DeclarationError(f"{where}: only a listener of HTTP can, and this is {self.protocol}; leave it out")
        if pool is not None:
            raise DeclarationError(f"{where}: every request is sent away, so that the pool gets none; leave one out")
        for number, host in enumerate(hosts):
            _check_host(where, host)
            if host.startswith("*"):
                raise DeclarationError(f"{where}: {host!r} is no name to send to; give each by itself")
            if host in hosts[:number]:
                raise DeclarationError(f"{where}: {host} is there twice; give it once")

    def _check_pool(self, argument: str, pool: Pool) -> None:
        self._check_same(argument, pool)
        fitting = POOLS_OF[self.protocol]
        if pool.protocol not in fitting:
            raise DeclarationError(
                f"{self._called}: {argument}: a listener of {self.protocol} leads to no pool of {pool.protocol}, which "
                f"{pool._called} is; give one of {', '.join(fitting)}"
            )

    def _check_tls(self, certificate: ServerCertificate | None, further: Sequence[ServerCertificate]) -> None:
        if self.protocol == "TERMINATED_HTTPS" and certificate is None:
            raise DeclarationError(
                f"{self._called}: certificate: it is missing; give a Certificate, or the protocol HTTPS, where the "
                "members have it"
            )
        for argument, given in (("certificate", [certificate] if certificate else []), ("sni_certificates", further)):
            if given and self.protocol != "TERMINATED_HTTPS":
                raise DeclarationError(
                    f"{self._called}: {argument}: a listener of {self.protocol} has none; give it the protocol "
                    "TERMINATED_HTTPS, or leave it out"
                )
            for one in given:
                if isinstance(one, KeyManagerSecret) and not one._is_of_bytes:
                    raise DeclarationError(
                        f"{self._called}: {argument}: {one._called} is a text, and a secret alone must be a PKCS 12 "
                        "bundle, with payload_content_encoding='base64'; give a Certificate of it and its key"
                    )
                if isinstance(one, KeyManagerSecret) and one._says_who_reads:
                    raise DeclarationError(
                        f"{self._called}: {argument}: {one._called} says who reads it, and Octavia adds its own user "
                        "there, which the next plan would take away; leave its readers and project_access out"
                    )
        for number, one in enumerate(further):
            if any(one.terraform_address == other.terraform_address for other in further[:number]):
                raise DeclarationError(f"{self._called}: sni_certificates: {one._called} is there twice; give it once")

    def _say_sni(self, certificates: Sequence[str | AtApply]) -> None:
        """Sorted as texts, which is how Octavia gives them back; of those that only apply knows Terraform does it."""
        known = sorted(one for one in certificates if isinstance(one, str))
        unknown = [one.expression for one in certificates if isinstance(one, AtApply)]
        if unknown:
            expressions = ", ".join([*(f'"{literal(one)}"' for one in known), *unknown])
            self.l1.add_override("sni_container_refs", f"${{sort([{expressions}])}}")
        elif known:
            self.l1.sni_container_refs = [literal(one) for one in known]

    def _headers(self, given: Sequence[Header] | None) -> Sequence[Header]:
        if self.protocol in LAYER_7:
            return _FORWARDED if given is None else given
        if given:
            raise DeclarationError(
                f"{self._called}: insert_headers: a listener of {self.protocol} sees no requests; leave it out"
            )
        return ()

    def _texts_of_ranges(self, ranges: Sequence[Cidr]) -> list[str]:
        """As Octavia gives them back: sorted as texts, and each once."""
        if not ranges:
            raise DeclarationError(
                f"{self._called}: allowed_cidrs: the list is empty, which lets everybody in; give a range, or leave it "
                "out where that is meant"
            )
        return sorted({one.text for one in ranges})


def _to_https(host: str) -> dict[str, Any]:
    return {"redirect_prefix": literal(f"https://{host}"), "redirect_http_code": 301}


def _words(host: str) -> str:
    """How an address calls a host."""
    return host.replace(".", "-")


def _check_host(where: str, host: str) -> None:
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise DeclarationError(
            f"{where}: {host!r} is no name of a host; write it in small letters and without a port, such as "
            "'www.example.com'"
        )


def _reference(certificate: ServerCertificate) -> str | AtApply:
    """Where it stands in the key manager."""
    return certificate.container_ref if isinstance(certificate, AnyCertificate) else certificate.secret_ref
