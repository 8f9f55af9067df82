"""examples/baked-or-booted on the practice cloud with Swift: what the server is to fetch, and the other word."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy
from tests.cloud.terraform import Deployment
from tests.examples import pages
from tests.helpers import PROJECT, a_disk

pytestmark = pytest.mark.long
NAME = "baked-or-booted"
CONTAINER = "baked-or-booted-page"
EXAMPLE = pages.FOLDER / NAME
FILES = {file.name: file.read_bytes() for file in (EXAMPLE / "page").iterdir()}
STANDS = """
group web: anything to anywhere
group web: tcp 80 from anywhere
port page-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: web
server page-1: ACTIVE; d2-2; {image}; on Ext-Net
"""


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy(NAME)


def stands(image: str) -> list[str]:
    return STANDS.format(image=image).strip().splitlines()


def test_what_the_page_says_stands(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, NAME) == stands("Debian 12")
    kept = {one.name: demo.object_store.download_object(one) for one in demo.object_store.objects(CONTAINER)}
    assert kept == FILES
    assert demo.object_store.get_container_metadata(CONTAINER).read_ACL == ".r:*"


def test_anyone_fetches_the_files_by_the_addresses_that_nova_hands_out(
    estate: Deployment, demo: Connection, admin: Connection
) -> None:
    told = witness.stored_user_data(admin, witness.running(demo, "page-1").id)
    urls = re.findall(r"^ *set -- '(http[^']*)' ", told, re.MULTILINE)
    assert {url.rpartition("/")[2]: demo.session.get(url, authenticated=False).content for url in urls} == FILES


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


def test_the_other_word_replaces_the_server_and_its_address_stays(
    estate: Deployment, demo: Connection, tmp_path: Path
) -> None:
    booted = witness.running(demo, "page-1")
    shutil.copytree(EXAMPLE, tmp_path / "examples" / NAME, ignore=shutil.ignore_patterns("cdktf.out", "*.qcow2"))
    (tmp_path / "constructs").symlink_to(PROJECT / "constructs")
    a_disk(tmp_path / "examples" / NAME / "images" / "page.qcow2")
    estate.program(tmp_path / "examples" / NAME / "main.py", PAGE="baked")
    assert estate.plan().servers == {"page-1": ["delete", "create"]}
    estate.apply()
    baked = witness.running(demo, "page-1")
    assert witness.everything(demo, NAME) == stands("page")
    assert (baked.id != booted.id, baked.addresses) == (True, booted.addresses)
    assert [one.name for one in demo.object_store.containers()] == []
    assert estate.plan().changes == {}


def test_destroy_leaves_nothing(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, NAME) == []
    assert [one.name for one in demo.image.images(name="page")] == []
