"""Each edit of the review's corpus, run: what the folders alone told, what the plan says, and what the apply did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from ivc.review.model import Action, Thing
from tests.cloud import carried_out, witness
from tests.cloud.carried_out import Reviews, labelled, planned
from tests.cloud.terraform import Deployment
from tests.helpers import INSTANCE, PROJECT
from tests.review.edits import EDITS, IMAGE_A, IMAGE_B, TEMPLATES, Edit, World


@dataclass(frozen=True)
class Run:
    """What became of all edits.

    before, after: servers by the name that the cloud shows.
    """

    reviews: Reviews
    before: dict[str, witness.Server]
    after: dict[str, witness.Server]
    actions: dict[str, list[str]]
    volumes: dict[str, str]


@pytest.fixture(scope="module")
def world(demo: Connection, image: Callable[[str], str], volume: Callable[[str], str]) -> World:
    images = [image(IMAGE_A), image(IMAGE_B)]
    volumes = {name: volume(name) for edit in EDITS for name in edit.volumes}
    (network,) = demo.network.networks(name="Ext-Net")
    return World(image_a=images[0], image_b=images[1], network=network.id, volumes=volumes)


@pytest.fixture(scope="module")
def deployment(cloud: Cloud, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """As it always is, but for what is protected."""
    deployment = Deployment(tmp_path_factory.mktemp("edits"), credentials=cloud.credentials())
    for name, text in TEMPLATES.items():
        deployment.template(name, text)
    yield deployment
    carried_out.take_away(deployment)


@pytest.fixture(scope="module")
def run(
    deployment: Deployment, world: World, demo: Connection, admin: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    for side in ("earlier", "before"):
        carried_out.make(deployment, side, world, EDITS)
    before = _servers(demo)
    reviews = carried_out.carry_out(deployment, world, EDITS, tmp_path_factory.mktemp("folders"))
    after = _servers(demo)
    return Run(
        reviews=reviews,
        before=before,
        after=after,
        actions={name: witness.actions(admin, server.id) for name, server in after.items()},
        volumes={volume.name: volume.status for volume in demo.block_storage.volumes()},
    )


def _servers(demo: Connection) -> dict[str, witness.Server]:
    return {one.name: witness.running(demo, one.name) for one in demo.compute.servers() if one.name}


BY_EDIT = pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.what)


@BY_EDIT
def test_the_plan_says_what_the_folders_said_or_what_is_known_to_differ(run: Run, edit: Edit) -> None:
    things = labelled(run.reviews.plan)

    assert {label: str(things[label].action) if label in things else "none" for label in edit.does} == {
        label: planned(edit, label) for label in edit.does
    }


def test_no_dangerous_change_is_called_harmless(run: Run) -> None:
    told = labelled(run.reviews.folders)
    missed = {
        label: set(thing.dangers) - set(told[label].dangers if label in told else ())
        for label, thing in labelled(run.reviews.plan).items()
    }

    assert {label: dangers for label, dangers in missed.items() if dangers} == {}


def test_with_the_folders_a_plan_is_told_alike(run: Run) -> None:
    alone, both = labelled(run.reviews.plan), labelled(run.reviews.both)

    assert {label: (thing.action, thing.dangers) for label, thing in both.items()} == {
        label: (thing.action, thing.dangers) for label, thing in alone.items()
    }


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.does], ids=lambda edit: edit.what)
def test_the_apply_does_to_servers_what_the_review_of_the_plan_says(run: Run, edit: Edit) -> None:
    things = labelled(run.reviews.both)
    assert edit.does
    for label in edit.does:
        thing = things.get(label)
        if thing is not None and thing.kind == "instance":
            name = thing.name or thing.id
            old, new = _before(run, thing), run.after.get(name)
            assert (old is None, new is None) == (thing.action is Action.CREATE, thing.action is Action.DESTROY)
            if old is not None and new is not None:
                _check_disk(thing, old, new, run.actions[name])
                _check_addresses(thing, old, new)
            assert {run.volumes[volume] for volume in edit.volumes} <= {"available", "in-use"}


def _before(run: Run, thing: Thing) -> witness.Server | None:
    """The server as it was, by the name that the cloud then showed."""
    moved = [one.moved_from for one in thing.resources if one.moved_from and one.type == INSTANCE]
    shown = [one.before for each in thing.resources for one in each.attributes if one.path == "name"]
    names = [*shown, thing.name, thing.id, *(address.rpartition(".")[2] for address in moved)]
    return next((run.before[name] for name in names if name in run.before), None)


def _check_disk(thing: Thing, old: witness.Server, new: witness.Server, actions: list[str]) -> None:
    """It is another server, or its disk was written anew, just where that was said."""
    assert (old.id != new.id) == (thing.action is Action.REPLACE)
    assert ("rebuild" in actions) == (thing.action is Action.WIPE)
    # The new server has the image that the declaration means, also where that was not why it was replaced.
    if thing.action not in (Action.REPLACE, Action.WIPE):
        assert old.image_id == new.image_id


def _check_addresses(thing: Thing, old: witness.Server, new: witness.Server) -> None:
    """Of a server that is replaced each address is told, as kept or as lost, and is."""
    if thing.action is not Action.REPLACE:
        return
    kept, _, lost = str(thing.headline).partition("loses ")
    has = {address for addresses in new.addresses for address in addresses}
    had = {address for addresses in old.addresses for address in addresses}
    assert {address for address in had if address in kept} == had & has
    assert {address for address in had if address in lost} == had - has


def test_every_difference_between_folders_and_plan_is_explained_in_the_docs() -> None:
    page = " ".join((PROJECT / "docs" / "review.md").read_text().split())

    reasons = {reason for edit in EDITS for _, reason in edit.plan.values()}
    assert reasons
    assert {reason for reason in reasons if reason not in page} == set()
