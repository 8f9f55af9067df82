"""An example, deployed as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from openstack.connection import Connection
from practice import wanted
from practice.cloud import Cloud

from tests.cloud import witness
from tests.cloud.terraform import Deployment
from tests.examples import pages

Deploy = Callable[..., Deployment]


@pytest.fixture(scope="module")
def deploy(
    cloud: Cloud,
    demo: Connection,
    volume: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deploy]:
    """Deploys an example, with the services that it wants up, what it looks up made before, and its variables as given;
    destroyed at the end.
    """
    made: list[Deployment] = []

    def make(name: str, **variables: str) -> Deployment:
        if witness.everything(demo, name):
            pytest.fail(f"the example {name} is deployed: run `make example-down NAME={name}` first")
        deployment = Deployment(tmp_path_factory.mktemp(name), credentials=cloud.credentials(), stack=name)
        deployment.let(**variables)
        deployment.program(pages.FOLDER / name / "main.py")
        cloud.up(wanted.extras(deployment.folder / "cdktf.out"))
        there = {one.name for one in demo.block_storage.volumes()}
        for one in wanted.volumes(deployment.folder / "cdktf.out"):
            if one not in there:
                volume(one)
        made.append(deployment)
        deployment.apply()
        return deployment

    yield make
    for deployment in made:
        deployment.destroy()
