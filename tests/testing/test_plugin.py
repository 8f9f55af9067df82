"""The fixtures as pytest runs them, in projects of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from tests.helpers import PROJECT, clean_environment

MAIN = """\
from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp


def shop(app, *, web_servers=1, port=80):
    stack = OpenStackStack(app, "shop")
    internet = Network.lookup(stack, "Ext-Net", public=True)
    web = SecurityGroup(stack, "web")
    web.allow_from_anywhere(Tcp(port))
    for number in range(web_servers):
        Instance(stack, f"www-{number + 1}", image="Debian 12", flavor="b2-7", nics=[internet.nic(web)])


if __name__ == "__main__":
    app = App()
    shop(app)
    app.synth()
"""
CDKTF = '{"language": "python", "app": "python main.py"}'


def project(folder: Path, tests: str, *, main: str = MAIN) -> Path:
    """A project, with its program and its tests."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(main)
    (folder / "cdktf.json").write_text(CDKTF)
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    (folder / "test_estate.py").write_text(tests)
    return folder


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Pytest in a folder, with this plugin alone."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "ivc.testing.plugin", "-p", "no:cacheprovider", "-rA", *options],
        cwd=folder,
        env=clean_environment(
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
            PYTHONPATH=str(PROJECT / "constructs"),
            # What Node says of CDKTF's own code is nobody's sentence.
            NODE_NO_WARNINGS="1",
        ),
        capture_output=True,
        text=True,
        check=False,
    )


def git(folder: Path, *words: str) -> str:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=os.environ | own, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_pytest_finds_the_plugin_where_ivc_is_installed() -> None:
    named = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert named == {"ivc": "ivc.testing.plugin"}
    assert {"estate", "estate_at", "declared", "change"} <= {*dir(import_module(named["ivc"]))}


def test_the_plugin_costs_a_run_of_pytest_nothing() -> None:
    program = "import sys, ivc.testing.plugin; print(*sorted(name for name in sys.modules if name.startswith('ivc')))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=clean_environment(PYTHONPATH=str(PROJECT / "constructs")),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["ivc", "ivc.errors", "ivc.source", "ivc.testing", "ivc.testing.plugin"]


TESTS = """\
import pytest
from ivc import DeclarationError
from main import shop


def test_estate(estate):
    assert estate.world_reaches == {"www-1": {"tcp 80"}}


def test_a_program_and_a_function_declare_the_same(estate, declared, change):
    assert change(estate, declared(shop)).text.startswith("No changes")


def test_declared(declared, change):
    assert change(declared(shop), declared(shop, web_servers=2)).servers == {"www-2": "create"}


def test_declared_twice_alike(declared):
    assert declared(shop, port=8080).folder != declared(shop, port=8080).folder


def test_refused(declared):
    with pytest.raises(DeclarationError, match="IVC101"):
        declared(shop, port=22)


def test_red(estate):
    assert estate.world_reaches == {}


def test_red_change(declared, change):
    assert change(declared(shop), declared(shop, web_servers=2)).servers == {}


def test_wrong(declared):
    declared(shop, port=22)
"""


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    return run(project(tmp_path_factory.mktemp("green"), TESTS))


def test_a_project_is_tested(green: subprocess.CompletedProcess[str]) -> None:
    assert "5 passed" in green.stdout
    assert "3 failed" in green.stdout


def test_pytests_own_comparison_is_the_message(green: subprocess.CompletedProcess[str]) -> None:
    assert "AssertionError: assert {'www-1': {'tcp 80'}} == {}" in green.stdout
    assert "AssertionError: assert {'www-2': 'create'} == {}" in green.stdout


def test_a_wrong_declaration_is_told_by_its_sentence_and_its_line(green: subprocess.CompletedProcess[str]) -> None:
    _, _, shown = green.stdout.partition("_ test_wrong _")
    shown = shown.partition("= PASSES =")[0]
    assert "E       ivc.errors.DeclarationError: shop: security group web: the world reaches SSH (tcp 22)" in shown
    assert "main.py:8\n" in shown
    # The test's own line alone.
    assert shown.count("\n>") == 1
    assert "constructs/ivc" not in shown


def test_nothing_is_written_into_the_project(green: subprocess.CompletedProcess[str]) -> None:
    folder = Path(green.stdout.partition("rootdir: ")[2].partition("\n")[0])
    names = {path.name for path in folder.iterdir()} - {"__pycache__"}
    assert names == {"main.py", "cdktf.json", "pyproject.toml", "test_estate.py"}


