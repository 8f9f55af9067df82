"""The practice cloud and Terraform with the provider, or a loud word on which of them is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud
from practice.ready import PATIENCE

from tests.cloud.terraform import Deployment, needs_provider
from tests.program import terraform


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Every test of this folder needs the practice cloud."""
    item.add_marker(pytest.mark.cloud)


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips what needs the OpenStack provider where Terraform cannot have it."""
    needs_provider(terraform(), tmp_path_factory.mktemp("provider"))


@pytest.fixture(scope="session")
def cloud(provider: None, practice_cloud: Cloud) -> Cloud:
    """The practice cloud, up, where Terraform and the provider are there too."""
    return practice_cloud


@pytest.fixture(scope="session")
def admin(cloud: Cloud) -> Connection:
    """The cloud's administrator, who sees what an owner does not."""
    return cloud.admin()


@pytest.fixture(scope="session")
def demo(cloud: Cloud) -> Connection:
    """The user whose credentials deploy."""
    return cloud.connect()


@pytest.fixture(scope="module")
def deployment(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An estate of the module's own, destroyed at its end."""
    deployment = Deployment(tmp_path_factory.mktemp("estate"), credentials=cloud.credentials())
    yield deployment
    if (deployment.stack_folder / ".terraform").exists():
        deployment.destroy()


@pytest.fixture(scope="module")
def volume(demo: Connection) -> Iterator[Callable[[str], str]]:
    """Makes volumes, by name, and gives their ids; at the module's end they are deleted, and gone."""
    made: list[Any] = []

    def make(name: str) -> str:
        volume = demo.block_storage.create_volume(name=name, size=1)
        demo.block_storage.wait_for_status(volume, "available", failures=["error"], interval=0.3, wait=PATIENCE)
        made.append(volume)
        return str(volume.id)

    yield make
    for one in made:
        demo.block_storage.delete_volume(one)
    for one in made:
        demo.block_storage.wait_for_delete(one, interval=0.3, wait=PATIENCE)


@pytest.fixture(scope="module")
def free_volumes(demo: Connection) -> None:
    """Fails where volumes are in use: main.py's own are about to be attached."""
    if busy := [volume.name for volume in demo.block_storage.volumes() if volume.status != "available"]:
        pytest.fail(f"the volumes {', '.join(busy)} are in use, by `make demo`: run `make demo-down` first")


@pytest.fixture(scope="module")
def image(admin: Connection) -> Iterator[Callable[[str], str]]:
    """Makes public images, by name, and gives their ids; they are deleted at the module's end."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(
            admin.image.create_image(
                name=name, data=b"an image", disk_format="raw", container_format="bare", visibility="public"
            ).id
        )
        return made[-1]

    yield make
    for image_id in made:
        admin.image.delete_image(image_id)
