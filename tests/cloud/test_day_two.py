"""docs/day-two.md on the practice cloud: each edit of its program is deployed, and does what its review says there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.cloud.terraform import Deployment, TerraformError
from tests.day_two import EXAMPLES, PROGRAM, TEMPLATES, Example

pytestmark = pytest.mark.long
STACK = "shop"
# No cloud has all that a page may name.
HERE = {"b2-30": "b2-15"}


@pytest.fixture(scope="module")
def estate(
    cloud: Cloud,
    tmp_path_factory: pytest.TempPathFactory,
    image: Callable[[str], str],
    volume: Callable[[str], str],
    free_volumes: None,
) -> Deployment:
    image("Debian 13")
    volume("db-log")
    estate = Deployment(tmp_path_factory.mktemp("day-two"), credentials=cloud.credentials(), stack=STACK)
    for name, text in TEMPLATES.items():
        estate.template(name, text)
    (estate.folder / "cdktf.json").write_text("{}")
    return estate


@pytest.fixture(autouse=True, scope="module")
def taken_away(estate: Deployment) -> object:
    yield
    estate.destroy()


def declare(estate: Deployment, program: str) -> None:
    for elsewhere, here in HERE.items():
        program = program.replace(elsewhere, here)
    (estate.folder / "main.py").write_text(program)
    estate.program(estate.folder / "main.py")


def deploy(estate: Deployment) -> None:
    """Once more where something still had the address of something else."""
    try:
        estate.apply()
    except TerraformError as error:
        if "IpAddressAlreadyAllocated" not in str(error):
            raise
        estate.apply()


def servers(cloud: Connection) -> dict[str, witness.Server]:
    """The stack's servers, by the name that the cloud shows."""
    return {
        one.name: witness.running(cloud, one.name)
        for one in cloud.compute.servers()
        if one.metadata.get("ivc", "").startswith(f"{STACK}/")
    }


def _ports(there: dict[str, witness.Server]) -> dict[str, list[str]]:
    """Of all servers: by the id of a port, its addresses."""
    return {
        port: addresses for one in there.values() for port, addresses in zip(one.port_ids, one.addresses, strict=True)
    }


def told(example: Example, what: str) -> int:
    """Of how many servers the review says something in its first lines."""
    found = re.search(rf"^(?:.* )?(\d+) {what}\b", example.said, re.MULTILINE)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heading)
def test_an_edit_does_what_its_review_says(
    estate: Deployment, demo: Connection, admin: Connection, example: Example
) -> None:
    declare(estate, PROGRAM)
    deploy(estate)
    before = servers(demo)
    declare(estate, example.edited(PROGRAM))
    if told(example, "destroyed"):
        # What comes has the address of what goes.
        with pytest.raises(TerraformError, match="IpAddressAlreadyAllocated"):
            estate.apply()
    deploy(estate)
    after = servers(demo)

    stay = {one.id for one in before.values()} & {one.id for one in after.values()}
    assert len(before) - len(stay) == told(example, "replaced") + told(example, "destroyed")
    then, now = _ports(before), _ports(after)
    assert bool({*then} ^ {*now}) == bool(told(example, "destroyed"))
    assert {port: now[port] for port in then if port in now} == {port: then[port] for port in then if port in now}
    resized = {one.id for one in after.values() if "resize" in witness.actions(admin, one.id)}
    assert len(resized) == told(example, "stopped")
    (data,) = demo.block_storage.volumes(name="db-data")
    (attached,) = data.attachments
    database = next(one for name, one in after.items() if not name.startswith("www-"))
    assert attached["server_id"] == database.id
    assert estate.plan().changes == {}
