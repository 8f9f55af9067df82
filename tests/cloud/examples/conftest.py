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
    """Deploys an example, with what it needs of the cloud made before and its variables as given; destroyed at the
    end.
    """
    made: list[Deployment] = []

    def make(name: str, **variables: str) -> Deployment:
        deployment = Deployment(tmp_path_factory.mktemp(name), credentials=cloud.credentials(), stack=name)
        deployment.let(**variables)
        deployment.program(pages.FOLDER / name / "main.py")
        if not cloud.is_up(extras := wanted.extras(deployment.folder / "cdktf.out")):
            cloud.up(extras)
        # A token that is older than an extra does not know it.
        demo.session.invalidate()
        if witness.everything(demo, name):
            pytest.fail(f"the example {name} is deployed: run `make example-down NAME={name}` first")
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
