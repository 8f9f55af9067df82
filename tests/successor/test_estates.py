"""The estates mean the same on CDKTF and on its successor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc import node
from tests.examples import pages
from tests.helpers import PROJECT, Json, addresses, run_main, tree, written_stack
from tests.own_environment import NotToBeHadError
from tests.running import cannot_be_had
from tests.successor.move import moved

ESTATES = [".", *(pytest.param(f"examples/{name}", marks=pytest.mark.long) for name in pages.NAMES)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This one, moved, and its PYTHONPATH."""
    try:
        return moved(tmp_path_factory.mktemp("moved"))
    except NotToBeHadError as reason:
        cannot_be_had("CDK Terrain, on which the estates are synthesized as well,", reason)


def written(estate: Path, outdir: Path, pythonpath: str) -> Path:
    environment = {**node.environment(), "PYTHONPATH": pythonpath, "CDKTF_OUTDIR": str(outdir)}
    output, errors = (run := run_main(estate, env=environment)).communicate(timeout=300)
    assert (run.returncode, output, errors) == (0, "", "")
    return outdir


def without_notes(value: Any) -> Any:
    """What Terraform reads of a JSON: CDKTF writes its version and paths beside it."""
    if isinstance(value, dict):
        return {key: without_notes(one) for key, one in value.items() if key != "//"}
    return [without_notes(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("estate", ESTATES)
def test_an_estate_has_the_same_addresses_and_all_else(project: tuple[Path, str], tmp_path: Path, estate: str) -> None:
    folder, pythonpath = project
    before = written(PROJECT / estate, tmp_path / "cdktf", str(PROJECT / "constructs"))
    after = written(folder / estate, tmp_path / "cdktn", pythonpath)

    def stack(side: Path) -> Json:
        (file,) = side.glob("stacks/*/cdk.tf.json")
        return written_stack(side, file.parent.name)

    assert addresses(stack(after)) == addresses(stack(before))
    assert without_notes(stack(after)) == without_notes(stack(before))
    assert beside(after) == beside(before)


def beside(outdir: Path) -> dict[str, bytes]:
    """What stands beside the JSON: user data, objects, what policies found, the lines of declarations."""
    named = ("manifest.json", "cdk.tf.json")
    return {name: content for name, content in tree(outdir).items() if not name.endswith(named)}


def test_it_was_synthesized_by_the_successor(project: tuple[Path, str], tmp_path: Path) -> None:
    folder, pythonpath = project
    document = written_stack(written(folder, tmp_path / "out", pythonpath))
    assert document["//"]["metadata"]["version"] == "0.24.0"
