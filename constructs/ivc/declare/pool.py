"""Pools: the servers that a load balancer's listeners lead to.

Pool(www, "web", protocol="HTTP", port=8080, members=tier, monitor=Monitor("HTTP", url_path="/health"))
Pool(www, "db", protocol="TCP", port="mysql", members=[db_1, PoolMember(db_2, backup=True)])
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ivc.cidr import Cidr
from ivc.declare.cdktf import struct
from ivc.declare.declaration import Ordered, addresses_of
from ivc.declare.instance import Instance
from ivc.declare.load_balancer import LoadBalancer, PartOfLoadBalancer
from ivc.declare.load_balancer_provider import (
    LbMembersV2,
    LbMembersV2Member,
    LbMonitorV2,
    LbPoolV2,
    LbPoolV2Persistence,
)
from ivc.declare.monitor import Monitor
from ivc.declare.network import AnyNetwork
from ivc.declare.octavia import AMPHORA, OVN_PROTOCOLS, TIMEOUTS, Algorithm, Persistence, PoolProtocol
from ivc.declare.pool_member import PlacedMember, PoolMember, placed
from ivc.declare.record import wait_for
from ivc.declare.references import same_stack
from ivc.declare.security_group import SecurityGroup
from ivc.declare.terraform_text import as_terraform, literal
from ivc.declare.tier import Tier
from ivc.declare.traffic import Icmp, Tcp, Traffic, Udp, one_port
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.terraform.address import type_of
from ivc.words.order import as_counted

_COOKIE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A name of a cookie (RFC 6265, section 4.1.1)."""
_COOKIES = ("HTTP_COOKIE", "APP_COOKIE")
_WITH_REQUESTS = ("HTTP", "PROXY", "PROXYV2")


