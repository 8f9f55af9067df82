"""`ivc plan`, `deploy` and `destroy` of a stack that runs in the stand-in."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.helpers import PROJECT
from tests.terraform_cloud.api import Service
from tests.terraform_cloud.machine import Machine
from tests.terraform_cloud.test_runs import ONE, SECRET, SLOW

pytestmark = [
    pytest.mark.terraform,
]


def _start(machine: Machine, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ivc", *arguments, "--from", "cdktf.out"],
        cwd=machine.folder,
        env=machine.everything() | {"PYTHONPATH": str(PROJECT / "constructs")},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ivc(machine: Machine, *arguments: str, status: int = 0) -> tuple[str, str]:
    process = _start(machine, *arguments)
    out, err = process.communicate(timeout=300)
    assert process.returncode == status, out + err
    return out, err


def test_the_plan_is_made_there_and_its_review_is_that_of_ivc_review(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE)
    out, err = _ivc(machine, "plan")

    (run,) = service.runs
    assert f"shop: the run is https://{service.host}/app/acme/shop/runs/{run.id}\n" in err
    shown = machine.folder / "shown.json"
    shown.write_text(machine.run("show", "-json", str(machine.folder / ".ivc" / "shop" / "plan")))
    reviewed = subprocess.run(
        [sys.executable, "-m", "ivc", "review", "--head", "cdktf.out", "--plan", f"shop={shown}"],
        cwd=machine.folder,
        env=machine.everything() | {"PYTHONPATH": str(PROJECT / "constructs")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "terraform_data.one: created" in out
    assert out == reviewed.stdout


def test_the_very_run_that_was_reviewed_is_applied_and_watched(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE, output={"size": {"value": "small"}})
    _ivc(machine, "plan")
    (planned,) = service.runs
    out, err = _ivc(machine, "deploy", "--planned", "--yes")

    assert [run.id for run in service.runs] == [planned.id]
    assert planned.status == "applied"
    assert "shop: size = small" in out
    assert "deploying" in err
    assert "No changes" in _ivc(machine, "deploy", "--yes")[0]


def test_the_answer_no_discards_the_run(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE)
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    deploy = _start(machine, "deploy", stdin=theirs)
    out, err = deploy.communicate(timeout=300)

    assert "Deploy shop (nothing dangerous)? [y/N]: " in out
    assert "shop: not confirmed, and nothing of it was changed" in err
    assert [run.status for run in service.runs] == ["discarded"]


def test_destroy_takes_away_what_is_there(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE)
    _ivc(machine, "deploy", "--yes")
    _ivc(machine, "destroy", "--yes")

    assert json.loads(machine.run("state", "pull"))["resources"] == []


@pytest.mark.parametrize("structured", [True, False])
def test_an_error_there_is_told_here(machine: Machine, service: Service, structured: bool) -> None:
    service.workspace("shop", structured_run_output_enabled=structured)
    wrong = {"precondition": [{"condition": "${1 == var.size}", "error_message": "Too small."}]}
    machine.synthesize(resource={"terraform_data": {"one": {"lifecycle": wrong}}}, variable={"size": {"default": 2}})
    _, err = _ivc(machine, "plan", status=1)

    assert "Too small" in err
    assert "did not say why" not in err


def test_a_wrong_token_is_one_sentence_and_nothing_was_sent(machine: Machine, service: Service) -> None:
    machine.token = "wrong"
    machine.synthesize(**ONE)
    _, err = _ivc(machine, "plan", status=1)

    assert (
        err
        == f"ivc: stack shop: {service.host} refuses the token; make a new one with `terraform login {service.host}`\n"
    )
    assert service.uploads == []


def test_a_secret_of_the_environment_is_not_sent(machine: Machine, service: Service) -> None:
    machine.environment = {"TF_VAR_password": SECRET}
    machine.synthesize(**ONE, variable={"password": {"sensitive": True}})
    out, err = _ivc(machine, "plan", status=1)

    assert "TF_VAR_password holds a sensitive variable" in err
    assert SECRET not in out + err
    assert service.uploads == []


def test_a_workspace_that_only_keeps_the_state_has_its_plans_made_here(machine: Machine, service: Service) -> None:
    service.workspace("shop", execution_mode="local")
    machine.synthesize(**ONE)
    _ivc(machine, "deploy", "--yes")

    assert service.runs == []
    assert len(json.loads(machine.run("state", "pull"))["resources"]) == 1


def test_an_interrupt_lets_the_run_there_end_what_it_began(machine: Machine, service: Service) -> None:
    machine.synthesize(**SLOW)
    (machine.stack / "wait").write_text("")
    deploy = _start(machine, "deploy", "--yes")
    service.wait_for_log("apply", b"Provisioning")
    deploy.send_signal(signal.SIGINT)
    out, err = deploy.communicate(timeout=300)

    (run,) = service.runs
    assert run.status == "canceled", "when ivc ends, the run there has ended"
    assert deploy.returncode == 1, out + err
    (machine.stack / "wait").unlink()
    _ivc(machine, "deploy", "--yes")
    assert [run.status for run in service.runs] == ["canceled", "applied"]
