"""What is drawn of a stack."""

from __future__ import annotations

from typing import Any

import pytest

from ivc.diagram import of_stack, ways
from ivc.diagram.picture import WORLD, Box, Picture, Tie
from ivc.estate import Stack
from ivc.estate.reach import between
from ivc.policies.facts import GROUP, NETWORK, PORT, RULE
from tests.diagram.estates import (
    ASSOCIATION,
    balancer,
    floating_ip,
    forty_servers,
    free_port,
    group,
    network,
    nic,
    outside,
    router,
    server_with,
    stack,
)
from tests.policies.documents import Json, data, merged, resource

BACKEND = network("backend", "10.0.0.0/24")


def drawn(*documents: Json) -> Picture:
    return of_stack(stack(*documents))


def box(picture: Picture, title: str) -> Box:
    (found,) = (one for one in picture.boxes if one.title == title)
    return found


def ties(picture: Picture, title: str) -> list[tuple[str | None, str, str]]:
    """Of a box: the network's name, what it has there, and what kind of line it is."""
    names = {one.id: one.name for one in picture.networks}
    return [
        (names.get(tie.network or ""), ", ".join([*tie.words, *tie.more]), tie.kind) for tie in box(picture, title).ties
    ]


def reached(picture: Picture, title: str) -> list[str]:
    """Who reaches a box, a line each."""
    titles = {one.id: one.title for one in picture.boxes} | {WORLD: "the world"}
    return [
        f"{', '.join(titles[source] for source in one.sources)}: {'' if one.certain else 'perhaps '}{one.words}"
        for one in box(picture, title).reached or ()
    ]


def test_a_server_hangs_at_its_networks_with_its_addresses_and_groups() -> None:
    www = server_with("www", nic("data.Ext-Net", "web"), nic("backend", ip="10.0.0.11"))
    picture = drawn(outside(), BACKEND, group("web"), www)
    assert ties(picture, "www") == [
        ("Ext-Net", "an automatic address, group web", "joined"),
        ("backend", "10.0.0.11, no group", "joined"),
    ]


def test_networks_that_the_internet_reaches_come_first_then_those_of_which_nobody_tells() -> None:
    picture = drawn(BACKEND, outside("office", public=None), outside("lab", public=False), outside())
    assert [(one.name, one.public) for one in picture.networks] == [
        ("Ext-Net", True),
        ("office", None),
        ("backend", False),
        ("lab", False),
    ]


def test_servers_that_are_alike_are_one_box_that_names_each() -> None:
    servers = [server_with(f"web-{n}", nic("backend", "web", ip=f"10.0.0.{n}")) for n in (10, 2, 1, 3)]
    picture = drawn(BACKEND, group("web"), group("db"), *servers, server_with("web-4", nic("backend", "db")))
    assert [one.title for one in picture.boxes] == ["web-1 to web-3, web-10", "web-4"]
    members = box(picture, "web-1 to web-3, web-10").members
    assert [(one.name, [address for _, address in one.addresses]) for one in members] == [
        (f"web-{n}", [f"10.0.0.{n}"]) for n in (1, 2, 3, 10)
    ]


def test_a_rule_for_one_address_tells_servers_apart_that_are_alike_otherwise() -> None:
    servers = [server_with(f"web-{n}", nic("backend", "web", ip=f"10.0.0.{n}")) for n in (1, 2, 3)]
    one = resource(
        RULE, "one", direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=3306, port_range_max=3306,
        remote_ip_prefix="10.0.0.2/32", security_group_id=f"${{{GROUP}.db.id}}",
    )  # fmt: skip
    picture = drawn(BACKEND, group("web"), group("db"), one, *servers, server_with("db", nic("backend", "db")))
    assert reached(picture, "db") == ["web-2: tcp 3306 (IPv4 only)"]
    assert [each.title for each in picture.boxes] == ["db", "web-1, web-3", "web-2"]


