"""Instances: the servers themselves.

Instance(shop, "www-1", image="Debian 12", flavor="b2-7", key_pair="ops",
         nics=[internet.nic(web), backend.nic(web, ip="10.0.0.11")],
         user_data=UserData.template("www.yaml.jinja", site="shop.example"),
         volumes=[Volume.lookup(shop, "www-data").mount("/srv")])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from cdktf_cdktf_provider_openstack.compute_instance_v2 import (
    ComputeInstanceV2,
    ComputeInstanceV2BlockDevice,
)
from cdktf_cdktf_provider_openstack.compute_volume_attach_v2 import ComputeVolumeAttachV2
from cdktf_cdktf_provider_openstack.networking_port_v2 import NetworkingPortV2

from ivc.declare.cdktf import Construct, TerraformResourceLifecycle
from ivc.declare.image import ImageId, flavor_reference, image_reference
from ivc.declare.network import Nic
from ivc.declare.place import Names, Place
from ivc.declare.port import plan_ports
from ivc.declare.terraform_text import at_apply, document, literal
from ivc.declare.volume import Attachment, Volume
from ivc.policies.waiver import Waivable
from ivc.userdata import AtApply, UserData
from ivc.userdata.volumes import Mount

ImageUpdatePolicy = Literal["replace", "rebuild", "ignore"]
UserDataUpdatePolicy = Literal["replace", "ignore"]
FlavorUpdatePolicy = Literal["resize", "replace", "ignore"]

_MARK = "ivc"


class Instance(Construct, Waivable):
    """A server, with a port for each of its NICs and its existing volumes.

    id: its name among the declarations; its Terraform addresses come from it alone.
    image: by name, of several the newest, or an `ImageId`. A new id under an unchanged name changes nothing.
    flavor, key_pair: by name. A key pair belongs to one user, so it is not looked up.
    nics: in the guest's order; at least one.
    user_data: what the guest reads at first boot.
    volumes: existing ones, in the order they are attached in: at birth, unless `live`.
    name: what the cloud shows; the id unless said.
    availability_zone, metadata, tags: as the provider has them. The metadata key `ivc` is ours.
    config_drive: by default on where all networks are private, since nothing else may bring the user data there.
    image_update_policy: what a change of `image` does: `replace` the server, `rebuild` it in place, which wipes its
    root disk and takes an `ImageId` only, or `ignore`.
    user_data_update_policy: `replace` or `ignore`.
    flavor_update_policy: `resize` in place, `replace` or `ignore`.
    prevent_destroy: a plan that would destroy or replace it fails. It cannot save a server whose declaration is
    deleted.
    renamed_from: the id that this declaration had before. What exists is moved; `name` says whether the cloud is to
    show the new one.

    Raises ValueError, naming the instance and the field, for whatever cannot be.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: str | ImageId,
        flavor: str,
        nics: Sequence[Nic],
        key_pair: str | None = None,
        user_data: UserData | None = None,
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
        renamed_from: str | None = None,
    ) -> None:
        place = Place.of(f"Instance {id}", scope)
        names = place.declare("Instance", id, renamed_from=renamed_from)
        where = names.where
        attachments = [volume.attach() if isinstance(volume, Volume) else volume for volume in volumes]
        _check_choice(where, "image_update_policy", image_update_policy, ImageUpdatePolicy)
        _check_choice(where, "user_data_update_policy", user_data_update_policy, UserDataUpdatePolicy)
        _check_choice(where, "flavor_update_policy", flavor_update_policy, FlavorUpdatePolicy)
        _check_rebuild(where, image_update_policy, image)
        _check_metadata(where, metadata or {})
        mounts = [mount for attachment in attachments if (mount := attachment.as_mount) is not None]
        if user_data is None and mounts:
            user_data = UserData.nothing()
        drive = _config_drive(where, nics, has_user_data=user_data is not None, declared=config_drive)
        _check_mount_points(where, attachments)
        ports = plan_ports(where, names, nics)

        try:
            super().__init__(scope, id)
        except RuntimeError as error:
            raise ValueError(
                f"{where}: {scope.node.id} already holds another construct called {id!r}; "
                "give one of the two another name"
            ) from error
        self.id = names.id
        self._can_be_waived(where, subject=f"openstack_compute_instance_v2.{names.id}", waivers=place.stack.waivers)
        self.name = name or id
        self._place = place
        self._ports = ports
        self.ports: list[NetworkingPortV2] = [port.make(place, where, server=self.name) for port in ports]
        self.attachments = tuple(attachments)
        for attachment in attachments:
            place.stack.ledger.take_volume(where, volume=attachment.volume.slug, volume_name=attachment.volume.name)
        at_birth = [attachment.volume for attachment in attachments if not attachment.live]
        text = None
        if user_data is not None:
            text = self._render(where, user_data, mounts)
        image_id = image_reference(place.stack, where, image)
        optional: dict[str, Any] = {
            "key_pair": None if key_pair is None else literal(key_pair),
            "availability_zone": None if availability_zone is None else literal(availability_zone),
            "tags": [literal(tag) for tag in tags] or None,
            "config_drive": drive,
            "user_data": text,
            "block_device": _block_devices(image_id, at_birth) or None,
            "stop_before_destroy": True if attachments else None,
        }
        self.l1: ComputeInstanceV2 = place.make_main(
            self,
            ComputeInstanceV2,
            names.id,
            where,
            former=names.former,
            name=literal(self.name),
            image_id=image_id,
            flavor_id=flavor_reference(place.stack, where, flavor),
            # As a dict, which costs nothing to make; only an argument of one word may be said so.
            network=[{"port": _id(port.address)} for port in ports],
            metadata={literal(key): literal(value) for key, value in (metadata or {}).items()}
            | {_MARK: f"{place.stack.name}/{names.id}"},
            lifecycle=TerraformResourceLifecycle(
                prevent_destroy=True if prevent_destroy else None,
                ignore_changes=_ignored(
                    image_update_policy, user_data_update_policy, flavor_update_policy, bool(at_birth)
                ),
                replace_triggered_by=self._triggers(
                    names,
                    image=(image.id if isinstance(image, ImageId) else image)
                    if image_update_policy == "replace"
                    else None,
                    flavor=flavor if flavor_update_policy == "replace" else None,
                )
                or None,
            ),
            **{key: value for key, value in optional.items() if value is not None},
        )
        self.live_attachments = self._attach_live(names)
        self._say_addresses(names)
        place.stack.ledger.checks[f"{names.id}_groups"] = {"assert": [port.group_assertion(where) for port in ports]}

    @property
    def addresses(self) -> dict[str, str | AtApply]:
        """By network, the server's first address there: what was declared, or a value known only at apply.

        A second NIC in a network goes by the network's Terraform name and `-2`.
        """
        return {port.key: port.ip(self.name) for port in self._ports}

    def _render(self, where: str, user_data: UserData, mounts: Sequence[Mount]) -> str:
        """The user data as Terraform is to read it; its readable form goes to the ledger."""
        stack = self._place.stack
        try:
            rendered = user_data.translated(lambda name, value: at_apply(f"variable {name}", stack, value)).render(
                folder=stack.app.templates,
                instance=self._facts(),
                mounts=mounts,
                way_out=any(port.nic.network.leads_out for port in self._ports),
                existing_volumes=bool(self.attachments),
            )
        except ValueError as error:
            raise ValueError(f"{where}: user_data: {error}") from None
        stack.ledger.user_data[self.id] = rendered.readable
        notes = {
            "unknown": list(rendered.unknown),
            "mounts": [mount.note for mount in mounts],
            "warnings": list(rendered.warnings),
            "accepted": [{"id": waiver.id, "reason": waiver.reason} for waiver in rendered.accepted],
        }
        stack.ledger.notes[self.id] = {key: value for key, value in notes.items() if value}
        text = document(rendered)
        stack.ledger.checked_user_data.add(text)
        return text

    def _facts(self) -> dict[str, object]:
        """What templates see as `instance`."""
        return {
            "name": self.name,
            "addresses": self.addresses,
            "networks": [
                {"name": port.nic.network.name, "public": port.nic.network.public, "ip": port.ip(self.name)}
                for port in self._ports
            ],
            "volumes": [
                {
                    "name": attachment.volume.name,
                    "id": attachment.volume.id,
                    "serial": attachment.volume.serial,
                    "mount_point": attachment.mount_point,
                }
                for attachment in self.attachments
            ],
        }

    def _triggers(self, names: Names, **declared: str | None) -> list[str]:
        """Resources that hold what was declared, so that its change, and no other, replaces the server."""
        triggers = []
        for what, value in declared.items():
            if value is not None:
                triggers.append(
                    self._place.stack.ledger.trigger(
                        names.where,
                        former=f"{names.former}__{what}",
                        name=f"{names.id}__{what}",
                        input={what: literal(value)},
                    )
                )
        return triggers

    def _attach_live(self, names: Names) -> list[ComputeVolumeAttachV2]:
        """Attachments of their own, one after the other so that the guest sees the declared order."""
        made: list[ComputeVolumeAttachV2] = []
        for attachment in self.attachments:
            if not attachment.live:
                continue
            volume = attachment.volume
            after: dict[str, Any] = {"depends_on": [made[-1]]} if made else {}
            made.append(
                self._place.make_in(
                    self,
                    ComputeVolumeAttachV2,
                    f"{names.id}_{volume.slug}",
                    names.where,
                    former=f"{names.former}_{volume.slug}",
                    instance_id=_id(f"openstack_compute_instance_v2.{names.id}"),
                    volume_id=_text(volume.id),
                    **after,
                )
            )
        return made

    def _say_addresses(self, names: Names) -> None:
        """Its part of the stack's output `instances`."""
        self._place.stack.ledger.instances[names.id] = {
            "id": _id(f"openstack_compute_instance_v2.{names.id}"),
            "name": literal(self.name),
            # Sorted, since Neutron gives the addresses of a port in no order.
            "addresses": {port.key: f"${{sort({port.address}.all_fixed_ips)}}" for port in self._ports},
        }


