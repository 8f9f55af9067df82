"""Instances: the servers themselves.

Instance(shop, "www-1", image="Debian 12", flavor="b2-7", key_pair="ops",
         nics=[internet.nic(web), backend.nic(web, ip="10.0.0.11")],
         user_data=UserData.template("www.yaml.jinja", site="shop.example"),
         volumes=[Volume.lookup(shop, "www-data").mount("/srv")])
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ivc.declare.block_device import block_devices
from ivc.declare.cdktf import Construct, TerraformResourceLifecycle, struct
from ivc.declare.declaration import MARK, Made, Ordered
from ivc.declare.image import AnyImage, Image, ImageId, declared_image, flavor_reference, image_reference
from ivc.declare.ip_addresses import IpAddresses
from ivc.declare.key_pair import KeyPair
from ivc.declare.network import AnyNetwork, Network
from ivc.declare.nic import Nic
from ivc.declare.port import plan_ports
from ivc.declare.provider import (
    ComputeInstanceV2,
    ComputeVolumeAttachV2,
    NetworkingPortV2,
)
from ivc.declare.record import wait_for
from ivc.declare.references import check_stack, same_stack
from ivc.declare.root_disk import AnyRootDisk, EphemeralDisk, RootDisk, RootVolume, check_image, check_local
from ivc.declare.routing import Routing
from ivc.declare.secret import rules
from ivc.declare.server_group import ServerGroup
from ivc.declare.terraform_text import as_terraform, at_apply, literal
from ivc.declare.volume import Attachment, Volume
from ivc.declare.way_out import why_no_way_out
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.estate.user_data import HASH, compared, expression, hash_of
from ivc.userdata import AtApply, UserData
from ivc.userdata.checks import NO_NETWORK
from ivc.userdata.user_data import Prepared

ImageUpdatePolicy = Literal["replace", "rebuild", "ignore"]
UserDataUpdatePolicy = Literal["replace", "ignore"]
FlavorUpdatePolicy = Literal["resize", "replace", "ignore"]


# Nova's API: nova/api/validation/parameter_types.py, metadata and tag.
_LONGEST_METADATA = 255
_TAG = re.compile(r"[^,/]{1,60}")


class Instance(Made):
    """A server, with a port for each of its NICs and its existing volumes.

    id: its name among the declarations; its Terraform addresses come from it alone.
    image: by name, of several the newest, an `ImageId`, or an `Image` that is made here. A new id under an unchanged
    name changes nothing. Left out where `root_disk` is a `RootVolume` or a `Volume`.
    flavor: by name.
    key_pair: one that the stack makes, or by name; it belongs to one user, so it is not looked up. Another name
    replaces the server.
    server_group: with which other servers it shares a host, or does not. Joining, leaving or changing one replaces it.
    nics: in the guest's order; at least one.
    user_data: what the guest reads at first boot.
    root_disk: by default the flavor's own disk, on the server's host. A `RootDisk` is a volume that Nova makes of the
    image. Both go with the server. A `RootVolume`, or a `Volume` that boots, stays when the server goes, and is never
    deleted with it. Another root disk replaces the server.
    ephemeral_disks: blank disks, within the flavor's ephemeral disk; by default one of all of it. Another choice
    replaces the server. What is on them goes with it.
    swap: the size of the swap disk in MiB, within the flavor's; by default all of it. Another size replaces the server.
    volumes: existing ones, in the order they are attached in: at birth, unless `live`.
    name: what the cloud shows; by default the id.
    availability_zone, metadata, tags: as the provider has them; by default none. The metadata key `ivc` is ours.
    config_drive: by default on where all networks are private, since nothing else may bring the user data there, and
    where none of its networks is known to have DHCP. A router changes no default: a server whose config drive goes is
    replaced.
    image_update_policy: what a change of `image` does: `replace` the server, the default; `rebuild` it in place, which
    wipes its root disk and takes an `ImageId` only; or `ignore` it.
    user_data_update_policy: `replace`, the default, or `ignore`.
    flavor_update_policy: `resize` in place, the default, `replace` or `ignore`.
    prevent_destroy: with True a plan that would destroy or replace it fails; by default it does not. It cannot save a
    server whose declaration is deleted.
    depends_on: what is to be there before the server is made, declarations or CDKTF's elements, beside what it refers
    to. Its ports do not wait.
    renamed_from: the id that this declaration had before. What exists is moved; `name` says whether the cloud is to
    show the new one.

    addresses: by network, its first address there; `address_on` takes the network itself.
    floating_ips: by network, as `addresses` calls it, the floating IP that leads to it.

    Raises DeclarationError, naming the instance and the field, for whatever cannot be.
    """

    family = families.INSTANCE
    _goes_by_id_alone = True

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: AnyImage | None = None,
        flavor: str,
        nics: Sequence[Nic],
        key_pair: str | KeyPair | None = None,
        server_group: ServerGroup | None = None,
        user_data: UserData | None = None,
        root_disk: AnyRootDisk | None = None,
        ephemeral_disks: Sequence[EphemeralDisk] = (),
        swap: int | None = None,
        volumes: Sequence[Attachment | Volume] = (),
        name: str | None = None,
        availability_zone: str | None = None,
        metadata: Mapping[str, str] | None = None,
        tags: Sequence[str] = (),
        config_drive: bool | None = None,
        image_update_policy: ImageUpdatePolicy = "replace",
        user_data_update_policy: UserDataUpdatePolicy = "replace",
        flavor_update_policy: FlavorUpdatePolicy = "resize",
        prevent_destroy: bool = False,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        where = self._called
        check_image(where, image, root_disk, image_update_policy)
        check_local(where, swap)
        _check_rebuild(where, image_update_policy, image)
        _check_metadata(where, metadata or {})
        _check_tags(where, tags)
        for field, text in (("key_pair", key_pair), ("availability_zone", availability_zone)):
            if isinstance(text, str) and not text.strip():
                raise DeclarationError(f"{where}: {field}: it is empty; give its name, or leave it out")
        self.attachments = tuple(volume.attach() if isinstance(volume, Volume) else volume for volume in volumes)
        _check_mount_points(where, self.attachments)
        if user_data is None and any(attachment.mounts for attachment in self.attachments):
            user_data = UserData.nothing()
        self._drive_by_default = None if config_drive is not None else _needs_config_drive(nics)
        drive = config_drive if self._drive_by_default is None else self._drive_by_default or None
        self._ports = plan_ports(self, nics)
        self.addresses = IpAddresses(self, self._ports, of=self)
        self.floating_ips = {
            port.key: port.nic.floating_ip.address for port in self._ports if port.nic.floating_ip is not None
        }
        self._has_no_config_drive = config_drive is False and user_data is not None

        self._open()
        self.ports: list[NetworkingPortV2] = [port.make(self) for port in self._ports]
        kept = self._kept_root = root_disk if isinstance(root_disk, RootVolume | Volume) else None
        at_birth = self._take_volumes(kept)
        image_id = None if image is None else image_reference(self._stack, where, image)
        disks = block_devices(root_disk, image_id, ephemeral_disks, swap, at_birth)
        optional: dict[str, Any] = {
            # The provider tells no image of what boots from a volume, so that one that is said would differ for ever.
            "image_id": None if isinstance(root_disk, RootDisk) else image_id,
            # By name: a new key under it replaces no server.
            "key_pair": key_pair._name if isinstance(key_pair, KeyPair) else _literal(key_pair),
            "availability_zone": _literal(availability_zone),
            "tags": [literal(tag) for tag in tags] or None,
            "config_drive": drive,
            "user_data": None if user_data is None else self._prepare(user_data, key_pair=key_pair is not None),
            "scheduler_hints": None if server_group is None else [{"group": server_group._id}],
            "block_device": disks or None,
            "stop_before_destroy": True if self.attachments or kept is not None else None,
        }
        self.l1: ComputeInstanceV2 = self._make(
            ComputeInstanceV2,
            name=literal(self.name),
            flavor_id=flavor_reference(self._stack, where, flavor),
            # As a dict, which costs nothing to make; only an argument of one word may be said so.
            network=[{"port": f"${{{port.terraform_address}.id}}"} for port in self._ports],
            metadata={literal(key): literal(value) for key, value in (metadata or {}).items()},
            lifecycle=struct(
                TerraformResourceLifecycle,
                prevent_destroy=True if prevent_destroy else None,
                ignore_changes=_ignored(
                    image_update_policy, flavor_update_policy, has_disk_of_image=bool(disks) and kept is None
                ),
                replace_triggered_by=self._triggers(
                    image=declared_image(image) if image is not None and image_update_policy == "replace" else None,
                    flavor=literal(flavor) if flavor_update_policy == "replace" else None,
                    user_data=compared(self._prepared.said if self._prepared is not None else ())
                    if user_data_update_policy == "replace"
                    else None,
                )
                or None,
                precondition=rules(self._prepared.text.parts if self._prepared is not None else ()) or None,
            ),
            **{key: value for key, value in optional.items() if value is not None},
        )
        self.live_attachments = self._attach_live()
        self._tell(tags)

    @same_stack
    def address_on(self, network: AnyNetwork | str) -> str | AtApply:
        """Its first address in a network: what was declared, or a value known only at apply; an IPv4 one if it has any.

        network: one that it has a NIC in, or how `addresses` calls it; in templates, too:
        `instance.address_on("backend")`.

        Raises DeclarationError for a network that it is not on.
        """
        return self.addresses.on(network)

    @same_stack
    def ipv4_on(self, network: AnyNetwork | str) -> str | AtApply:
        """Likewise its first IPv4 address there. Raises DeclarationError where the NIC's declared ones are all IPv6."""
        return self.addresses.on(network, 4)

    @same_stack
    def ipv6_on(self, network: AnyNetwork | str) -> str | AtApply:
        """Likewise its first IPv6 address there. Raises DeclarationError where the NIC's declared ones are all IPv4."""
        return self.addresses.on(network, 6)

    def _decide(self) -> None:
        super()._decide()
        routing = self._stack._record.routing
        for port, made in zip(self._ports, self.ports, strict=True):
            port.decide(made, routing)
        nics = [port.nic for port in self._ports]
        if self._drive_by_default is not None and self._drive_by_default != _needs_config_drive(nics):
            # A subnet that was declared later hands out addresses, or does not.
            self._drive_by_default = not self._drive_by_default
            if self._drive_by_default:
                self.l1.config_drive = True
            else:
                self.l1.reset_config_drive()
        if self._has_no_config_drive:
            _check_without_config_drive(self._called, nics, routing)
        self._wait_for_ways(routing)
        if self._prepared is not None:
            self._judge(self._prepared)

    def _wait_for_ways(self, routing: Routing) -> None:
        """Wait for what it is to find at first boot: the routers' interfaces and routes in its networks, and, behind a
        router, the rules of its groups.
        """
        record = self._stack._record
        lists: dict[str, Sequence[str]] = {}
        for nic in (port.nic for port in self._ports):
            local, ways = routing.ways(nic.network)
            lists[local] = ways
            for group in nic.groups if routing.of_network(nic.network) else ():
                rules = [one for one in group._addresses if one.startswith(f"{families.RULE.type}.")]
                lists[f"rules_of_{group.key}"] = sorted(rules)
        # At once, since each asking of CDKTF takes its time.
        if listed := [record.listed(local, addresses) for local, addresses in lists.items() if addresses]:
            wait_for(self.l1, *listed)

    def _take_volumes(self, root: RootVolume | Volume | None) -> list[Volume]:
        """Attach its volumes; gives those that it is born with, besides its root disk."""
        given = [("volumes", attachment.volume) for attachment in self.attachments]
        for argument, volume in [*given, *([] if root is None else [("root_disk", root)])]:
            self._stack._record.volumes.take(
                self._called, argument, volume=volume.terraform_address, volume_name=volume.name
            )
        return [attachment.volume for attachment in self.attachments if not attachment.live]

    def _takes(self) -> Iterator[str]:
        existing = [attachment.volume for attachment in self.attachments]
        if isinstance(self._kept_root, Volume):
            existing.append(self._kept_root)
        yield from (f"the volume {volume.name}" for volume in existing)
        for port in self._ports:
            yield from port.nic._takes()

    _prepared: Prepared | None = None

    def _prepare(self, user_data: UserData, *, key_pair: bool) -> str:
        """What Terraform is told of the user data; its text, which it reads from a file, goes to the stack's record."""
        stack = self._stack
        try:
            prepared = user_data.translated(lambda name, value: at_apply(f"variable {name}", stack, value)).prepare(
                folder=stack.app.templates,
                instance=self._facts(),
                alone=self._facts(alone=True) if self.key in stack._record.members else None,
                mounts=[mount for attachment in self.attachments for mount in attachment.mounts],
                existing_volumes=bool(self.attachments) or self._kept_root is not None,
                key_pair=key_pair,
            )
            # However a value came into the text: as a variable, or as a part of one.
            for part in prepared.text.parts:
                check_stack("a value known only at apply", stack, part)
            said = expression(self.key, prepared.text)
        except ValueError as error:
            raise DeclarationError(f"{self._called}: user_data: {error}") from None
        self._prepared = prepared
        stack._record.user_data[self.key] = prepared.text.readable
        stack._record.checked_user_data.add(said)
        return said

    def _judge(self, prepared: Prepared) -> None:
        """Note what the checks of the user data found, now that it is known whether the server reaches the Internet."""
        no_way_out = why_no_way_out([port.nic for port in self._ports])
        try:
            judged = prepared.document(no_way_out=no_way_out)
        except ValueError as error:
            raise DeclarationError(f"{self._called}: user_data: {error}") from None
        notes = {
            HASH: hash_of(judged.readable),
            "unknown": list(judged.unknown),
            "mounts": [mount.note for attachment in self.attachments for mount in attachment.mounts],
            "warnings": list(judged.warnings),
            "no_way_out": no_way_out if prepared.wants_way_out and no_way_out != NO_NETWORK else None,
            "accepted": [
                {"id": waiver.id, "reason": waiver.reason, "severity": waiver.severity} for waiver in judged.accepted
            ],
        }
        self._stack._record.notes[self.key] = {key: value for key, value in notes.items() if value}

    def _facts(self, *, alone: bool = False) -> dict[str, object]:
        """What templates see as `instance`. alone: without other members of its tier."""
        member = self._stack._record.members.get(self.key)
        return {
            **({} if member is None else {"tier": member.facts(alone=alone)}),
            "name": self.name,
            "addresses": self.addresses,
            "floating_ips": self.floating_ips,
            "address_on": self.address_on,
            "ipv4_on": self.ipv4_on,
            "ipv6_on": self.ipv6_on,
            "networks": [
                {"name": port.nic.network.name, "public": port.nic.network.public, "ip": self.addresses[port.key]}
                for port in self._ports
            ],
            "volumes": [
                {
                    "name": attachment.volume.name,
                    "id": attachment.volume._id_in_templates,
                    "serial": attachment.volume.serial,
                    "mount_point": next((mount.mount_point for mount in attachment.mounts), None),
                    "mount_points": [mount.mount_point for mount in attachment.mounts],
                }
                for attachment in self.attachments
            ],
        }

    def _triggers(self, **declared: str | None) -> list[str]:
        """Resources that hold what was declared, so that its change, and no other, replaces the server.

        declared: texts of Terraform's.
        """
        return [
            self._stack._record.trigger(
                self._called,
                former=f"{self.former_key}__{what}",
                name=f"{self.key}__{what}",
                input={what: value},
            )
            for what, value in declared.items()
            if value is not None
        ]

    def _attach_live(self) -> list[ComputeVolumeAttachV2]:
        """Attachments of their own, one after the other so that the guest sees the declared order."""
        made: list[ComputeVolumeAttachV2] = []
        for attachment in self.attachments:
            if not attachment.live:
                continue
            volume = attachment.volume
            after: dict[str, Any] = {"depends_on": [made[-1]]} if made else {}
            made.append(
                self._make_part(
                    families.ATTACHMENT,
                    ComputeVolumeAttachV2,
                    f"{self.key}_{volume.key}",
                    former=f"{self.former_key}_{volume.key}",
                    instance_id=self._id,
                    volume_id=volume._id,
                    **after,
                )
            )
        return made

    def _tell(self, tags: Sequence[str]) -> None:
        """Its part of the stack's output `instances`, which `ivc.access` reads, and of its checks."""
        record = self._stack._record
        record.outputs[self.key] = {
            "id": self._id,
            "name": literal(self.name),
            # Sorted, since Neutron gives the addresses of a port in no order.
            "addresses": {port.key: f"${{sort({port.terraform_address}.all_fixed_ips)}}" for port in self._ports},
            # In the guest's order, which the object above has not when Terraform shows it.
            "networks": [port.key for port in self._ports],
            "public": [port.key for port in self._ports if port.nic.network.public],
            "tags": [literal(tag) for tag in sorted({*tags})],
        }
        if self.floating_ips:
            record.outputs[self.key]["floating_ips"] = {
                key: as_terraform(address) for key, address in self.floating_ips.items()
            }
        if self.key in record.members:
            record.outputs[self.key]["tier"] = record.members[self.key].tier
        record.groups_of_ports |= {port.name: port.groups(self) for port in self._ports}


