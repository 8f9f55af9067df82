"""The fixtures, which pytest finds by itself where IvC is installed.

It is loaded in every run of pytest: what takes time to import is imported by the fixture that needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ivc.policies import Policy
    from ivc.testing.change import Change
    from ivc.testing.estate import Estate


@pytest.fixture(scope="session")
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """What the program of this project declares: `.servers`, `.world_reaches`, `.reach("www-1", "db-1")`, `.findings`.

    It is synthesized once in a run, in a folder of its own. The project is the folder that pytest is called in, or the
    nearest one above it with a cdktf.json; else that of pytest's root folder. What the program refuses fails the test,
    in its words.
    """
    return _synthesized(_project(request), tmp_path_factory.mktemp("estate") / "cdktf.out")


@pytest.fixture(scope="session")
def estate_at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Estate]:
    """`estate_at("origin/main")`: what the program of this project declared at a revision of git.

    It runs with the libraries of this environment, once for each commit.
    """
    from ivc.testing import revision as revisions

    made: dict[str, Estate] = {}

    def at(revision: str) -> Estate:
        __tracebackhide__ = True
        project = _project(request)
        try:
            commit = revisions.commit(project, revision)
            if commit not in made:
                folder = tmp_path_factory.mktemp("revision")
                with revisions.tree(project, commit, folder / "tree") as then:
                    made[commit] = _synthesized(then, folder / "cdktf.out")
        except revisions.RevisionError as error:
            pytest.fail(str(error), pytrace=False)
        return made[commit]

    return at


@pytest.fixture(scope="session")
def policies() -> Sequence[Policy]:
    """A team's own policies, for the app that `declared` gives: a project that has some says so in its conftest.py."""
    return ()


@pytest.fixture(scope="session")
def declared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, policies: Sequence[Policy]
) -> Callable[..., Estate]:
    """`declared(shop, web_servers=3)`: what a function of the program declares with these arguments.

    Its first argument is the app. It runs in this process, which is faster than a program of its own.

    Raises DeclarationError, with its line as a note, for what is refused: `pytest.raises(DeclarationError)`.
    """

    def declare(function: Callable[..., object], /, **arguments: Any) -> Estate:
        __tracebackhide__ = True
        from ivc.declare.app import App
        from ivc.errors import DeclarationError
        from ivc.testing.estate import Estate

        output = tmp_path_factory.mktemp("declared") / "cdktf.out"
        app = App(folder=_project(request), outdir=output, policies=policies)
        try:
            function(app, **arguments)
            app.synth()
        except DeclarationError as error:
            if error.file is not None:
                error.add_note(f"{error.file}:{error.line}")
            # The way there is through this library, and says nothing.
            raise error.with_traceback(None) from None
        if not app._stacks:
            pytest.fail(f"{getattr(function, '__name__', function)} declares no stack in the app", pytrace=False)
        return Estate.read(output)

    return declare


@pytest.fixture(scope="session")
def change() -> Callable[[Estate, Estate], Change]:
    """`change(before, after)`: what it does to go from one estate to another: `.servers`, `.resources`, `.dangers`, and
    `.text` for people.
    """
    from ivc.testing.change import Change

    return Change.between


def _project(request: pytest.FixtureRequest) -> Path:
    from ivc.deploy.program import project_of

    here = request.config.invocation_params.dir
    project = project_of(here) or project_of(request.config.rootpath)
    if project is None:
        pytest.fail(f"there is no cdktf.json in {here} or above: run pytest in a project", pytrace=False)
    return project


def _synthesized(project: Path, output: Path) -> Estate:
    __tracebackhide__ = True
    from ivc.deploy import program
    from ivc.deploy.errors import DeployError
    from ivc.estate import EstateError
    from ivc.testing.estate import Estate

    try:
        done = program.run(project, output)
        if done.returncode:
            silent = f"{project / 'cdktf.json'}: its program ended with status {done.returncode} and said nothing"
            pytest.fail(done.stdout.strip() or silent, pytrace=False)
        # Warnings, for whoever reads a test that fails.
        sys.stderr.write(done.stdout)
        return Estate.read(output)
    except (DeployError, EstateError) as error:
        pytest.fail(str(error), pytrace=False)
