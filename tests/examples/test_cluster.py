"""examples/cluster: what another count of nodes changes, and where they stand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.examples import pages
from tests.helpers import INSTANCE, PORT, TRIGGER, Json, addresses, resources, run_program, written_stack

EXAMPLE = pages.FOLDER / "cluster"
USER_DATA = Path("cdktf.out", "stacks", "cluster", "userdata")


def written(folder: Path, *, nodes: int = 8, zones: str | None = None) -> Json:
    """The example's JSON, with so many nodes."""
    program = (EXAMPLE / "main.py").read_text().replace("NODES = 8", f"NODES = {nodes}")
    folder.mkdir()
    (folder / "userdata").symlink_to(EXAMPLE / "userdata")
    done = run_program(folder, program, **({} if zones is None else {"ZONES": zones}))
    assert done.returncode == 0, done.stderr
    return written_stack(folder / "cdktf.out", "cluster")


@pytest.fixture(scope="module")
def as_it_stands(tmp_path_factory: pytest.TempPathFactory) -> tuple[Json, Path]:
    """The example's JSON with its 8 nodes, and the folder of their rendered user data."""
    folder = tmp_path_factory.mktemp("example") / "cluster"
    return written(folder), folder / USER_DATA


def test_one_node_more_is_made_and_all_others_are_not_touched(as_it_stands: tuple[Json, Path], tmp_path: Path) -> None:
    (eight, texts), nine = as_it_stands, written(tmp_path / "9", nodes=9)
    come = {
        f"{INSTANCE}.compute-9",
        f"{PORT}.compute-9_private",
        f"{TRIGGER}.compute-9__image",
        f"{TRIGGER}.compute-9__user_data",
    }
    assert {*addresses(nine)} - {*addresses(eight)} == come
    assert {*addresses(eight)} - {*addresses(nine)} == set()
    kinds = {kind: resources(eight, kind) for kind in nine["resource"]}
    assert kinds == {
        kind: {name: one for name, one in resources(nine, kind).items() if f"{kind}.{name}" not in come}
        for kind in nine["resource"]
    }
    assert (texts / "login-1").read_bytes() == (tmp_path / "9" / USER_DATA / "login-1").read_bytes()


def in_zones(cluster: Json) -> Counter[str]:
    """How many of the nodes stand in each zone."""
    nodes = resources(cluster, INSTANCE)
    return Counter(nodes[f"compute-{number}"]["availability_zone"] for number in range(1, 9))


def test_the_nodes_take_turns_in_the_zones(as_it_stands: tuple[Json, Path], tmp_path: Path) -> None:
    assert in_zones(as_it_stands[0]) == {"nova": 8}
    assert in_zones(written(tmp_path / "cluster", zones="zone-1,zone-2")) == {"zone-1": 4, "zone-2": 4}


def test_the_node_of_a_name_has_the_address_that_all_know(as_it_stands: tuple[Json, Path]) -> None:
    ports = resources(as_it_stands[0], PORT)
    text = (as_it_stands[1] / "compute-3").read_text()
    known = {
        f"{ports[f'compute-{number}_private']['fixed_ip'][0]['ip_address']} compute-{number}" for number in range(1, 9)
    }
    assert known <= {line.strip() for line in text.splitlines()}