def test_who_reaches_whom() -> None:
    picture = drawn(
        outside(), BACKEND, group("web", world=[80, 443]), group("db", web=[3306]),
        *(server_with(f"www-{n}", nic("data.Ext-Net", "web"), nic("backend", "web")) for n in (1, 2)),
        server_with("db", nic("backend", "db")),
    )  # fmt: skip
    assert reached(picture, "db") == ["www-1, www-2: tcp 3306 (IPv4 only)"]
    assert reached(picture, "www-1, www-2") == [
        "the world: tcp 80, 443 (IPv4 only)",
        "db, www-1, www-2: tcp 80, 443 (IPv4 only)",
    ]


def test_a_way_in_from_the_internet_tells_servers_apart() -> None:
    servers = [server_with(f"web-{n}", nic("backend", "web", ip=f"10.0.0.{n}")) for n in (1, 2)]
    picture = drawn(
        outside(), BACKEND, group("web", world=[80]), *servers, floating_ip("f", "web-2_0", ip="203.0.113.7")
    )
    assert reached(picture, "web-1") == ["web-2: tcp 80 (IPv4 only)"]
    assert reached(picture, "web-2") == ["the world: tcp 80 (IPv4 only)", "web-1: tcp 80 (IPv4 only)"]


def test_groups_of_one_name_are_two() -> None:
    other = merged(resource(GROUP, "other", name="web"))
    servers = [server_with("a-1", nic("backend", "web")), server_with("a-2", nic("backend", "other"))]
    picture = drawn(BACKEND, group("web"), other, *servers)
    assert [one.title for one in picture.boxes] == ["a-1", "a-2"]


def test_one_server_alone_does_not_reach_itself() -> None:
    picture = drawn(BACKEND, group("db", db=[3306]), server_with("db", nic("backend", "db")))
    assert box(picture, "db").reached == ()


OFFICE = data(GROUP, "office", name="office")
THEIRS: Json = {"security_group_ids": [f"${{data.{GROUP}.office.id}}"]}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([outside(public=None), group("web", world=[22]), server_with("a", nic("data.Ext-Net", "web"))],
         ["the world: perhaps tcp 22 (IPv4 only)"]),
        ([outside(), OFFICE, server_with("a", nic("data.Ext-Net", **THEIRS))],
         ["the world: perhaps what the group office lets in"]),
        ([BACKEND, OFFICE, group("web"), *(server_with(*one) for one in (
            ("b", nic("backend", "web")), ("a", nic("backend", **THEIRS))))],
         ["b: perhaps what is not told here: office"]),
    ],
    ids=["a network", "a group", "a group between servers"],
)  # fmt: skip
def test_what_cannot_be_told_is_no_no(documents: list[Json], expected: list[str]) -> None:
    assert reached(drawn(*documents), "a") == expected


def test_a_router_joins_networks_and_leads_out() -> None:
    picture = drawn(outside(), BACKEND, network("lab", "10.9.0.0/24"), router("gate", "backend-0", "lab-0"))
    assert ties(picture, "gate") == [
        ("Ext-Net", "its way out", "outside"),
        ("backend", "", "joined"),
        ("lab", "", "joined"),
    ]


def test_a_router_without_a_way_out_says_so_and_of_one_that_is_looked_up_it_is_not_told() -> None:
    theirs = data("openstack_networking_router_v2", "theirs", name="theirs")
    picture = drawn(BACKEND, router("inner", "backend-0", out=None), theirs)
    assert box(picture, "inner").notes == ("no way out",)
    assert box(picture, "theirs").notes == ("looked up: its way out, and what else it joins, is not told here",)


def test_a_floating_ip_leads_to_a_servers_address() -> None:
    documents = [
        outside(),
        BACKEND,
        group("ops", world=[22]),
        server_with("bastion", nic("backend", "ops", ip="10.0.0.5")),
    ]
    picture = drawn(*documents, floating_ip("bastion", "bastion_0", ip="203.0.113.7"))
    assert ties(picture, "bastion")[1] == ("Ext-Net", "203.0.113.7, floating IP of 10.0.0.5", "floating")
    assert reached(picture, "bastion") == ["the world: tcp 22 (IPv4 only)"]
    assert reached(drawn(*documents, floating_ip("new")), "bastion") == []


