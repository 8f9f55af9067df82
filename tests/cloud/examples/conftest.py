"""An example, deployed as it stands; and declared otherwise."""

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

BOOTING = (
    "tcp 443 to anywhere",
    "tcp 53 to anywhere",
    "tcp 80 to anywhere",
    "udp 123 to anywhere",
    "udp 53 to anywhere",
    "udp 67 to anywhere, IPv4 alone",
    "udp 547 to anywhere, IPv6 alone",
)
"""What a server asks while it boots, as `witness.everything` says it."""


def change(estate: Deployment, name: str, program: str) -> None:
    """Declare an example that is deployed otherwise. program: the text of its main.py from now on."""
    folder = estate.folder / "program"
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(program.replace("Path(__file__).parents[2]", f"Path({str(pages.FOLDER.parent)!r})"))
    (folder / "cdktf.json").write_text("{}")
    if not (folder / "userdata").exists():
        (folder / "userdata").symlink_to(pages.FOLDER / name / "userdata")
    estate.program(folder / "main.py")


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
