"""IvC's policies against checkov and trivy, over one corpus: they miss nothing that one of those finds.

checkov runs here, installed once from toolchain/checkov.lock (85 s, 290 MB); what trivy said is recorded. Both are
given the corpus in Terraform's own language, which they read best. Who finds what stands in corpus/table.md.
"""

from __future__ import annotations

import pytest

from tests import own_environment
from tests.policies import others
from tests.policies.corpus import CASES
from tests.policies.table import TABLE, Corpus, Found, corpus, recorded, text

WRONG = [case for case in CASES if case.wrong]
MEANT = [case for case in CASES if case.meant]
CLEAN = [case for case in CASES if not case.wrong and not case.meant]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return corpus(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def checkov(made: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("corpus")
    others.write(made.documents, folder)
    try:
        return others.checkov(folder)
    except own_environment.NotToBeHadError as reason:
        pytest.skip(f"the comparison with checkov is NOT made: {reason}")


@pytest.fixture(scope="module")
def trivy(made: Corpus) -> Found:
    _, digest, found = recorded()
    assert digest == others.digest(made.documents), (
        f"{others.RECORDED.name} records another corpus; record it anew: "
        "./run python -m tests.policies.record_trivy PATH_TO_TRIVY"
    )
    return found


def test_the_cases_are_told_apart() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert [case.name for case in CASES if case.wrong and case.meant] == []


def test_all_that_is_wrong_is_found(made: Corpus) -> None:
    assert [case.name for case in WRONG if not made.ours.everything[case.name]] == []


def test_nothing_is_found_in_what_is_clean(made: Corpus) -> None:
    assert {case.name: ids for case in CLEAN if (ids := made.ours.everything[case.name])} == {}


def test_nobody_is_told_off_for_what_is_meant(made: Corpus) -> None:
    assert {case.name: ids for case in MEANT if (ids := made.ours.grave[case.name])} == {}


@pytest.mark.parametrize("other", ["checkov", "trivy"])
def test_no_case_that_another_finds_is_missed(made: Corpus, other: str, request: pytest.FixtureRequest) -> None:
    found: Found = request.getfixturevalue(other)
    assert found, f"{other} found nothing at all: the comparison says nothing"
    missed = [case.name for case in (*WRONG, *MEANT) if found.get(case.name) and not made.ours.everything[case.name]]
    assert missed == []


def test_each_check_of_theirs_for_openstack_is_compared(checkov: Found, trivy: Found) -> None:
    """Else a case of the corpus does not show what it is there for."""
    ids = set[str]().union(*checkov.values(), *trivy.values())
    assert {f"CKV_OPENSTACK_{number}" for number in range(1, 6)} <= ids
    assert {f"OPNSTK-000{number}" for number in range(1, 6)} <= ids


def test_the_table_says_who_finds_what(made: Corpus, checkov: Found, trivy: Found) -> None:
    said = text(made.ours, checkov, trivy)
    assert said == TABLE.read_text(), "the table is another now; write it anew: ./run python -m tests.policies.table"
