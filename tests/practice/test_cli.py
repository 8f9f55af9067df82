"""The command line, without a cloud."""

import subprocess
import sys
from pathlib import Path

import practice
import pytest
from practice.cli import app
from typer.testing import CliRunner

_ROOT = Path(practice.__file__).parents[1]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IVC_PRACTICE_DIR", str(tmp_path / "cloud"))
    return tmp_path / "cloud"


def test_the_status_of_a_cloud_that_is_down_is_3() -> None:
    done = CliRunner().invoke(app, ["status"])
    assert done.exit_code == 3
    assert "DOWN" in done.stdout


def test_down_on_a_cloud_that_is_down_is_no_error(nowhere: Path) -> None:
    done = CliRunner().invoke(app, ["down"])
    assert (done.exit_code, done.stdout) == (0, "The practice cloud was down already.\n")
    assert not nowhere.exists()


def test_an_error_is_one_sentence_and_exit_code_1(nowhere: Path) -> None:
    nowhere.mkdir()
    (nowhere / "thesis.tex").touch()
    done = subprocess.run(
        [sys.executable, "-m", "practice", "up"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"The folder {nowhere} holds files")


def test_nothing_is_prepared_on_a_cloud_that_is_down(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["prepare", str(tmp_path)])
    assert str(done.exception).startswith("The practice cloud is not up: start it with")


@pytest.mark.parametrize("command", ["up", "install"])
def test_an_unknown_extra_is_one_sentence(nowhere: Path, command: str) -> None:
    done = CliRunner().invoke(app, [command, "--with", "dns, objectz"])
    assert str(done.exception).startswith("The practice cloud has no extra 'objectz': did you mean objects?")
    assert not nowhere.exists()
