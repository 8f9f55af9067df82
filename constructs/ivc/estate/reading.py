"""What a stack's document says of servers, networks, groups and all else that an estate consists of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ivc.estate import families, objects, user_data
from ivc.estate.model import (
    Container,
    File,
    FloatingIp,
    Group,
    Image,
    Instance,
    L7Rule,
    Listener,
    LoadBalancer,
    Mount,
    Network,
    Nic,
    Pool,
    PoolMember,
    RecordSet,
    RootDisk,
    Route,
    Router,
    Share,
    ShareAccess,
    Sharing,
    Stack,
    StoredObject,
    Subnet,
    Vip,
    Volume,
    Waiver,
    Zone,
)
from ivc.estate.rules import OLD_GROUP, Rule, called, folded, group_address, name_of, rules_of
from ivc.estate.user_data import Files
from ivc.terraform.address import references, type_of
from ivc.terraform.document import Document, Element, blocks
from ivc.terraform.state_place import state_place
from ivc.terraform.value import Unknown, flag, items, number, written

_INSTANCE = families.INSTANCE.type
_NETWORK = families.NETWORK.type
_SUBNET = families.SUBNET.type
_GROUP = families.SECURITY_GROUP.type
_GROUPS_OF_PORT = "openstack_networking_port_secgroup_associate_v2"
ATTACHMENTS = (families.ATTACHMENT.type, "openstack_blockstorage_volume_attach_v3")
_FLOATING_IPS = (families.FLOATING_IP.type, "openstack_compute_floatingip_v2")
_ASSOCIATIONS = (families.ASSOCIATION.type, "openstack_compute_floatingip_associate_v2")
ROUTER = families.ROUTER.type
_INTERFACE = families.INTERFACE.type
LOAD_BALANCER = families.LOAD_BALANCER.type
LISTENER = families.LISTENER.type
_L7_POLICY = families.L7_POLICY.type
_POOL = families.POOL.type
_MEMBER = families.MEMBER.type
_MEMBERS = families.MEMBERS.type
LATER_PORT = "openstack_compute_interface_attach_v2"
_SHARED_BY_A_FLAG = (
    "openstack_networking_subnetpool_v2",
    "openstack_networking_addressscope_v2",
    "openstack_networking_qos_policy_v2",
)

_PORT_OF = {_INTERFACE: "port_id", LOAD_BALANCER: "vip_port_id", LATER_PORT: "port_id"}
"""What a port may belong to beside a server, and the argument that says it."""
_MARK = re.compile(r"(?:^| \[)ivc:[^\]\s]*\]?$")


def stack_of(document: Document, path: Path | None = None) -> Stack:
    """What a document says of an estate. path: of the JSON, beside which its user data lies."""
    return _Reader(document, path).stack()


@dataclass(frozen=True)
class _Reader:
    document: Document
    path: Path | None

    def stack(self) -> Stack:
        size = self.path.stat().st_size if self.path is not None and self.path.is_file() else 0
        return Stack(
            name=self.document.name,
            file=File(self.path or Path(), size),
            provider_version=self.document.provider_version,
            state=self._state(),
            instances=tuple(map(self._instance, self.document.of_type(_INSTANCE))),
            networks=tuple(self._networks.values()),
            groups=tuple(self._groups()),
            ports=tuple(map(self._nic_of, self.document.of_type(families.PORT.type))),
            loose=folded(self._rules.get("", ())),
            routers=tuple(self._routers()),
            floating_ips=tuple(self._floating_ips()),
            vips=tuple(self._vips()),
            load_balancers=tuple(self._load_balancers()),
            listeners=tuple(self._listeners.values()),
            pools=tuple(self._pools.values()),
            zones=tuple(self._zones()),
            containers=tuple(self._containers()),
            images=tuple(map(self._image, self.document.of_type(families.IMAGE.type))),
            shares=tuple(map(self._share, self.document.of_type(families.SHARE.type))),
            loose_accesses=tuple(self._accesses.get("", ())),
            sharings=tuple(self._sharings()),
        )

    # Servers.

    def _instance(self, element: Element) -> Instance:
        notes = self.document.note(element.name)
        return Instance(
            address=element.address,
            id=element.title,
            name=written(element.given.get("name", element.title)),
            image=self._image_of(element),
            flavor=self._called(element, "flavor_id", "flavor_name"),
            key_pair=self._called(element, "key_pair") or None,
            availability_zone=self._called(element, "availability_zone") or None,
            tags=tuple(map(written, element.values("tags"))),
            nics=(*(self._nic(element, block) for block in element.blocks("network")), *self._later_nics(element)),
            volumes=(*self._volumes_at_birth(element), *self._live_volumes(element)),
            root_disk=self._root_disk(element),
            config_drive=flag_of(element.flag("config_drive")),
            prevent_destroy=element.is_protected,
            server_group=next(
                (
                    called(self.document, hint["group"])
                    for hint in element.blocks("scheduler_hints")
                    if hint.get("group")
                ),
                None,
            ),
            user_data=self._file(user_data.FOLDER, element.name),
            unknown=tuple(map(str, items(notes.get("unknown")))),
            mounts=tuple(
                Mount(
                    volume=str(mount.get("volume")),
                    serial=str(mount.get("serial")),
                    mount_point=str(mount.get("mount_point")),
                    format_if_blank=mount.get("format_if_blank"),
                    lvm=mount.get("lvm"),
                    partition=mount.get("partition"),
                    folder=mount.get("folder"),
                )
                for mount in blocks(notes.get("mounts"))
            ),
            warnings=tuple(map(str, items(notes.get("warnings")))),
            accepted=tuple(
                Waiver(
                    str(waiver.get("id")),
                    str(waiver.get("reason")),
                    # Older outputs do not say.
                    "warning" if waiver.get("severity") == "warning" else "error",
                )
                for waiver in blocks(notes.get("accepted"))
            ),
            no_way_out=str(notes["no_way_out"]) if "no_way_out" in notes else None,
            ephemeral_disks=tuple(map(_size, self._blank_disks(element, swap=False))),
            swap=next(map(_size, self._blank_disks(element, swap=True)), None),
        )

    @cached_property
    def _files(self) -> Mapping[str, Files]:
        if self.path is None:
            return {}
        return {folder: Files(self.path, folder) for folder in (user_data.FOLDER, objects.FOLDER)}

    def _file(self, folder: str, name: str) -> File | None:
        file = self._files[folder].of(name) if folder in self._files else None
        return None if file is None else File(file, file.stat().st_size)

    def _nic(self, server: Element, block: Mapping[str, Any]) -> Nic:
        if (port := self.document.follow(block.get("port"))) is not None:
            return self._nic_of(port)
        # Not a port of this stack: Neutron makes one, with the project's default group.
        named = block.get("port") or block.get("name") or block.get("uuid")
        given = [each for each in server.values("security_groups") if each]
        ip = block.get("fixed_ip_v4")
        return Nic(
            network=self._network(named),
            ips=(written(ip),) if ip else (),
            groups=tuple(called(self.document, group) for group in given) or ("default",),
            port_security=None,
            server=server.address,
            outside=bool(block.get("port")),
            group_addresses=tuple(self._group_addresses(given, by_name=True)),
            known=named is not None and not isinstance(named, Unknown) and not block.get("port"),
        )

    def _later_nics(self, server: Element) -> Iterator[Nic]:
        """What is plugged into it while it runs."""
        for element in self.document.of_type(LATER_PORT):
            if self.document.follow(element.given.get("instance_id")) is server:
                yield self._nic(server, {"port": element.given.get("port_id"), "uuid": element.given.get("network_id")})

    def _nic_of(self, port: Element) -> Nic:
        network = self._network(port.given.get("network_id"))
        own = port.flag("port_security_enabled")
        given = [*port.values("security_group_ids"), *self._more_groups.get(port.address, ())]
        return Nic(
            network=network,
            ips=self._ips(port),
            groups=tuple(called(self.document, group) for group in given),
            # Of one that only apply knows the worse is taken.
            port_security=network.port_security if own is None else own is True,
            port=port.address,
            group_addresses=tuple(self._group_addresses(given)),
            known=all(group_address(self.document, group) is not None for group in given),
            unknown=(own,) if isinstance(own, Unknown) else (),
            pairs=tuple(
                address for pair in port.blocks("allowed_address_pairs") if (address := _said(pair.get("ip_address")))
            ),
            vips=tuple(self._vips_of(port, network)),
        )

    def _vips_of(self, port: Element, network: Network) -> Iterator[str]:
        for pair in port.blocks("allowed_address_pairs"):
            given = pair.get("ip_address")
            if isinstance(given, Unknown):
                found = [one.address for one in given.depends_on]
            else:
                found = [self._ports_by_ip.get((network.address, written(given)), "")]
            yield from (one for one in found if type_of(one) == families.PORT.type and one != port.address)

    def _group_addresses(self, given: list[Any], *, by_name: bool = False) -> Iterator[str]:
        """The addresses of groups, by their ids or, as an instance says them, by their names."""
        for group in given:
            named = self._groups_by_name.get(group) if by_name and isinstance(group, str) else None
            address = named or group_address(self.document, group)
            if address is not None:
                yield address

    @cached_property
    def _groups_by_name(self) -> Mapping[str, str]:
        groups = [*self.document.of_type(_GROUP, data=True), *self.document.of_type(_GROUP, OLD_GROUP)]
        return {name: group.address for group in groups if (name := group.text("name"))}

    @cached_property
    def _more_groups(self) -> dict[str, list[Any]]:
        """Groups that a resource of its own adds to a port, by the port's address."""
        found: dict[str, list[Any]] = {}
        for element in self.document.of_type(_GROUPS_OF_PORT):
            port = self.document.follow(element.given.get("port_id"))
            if port is not None:
                found.setdefault(port.address, []).extend(element.values("security_group_ids"))
        return found

    def _volumes_at_birth(self, server: Element) -> Iterator[Volume]:
        for block in server.blocks("block_device"):
            if block.get("source_type") == "volume":
                yield replace(
                    self._volume(block.get("uuid"), live=False),
                    deleted=flag(block.get("delete_on_termination")) not in (None, False),
                    boot=number(block.get("boot_index")) == 0,
                )

    def _live_volumes(self, server: Element) -> Iterator[Volume]:
        for element in self.document.of_type(*ATTACHMENTS):
            if self.document.follow(element.given.get("instance_id")) is server:
                yield self._volume(element.given.get("volume_id"), live=True)

    def _volume(self, id: object, *, live: bool) -> Volume:
        element = self.document.follow(id)
        size = element.number("size") if element is not None else None
        return Volume(
            called(self.document, id),
            id=element.address if element is not None else str(id),
            size=size if isinstance(size, int) else None,
            live=live,
        )

    def _root_disk(self, server: Element) -> RootDisk | None:
        for block in server.blocks("block_device"):
            if block.get("source_type") == "image" and block.get("destination_type") == "volume":
                deleted = flag(block.get("delete_on_termination"))
                return RootDisk(
                    _size(block),
                    kept=None if isinstance(deleted, Unknown) else not deleted,
                    type=written(block["volume_type"]) if block.get("volume_type") else None,
                )
        return None

    def _image_of(self, server: Element) -> str:
        """What it boots from was made of; the provider tells no image of a server that boots from a volume."""
        for block in server.blocks("block_device"):
            if block.get("destination_type") != "volume" or number(block.get("boot_index")) not in (0, None):
                continue
            if block.get("source_type") == "image":
                return called(self.document, block.get("uuid"))
            if block.get("source_type") == "volume":
                volume = self.document.follow(block.get("uuid"))
                image = volume.given.get("image_id") if volume is not None else None
                return called(self.document, image) if image else ""
        return self._called(server, "image_id", "image_name")

    def _blank_disks(self, server: Element, *, swap: bool) -> Iterator[Mapping[str, Any]]:
        """Those on the server's host, within what its flavor has."""
        for block in server.blocks("block_device"):
            is_local = block.get("source_type") == "blank" and block.get("destination_type") == "local"
            if is_local and (block.get("guest_format") == "swap") is swap:
                yield block

    # Networks.

    def _network(self, id: object) -> Network:
        element = self.document.follow(id)
        known = self._networks.get(element.address) if element is not None else None
        return known or Network("", called(self.document, id), False, None, None, ())

    @cached_property
    def _networks(self) -> dict[str, Network]:
        """By address; with what the declarations say of those that were looked up."""
        found = {}
        for data in (False, True):
            for element in self.document.of_type(_NETWORK, data=data):
                note = self.document.note(element.address)
                outside = element.flag("external") is True
                said = flag_of(flag(note.get("public")))
                security = element.flag("port_security_enabled")
                found[element.address] = Network(
                    address=element.address,
                    name=name_of(element),
                    made=not data,
                    # What is made here is private, unless it is made to lead outside.
                    public=(outside or said) if data else outside,
                    # That ports filter in one that is looked up is an assumption; that they do not is said.
                    port_security=False
                    if note.get("port_security") is False
                    else None
                    if security is None
                    else security is True,
                    cidrs=(),
                    shared=None if data else element.flag("shared"),
                )
        for element in (*self.document.of_type(_SUBNET), *self.document.of_type(_SUBNET, data=True)):
            network = self.document.follow(element.given.get("network_id"))
            cidr = element.text("cidr")
            if network is not None and network.address in found and cidr:
                known = found[network.address]
                servers = tuple(one for one in element.values("dns_nameservers") if isinstance(one, str))
                subnet = Subnet(cidr, element.text("gateway_ip"), servers)
                found[network.address] = replace(known, cidrs=(*known.cidrs, cidr), subnets=(*known.subnets, subnet))
        return found

    def _routers(self) -> Iterator[Router]:
        interfaces = self.document.of_type(_INTERFACE)
        for data in (False, True):
            for element in self.document.of_type(ROUTER, data=data):
                outside = element.given.get("external_network_id")
                yield Router(
                    address=element.address,
                    name=name_of(element),
                    outside=called(self.document, outside) if outside else None,
                    networks=tuple(
                        self._joined(interface)
                        for interface in interfaces
                        if self.document.follow(interface.given.get("router_id")) is element
                    ),
                )

    def _joined(self, interface: Element) -> str:
        """The network that a router's interface is in."""
        for key in ("subnet_id", "port_id"):
            given = interface.given.get(key)
            if (element := self.document.follow(given)) is not None:
                return self._network(element.given.get("network_id")).name
            if given:
                return str(given)
        return interface.title

    def _floating_ips(self) -> Iterator[FloatingIp]:
        led: dict[str, Element] = {}
        for element in self.document.of_type(*_ASSOCIATIONS):
            given = element.given.get("floating_ip")
            target = self.document.follow(given) or self._floating_ips_by_address.get(written(given))
            if target is not None:
                led[target.address] = element
            else:
                ip, port = element.text("floating_ip"), self._leads_to(element)
                yield FloatingIp(element.address, ip=ip, pool="", port=port, association=element.address)
        for element in self._all_floating_ips:
            pool = element.given.get("pool")
            association = led.get(element.address)
            yield FloatingIp(
                address=element.address,
                ip=element.text("address"),
                pool=called(self.document, pool) if pool else "",
                port=self._leads_to(association or element),
                association=association.address if association is not None else None,
            )

    @cached_property
    def _all_floating_ips(self) -> list[Element]:
        existing = self.document.of_type(families.FLOATING_IP.type, data=True)
        return [*self.document.of_type(*_FLOATING_IPS), *existing]

    @cached_property
    def _floating_ips_by_address(self) -> Mapping[str, Element]:
        return {address: element for element in self._all_floating_ips if (address := element.text("address"))}

    def _vips(self) -> Iterator[Vip]:
        """The ports that neither a server has nor a router or a load balancer."""
        taken = {
            port.address
            for type_, key in _PORT_OF.items()
            for element in self.document.of_type(type_)
            if (port := self.document.follow(element.given.get(key))) is not None
        }
        taken |= {
            port.address
            for server in self.document.of_type(_INSTANCE)
            for block in server.blocks("network")
            if (port := self.document.follow(block.get("port"))) is not None
        }
        for element in self.document.of_type(families.PORT.type):
            if element.address not in taken:
                network = self._network(element.given.get("network_id"))
                yield Vip(element.address, name_of(element), network, self._ips(element))

    def _ips(self, port: Element) -> tuple[str, ...]:
        return tuple(written(ip["ip_address"]) for ip in port.blocks("fixed_ip") if ip.get("ip_address"))

    @cached_property
    def _ports_by_ip(self) -> Mapping[tuple[str, str], str]:
        """The addresses of ports, by the address of their network and one of their own."""
        return {
            (self._network(port.given.get("network_id")).address, ip): port.address
            for port in self.document.of_type(families.PORT.type)
            for ip in self._ips(port)
        }

    def _leads_to(self, floating: Element) -> str | None:
        """The address of the port, or of the load balancer, that a floating IP leads to."""
        server = self.document.follow(floating.given.get("instance_id"))
        if server is not None:
            # Nova gives it to the first port, unless one is meant by its address.
            nics = self._instance(server).nics
            wanted = floating.text("fixed_ip")
            meant = [nic for nic in nics if wanted is None or wanted in nic.ips]
            return next((nic.port for nic in meant or nics), None) or server.address
        target = self.document.follow(floating.given.get("port_id"))
        return target.address if target is not None else None

    def _load_balancers(self) -> Iterator[LoadBalancer]:
        for element in self.document.of_type(LOAD_BALANCER):
            port = self.document.follow(element.given.get("vip_port_id"))
            subnet = self.document.follow(element.given.get("vip_subnet_id"))
            said = element.given.get("vip_network_id")
            network = said or next((one.given.get("network_id") for one in (port, subnet) if one is not None), None)
            listeners = [each for each in self.document.of_type(LISTENER) if self._is_in(each, element)]
            yield LoadBalancer(
                address=element.address,
                name=name_of(element),
                network=self._network(network),
                listeners=tuple(self._listeners[each.address] for each in listeners),
                pools=tuple(
                    self._pools[each.address]
                    for each in self.document.of_type(_POOL)
                    if self._is_in(each, element) or self._listener_of(each) in listeners
                ),
                port=port.address if port is not None else None,
                ips=self._ips(port) if port is not None else (),
            )

        yield from self._others_load_balancers()

    def _others_load_balancers(self) -> Iterator[LoadBalancer]:
        """Those that listeners are put on and that are not made here; whether the world reaches them nobody tells."""
        parts: dict[str, list[Element]] = {}
        for part in self.document.of_type(LISTENER, _POOL):
            whose = self._reference(part.given.get("loadbalancer_id"))
            if whose is not None and whose not in self.document.resources:
                parts.setdefault(whose, []).append(part)
        for whose, found in parts.items():
            element = self.document.elements.get(whose)
            listeners = [one for one in found if one.type == LISTENER]
            pools = [one for one in found if one.type == _POOL]
            pools += [one for one in self.document.of_type(_POOL) if self._listener_of(one) in listeners]
            yield LoadBalancer(
                address=whose,
                name=name_of(element) if element is not None else whose,
                network=Network("", "", False, None, None, ()),
                listeners=tuple(self._listeners[one.address] for one in listeners),
                pools=tuple(self._pools[one.address] for one in pools),
            )

    def _is_in(self, part: Element, balancer: Element) -> bool:
        return self.document.follow(part.given.get("loadbalancer_id")) is balancer

    def _listener_of(self, part: Element) -> Element | None:
        return self.document.follow(part.given.get("listener_id"))

    @cached_property
    def _listeners(self) -> Mapping[str, Listener]:
        """By address."""
        routes: dict[str, list[Route]] = {}
        for policy in sorted(self.document.of_type(_L7_POLICY), key=_position):
            if (of := self._listener_of(policy)) is not None:
                routes.setdefault(of.address, []).append(self._route(policy))
        # A pool that names its listener is the one that it leads to.
        own = {of.address: pool for pool in self.document.of_type(_POOL) if (of := self._listener_of(pool)) is not None}
        return {
            one.address: self._listener(one, routes.get(one.address, ()), own.get(one.address))
            for one in self.document.of_type(LISTENER)
        }

    def _listener(self, element: Element, routes: Sequence[Route], own: Element | None) -> Listener:
        allowed = element.values("allowed_cidrs")
        certificates = [element.given.get("default_tls_container_ref"), *element.values("sni_container_refs")]
        found = Listener(
            address=element.address,
            protocol=written(element.given.get("protocol", "")),
            port=element.number("protocol_port"),
            allowed=tuple(written(each) for each in allowed if not isinstance(each, Unknown)) if allowed else (None,),
            unknown=tuple(each for each in allowed if isinstance(each, Unknown)),
            name=_title(element),
            pool=self._reference(element.given.get("default_pool_id")) or (own.address if own is not None else None),
            routes=tuple(routes),
            certificates=tuple(name for each in certificates if each for name in self._certificates(each)),
        )
        members = [member for one in found.pools if one in self._pools for member in self._pools[one].members]
        ports = {member.port for member in members if isinstance(member.port, int)}
        return replace(found, leads_to=tuple(sorted(ports)))

    def _reference(self, id: object) -> str | None:
        """The address of what an id is of; the id itself where this document has it not."""
        element = self.document.follow(id)
        return element.address if element is not None else written(id) if id else None

    def _certificates(self, given: object) -> Iterator[str]:
        """The names in a reference, or in an expression over several."""
        if isinstance(given, Unknown) and given.target is None and given.depends_on:
            found = (self.document.elements.get(one.address) for one in given.depends_on)
            yield from dict.fromkeys(name_of(one) for one in found if one is not None)
        else:
            yield called(self.document, given)

    def _route(self, policy: Element) -> Route:
        code = policy.number("redirect_http_code")
        return Route(
            address=policy.address,
            name=_title(policy),
            action=written(policy.given.get("action", "")).upper(),
            rules=tuple(self._l7_rules.get(policy.address, ())),
            pool=self._reference(policy.given.get("redirect_pool_id")),
            redirect=next(
                (written(policy.given[key]) for key in ("redirect_url", "redirect_prefix") if policy.says(key)), None
            ),
            code=code if isinstance(code, int) else None,
        )

    @cached_property
    def _l7_rules(self) -> Mapping[str, list[L7Rule]]:
        """By the address of their policy."""
        found: dict[str, list[L7Rule]] = {}
        for element in self.document.of_type(families.L7_RULE.type):
            policy = self.document.follow(element.given.get("l7policy_id"))
            if policy is not None:
                rule = L7Rule(
                    type=written(element.given.get("type", "")).upper(),
                    compare_type=written(element.given.get("compare_type", "")).upper(),
                    value=written(element.given.get("value", "")),
                    key=element.text("key"),
                    inverted=element.flag("invert") is True,
                )
                found.setdefault(policy.address, []).append(rule)
        return found

    @cached_property
    def _pools(self) -> Mapping[str, Pool]:
        """By address."""
        told: dict[str, list[Any]] = {}
        for element in self.document.of_type(_MEMBER, _MEMBERS):
            if (pool := self.document.follow(element.given.get("pool_id"))) is not None:
                given = items(element.given.get("member")) if element.type == _MEMBERS else [element.given]
                # How many there are of one that only a run counts, nobody tells.
                told.setdefault(pool.address, []).extend([*given, *([element.many] if element.many else [])])
        return {
            element.address: Pool(
                address=element.address,
                name=_title(element),
                protocol=written(element.given.get("protocol", "")),
                members=tuple(map(pool_member, blocks(told.get(element.address)))),
                told=all(isinstance(one, Mapping) for one in told.get(element.address, ())),
            )
            for element in self.document.of_type(_POOL)
        }

    # Names.

    def _zones(self) -> Iterator[Zone]:
        """All zones; one that is named by its id alone, or known only at apply, as well."""
        elements = [one for data in (False, True) for one in self.document.of_type(families.ZONE.type, data=data)]
        found: dict[str, list[RecordSet]] = {element.address: [] for element in elements}
        names = {element.address: name_of(element) for element in elements}
        for element in self.document.of_type(families.RECORD_SET.type):
            given = element.given.get("zone_id")
            zone = self.document.follow(given)
            key = zone.address if zone is not None else written(given)
            names.setdefault(key, key)
            found.setdefault(key, []).append(
                RecordSet(
                    address=element.address,
                    name=name_of(element),
                    type=written(element.given.get("type", "")),
                    records=tuple(map(_said, element.values("records"))),
                )
            )
        made = {element.address for element in elements if not element.data}
        for address, sets in found.items():
            yield Zone(address, names[address], address in made, tuple(sets))

    # Containers, images, shares.

    def _containers(self) -> Iterator[Container]:
        """Those that are made, and those that objects are put into."""
        kept: dict[str, list[StoredObject]] = {}
        for element in self.document.of_type(families.OBJECT.type):
            name = written(element.given.get("container_name", ""))
            fetched_by = tuple(self._fetchers.get(element.address, ()))
            file = self._file(objects.FOLDER, element.name)
            kept.setdefault(name, []).append(StoredObject(element.address, name_of(element), fetched_by, file))
        for element in self.document.of_type(families.CONTAINER.type):
            name = name_of(element)
            yield Container(
                address=element.address,
                name=name,
                readers=tuple(_entries(element.given.get("container_read"))),
                writers=tuple(_entries(element.given.get("container_write"))),
                objects=tuple(kept.pop(name, ())),
            )
        for name, there in kept.items():
            yield Container("", name, (), (), tuple(there), made=False)

    @cached_property
    def _fetchers(self) -> Mapping[str, list[str]]:
        """By the address of an object, the servers whose user data has its URL."""
        found: dict[str, list[str]] = {}
        if not self.document.of_type(families.OBJECT.type):
            return found
        for server in self.document.of_type(_INSTANCE):
            said = references(written(server.given.get("user_data") or ""))
            for address in dict.fromkeys(one.address for one in said if type_of(one.address) == families.OBJECT.type):
                found.setdefault(address, []).append(server.title)
        return found

    def _image(self, element: Element) -> Image:
        # What the provider asks of Glance where nothing is said.
        visibility = _said(element.given.get("visibility")) or "private"
        return Image(address=element.address, name=name_of(element), visibility=visibility)

    def _share(self, element: Element) -> Share:
        size = element.number("size")
        return Share(
            address=element.address,
            name=name_of(element),
            size=size if isinstance(size, int) else None,
            public=element.flag("is_public"),
            accesses=tuple(self._accesses.get(element.address, ())),
        )

    @cached_property
    def _accesses(self) -> Mapping[str, list[ShareAccess]]:
        """By the address of the share; `""` is one that this stack does not make."""
        found: dict[str, list[ShareAccess]] = {}
        for element in self.document.of_type(families.SHARE_ACCESS.type):
            share = self.document.follow(element.given.get("share_id"))
            access = ShareAccess(
                address=element.address,
                kind=written(element.given.get("access_type", "")),
                to=_said(element.given.get("access_to")),
            )
            found.setdefault(share.address if share is not None and not share.data else "", []).append(access)
        return found

    def _sharings(self) -> Iterator[Sharing]:
        for element in self.document.of_type(families.RBAC_POLICY.type):
            target = element.given.get("target_tenant")
            yield Sharing(element.address, target if isinstance(target, Unknown) else target == "*")
        for element in self.document.of_type(*_SHARED_BY_A_FLAG):
            yield Sharing(element.address, element.flag("shared") or False)

    # Security groups.

    @cached_property
    def _rules(self) -> Mapping[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        for rule in rules_of(self.document):
            found.setdefault(rule.group, []).append(rule)
        return found

    def _groups(self) -> Iterator[Group]:
        rules = self._rules
        found = {}
        for element in (*self.document.of_type(_GROUP, OLD_GROUP), *self.document.of_type(_GROUP, data=True)):
            description = "" if element.data else _MARK.sub("", written(element.given.get("description") or ""))
            found[element.address] = Group(
                element.address, name_of(element), description, not element.data, folded(rules.get(element.address, ()))
            )
        yield from found.values()
        for address, given in rules.items():
            if address not in found and address.startswith("data."):
                yield Group(address, address.removeprefix(f"data.{_GROUP}."), "", False, folded(given))

    # The stack itself.

    def _state(self) -> str:
        return str(state_place(self.document.section("terraform"), self.path.parent if self.path else None))

    def _called(self, element: Element, *keys: str) -> str:
        value = next((element.given[key] for key in keys if element.given.get(key) is not None), None)
        return "" if value is None else called(self.document, value) if isinstance(value, Unknown) else written(value)


def flag_of(value: bool | Unknown | None) -> bool | None:
    """A truth where it is told."""
    return value if isinstance(value, bool) else None


def _size(block: Mapping[str, Any]) -> int | None:
    size = number(block.get("volume_size"))
    # A state holds 0 where nothing was said.
    return size if isinstance(size, int) and size else None


def _said(value: object) -> str | Unknown:
    return value if isinstance(value, Unknown) else "" if value is None else written(value)


def _title(element: Element) -> str:
    """What people call a part of a load balancer: an id says nothing to them."""
    return element.text("name") or element.title


def _position(policy: Element) -> tuple[bool, int]:
    """Where a policy stands among those of its listener; one that nobody says of comes last, as Octavia has it."""
    position = policy.number("position")
    return (False, position) if isinstance(position, int) else (True, 0)


def pool_member(given: Mapping[str, Any]) -> PoolMember:
    """A member, by what is said of it."""
    weight = number(given.get("weight"))
    return PoolMember(
        name=written(given.get("name") or ""),
        address=_said(given.get("address")),
        port=number(given.get("protocol_port")),
        weight=1 if weight is None else weight,
        backup=flag(given.get("backup")) is True,
        up=flag(given.get("admin_state_up")) is not False,
    )


def _entries(value: object) -> Iterator[str | Unknown]:
    """The entries of an access list of Swift, which commas part."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, str):
        yield from filter(None, map(str.strip, value.split(",")))
