"""`ivc replace` and the options of `ivc deploy --one-at-a-time`, as far as they go without a cloud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.outputs import document, ivc, write
from tests.helpers import INSTANCE


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A stack of no servers, and two that both declare www-1."""
    web = {**document(), "resource": {INSTANCE: {"www-1": {"name": "www-1"}, "www-2": {"name": "www-2"}}}}
    lab = {**document(), "resource": {INSTANCE: {"www-1": {"name": "www-1"}}}}
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"}), "web": web, "lab": lab})
    return tmp_path


@pytest.mark.terraform
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("replace", "www-3", "--yes"),
            "ivc: stack lab or shop or web declares no server www-3; did you mean www-2\n",
        ),
        (
            ("replace", "a", "--stack", "shop", "--yes"),
            "ivc: stack shop declares no server a; there is none\n",
        ),
        (
            ("replace", "www-2", "www-1", "--yes"),
            "ivc: www-1: stacks lab and web each declare one: say which, --stack lab\n",
        ),
        (("replace", "www-2"), "ivc: there is no terminal to ask whether to go on: give --yes\n"),
        (("replace", "--yes"), "ivc: Missing argument 'SERVER'.\n"),
        (
            ("deploy", "--yes", "--check", "tcp://{address}:22"),
            "ivc: --check: nothing is judged without --one-at-a-time: give that as well\n",
        ),
        (
            ("deploy", "--yes", "--one-at-a-time", "--check-seconds", "9"),
            "ivc: --check-seconds: there is no --check that it is for: give one, or leave it away\n",
        ),
        (
            ("deploy", "--yes", "--one-at-a-time", "--check", "tcp:22"),
            "ivc: --check: 'tcp:22' is none: give tcp://{address}:22, http://{address}/health, or a command\n",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(project: Path, arguments: tuple[str, ...], said: str) -> None:
    done = ivc(project, *arguments, "--from", "cdktf.out")
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.terraform
def test_a_stack_without_servers_is_deployed_as_ever(project: Path) -> None:
    command = ("deploy", "shop", "--yes", "--one-at-a-time", "--check", "false", "--json", "-", "--from", "cdktf.out")
    done = ivc(project, *command)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["stacks"]["shop"]
    assert (told["status"], told["servers"]) == ("deployed", {"done": [], "failed": None, "untouched": []})
    again = ivc(project, *command)
    assert json.loads(again.stdout)["stacks"]["shop"]["status"] == "unchanged"


@pytest.mark.terraform
def test_what_an_earlier_run_left_to_be_judged_is_judged_though_nothing_changes(project: Path) -> None:
    """It is gone since: nobody is left to judge."""
    command = ("deploy", "shop", "--yes", "--one-at-a-time", "--from", "cdktf.out")
    assert ivc(project, *command).returncode == 0
    note = project / ".ivc/shop/unjudged.json"
    note.write_text('["www-9"]')
    assert ivc(project, *command).returncode == 0
    assert not note.exists()


@pytest.mark.terraform
def test_a_plan_that_fails_stops_it_as_ever(project: Path) -> None:
    write(
        project / "cdktf.out",
        {"shop": document(a={"input": "1", "provisioner": [{"local-exec": {"command": "exit 3"}}]})},
    )
    done = ivc(project, "deploy", "shop", "--yes", "--one-at-a-time", "--from", "cdktf.out")
    assert done.returncode == 1
    assert "`ivc deploy shop --one-at-a-time` goes on from there." in done.stderr
    assert "shop: stopped: all of it: it failed. Done, and well: none; not touched: none. " in done.stderr
    assert not (project / ".ivc/shop/plan").exists()
