"""A review as one page of HTML that needs nothing else: no script, no network, readable on a phone, light and dark.

Jinja escapes all that comes from outside; the page's own policy forbids the browser all but its one style sheet.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ivc.review.model import Action, Edge, Node, Review, Topology
from ivc.review.output import folding, wording
from ivc.words.foreign_text import visible, visible_line

if TYPE_CHECKING:
    from jinja2 import Template


def render(review: Review) -> str:
    """The page. It is the same for the same review, and of any size that the review needs: nothing is left out."""
    template, style, policy = _page()
    return template.render(
        review=review,
        style=style,
        policy=policy,
        wording=wording,
        folding=folding,
        charts=[_chart(stack.topology) for stack in review.stacks],
    )


@dataclass(frozen=True)
class _Row:
    """A server in the chart. nics: what joins it to each network, in the order of the networks."""

    server: Node
    nics: tuple[tuple[Edge, ...], ...]


@dataclass(frozen=True)
class _Chart:
    """A topology as a table: networks run down it, servers lie across."""

    networks: tuple[Node, ...]
    rows: tuple[_Row, ...]
    left_out: int


def _chart(topology: Topology) -> _Chart:
    joining: dict[tuple[str, str], list[Edge]] = {}
    for edge in topology.edges:
        joining.setdefault((edge.instance, edge.network), []).append(edge)
    networks = tuple(node for node in topology.nodes if node.kind == "network")
    order = list(Action)
    servers = sorted(
        (node for node in topology.nodes if node.kind == "instance"), key=lambda node: order.index(node.action)
    )
    rows = tuple(
        _Row(server, tuple(tuple(joining.get((server.id, network.id), ())) for network in networks))
        for server in servers
    )
    return _Chart(networks, rows, topology.left_out)


@cache
def _page() -> tuple[Template, str, str]:
    """The template, its style sheet, and the policy that allows the browser this style sheet and nothing else."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def harmless(value: Any) -> Any:
        """Whatever is inserted: no control characters, none that turn the direction of text."""
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    def line(words: str) -> Markup:
        return Markup.escape(visible_line(words))

    folder = resources.files(__package__)
    style = (folder / "review.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=harmless, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["line"] = line
    template = environment.from_string((folder / "review.html.jinja").read_text(encoding="utf-8"))
    return template, Markup(style), policy  # noqa: S704 - our own file
