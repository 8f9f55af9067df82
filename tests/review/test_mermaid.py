"""The diagram's text. That Mermaid draws it was looked at once: docs/pictures."""

import re

from hypothesis import given, settings

from ivc.review.model import Action, Edge, Node, Review, Topology
from ivc.review.output import mermaid
from tests.review import samples


def diagram(*nodes: Node, edges: tuple[Edge, ...] = (), left_out: int = 0) -> list[str]:
    return [line.strip() for line in mermaid.diagram(Topology(nodes, edges, left_out)).splitlines()]


def server_node(name: str, action: Action = Action.NONE) -> Node:
    return Node(name, "instance", name, action)


def network(name: str, *, public: bool = False) -> Node:
    return Node(name, "network", name, Action.NONE, public=public)


def test_a_server_is_joined_to_its_networks() -> None:
    lines = diagram(
        network("Ext-Net", public=True),
        server_node("www"),
        edges=(Edge("www", "Ext-Net", "203.0.113.5", Action.NONE),),
    )
    assert lines[:4] == [
        "flowchart LR",
        'n0(["Ext-Net<br/>public"])',
        'n1["www"]',
        'n1 ---|"203#46;0#46;113#46;5"| n0',
    ]


def test_a_change_has_a_word_a_shape_and_a_colour() -> None:
    lines = diagram(*(server_node(action.value, action) for action in Action))
    changed = [line for line in lines if re.match(r"n\d", line)]
    assert 'n0{{"destroy<br/>destroyed"}}' in changed
    assert 'n2[["replace<br/>replaced"]]' in changed
    assert 'n3("create<br/>created")' in changed
    assert "class n0 destroy" in lines
    assert any(line.startswith("classDef destroy fill:#ffebe9,stroke:#cf222e") for line in lines)


def test_a_line_feed_in_a_name_does_not_break_its_label() -> None:
    """Mermaid breaks a line at a backslash and an n, also where the backslash is written as a reference."""
    assert f'n0["a#{ord("∖")};nb"]' in diagram(server_node("a\nb"))  # noqa: RUF001 - what looks like a backslash


def test_nics_that_come_and_go_have_another_line_and_a_word() -> None:
    edges = (Edge("a", "b", "", Action.CREATE), Edge("a", "b", "10.0.0.1", Action.DESTROY))
    lines = diagram(network("b"), server_node("a"), edges=edges)
    assert 'n1 ===|"new"| n0' in lines
    assert 'n1 -.-|"10#46;0#46;0#46;1 goes"| n0' in lines


def test_nothing_to_draw_is_no_diagram() -> None:
    assert mermaid.diagram(Topology((), (), left_out=7)) == ""


def test_of_many_servers_those_are_drawn_to_which_most_happens() -> None:
    nodes = [server_node(f"plain-{n}") for n in range(100)] + [server_node("gone", Action.DESTROY)]
    lines = diagram(*nodes, left_out=7)
    assert sum(line.startswith("class n") for line in lines) == 40
    assert any('"gone<br/>destroyed"' in line for line in lines)
    assert 'rest["and 61 more servers<br/>and 7 servers without any change"]' in lines


@settings(deadline=None, max_examples=30)
@given(review=samples.reviews)
def test_every_node_that_a_line_names_is_there(review: Review) -> None:
    for stack in review.stacks:
        text = mermaid.diagram(stack.topology)
        declared = set(re.findall(r"^    (n\d+)[\[({]", text, re.MULTILINE))
        named = set(re.findall(r"\bn\d+\b", re.sub(r'"[^"]*"', "", text)))
        assert named == declared
