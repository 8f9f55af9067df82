"""Images that are made from files, as Glance and Nova have them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5

import pytest
from openstack.connection import Connection

from ivc import Image, Instance, Network, OpenStackStack, SecurityGroup
from tests.cloud import witness
from tests.cloud.terraform import Deployment

IMAGE = "openstack_images_image_v2.baked"
FIRST, SECOND = (bytes(510) + b"\x55\xaa" + text * 1000 for text in (b"first", b"second"))


def baked(file: str = "baked.img", min_ram: int = 0) -> Callable[[OpenStackStack], None]:
    """A server of an image that is made from a file."""

    def declare(stack: OpenStackStack) -> None:
        image = Image(stack, "baked", file=file, min_ram=min_ram, properties={"os_distro": "debian"})
        network, group = Network(stack, "baked", cidr="10.46.0.0/24"), SecurityGroup(stack, "baked")
        Instance(stack, "baked-1", image=image, flavor="d2-2", nics=[network.nic(group)])

    return declare


@pytest.fixture(scope="module")
def deployed(deployment: Deployment) -> Deployment:
    (deployment.folder / "baked.img").write_bytes(FIRST)
    deployment.declare(baked())
    deployment.apply()
    return deployment


def test_glance_has_the_file_and_the_server_is_made_of_it(deployed: Deployment, demo: Connection) -> None:
    (image,) = demo.image.images(name="baked")
    assert image.checksum == md5(FIRST, usedforsecurity=False).hexdigest()
    assert (image.disk_format, image.min_disk, image.visibility, image.os_distro) == ("raw", 1, "private", "debian")
    assert image.properties["ivc"] == "estate/baked"
    assert witness.running(demo, "baked-1").image_id == image.id


def test_a_second_plan_is_empty(deployed: Deployment) -> None:
    assert deployed.plan().changes == {}


def test_another_place_of_the_file_changes_nothing(deployed: Deployment) -> None:
    (deployed.folder / "moved.img").write_bytes(FIRST)
    deployed.declare(baked("moved.img"))
    assert deployed.plan().changes == {}


def test_a_plan_fails_where_the_file_is_another_than_the_one_that_was_synthesized(deployed: Deployment) -> None:
    deployed.declare(baked())
    (deployed.folder / "baked.img").write_bytes(SECOND)
    with pytest.raises(AssertionError, match=r"Image baked: its file has another\s+content"):
        deployed.plan()


def test_another_content_makes_a_new_image_replaces_the_server_and_takes_the_old_one_away(
    deployed: Deployment, demo: Connection
) -> None:
    (former,) = demo.image.images(name="baked")
    (deployed.folder / "baked.img").write_bytes(SECOND)
    deployed.declare(baked())
    planned = deployed.plan()
    assert planned.changes[IMAGE] == ["create", "delete"]
    assert planned.servers == {"baked-1": ["delete", "create"]}
    deployed.apply()
    (image,) = demo.image.images(name="baked")
    assert image.id != former.id
    assert witness.running(demo, "baked-1").image_id == image.id
    assert deployed.plan().changes == {}


def test_what_glance_keeps_with_it_changes_in_place(deployed: Deployment) -> None:
    (deployed.folder / "baked.img").write_bytes(SECOND)
    deployed.declare(baked(min_ram=64))
    assert deployed.plan().changes == {IMAGE: ["update"]}
