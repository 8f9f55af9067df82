"""What is given to everybody by other means than security groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.policies.facts import NETWORK
from tests.policies.documents import Json, data, ids, instance, merged, port, resource
from tests.review.test_compare import told

CONTAINER, IMAGE = "openstack_objectstorage_container_v1", "openstack_images_image_v2"
SHARE, ACCESS = "openstack_sharedfilesystem_share_v2", "openstack_sharedfilesystem_share_access_v2"


def balancer(protocol: str, number: int, **given: object) -> Json:
    return merged(
        data(NETWORK, "Ext-Net", name="Ext-Net", external=True),
        resource("openstack_lb_loadbalancer_v2", "lb", vip_network_id=f"${{data.{NETWORK}.Ext-Net.id}}"),
        resource(
            "openstack_lb_listener_v2",
            "l",
            loadbalancer_id="${openstack_lb_loadbalancer_v2.lb.id}",
            protocol=protocol,
            protocol_port=number,
            **given,
        ),
    )


def behind(protocol: str, number: int, port: int) -> Json:
    """A load balancer before a member that listens on a port."""
    return merged(
        balancer(protocol, number, default_pool_id="${openstack_lb_pool_v2.p.id}"),
        resource("openstack_lb_pool_v2", "p", loadbalancer_id="${openstack_lb_loadbalancer_v2.lb.id}"),
        resource(
            "openstack_lb_members_v2",
            "p",
            pool_id="${openstack_lb_pool_v2.p.id}",
            member=[{"address": "10.0.0.11", "protocol_port": port}],
        ),
    )


def also(protocol: str, number: object) -> Json:
    """Another listener of the load balancer."""
    said = {"protocol": protocol, "protocol_port": number}
    return merged(
        {"variable": {"port": {}}},
        resource("openstack_lb_listener_v2", "m", loadbalancer_id="${openstack_lb_loadbalancer_v2.lb.id}", **said),
    )


def redirecting(prefix: str = "https://www.example.com") -> Json:
    return merged(
        balancer("HTTP", 80),
        resource(
            "openstack_lb_l7policy_v2",
            "r",
            listener_id="${openstack_lb_listener_v2.l.id}",
            action="REDIRECT_PREFIX",
            redirect_prefix=prefix,
        ),
    )


@pytest.mark.parametrize(
    ("id_", "wrong", "right"),
    [
        (
            "IVC160",
            merged(instance("a", "p"), port("p", allowed_address_pairs=[{"ip_address": "0.0.0.0/0"}])),
            merged(instance("a", "p"), port("p", allowed_address_pairs=[{"ip_address": "10.0.0.9"}])),
        ),
        ("IVC161", resource(CONTAINER, "c", container_read=".r:*"), resource(CONTAINER, "c", container_read="p:u")),
        ("IVC162", resource(CONTAINER, "c", container_write="*:*"), resource(CONTAINER, "c", container_write="p:u")),
        (
            "IVC163",
            resource(ACCESS, "a", access_type="ip", access_to="0.0.0.0/0"),
            resource(ACCESS, "a", access_type="ip", access_to="10.0.0.0/8"),
        ),
        ("IVC164", resource(IMAGE, "i", visibility="community"), resource(IMAGE, "i", visibility="private")),
        ("IVC164", resource(IMAGE, "i", visibility="public"), resource(IMAGE, "i", visibility="shared")),
        ("IVC164", resource(SHARE, "s", is_public=True), resource(SHARE, "s", is_public=False)),
        ("IVC164", resource(NETWORK, "n", shared="true"), resource(NETWORK, "n")),
        (
            "IVC164",
            resource("openstack_networking_rbac_policy_v2", "r", target_tenant="*"),
            resource("openstack_networking_rbac_policy_v2", "r", target_tenant="theirs"),
        ),
        ("IVC165", balancer("TCP", 9000), balancer("TCP", 9000, allowed_cidrs=["10.0.0.0/8"])),
        ("IVC103", balancer("TCP", 3306), balancer("TCP", 3306, allowed_cidrs=["10.0.0.0/8"])),
        ("IVC103", behind("TCP", 13306, 3306), behind("TCP", 13306, 8080)),
        # A member that speaks HTTP on a port of another service is none of these.
        ("IVC185", behind("TCP", 80, 8080), behind("HTTP", 80, 8080)),
        ("IVC166", balancer("HTTP", 443), balancer("TERMINATED_HTTPS", 443)),
        ("IVC167", redirecting(), merged(redirecting(), also("TCP", 443))),
        ("IVC167", merged(redirecting(), also("UDP", 443)), merged(redirecting(), also("TCP", "${var.port}"))),
        ("IVC167", redirecting("https://www.example.com:8443"), redirecting("http://www.example.com:8080")),
        ("IVC167", redirecting("https://www.example.com:8443"), redirecting("https://www.example.com:${var.port}")),
    ],
)
def test_what_is_given_to_all_is_found(id_: str, wrong: Json, right: Json) -> None:
    assert id_ in ids(wrong)
    assert id_ not in ids(right)


UNTOLD: Json = {"variable": {"who": {}}}


@pytest.mark.parametrize(
    "shared",
    [
        resource(CONTAINER, "c", container_read="${var.who}"),
        resource(CONTAINER, "c", container_write="${var.who}"),
        resource(IMAGE, "i", visibility="${var.who}"),
        resource(SHARE, "s", is_public="${var.who}"),
        resource(ACCESS, "a", access_type="ip", access_to="${var.who}"),
        resource(NETWORK, "n", shared="${var.who}"),
        resource("openstack_networking_rbac_policy_v2", "r", target_tenant="${var.who}"),
        port("p", allowed_address_pairs=[{"ip_address": "${var.who}"}]),
    ],
)
def test_what_only_apply_tells_is_no_finding_and_in_a_review_the_worse(tmp_path: Path, shared: Json) -> None:
    document = merged(UNTOLD, shared)
    assert {id_ for id_ in ids(document) if id_.startswith("IVC16")} == set()
    frame = {"terraform": {"required_providers": {"openstack": {"version": "3.4.0"}}}, "provider": {"openstack": [{}]}}
    dangers = told(tmp_path, merged(frame, UNTOLD), merged(frame, document)).values()
    assert "open" in {danger for each in dangers for danger in each}