def test_a_floating_ip_that_leads_nowhere_is_drawn_too() -> None:
    picture = drawn(outside(), floating_ip("spare", ip="203.0.113.9"), floating_ip("new"))
    assert [(one.kind, one.title, one.notes) for one in picture.boxes] == [
        ("floating IP", "new", ("leads to nothing that is told here",)),
        ("floating IP", "203.0.113.9", ("leads to nothing that is told here",)),
    ]


def test_a_floating_ip_may_lead_to_what_is_not_drawn() -> None:
    theirs = data("openstack_networking_port_v2", "theirs", name="theirs")
    led = resource(ASSOCIATION, "f", floating_ip="203.0.113.7", port_id=f"${{data.{PORT}.theirs.id}}")
    assert box(drawn(theirs, led), "203.0.113.7").notes == (f"leads to data.{PORT}.theirs",)


def vip(**given: Any) -> list[Json]:
    webs = [server_with(f"web-{n}", nic("backend", "web", ip=f"10.0.0.{n}", **given)) for n in (1, 2)]
    return [outside(), BACKEND, group("web", world=[80]), free_port("www", nic("backend", ip="10.0.0.100")), *webs]


@pytest.mark.parametrize("pair", ["10.0.0.100", "${openstack_networking_port_v2.www.all_fixed_ips[0]}"])
def test_a_vip_is_a_port_without_a_server_that_servers_may_use(pair: str) -> None:
    picture = drawn(*vip(vip=pair), floating_ip("www", "www", ip="203.0.113.7"))
    assert box(picture, "www").kind == "vip"
    assert box(picture, "www").notes == ("web-1, web-2 may use it",)
    assert ties(picture, "www") == [
        ("backend", "10.0.0.100", "joined"),
        ("Ext-Net", "203.0.113.7, floating IP", "floating"),
    ]
    assert reached(picture, "www") == ["the world: tcp 80 (IPv4 only)"]
    assert reached(picture, "web-1, web-2")[0] == "the world: tcp 80 (IPv4 only), by VIP www"
    assert ties(picture, "web-1, web-2") == [("backend", "group web, may use VIP www", "joined")]


def test_who_may_use_a_vip_is_told_apart_from_who_may_not() -> None:
    picture = drawn(*vip(vip="10.0.0.100"), server_with("web-3", nic("backend", "web", ip="10.0.0.3")))
    assert [one.title for one in picture.boxes] == ["www", "web-1, web-2", "web-3"]


def test_an_address_of_a_vip_in_another_network_is_another() -> None:
    other = network("other", "10.0.0.0/24")
    picture = drawn(*vip(), other, server_with("a", nic("other", "web", vip="10.0.0.100")))
    assert box(picture, "www").kind == "port"
    assert ties(picture, "a")[0][1] == "an automatic address, group web, may use 10.0.0.100"


def test_whether_the_internet_reaches_a_vip_may_be_unknown() -> None:
    of = "data.office"
    web = server_with("web", nic(of, "web", vip="192.0.2.9"))
    documents = [outside("office", public=None), group("web", world=[80]), free_port("www", nic(of, ip="192.0.2.9"))]
    assert reached(drawn(*documents, web), "www") == ["the world: perhaps tcp 80 (IPv4 only)"]


def test_a_vip_that_no_floating_ip_leads_to_is_not_reached_from_the_internet() -> None:
    picture = drawn(*vip(vip="10.0.0.100"))
    assert reached(picture, "www") == []
    assert reached(picture, "web-1, web-2") == ["web-1, web-2: tcp 80 (IPv4 only)"]


def test_a_port_that_nobody_may_use_is_a_port() -> None:
    picture = drawn(*vip())
    assert (box(picture, "www").kind, box(picture, "www").reached) == ("port", None)


def test_a_rule_for_the_address_of_a_vip_is_about_who_may_use_it() -> None:
    """Of the servers behind it, whose own addresses the rule does not name."""
    closed = merged(
        resource(GROUP, "asks", name="asks"),
        resource(
            RULE, "asks", direction="egress", ethertype="IPv4", protocol="tcp", port_range_min=80, port_range_max=80,
            remote_ip_prefix="10.0.0.100/32", security_group_id=f"${{{GROUP}.asks.id}}",
        ),
    )  # fmt: skip
    picture = drawn(*vip(vip="10.0.0.100"), closed, server_with("asks", nic("backend", "asks", ip="10.0.0.50")))
    assert "asks" in reached(picture, "web-1, web-2")[0]


