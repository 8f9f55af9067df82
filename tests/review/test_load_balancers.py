"""What a review says of load balancers, all parts of one together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ivc import (
    App,
    Cidr,
    FloatingIp,
    Instance,
    Listener,
    LoadBalancer,
    Monitor,
    Network,
    OpenStackStack,
    Pool,
    PoolMember,
    Router,
    SecurityGroup,
    Subnet,
    Tier,
    Vip,
)
from ivc.review import balancing_changes, other_changes, reviewer
from ivc.review.compare import compare
from ivc.review.model import Action, Attribute, Danger, Resource, StackReview, Thing
from ivc.review.reviewer import PlanFile
from ivc.review.side import Side
from ivc.terraform.document import Document
from tests.helpers import backend
from tests.review.planner import planned


def site(
    stack: OpenStackStack,
    *,
    count: int = 2,
    last: Mapping[str, Any] | None = None,
    routes: Mapping[str, str] | None = None,
    pools: Sequence[str] = ("web",),
    leads_to: str | None = "web",
    members: bool = True,
    monitor: Monitor | None = Monitor("TCP"),  # noqa: B008 - it is a value that nobody changes
    balanced: bool = True,
    **listener: Any,
) -> None:
    """A load balancer on a public network, before a tier.

    last: what the last member has of its own. routes: by path, the pool.
    """
    internet, network = Network.lookup(stack, "Ext-Net", public=True), backend(stack)
    Subnet.lookup(stack, "floor", network=internet, cidr="203.0.113.0/24")
    nics = [network.nics(SecurityGroup(stack, "web"), first="10.0.0.11")]
    tier = Tier(stack, "web", count=count, image="Debian 12", flavor="b2-7", nics=nics)
    vip = Vip(stack, "www", network=internet, ip="203.0.113.9")
    if not balanced:
        return
    www = LoadBalancer(stack, "www", vip=vip)
    servers = tier.instances
    behind: list[Instance | PoolMember] = [*servers[:-1], PoolMember(servers[-1], **(last or {}))] if members else []
    made = {
        name: Pool(www, name, protocol="HTTP", port=8080, members=behind, network=network, monitor=monitor)
        for name in pools
    }
    given: dict[str, Any] = {"protocol": "HTTP", "port": 80, "pool": made[leads_to] if leads_to else None}
    http = Listener(www, "http", **(given | listener))
    for path, pool in (routes or {}).items():
        http.route(path.strip("/"), to=made[pool], path=path)


def synthesized(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> tuple[Path, Path]:
    outputs = []
    for side, said in (("before", before), ("after", after)):
        app = App(folder=folder, outdir=folder / side)
        site(OpenStackStack(app, "shop"), **said)
        app.synth()
        outputs.append(folder / side)
    return outputs[0], outputs[1]


def reviewed(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> StackReview:
    base, head = synthesized(folder, before, after)
    (review,) = reviewer.review(base=base, head=head).stacks
    return review


def planned_review(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> StackReview:
    """What a plan alone says of the same."""
    raw = [json.loads((one / "stacks/shop/cdk.tf.json").read_text()) for one in synthesized(folder, before, after)]
    (folder / "plan.json").write_text(json.dumps(planned(raw[0], raw[1])))
    (review,) = reviewer.review(plan=[PlanFile(folder / "plan.json")]).stacks
    return review


def of_balancer(review: StackReview) -> Thing:
    (found,) = (thing for thing in review.things if "openstack_lb_" in str([one.type for one in thing.resources]))
    return found


OFFICE = [Cidr("198.51.100.0/24")]
WWW = "load balancer www"
TWO: dict[str, Any] = {"pools": ("web", "api")}
ROUTED: dict[str, Any] = TWO | {"routes": {"/api/": "api"}}


@dataclass(frozen=True)
class Change:
    """A change, and what is said of it: first, after the name of the load balancer, then in detail."""

    before: dict[str, Any]
    after: dict[str, Any]
    headline: str
    details: Sequence[str] = ()
    dangers: frozenset[str] = frozenset()


LESS = "its members www_web lose some, which get no requests any more"
CHANGES = {
    "everybody may come in": Change(
        {"allowed_cidrs": OFFICE},
        {},
        "its listeners change; it opens tcp 80 to the world",
        [
            "listener http: lets in anybody instead of 198.51.100.0/24",
            "the world comes to reach web-1 (10.0.0.11:8080) and web-2 (10.0.0.12:8080), by tcp 80",
        ],
        frozenset({"open"}),
    ),
    "only the office may come in": Change(
        {},
        {"allowed_cidrs": OFFICE},
        "its listeners change",
        ["listener http: lets in 198.51.100.0/24 instead of anybody"],
    ),
    "a member more": Change(
        {"count": 2},
        {"count": 3},
        "its members change",
        [
            "pool web: member web-3 (10.0.0.13:8080) comes",
            "the world comes to reach web-3 (10.0.0.13:8080), by tcp 80",
        ],
    ),
    "many members more": Change(
        {},
        {"count": 20},
        "its members change",
        [
            "pool web: members web-3 (10.0.0.13:8080), web-4 (10.0.0.14:8080), web-5 (10.0.0.15:8080), "
            "web-6 (10.0.0.16:8080) and 14 more come",
            "the world comes to reach web-3 (10.0.0.13:8080), web-4 (10.0.0.14:8080), web-5 (10.0.0.15:8080), "
            "web-6 (10.0.0.16:8080) and 14 more, by tcp 80",
        ],
    ),
    "a member more, which has things of its own": Change(
        {"count": 1},
        {"count": 2, "last": {"weight": 5, "backup": True}},
        "its members change",
        [
            "pool web: member web-2 (10.0.0.12:8080) comes, with the weight 5, as a backup",
            "the world comes to reach web-2 (10.0.0.12:8080), by tcp 80",
        ],
    ),
    "a member less": Change(
        {"count": 3},
        {"count": 2},
        f"its members change; {LESS}",
        ["pool web: member web-3 (10.0.0.13:8080) goes"],
        frozenset({"stop"}),
    ),
    "another weight": Change(
        {}, {"last": {"weight": 5}}, "its members change", ["pool web: member web-2 (10.0.0.12:8080): weight 1 → 5"]
    ),
    "a member without weight": Change(
        {},
        {"last": {"weight": 0}},
        "its members change; its members www_web have one that gets no requests any more",
        ["pool web: member web-2 (10.0.0.12:8080): weight 1 → 0, so that it gets nothing new"],
        frozenset({"stop"}),
    ),
    "no member gets anything": Change(
        {"count": 1},
        {"count": 1, "last": {"weight": 0}},
        "its members change; pool web is left without members that get any; its members www_web have one that gets no "
        "requests any more",
        ["pool web: member web-1 (10.0.0.11:8080): weight 1 → 0, so that it gets nothing new"],
        frozenset({"stop"}),
    ),
    "no members": Change(
        {},
        {"members": False},
        f"its members change; pool web is left without members; {LESS}",
        ["pool web: member web-1 (10.0.0.11:8080) goes", "pool web: member web-2 (10.0.0.12:8080) goes"],
        frozenset({"stop"}),
    ),
    "another port of a member": Change(
        {},
        {"last": {"port": 8081}},
        "its members change",
        [
            "pool web: member web-2 (10.0.0.12:8080) goes",
            "pool web: member web-2 (10.0.0.12:8081) comes",
            "the world comes to reach web-2 (10.0.0.12:8081), by tcp 80",
        ],
    ),
    "a route comes": Change(TWO, ROUTED, "its routes change", ["listener http: route /api/* → pool api comes"]),
    "a route goes": Change(
        ROUTED, TWO, "its routes change", ["listener http: route /api/* → pool api goes"], frozenset({"destroy"})
    ),
    "a route leads elsewhere": Change(
        ROUTED,
        TWO | {"routes": {"/api/": "web"}},
        "its routes change",
        ["listener http: route /api/* → pool api becomes /api/* → pool web"],
    ),
    "another pool": Change(
        TWO, TWO | {"leads_to": "api"}, "its listeners change", ["listener http: leads to pool api instead of pool web"]
    ),
    "a pool comes": Change(
        {},
        TWO,
        "its pools, members and monitors change",
        ["pool api comes: web-1 (10.0.0.11:8080) and web-2 (10.0.0.12:8080)"],
    ),
    "a monitor asks otherwise": Change(
        {}, {"monitor": Monitor("TCP", delay=10)}, "its monitors change", ["monitor of pool web: delay 5 → 10"]
    ),
    "a monitor goes": Change(
        {},
        {"monitor": None},
        "its monitors change",
        ["monitor of pool web goes: nobody asks any more which of its members work"],
        frozenset({"destroy"}),
    ),
    "another port": Change(
        {},
        {"port": 8080},
        "its listeners change; it opens tcp 8080 to the world",
        [
            "listener http (HTTP 8080) is made anew: protocol_port 80 → 8080",
            "the world comes to reach web-1 (10.0.0.11:8080) and web-2 (10.0.0.12:8080), by tcp 8080",
        ],
        frozenset({"open", "replace"}),
    ),
}


@pytest.mark.parametrize("told", [reviewed, planned_review])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_of_the_load_balancer(tmp_path: Path, change: Change, told: Any) -> None:
    thing = of_balancer(told(tmp_path, change.before, change.after))
    assert str(thing.headline) == f"{WWW}: {change.headline}"
    assert [str(one) for one in thing.details] == change.details
    assert {one.value for one in thing.dangers} == change.dangers


# The address is that of a port, which stays.
def test_one_that_goes_is_told_without_its_parts(tmp_path: Path) -> None:
    thing = of_balancer(reviewed(tmp_path, {}, {"balanced": False}))
    assert (str(thing.headline), thing.details) == (f"{WWW} will be destroyed", ())


def test_of_one_that_comes_it_is_told_what_it_does(tmp_path: Path) -> None:
    thing = of_balancer(reviewed(tmp_path, {"balanced": False}, ROUTED | {"allowed_cidrs": OFFICE}))
    assert [str(one) for one in thing.details] == [
        "listener http (HTTP 80) comes: /api/* → pool api; all else → pool web; lets in 198.51.100.0/24 alone",
        "pool api comes: web-1 (10.0.0.11:8080) and web-2 (10.0.0.12:8080)",
        "pool web comes: web-1 (10.0.0.11:8080) and web-2 (10.0.0.12:8080)",
    ]


def test_a_floating_ip_opens_the_members_behind_it(tmp_path: Path) -> None:
    outputs = []
    for side in ("before", "after"):
        app = App(folder=tmp_path, outdir=tmp_path / side)
        stack = OpenStackStack(app, "shop")
        internet, network = Network.lookup(stack, "Ext-Net", public=True), backend(stack)
        Router(stack, "gate", external_network=internet).add_interface(network)
        nics = [network.nics(SecurityGroup(stack, "web"), first="10.0.0.11")]
        tier = Tier(stack, "web", count=1, image="Debian 12", flavor="b2-7", nics=nics)
        address = FloatingIp(stack, "www", network=internet) if side == "after" else None
        www = LoadBalancer(stack, "www", vip=Vip(stack, "www", network=network, ip="10.0.0.100", floating_ip=address))
        pool = Pool(www, "web", protocol="HTTP", port=8080, members=tier)
        # Who is let in says nothing of addresses of the other kind.
        Listener(www, "http", protocol="HTTP", port=80, pool=pool, allowed_cidrs=[Cidr("0.0.0.0/0")])
        app.synth()
        outputs.append(tmp_path / side)
    (review,) = reviewer.review(base=outputs[0], head=outputs[1]).stacks
    (thing,) = (thing for thing in review.things if thing.kind == "load balancer")
    assert [str(one) for one in thing.details] == [
        "the world comes to reach web-1 (10.0.0.11:8080), by tcp 80 (IPv4 only)"
    ]
    assert thing.dangers == (Danger.OPEN,)


def test_a_listener_that_leads_nowhere_any_more(tmp_path: Path) -> None:
    said = ROUTED | {"leads_to": None}
    base, head = synthesized(tmp_path, said, said)
    file = head / "stacks/shop/cdk.tf.json"
    document = json.loads(file.read_text())
    for type_ in ("openstack_lb_l7policy_v2", "openstack_lb_l7rule_v2"):
        del document["resource"][type_]
    file.write_text(json.dumps(document))
    (review,) = reviewer.review(base=base, head=head).stacks
    thing = of_balancer(review)
    assert str(thing.headline) == f"{WWW}: its routes change; listener http leads nowhere any more"
    assert [str(one) for one in thing.details] == ["listener http: route /api/* → pool api goes"]
    assert Danger.STOP in thing.dangers


def members(*said: str) -> str:
    return ", ".join(sorted(json.dumps({"protocol_port": 80, "weight": 1} | json.loads(one)) for one in said))


WWW_1, WWW_2, UNTOLD = (
    '{"name": "www-1", "address": "10.0.0.1"}',
    '{"name": "www-2", "address": "10.0.0.2"}',
    # A plan leaves out what it does not know.
    '{"name": "www-3"}',
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([WWW_1], [WWW_1, UNTOLD], ["pool web: member www-3 (an address known only at apply, port 80) comes"]),
        ([WWW_1, WWW_2], [WWW_2], ["pool web: member www-1 (10.0.0.1:80) goes"]),
        (
            [WWW_1, WWW_2],
            [],
            ["pool web: member www-1 (10.0.0.1:80) goes", "pool web: member www-2 (10.0.0.2:80) goes"],
        ),
        ([], ['{"address": "2001:db8::1"}'], ["pool web: member [2001:db8::1]:80 comes"]),
    ],
)
def test_members_are_told_one_by_one(before: list[str], after: list[str], expected: list[str]) -> None:
    assert told(members(*before), members(*after)) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # It may be the very member that goes.
        (members(WWW_1), members(UNTOLD)),
        ("(sensitive)", "(sensitive)"),
        # Two that nobody can tell apart.
        (members(WWW_1), members(WWW_1, WWW_1)),
    ],
)
def test_members_of_which_nobody_tells_which_is_which_are_shown_as_they_stand(before: str, after: str) -> None:
    assert told(before, after) == [f"pool web: member {before} → {after}"]


def test_members_that_only_apply_tells_are_said_to_be_that() -> None:
    said = told(members(WWW_1, WWW_2), "(known after apply)")
    assert said == ["pool web: member 10.0.0.1:80, 10.0.0.2:80 → (known after apply)"]


@pytest.mark.parametrize("action", [Action.DESTROY, Action.CREATE, Action.REPLACE, Action.FORGET, Action.IMPORT])
@pytest.mark.parametrize("type_", sorted(balancing_changes.PARTS))
def test_a_part_that_is_in_neither_document_is_told_all_the_same(type_: str, action: Action) -> None:
    side = Side.empty("shop")
    parts = [Resource(f"{type_}.web (deposed 1b9d)", action)]
    assert other_changes.thing(parts[0].address, side, side, parts).headline


def told(before: str, after: str) -> list[str]:
    """What is said of a set of members that changes."""
    side = Side.of_document(
        Document.of(
            "shop",
            {
                "resource": {
                    "openstack_lb_pool_v2": {"web": {"name": "web", "protocol": "HTTP"}},
                    "openstack_lb_members_v2": {"web": {"pool_id": "${openstack_lb_pool_v2.web.id}"}},
                }
            },
        )
    )
    change = Resource("openstack_lb_members_v2.web", Action.UPDATE, (Attribute("member", before or None, after),))
    return [str(one) for one in other_changes.thing("openstack_lb_pool_v2.web", side, side, [change]).details]


@pytest.mark.parametrize(
    ("whose", "kind"), [("${data.openstack_lb_loadbalancer_v2.theirs.id}", "load balancer"), ("1b9d5a", "listener")]
)
def test_a_listener_on_another_s_load_balancer_may_open_it(whose: str, kind: str) -> None:
    def side(**listener: Any) -> Side:
        given = {"name": "http", "protocol": "HTTP", "protocol_port": 80, "loadbalancer_id": whose}
        raw = {
            "data": {"openstack_lb_loadbalancer_v2": {"theirs": {"name": "theirs"}}},
            "resource": {"openstack_lb_listener_v2": {"http": given | listener}},
        }
        return Side.of_document(Document.of("shop", raw))

    before, after = side(allowed_cidrs=["198.51.100.0/24"]), side()
    before = replace(before, assumed=before.unknowns & after.unknowns)
    changes = compare(before.document, after.document)
    address = other_changes.owner("openstack_lb_listener_v2.http", before, after)
    thing = other_changes.thing(address, before, after, changes)
    assert thing.kind == kind
    assert str(thing.headline).endswith("it may open tcp 80 to the world")
    assert thing.dangers == (Danger.OPEN,)
    assert thing.possible == {Danger.OPEN}
