"""Edits of an estate, each a pair of declarations, and what they do: the corpus that the review is judged by.

All stand side by side in one stack, each with servers of its own, so that one plan and one apply try them all. The
fast tests compare what the two folders alone tell with what is said here; the tests on the practice cloud compare it
with Terraform's plan, and with what the apply then did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ivc import (
    AllocationPool,
    AnyTraffic,
    App,
    Cidr,
    FloatingIp,
    Icmp,
    ImageId,
    Instance,
    Network,
    OpenStackStack,
    PortRange,
    RootDisk,
    RootVolume,
    Route,
    Router,
    SecurityGroup,
    Tcp,
    UserData,
    Volume,
)

STACK = "estate"
TEMPLATES = {"text.jinja": "#cloud-config\n# {{ text }}\n", "peer.jinja": "#cloud-config\n# {{ peer }}\n"}


def _pem(text: str) -> str:
    """What looks like a certificate."""
    return f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"


@dataclass(frozen=True)
class World:
    """What the cloud has. The ids are made up where there is no cloud."""

    image_a: str = "aaaaaaaa-0000-4000-8000-000000000001"
    image_b: str = "aaaaaaaa-0000-4000-8000-000000000002"
    network: str = "aaaaaaaa-0000-4000-8000-000000000003"
    certificates: tuple[str, str] = (_pem("former"), _pem("latter"))
    volumes: Mapping[str, str] = field(default_factory=dict)

    def volume(self, name: str) -> str:
        """The id of a volume."""
        return self.volumes.get(name, "aaaaaaaa-0000-4000-8000-000000000004")


IMAGE_A, IMAGE_B = "corpus-a", "corpus-b"


class Cell:
    """Where one edit is declared: the stack, with what all edits share."""

    def __init__(self, stack: OpenStackStack, world: World) -> None:
        self.stack = stack
        self.world = world
        self.outside = Network.lookup(stack, "Ext-Net", public=True)
        # Neutron gives automatic addresses out of the first thousand or so that are free. What an edit declares lies
        # beyond these, or else now and then another server has it already.
        self.inside = Network(stack, "inside", cidr="10.9.0.0/16")
        self.plain = SecurityGroup(stack, "plain")
        self.plain.allow_from(self.plain, Icmp())
        self.web = SecurityGroup(stack, "web")
        self.web.allow_from_anywhere(Tcp("http"))

    def server(self, name: str, /, **said: Any) -> Instance:
        """A server with as little said as can be."""
        said.setdefault("nics", [self.inside.nic(self.plain)])
        return Instance(self.stack, name, **{"image": IMAGE_A, "flavor": "d2-2"} | said)

    @cached_property
    def members(self) -> list[Instance]:
        """Three servers alike, for whoever asks for them."""
        return [
            self.server(f"member-{number}", nics=[self.inside.nic(self.web, ip=f"10.9.210.{number}")])
            for number in (1, 2, 3)
        ]

    def volume(self, name: str) -> Volume:
        """An existing volume."""
        return Volume.lookup(self.stack, name)


Declare = Callable[[Cell], object]
Say = Callable[[SecurityGroup], object]
Expected = Mapping[str, str]


@dataclass(frozen=True)
class Edit:
    """A change of a declaration.

    does: by thing (`instance www-1`), what the folders alone say; a thing of which nothing is said stays as it is. A
    `?` behind it means that they say it may. dangers: by thing, where there are any.
    plan: by thing, what the plan says where that is something else (`none` for nothing), and why it is.
    earlier: what was declared and applied before `before`, where that matters.
    volumes: the names of the volumes that it needs.
    """

    what: str
    before: Declare
    after: Declare
    does: Expected = field(default_factory=dict)
    dangers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plan: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    earlier: Declare | None = None
    volumes: tuple[str, ...] = ()


def _text(text: str) -> UserData:
    return UserData.template("text.jinja", text=text)


def _nothing(cell: Cell) -> None:
    """Declares nothing."""


def _server(name: str, /, **said: Any) -> Declare:
    return lambda cell: cell.server(name, **{key: _of(cell, value) for key, value in said.items()})


def _of(cell: Cell, value: Any) -> Any:
    """A value, or what a function makes of the cell."""
    return value(cell) if callable(value) else value


def _changed(what: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any], does: str, **more: Any) -> Edit:
    """An edit of one server's arguments."""
    dangers = {"replace": ("replace",), "wipe": ("wipe",), "replace?": ("replace",), "wipe?": ("wipe",)}.get(does)
    expected = {f"instance {name}": does} if does != "none" else {}
    given: dict[str, Any] = {"does": expected, "dangers": {f"instance {name}": dangers} if dangers else {}} | more
    return Edit(what, _server(name, **before), _server(name, **after), **given)


