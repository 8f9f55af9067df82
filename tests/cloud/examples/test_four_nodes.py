"""examples/four-nodes on the practice cloud."""

from __future__ import annotations

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import BOOTING, Deploy
from tests.cloud.terraform import Deployment, TerraformError

PASSWORD = "only-of-this-test-" + "x" * 8
FLOWS = """
group web-ui: tcp 80 from anywhere
group web-ui: tcp 443 from anywhere
group rest: tcp 443 from anywhere
group rest: tcp 8080 to back-end
group back-end: tcp 8080 from rest
group back-end: tcp 3306 to mysql
group mysql: tcp 3306 from back-end
"""
REST = """
network private
subnet private of private: 10.0.0.0/24, no gateway
port web-ui-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: web-ui
port rest-1_Ext-Net: Ext-Net-v4, Ext-Net-v6; groups: rest
port rest-1_private: 10.0.0.11; groups: rest
port back-end-1_private: 10.0.0.21; groups: back-end
port mysql-1_private: 10.0.0.31; groups: mysql
server web-ui-1: ACTIVE; d2-2; Debian 12; on Ext-Net; config drive
server rest-1: ACTIVE; d2-2; Debian 12; on Ext-Net, private; config drive
server back-end-1: ACTIVE; d2-4; Debian 12; on private; config drive
server mysql-1: ACTIVE; b2-7; Debian 12; on private; volumes: mysql; config drive
"""
STANDS = sorted(
    [
        *FLOWS.strip().splitlines(),
        *(f"group {group}: {rule}" for group in ("web-ui", "rest", "back-end", "mysql") for rule in BOOTING),
        *REST.strip().splitlines(),
    ]
)


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy("four-nodes", database_password=PASSWORD)


def test_exactly_the_flows_of_the_page_are_open_and_nothing_else_stands(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, "four-nodes") == STANDS


def test_both_ends_have_the_password_and_no_file_here_has_it(
    estate: Deployment, demo: Connection, admin: Connection
) -> None:
    texts = {
        name: witness.stored_user_data(admin, witness.running(demo, name).id)
        for name in ("web-ui-1", "rest-1", "back-end-1", "mysql-1")
    }
    assert [name for name, text in texts.items() if PASSWORD in text] == ["back-end-1", "mysql-1"]
    written = [
        path for path in (estate.folder / "cdktf.out").rglob("*") if path.is_file() and ".terraform" not in path.parts
    ]
    assert len(written) > 4
    assert [path for path in written if PASSWORD.encode() in path.read_bytes()] == []


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


def test_a_password_that_sql_or_a_shell_might_read_otherwise_stops_the_plan(estate: Deployment) -> None:
    with pytest.raises(TerraformError, match="Variable database_password: all of it must match") as raised:
        estate.plan("-var=database_password=' OR '1'='1")
    assert "'1'='1" not in str(raised.value)


def test_destroy_leaves_the_volume(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, "four-nodes") == []
    assert [one.status for one in demo.block_storage.volumes(name="mysql")] == ["available"]
