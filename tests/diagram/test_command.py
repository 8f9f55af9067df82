"""`ivc diagram`: what it writes where, and what it says when it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivc import App, Network, OpenStackStack
from ivc.__main__ import app
from tests.helpers import PROJECT, clean_environment, server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an app with two stacks writes."""
    path = tmp_path_factory.mktemp("project")
    declared = App(folder=path)
    for name in ("shop", "lab"):
        stack = OpenStackStack(declared, name)
        server(stack, f"{name}-1", Network(stack, "backend", cidr="10.0.0.0/24"))
    declared.synth()
    return path / "cdktf.out"


def diagram(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["diagram", "--from", *map(str, arguments)])


def test_mermaid_goes_to_stdout_by_default(folder: Path) -> None:
    found = diagram(folder, "--stack", "shop")
    assert found.exit_code == 0
    assert found.stdout.startswith("flowchart LR\n")
    assert '"shop-1<br/>server"' in found.stdout


@pytest.mark.parametrize(("name", "begins"), [("a.svg", "<svg "), ("a.SVG", "<svg "), ("a.mmd", "flowchart LR\n")])
def test_the_ending_of_the_file_says_what_it_is(folder: Path, tmp_path: Path, name: str, begins: str) -> None:
    assert diagram(folder, "--stack", "lab", "-o", tmp_path / name).stdout == ""
    assert (tmp_path / name).read_text().startswith(begins)


def test_the_format_may_be_said(folder: Path, tmp_path: Path) -> None:
    assert diagram(folder, "--stack", "lab", "--format", "svg").stdout.startswith("<svg ")
    assert diagram(folder, "--stack", "lab", "--format", "mermaid", "-o", tmp_path / "a.txt").exit_code == 0
    assert (tmp_path / "a.txt").read_text().startswith("flowchart LR\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "holds several stacks: name one of lab, shop with --stack"),
        (["--stack", "shap"], "--stack: 'shap' is not in"),
        (["--stack", "shop", "-o", "a.png"], "--output: a.png does not say what it is to be: give --format, or"),
        (["--stack", "shop", "-o", "no/such/a.svg"], "--output: no/such/a.svg cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(folder: Path, arguments: list[str], said: str) -> None:
    found = diagram(folder, *arguments)
    assert isinstance(found.exception, ValueError)
    assert said in str(found.exception)


def test_no_stack(tmp_path: Path) -> None:
    App(folder=tmp_path, outdir=tmp_path / "out").synth()
    assert "holds no stack: the program declares none" in str(diagram(tmp_path / "out").exception)


def test_it_needs_no_node(folder: Path) -> None:
    program = (
        "import sys; from ivc.__main__ import app; app(standalone_mode=False);"
        "sys.exit(sorted({name.split('.')[0] for name in sys.modules} & {'cdktf', 'jsii', 'constructs'}) != [])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "diagram", "--from", str(folder), "--stack", "shop", "--format", "svg"],
        env=clean_environment(PYTHONPATH=str(PROJECT / "constructs")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<svg ")
