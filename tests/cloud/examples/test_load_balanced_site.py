"""examples/load-balanced-site on the practice cloud with Octavia: what stands, and other numbers of members."""

from __future__ import annotations

import json

import pytest
from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.examples.conftest import Deploy
from tests.cloud.terraform import Deployment
from tests.examples import pages

pytestmark = pytest.mark.long
MAIN = pages.FOLDER / "load-balanced-site" / "main.py"
STANDS = """
floating IP site: of Ext-Net, leads to site at 10.0.0.100
group web: anything to anywhere
group web: tcp 80 from 10.0.0.0/24
load balancer site: ACTIVE, at 10.0.0.100 of port site
load balancer site: HTTP 80 from anywhere to pool web
load balancer site: pool web: HTTP, ROUND_ROBIN
load balancer site: pool web: asked by TCP every 5 s for 3 s; 3 answers and it works, 3 misses and it does not
load balancer site: pool web: member web-1, 10.0.0.11:80 of inside, weight 1
load balancer site: pool web: member web-2, 10.0.0.12:80 of inside, weight 1
network inside
port site: 10.0.0.100; groups: none
port web-1_inside: 10.0.0.11; groups: web
port web-2_inside: 10.0.0.12; groups: web
router gate: out by Ext-Net; joins inside at 10.0.0.1
server web-1: ACTIVE; d2-2; Debian 12; on inside; config drive
server web-2: ACTIVE; d2-2; Debian 12; on inside; config drive
subnet inside of inside: 10.0.0.0/24, gateway 10.0.0.1
"""
MEMBERS = "openstack_lb_members_v2.site_web"
# What a member is.
PARTS = (
    "openstack_compute_instance_v2.web-{0}",
    "openstack_networking_port_v2.web-{0}_inside",
    "terraform_data.web-{0}__image",
    "terraform_data.web-{0}__user_data",
)


@pytest.fixture(scope="module")
def estate(deploy: Deploy) -> Deployment:
    return deploy("load-balanced-site")


def parts(does: str, *numbers: int) -> dict[str, list[str]]:
    return {part.format(number): [does] for number in numbers for part in PARTS}


def ids(cloud: Connection) -> dict[str, str]:
    """By what it is, the id of the load balancer, of all that stands in it, and of the servers."""
    octavia = cloud.load_balancer
    (balancer,), (listener,), (pool,) = octavia.load_balancers(), octavia.listeners(), octavia.pools()
    found = {"load balancer": balancer.id, "VIP": balancer.vip_port_id, "listener": listener.id, "pool": pool.id}
    found["monitor"] = pool.health_monitor_id
    found |= {f"member {one.name}": one.id for one in octavia.members(pool.id)}
    return found | {one.name: one.id for one in cloud.compute.servers() if one.name.startswith("web-")}


def test_what_the_page_says_stands_and_nothing_else(estate: Deployment, demo: Connection) -> None:
    assert witness.everything(demo, "load-balanced-site") == STANDS.strip().splitlines()


def test_the_load_balancer_and_its_address_carry_their_marks(estate: Deployment, demo: Connection) -> None:
    octavia = demo.load_balancer
    (balancer,), (listener,), (pool,) = octavia.load_balancers(), octavia.listeners(), octavia.pools()
    vip = demo.network.get_port(balancer.vip_port_id)
    assert [one.description for one in (vip, balancer, listener, pool)] == [
        "ivc:load-balanced-site/site",
        "ivc:load-balanced-site/site",
        "ivc:load-balanced-site/site_http",
        "ivc:load-balanced-site/site_web",
    ]


def test_the_outputs_are_where_the_load_balancer_is_reached(estate: Deployment, demo: Connection) -> None:
    said = json.loads(estate.run("output", "-json"))
    (outside,) = demo.network.ips(fixed_ip_address="10.0.0.100")
    assert {name: said[name]["value"] for name in ("pool_ip_address", "website_url")} == {
        "pool_ip_address": "10.0.0.100",
        "website_url": f"http://{outside.floating_ip_address}/",
    }


def test_each_server_is_to_show_its_own_address(estate: Deployment, demo: Connection, admin: Connection) -> None:
    texts = [witness.stored_user_data(admin, witness.running(demo, f"web-{number}").id) for number in (1, 2)]
    assert ["10.0.0.11\n" in texts[0], "10.0.0.12\n" in texts[1]] == [True, True]


def test_a_second_plan_is_empty(estate: Deployment) -> None:
    assert estate.plan().changes == {}


def test_another_number_touches_those_that_come_or_go_and_the_list_of_members(
    estate: Deployment, demo: Connection
) -> None:
    two = ids(demo)
    estate.program(MAIN, MEMBERS="4")
    assert estate.plan().changes == {MEMBERS: ["update"], **parts("create", 3, 4)}
    estate.apply()
    four = ids(demo)
    assert two.items() < four.items()
    assert {*four} - {*two} == {"member web-3", "member web-4", "web-3", "web-4"}

    estate.program(MAIN, MEMBERS="3")
    assert estate.plan().changes == {MEMBERS: ["update"], **parts("delete", 4)}
    estate.apply()
    assert ids(demo) == {what: id_ for what, id_ in four.items() if "web-4" not in what}
    assert estate.plan().changes == {}


def test_destroy_leaves_nothing(estate: Deployment, demo: Connection) -> None:
    estate.destroy()
    assert witness.everything(demo, "load-balanced-site") == []
    assert list(demo.load_balancer.load_balancers()) == []
