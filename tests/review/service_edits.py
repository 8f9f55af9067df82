"""Edits of load balancers, DNS, objects and secrets: the same kind of corpus as `edits`, which has the core's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ivc import (
    Anyone,
    Certificate,
    Cidr,
    Container,
    FloatingIp,
    KeyManagerSecret,
    Listener,
    LoadBalancer,
    Monitor,
    Network,
    Pool,
    PoolMember,
    Router,
    Secret,
    Vip,
    Zone,
)
from tests.review.edits import Cell, Declare, Edit

PRIVATE_KEY = "private_key"
"""The variable that has the certificates' key."""
OFFICE = Cidr("198.51.100.0/24")
_BY_TCP = Monitor("TCP")

_Records = Callable[[Zone], object]


def _site(
    name: str,
    octet: int,
    /,
    *,
    members: Sequence[int | Callable[[Cell], PoolMember]] = (1, 2),
    speaks: Any = "HTTP",
    monitor: Monitor | None = _BY_TCP,
    route: str | None = None,
    algorithm: Any = None,
    public: bool = False,
    **of_listener: Any,
) -> Declare:
    """A load balancer with a listener and a pool, at an address of its own.

    members: by their numbers. speaks: the pool's protocol. route: the path of one, to the same pool. public: whether a
    floating IP leads there.
    """

    def declare(cell: Cell) -> None:
        if public:
            network = Network(cell.stack, name, cidr=f"10.{100 + octet}.0.0/24")
            Router(cell.stack, name, external_network=cell.outside).add_interface(network)
            outside = FloatingIp(cell.stack, name, network=cell.outside, prevent_destroy=False)
            vip = Vip(cell.stack, name, network=network, ip=f"10.{100 + octet}.0.9", floating_ip=outside)
        else:
            vip = Vip(cell.stack, name, network=cell.inside, ip=f"10.9.220.{octet}")
        site = LoadBalancer(cell.stack, name, vip=vip)
        behind = [cell.members[one - 1] if isinstance(one, int) else one(cell) for one in members]
        pool = Pool(
            site,
            "web",
            protocol=speaks,
            port=8080,
            members=behind,
            network=cell.inside,
            monitor=monitor,
            algorithm=algorithm,
        )
        given: dict[str, Any] = {"protocol": "HTTP", "port": 80, "pool": pool}
        given |= {key: value(cell) if callable(value) else value for key, value in of_listener.items()}
        listener = Listener(site, "http", **given)
        if route is not None:
            listener.route("one", to=pool, path=route)

    return declare


def _weighing(number: int, weight: int) -> Callable[[Cell], PoolMember]:
    return lambda cell: PoolMember(cell.members[number - 1], weight=weight)


def _certificate(which: int) -> Callable[[Cell], Any]:
    """The reference of a certificate, which is renewed in place."""

    def declare(cell: Cell) -> Any:
        key = Secret(cell.stack, PRIVATE_KEY, description="The certificate's key", longest=4000)
        of_certificate = KeyManagerSecret(cell.stack, "renewed-public", payload=cell.world.certificates[which])
        of_key = KeyManagerSecret(cell.stack, "renewed-private", payload=key)
        return Certificate(cell.stack, "renewed", certificate=of_certificate, private_key=of_key)

    return declare


def _zone(name: str, /, *records: _Records) -> Declare:
    def declare(cell: Cell) -> None:
        zone = Zone(cell.stack, name, email="ops@edits.example", prevent_destroy=False)
        for record in records:
            record(zone)

    return declare


def _address(name: str, *addresses: str, **said: Any) -> _Records:
    return lambda zone: zone.address(name, *addresses, **said)


def _container(name: str, /, *, file: str | None = None, readers: Sequence[Anyone] = (), **said: Any) -> Declare:
    """A container, and an object in it that has the content of one of the templates."""

    def declare(cell: Cell) -> None:
        made = Container(cell.stack, name, readers=readers, prevent_destroy=False, **said)
        if file is not None:
            made.file("page.txt", f"userdata/{file}")

    return declare


def _edited(what: str, label: str, before: Declare, after: Declare, does: str, *dangers: str, **more: Any) -> Edit:
    """An edit of one thing."""
    return Edit(what, before, after, {label: does}, {label: dangers} if dangers else {}, **more)


