"""examples/hello on the practice cloud."""

from __future__ import annotations

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy
from tests.cloud.terraform import Deployment

STANDS = """
group admins: anything to anywhere
group admins: tcp 22 from 203.0.113.0/24
port hello-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: admins
server hello-1: ACTIVE; d2-2; Debian 12; on Ext-Net
"""


@pytest.fixture(scope="module")
def hello(deploy: Deploy) -> Deployment:
    return deploy("hello")


def test_what_the_page_says_stands_and_nothing_else(hello: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, "hello") == STANDS.strip().splitlines()


def test_a_second_plan_is_empty(hello: Deployment) -> None:
    assert hello.plan().changes == {}


def test_destroy_leaves_nothing(hello: Deployment, demo: Connection) -> None:
    hello.destroy()
    assert witness.everything(demo, "hello") == []