def _ignored(image: str, flavor: str, *, has_disk_of_image: bool) -> list[str]:
    """What Terraform is not to compare. The image's id is not: a new one under the old name would wipe the disk. Nor is
    the user data as it is written: another version of this library may write the same otherwise.
    """
    # The mark tells what the server was born as, also after a rename.
    ignored = [f'metadata["{MARK}"]', "user_data"]
    if image != "rebuild":
        ignored.append("image_id")
    if has_disk_of_image:
        ignored.append("block_device[0].uuid")
    if flavor == "ignore":
        ignored.append("flavor_id")
    return ignored


def _needs_config_drive(nics: Sequence[Nic]) -> bool:
    """Whether nothing else may bring a server its user data, or its addresses."""
    return not any(nic.network.public for nic in nics) or not any(_has_dhcp(nic) for nic in nics)


def _has_dhcp(nic: Nic) -> bool:
    """Whether a NIC's network hands out IPv4 addresses, which the metadata service is asked with, or nobody says that
    it does not.
    """
    subnets = nic.network.subnets
    if isinstance(nic.network, Network):
        return any(subnet.dhcp and subnet._version == 4 for subnet in subnets)
    return not subnets or any(subnet.dhcp for subnet in subnets)


def _check_without_config_drive(where: str, nics: Sequence[Nic], routing: Routing) -> None:
    """Raise DeclarationError where nothing brings a server its user data. Behind a router the metadata service does."""
    if not any(_has_dhcp(nic) for nic in nics):
        problem = "where no network hands out IPv4 addresses nothing else brings the server its user data"
    elif not any(nic.network.public or routing.of_network(nic.network) for nic in nics):
        problem = (
            "on private networks only, with no router that is declared, nothing else may bring the server its user data"
        )
    else:
        return
    raise DeclarationError(f"{where}: config_drive: it is False, and {problem}; leave it out, or set it to True")


