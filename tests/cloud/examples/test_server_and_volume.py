"""examples/server-and-volume on the practice cloud."""

from __future__ import annotations

import json

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy
from tests.cloud.terraform import Deployment, TerraformError

STANDS = """
group files: anything to anywhere
group files: tcp 22 from 203.0.113.0/24
group files: tcp 80 from anywhere
port files-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: files
server files-1: ACTIVE; d2-2; Debian 12; on Ext-Net; volumes: files
"""


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy("server-and-volume", site="files.acme.example")


def test_what_the_page_says_stands_and_nothing_else(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, "server-and-volume") == STANDS.strip().splitlines()


def test_the_outputs_are_what_the_page_says(estate: Deployment, demo: Connection) -> None:
    said = json.loads(estate.run("output", "-json"))
    (addresses,) = witness.running(demo, "files-1").addresses
    assert {name: said[name]["value"] for name in ("address", "url")} == {
        "address": next(ip for ip in addresses if ":" not in ip),
        "url": "http://files.acme.example/",
    }


def test_the_parameters_stand_in_the_user_data(estate: Deployment, demo: Connection, admin: Connection) -> None:
    text = witness.stored_user_data(admin, witness.running(demo, "files-1").id)
    assert ["server_name files.acme.example;" in text, "expires 10m;" in text] == [True, True]


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("site", "https://files.example", "The site is a host name in small letters, such as files.example."),
        ("cache_minutes", "1441", "A file is kept for whole minutes, from 0 to 1440 (a day)."),
        ("cache_minutes", "0.5", "A file is kept for whole minutes, from 0 to 1440 (a day)."),
    ],
)
def test_a_parameter_that_cannot_be_stops_the_plan(
    estate: Deployment, variable: str, value: str, sentence: str
) -> None:
    with pytest.raises(TerraformError) as raised:
        estate.plan(f"-var={variable}={value}")
    assert sentence in str(raised.value)


def test_destroy_leaves_the_volume(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, "server-and-volume") == []
    assert [one.status for one in demo.block_storage.volumes(name="files")] == ["available"]
