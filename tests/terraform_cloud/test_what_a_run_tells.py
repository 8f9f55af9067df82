"""`ivc.deploy.terraform_cloud` and runs of Terraform's: which it is, what it says, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivc.deploy.terraform_cloud import RunLog, run_in, saved_run
from tests.terraform_cloud.api import Service
from tests.terraform_cloud.machine import Machine
from tests.terraform_cloud.test_runs import ONE

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.usefixtures("trusted"),
]


def _said(machine: Machine, text: str) -> Path:
    file = machine.folder / "said"
    file.write_text(text)
    return file


def test_the_plans_file_and_terraforms_words_lead_to_the_run(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE)
    machine.run("init", "-input=false")
    printed = machine.save_plan()

    assert saved_run(machine.plan) == run_in(printed) == service.runs[0].id
    assert machine.workspace().address(service.runs[0].id) in printed


def test_a_run_that_is_discarded_can_no_longer_be_applied(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE)
    machine.run("init", "-input=false")
    machine.save_plan()
    signed_in, run = machine.sign_in(), str(saved_run(machine.plan))

    assert signed_in.status(run) == "planned_and_saved"
    assert signed_in.discard(run) is True
    assert signed_in.discard(run) is False, "there is nothing left to discard"
    assert signed_in.status(run) == "discarded"
    assert "Saved plan is discarded" in machine.apply_plan(status=1)


def test_a_run_tells_terraforms_own_lines(machine: Machine, service: Service) -> None:
    machine.synthesize(**ONE)
    machine.run("init", "-input=false")
    printed = _said(machine, machine.save_plan())
    planned = RunLog(machine.sign_in(), "plan", printed).lines()
    assert [one["type"] for one in planned][:2] == ["version", "planned_change"]
    log = RunLog(machine.sign_in(), "apply", _said(machine, machine.apply_plan()))
    applied = log.lines()
    assert [one["type"] for one in applied if one["type"].startswith("apply_")] == ["apply_start", "apply_complete"]
    assert log.lines(now=True) == [], "each line once"


def test_the_error_of_a_run_is_in_its_lines(machine: Machine, service: Service) -> None:
    wrong = {"precondition": [{"condition": "${var.size == 1}", "error_message": "Too small."}]}
    data = {"terraform_data": {"one": {"lifecycle": wrong}}}
    machine.synthesize(resource=data, variable={"size": {}})
    machine.run("init", "-input=false")
    service.workspaces["shop"].variables["size"] = "2"
    printed = machine.run("plan", "-input=false", "-no-color", "-json", f"-out={machine.plan}", status=1)

    lines = RunLog(machine.sign_in(), "plan", _said(machine, printed)).lines()
    assert [one["diagnostic"]["detail"] for one in lines if "diagnostic" in one] == ["Too small."]
    assert not any(json.loads(one).get("diagnostic") for one in printed.splitlines() if one.startswith("{"))


def test_a_workspace_without_structured_output_has_no_such_lines(machine: Machine, service: Service) -> None:
    service.workspace("shop", structured_run_output_enabled=False)
    machine.synthesize(**ONE)
    machine.run("init", "-input=false")
    printed = machine.save_plan()

    assert RunLog(machine.sign_in(), "plan", _said(machine, printed)).lines() == []


@pytest.mark.parametrize("said", ["", "https://localhost/app/acme/shop/runs/run-unknown\n"])
def test_a_run_that_nobody_knows_has_no_lines(machine: Machine, said: str) -> None:
    assert RunLog(machine.sign_in(), "plan", _said(machine, said)).lines() == []