def _check_rebuild(where: str, policy: ImageUpdatePolicy, image: AnyImage | None) -> None:
    if policy == "rebuild" and isinstance(image, Image):
        raise DeclarationError(
            f"{where}: image_update_policy: 'rebuild' with {image._called} would wipe the disk in place of each server "
            "at once, and no plan says of which image; leave it out, or give an image that exists as ImageId(...)"
        )
    if policy == "rebuild" and not isinstance(image, ImageId):
        raise DeclarationError(
            f"{where}: image_update_policy: 'rebuild' with the image name {image!r} would wipe the disk whenever the "
            "cloud gives the name a new image; give the image as ImageId(...)"
        )


def _check_mount_points(where: str, attachments: Sequence[Attachment]) -> None:
    taken: dict[str, str] = {}
    for mount in (mount for attachment in attachments for mount in attachment.mounts):
        path, name = mount.mount_point, mount.volume
        if path in taken:
            both = f"both {taken[path]} and {name} are" if taken[path] != name else f"{name} is twice"
            raise DeclarationError(f"{where}: volumes: {both} mounted at {path!r}; give one of the two another place")
        taken[path] = name


def _check_metadata(where: str, metadata: Mapping[str, str]) -> None:
    if MARK in metadata:
        raise DeclarationError(f"{where}: metadata: the key {MARK!r} is the mark that we set ourselves; choose another")
    for key, value in metadata.items():
        if not 0 < len(key) <= _LONGEST_METADATA or len(value) > _LONGEST_METADATA:
            raise DeclarationError(
                f"{where}: metadata: {key[:20]!r}: Nova takes keys of 1 to {_LONGEST_METADATA} characters, and values "
                "of as many; shorten it"
            )


def _check_tags(where: str, tags: Sequence[str]) -> None:
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise DeclarationError(
                f"{where}: tags: {tag[:70]!r} is none for Nova: 1 to 60 characters, without ',' and '/'; change it"
            )


def _literal(text: str | None) -> str | None:
    return None if text is None else literal(text)
