"""Each edit of load balancers, DNS, objects and secrets, run with the practice cloud's extras."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import carried_out
from tests.cloud.carried_out import Reviews, labelled, planned
from tests.cloud.terraform import Deployment
from tests.review.edits import IMAGE_A, TEMPLATES, Edit, World
from tests.review.service_edits import OFFICE, PRIVATE_KEY, SERVICE_EDITS

pytestmark = pytest.mark.long

EXTRAS = ("loadbalancer", "dns", "objects", "secrets")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(path), "2048"], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def world(image: Callable[[str], str], key: Path) -> World:
    image(IMAGE_A)
    return World(certificates=(_certificate(key), _certificate(key)))


def _certificate(key: Path) -> str:
    """One of this key; each has a number of its own."""
    command = ["openssl", "req", "-x509", "-key", str(key), "-days", "9", "-subj", "/CN=shop.example"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def deployment(cloud: Cloud, world: World, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    cloud.up(EXTRAS)
    deployment = Deployment(tmp_path_factory.mktemp("edits"), credentials=cloud.credentials())
    deployment.let(**{PRIVATE_KEY: key.read_text()})
    for name, text in TEMPLATES.items():
        deployment.template(name, text)
    yield deployment
    carried_out.take_away(deployment)


@pytest.fixture(scope="module")
def stood(deployment: Deployment, cloud: Cloud, world: World) -> dict[str, str]:
    """What stood before, by its name, and its id."""
    carried_out.make(deployment, "before", world, SERVICE_EDITS)
    return standing(cloud.connect())


def standing(cloud: Connection) -> dict[str, str]:
    """By name, the ids of load balancers, their members, and zones."""
    octavia = cloud.load_balancer
    found = {f"load balancer {one.name}": one.id for one in octavia.load_balancers()}
    for pool in octavia.pools():
        (balancer,) = pool.loadbalancers
        called = octavia.get_load_balancer(balancer["id"]).name
        found |= {f"{one.name} of {called}": one.id for one in octavia.members(pool.id)}
    return found | {f"zone {one.name}": one.id for one in cloud.dns.zones()}


@pytest.fixture(scope="module")
def reviews(
    deployment: Deployment, stood: dict[str, str], world: World, tmp_path_factory: pytest.TempPathFactory
) -> Reviews:
    return carried_out.carry_out(deployment, world, SERVICE_EDITS, tmp_path_factory.mktemp("folders"))


@pytest.mark.parametrize("edit", SERVICE_EDITS, ids=lambda edit: edit.what)
def test_the_plan_says_what_the_folders_said_or_what_is_known_to_differ(reviews: Reviews, edit: Edit) -> None:
    things = labelled(reviews.plan)

    assert {label: str(things[label].action) if label in things else "none" for label in edit.does} == {
        label: planned(edit, label) for label in edit.does
    }


def test_only_what_is_named_changes(reviews: Reviews) -> None:
    assert {*labelled(reviews.plan)} == {
        label for edit in SERVICE_EDITS for label in edit.does if planned(edit, label) != "none"
    }


def test_no_dangerous_change_is_called_harmless(reviews: Reviews) -> None:
    told = labelled(reviews.folders)
    missed = {
        label: set(thing.dangers) - set(told[label].dangers if label in told else ())
        for label, thing in labelled(reviews.plan).items()
    }

    assert {label: dangers for label, dangers in missed.items() if dangers} == {}


def test_with_the_folders_a_plan_is_told_alike(reviews: Reviews) -> None:
    alone, both = labelled(reviews.plan), labelled(reviews.both)

    assert {label: (thing.action, thing.dangers) for label, thing in both.items()} == {
        label: (thing.action, thing.dangers) for label, thing in alone.items()
    }


def test_no_load_balancer_and_no_zone_is_another_and_no_member_but_those_of_a_new_pool(
    reviews: Reviews, stood: dict[str, str], cloud: Cloud
) -> None:
    assert reviews
    now = standing(cloud.connect())
    gone = {what for what, id_ in stood.items() if now.get(what) != id_}
    assert gone == {"member-3 of left", "member-1 of spoken", "member-2 of spoken"}
    assert {*now} - {*stood} == {"member-3 of joined"}


def test_a_second_plan_is_empty(reviews: Reviews, deployment: Deployment) -> None:
    assert reviews
    assert deployment.plan().changes == {}


def test_the_services_have_what_is_declared_now(reviews: Reviews, cloud: Cloud) -> None:
    assert reviews
    demo = cloud.connect()
    listeners = {one.load_balancers[0]["id"]: one for one in demo.load_balancer.listeners()}
    of = {one.name: listeners[one.id] for one in demo.load_balancer.load_balancers()}
    assert [of["moved"].protocol_port, of["opened"].allowed_cidrs or [], of["shut"].allowed_cidrs] == [
        81,
        [],
        [OFFICE.text],
    ]
    renewed = {one.container_ref for one in demo.key_manager.containers() if one.name == "renewed"}
    assert renewed == {of["secured"].default_tls_container_ref}
    records = {one.name: one.records for one in demo.dns.recordsets(demo.dns.find_zone("valued.example."), type="A")}
    assert records == {"www.valued.example.": ["203.0.113.2"], "api.valued.example.": ["203.0.113.1"]}
    store = demo.object_store
    assert store.download_object("page.txt", container="edits-filled").decode() == TEMPLATES["peer.jinja"]
    assert [one.name for one in store.containers() if one.name.startswith("edits-")] == [
        "edits-filled",
        "edits-opened",
        "edits-renamed",
        "edits-shut",
    ]
    readers = [store.get_container_metadata(name).read_ACL for name in ("edits-opened", "edits-shut")]
    assert readers == [".r:*", None]
