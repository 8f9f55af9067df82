"""What a review says of load balancers, all parts of one together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ivc import (
    App,
    Cidr,
    Listener,
    LoadBalancer,
    Network,
    OpenStackStack,
    Pool,
    PoolMember,
    SecurityGroup,
    Subnet,
    Tier,
    Vip,
)
from ivc.review import reviewer
from ivc.review.model import StackReview, Thing
from tests.helpers import backend


def site(
    stack: OpenStackStack,
    *,
    count: int = 2,
    weight: int = 1,
    route: bool = False,
    balanced: bool = True,
    **listener: Any,
) -> None:
    """A load balancer on a public network, before a tier."""
    internet, network = Network.lookup(stack, "Ext-Net", public=True), backend(stack)
    Subnet.lookup(stack, "floor", network=internet, cidr="203.0.113.0/24")
    nics = [network.nics(SecurityGroup(stack, "web"), first="10.0.0.11")]
    tier = Tier(stack, "web", count=count, image="Debian 12", flavor="b2-7", nics=nics)
    vip = Vip(stack, "www", network=internet, ip="203.0.113.9")
    if not balanced:
        return
    www = LoadBalancer(stack, "www", vip=vip)
    members = [PoolMember(one, weight=weight) for one in tier.instances]
    pool = Pool(www, "web", protocol="HTTP", port=8080, members=members, network=network)
    given: dict[str, Any] = {"protocol": "HTTP", "port": 80, "pool": pool}
    made = Listener(www, "http", **(given | listener))
    if route:
        made.route("v1", to=pool, path="/v1")


def reviewed(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> StackReview:
    outputs = []
    for side, said in (("before", before), ("after", after)):
        app = App(folder=folder, outdir=folder / side)
        site(OpenStackStack(app, "shop"), **said)
        app.synth()
        outputs.append(folder / side)
    (review,) = reviewer.review(base=outputs[0], head=outputs[1]).stacks
    return review


def of_balancer(review: StackReview) -> Thing:
    (found,) = (thing for thing in review.things if "openstack_lb_" in str([one.type for one in thing.resources]))
    return found


OFFICE = [Cidr("198.51.100.0/24")]
ITS_PARTS = "load balancer www: its listeners, pools and members change"


CHANGES: Mapping[str, tuple[dict[str, Any], dict[str, Any], str, set[str]]] = {
    "everybody may come in": (
        {"allowed_cidrs": OFFICE}, {}, f"{ITS_PARTS}; it opens tcp 80 to the world", {"open"},
    ),
    "only the office may come in": ({}, {"allowed_cidrs": OFFICE}, ITS_PARTS, set()),
    "a member more": ({"count": 2}, {"count": 3}, ITS_PARTS, set()),
    "a member less": (
        {"count": 3}, {"count": 2}, f"{ITS_PARTS}; its members www_web lose some, which get no requests any more",
        {"stop"},
    ),
    "a member without weight": (
        {}, {"weight": 0}, f"{ITS_PARTS}; its members www_web have one that gets no requests any more", {"stop"},
    ),
    "a route": ({}, {"route": True}, ITS_PARTS, set()),
    "another port": ({}, {"port": 8080}, f"{ITS_PARTS}; it opens tcp 8080 to the world", {"open", "replace"}),
    # The address is that of a port, which stays.
    "it goes": ({}, {"balanced": False}, "load balancer www will be destroyed", {"destroy"}),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "headline", "dangers"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_of_the_load_balancer(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], headline: str, dangers: set[str]
) -> None:
    thing = of_balancer(reviewed(tmp_path, before, after))
    assert str(thing.headline) == headline
    assert {one.value for one in thing.dangers} == dangers
