"""examples/hosting-shop on the practice cloud."""

from __future__ import annotations

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy
from tests.cloud.terraform import Deployment

VOLUMES = ("backup", "mail", "vault", "www")
STANDS = """
group admin: anything to anywhere
group admin: tcp 22 from 203.0.113.0/24
group backup: anything to anywhere
group mail: anything to anywhere
group mail: tcp 25 from anywhere
group mail: tcp 587 from anywhere
group mail: tcp 873 from backup
group mail: tcp 993 from anywhere
group vault: tcp 8200 from backup
group vault: tcp 8200 from mail
group vault: tcp 8200 from www
group www: anything to anywhere
group www: tcp 443 from anywhere
group www: tcp 80 from anywhere
group www: tcp 873 from backup
network private
port backup-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: admin, backup
port backup-1_private: 10.20.0.31; groups: backup
port mail-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: admin, mail
port mail-1_private: 10.20.0.11; groups: mail
port vault-1_private: 10.20.0.21; groups: vault
port www-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: admin, www
port www-1_private: 10.20.0.12; groups: www
server backup-1: ACTIVE; d2-2; Debian 12; on Ext-Net, private; volumes: backup
server mail-1: ACTIVE; d2-4; Debian 12; on Ext-Net, private; volumes: mail
server vault-1: ACTIVE; d2-2; Debian 12; on private; volumes: vault; config drive
server www-1: ACTIVE; d2-4; Debian 12; on Ext-Net, private; volumes: www
subnet private of private: 10.20.0.0/24, no gateway
"""


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy("hosting-shop")


def test_what_the_page_says_stands_and_nothing_else(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, "hosting-shop") == STANDS.strip().splitlines()


def test_the_vault_was_made_before_those_who_ask_it(estate: Deployment, demo: Connection) -> None:
    made = {one.name: one.created_at for one in demo.compute.servers()}
    assert [made["vault-1"] <= made[name] for name in ("mail-1", "www-1", "backup-1")] == [True] * 3


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


def test_destroy_leaves_the_volumes(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, "hosting-shop") == []
    left = sorted((one.name, one.status) for one in demo.block_storage.volumes() if one.name in VOLUMES)
    assert left == [(name, "available") for name in VOLUMES]
