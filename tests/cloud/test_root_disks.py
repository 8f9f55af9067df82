"""Root disks as the cloud has them: what each is made of, what changes it, and what stays of it in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud
from practice.ready import PATIENCE

from ivc import EphemeralDisk, Instance, Network, OpenStackStack, RootDisk, RootVolume, UserData, Volume
from tests.cloud import witness
from tests.cloud.terraform import Deployment, TerraformError

IMAGE, OTHER, BOOT, FLAVOR = "rooted", "rooted-another", "rooted-boot", "rooted-flavor"


@dataclass(frozen=True)
class Estate:
    """Servers on each kind of root disk, and what a test changes of them.

    image: of what Nova makes; root_image: of the volume that is kept. servers: which of them there are.
    """

    image: str = IMAGE
    root_image: str = IMAGE
    ignoring: bool = False
    size: int = 1
    user_data: str = "#!/bin/sh\n"
    servers: tuple[str, ...] = ("local", "cattle", "pet", "old")
    kept: bool = True

    def __call__(self, stack: OpenStackStack) -> None:
        network = Network(stack, "rooted", cidr="10.46.0.0/24")

        def server(name: str, /, **said: Any) -> None:
            if name in self.servers:
                Instance(stack, name, flavor=FLAVOR, nics=[network.nic()], **said)

        # Three disks on the host, with the root disk, are as many as Nova makes by default.
        server("local", image=self.image, ephemeral_disks=[EphemeralDisk(size=2)], swap=64)
        server("cattle", image=self.image, root_disk=RootDisk(size=1))
        server("old", root_disk=Volume.lookup(stack, BOOT))
        if self.kept:
            root = RootVolume(
                stack,
                "pet-root",
                image=self.root_image,
                size=self.size,
                image_update_policy="ignore" if self.ignoring else "replace",
            )
            scratch = [EphemeralDisk(size=1), EphemeralDisk(size=1)]
            server("pet", root_disk=root, user_data=UserData.text(self.user_data), ephemeral_disks=scratch, swap=128)


@pytest.fixture(scope="module")
def estate(demo: Connection, admin: Connection, image: Callable[[str], str]) -> Iterator[Estate]:
    """What is declared, on a flavor with room for all of it, beside a volume that boots."""
    images = [image(name) for name in (IMAGE, OTHER)]
    flavor = admin.compute.create_flavor(name=FLAVOR, ram=512, vcpus=1, disk=1, ephemeral=2, swap=128)
    boot: Any = demo.block_storage.create_volume(name=BOOT, size=1, image_id=images[0])
    demo.block_storage.wait_for_status(boot, "available", failures=["error"], interval=0.3, wait=PATIENCE)
    yield Estate()
    demo.block_storage.delete_volume(boot)
    demo.block_storage.wait_for_delete(boot, interval=0.3, wait=PATIENCE)
    admin.compute.delete_flavor(flavor)


@pytest.fixture(scope="module")
def deployed(cloud: Cloud, estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """All of it; what is protected is declared no longer before it goes."""
    deployment = Deployment(tmp_path_factory.mktemp("rooted"), credentials=cloud.credentials())
    deployment.declare(estate)
    deployment.apply()
    yield deployment
    deployment.declare(_nothing)
    deployment.apply()


def _nothing(stack: OpenStackStack) -> None:
    """Declares nothing."""


def _volumes(demo: Connection) -> dict[str, list[Any]]:
    """The project's volumes by name; Nova gives those that it makes none."""
    found: dict[str, list[Any]] = {}
    for one in demo.block_storage.volumes(details=True):
        found.setdefault(one.name or "", []).append(one)
    return found


def _volume(demo: Connection, name: str) -> Any:
    (one,) = _volumes(demo)[name]
    return one


def test_each_server_boots_from_what_was_declared(deployed: Deployment, demo: Connection) -> None:
    on = {name: witness.running(demo, name) for name in ("local", "cattle", "pet", "old")}
    assert {one.status for one in on.values()} == {"ACTIVE"}
    assert {name: bool(one.image_id) for name, one in on.items()} == {
        "local": True, "cattle": False, "pet": False, "old": False,
    }  # fmt: skip
    root, boot, nameless = _volume(demo, "pet-root"), _volume(demo, BOOT), _volume(demo, "")
    assert {name: one.volumes for name, one in on.items()} == {
        "local": [], "cattle": [nameless.id], "pet": [root.id], "old": [boot.id],
    }  # fmt: skip
    assert (root.size, root.status, root.description) == (1, "in-use", "ivc:estate/pet-root")
    assert root.volume_image_metadata["image_name"] == IMAGE