_LOOKED_UP = "a look-up may find what was there already; only the cloud tells"
_CHOSEN = "the cloud may have chosen just what is now declared; only the state tells"


def _root_volume(cell: Cell, name: str, /, **said: Any) -> RootVolume:
    given: dict[str, Any] = {"image": IMAGE_A, "size": 1} | said
    return RootVolume(cell.stack, f"{name}-root", **given)


def _booting(name: str, /, *, user_data: UserData | None = None, **said: Any) -> Declare:
    """A server that boots from a volume of its own, of which more is said."""
    return lambda cell: cell.server(name, image=None, root_disk=_root_volume(cell, name, **said), user_data=user_data)


def _two_servers(told: str, teller: str, /, **of_first: Any) -> Declare:
    """A server, and another whose user data holds the first one's automatic address."""

    def declare(cell: Cell) -> None:
        first = cell.server(told, **{key: _of(cell, value) for key, value in of_first.items()})
        cell.server(teller, user_data=UserData.template("peer.jinja", peer=first.addresses["inside"]))

    return declare


def _group(name: str, /, *says: Say, server: str | None = None, **said: Any) -> Declare:
    """A group, and a server on the public network that has it."""

    def declare(cell: Cell) -> None:
        group = SecurityGroup(cell.stack, name, **said)
        for say in says:
            say(group)
        if server is not None:
            cell.server(server, nics=[cell.outside.nic(group)])

    return declare


def _opens(*traffic: Any) -> Say:
    return lambda group: group.allow_from_anywhere(*traffic)


def _from(cidr: str, *traffic: Any) -> Say:
    return lambda group: group.allow_from(Cidr(cidr), *traffic)


def _to(cidr: str, *traffic: Any) -> Say:
    return lambda group: group.allow_to(Cidr(cidr), *traffic)


def _network(name: str, /, server: str | None = None, **said: Any) -> Declare:
    """A network, and a server in it."""

    def declare(cell: Cell) -> None:
        network = Network(cell.stack, name, **said)
        if server is not None:
            cell.server(server, nics=[network.nic(cell.plain)])

    return declare


def _routed(
    name: str, router: str, octet: int, /, *, to: str | None = None, routes: Sequence[Route] = (), joins: bool = True
) -> Declare:
    """A network behind a router, with a server, `<name>-a`, and where a floating IP leads to one, `<name>-b` as well.

    octet: of its range. to: which of the two a floating IP leads to.
    """

    def declare(cell: Cell) -> None:
        network = Network(cell.stack, name, cidr=f"10.{octet}.0.0/24")
        gate = Router(cell.stack, router, external_network=cell.outside, routes=routes)
        if joins:
            gate.add_interface(network)
        address = FloatingIp(cell.stack, name, network=cell.outside, prevent_destroy=False) if to else None
        for which in "ab" if to else "a":
            cell.server(f"{name}-{which}", nics=[network.nic(cell.plain, floating_ip=address if which == to else None)])

    return declare


def _override(name: str, path: str, value: Any) -> Declare:
    return lambda cell: cell.server(name).l1.add_override(path, value)


