"""What happens to one server, with its ports and its volumes: the facts, without their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ivc.estate import Instance, Nic, Volume
from ivc.estate.kinds import INSTANCE, PORT, TRIGGER
from ivc.estate.reading import ATTACHMENTS
from ivc.estate.rules import called
from ivc.review import exposure
from ivc.review.model import Action, Danger, Exposure, Resource
from ivc.review.side import Side
from ivc.review.stops import Stopped, stopped
from ivc.terraform.address import named


@dataclass(frozen=True)
class Server:
    """An instance on both sides of a change.

    before: with the addresses of resources as they will be. resources: all that belong to the instance and change.
    fates: what happens to the stack's resources, by address.
    """

    id: str
    before: Side
    after: Side
    resources: Sequence[Resource]
    fates: Mapping[str, Action]

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
        """How what the world reaches of it changes, and whether what opens is certain."""
        return exposure.of_instance(
            (self.before, self.old) if self.old else None, (self.after, self.new) if self.new else None
        )

    @cached_property
    def dangers(self) -> Mapping[Danger, bool]:
        """Its dangers, each with whether it is certain."""
        # A port that goes takes its address with it. Where its server goes, too, that is a part of it.
        goes_itself = self.main is not None and self.main.action in (Action.DESTROY, Action.REPLACE)
        own = [one for one in self.resources if one is self.main or (one.type == PORT and not goes_itself)]
        attachments = [one for one in self.resources if one.type in ATTACHMENTS]
        goes = {Action.DESTROY: Danger.DESTROY, Action.WIPE: Danger.WIPE, Action.REPLACE: Danger.REPLACE}
        found: list[tuple[Danger, bool]] = [(goes[one.action], one.certain) for one in own if one.action in goes]
        if self.doomed:
            found.append((Danger.DESTROY, self.certain))
        # What an import changes of it no folder tells.
        if self.action is Action.IMPORT and not self.certain:
            found.append((Danger.REPLACE, False))
        if self.pulled:
            found.append((Danger.DETACH, any(one.certain for one in attachments)))
        elif self.new is not None and self.leaving:
            found.append((Danger.DETACH, self.certain))
        found += [(Danger.STOP, one.certain) for one in self.stopped]
        if self.opens:
            found.append((Danger.OPEN, self.exposure[1]))
        if self.given[0]:
            found.append((Danger.OPEN, self.given[1]))
        return worst(found)

    @cached_property
    def opens(self) -> bool:
        """Whether the world reaches more of it, and no group that is told by itself is why."""
        change = self.exposure[0]
        if change is None or not change.opened:
            return False
        if self.old is None or self.new is None:
            return True
        return exposure.opened_beyond_groups((self.before, self.old), (self.after, self.new))

    @cached_property
    def given(self) -> tuple[tuple[str, ...], bool]:
        """What everybody may do by means of its ports that they could not before, and whether that is certain."""
        return exposure.given_to_all(self.before, self.after, (one.address for one in self.resources))

    @cached_property
    def stopped(self) -> list[Stopped]:
        """What it, or a port of it, stops doing."""
        return [each for one in self.resources for each in stopped(one, self.after)]

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
    def coming(self) -> list[Volume]:
        """Volumes that it has only afterwards."""
        return _without(_volumes(self.new), _volumes(self.old))

    @cached_property
    def leaving(self) -> list[Volume]:
        """Volumes that it has no more afterwards."""
        return _without(_volumes(self.old), _volumes(self.new))

    @cached_property
    def staying(self) -> list[Volume]:
        """Volumes that it had and keeps, or whose data at least outlives it."""
        kept = _volumes(self.old) if self.new is None else _without(_volumes(self.old), self.leaving)
        return _without(kept, [*self.doomed, *self.lost])

    @cached_property
    def doomed(self) -> list[Volume]:
        """Volumes that Nova deletes with it, since what stands says delete_on_termination."""
        goes = self.main is not None and self.main.action in (Action.DESTROY, Action.REPLACE)
        return [volume for volume in self.old.volumes if volume.deleted] if self.old and goes else []

    @cached_property
    def lost(self) -> list[Volume]:
        """Volumes of it that this change destroys, or makes anew, by themselves."""
        gone = (Action.DESTROY, Action.REPLACE)
        return [volume for volume in _volumes(self.old) if self.fates.get(volume.id) in gone]

    @property
    def user_data_differs(self) -> bool:
        """Whether the text of its user data is another one, as far as both are told."""
        texts = self.before.user_data.get(self.id), self.after.user_data.get(self.id)
        return self.knows_former_text and texts[0] != texts[1]

    @property
    def changes_user_data(self) -> bool:
        """Whether it gets other user data by this change."""
        attributes = self.main.attributes if self.main is not None else ()
        return any(one.path.endswith("user_data") for one in attributes)

    @property
    def knows_former_text(self) -> bool:
        """Whether the text of the user data that it has now, if any, is at hand: a plan alone holds a hash."""
        return self.old is None or self.before.has_texts or self.id in self.before.user_data

    @cached_property
    def ignores_user_data(self) -> bool:
        """Whether a change of its user data waits until something else replaces it."""
        element = self.after.document.elements.get(self.new.address) if self.new is not None else None
        ignored = element.lifecycle("ignore_changes") if element is not None else []
        return self.action not in (Action.CREATE, Action.REPLACE) and bool(
            {"user_data", "all"} & set(map(str, ignored))
        )

    @cached_property
    def compares_user_data(self) -> Literal["no", "from now on", "yes"]:
        """Whether a change of what its declaration says of its user data replaces it, by a trigger of its own."""
        fate = next((one for one in self.resources if one.type == TRIGGER and one.name.endswith("__user_data")), None)
        if fate is not None and fate.action is Action.CREATE:
            return "from now on"
        trigger = f"{TRIGGER}.{self.id}__user_data"
        return "yes" if trigger in self.after.document.elements else "no"

    @cached_property
    def pulled(self) -> list[str]:
        """Volumes that are pulled from it while it runs: their attachment is a resource of its own, and goes."""
        gone = (
            self.before.document.elements.get(one.address)
            for one in self.resources
            if one.type in ATTACHMENTS and one.action in (Action.DESTROY, Action.REPLACE)
        )
        return [called(self.before.document, element.given.get("volume_id")) for element in gone if element is not None]


def worst(found: Iterable[tuple[Danger, bool]]) -> Mapping[Danger, bool]:
    """Dangers in the order of `Danger`, each certain if it is so for any reason."""
    gathered: dict[Danger, bool] = {}
    for danger, certain in found:
        gathered[danger] = gathered.get(danger, False) or certain
    return {danger: gathered[danger] for danger in Danger if danger in gathered}


def _volumes(instance: Instance | None) -> list[Volume]:
    return [*instance.volumes] if instance else []


def _without(volumes: Iterable[Volume], others: Iterable[Volume]) -> list[Volume]:
    known = {other.id for other in others}
    return [volume for volume in volumes if volume.id not in known]