def test_nova_deletes_with_a_server_no_more_than_what_it_made(deployed: Deployment, demo: Connection) -> None:
    def goes(name: str) -> list[bool]:
        server = witness.running(demo, name).id
        shown = demo.compute.get(f"/servers/{server}/os-volume_attachments", microversion="2.79").json()
        return [one["delete_on_termination"] for one in shown["volumeAttachments"]]

    assert {name: goes(name) for name in ("cattle", "pet", "old")} == {"cattle": [True], "pet": [False], "old": [False]}


def test_a_second_plan_is_empty(deployed: Deployment) -> None:
    assert deployed.plan().changes == {}


def test_an_image_that_the_cloud_rotates_changes_nothing(
    deployed: Deployment, image: Callable[[str], str], demo: Connection
) -> None:
    newest = image(IMAGE)
    assert len(list(demo.image.images(name=IMAGE))) == 2
    assert newest in [one.id for one in demo.image.images(name=IMAGE)]
    assert deployed.plan().changes == {}


def test_a_kept_volume_grows_under_its_running_server(deployed: Deployment, estate: Estate, demo: Connection) -> None:
    server, root = witness.running(demo, "pet"), _volume(demo, "pet-root")
    deployed.declare(replace(estate, size=2))
    assert deployed.plan().changes == {"openstack_blockstorage_volume_v3.pet-root": ["update"]}
    deployed.apply()
    grown = _volume(demo, "pet-root")
    assert (grown.id, grown.size, grown.status) == (root.id, 2, "in-use")
    assert witness.running(demo, "pet") == server
    assert deployed.plan().changes == {}
    # Smaller it does not become.
    deployed.declare(estate)
    with pytest.raises(TerraformError, match="New size"):
        deployed.apply()
    assert _volume(demo, "pet-root").size == 2


def test_another_declared_image_of_a_kept_volume_is_refused_or_ignored(
    deployed: Deployment, estate: Estate, demo: Connection
) -> None:
    grown = replace(estate, size=2)
    deployed.declare(replace(grown, root_image=OTHER))
    with pytest.raises(TerraformError, match="prevent_destroy"):
        deployed.plan()
    deployed.declare(replace(grown, root_image=OTHER, ignoring=True))
    assert deployed.plan().changes == {"terraform_data.pet-root__volume_image": ["delete"]}


def test_another_declared_image_replaces_what_nova_made_and_nothing_else(
    deployed: Deployment, estate: Estate, demo: Connection
) -> None:
    former, stays = _volume(demo, ""), {name: _volume(demo, name).id for name in ("pet-root", BOOT)}
    deployed.declare(replace(estate, size=2, image=OTHER))
    plan = deployed.plan()
    assert plan.servers == {"cattle": ["delete", "create"], "local": ["delete", "create"]}
    deployed.apply()
    # The old one is gone, and the new one the only one without a name.
    latter = _volume(demo, "")
    assert latter.id != former.id
    assert latter.volume_image_metadata["image_name"] == OTHER
    assert witness.running(demo, "cattle").volumes == [latter.id]
    assert {name: _volume(demo, name).id for name in ("pet-root", BOOT)} == stays
    assert deployed.plan().changes == {}


def test_a_replaced_server_boots_from_its_volume_again_after_a_shutdown(
    deployed: Deployment, estate: Estate, demo: Connection, admin: Connection
) -> None:
    former, root = witness.running(demo, "pet"), _volume(demo, "pet-root")
    deployed.declare(replace(estate, size=2, image=OTHER, user_data="#!/bin/sh\n:\n"))
    assert deployed.plan().servers == {"pet": ["delete", "create"]}
    deployed.apply()
    latter = witness.running(demo, "pet")
    assert latter.id != former.id
    assert (latter.volumes, latter.addresses) == ([root.id], former.addresses)
    assert witness.actions(admin, former.id)[-2:] == ["stop", "delete"]


def test_when_the_servers_go_what_was_to_stay_stands_there(
    deployed: Deployment, estate: Estate, demo: Connection
) -> None:
    root, boot = (_volume(demo, name).id for name in ("pet-root", BOOT))
    deployed.declare(replace(estate, size=2, servers=()))
    deployed.apply()
    found = _volumes(demo)
    assert "" not in found
    assert [(one.id, one.status) for name in ("pet-root", BOOT) for one in found[name]] == [
        (root, "available"), (boot, "available"),
    ]  # fmt: skip
    # A kept volume goes with its own declaration alone.
    deployed.declare(replace(estate, servers=(), kept=False))
    deployed.apply()
    assert "pet-root" not in _volumes(demo)
    assert _volume(demo, BOOT).id == boot
