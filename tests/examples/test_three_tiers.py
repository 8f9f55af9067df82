"""examples/three-tiers: how many members its database may have, and what each member reads of the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.examples import pages
from tests.helpers import run_program

EXAMPLE = pages.FOLDER / "three-tiers"


@pytest.mark.parametrize("number", ["0", "1", "2", "4", "-3", "three", ""])
def test_a_database_without_a_majority_is_refused_in_one_sentence(tmp_path: Path, number: str) -> None:
    assert pages.refusal("three-tiers", tmp_path, DATABASES=number) == (
        f"DATABASES: {number!r} is no odd number from 3 on, of which a majority outlives the loss of one"
    )


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered user data of an estate whose database has five members."""
    folder = tmp_path_factory.mktemp("five")
    done = run_program(EXAMPLE, CDKTF_OUTDIR=str(folder), DATABASES="5")
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "stacks" / "three-tiers" / "userdata"


def test_the_first_member_alone_begins_a_cluster_that_was_none_yet(five: Path) -> None:
    begins = "[ -e $state ] || exec galera_new_cluster"
    assert [name for name in members(5) if begins in (five / name).read_text()] == ["db-1"]


def test_each_member_joins_all_others_and_waits_for_them(five: Path) -> None:
    addresses = [f"10.0.3.{10 + number}" for number in range(1, 6)]
    texts = [(five / name).read_text() for name in members(5)]
    assert all(f"wsrep-cluster-address = gcomm://{','.join(addresses)}\n" in text for text in texts)
    asked = [re.findall(r"for peer in (.*); do\n", text) for text in texts]
    assert asked == [[" ".join(one for one in addresses if one != own)] for own in addresses]


def members(count: int) -> list[str]:
    return [f"db-{number}" for number in range(1, count + 1)]
