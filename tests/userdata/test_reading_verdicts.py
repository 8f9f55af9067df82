"""Documents are judged as cloud-init's own code does: its verdicts are recorded, and asked anew where it can be had.

To record: `python tests/userdata/test_reading_verdicts.py VERSION FOLDER...`, with the folders of `ask_cloud_init.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ivc.userdata import Document
from ivc.userdata.checks import findings
from tests.userdata.conftest import DEBIAN
from tests.userdata.reading_corpus import DOCUMENTS, LOST_AND_YET_NO_ERROR, TAKEN_AND_YET_AN_ERROR

HERE = Path(__file__).parent
RECORD = HERE / "reading_verdicts.json"
# And upstream's.
OLD, NEW = DEBIAN, "26.2"


def asked(*folders: str) -> dict[str, list[str]]:
    """What the cloud-init in the folders makes of each document."""
    command = [sys.executable, str(HERE / "ask_cloud_init.py"), *folders]
    answer = subprocess.run(command, input=json.dumps(DOCUMENTS), capture_output=True, text=True, check=True)
    return dict(json.loads(answer.stdout))


def recorded() -> dict[str, dict[str, list[str]]]:
    return dict(json.loads(RECORD.read_text()))


def is_lost(verdict: list[str]) -> bool:
    """Whether something that was written does not reach the guest, or cannot run there: the kernel wants `#!`."""
    scripts = [one.partition(": ")[2] for one in verdict if one.startswith(("script: ", "boothook: "))]
    lost = [one for one in verdict if one.startswith(("lost", "nothing", "forgotten"))]
    return not verdict or bool(lost) or any(not line.startswith("#!") for line in scripts)


def severities(name: str) -> set[str]:
    return {finding.severity for finding in findings(Document((DOCUMENTS[name],)))}


def test_each_document_has_a_verdict() -> None:
    assert {version: sorted(verdicts) for version, verdicts in recorded().items()} == {
        OLD: sorted(DOCUMENTS),
        NEW: sorted(DOCUMENTS),
    }


def test_nothing_that_the_guest_throws_away_passes() -> None:
    record = recorded()
    lost = [name for name in DOCUMENTS if is_lost(record[NEW][name])]
    assert len(lost) > 80
    assert sorted(name for name in lost if "error" not in severities(name)) == sorted(LOST_AND_YET_NO_ERROR)


def test_nothing_that_the_guest_takes_is_an_error_without_a_reason() -> None:
    record = recorded()
    taken = [name for name in DOCUMENTS if not any(is_lost(verdicts[name]) for verdicts in record.values())]
    assert len(taken) > 80
    assert sorted(name for name in taken if "error" in severities(name)) == sorted(TAKEN_AND_YET_AN_ERROR)


def test_where_releases_differ_it_is_said() -> None:
    record = recorded()
    differ = [name for name in DOCUMENTS if record[OLD][name] != record[NEW][name]]
    assert {name: sorted(severities(name)) for name in differ} == {
        # The newer one takes it.
        "jinja for a hook": ["warning"],
        # And this the older one.
        "a tag of Python's unicode": ["error"],
    }


@pytest.mark.long
def test_debians_cloud_init_says_what_is_recorded(debian: Path) -> None:
    assert asked(str(debian)) == recorded()[OLD]


def record(version: str, *folders: str) -> None:
    """Write down what a cloud-init says."""
    known: dict[str, Any] = recorded() if RECORD.exists() else {}
    known[version] = asked(*folders)
    lines = json.dumps(known, indent=1, ensure_ascii=True, sort_keys=True)
    RECORD.write_text(f"{lines}\n")


if __name__ == "__main__":
    record(*sys.argv[1:])