class Pool(PartOfLoadBalancer):
    """Servers that do the same, and of which a load balancer picks one for each connection or request.

    scope: the load balancer that it stands in.
    protocol: how the members are spoken to. `PROXY` and `PROXYV2` tell them the client's address first. Another one
    replaces the pool.
    port: where the members listen, a number or a well-known name.
    members: a tier, which the pool then follows, or a list of servers, each as it is or as a `PoolMember`. All that
    others add to the pool is taken out again. A member gets requests as soon as its server is made.
    network: where the members are reached; by default where the VIP is. Of a server with two NICs there it is the
    first one, and the first address of that.
    security_group: the one of the members that lets the load balancer in; by default the only one that they have of
    those that the stack makes. It gets a rule for the port from the load balancer's subnet (and from the members' own,
    where the load balancer then has an address, too). One that is looked up is never touched.
    algorithm: how a member is picked; by default `ROUND_ROBIN`, and with the provider `ovn` `SOURCE_IP_PORT`, the only
    one that it knows.
    persistence: by what a client gets to the member that it had before; by default not at all. cookie_name: of the
    application's own cookie, for `APP_COOKIE`.
    monitor: how it is found out which members work; by default by connecting. None asks nobody, so that a member that
    is dead gets its share all the same.
    name: what the cloud shows; by default the id.
    description: for people.
    depends_on: what is to be there first, declarations or CDKTF's elements, beside what it refers to.
    renamed_from: the id that this declaration had before. The mark in its description names that one while it is said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, for a member that is there twice or
    not in the network, and for what Octavia would refuse.
    """

    family = families.POOL

    @same_stack
    def __init__(
        self,
        scope: LoadBalancer,
        id: str,
        *,
        protocol: PoolProtocol,
        port: int | str,
        members: Tier | Sequence[Instance | PoolMember] = (),
        network: AnyNetwork | None = None,
        security_group: SecurityGroup | None = None,
        algorithm: Algorithm | None = None,
        persistence: Persistence | None = None,
        cookie_name: str | None = None,
        monitor: Monitor | None = Monitor(),  # noqa: B008 - it is a value that nobody changes
        name: str | None = None,
        description: str = "",
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self.load_balancer = scope
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on, whole=scope)
        self.protocol = protocol
        self._group = security_group
        self._check_protocol(protocol)
        self._check_persistence(persistence, cookie_name)
        method = self._algorithm(algorithm)
        self._monitor_type = None if monitor is None else monitor._type_for(self._called, protocol, ovn=scope._is_ovn)
        servers = members.instances if isinstance(members, Tier) else members
        on = scope.vip.network if network is None else network
        found = placed(self._called, servers, on, one_port(f"{self._called}: port", port))
        # The order of a list means nothing to the cloud.
        self._members = sorted(found, key=lambda one: (as_counted(one.server.key), one.port))
        self._check_members()
        self._open()
        kept: dict[str, Any] = {}
        if persistence is not None:
            cookie = {} if cookie_name is None else {"cookie_name": literal(cookie_name)}
            kept["persistence"] = struct(LbPoolV2Persistence, type=persistence, **cookie)
        self.l1: LbPoolV2 = self._make(
            LbPoolV2,
            # By its load balancer and not by a listener: one that is replaced then leaves it.
            loadbalancer_id=scope._id,
            name=literal(self.name),
            description=description,
            protocol=protocol,
            lb_method=method,
            timeouts=TIMEOUTS,
            **kept,
        )
        self.members: LbMembersV2 = self._make_part(
            families.MEMBERS,
            LbMembersV2,
            self.key,
            former=self.former_key,
            pool_id=self._id,
            timeouts=TIMEOUTS,
        )
        self.monitor: LbMonitorV2 | None = None
        if monitor is not None and self._monitor_type is not None:
            self.monitor = self._make_part(
                families.MONITOR,
                LbMonitorV2,
                self.key,
                former=self.former_key,
                pool_id=self._id,
                name=literal(self.name),
                timeouts=TIMEOUTS,
                **monitor._said(self._monitor_type),
            )
        if on.terraform_address != scope.vip.network.terraform_address:
            # The load balancer takes an address there, too.
            self._stack._record.networks.take_some(network=on.terraform_address, resource=self.members)

    def _complete(self) -> None:
        """Let the load balancer in to the members, now that all subnets are declared."""
        record = self._stack._record
        for member in self._members:
            group = member.group(self._group)
            if group is None:
                continue
            for range_ in self._ranges(member):
                made = group._allow_for(range_, *self._traffic(member.port))
                # The rule is this declaration's, and not that of the program's last line.
                source = record.addresses.sources.get(self.terraform_address)
                record.addresses.sources |= {} if source is None else dict.fromkeys(made, source)

    def _decide(self) -> None:
        super()._decide()
        for member in self._members:
            for one in member.server._depends_on:
                if one is self or one is self.load_balancer:
                    raise DeclarationError(
                        f"{member.where}: it waits for {one._called}, of which the members wait for it; take that out "
                        "of its depends_on"
                    )
        if self._members:
            self.members.put_member([self._said(member) for member in self._members])
            # One that is asked before it is there gets its share until the monitor finds out.
            wait_for(self.members, *(member.server.terraform_address for member in self._members))
        wait_for(self.members, *self._before_members())

    def _before_members(self) -> Iterator[str]:
        """The addresses of all else in the load balancer but what waits for the members of a pool.

        Octavia changes one thing of a load balancer at a time, and members lock its tables the other way round: one of
        two calls is then refused, as if it said a wrong value (`TCP is not a valid option for type`), and not repeated.
        """
        parts = self.load_balancer._parts
        members = {address for address in parts if type_of(address) == families.MEMBERS.type}
        for address, part in parts.items():
            waited_for = {each for one in part._depends_on for each in addresses_of(one)}
            if address not in members and not members & waited_for and address != self.terraform_address:
                yield address

    def _said(self, member: PlacedMember) -> LbMembersV2Member:
        return struct(
            LbMembersV2Member,
            name=literal(member.server.name),
            address=as_terraform(member.address),
            protocol_port=member.port,
            subnet_id=member.subnet._id,
            weight=member.weight,
            backup=member.backup,
        )

    def _ranges(self, member: PlacedMember) -> Iterator[Cidr]:
        """Where the load balancer's questions and requests come from, each range once."""
        lies_in = self.load_balancer._subnet
        if lies_in is None:
            vip = self.load_balancer.vip
            raise DeclarationError(
                f"{self._called}: which subnet of network {vip.network.name} the VIP {vip.name} lies in is not "
                "declared; look it up with Subnet.lookup(..., cidr=...)"
            )
        for subnet in {one.terraform_address: one for one in (lies_in, member.subnet)}.values():
            if subnet.cidr is None:
                raise DeclarationError(
                    f"{self._called}: the members let in subnet {subnet.name}, whose range is not told here; give it "
                    "its cidr="
                )
            yield Cidr(str(subnet.cidr))

    def _traffic(self, port: int) -> list[Traffic]:
        """What comes to a member, and what the monitor asks."""
        found: list[Traffic] = [Udp(port) if self.protocol == "UDP" else Tcp(port)]
        if self._monitor_type == "PING":
            found.append(Icmp("echo-request"))
        elif self.protocol == "UDP" and self._monitor_type in ("TCP", "HTTP"):
            found.append(Tcp(port))
        return found

    def _check_protocol(self, protocol: PoolProtocol) -> None:
        if self.load_balancer._is_ovn and protocol not in OVN_PROTOCOLS:
            raise DeclarationError(
                f"{self._called}: protocol: load balancers of the provider 'ovn' know {' and '.join(OVN_PROTOCOLS)} "
                f"alone, and it is {protocol}; give one of these, or leave the provider out"
            )

    def _check_persistence(self, persistence: Persistence | None, cookie_name: str | None) -> None:
        where = self._called
        if persistence in _COOKIES and self.protocol not in _WITH_REQUESTS:
            raise DeclarationError(
                f"{where}: persistence: {persistence} needs requests, and a pool of {self.protocol} has none; give "
                "SOURCE_IP"
            )
        if persistence == "APP_COOKIE" and cookie_name is None:
            raise DeclarationError(f"{where}: cookie_name: it is missing; give that of the application's cookie")
        if cookie_name is not None and not _COOKIE.fullmatch(cookie_name):
            raise DeclarationError(
                f"{where}: cookie_name: {cookie_name!r} is no cookie's name; give the application's, such as 'session'"
            )
        if persistence != "APP_COOKIE" and cookie_name is not None:
            raise DeclarationError(
                f"{where}: cookie_name: only APP_COOKIE takes one; write persistence='APP_COOKIE', or leave it out"
            )

    def _algorithm(self, given: Algorithm | None) -> Algorithm:
        only: Algorithm = "SOURCE_IP_PORT"
        provider = self.load_balancer.provider
        if self.load_balancer._is_ovn:
            if given not in (None, only):
                raise DeclarationError(
                    f"{self._called}: algorithm: the provider 'ovn' knows {only} alone, and it is {given}; leave it out"
                )
            return only
        if given == only and provider is not None and provider.lower() in AMPHORA:
            raise DeclarationError(
                f"{self._called}: algorithm: {only} is one of the provider 'ovn', and this is {provider!r}; give "
                "SOURCE_IP"
            )
        return given or "ROUND_ROBIN"

    def _check_members(self) -> None:
        for member in self._members if self.load_balancer._is_ovn else ():
            for argument, value, default in (("weight", member.weight, 1), ("backup", member.backup, False)):
                if value != default:
                    raise DeclarationError(
                        f"{member.where}: {argument}: members of the provider 'ovn' have none; leave it out"
                    )