EDITS: tuple[Edit, ...] = (
    # The guest's contents.
    _changed("user data changes", "text", {"user_data": _text("a")}, {"user_data": _text("b")}, "replace"),
    _changed(
        "user data changes, and its policy is ignore",
        "text-ignored",
        {"user_data": _text("a"), "user_data_update_policy": "ignore"},
        {"user_data": _text("b"), "user_data_update_policy": "ignore"},
        "none",
    ),
    _changed(
        "user data is no longer ignored, and was changed meanwhile",
        "text-caught-up",
        {"user_data": _text("b"), "user_data_update_policy": "ignore"},
        {"user_data": _text("b")},
        "update",
        earlier=_server("text-caught-up", user_data=_text("a"), user_data_update_policy="ignore"),
    ),
    _changed(
        "user data is no longer ignored, and was never changed",
        "text-regarded",
        {"user_data": _text("a"), "user_data_update_policy": "ignore"},
        {"user_data": _text("a")},
        "update",
    ),
    _changed("user data comes", "text-comes", {}, {"user_data": _text("a")}, "replace"),
    Edit(
        "a server is replaced whose automatic address another's user data holds",
        _two_servers("told-of", "teller"),
        _two_servers("told-of", "teller", key_pair="ops"),
        {"instance told-of": "replace"},
        {"instance told-of": ("replace",)},
    ),
    Edit(
        "the address that another server's user data holds is declared",
        _two_servers("told-anew", "teller-anew", nics=lambda cell: [cell.inside.nic(cell.plain, ip="10.9.200.1")]),
        _two_servers("told-anew", "teller-anew", nics=lambda cell: [cell.inside.nic(cell.plain, ip="10.9.200.2")]),
        {"instance told-anew": "update", "instance teller-anew": "replace"},
        {"instance told-anew": ("stop",), "instance teller-anew": ("replace",)},
    ),
    # Images and flavors.
    _changed("the image changes", "image", {}, {"image": IMAGE_B}, "replace"),
    _changed(
        "the image changes, and its policy is ignore",
        "image-ignored",
        {"image_update_policy": "ignore"},
        {"image_update_policy": "ignore", "image": IMAGE_B},
        "none",
    ),
    _changed(
        "the image changes, and its policy is rebuild",
        "image-rebuilt",
        {"image": lambda cell: ImageId(cell.world.image_a), "image_update_policy": "rebuild"},
        {"image": lambda cell: ImageId(cell.world.image_b), "image_update_policy": "rebuild"},
        "wipe",
    ),
    _changed(
        "the image's policy becomes rebuild, with the image that the server has",
        "image-to-rebuild",
        {"image": lambda cell: ImageId(cell.world.image_a)},
        {"image": lambda cell: ImageId(cell.world.image_a), "image_update_policy": "rebuild"},
        "wipe?",
        plan={
            "instance image-to-rebuild": (
                "update",
                "what was ignored until now may be as declared; only the state tells",
            )
        },
    ),
    _changed(
        "the image's policy becomes rebuild, with another image",
        "image-to-rebuild-another",
        {},
        {"image": lambda cell: ImageId(cell.world.image_b), "image_update_policy": "rebuild"},
        "wipe?",
    ),
    _changed(
        "the same image is said by its id instead of its name",
        "image-by-id",
        {},
        {"image": lambda cell: ImageId(cell.world.image_a)},
        "replace",
    ),
    _changed("the image's policy becomes ignore", "image-forgiving", {}, {"image_update_policy": "ignore"}, "update"),
    _changed(
        "the image's policy becomes replace, and the image was changed meanwhile",
        "image-caught-up",
        {"image": IMAGE_B, "image_update_policy": "ignore"},
        {"image": IMAGE_B},
        "update",
        earlier=_server("image-caught-up", image_update_policy="ignore"),
    ),
    _changed("the flavor changes", "flavor", {}, {"flavor": "b2-7"}, "update", dangers={"instance flavor": ("stop",)}),
    _changed(
        "the flavor changes, and its policy is replace",
        "flavor-replaced",
        {"flavor_update_policy": "replace"},
        {"flavor_update_policy": "replace", "flavor": "b2-7"},
        "replace",
    ),
    _changed(
        "the flavor changes, and its policy is ignore",
        "flavor-ignored",
        {"flavor_update_policy": "ignore"},
        {"flavor_update_policy": "ignore", "flavor": "b2-7"},
        "none",
    ),
    # What else a server is.
    _changed("the key pair changes", "key", {}, {"key_pair": "ops"}, "replace"),
    _changed("what the cloud shows as its name changes", "called", {}, {"name": "called otherwise"}, "update"),
    _changed("metadata comes", "metadata", {}, {"metadata": {"tier": "one"}}, "update"),
    _changed("tags come in another order", "tags-order", {"tags": ["a", "b"]}, {"tags": ["b", "a"]}, "none"),
    _changed("a tag comes", "tags", {"tags": ["a"]}, {"tags": ["a", "b"]}, "update"),
    _changed("config drive comes", "drive", {"config_drive": False}, {"config_drive": True}, "replace"),
    _changed(
        "the availability zone that the cloud chose is declared",
        "zone",
        {},
        {"availability_zone": "nova"},
        "replace?",
        plan={"instance zone": ("none", _CHOSEN)},
    ),
    _changed(
        "the availability zone is declared no longer",
        "zone-free",
        {"availability_zone": "nova"},
        {},
        "none",
    ),
    _changed("protection comes", "protected", {}, {"prevent_destroy": True}, "none"),
    Edit(
        "its power state is declared, by an override",
        _server("power"),
        _override("power", "power_state", "shutoff"),
        {"instance power": "update"},
        dangers={"instance power": ("stop",)},
    ),
    # Root disks.
    _changed(
        "its root disk becomes a volume that Nova makes",
        "root-comes",
        {},
        {"root_disk": RootDisk(size=1)},
        "replace",
    ),
    _changed(
        "its root disk, which Nova makes, is to be bigger",
        "root-grows",
        {"root_disk": RootDisk(size=1)},
        {"root_disk": RootDisk(size=2)},
        "replace",
    ),
    Edit(
        "its root volume grows",
        _booting("root-grown"),
        _booting("root-grown", size=2),
        {"volume root-grown-root": "update"},
    ),
    Edit(
        "it is replaced, and its root volume stays",
        _booting("root-stays", user_data=_text("former")),
        _booting("root-stays", user_data=_text("latter")),
        {"instance root-stays": "replace"},
        {"instance root-stays": ("replace",)},
    ),
    Edit(
        "it goes, and its root volume stays",
        _booting("root-gone"),
        lambda cell: _root_volume(cell, "root-gone"),
        {"instance root-gone": "destroy"},
        {"instance root-gone": ("destroy",)},
    ),
    Edit(
        "its root volume is to be of another image, and is not protected",
        _booting("reimaged", prevent_destroy=False),
        _booting("reimaged", prevent_destroy=False, image=IMAGE_B),
        {"instance reimaged": "replace", "volume reimaged-root": "replace"},
        {"instance reimaged": ("replace",), "volume reimaged-root": ("destroy", "replace")},
    ),
    Edit(
        "its root volume is to be of another image, which is ignored",
        _booting("upgraded", image_update_policy="ignore"),
        _booting("upgraded", image_update_policy="ignore", image=IMAGE_B),
    ),
    Edit(
        "its root volume goes, and it has a disk of its flavor's",
        _booting("rooted"),
        _server("rooted"),
        {"instance rooted": "replace", "volume rooted-root": "destroy"},
        {"instance rooted": ("replace", "detach"), "volume rooted-root": ("destroy",)},
    ),
    # NICs and addresses.
    _changed(
        "a NIC comes",
        "nic-comes",
        {},
        {"nics": lambda cell: [cell.inside.nic(cell.plain), cell.inside.nic()]},
        "replace",
    ),
    _changed(
        "a NIC goes",
        "nic-goes",
        {"nics": lambda cell: [cell.inside.nic(cell.plain), cell.outside.nic(cell.plain)]},
        {},
        "replace",
    ),
    _changed(
        "its NICs change places",
        "nic-order",
        {"nics": lambda cell: [cell.inside.nic(cell.plain), cell.outside.nic(cell.plain)]},
        {"nics": lambda cell: [cell.outside.nic(cell.plain), cell.inside.nic(cell.plain)]},
        "replace",
    ),
    _changed(
        "its fixed address changes",
        "address",
        {"nics": lambda cell: [cell.inside.nic(cell.plain, ip="10.9.201.1")]},
        {"nics": lambda cell: [cell.inside.nic(cell.plain, ip="10.9.201.2")]},
        "update",
        dangers={"instance address": ("stop",)},
    ),
    _changed(
        "its groups change",
        "groups",
        {"nics": lambda cell: [cell.outside.nic(cell.plain)]},
        {"nics": lambda cell: [cell.outside.nic(cell.plain, cell.web)]},
        "update",
        dangers={"instance groups": ("open",)},
    ),
    Edit(
        "nothing filters any more, on a private network",
        _server("filters", nics=lambda cell: [cell.inside.nic()]),
        _server("filters", nics=lambda cell: [cell.inside.nic(port_security=False)]),
        {"instance filters": "update"},
    ),
    _changed(
        "it moves to another network",
        "nic-elsewhere",
        {},
        {"nics": lambda cell: [cell.outside.nic(cell.plain)]},
        "replace",
    ),
    _changed(
        "its network is looked up by its id instead of its name",
        "network-by-id",
        {"nics": lambda cell: [cell.outside.nic(cell.plain)]},
        {"nics": lambda cell: [Network.lookup(cell.stack, id=cell.world.network, public=True).nic(cell.plain)]},
        "replace",
    ),
    # Volumes.
    _changed(
        "a volume comes",
        "volume-comes",
        {},
        {"volumes": lambda cell: [cell.volume("volume-comes-1")]},
        "replace",
        volumes=("volume-comes-1",),
    ),
    _changed(
        "a volume goes",
        "volume-goes",
        {"volumes": lambda cell: [cell.volume("volume-goes-1"), cell.volume("volume-goes-2")]},
        {"volumes": lambda cell: [cell.volume("volume-goes-2")]},
        "replace",
        dangers={"instance volume-goes": ("replace", "detach")},
        volumes=("volume-goes-1", "volume-goes-2"),
    ),
    _changed(
        "its volumes change places",
        "volume-order",
        {"volumes": lambda cell: [cell.volume("volume-order-1"), cell.volume("volume-order-2")]},
        {"volumes": lambda cell: [cell.volume("volume-order-2"), cell.volume("volume-order-1")]},
        "replace",
        volumes=("volume-order-1", "volume-order-2"),
    ),
    _changed(
        "a volume comes to the running server",
        "live-comes",
        {},
        {"volumes": lambda cell: [cell.volume("live-comes-1").attach(live=True)]},
        "update",
        volumes=("live-comes-1",),
    ),
    _changed(
        "a volume goes from the running server",
        "live-goes",
        {"volumes": lambda cell: [cell.volume("live-goes-1").attach(live=True)]},
        {},
        "update",
        dangers={"instance live-goes": ("detach",)},
        volumes=("live-goes-1",),
    ),
    _changed(
        "a volume that was there at birth is attached live",
        "to-live",
        {"volumes": lambda cell: [cell.volume("to-live-1")]},
        {"volumes": lambda cell: [cell.volume("to-live-1").attach(live=True)]},
        "replace",
        volumes=("to-live-1",),
    ),
    _changed(
        "its volume is looked up by its id instead of its name",
        "volume-by-id",
        {"volumes": lambda cell: [cell.volume("volume-by-id-1")]},
        {"volumes": lambda cell: [Volume.lookup(cell.stack, id=cell.world.volume("volume-by-id-1"))]},
        "replace?",
        dangers={"instance volume-by-id": ("replace", "detach")},
        plan={"instance volume-by-id": ("none", _LOOKED_UP)},
        volumes=("volume-by-id-1",),
    ),
    # Whole servers.
    Edit("a server comes", _nothing, _server("comes"), {"instance comes": "create"}),
    Edit(
        "a server goes",
        _server("goes", volumes=lambda cell: [cell.volume("goes-1")]),
        _nothing,
        {"instance goes": "destroy"},
        {"instance goes": ("destroy",)},
        volumes=("goes-1",),
    ),
    Edit(
        "a protected server goes",
        _server("goes-protected", volumes=lambda cell: [cell.volume("goes-protected-1")], prevent_destroy=True),
        _nothing,
        {"instance goes-protected": "destroy"},
        {"instance goes-protected": ("destroy",)},
        volumes=("goes-protected-1",),
    ),
    Edit(
        "a server is renamed, and so is what the cloud shows",
        _server("old-name"),
        _server("new-name", renamed_from="old-name"),
        {"instance new-name": "update"},
    ),
    Edit(
        "a server is renamed, and the cloud shows the old name",
        _server("old-id", name="kept"),
        _server("new-id", name="kept", renamed_from="old-id"),
        {"instance new-id": "move"},
    ),
    Edit(
        "a server is renamed without saying so",
        _server("forgotten-name"),
        _server("unsaid-name"),
        {"instance forgotten-name": "destroy", "instance unsaid-name": "create"},
        {"instance forgotten-name": ("destroy",)},
    ),
    # Groups.
    Edit(
        "a group opens a port to the world",
        _group("opening", _opens(Tcp(443)), server="opened"),
        _group("opening", _opens(Tcp(443, 8080)), server="opened"),
        {"security group opening": "update"},
        {"security group opening": ("open",)},
    ),
    Edit(
        "a group closes a port to the world",
        _group("closing", _opens(Tcp(443, 8080)), server="closed"),
        _group("closing", _opens(Tcp(443)), server="closed"),
        {"security group closing": "update"},
    ),
    Edit(
        "a group lets another range in",
        _group("ranges", _from("203.0.113.0/24", Tcp(443)), server="ranged"),
        _group("ranges", _from("198.51.100.0/24", Tcp(443)), server="ranged"),
        {"security group ranges": "update"},
    ),
    Edit(
        "a range of ports grows",
        _group("growing", _opens(Tcp(PortRange(8000, 8010))), server="grown"),
        _group("growing", _opens(Tcp(PortRange(8000, 8020))), server="grown"),
        {"security group growing": "update"},
        {"security group growing": ("open",)},
    ),
    Edit(
        "a group's description changes",
        _group("described", description="one"),
        _group("described", description="two"),
        {"security group described": "update"},
    ),
    Edit(
        "a group's egress is closed",
        _group("outward", server="outwards"),
        _group("outward", _to("10.9.0.0/16", AnyTraffic()), server="outwards", egress="closed"),
        {"security group outward": "update"},
    ),
    Edit(
        "a group is renamed",
        _group("old-group", _opens(Tcp(443)), server="wearing"),
        _group("new-group", _opens(Tcp(443)), server="wearing", renamed_from="old-group", name="old-group"),
        {"security group new-group": "move"},
    ),
    Edit(
        "a group goes",
        _group("leaving"),
        _nothing,
        {"security group leaving": "destroy"},
        {"security group leaving": ("destroy",)},
    ),
    # Networks.
    Edit(
        "the range of a network that nothing is in changes",
        _network("moved-range", cidr="10.21.0.0/24"),
        _network("moved-range", cidr="10.22.0.0/24"),
        {"network moved-range": "update"},
        {"network moved-range": ("replace",)},
    ),
    Edit(
        "a network's name servers change",
        _network("named", "in-named", cidr="10.23.0.0/24"),
        _network("named", "in-named", cidr="10.23.0.0/24", dns_nameservers=["9.9.9.9"]),
        {"network named": "update"},
    ),
    Edit(
        "a network is renamed",
        _network("old-net", "in-net", cidr="10.24.0.0/24"),
        _network("new-net", "in-net", cidr="10.24.0.0/24", renamed_from="old-net", name="old-net"),
        {"network new-net": "move", "instance in-net": "move"},
    ),
    Edit(
        "a network's allocation pool changes",
        _network(
            "pooled", "in-pooled", cidr="10.25.0.0/24", allocation_pools=[AllocationPool("10.25.0.9", "10.25.0.99")]
        ),
        _network(
            "pooled", "in-pooled", cidr="10.25.0.0/24", allocation_pools=[AllocationPool("10.25.0.9", "10.25.0.199")]
        ),
        {"network pooled": "update"},
    ),
    # Routers and floating IPs.
    Edit(
        "a floating IP leads to another server",
        _routed("led", "led-gate", 31, to="a"),
        _routed("led", "led-gate", 31, to="b"),
        {"floating IP led": "update"},
        {"floating IP led": ("stop",)},
    ),
    Edit(
        "a route is added",
        _routed("way", "way-gate", 32),
        _routed("way", "way-gate", 32, routes=[Route("10.99.0.0/16", next_hop="10.32.0.250")]),
        {"router way-gate": "update"},
    ),
    Edit(
        "a router gives way to another",
        _routed("regated", "former-gate", 33, to="a"),
        _routed("regated", "latter-gate", 33, to="a"),
        {"router former-gate": "destroy", "router latter-gate": "create", "floating IP regated": "update"},
        {
            "router former-gate": ("destroy",),
            "router latter-gate": ("replace",),
            "floating IP regated": ("replace",),
        },
    ),
    Edit(
        "a network that had no router gets one",
        _routed("late", "late-gate", 34, joins=False),
        _routed("late", "late-gate", 34),
        {"network late": "update", "router late-gate": "update"},
        {"network late": ("stop",)},
    ),
)


def declare(stack: OpenStackStack, side: str, world: World, edits: Sequence[Edit] = EDITS) -> None:
    """Declare one side of all edits in a stack: `earlier`, `before` or `after`."""
    cell = Cell(stack, world)
    for edit in edits:
        chosen = edit.earlier or edit.before if side == "earlier" else getattr(edit, side)
        chosen(cell)


def synthesize(folder: Path, side: str, world: World, edits: Sequence[Edit] = EDITS) -> Path:
    """The output folder of one side of all edits."""
    templates = folder / "userdata"
    templates.mkdir(parents=True, exist_ok=True)
    for name, text in TEMPLATES.items():
        (templates / name).write_text(text)
    app = App(folder=folder, outdir=folder / side)
    declare(OpenStackStack(app, STACK), side, world, edits)
    app.synth()
    return folder / side
