"""What docs/test-your-estate.md shows is green in the project of `ivc init`, and names what there is."""

from __future__ import annotations

import re
import subprocess

import pytest

from ivc.testing.change import Change
from ivc.testing.estate import Estate
from ivc.testing.server import Server
from tests.helpers import PROJECT
from tests.test_init import init
from tests.testing.test_plugin import git, run

PAGE = (PROJECT / "docs" / "test-your-estate.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAMES = re.findall(r"def (test_\w+)", PAGE)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Its tests, each block a module, in a clone whose branch has one web server more."""
    folder = tmp_path_factory.mktemp("page")
    assert init(folder).exit_code == 0
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "as it was")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    for number, example in enumerate(EXAMPLES):
        is_named = re.match(r"# (tests/\w+\.py)\n", example)
        (folder / (is_named[1] if is_named else f"tests/test_page_{number}.py")).write_text(example)
    return run(folder, "-k", "test_page_")


def test_every_test_of_the_page_is_green(done: subprocess.CompletedProcess[str]) -> None:
    assert len(NAMES) == len({*NAMES}) > 9
    passed = re.findall(r"^PASSED .*::(test_\w+)", done.stdout, re.MULTILINE)
    assert sorted(passed) == sorted(NAMES), done.stdout


def test_it_names_all_that_can_be_asked() -> None:
    rows = PAGE.partition("| of a server | gives |")[2].partition("\n\n")[0].splitlines()[2:]
    named = [name for row in rows for name in re.findall(r"`\.(\w+)`", row.split("|")[1])]
    assert {*named} == (_public(Server) | {"instance"}) - {"name"}
    assert [name for name in sorted(_public(Estate) | _public(Change)) if f".{name}" not in PAGE] == []


def _public(kind: type) -> set[str]:
    return {name for name, value in vars(kind).items() if name[0] != "_" and not isinstance(value, classmethod)}
