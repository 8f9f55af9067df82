"""A topology as a Mermaid flowchart, which code hosts draw: servers and the networks they are on, the change marked.

What changes is told by a word and a shape besides its colour. Labels hold what came from outside with each sign that
Mermaid, Markdown or HTML might obey as a character reference; node ids are our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivc.review.model import Action, Edge, Node, Topology
from ivc.review.output import wording
from ivc.words.foreign_text import in_mermaid

# Mermaid refuses more than 500 edges, and people sooner.
_MOST_SERVERS = 40
_MOST_NICS = 120
_LONGEST_LABEL = 60


@dataclass(frozen=True)
class _Look:
    """How a server with this action is drawn: brackets for its shape, and a style readable on light and dark pages."""

    opening: str
    closing: str
    style: str


_PLAIN = _Look("[", "]", "fill:#f6f8fa,stroke:#8c959f,color:#1f2328")
_LOOKS: Mapping[Action, _Look] = {
    Action.DESTROY: _Look(
        "{{", "}}", "fill:#ffebe9,stroke:#cf222e,color:#82071e,stroke-width:3px,stroke-dasharray:6 3"
    ),
    Action.WIPE: _Look("[(", ")]", "fill:#ffebe9,stroke:#cf222e,color:#82071e,stroke-width:3px"),
    Action.REPLACE: _Look("[[", "]]", "fill:#fff1e5,stroke:#bc4c00,color:#762c00,stroke-width:2px"),
    Action.CREATE: _Look("(", ")", "fill:#dafbe1,stroke:#1a7f37,color:#044f1e,stroke-width:2px"),
    Action.UPDATE: _Look("[/", "/]", "fill:#ddf4ff,stroke:#0969da,color:#0a3069,stroke-width:2px"),
    Action.IMPORT: _Look("[/", "/]", "fill:#ddf4ff,stroke:#0969da,color:#0a3069,stroke-width:2px"),
    Action.FORGET: _Look("{{", "}}", "fill:#fff8c5,stroke:#9a6700,color:#4d2d00,stroke-dasharray:6 3"),
    Action.MOVE: _Look("[/", "/]", "fill:#ddf4ff,stroke:#0969da,color:#0a3069"),
    Action.NONE: _PLAIN,
}
_NETWORK = _Look("([", "])", "")
_LINES: Mapping[Action, str] = {Action.DESTROY: "-.-", Action.CREATE: "==="}


def diagram(topology: Topology) -> str:
    """The flowchart's text, without a fence; empty where there is nothing to draw.

    Of very many servers it shows those to which most happens, and says how many more there are.
    """
    shown = _shown(topology)
    if not shown:
        return ""
    ids = {node.id: f"n{number}" for number, node in enumerate(shown)}
    lines = ["flowchart LR"]
    lines += [f"    {ids[node.id]}{_node(node)}" for node in shown]
    edges = [edge for edge in topology.edges if edge.instance in ids and edge.network in ids]
    lines += [f"    {ids[edge.instance]} {_line(edge)} {ids[edge.network]}" for edge in edges[:_MOST_NICS]]
    left_out = list(_left_out(topology, shown, edges))
    if left_out:
        lines.append(f'    rest["{"<br/>".join(left_out)}"]')
        lines.append("    style rest fill:none,stroke:none")
    lines += [
        f"    classDef {action.value} {look.style}"
        for action, look in _LOOKS.items()
        if any(node.action is action for node in shown)
    ]
    lines += [f"    class {ids[node.id]} {node.action.value}" for node in shown]
    return "\n".join(lines) + "\n"


def _shown(topology: Topology) -> tuple[Node, ...]:
    """All networks, and the servers to which most happens, in the topology's order."""
    order = list(Action)
    servers = sorted(
        (node for node in topology.nodes if node.kind == "instance"), key=lambda node: order.index(node.action)
    )
    chosen = {node.id for node in servers[:_MOST_SERVERS]}
    reached = {edge.network for edge in topology.edges if edge.instance in chosen}
    networks = [node for node in topology.nodes if node.kind == "network"]
    # Networks with nothing on them are drawn while there is room.
    kept = {node.id for node in sorted(networks, key=lambda node: node.id not in reached)[:_MOST_SERVERS]}
    return tuple(node for node in topology.nodes if node.id in (chosen if node.kind == "instance" else kept))


def _left_out(topology: Topology, shown: tuple[Node, ...], edges: list[Edge]) -> Iterator[str]:
    for kind, noun in (("instance", "server"), ("network", "network")):
        more = sum(node.kind == kind for node in topology.nodes) - sum(node.kind == kind for node in shown)
        if more:
            yield f"and {more:,} more {noun}{'s' * (more != 1)}"
    if len(edges) > _MOST_NICS:
        yield f"and {len(edges) - _MOST_NICS:,} more NICs"
    if topology.left_out:
        yield f"and {topology.left_out:,} server{'s' * (topology.left_out != 1)} without any change"


def _node(node: Node) -> str:
    look = _NETWORK if node.kind == "network" else _LOOKS[node.action]
    words = [in_mermaid(node.label, _LONGEST_LABEL)]
    if node.kind == "network" and node.public:
        words.append("public")
    if node.action is not Action.NONE:
        words.append(wording.words_of_action(node.action))
    return f'{look.opening}"{"<br/>".join(words)}"{look.closing}'


def _line(edge: Edge) -> str:
    words = [in_mermaid(edge.label, _LONGEST_LABEL)] if edge.label else []
    if edge.action is not Action.NONE:
        words.append({Action.CREATE: "new", Action.DESTROY: "goes"}.get(edge.action, "changed"))
    line = _LINES.get(edge.action, "---")
    return f'{line}|"{" ".join(words)}"|' if words else line
