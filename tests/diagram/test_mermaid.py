"""The Mermaid flowchart's text. That Mermaid 11 draws it was looked at once."""

from __future__ import annotations

import re

from hypothesis import example, given, settings

from ivc.diagram import mermaid, of_stack
from ivc.diagram.picture import WORLD, Box, DrawnNetwork, Member, Passage, Picture, Tie
from tests.diagram.estates import forty_servers
from tests.diagram.test_layout import pictures

NETWORKS = (
    DrawnNetwork("n0", "Ext-Net", True, False, ()),
    DrawnNetwork("n1", "backend", False, True, ("10.0.0.0/24",)),
)


def chart(*boxes: Box, networks: tuple[DrawnNetwork, ...] = NETWORKS, notes: tuple[str, ...] = ()) -> list[str]:
    picture = Picture("shop", len(boxes), networks, boxes, notes)
    return [line.strip() for line in mermaid.render(picture).splitlines()]


def test_networks_servers_and_who_reaches_them() -> None:
    reached = (Passage((WORLD,), "tcp 80", certain=True), Passage(("s1",), "icmp", certain=False))
    lines = chart(
        Box("s0", "servers", "www", (Tie("n0", (), ("group web",)), Tie("n1", ("10-11",), ())), reached=reached),
        Box("s1", "servers", "db", (), reached=()),
    )
    assert lines == [
        "flowchart LR",
        'world(["The Internet"])',
        'n0(["Ext-Net<br/>public"])',
        'n1(["backend<br/>private<br/>10#46;0#46;0#46;0#47;24"])',
        's0["www<br/>server"]',
        's1["db<br/>server"]',
        "world --- n0",
        'n0 ---|"group web"| s0',
        'n1 ---|"10-11"| s0',
        'world ==>|"tcp 80"| s0',
        's1 -.->|"perhaps icmp"| s0',
        "linkStyle 3,4 stroke:#bc4c00,stroke-width:2px",
    ]


def test_a_network_that_is_not_told_is_said_in_the_box() -> None:
    assert 's0["www<br/>server<br/>on a network that is not told here"]' in chart(
        Box("s0", "servers", "www", (Tie(None, ()),), reached=())
    )


def test_an_address_of_an_outside_network_that_is_not_told_is_said_in_the_box() -> None:
    tie = Tie(None, ("203-0-113-7",), ("floating IP",), kind="floating")
    assert (
        's0["bastion<br/>server<br/>203-0-113-7#44; floating IP on an outside network that is not told here"]'
        in chart(Box("s0", "servers", "bastion", (tie,), reached=()))
    )


def test_the_internet_is_drawn_where_it_reaches_something() -> None:
    private = NETWORKS[1:]
    reached = (Passage((WORLD,), "icmp", certain=True),)
    internet = 'world(["The Internet"])'
    assert internet in chart(Box("s0", "servers", "www", (), reached=reached), networks=private)
    assert internet not in chart(Box("s0", "servers", "world", (Tie("n1", ("world",)),), reached=()), networks=private)


def test_whether_the_internet_reaches_a_network_may_be_unknown() -> None:
    lines = chart(networks=(DrawnNetwork("n0", "office", None, False, ()),))
    assert 'n0(["office<br/>perhaps public"])' in lines
    assert 'world -.-|"perhaps"| n0' in lines


def test_servers_that_are_alike_are_listed_in_their_box_and_what_they_reach_of_each_other() -> None:
    members = (Member("web-1", (("n1", "10-1"),)), Member("web-2", ()))
    lines = chart(Box("s0", "servers", "web", (), members=members, reached=(Passage(("s0",), "icmp", certain=True),)))
    assert 's0["web<br/>2 servers<br/>web-1 10-1<br/>web-2<br/>each other#44; icmp"]' in lines
    assert not any("s0 ==>" in line for line in lines)


def test_of_very_many_boxes_it_says_how_many_are_left_out() -> None:
    boxes = tuple(Box(f"s{n}", "servers", f"www-{n}", (Tie("n1", ("10.0.0.1",), ()),), reached=()) for n in range(50))
    lines = chart(*boxes)
    assert sum('<br/>server"]' in line for line in lines) == 40
    assert 'rest["and 10 more boxes#44; which ivc diagram draws as SVG"]' in lines


def test_of_very_many_ways_the_worlds_are_drawn_first() -> None:
    inner = tuple(Passage((f"s{n}",), f"tcp {n}", certain=True) for n in range(1, 30))
    boxes = [Box(f"s{n}", "servers", f"www-{n}", (), reached=inner) for n in range(29)]
    last = Box("s29", "servers", "last", (), reached=(*inner, Passage((WORLD,), "tcp 443", certain=True)))
    lines = chart(*boxes, last)
    assert 'world ==>|"tcp 443"| s29' in lines
    assert sum(" ==>|" in line for line in lines) == 80
    assert any("more ways to reach them" in line for line in lines)


def test_what_cannot_be_told_of_the_whole_stands_below() -> None:
    assert 'rest["Routers that are not told here"]' in chart(notes=("Routers that are not told here",))


def check(text: str) -> None:
    bare = re.sub(r'"[^"\n]*"', "", text)
    declared = set(re.findall(r"^    (\w+)[\[({]", bare, re.MULTILINE))
    edges = re.findall(r"^    (\w+) (?:---|==>|-\.->|-\.-)(?:\|\|)? (\w+)$", bare, re.MULTILINE)
    styled = re.findall(r"linkStyle ([\d,]+) ", bare)
    known = len(edges) + len(re.findall(r"^    \w+[\[({]+[/]?[\\]?[\])}]+$", bare, re.MULTILINE))
    assert {end for edge in edges for end in edge} <= declared
    assert known + 1 + len(re.findall(r"^    (?:style|linkStyle) ", bare, re.MULTILINE)) == len(text.splitlines())
    assert all(int(number) < len(edges) for numbers in styled for number in numbers.split(","))
    assert len(edges) <= 500
    assert len(text) <= 50_000
    assert set(re.findall(r"[^\w\s]", " ".join(re.findall(r'"([^"\n]*)"', text.replace("<br/>", " "))))) <= set("#;-")


@settings(deadline=None, max_examples=60)
@given(picture=pictures())
@example(picture=of_stack(forty_servers()))
def test_whatever_names_say_each_line_is_mermaids(picture: Picture) -> None:
    check(mermaid.render(picture))


def test_of_a_huge_stack_the_text_is_one_that_mermaid_takes() -> None:
    ranges = tuple("." * 60 for _ in range(3))
    networks = tuple(DrawnNetwork(f"n{n}", "." * 60, False, True, ranges) for n in range(60))
    members = tuple(Member("." * 60, ()) for _ in range(12))
    ties = tuple(Tie(network.id, ("." * 60,), ()) for network in networks)
    reached = (Passage(("s59", "s0"), "." * 60, certain=True),)
    boxes = tuple(Box(f"s{n}", "servers", "." * 60, ties[:n], members=members, reached=reached) for n in range(60))
    check(mermaid.render(Picture("shop", 60, networks, boxes, ())))