def _block_devices(image_id: str, volumes: Sequence[Volume]) -> list[ComputeInstanceV2BlockDevice]:
    """The root disk and the volumes, so that Nova attaches these at birth and detaches them after the shutdown."""
    if not volumes:
        return []
    root = ComputeInstanceV2BlockDevice(
        source_type="image", destination_type="local", boot_index=0, uuid=image_id, delete_on_termination=True
    )
    return [
        root,
        *(
            ComputeInstanceV2BlockDevice(
                source_type="volume",
                destination_type="volume",
                boot_index=-1,
                uuid=_text(volume.id),
                # Never true: Nova would delete the volume with the server.
                delete_on_termination=False,
            )
            for volume in volumes
        ),
    ]


def _ignored(image: str, user_data: str, flavor: str, has_block_devices: bool) -> list[str]:
    """What Terraform is not to compare. The image's id is not: a new one under the old name would wipe the disk."""
    # The mark tells what the server was born as, also after a rename.
    ignored = [f'metadata["{_MARK}"]']
    if image != "rebuild":
        ignored.append("image_id")
    if has_block_devices:
        ignored.append("block_device[0].uuid")
    if user_data == "ignore":
        ignored.append("user_data")
    if flavor == "ignore":
        ignored.append("flavor_id")
    return ignored


