"""Why something happens to a server, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivc.estate import Instance, Nic, Volume
from ivc.estate.kinds import PORT, TRIGGER
from ivc.estate.reading import ATTACHMENTS
from ivc.estate.triggers import what_of
from ivc.review.model import Action, Attribute, Resource
from ivc.review.server import Server
from ivc.review.side import Side
from ivc.review.stops import unlike
from ivc.words.sentence import Sentence, listed, say

# They are about Terraform's own way, and nothing of the server.
_INNER = ("stop_before_destroy", "force_delete", "timeouts", "vendor_options")


def reasons(server: Server) -> list[Sentence]:
    """What makes it happen: of a replacement what forces it, of a change in place all that changes."""
    attributes = _attributes(server)
    if server.action is Action.REPLACE:
        found = [reason(server, one) for one in attributes if one.forces_replacement]
    elif server.action is Action.WIPE:
        found = [reason(server, one) for one in attributes if one.top in ("image_id", "image_name")]
    else:
        found = [reason(server, one) for one in attributes]
        found += [*changes_of_ports(server), *_changes_of_attachments(server)]
    if all(one.type == TRIGGER for one in server.resources):
        found = [say("only what a later change of its image, flavor or user data does is declared anew")]
    return once(found) or [say("its resources change")]


def besides(server: Server) -> list[Sentence]:
    """What else changes of a server that is replaced or wiped."""
    attributes = _attributes(server)
    known = {str(one) for one in reasons(server)}
    # Those follow from what is said already.
    found = [reason(server, one) for one in attributes if one.top not in ("block_device", "network", "image_id")]
    if server.action is Action.REPLACE and server.old is not None and server.new is not None:
        # What was ignored takes effect with whatever else replaces it.
        pairs = [("image", server.old.image, server.new.image), ("flavor", server.old.flavor, server.new.flavor)]
        if server.old.root_volume is not None or server.new.root_volume is not None:
            # What a volume was made of is told of the volume.
            del pairs[0]
        found += [say(f"{what} {{}} → {{}}", then, now) for what, then, now in pairs if then != now]
        if server.user_data_differs and not any(one.path.endswith("user_data") for one in attributes):
            found.append(say("its user data as it is written now"))
    return [one for one in once(found) if str(one) not in known]


def _attributes(server: Server) -> list[Attribute]:
    attributes = server.main.attributes if server.main is not None else ()
    return [one for one in attributes if one.top not in _INNER]


def reason(server: Server, one: Attribute) -> Sentence:
    """A changed attribute of the server, as a reason."""
    match one.top:
        case "replace_triggered_by" if not one.path.endswith("__user_data"):
            said = say("{} {}", what_of(one.path), from_to(one))
        case "replace_triggered_by" | "user_data":
            then, now = (side.user_data.get(server.id) for side in (server.before, server.after))
            said = say("a value in its user data changes" if then and then == now else "user data changed")
        case "network":
            said = _changed_nics(server)
        case "block_device":
            said = _changed_disks(server, one)
        case "image_id" | "image_name":
            said = say("image {}", from_to(one))
        case "flavor_id" | "flavor_name":
            said = _changed_flavor(one, replaced=server.action is Action.REPLACE)
        case "config_drive":
            said = say("its config drive comes" if one.after == "true" else "its config drive goes")
        case "tainted":
            said = say("an earlier apply did not finish it")
        case "-replace":
            said = say("the plan was asked to")
        case _:
            said = say("{} {}", one.path, from_to(one))
    return said


def from_to(one: Attribute) -> Sentence:
    """A changed value: `b2-7 → b2-15`."""
    return say(
        "{} → {}", one.before if one.before is not None else "none", one.after if one.after is not None else "none"
    )


def once(sentences: Iterable[Sentence]) -> list[Sentence]:
    """The sentences, each once."""
    return list({str(sentence): sentence for sentence in sentences}.values())


def changes_of_ports(server: Server) -> Iterator[Sentence]:
    """What changes of its ports, where the server itself does not say it."""
    words = {Action.CREATE: "comes", Action.DESTROY: "goes", Action.REPLACE: "is made anew"}
    for one in server.resources:
        if one.type != PORT:
            continue
        nic = _nic(server, one.address)
        where = nic.network.name if nic else one.name
        if one.action is Action.UPDATE:
            for attribute in one.attributes:
                # The name and the mark of a port follow the server's.
                if attribute.top not in ("name", "description"):
                    yield _change_of_port(server, where, one, attribute)
        elif server.action is Action.UPDATE and one.action in words:
            yield say(f"its port on {{}} {words[one.action]}", where)


def _change_of_port(server: Server, where: str, port: Resource, one: Attribute) -> Sentence:
    changed = say("{} of its port on {} {}", one.path, where, from_to(one))
    instead = unlike(port, one, server.after)
    if instead is not None:
        changed = say(f"{{}}: {instead}", changed)
    elif one.top in ("security_group_ids", "no_security_groups"):
        then, now = (_groups(side, port.address) for side in (server.before, server.after))
        changed = say("its groups on {} become {} instead of {}", where, now, then)
    elif one.top == "fixed_ip":
        what = (
            "the subnet of its address on {} {}" if one.path.endswith("subnet_id") else "its address on {} changes, {}"
        )
        changed = say(what, where, from_to(one))
    elif one.top == "port_security_enabled" and one.after == "false":
        changed = say("nothing filters any more on {}: port security is off", where)
    elif one.top == "admin_state_up" and one.after == "false":
        changed = say("its port on {} is taken down, and passes no traffic", where)
    return changed


def _groups(side: Side, port: str) -> Sentence:
    nics = [nic for instance in side.stack.instances for nic in instance.nics if nic.port == port]
    return listed(nics[0].groups) if nics and nics[0].groups else say("none")


def _nic(server: Server, port: str) -> Nic | None:
    instances = [one for one in (server.new, server.old) if one is not None]
    return next((nic for instance in instances for nic in instance.nics if nic.port == port), None)


def _changes_of_attachments(server: Server) -> Iterator[Sentence]:
    attachments = [one for one in server.resources if one.type in ATTACHMENTS]
    for one in attachments:
        if one.action is Action.UPDATE:
            yield from (
                say("{} of the attachment {} {}", each.path, one.name, from_to(each)) for each in one.attributes
            )
    if all(one.action in (Action.MOVE, Action.UPDATE) for one in attachments):
        return
    for volume in server.coming:
        yield say("volume {} is attached while it runs", volume.name)
    for volume in server.leaving:
        yield say("volume {} is detached while it runs", volume.name)
    if not server.coming and not server.leaving:
        yield say("its live volumes are attached anew")


def _changed_nics(server: Server) -> Sentence:
    old, new = (instance.nics if instance else () for instance in (server.old, server.new))
    then, now = [_key(nic) for nic in old], [_key(nic) for nic in new]
    parts = [say("a NIC on {} comes", nic.network.name) for nic in new if _key(nic) not in then]
    parts += [say("its NIC on {} goes", nic.network.name) for nic in old if _key(nic) not in now]
    parts += [say("its port on {} is made anew", nic.network.name) for nic in new if server.fate(nic) is Action.REPLACE]
    if not parts and then != now:
        parts = [say("its NICs come in another order")]
    return listed(once(parts) or [say("its NICs changed")])


def _key(nic: Nic) -> str:
    return nic.port or nic.network.name


def _changed_disks(server: Server, one: Attribute) -> Sentence:
    parts = [*_other_disks(server.old, server.new)] if server.old is not None and server.new is not None else []
    # Of the volume that it boots from that is said, but where it comes from.
    parts += [_comes(server, volume) for volume in server.coming if not volume.boot or _owner(server, volume)]
    parts += [say("volume {} goes", _distinctly(volume, server.coming)) for volume in server.leaving if not volume.boot]
    parts += [say("volume {} is made anew", volume.name) for volume in server.lost if volume not in server.leaving]
    if not parts and server.old and server.new and server.old.volumes != server.new.volumes:
        parts = [say("its volumes come in another order or way")]
    return listed(parts or [say("{} {}", one.path, from_to(one))])


def _other_disks(old: Instance, new: Instance) -> Iterator[Sentence]:
    """What of its disks changes, besides its other volumes."""
    if (old.root_disk, _booting(old)) != (new.root_disk, _booting(new)):
        yield say("its root disk becomes {} instead of {}", root_disk(new, old), root_disk(old, new))
    if old.ephemeral_disks != new.ephemeral_disks:
        yield say("its ephemeral disks become {} instead of {}", ephemeral_disks(new), ephemeral_disks(old))
    if old.swap != new.swap:
        yield say("its swap disk becomes {} instead of {}", _swap(new), _swap(old))


def _booting(instance: Instance) -> str | None:
    return instance.root_volume.id if instance.root_volume is not None else None


def root_disk(instance: Instance, other: Instance | None = None) -> Sentence:
    """What it boots from, in words: `the volume db-1-root`, `a volume of 20 GiB that goes with it`.

    other: the same on the other side, whose root volume it is told from.
    """
    disk, volume = instance.root_disk, instance.root_volume
    if volume is not None:
        return say("the volume {}", _distinctly(volume, other.volumes if other is not None else ()))
    if disk is None:
        return say("the flavor's own")
    size = say(" of {} GiB", disk.size) if disk.size is not None else say("")
    of_type = say(" of the type {}", disk.type) if disk.type is not None else say("")
    ends = {True: "stays behind", False: "goes with it", None: "may stay behind"}[disk.kept]
    return say(f"a volume{{}}{{}} that {ends}", size, of_type)


def ephemeral_disks(instance: Instance) -> Sentence:
    """Their sizes, in words."""
    sizes = [say("{} GiB", size) if size is not None else say("(not told)") for size in instance.ephemeral_disks]
    return listed(sizes or [say("all that its flavor has")])


def _swap(instance: Instance) -> Sentence:
    return say("{} MiB", instance.swap) if instance.swap is not None else say("all that its flavor has")


def _comes(server: Server, volume: Volume) -> Sentence:
    """One that another server has until now may still be there when this one is made, and then the apply fails."""
    owner = _owner(server, volume)
    name = _distinctly(volume, server.leaving)
    if owner is None:
        return say("volume {} comes", name)
    return say("volume {} comes from {}", name, owner)


def _owner(server: Server, volume: Volume) -> str | None:
    """The server that has a volume until now."""
    owners = (one.id for one in server.before.stack.instances if volume.id in [each.id for each in one.volumes])
    return next(owners, None)


def _distinctly(volume: Volume, others: Iterable[Volume]) -> str:
    """The name of a volume, with what tells it from others of that name."""
    return f"{volume.name} ({volume.id})" if volume.name in [other.name for other in others] else volume.name


def _changed_flavor(one: Attribute, *, replaced: bool) -> Sentence:
    if not one.forces_replacement:
        return say("flavor {}" + ("" if replaced else ", so it is resized and restarts"), from_to(one))
    # The provider forces a replacement where Nova no longer knows the flavor that the server has.
    return say(
        "flavor {}; the one that it was made with is gone from the cloud, so that it cannot be resized", from_to(one)
    )
