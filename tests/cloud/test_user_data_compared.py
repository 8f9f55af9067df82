"""What of user data replaces a server, told by Terraform and the provider, and by Nova."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from openstack.connection import Connection

from ivc import Instance, Network, OpenStackStack, UserData, Volume
from tests.cloud import witness
from tests.cloud.terraform import Deployment

NAMES = ("said-1", "said-2")


@pytest.fixture(scope="module")
def estate(volume: Callable[[str], str], deployment: Deployment) -> Deployment:
    """An estate of two servers, each with a volume; the volumes outlive it."""
    for name in NAMES:
        volume(name)
    deployment.template("said.yaml.jinja", "#cloud-config\n# {{ word }} {{ instance.volumes[0].id }}\n")
    return deployment


def declared(stack: OpenStackStack, *, word: str = "old", **changed: str) -> None:
    """The two servers. changed: another word in the user data of one."""
    nic = Network.lookup(stack, "Ext-Net", public=True).nic()
    for name in NAMES:
        Instance(
            stack,
            name,
            image="Debian 12",
            flavor="d2-2",
            nics=[nic],
            volumes=[Volume.lookup(stack, name).mount("/srv")],
            user_data=UserData.template("said.yaml.jinja", word=changed.get(name.replace("-", "_"), word)),
        )


def test_another_version_of_the_librarys_text_replaces_nothing_and_the_users_one_server(
    estate: Deployment, monkeypatch: pytest.MonkeyPatch, demo: Connection
) -> None:
    estate.declare(declared)
    estate.apply()
    before = {name: witness.running(demo, name).id for name in NAMES}
    sent = estate.rendered("said-1")

    monkeypatch.setattr("ivc.userdata.volumes.PATIENCE", 121)
    estate.declare(declared)
    assert estate.rendered("said-1") != sent
    assert estate.plan().changes == {}

    estate.declare(lambda stack: declared(stack, said_2="new"))
    assert estate.plan().servers == {"said-2": ["delete", "create"]}
    estate.apply()
    after = {name: witness.running(demo, name).id for name in NAMES}
    assert [name for name in NAMES if before[name] == after[name]] == ["said-1"]
    assert estate.plan().changes == {}


def test_a_server_that_is_replaced_reads_the_newest_text(
    estate: Deployment, admin: Connection, demo: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is ignored while a server stands is not ignored when another is made in its place."""
    monkeypatch.setattr("ivc.userdata.volumes.PATIENCE", 122)
    estate.declare(lambda stack: declared(stack, word="third"))
    estate.apply()
    stored = [witness.stored_user_data(admin, witness.running(demo, name).id) for name in NAMES]
    assert [("within 122 seconds" in text, "# third " in text) for text in stored] == [(True, True), (True, True)]
