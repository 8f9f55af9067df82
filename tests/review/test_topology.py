"""Which servers and networks a review's diagram shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ivc.review.model import Action, Topology
from tests.review.folders import NETWORK, PORT, SERVER, review, stack


def estate(servers: int, **first: Any) -> dict[str, Any]:
    """So many servers on a network that the stack makes; `first` is what is said of the first one besides."""
    port = {"network_id": f"${{{NETWORK}.inside.id}}"}
    return stack(
        resource={
            SERVER: {"a": None}
            | {
                f"s{number}": {"name": f"s{number}", "network": [{"port": f"${{{PORT}.p{number}.id}}"}]}
                | (first if number == 0 else {})
                for number in range(servers)
            },
            PORT: {"a": None} | {f"p{number}": port for number in range(servers)},
            NETWORK: {"inside": {"name": "inside"}},
        }
    )


def drawn(tmp_path: Path, before: dict[str, Any], after: dict[str, Any]) -> Topology:
    return review(tmp_path, before, after).topology


def test_of_a_few_servers_all_are_shown(tmp_path: Path) -> None:
    found = drawn(tmp_path, estate(3), estate(3, key_pair="ops"))

    assert {node.label: node.action for node in found.nodes} == {
        "inside": Action.NONE,
        "s0": Action.REPLACE,
        "s1": Action.NONE,
        "s2": Action.NONE,
    }
    assert (len(found.edges), found.left_out) == (3, 0)


def test_of_many_only_those_that_change_are_and_the_others_are_counted(tmp_path: Path) -> None:
    found = drawn(tmp_path, estate(40), estate(40, key_pair="ops"))

    assert [node.label for node in found.nodes] == ["inside", "s0"]
    assert found.left_out == 39


def test_what_comes_and_goes_is_told_on_its_line(tmp_path: Path) -> None:
    found = drawn(tmp_path, estate(2), estate(1))
    names = {node.id: node.label for node in found.nodes}

    assert {names[edge.instance]: edge.action for edge in found.edges} == {"s0": Action.NONE, "s1": Action.DESTROY}