def test_a_load_balancer_leads_to_its_members() -> None:
    servers = [server_with(f"app-{n}", nic("backend", "app", ip=f"10.0.0.{n}")) for n in (1, 2, 3)]
    of = f"data.{NETWORK}.Ext-Net"
    picture = drawn(outside(), BACKEND, group("app"), *servers, balancer("api", of, "10.0.0.1", "10.0.0.2", "10.7.7.7"))
    assert ties(picture, "api") == [("Ext-Net", "listens on HTTPS 443", "joined")]
    assert box(picture, "api").notes == ("HTTPS 443: pool api", "members that are no server of this stack: 10.7.7.7")
    assert reached(picture, "api") == ["the world: tcp 443"]
    assert reached(picture, "app-1 to app-3") == ["api: as members app-1, app-2 of pool api by tcp 8443"]


def test_a_load_balancer_of_others_hangs_at_a_network_that_nobody_tells() -> None:
    picture = drawn(
        resource(
            "openstack_lb_listener_v2", "http", name="http", protocol="HTTP", protocol_port=80, loadbalancer_id="1b9d"
        )
    )
    assert ties(picture, "1b9d") == [(None, "listens on HTTP 80", "joined")]
    assert reached(picture, "1b9d") == ["the world: perhaps tcp 80"]


def test_servers_that_a_load_balancer_lets_in_reach_it() -> None:
    asking = balancer("db", f"{NETWORK}.backend", port=3306)
    asking["resource"]["openstack_lb_listener_v2"]["db"] |= {"protocol": "TCP", "allowed_cidrs": ["10.0.0.1/32"]}
    out = {"direction": "egress", "ethertype": "IPv4", "security_group_id": f"${{{GROUP}.app.id}}"}
    servers = [server_with(f"app-{n}", nic("backend", "app", ip=f"10.0.0.{n}")) for n in (1, 2)]
    picture = drawn(BACKEND, group("app"), resource(RULE, "out", **out), *servers, asking)
    assert reached(picture, "db") == ["app-1: tcp 3306 (IPv4 only)"]


def test_a_pool_that_no_listener_leads_to_is_no_way() -> None:
    def picture(leads_to: str | None) -> Picture:
        apart = balancer("api", f"data.{NETWORK}.Ext-Net", "10.0.0.1")
        apart["resource"]["openstack_lb_listener_v2"]["api"]["default_pool_id"] = leads_to
        return drawn(outside(), BACKEND, group("app"), server_with("app", nic("backend", "app", ip="10.0.0.1")), apart)

    assert reached(picture(None), "app") == []
    assert box(picture(None), "api").notes == ("HTTPS 443: leads nowhere",)
    # What is told by an id alone may be that one.
    assert reached(picture("1b9d"), "app") == ["api: perhaps as member of pool api by tcp 8443"]


def test_what_a_load_balancer_does_and_what_things_are_called_stands_in_their_boxes() -> None:
    listener, pool, policy = (f"openstack_lb_{one}_v2" for one in ("listener", "pool", "l7policy"))
    to = {"listener_id": f"${{{listener}.api.id}}", "redirect_pool_id": f"${{{pool}.api.id}}"}
    path = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/v1/"}
    routed = merged(
        balancer("api", f"data.{NETWORK}.Ext-Net", "10.0.0.1"),
        resource(policy, "v1", action="REDIRECT_TO_POOL", **to),
        resource("openstack_lb_l7rule_v2", "v1", l7policy_id=f"${{{policy}.v1.id}}", **path),
    )
    routed["resource"][listener]["api"] |= {
        "default_tls_container_ref": "${data.openstack_keymanager_container_v1.www.container_ref}",
        "allowed_cidrs": ["198.51.100.0/24"],
    }
    certificate = {"data": {"openstack_keymanager_container_v1": {"www": {"name": "www.example"}}}}
    records = [
        resource("openstack_dns_recordset_v2", name, zone_id="z", name=f"{name}.example.", type=type_, records=[record])
        for name, type_, record in (
            ("app", "A", "10.0.0.1"),
            ("www", "CNAME", "app.example."),
            ("loop", "CNAME", "loop.example."),
        )
    ]
    server = server_with("app", nic("backend", "app", ip="10.0.0.1"))
    picture = drawn(outside(), BACKEND, group("app"), server, routed, certificate, *records)
    assert box(picture, "api").notes == (
        "HTTPS 443 from 198.51.100.0/24: /v1/* → pool api; all else → pool api; certificate www.example",
    )
    assert box(picture, "app").notes == ("called app.example, www.example",)