def _site_edited(
    what: str, name: str, octet: int, before: dict[str, Any], after: dict[str, Any], *dangers: str, **more: Any
) -> Edit:
    label = f"load balancer {name}"
    return _edited(what, label, _site(name, octet, **before), _site(name, octet, **after), "update", *dangers, **more)


SERVICE_EDITS: tuple[Edit, ...] = (
    # Load balancers.
    _site_edited("another member", "joined", 1, {}, {"members": (1, 2, 3)}),
    _site_edited("a member less", "left", 2, {"members": (1, 2, 3)}, {}, "stop"),
    _site_edited("a member gets nothing new", "drained", 3, {}, {"members": (1, _weighing(2, 0))}, "stop"),
    _site_edited(
        "another port of a listener", "moved", 4, {"public": True}, {"public": True, "port": 81}, "replace", "open"
    ),
    _site_edited(
        "who may come in is said no longer",
        "opened",
        5,
        {"public": True, "allowed_cidrs": [OFFICE]},
        {"public": True},
        "open",
    ),
    _site_edited("who may come in is said", "shut", 6, {"public": True}, {"public": True, "allowed_cidrs": [OFFICE]}),
    _site_edited("a monitor of another type", "watched", 7, {}, {"monitor": Monitor("HTTP")}, "replace"),
    _site_edited("a monitor goes", "unwatched", 8, {}, {"monitor": None}, "destroy"),
    _site_edited("another protocol of a pool", "spoken", 9, {}, {"speaks": "PROXY"}, "replace"),
    _site_edited("another algorithm", "turned", 10, {}, {"algorithm": "LEAST_CONNECTIONS"}),
    _site_edited("a route comes", "routed", 11, {}, {"route": "/v1"}),
    _site_edited("a route's path changes", "rerouted", 12, {"route": "/v1"}, {"route": "/v2"}),
    _site_edited("a member gets more", "favoured", 14, {}, {"members": (1, _weighing(2, 5))}),
    _site_edited("a route goes", "unrouted", 15, {"route": "/v1"}, {}, "destroy"),
    Edit(
        "a certificate is renewed",
        _site("secured", 13, protocol="TERMINATED_HTTPS", certificate=_certificate(0)),
        _site("secured", 13, protocol="TERMINATED_HTTPS", certificate=_certificate(1)),
        {"load balancer secured": "update", "certificate renewed": "replace", "secret renewed-public": "replace"},
        {"certificate renewed": ("replace",), "secret renewed-public": ("replace",)},
    ),
    # DNS.
    _edited(
        "another value of a record",
        "record set www_valued_example_A",
        _zone("valued.example", _address("www", "203.0.113.1"), _address("api", "203.0.113.1")),
        _zone("valued.example", _address("www", "203.0.113.2"), _address("api", "203.0.113.1")),
        "update",
    ),
    Edit(
        "another name of a record",
        _zone("named.example", _address("www", "203.0.113.1")),
        _zone("named.example", _address("web", "203.0.113.1")),
        {"record set www_named_example_A": "destroy", "record set web_named_example_A": "create"},
        {"record set www_named_example_A": ("destroy",)},
    ),
    _edited(
        "how long resolvers keep a record",
        "record set www_kept_example_A",
        _zone("kept.example", _address("www", "203.0.113.1", ttl=600)),
        _zone("kept.example", _address("www", "203.0.113.1", ttl=60)),
        "update",
    ),
    # Objects.
    _edited(
        "everybody may read a container",
        "container edits-opened",
        _container("edits-opened", file="text.jinja"),
        _container("edits-opened", file="text.jinja", readers=[Anyone()]),
        "update",
        "open",
    ),
    _edited(
        "nobody but the project may read a container",
        "container edits-shut",
        _container("edits-shut", readers=[Anyone()]),
        _container("edits-shut"),
        "update",
    ),
    _edited(
        "an object's content",
        "object edits-filled_page_txt_ad7694",
        _container("edits-filled", file="text.jinja"),
        _container("edits-filled", file="peer.jinja"),
        "replace",
        "replace",
    ),
    Edit(
        "another name of a container",
        _container("edits-named", file="text.jinja"),
        _container("edits-named", file="text.jinja", name="edits-renamed"),
        {"container edits-named": "replace", "object edits-named_page_txt_ad7694": "replace"},
        {"container edits-named": ("replace",), "object edits-named_page_txt_ad7694": ("replace",)},
    ),
)
