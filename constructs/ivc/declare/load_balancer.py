"""Load balancers (Octavia): one address, and servers that share what comes to it.

vip = Vip(shop, "www", network=backend, ip="10.0.0.100", floating_ip=address)
www = LoadBalancer(shop, "www", vip=vip)
web = Pool(www, "web", protocol="HTTP", port=8080, members=tier, monitor=Monitor("HTTP", url_path="/health"))
Listener(www, "http", protocol="HTTP", port=80, redirect_to_https="www.example.com")
Listener(www, "https", protocol="TERMINATED_HTTPS", port=443, pool=web, certificate=href)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ivc.declare.cdktf import Construct, TerraformResourceLifecycle, struct
from ivc.declare.declaration import Made, Ordered
from ivc.declare.load_balancer_provider import LbLoadbalancerV2
from ivc.declare.octavia import OVN, TIMEOUTS
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.declare.vip import Vip
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.estate.families import Family
from ivc.userdata import AtApply

if TYPE_CHECKING:
    from ivc.declare.subnet import AnySubnet


class LoadBalancer(Made):
    """A load balancer. What it listens on is a `Listener`, the servers behind it are a `Pool`; both stand in it.

    vip: its address, for itself alone. It is a port of the stack's own, which stays when the load balancer is replaced,
    and with it the address and the floating IP that leads to it. No security group filters there: who may come in is
    said by each listener's `allowed_cidrs`.
    name: what the cloud shows; by default the id.
    description: for people.
    provider: which of the cloud's kinds of load balancers it is, such as `amphora` or `ovn`; by default the cloud's
    own. `ovn` knows connections only, no requests. Another one replaces the load balancer.
    availability_zone: where it runs; by default the cloud chooses. Another one replaces it.
    prevent_destroy: with True a plan that would destroy or replace it fails; by default it does not. It cannot save one
    whose declaration is deleted.
    depends_on: what is to be there first, declarations or CDKTF's elements, beside what it refers to.
    renamed_from: the id that this declaration had before; what stands in it is renamed with it. The marks name the
    former id while that is said.

    address: what its VIP is, or a value known only at apply.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, and for a VIP that another load
    balancer or a server has, or of which nobody can tell the subnet.
    """

    family = families.LOAD_BALANCER

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vip: Vip,
        name: str | None = None,
        description: str = "",
        provider: str | None = None,
        availability_zone: str | None = None,
        prevent_destroy: bool = False,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        for argument, text in (("provider", provider), ("availability_zone", availability_zone)):
            if text is not None and not text.strip():
                raise DeclarationError(f"{self._called}: {argument}: it is empty; give its name, or leave it out")
        self.vip, self.provider = vip, provider
        if self._is_ovn and availability_zone is not None:
            raise DeclarationError(
                f"{self._called}: availability_zone: load balancers of provider {provider!r} have none; leave it out"
            )
        vip._take(self._called)
        self._listens: dict[tuple[str, int], str] = {}
        self._parts: dict[str, PartOfLoadBalancer] = {}
        """By address, what stands in it."""
        optional: dict[str, Any] = {
            "loadbalancer_provider": None if provider is None else literal(provider),
            "availability_zone": None if availability_zone is None else literal(availability_zone),
            "lifecycle": struct(TerraformResourceLifecycle, prevent_destroy=True) if prevent_destroy else None,
        }
        self._open()
        self.l1: LbLoadbalancerV2 = self._make(
            LbLoadbalancerV2,
            name=literal(self.name),
            description=description,
            vip_port_id=vip._id,
            timeouts=TIMEOUTS,
            **{key: value for key, value in optional.items() if value is not None},
        )
        # The servers that it is made of take addresses there.
        self._stack._record.networks.take_some(network=vip.network.terraform_address, resource=self.l1)

    @property
    def address(self) -> str | AtApply:
        """Its address in the network, or a value known only at apply; a floating IP says its own."""
        return self.vip.address

    @property
    def _is_ovn(self) -> bool:
        return self.provider is not None and self.provider.lower() == OVN

    @property
    def _subnet(self) -> AnySubnet | None:
        """Where its address lies, of the subnets that are declared; raises where that may be several."""
        return self.vip._lies_in()

    @property
    def _version(self) -> int | None:
        """4 or 6, where it is known."""
        if self.vip._ip is not None:
            return self.vip._ip.version
        return None if self._subnet is None else self._subnet._version

    def _listen(self, where: str, transport: str, port: int) -> None:
        """Take a port for a listener; raises DeclarationError where another has it."""
        other = self._listens.setdefault((transport, port), where)
        if other != where:
            raise DeclarationError(
                f"{where}: port: {other} listens on {transport} {port} already, and Octavia takes it once; give one of "
                "the two another port, or leave it out"
            )

    def _decide(self) -> None:
        super()._decide()
        if self._subnet is not None:
            # A port of a network with several subnets has several addresses.
            self.l1.vip_subnet_id = self._subnet._id


class PartOfLoadBalancer(Made):
    """What stands in a load balancer, and is called after it: `www_web` is `web` of `www`."""

    load_balancer: LoadBalancer

    def _claim(self, family: Family, name: str, former: str) -> None:
        super()._claim(family, name, former)
        # Whoever waits for the load balancer waits for all of it.
        self.load_balancer._addresses.append(self._addresses[-1])
        self.load_balancer._parts[self._addresses[-1]] = self

    def _check_same(self, argument: str, other: PartOfLoadBalancer) -> None:
        """Raise DeclarationError for a part of another load balancer, which Octavia does not find."""
        if other.load_balancer is not self.load_balancer:
            raise DeclarationError(
                f"{self._called}: {argument}: {other._called} is of another load balancer; give one of "
                f"{self.load_balancer.name}"
            )
