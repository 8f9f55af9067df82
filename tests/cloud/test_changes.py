"""What a change of the declaration does to servers that run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from openstack.connection import Connection

from ivc import ImageId, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData, Volume
from tests.cloud import witness
from tests.cloud.terraform import Deployment

IMAGE = "changing"


@dataclass(frozen=True)
class Estate:
    """What is declared, and what a test changes of it."""

    image: str = IMAGE
    flavor: str = "d2-2"
    text: str = "one"
    names: tuple[str, ...] = ("app-2", "app-3")
    rebuilt: str | None = None
    kept: dict[str, str] = field(default_factory=lambda: {"image": IMAGE, "flavor": "d2-2", "text": "one"})

    def __call__(self, stack: OpenStackStack) -> None:
        outside = Network.lookup(stack, "Ext-Net", public=True)
        inside = Network(stack, "inside", cidr="10.7.0.0/24")
        group = SecurityGroup(stack, "app")
        group.allow_from(group, Tcp(8080))
        Instance(
            stack,
            "app-1",
            image=self.image,
            flavor=self.flavor,
            nics=[outside.nic(group), inside.nic(group, ip="10.7.0.11"), inside.nic(ip="10.7.0.12")],
            user_data=UserData.template("app.jinja", text=self.text),
            volumes=[Volume.lookup(stack, "changes-b"), Volume.lookup(stack, "changes-a").mount("/a")],
        )
        for name in self.names:
            Instance(stack, name, image=IMAGE, flavor="d2-2", nics=[inside.nic(group)])
        Instance(
            stack,
            "kept",
            image=self.kept["image"],
            flavor=self.kept["flavor"],
            nics=[inside.nic(group)],
            user_data=UserData.template("app.jinja", text=self.kept["text"]),
            image_update_policy="ignore",
            flavor_update_policy="ignore",
            user_data_update_policy="ignore",
        )
        if self.rebuilt:
            Instance(
                stack,
                "rebuilt",
                image=ImageId(self.rebuilt),
                flavor="d2-2",
                nics=[inside.nic(group)],
                image_update_policy="rebuild",
            )


BEFORE = Estate()


@pytest.fixture(scope="module", autouse=True)
def volumes(volume: Callable[[str], str]) -> list[str]:
    """The ids of app-1's volumes, in its declared order."""
    ids = {name: volume(name) for name in ("changes-a", "changes-b")}
    return [ids["changes-b"], ids["changes-a"]]


@pytest.fixture(scope="module")
def images(image: Callable[[str], str]) -> dict[str, str]:
    return {name: image(name) for name in (IMAGE, "changed")}


@pytest.fixture(scope="module")
def estate(volumes: list[str], images: dict[str, str], deployment: Deployment) -> Deployment:
    """The estate as it is before each change, deployed."""
    deployment.template("app.jinja", "#cloud-config\n# {{ text }}\n")
    deployment.declare(BEFORE)
    deployment.apply()
    return deployment


def declared(estate: Deployment, change: Estate) -> Deployment:
    estate.declare(change)
    return estate


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert declared(estate, BEFORE).plan().changes == {}


def test_nics_and_volumes_stand_in_declared_order(estate: Deployment, demo: Connection, volumes: list[str]) -> None:
    app = witness.running(demo, "app-1")

    assert app.networks == ["Ext-Net", "inside", "inside"]
    assert app.addresses[1:] == [["10.7.0.11"], ["10.7.0.12"]]
    assert app.groups == [["app"], ["app"], []]
    assert app.volumes == volumes


def test_an_image_that_rotates_under_its_name_changes_nothing(
    estate: Deployment, image: Callable[[str], str], demo: Connection
) -> None:
    newest = image(IMAGE)

    assert declared(estate, BEFORE).plan().changes == {}
    assert witness.running(demo, "app-1").image_id != newest


def test_adding_removing_and_reordering_touches_only_the_instances_concerned(estate: Deployment) -> None:
    added = declared(estate, replace(BEFORE, names=("app-9", "app-3", "app-2"))).plan()
    assert set(added.changes) == {
        "openstack_compute_instance_v2.app-9",
        "openstack_networking_port_v2.app-9_inside",
        "terraform_data.app-9__image",
        "terraform_data.app-9__user_data",
    }
    assert set(map(tuple, added.changes.values())) == {("create",)}

    removed = declared(estate, replace(BEFORE, names=("app-3",))).plan()
    assert set(removed.changes) == {
        "openstack_compute_instance_v2.app-2",
        "openstack_networking_port_v2.app-2_inside",
        "terraform_data.app-2__image",
        "terraform_data.app-2__user_data",
    }
    assert set(map(tuple, removed.changes.values())) == {("delete",)}


def test_what_is_to_be_ignored_is_ignored(estate: Deployment) -> None:
    changed = Estate(kept={"image": "changed", "flavor": "d2-4", "text": "two"})

    assert declared(estate, changed).plan().changes == {}


def test_a_flavor_change_resizes_in_place(estate: Deployment, demo: Connection) -> None:
    before = witness.running(demo, "app-1")
    plan = declared(estate, replace(BEFORE, flavor="d2-4")).plan()
    assert plan.changes == {"openstack_compute_instance_v2.app-1": ["update"]}

    estate.apply()

    after = witness.running(demo, "app-1")
    assert (after.id, after.flavor) == (before.id, "d2-4")
    declared(estate, BEFORE).apply()


@pytest.mark.parametrize(
    ("change", "trigger"),
    [
        (Estate(image="changed"), {"terraform_data.app-1__image": ["update"]}),
        (Estate(image="changed", text="two"), {"terraform_data.app-1__user_data": ["update"]}),
    ],
    ids=["image", "user data"],
)
def test_a_change_replaces_that_server_and_leaves_its_addresses_and_volumes(
    change: Estate,
    trigger: dict[str, list[str]],
    estate: Deployment,
    demo: Connection,
    admin: Connection,
    volumes: list[str],
    images: dict[str, str],
) -> None:
    before = witness.running(demo, "app-1")
    plan = declared(estate, change).plan()
    assert plan.changes == {"openstack_compute_instance_v2.app-1": ["delete", "create"], **trigger}

    estate.apply()

    after = witness.running(demo, "app-1")
    assert after.id != before.id
    assert after.image_id == images["changed"]
    assert (after.port_ids, after.addresses, after.volumes) == (before.port_ids, before.addresses, volumes)
    done = witness.actions(admin, before.id)
    # Detached before the server was stopped, they would have been pulled from a running guest.
    assert "detach_volume" not in done
    assert done[-2:] == ["stop", "delete"]
    assert estate.plan().changes == {}


def test_a_rebuild_keeps_the_server_and_says_so_nowhere_but_in_the_declaration(
    estate: Deployment, demo: Connection, admin: Connection, images: dict[str, str]
) -> None:
    present = Estate(image="changed", text="two")
    declared(estate, replace(present, rebuilt=images[IMAGE])).apply()
    before = witness.running(demo, "rebuilt")

    plan = declared(estate, replace(present, rebuilt=images["changed"])).plan()
    assert plan.changes == {"openstack_compute_instance_v2.rebuilt": ["update"]}
    estate.apply()

    after = witness.running(demo, "rebuilt")
    assert (after.id, after.image_id) == (before.id, images["changed"])
    assert "rebuild" in witness.actions(admin, before.id)
