"""examples/cluster: what another count of nodes changes, and where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import pages
from tests.helpers import INSTANCE, PORT, TRIGGER, Json, addresses, resources, run_program, written_stack

EXAMPLE = pages.FOLDER / "cluster"


def written(folder: Path, *, nodes: int = 8, zones: str | None = None) -> Json:
    """The example's JSON, with so many nodes."""
    program = (EXAMPLE / "main.py").read_text().replace("NODES = 8", f"NODES = {nodes}")
    folder.mkdir()
    (folder / "userdata").symlink_to(EXAMPLE / "userdata")
    done = run_program(folder, program, **({} if zones is None else {"ZONES": zones}))
    assert done.returncode == 0, done.stderr
    return written_stack(folder / "cdktf.out", "cluster")


def test_one_node_more_is_made_and_all_others_are_not_touched(tmp_path: Path) -> None:
    eight, nine = written(tmp_path / "8"), written(tmp_path / "9", nodes=9)
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
    texts = [tmp_path / str(nodes) / "cdktf.out" / "stacks" / "cluster" / "userdata" / "login-1" for nodes in (8, 9)]
    assert texts[0].read_bytes() == texts[1].read_bytes()


@pytest.mark.parametrize(("zones", "expected"), [(None, {"nova": 8}), ("zone-1,zone-2", {"zone-1": 4, "zone-2": 4})])
def test_the_nodes_take_turns_in_the_zones(tmp_path: Path, zones: str | None, expected: dict[str, int]) -> None:
    nodes = resources(written(tmp_path / "cluster", zones=zones), INSTANCE)
    stand = [nodes[f"compute-{number}"]["availability_zone"] for number in range(1, 9)]
    assert {zone: stand.count(zone) for zone in stand} == expected


def test_the_node_of_a_name_has_the_address_that_all_know(tmp_path: Path) -> None:
    ports = resources(written(tmp_path / "cluster"), PORT)
    text = (tmp_path / "cluster" / "cdktf.out" / "stacks" / "cluster" / "userdata" / "compute-3").read_text()
    known = {
        f"{ports[f'compute-{number}_private']['fixed_ip'][0]['ip_address']} compute-{number}" for number in range(1, 9)
    }
    assert known <= {line.strip() for line in text.splitlines()}
