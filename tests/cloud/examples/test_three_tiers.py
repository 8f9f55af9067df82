"""examples/three-tiers on the practice cloud, asked back from Octavia, Designate and the core."""

from __future__ import annotations

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import BOOTING, Deploy, change
from tests.cloud.terraform import Deployment
from tests.examples import pages

pytestmark = pytest.mark.long

NAME = "three-tiers"
PASSWORD = "only-of-this-test-" + "x" * 8
FLOWS = """
group web: tcp 443 from 10.0.1.0/24
group web: tcp 8080 to 10.0.2.100/32
group api: tcp 8080 from 10.0.2.0/24
group api: tcp 3306 to 10.0.3.100/32
group db: tcp 3306 from 10.0.3.0/24
group db: tcp 4567 from db
group db: udp 4567 from db
group db: tcp 4568 from db
group db: tcp 4444 from db
group db: tcp 4567 to db
group db: udp 4567 to db
group db: tcp 4568 to db
group db: tcp 4444 to db
"""
REST = """
network web
network api
network db
subnet web of web: 10.0.1.0/24, gateway 10.0.1.1
subnet api of api: 10.0.2.0/24, gateway 10.0.2.1
subnet db of db: 10.0.3.0/24, gateway 10.0.3.1
router gate: out by Ext-Net; joins api at 10.0.2.1, db at 10.0.3.1, web at 10.0.1.1
floating IP www: of Ext-Net, leads to www at 10.0.1.100
port www: 10.0.1.100; groups: none
port api: 10.0.2.100; groups: none
port db: 10.0.3.100; groups: none
port web-1_web: 10.0.1.11; groups: web
port web-2_web: 10.0.1.12; groups: web
port api-1_api: 10.0.2.11; groups: api
port api-2_api: 10.0.2.12; groups: api
port db-1_db: 10.0.3.11; groups: db
port db-2_db: 10.0.3.12; groups: db
port db-3_db: 10.0.3.13; groups: db
server web-1: ACTIVE; d2-2; Debian 12; on web; config drive
server web-2: ACTIVE; d2-2; Debian 12; on web; config drive
server api-1: ACTIVE; d2-4; Debian 12; on api; config drive
server api-2: ACTIVE; d2-4; Debian 12; on api; config drive
server db-1: ACTIVE; b2-7; Debian 12; on db; volumes: db-1-data; config drive
server db-2: ACTIVE; b2-7; Debian 12; on db; volumes: db-2-data; config drive
server db-3: ACTIVE; b2-7; Debian 12; on db; volumes: db-3-data; config drive
"""
EVERY_5_SECONDS = "every 5 s for 3 s; 3 answers and it works, 3 misses and it does not"
BALANCED = f"""
load balancer www: ACTIVE, at 10.0.1.100 of port www
load balancer www: HTTP 80 from anywhere to no pool
load balancer www: HTTP 80, PATH STARTS_WITH /: REDIRECT_PREFIX 301 https://www.shop.example
load balancer www: HTTPS 443 from anywhere to pool web
load balancer www: pool web: HTTPS, ROUND_ROBIN
load balancer www: pool web: asked by HTTPS /health {EVERY_5_SECONDS}
load balancer www: pool web: member web-1, 10.0.1.11:443 of web, weight 1
load balancer www: pool web: member web-2, 10.0.1.12:443 of web, weight 1
load balancer api: ACTIVE, at 10.0.2.100 of port api
load balancer api: HTTP 8080 from 10.0.1.0/24 to pool api
load balancer api: pool api: HTTP, ROUND_ROBIN
load balancer api: pool api: asked by HTTP /health {EVERY_5_SECONDS}
load balancer api: pool api: member api-1, 10.0.2.11:8080 of api, weight 1
load balancer api: pool api: member api-2, 10.0.2.12:8080 of api, weight 1
load balancer db: ACTIVE, at 10.0.3.100 of port db
load balancer db: TCP 3306 from 10.0.2.0/24 to pool db
load balancer db: pool db: TCP, ROUND_ROBIN
load balancer db: pool db: asked by TCP {EVERY_5_SECONDS}
load balancer db: pool db: member db-1, 10.0.3.11:3306 of db, weight 1
load balancer db: pool db: member db-2, 10.0.3.12:3306 of db, weight 1, a backup
load balancer db: pool db: member db-3, 10.0.3.13:3306 of db, weight 1, a backup
"""
STANDS = sorted(
    [
        *FLOWS.strip().splitlines(),
        *(f"group {group}: {rule}" for group in ("web", "api", "db") for rule in BOOTING),
        *BALANCED.strip().splitlines(),
        *REST.strip().splitlines(),
    ]
)
OF_ANOTHER_WEB_SERVER = (
    "load balancer www: pool web: member web-3, 10.0.1.13:443 of web, weight 1",
    "port web-3_web: 10.0.1.13; groups: web",
    "server web-3: ACTIVE; d2-2; Debian 12; on web; config drive",
)


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy(NAME, database_password=PASSWORD)


def test_what_stands_is_what_the_page_says_and_nothing_else(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, NAME) == STANDS


def test_names_lead_to_the_floating_ip_and_to_the_load_balancers(estate: Deployment, demo: Connection) -> None:
    (outside,) = [ip.floating_ip_address for ip in demo.network.ips() if f"ivc:{NAME}/www" in ip.description]
    assert witness.records(demo, "shop.example.") == {
        "www.shop.example.": [outside],
        "api.shop.example.": ["10.0.2.100"],
        "db.shop.example.": ["10.0.3.100"],
    }


def test_the_members_of_a_tier_are_kept_apart(estate: Deployment, demo: Connection) -> None:
    servers = {one.id: one.name for one in demo.compute.servers()}
    groups = {one.name: one for one in demo.compute.server_groups()}
    assert {name: sorted(servers[member] for member in groups[name].member_ids) for name in ("web", "api", "db")} == {
        "web": ["web-1", "web-2"],
        "api": ["api-1", "api-2"],
        "db": ["db-1", "db-2", "db-3"],
    }
    assert {groups[name].policy for name in ("web", "api", "db")} == {"soft-anti-affinity"}


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


def test_one_more_web_server_touches_what_follows_and_nothing_else(estate: Deployment, demo: Connection) -> None:
    before = {one.name: one.id for one in demo.compute.servers()}
    program = (pages.FOLDER / NAME / "main.py").read_text()
    change(estate, NAME, program.replace("WEBS, APIS = 2, 2", "WEBS, APIS = 3, 2"))
    assert estate.plan().changes == {
        "openstack_compute_instance_v2.web-3": ["create"],
        "openstack_networking_port_v2.web-3_web": ["create"],
        "terraform_data.web-3__image": ["create"],
        "terraform_data.web-3__user_data": ["create"],
        "openstack_lb_members_v2.www_web": ["update"],
    }
    estate.apply()
    assert {one.name: one.id for one in demo.compute.servers() if one.name != "web-3"} == before
    assert witness.everything(demo, NAME) == sorted([*STANDS, *OF_ANOTHER_WEB_SERVER])
    assert estate.plan().changes == {}


def test_destroy_leaves_the_volumes_of_the_database(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, NAME) == []
    assert list(demo.dns.zones(name="shop.example.")) == []
    volumes = {one.name: one.status for one in demo.block_storage.volumes()}
    assert [volumes[f"db-{number}-data"] for number in (1, 2, 3)] == ["available"] * 3
