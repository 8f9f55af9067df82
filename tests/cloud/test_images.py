"""Images that are made from files, as Glance and Nova have them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from openstack.connection import Connection

from ivc import Image, Instance, Network, OpenStackStack, SecurityGroup
from tests.cloud import witness
from tests.cloud.terraform import Deployment
from tests.helpers import a_disk

IMAGE = "openstack_images_image_v2.baked"
FIRST, SECOND = b"first" * 1000, b"second" * 1000


def baked(file: str = "baked.img", **said: Any) -> Callable[[OpenStackStack], None]:
    """A server of an image that is made from a file."""

    def declare(stack: OpenStackStack) -> None:
        image = Image(stack, "baked", file=file, properties={"os_distro": "debian"}, **said)
        network, group = Network(stack, "baked", cidr="10.46.0.0/24"), SecurityGroup(stack, "baked")
        Instance(stack, "baked-1", image=image, flavor="d2-2", nics=[network.nic(group)])

    return declare


def write(file: Path, content: bytes) -> None:
    """A disk of that content."""
    with a_disk(file).open("ab") as opened:
        opened.write(content)


@pytest.fixture(scope="module")
def deployed(deployment: Deployment) -> Deployment:
    write(deployment.folder / "baked.img", FIRST)
    deployment.declare(baked())
    deployment.apply()
    return deployment


def test_glance_has_the_file_and_the_server_is_made_of_it(deployed: Deployment, demo: Connection) -> None:
    (image,) = demo.image.images(name="baked")
    content = (deployed.folder / "baked.img").read_bytes()
    assert image.checksum == md5(content, usedforsecurity=False).hexdigest()
    assert (image.disk_format, image.min_disk, image.visibility, image.os_distro) == ("raw", 1, "private", "debian")
    assert image.properties["ivc"] == "estate/baked"
    assert witness.running(demo, "baked-1").image_id == image.id


def test_a_second_plan_is_empty(deployed: Deployment) -> None:
    assert deployed.plan().changes == {}


def test_another_place_of_the_file_changes_nothing(deployed: Deployment) -> None:
    write(deployed.folder / "moved.img", FIRST)
    deployed.declare(baked("moved.img"))
    assert deployed.plan().changes == {}


def test_a_plan_fails_where_the_file_is_another_than_the_one_that_was_synthesized(deployed: Deployment) -> None:
    deployed.declare(baked())
    write(deployed.folder / "baked.img", SECOND)
    with pytest.raises(AssertionError, match=r"Image baked: its file has another\s+content"):
        deployed.plan()


def test_another_content_makes_a_new_image_replaces_the_server_and_takes_the_old_one_away(
    deployed: Deployment, demo: Connection
) -> None:
    (former,) = demo.image.images(name="baked")
    write(deployed.folder / "baked.img", SECOND)
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
    write(deployed.folder / "baked.img", SECOND)
    deployed.declare(baked(min_ram=64))
    assert deployed.plan().changes == {IMAGE: ["update"]}
