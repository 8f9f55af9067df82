"""What a synthesized folder holds, read back from its JSON as plain facts.

Reads files and nothing else: no Node, no Terraform, no CDKTF. All texts are as people wrote them, without the doubled
signs of Terraform's templates; whoever prints them must not trust them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ivc.estate import user_data
from ivc.estate.errors import EstateError as EstateError
from ivc.estate.template_text import unescaped as unescaped

_INSTANCE = "openstack_compute_instance_v2"
_ATTACHMENT = "openstack_compute_volume_attach_v2"
_NETWORK = "openstack_networking_network_v2"
_SUBNET = "openstack_networking_subnet_v2"
_GROUP = "openstack_networking_secgroup_v2"
_RULE = "openstack_networking_secgroup_rule_v2"
_VOLUME = "openstack_blockstorage_volume_v3"
_GROUPS_OF_PORT = "openstack_networking_port_secgroup_associate_v2"

# As people write them, and IANA numbers them.
_PROTOCOLS: dict[str, str | None] = {
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "58": "icmp",
    "icmpv6": "icmp",
    "ipv6-icmp": "icmp",
    "0": None,
    "any": None,
}

_REFERENCE = re.compile(r"\$\{((?:data\.)?[a-z0-9_]+\.[A-Za-z0-9_-]+)\.\w+\}")
_MARK = re.compile(r"(?:^| \[)ivc:[^\]\s]*\]?$")

# What a look-up may go by, after its name.
_IDS = ("image_id", "flavor_id", "network_id", "subnet_id", "secgroup_id", "id")


@dataclass(frozen=True)
class File:
    """A file of the output, and its size in bytes."""

    path: Path
    size: int


@dataclass(frozen=True)
class Network:
    """A network. made: by this stack. public: None where the output does not tell. cidrs: of its known subnets."""

    address: str
    name: str
    made: bool
    public: bool | None
    port_security: bool | None
    cidrs: tuple[str, ...]


@dataclass(frozen=True)
class Nic:
    """A NIC. ips: the declared addresses; none where the cloud chooses. port_security: None where unknown.

    port, group_addresses: the Terraform addresses of its port and its groups, where the stack has them; of a group that
    is named by an id, `data.openstack_networking_secgroup_v2.<id>`. outside: its port is not this stack's.
    """

    network: Network
    ips: tuple[str, ...]
    groups: tuple[str, ...]
    port_security: bool | None
    port: str | None = None
    group_addresses: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True)
class Volume:
    """An existing volume, as an instance has it.

    live: attached to the running server. deleted: Nova deletes it with the server. boot: the server boots from it.
    """

    name: str
    live: bool
    deleted: bool = False
    boot: bool = False


@dataclass(frozen=True)
class Mount:
    """A volume that the guest mounts. serial: the start of its id; in angle brackets where only apply tells it."""

    volume: str
    serial: str
    mount_point: str
    format_if_blank: str | None
    lvm: str | None


@dataclass(frozen=True)
class Waiver:
    """What the declaration accepts of what the checks of its user data found, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Instance:
    """A server. id: its Terraform name. image, flavor: names, or ids where it was declared so.

    unknown: what stands in its user data in angle brackets, since it is known only at apply.
    warnings, accepted: what the checks of its user data found odd, and what was waived.
    """

    id: str
    name: str
    image: str
    flavor: str
    key_pair: str | None
    availability_zone: str | None
    tags: tuple[str, ...]
    nics: tuple[Nic, ...]
    volumes: tuple[Volume, ...]
    config_drive: bool | None
    prevent_destroy: bool
    user_data: File | None
    unknown: tuple[str, ...]
    mounts: tuple[Mount, ...]
    warnings: tuple[str, ...]
    accepted: tuple[Waiver, ...]


@dataclass(frozen=True)
class Rule:
    """What a group lets through. protocol, ports, peer: None means any; peer is a range or a group's name."""

    direction: Literal["ingress", "egress"]
    families: tuple[str, ...]
    protocol: str | None
    ports: tuple[int, int] | None
    peer: str | None
    peer_is_group: bool