OWN_POLICIES = """\
import pytest
from ivc.policies import GroupDescription


@pytest.fixture(scope="session")
def policies():
    return [GroupDescription()]
"""
WITH_OWN_POLICIES = """\
from main import shop


def test_it(estate, declared):
    assert {*declared(shop).findings} == {"IVC143: security group web"}
    assert estate.findings == {}
"""


def test_a_teams_own_policies_look_at_what_is_declared(tmp_path: Path) -> None:
    folder = project(tmp_path, WITH_OWN_POLICIES)
    (folder / "conftest.py").write_text(OWN_POLICIES)
    assert "1 passed" in run(folder).stdout


USES_ESTATE = "def test_it(estate):\n    assert estate.servers\n"


def test_a_program_that_is_refused_fails_the_setup_in_its_own_words(tmp_path: Path) -> None:
    done = run(project(tmp_path, USES_ESTATE, main=MAIN.replace("port=80", "port=22")))

    assert "1 error" in done.stdout
    _, _, shown = done.stdout.partition("ERROR at setup of test_it")
    _, sentence, after, *_ = shown.splitlines()
    assert sentence.startswith("main.py:8: shop: security group web: the world reaches SSH (tcp 22): let only those in")
    assert after.startswith("====")


def test_a_program_that_fails_without_a_word_is_named(tmp_path: Path) -> None:
    done = run(project(tmp_path, USES_ESTATE, main="raise SystemExit(3)\n"))
    assert f"\n{tmp_path / 'cdktf.json'}: its program ended with status 3 and said nothing\n" in done.stdout


def test_a_program_that_writes_nothing_is_told(tmp_path: Path) -> None:
    done = run(project(tmp_path, USES_ESTATE, main="print('hello')\n"))
    assert "1 error" in done.stdout
    assert "There is no folder" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_folder_that_is_no_project_is_named(tmp_path: Path) -> None:
    folder = project(tmp_path, USES_ESTATE)
    (folder / "cdktf.json").unlink()
    done = run(folder)
    assert f"\nthere is no cdktf.json in {tmp_path} or above: run pytest in a project\n" in done.stdout


AT_A_REVISION = """\
import pytest


def test_it(estate, estate_at, change):
    assert change(estate_at("first"), estate).servers == {"www-2": "create"}
    assert estate_at("first") is estate_at("HEAD~1")


def test_no_such_commit(estate_at):
    estate_at("origin/main")


def test_too_early(estate_at):
    estate_at("HEAD~2")
"""


def test_an_estate_at_a_revision_is_that_of_its_commit(tmp_path: Path) -> None:
    """In a folder of a repository, from which nothing is left over."""
    folder = project(tmp_path / "infra" / "shop", AT_A_REVISION)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "nothing yet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one server")
    git(tmp_path, "tag", "first")
    (folder / "main.py").write_text(MAIN.replace("web_servers=1", "web_servers=2"))
    git(tmp_path, "commit", "--quiet", "--all", "-m", "two servers")

    done = run(folder)

    assert "1 passed" in done.stdout
    assert "\nestate_at: origin/main: this clone has no such commit: fetch it" in done.stdout
    assert "had no infra/shop/cdktf.json: name a later commit\n" in done.stdout
    assert git(tmp_path, "worktree", "list").count("\n") == 1


def test_a_revision_outside_of_git_is_told(tmp_path: Path) -> None:
    done = run(project(tmp_path, "def test_it(estate_at):\n    estate_at('main')\n"))
    assert f"\nestate_at: main: {tmp_path} is in no git repository: run the tests in a clone\n" in done.stdout


def test_the_project_is_the_one_that_pytest_is_called_in(tmp_path: Path) -> None:
    project(tmp_path, "")
    inner = tmp_path / "inner"
    project(inner, "def test_estate(estate):\n    assert [*estate.servers] == ['www-1', 'www-2']\n",
            main=MAIN.replace("shop(app)\n", "shop(app, web_servers=2)\n"))  # fmt: skip
    # Pytest's root folder is then the outer one.
    (inner / "pyproject.toml").unlink()
    done = run(inner)
    assert f"rootdir: {tmp_path}\n" in done.stdout
    assert done.returncode == 0, done.stdout


def test_a_function_that_declares_nothing_is_no_estate(tmp_path: Path) -> None:
    tests = "def test_nothing(declared):\n    declared(nothing)\n\n\ndef nothing(app):\n    pass\n"
    done = run(project(tmp_path, tests))
    assert done.returncode == 1
    assert "nothing declares no stack in the app" in done.stdout
