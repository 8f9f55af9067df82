"""What happens to one server, with its ports and its volumes: the facts, without their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ivc.estate import Instance, Nic
from ivc.estate.kinds import INSTANCE, PORT
from ivc.estate.reading import ATTACHMENTS
from ivc.estate.rules import called
from ivc.review import exposure
from ivc.review.model import Action, Danger, Exposure, Resource
from ivc.review.side import Side
from ivc.terraform.address import named


@dataclass(frozen=True)
class Server:
    """An instance on both sides of a change.

    before: with the addresses of resources as they will be. resources: all that belong to the instance and change.
    """

    id: str
    before: Side
    after: Side
    resources: Sequence[Resource]

    @cached_property
    def old(self) -> Instance | None:
        """As it is."""
        return self.before.instances.get(self.id)

    @cached_property
    def new(self) -> Instance | None:
        """As it will be."""
        return self.after.instances.get(self.id)

    @cached_property
    def main(self) -> Resource | None:
        """What happens to the server itself, without its ports and volumes."""
        return next((one for one in self.resources if one.type == INSTANCE), None)

    @cached_property
    def action(self) -> Action:
        """What happens to the whole; what happens to its ports alone is a change of it."""
        if self.main is not None and self.main.action is not Action.MOVE:
            return self.main.action
        if not self.resources:
            return Action.NONE
        return Action.MOVE if all(one.action is Action.MOVE for one in self.resources) else Action.UPDATE

    @cached_property
    def former(self) -> str | None:
        """The id that it has until now, where it is renamed."""
        moved_from = self.main.moved_from if self.main is not None else None
        return named(moved_from) if moved_from else None

    @cached_property
    def certain(self) -> bool:
        """Whether what happens to the server itself is sure."""
        return self.main is None or self.main.certain

    @cached_property
    def exposure(self) -> tuple[Exposure | None, bool]:
        """How what the world reaches of it changes, and whether that is certain."""
        return exposure.of_instance(
            (self.before, self.old) if self.old else None, (self.after, self.new) if self.new else None
        )

    @cached_property
    def dangers(self) -> tuple[Danger, ...]:
        """In the order of `Danger`."""
        # A port that goes takes its address with it.
        fates = {one.action for one in self.resources if one is self.main or one.type == PORT}
        found = {
            Danger.DESTROY: Action.DESTROY in fates or bool(self.doomed),
            Danger.WIPE: Action.WIPE in fates,
            # What an import changes of it no folder tells.
            Danger.REPLACE: Action.REPLACE in fates or (self.action is Action.IMPORT and not self.certain),
            Danger.DETACH: bool(self.pulled) or (self.new is not None and bool(self.leaving)),
            Danger.OPEN: self.exposure[0] is not None and bool(self.exposure[0].opened),
        }
        return tuple(danger for danger in Danger if found[danger])

    # Its ports and volumes.

    def fate(self, nic: Nic) -> Action:
        """What happens to the port of a NIC."""
        return next((one.action for one in self.resources if one.address == nic.port), Action.NONE)

    def addresses(self, *, kept: bool) -> list[tuple[str, str]]:
        """The addresses that it keeps, or those that it loses, each with its network; empty for one not known yet."""
        found = []
        for nic in self.old.nics if self.old else ():
            made_by_nova = nic.port is None and not nic.outside
            gone = made_by_nova or self.fate(nic) in (Action.DESTROY, Action.REPLACE)
            if gone is not kept:
                known = self.before.actual.get(nic.port or "") or nic.ips or ("",)
                found += [(address, nic.network.name) for address in known]
        return found

    @cached_property
    def coming(self) -> list[str]:
        """Volumes that it has only afterwards."""
        return [name for name in _volumes(self.new) if name not in _volumes(self.old)]

    @cached_property
    def leaving(self) -> list[str]:
        """Volumes that it has no more afterwards."""
        return [name for name in _volumes(self.old) if name not in _volumes(self.new)]

    @cached_property
    def staying(self) -> list[str]:
        """Volumes that it had and keeps, or whose data at least outlives it."""
        return [
            name
            for name in _volumes(self.old)
            if name not in self.doomed and (name not in self.leaving or self.new is None)
        ]

    @cached_property
    def doomed(self) -> list[str]:
        """Volumes that Nova deletes with it, since what stands says delete_on_termination."""
        goes = self.main is not None and self.main.action in (Action.DESTROY, Action.REPLACE)
        return [volume.name for volume in self.old.volumes if volume.deleted] if self.old and goes else []

    @cached_property
    def boots_from_volume(self) -> bool:
        """Whether its root disk is a volume."""
        return self.old is not None and any(volume.boot for volume in self.old.volumes)

    @cached_property
    def ignores_user_data(self) -> bool:
        """Whether a change of its user data waits until something else replaces it."""
        element = self.after.document.elements.get(self.new.address) if self.new is not None else None
        ignored = element.lifecycle("ignore_changes") if element is not None else []
        return self.action not in (Action.CREATE, Action.REPLACE) and bool(
            {"user_data", "all"} & set(map(str, ignored))
        )

    @cached_property
    def pulled(self) -> list[str]:
        """Volumes that are pulled from it while it runs: their attachment is a resource of its own, and goes."""
        gone = (
            self.before.document.elements.get(one.address)
            for one in self.resources
            if one.type in ATTACHMENTS and one.action in (Action.DESTROY, Action.REPLACE)
        )
        return [called(self.before.document, element.given.get("volume_id")) for element in gone if element is not None]


def _volumes(instance: Instance | None) -> list[str]:
    return [volume.name for volume in instance.volumes] if instance else []