def test_where_nothing_filters_it_says_so() -> None:
    picture = drawn(BACKEND, server_with("a", nic("backend", port_security_enabled=False)))
    assert ties(picture, "a") == [("backend", "an automatic address, unfiltered", "joined")]


def test_a_network_of_which_only_the_name_is_told_is_drawn() -> None:
    picture = drawn(resource("openstack_compute_instance_v2", "a", name="a", network=[{"name": "lab"}]))
    assert [(one.name, one.public, one.made) for one in picture.networks] == [("lab", None, None)]
    assert box(picture, "a").ties == (Tie(picture.networks[0].id, ("an automatic address",), ("group default",)),)


def test_what_may_join_networks_that_are_looked_up_is_noted() -> None:
    office = drawn(outside("office", public=False), server_with("a", nic("data.office")))
    assert office.notes == ("Routers that are not told here may join office with other networks.",)
    assert drawn(BACKEND, outside(), server_with("a", nic("data.Ext-Net"))).notes == ()


def test_forty_servers_are_five_rows_and_a_few() -> None:
    picture = of_stack(forty_servers())
    assert (picture.servers, len(picture.networks)) == (40, 5)
    assert [one.title for one in picture.boxes if one.kind == "servers"] == [
        "app-1 to app-12",
        "bastion-1, bastion-2",
        "db-1 to db-7",
        "legacy",
        "web-1 to web-18",
    ]


def test_of_servers_that_are_alike_reach_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else three hundred servers were ninety thousand questions."""
    asked = []

    def counted(whole: Stack, *pair: Any) -> Any:
        asked.append(pair)
        return between(whole, *pair)

    monkeypatch.setattr(ways, "between", counted)
    groups = ("web", "app", "db")
    servers = [server_with(f"{one}-{n}", nic("backend", one, ip=f"10.0.0.{n}")) for one in groups for n in range(1, 40)]
    drawn(BACKEND, *map(group, groups), *servers)
    assert len(asked) == 9


def test_a_box_of_a_router_is_reached_by_nobody_asked() -> None:
    assert box(drawn(BACKEND, router("inner", "backend-0", out=None)), "inner").reached is None


def test_passages_that_are_certain_come_first() -> None:
    both = [*THEIRS["security_group_ids"], f"${{{GROUP}.web.id}}"]
    documents = [outside(), OFFICE, group("web", world=[22]), server_with("b", nic("data.Ext-Net", "web"))]
    picture = drawn(*documents, server_with("a", nic("data.Ext-Net", security_group_ids=both)))
    assert [(one.sources, one.certain) for one in box(picture, "a").reached or ()] == [
        ((WORLD,), True),
        ((box(picture, "b").id,), True),
        ((WORLD,), False),
        ((box(picture, "b").id,), False),
    ]


def test_a_range_that_a_group_lets_in_is_told_in_the_box() -> None:
    office = {"remote_ip_prefix": "198.51.100.0/24", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    said = {"direction": "ingress", "ethertype": "IPv4", "security_group_id": f"${{{GROUP}.web.id}}"} | office
    picture = drawn(
        outside(), group("web"), resource(RULE, "office", **said), server_with("www", nic("data.Ext-Net", "web"))
    )
    assert box(picture, "www").notes == ("lets in 198.51.100.0/24: tcp 22",)