@dataclass(frozen=True)
class Group:
    """A security group. made: by this stack; of one that is looked up the rules are not known."""

    address: str
    name: str
    description: str
    made: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Stack:
    """A stack. state: where Terraform keeps its state: the path of a file, or words."""

    name: str
    file: File
    provider_version: str | None
    state: str
    instances: tuple[Instance, ...]
    networks: tuple[Network, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Estate:
    """All stacks of a folder. others: names of those that are not on OpenStack, which are not read."""

    folder: Path
    stacks: tuple[Stack, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Synthesized:
    """One stack's JSON, as a synthesis wrote it. document: is a mapping; what is in it is not checked yet."""

    name: str
    path: Path
    document: dict[str, Any]

    @property
    def on_openstack(self) -> bool:
        """Whether it has anything to do with OpenStack."""
        return "openstack" in _mapping(self.path, "provider", self.document.get("provider", {}))


def synthesized(folder: Path) -> list[Synthesized]:
    """The stacks in a folder that a synthesis wrote, each with its user data in place.

    Raises EstateError if it is no such folder, or a file of it is missing or was changed.
    """
    manifest = folder / "manifest.json"
    if not folder.is_dir():
        raise EstateError(f"There is no folder {folder}: run `make synth` to write it.")
    if not manifest.is_file():
        raise EstateError(f"{folder} was not written by a synthesis, it has no manifest.json: name another folder.")
    listed = _load(manifest).get("stacks")
    if not isinstance(listed, dict):
        raise EstateError(f"{folder} was written by another tool, its manifest.json lists no stacks of CDKTF.")
    found = []
    for name, entry in sorted(listed.items()):
        path = folder / str(_mapping(manifest, f"stack {name}", entry).get("synthesizedStackPath", ""))
        # A folder may come from somebody else, and no file outside of it is theirs to show.
        if not path.resolve().is_relative_to(folder.resolve()):
            raise EstateError(
                f"{manifest} lists a file outside of {folder}, {path}: run `make synth` to write all anew."
            )
        if not path.is_file():
            raise EstateError(f"{path}, which {manifest} lists, is not there: run `make synth` to write all anew.")
        document = _load(path)
        user_data.put_in_place(document, path)
        found.append(Synthesized(name, path, document))
    return found


def read(folder: Path) -> Estate:
    """The estate in a folder that a synthesis wrote; raises EstateError if it holds none."""
    written = synthesized(folder)
    stacks = tuple(stack_of(each) for each in written if each.on_openstack)
    others = tuple(each.name for each in written if not each.on_openstack)
    if others and not stacks:
        raise EstateError(f"{folder} was written by another program: none of its stacks is on OpenStack.")
    return Estate(folder, stacks, others)


def stack_of(written: Synthesized) -> Stack:
    """What a stack's JSON declares; raises EstateError where it is not as a synthesis writes it."""
    return _Reader(written.name, written.path, written.document).stack()


def _load(path: Path) -> dict[str, Any]:
    try:
        return _mapping(path, "the whole", json.loads(path.read_bytes()))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EstateError(f"{path} is no whole JSON ({error}): run `make synth` to write it anew.") from None
    except OSError as error:
        raise EstateError(f"{path} cannot be read: {error.strerror}.") from None


def _mapping(path: Path, what: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EstateError(f"{path} is not as a synthesis writes it, {what} is no JSON object: run `make synth`.")
    return value


class _Reader:
    """Reads one stack's JSON."""

    def __init__(self, name: str, path: Path, document: dict[str, Any]) -> None:
        self._name = name
        self._path = path
        self._document = document

    def stack(self) -> Stack:
        version = self._mapping("required_providers", self._section("terraform").get("required_providers", {}))
        openstack = self._mapping("openstack", version.get("openstack", {}))
        return Stack(
            name=self._name,
            file=File(self._path, self._path.stat().st_size if self._path.is_file() else 0),
            provider_version=openstack.get("version"),
            state=self._state(),
            instances=tuple(self._instance(name, given) for name, given in self._resources(_INSTANCE)),
            networks=tuple(self._networks.values()),
            groups=tuple(self._groups()),
        )

    # The parts of a stack.

    def _instance(self, id: str, given: Mapping[str, Any]) -> Instance:
        user_data = self._user_data(id)
        lifecycle = next(self._blocks(given, "lifecycle"), {})
        notes = self._note(id)
        return Instance(
            id=id,
            name=_text(given.get("name", id)),
            image=self._called(given.get("image_id") or given.get("image_name")),
            flavor=self._called(given.get("flavor_id") or given.get("flavor_name")),
            key_pair=self._called(given["key_pair"]) if given.get("key_pair") is not None else None,
            availability_zone=_optional(given.get("availability_zone")),
            tags=tuple(_text(tag) for tag in self._list(given, "tags")),
            nics=tuple(self._nic(given, block) for block in self._blocks(given, "network")),
            volumes=(*self._volumes_at_birth(given), *self._live_volumes(id)),
            config_drive=given.get("config_drive"),
            prevent_destroy=lifecycle.get("prevent_destroy") is True,
            user_data=File(user_data, user_data.stat().st_size) if user_data is not None else None,
            unknown=tuple(str(label) for label in self._list(notes, "unknown")),
            mounts=tuple(
                Mount(
                    volume=str(mount.get("volume")),
                    serial=str(mount.get("serial")),
                    mount_point=str(mount.get("mount_point")),
                    format_if_blank=mount.get("format_if_blank"),
                    lvm=mount.get("lvm"),
                )
                for mount in self._blocks(notes, "mounts")
            ),
            warnings=tuple(str(warning) for warning in self._list(notes, "warnings")),
            accepted=tuple(
                Waiver(str(waiver.get("id")), str(waiver.get("reason"))) for waiver in self._blocks(notes, "accepted")
            ),
        )

    def _note(self, key: str) -> dict[str, Any]:
        """What the declarations say and the JSON does not hold, of an instance or of what stands at an address."""
        return self._mapping("notes", self._mapping("notes", self._section("//").get("ivc", {})).get(key, {}))

    def _user_data(self, id: str) -> Path | None:
        """The file with the instance's user data; never one outside of the folder, whatever the instance is called."""
        path = self._path.parent / "userdata" / id
        folder = self._path.parent.resolve() / "userdata"
        return path if path.is_file() and path.resolve().parent == folder else None

    def _nic(self, server: Mapping[str, Any], block: Mapping[str, Any]) -> Nic:
        port = self._follow(block.get("port"))
        if port is None:
            # Not a port of this stack: Neutron makes one, with the project's default group.
            name = self._called(block.get("port") or block.get("name") or block.get("uuid"))
            ip = block.get("fixed_ip_v4")
            groups = tuple(self._called(group) for group in self._list(server, "security_groups")) or ("default",)
            return Nic(
                network=Network("", name, False, None, None, ()),
                ips=(_text(ip),) if ip else (),
                groups=groups,
                port_security=None,
                outside=bool(block.get("port")),
                group_addresses=self._group_addresses(server.get("security_groups")),
            )
        network = self._network(port.get("network_id"))
        own = _flag(port.get("port_security_enabled"))
        more = self._more_groups.get(_address(block.get("port")) or "", [])
        worn = [*self._list(port, "security_group_ids"), *more]
        return Nic(
            network=network,
            ips=tuple(_text(ip["ip_address"]) for ip in self._blocks(port, "fixed_ip") if "ip_address" in ip),
            groups=tuple(self._called(group) for group in worn),
            port_security=network.port_security if own is None else own,
            port=_address(block.get("port")),
            group_addresses=self._group_addresses(worn),
        )

    def _group_addresses(self, worn: object) -> tuple[str, ...]:
        """The addresses of groups, by their ids or, as an instance says them, by their names."""
        listed = worn if isinstance(worn, list) else [] if worn is None else [worn]
        return tuple(address for group in listed if (address := _address(group) or self._literal_group(group)))

    def _literal_group(self, group: object) -> str | None:
        return f"data.{_GROUP}.{_text(group)}" if isinstance(group, str) and "${" not in group else None

    @cached_property
    def _more_groups(self) -> dict[str, list[Any]]:
        """Groups that a resource of its own adds to a port, by the port's address."""
        found: dict[str, list[Any]] = {}
        for _, given in self._resources(_GROUPS_OF_PORT):
            port = _address(given.get("port_id")) or ""
            found.setdefault(port, []).extend(self._list(given, "security_group_ids"))
        return found

    def _volumes_at_birth(self, given: Mapping[str, Any]) -> Iterator[Volume]:
        for block in self._blocks(given, "block_device"):
            if block.get("source_type") == "volume":
                yield Volume(
                    self._called(block.get("uuid")),
                    live=False,
                    deleted=_flag(block.get("delete_on_termination")) is True,
                    boot=str(block.get("boot_index")) == "0",
                )

    def _live_volumes(self, instance: str) -> Iterator[Volume]:
        for _, given in self._resources(_ATTACHMENT):
            if given.get("instance_id") == f"${{{_INSTANCE}.{instance}.id}}":
                yield Volume(self._called(given.get("volume_id")), live=True)

    def _network(self, id: object) -> Network:
        known = self._networks.get(_address(id) or "")
        return known or Network("", self._called(id), False, None, None, ())

    @cached_property
    def _networks(self) -> dict[str, Network]:
        """By address; with what the declarations say of those that were looked up."""
        found = {}
        for prefix, elements in (("", self._resources(_NETWORK)), ("data.", self._data(_NETWORK))):
            for name, given in elements:
                address = f"{prefix}{_NETWORK}.{name}"
                note = self._note(address)
                found[address] = Network(
                    address=address,
                    name=_name_of(given),
                    made=not prefix,
                    # What is made here is private.
                    public=_flag(note.get("public")) if prefix else False,
                    # That ports filter in one that is looked up is an assumption; that they do not is said.
                    port_security=False
                    if note.get("port_security") is False
                    else _flag(given.get("port_security_enabled")),
                    cidrs=(),
                )
        for _, given in (*self._resources(_SUBNET), *self._data(_SUBNET)):
            address = _address(given.get("network_id")) or ""
            if address in found and "cidr" in given:
                found[address] = replace(found[address], cidrs=(*found[address].cidrs, _text(given["cidr"])))
        return found

    def _groups(self) -> Iterator[Group]:
        for name, given in self._resources(_GROUP):
            address = f"{_GROUP}.{name}"
            description = _MARK.sub("", _text(given.get("description", "")))
            yield Group(address, _name_of(given), description, True, self._rules(address))
        for name, given in self._data(_GROUP):
            address = f"data.{_GROUP}.{name}"
            yield Group(address, _name_of(given), "", False, self._rules(address))
        declared = {f"data.{_GROUP}.{name}" for name, _ in self._data(_GROUP)}
        for address in self._rules_by_group:
            if address.startswith("data.") and address not in declared:
                yield Group(address, address.removeprefix(f"data.{_GROUP}."), "", False, self._rules(address))

    def _rules(self, group: str) -> tuple[Rule, ...]:
        """The group's rules; those that differ only in their family are one."""
        folded: dict[Rule, list[str]] = {}
        for rule, family in self._rules_by_group.get(group, ()):
            folded.setdefault(rule, []).append(family)
        return tuple(replace(rule, families=tuple(sorted(families))) for rule, families in folded.items())

    @cached_property
    def _rules_by_group(self) -> dict[str, list[tuple[Rule, str]]]:
        found: dict[str, list[tuple[Rule, str]]] = {}
        for _, given in self._resources(_RULE):
            group = given.get("remote_group_id")
            peer = self._called(group) if group else _optional(given.get("remote_ip_prefix")) or None
            low, high = _number(given.get("port_range_min")), _number(given.get("port_range_max"))
            protocol = _optional(given.get("protocol")) or None
            protocol = _PROTOCOLS.get(protocol.lower(), protocol.lower()) if protocol else None
            rule = Rule(
                direction="ingress" if given.get("direction") == "ingress" else "egress",
                families=(),
                protocol=protocol,
                ports=(low, high) if low is not None and high is not None else None,
                peer=peer,
                peer_is_group=bool(group),
            )
            owner = _address(given.get("security_group_id")) or self._literal_group(given.get("security_group_id"))
            found.setdefault(owner or "", []).append((rule, _text(given.get("ethertype", ""))))
        return found

    def _state(self) -> str:
        terraform = self._section("terraform")
        for cloud in self._blocks(terraform, "cloud"):
            workspace = next(self._blocks(cloud, "workspaces"), {}).get("name", self._name)
            host = cloud.get("hostname", "app.terraform.io")
            return f"Terraform Cloud, {cloud.get('organization')}/{workspace} at {host}"
        backends = self._mapping("backend", terraform.get("backend", {}))
        path = self._mapping("backend local", backends.get("local", {})).get("path")
        if path is None:
            return f"backend {', '.join(backends) or 'not said'}"
        return os.path.normpath(self._path.parent / str(path))

    # The document.

    def _section(self, name: str) -> dict[str, Any]:
        return self._mapping(name, self._document.get(name, {}))

    def _resources(self, type: str) -> list[tuple[str, dict[str, Any]]]:
        return self._elements("resource", type)

    def _data(self, type: str) -> list[tuple[str, dict[str, Any]]]:
        return self._elements("data", type)

    def _elements(self, section: str, type: str) -> list[tuple[str, dict[str, Any]]]:
        elements = self._mapping(type, self._section(section).get(type, {}))
        return [(name, self._mapping(f"{type}.{name}", given)) for name, given in elements.items()]

    def _follow(self, value: object) -> dict[str, Any] | None:
        """What an expression such as `${openstack_networking_port_v2.a.id}` refers to, if this stack has it."""
        address = _address(value)
        if address is None:
            return None
        section = "data" if address.startswith("data.") else "resource"
        kind, name = address.removeprefix("data.").split(".")
        given = self._mapping(kind, self._section(section).get(kind, {})).get(name)
        return None if given is None else self._mapping(address, given)

    def _called(self, value: object) -> str:
        """What people call the thing that a value refers to: its name, or what was looked up, or the value."""
        given = self._follow(value)
        return _text(value) if given is None else _name_of(given)

    def _blocks(self, given: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
        """Terraform lets a block stand alone or in a list."""
        value = given.get(key)
        for block in value if isinstance(value, list) else [] if value is None else [value]:
            yield self._mapping(key, block)

    def _list(self, given: Mapping[str, Any], key: str) -> list[Any]:
        value = given.get(key) or []
        return value if isinstance(value, list) else [value]

    def _mapping(self, what: str, value: object) -> dict[str, Any]:
        return _mapping(self._path, what, value)


def _flag(value: object) -> bool | None:
    """Terraform takes `"false"` for false."""
    return {"true": True, "false": False}.get(str(value).lower())


def _number(value: object) -> int | None:
    """Terraform takes `"80"` for 80."""
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def _address(value: object) -> str | None:
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None


def _name_of(given: Mapping[str, Any]) -> str:
    return _text(given.get("name") or next((given[key] for key in _IDS if key in given), "unnamed"))


def _text(value: object) -> str:
    """A text of the JSON as it was declared; an expression stays as it is."""
    return unescaped(value if isinstance(value, str) else json.dumps(value))


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)
