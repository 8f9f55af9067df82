"""examples/private-cloud on the practice cloud."""

from __future__ import annotations

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy
from tests.cloud.terraform import Deployment

STANDS = sorted(
    """
network private
subnet private of private: 10.0.0.0/24, gateway 10.0.0.1
subnet private-6 of private: fd00:10::/64, gateway fd00:10::1
router gate: out by Ext-Net; joins private at 10.0.0.1, private-6 at fd00:10::1
floating IP bastion: of Ext-Net, leads to bastion-1_private at 10.0.0.5
floating IP web: of Ext-Net, leads to web at 10.0.0.100
group bastion: anything to anywhere
group bastion: tcp 22 from 198.51.100.0/24
group web: anything to anywhere
group web: tcp 22 from bastion
group web: tcp 80 from anywhere
group web: vrrp from web
port web: 10.0.0.100, of private-6; groups: none
port bastion-1_private: 10.0.0.5, of private-6; groups: bastion
port web-1_private: 10.0.0.11, of private-6; groups: web; also 10.0.0.100
port web-2_private: 10.0.0.12, of private-6; groups: web; also 10.0.0.100
port web-3_private: 10.0.0.13, of private-6; groups: web; also 10.0.0.100
server bastion-1: ACTIVE; d2-2; Debian 12; on private; config drive
server web-1: ACTIVE; d2-2; Debian 12; on private; config drive
server web-2: ACTIVE; d2-2; Debian 12; on private; config drive
server web-3: ACTIVE; d2-2; Debian 12; on private; config drive
""".strip().splitlines()
)
SERVERS = ("bastion-1", "web-1", "web-2", "web-3")


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy("private-cloud")


def test_what_the_page_says_stands_and_nothing_else(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, "private-cloud") == STANDS


def test_the_routers_interfaces_were_there_before_the_first_server(estate: Deployment, demo: Connection) -> None:
    """By the cloud's own times."""
    (router,) = demo.network.routers(name="gate")
    made = [one.created_at for one in demo.network.ports(device_id=router.id) if "interface" in one.device_owner]
    first = min(demo.compute.get_server(witness.running(demo, name).id).created_at for name in SERVERS)
    assert len(made) == 2
    assert max(made) <= first


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


def test_destroy_leaves_nothing(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, "private-cloud") == []
