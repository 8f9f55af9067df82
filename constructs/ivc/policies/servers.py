"""Servers and the data that they hold."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from ivc.estate import families
from ivc.estate.reading import ATTACHMENTS
from ivc.estate.rules import called
from ivc.pages import page
from ivc.policies.facts import VOLUME, Facts
from ivc.policies.policy import Finding, Policy
from ivc.terraform.document import Element
from ivc.terraform.value import flag
from ivc.words.order import as_counted
from ivc.words.sentence import listed, say

_MOST_MEMBERS = 10
"""Nova's default of `server_group_members`: nova/conf/quota.py."""
_NUMBERED = re.compile(r"(.+?)[-_]?\d+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


class AdminPassword(Policy):
    """Nova hands the password to the server in clear, and it stands in the plan and the state. Where it stands in the
    JSON, it stands in version control as well.

    Leave it out: a key pair lets you in.
    """

    id = "IVC201"
    title = "A server is given an admin password"
    severity = "error"
    page = page("policies.md#ivc201")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for instance in facts.instances:
            if instance.given.get("admin_pass"):
                yield Finding(
                    subject=instance.address,
                    message=say("it is given an admin password (admin_pass): leave it out and use a key pair"),
                )


class UnprotectedData(Policy):
    """The volume stays when the server goes, but the service on it stops, and what is on the root disk is gone, unless
    that is the volume.

    `prevent_destroy=True` makes a plan fail that would destroy or replace the server. It also stands in the way of a
    replacement that you want, and cannot save a server whose declaration is deleted: `ivc review --fail-on destroy`
    stops that.
    """

    id = "IVC202"
    title = "A server with a volume is not protected (prevent_destroy)"
    severity = "info"
    page = page("policies.md#ivc202")

    def check(self, facts: Facts) -> Iterator[Finding]:
        live = {
            instance.address
            for attachment in facts.resources(*ATTACHMENTS)
            if (instance := facts.follow(attachment.given.get("instance_id"))) is not None
        }
        for instance in facts.instances:
            volumes = [block for block in instance.blocks("block_device") if block.get("source_type") == "volume"]
            if (volumes or instance.address in live) and not instance.is_protected:
                yield Finding(
                    subject=instance.address,
                    message=say("it has a volume, and nothing stops a plan that destroys it: set prevent_destroy=True"),
                )


class VolumeGoesWithServer(Policy):
    """With `delete_on_termination` Nova deletes an existing volume, and all that is on it, together with the server:
    also where the server is only replaced.

    Leave it out, or set it to `false`.
    """

    id = "IVC203"
    title = "An existing volume is deleted with its server"
    severity = "error"
    page = page("policies.md#ivc203")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for instance in facts.instances:
            for block in instance.blocks("block_device"):
                if block.get("source_type") == "volume" and flag(block.get("delete_on_termination")) not in (
                    None,
                    False,
                ):
                    yield Finding(
                        subject=instance.address,
                        message=say(
                            "Nova deletes its volume {} when the server goes or is replaced: say "
                            "delete_on_termination = false",
                            called(facts.document, block.get("uuid")),
                        ),
                    )


class UnprotectedVolume(Policy):
    """A volume that is a resource goes, with all that is on it, when its declaration goes or a change replaces it.

    Make it outside of Terraform and look it up (`Volume.lookup`), or set `prevent_destroy` in its lifecycle; a
    `RootVolume` has it by itself.
    """

    id = "IVC204"
    title = "A volume is a resource that nothing protects"
    severity = "warning"
    page = page("policies.md#ivc204")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for volume in facts.resources(VOLUME, "openstack_blockstorage_volume_v2"):
            if not volume.is_protected:
                yield Finding(
                    subject=volume.address,
                    message=say("a plan may destroy it with its data: look it up instead, or set prevent_destroy"),
                )


class ContainerGoesWithObjects(Policy):
    """With `force_destroy` all objects in a container are deleted when its declaration goes or a change replaces it,
    those of others and all versions too. Without it the cloud refuses to delete a container that holds any.

    Leave it out, and empty the container by hand when it is to go.
    """

    id = "IVC209"
    title = "A container goes with all objects in it"
    severity = "warning"
    page = page("policies.md#ivc209")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for container in facts.resources(families.CONTAINER.type):
            if container.flag("force_destroy") is True and not container.is_protected:
                yield Finding(
                    subject=container.address,
                    message=say("a plan may destroy it with all objects in it: leave force_destroy out"),
                )


class SharedHost(Policy):
    """Servers that are there so that one may fail are of no use when all are on the host that fails.

    Put them into a server group with the policy `anti-affinity` or `soft-anti-affinity` (`scheduler_hints`), or into
    several availability zones. A tier is servers whose names differ only in the number at their end, or that have the
    same image, flavor and security groups. A waiver of any of them will do.
    """

    id = "IVC205"
    title = "The servers of a tier may stand on one host"
    severity = "info"
    page = page("policies.md#ivc205")

    def check(self, facts: Facts) -> Iterator[Finding]:
        tiers: dict[Hashable, list[Element]] = {}
        for instance in facts.instances:
            grouped = any(hint.get("group") for hint in instance.blocks("scheduler_hints"))
            if not grouped:
                zone = instance.text("availability_zone")
                tiers.setdefault((zone, _tier(facts, instance)), []).append(instance)
        for members in tiers.values():
            if len(members) > 1:
                names = [member.name for member in members]
                shown = [*names[:3], f"{len(names) - 3} more"] if len(names) > 4 else names
                yield Finding(
                    subject=members[0].address,
                    message=say("{} may all stand on one host: put them into a server group", listed(shown)),
                    others=tuple(member.address for member in members[1:]),
                )


class UserDataOfItsOwn(Policy):
    """Terraform does not compare the text of user data, only what a declaration says of it: text that is put onto the
    resource itself reaches the server when something else replaces it, and its changes replace none.

    Say it in the declaration: `user_data=UserData.text("...")`.
    """

    id = "IVC206"
    title = "User data is set on the resource itself"
    severity = "warning"
    page = page("policies.md#ivc206")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for instance in facts.instances:
            declared = instance.address in facts.declared
            if declared and instance.says("user_data") and not facts.has_checked_user_data(instance):
                yield Finding(
                    subject=instance.address,
                    message=say(
                        "its user data is set on the resource itself, where a change of it replaces nothing: "
                        "set user_data=UserData.text(...) in its declaration"
                    ),
                )


class FullServerGroup(Policy):
    """Nova takes ten servers into a server group unless the cloud allows more, and makes no further one: the apply
    fails when ten are there.

    Ask what the cloud allows, `ivc limits` says it as `server_group_members`, and waive this where it is enough. Else
    have the quota raised, or put the servers into several groups.
    """

    id = "IVC208"
    title = "A server group has more servers than Nova's quota of ten"
    severity = "warning"
    page = page("policies.md#ivc208")

    def check(self, facts: Facts) -> Iterator[Finding]:
        servers: dict[str, list[Element]] = {}
        for instance in facts.instances:
            for hint in instance.blocks("scheduler_hints"):
                group = facts.follow(hint.get("group"))
                if group is not None:
                    servers.setdefault(group.address, []).append(instance)
        for address, members in servers.items():
            if len(members) > _MOST_MEMBERS:
                yield Finding(
                    subject=address,
                    message=say(
                        f"it has {len(members)} servers, and Nova's quota is {_MOST_MEMBERS} unless the cloud allows "
                        "more: ask it, with ivc limits"
                    ),
                )


class ImageById(Policy):
    """An id tells nobody which system it is, and a cloud that updates an image takes the old id away: the server cannot
    be made again.

    Say the image by its name, unless it must be that one (`rebuild` takes an id only).
    """

    id = "IVC301"
    title = "An image is said by its id"
    severity = "info"
    page = page("policies.md#ivc301")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for made in (*facts.instances, *facts.resources(VOLUME)):
            ids = [made.given.get("image_id")]
            ids += [block.get("uuid") for block in made.blocks("block_device") if block.get("source_type") == "image"]
            said = [each for each in ids if isinstance(each, str) and _UUID.fullmatch(each)]
            if said and not made.given.get("image_name"):
                yield Finding(
                    subject=made.address,
                    message=say("its image is given by the id {} alone: give its name", said[0]),
                )


def _tier(facts: Facts, instance: Element) -> Hashable:
    numbered = _NUMBERED.fullmatch(instance.name)
    if numbered:
        return numbered[1]
    groups = sorted((name for port in facts.ports(instance) for name in facts.group_names(port)), key=as_counted)
    made_of = [instance.text(key) for key in ("image_id", "image_name", "flavor_id", "flavor_name")]
    return (*made_of, *groups) if groups else instance.name