def _config_drive(where: str, nics: Sequence[Nic], *, has_user_data: bool, declared: bool | None) -> bool | None:
    private = not any(nic.network.public for nic in nics)
    if declared is False and private and has_user_data:
        raise ValueError(
            f"{where}: config_drive: it is False, and on private networks only nothing else may bring the server "
            "its user data; leave it out, or say True"
        )
    return declared if declared is not None else (True if private else None)


def _check_choice(where: str, field: str, value: str, choices: Any) -> None:
    known = get_args(choices)
    if value not in known:
        raise ValueError(f"{where}: {field}: {value!r} is not known; say one of {', '.join(map(repr, known))}")


def _check_rebuild(where: str, policy: ImageUpdatePolicy, image: str | ImageId) -> None:
    if policy == "rebuild" and not isinstance(image, ImageId):
        raise ValueError(
            f"{where}: image_update_policy: 'rebuild' with the image name {image!r} would wipe the disk whenever the "
            "cloud gives the name a new image; say the image as ImageId(...)"
        )


def _check_mount_points(where: str, attachments: Sequence[Attachment]) -> None:
    taken: dict[str, str] = {}
    for attachment in attachments:
        path, name = attachment.mount_point, attachment.volume.name
        if path is not None and taken.setdefault(path, name) != name:
            raise ValueError(
                f"{where}: volumes: both {taken[path]} and {name} are mounted at {path!r}; "
                "give one of the two another place"
            )


def _check_metadata(where: str, metadata: Mapping[str, str]) -> None:
    if _MARK in metadata:
        raise ValueError(f"{where}: metadata: the key {_MARK!r} is the mark that we set ourselves; choose another")


def _id(address: str) -> str:
    return f"${{{address}.id}}"


def _text(id: str | AtApply) -> str:
    return id if isinstance(id, str) else f"${{{id.expression}}}"
