"""`ivc init`: what it writes is green at once, and is what we would write ourselves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from ivc.__main__ import app
from tests.helpers import PROJECT, clean_environment
from tests.testing.test_plugin import git, run

WORKFLOW = Path(".github/workflows/review.yml")
IN_ALL = {
    ".gitignore",
    "README.md",
    "cdktf.json",
    "main.py",
    "pyproject.toml",
    "tests/test_estate.py",
    "userdata/db.yaml.jinja",
    "userdata/www.yaml.jinja",
}


def init(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["init", str(folder), *options])


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def ivc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivc", *arguments],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(PROJECT / "constructs")),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as it was written."""
    folder = tmp_path_factory.mktemp("init") / "My shop"
    assert init(folder).exit_code == 0
    return folder


# What it is.


def test_its_tests_pass_at_once(shop: Path) -> None:
    done = run(shop)
    assert "5 passed" in done.stdout, done.stdout


def test_its_program_is_synthesized_and_a_change_of_it_reviewed(shop: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(shop, tmp_path / "changed")
    main = changed / "main.py"
    main.write_text(main.read_text().replace("web_servers: int = 2", "web_servers: int = 3"))
    for folder in (shop, changed):
        done = ivc(folder, "synth")
        assert (done.returncode, done.stdout) == (0, "Synthesized in cdktf.out: shop.\n"), done.stderr
    shown = ivc(changed, "review", "--base", str(shop / "cdktf.out")).stdout
    assert "\n* www-3 will be made\n" in shown
    assert ivc(shop, "review", "--base", str(shop / "cdktf.out")).stdout.startswith("No changes")


def test_its_user_data_has_no_finding(shop: Path) -> None:
    assert ivc(shop, "synth").returncode == 0
    done = ivc(shop, "check")
    assert (done.returncode, done.stderr) == (0, "")


def test_its_code_is_clean_by_our_own_measure(shop: Path) -> None:
    ruff = [str(Path(sys.executable).with_name("ruff")), "check", "--config", str(PROJECT / "pyproject.toml")]
    formatted = [ruff[0], "format", "--check", "--config", str(PROJECT / "pyproject.toml")]
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull]
    for command in ([*ruff, "main.py"], [*ruff, "--ignore", "S101", "tests"], [*formatted, "."], [*mypy, "main.py"]):
        env = clean_environment(MYPYPATH=str(PROJECT / "constructs"))
        done = subprocess.run(command, cwd=shop, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_depends_on_this_version(shop: Path) -> None:
    ours = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    settings = tomllib.loads((shop / "pyproject.toml").read_text())
    assert settings["project"]["dependencies"] == [f"ivc-openstack~={ours['version']}"]
    assert settings["project"]["requires-python"] == ours["requires-python"]
    assert settings["dependency-groups"]["dev"][0].startswith("pytest>=")


def test_its_page_shows_commands_that_there_are(shop: Path) -> None:
    shown = re.findall(r"^\| `ivc ([a-z]+)", (shop / "README.md").read_text(), re.MULTILINE)
    assert shown == ["synth", "summary", "review", "plan", "deploy"]
    assert {*shown} <= {command.name for command in app.registered_commands}


def test_what_is_synthesized_is_ignored(shop: Path, tmp_path: Path) -> None:
    clone = shutil.copytree(shop, tmp_path / "clone")
    git(clone, "init", "--quiet")
    assert ivc(clone, "synth").returncode == 0
    assert {line[3:] for line in git(clone, "status", "--porcelain", "-uall").splitlines()} == IN_ALL | {str(WORKFLOW)}


# What is written where.


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ((), {WORKFLOW.as_posix()}),
        (("--ci", "github"), {WORKFLOW.as_posix()}),
        (("--ci", "gitlab"), {".gitlab-ci.yml"}),
        (("--ci", "none"), set()),
    ],
)
def test_a_project_has_these_files(tmp_path: Path, options: tuple[str, ...], more: set[str]) -> None:
    assert init(tmp_path / "new", *options).exit_code == 0
    assert files(tmp_path / "new") == IN_ALL | more


@pytest.mark.parametrize(
    ("folder", "name"),
    [("shop", "shop"), ("My shop", "my-shop"), ("_x.y_", "x-y"), ("--", "estate"), ("läden", "l-den")],
)
def test_a_project_is_called_as_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    assert init(tmp_path / folder).exit_code == 0
    assert tomllib.loads((tmp_path / folder / "pyproject.toml").read_text())["project"]["name"] == name
    assert (tmp_path / folder / "README.md").read_text().startswith(f"# {name}\n")


def test_it_says_what_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = init(Path("my shop"), "--ci", "none")
    assert done.output == (
        "Wrote a project in my shop; README.md in it says what is what. Next:\n\n"
        "  cd 'my shop'\n  pip install pytest && pytest\n  ivc synth && ivc summary\n"
    )


def test_a_fresh_repository_is_a_place_for_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert init(tmp_path).exit_code == 0
    assert (tmp_path / "main.py").is_file()


def test_a_folder_that_holds_something_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("mine")
    done = init(tmp_path)
    assert str(done.exception) == (f"{tmp_path} has notes.md in it already: name a folder that is empty or not there")
    assert files(tmp_path) == {"notes.md"}


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("mine")
    assert str(init(tmp_path / "shop").exception) == (
        f"{tmp_path / 'shop'} is a file: name a folder that is empty or not there"
    )


def test_a_place_where_nothing_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert str(init(tmp_path / "file" / "shop").exception) == (
        f"{tmp_path / 'file' / 'shop'} cannot be made: Not a directory"
    )


# Pipelines.


def test_its_workflow_uses_what_this_repositorys_own_do(shop: Path) -> None:
    used = re.findall(r"uses: (\S+ # \S+)", (shop / WORKFLOW).read_text())
    ours = "\n".join(path.read_text() for path in (PROJECT / ".github" / "workflows").glob("*.yml"))
    assert len(used) == 2
    assert [each for each in used if each not in ours] == []


def test_zizmor_finds_nothing_in_its_workflow(shop: Path) -> None:
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    command = [zizmor, "--offline", "--no-progress", "--persona", "auditor", str(shop / WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _shell_of_github(folder: Path) -> str:
    steps = yaml.load((folder / WORKFLOW).read_text(), Loader=yaml.CSafeLoader)["jobs"]["review"]["steps"]
    (shell,) = [str(step["run"]) for step in steps if step.get("name") == "Review"]
    return shell


def _shell_of_gitlab(folder: Path) -> str:
    jobs = yaml.load((folder / ".gitlab-ci.yml").read_text(), Loader=yaml.CSafeLoader)
    return "\n".join(jobs["review"]["script"])


@pytest.mark.parametrize("service", ["github", "gitlab"])
def test_its_pipeline_reviews_what_is_to_be_merged(tmp_path: Path, service: str) -> None:
    folder = tmp_path / "here" / "shop"
    assert init(folder, "--ci", service).exit_code == 0
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "as it was")
    base = git(folder, "rev-parse", "HEAD").strip()
    git(folder, "checkout", "--quiet", "-b", "change")
    main = folder / "main.py"
    main.write_text(main.read_text().replace('IMAGE = "Debian 12"', 'IMAGE = "Debian 13"'))
    git(folder, "commit", "--quiet", "--all", "-m", "a newer image")
    # As GitHub checks a pull request out; GitLab checks out what is to be merged.
    git(folder, "checkout", "--quiet", "--detach", base)
    git(folder, "merge", "--quiet", "--no-ff", "-m", "merge", "change")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "ivc").write_text(f'#!/bin/sh\nexec {sys.executable} -m ivc "$@"\n')
    (bin_ / "ivc").chmod(0o755)
    (tmp_path / "temp").mkdir()
    env = clean_environment(
        PATH=f"{bin_}{os.pathsep}{os.environ['PATH']}",
        PYTHONPATH=str(PROJECT / "constructs"),
        RUNNER_TEMP=str(tmp_path / "temp"),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
    )
    shell = {"github": _shell_of_github, "gitlab": _shell_of_gitlab}[service](folder)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", shell], cwd=folder, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2, done.stderr
    said = (tmp_path / "summary.md").read_text() if service == "github" else done.stdout
    assert "**3 replaced**" in said
    assert "`www-1`" in said
