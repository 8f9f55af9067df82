"""The script of docs/terraform-cloud.md, against the stand-in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from tests.helpers import PROJECT
from tests.terraform_cloud.api import TOKEN, Service
from tests.terraform_cloud.machine import Machine
from tests.terraform_cloud.test_runs import ONE

_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
(SCRIPT,) = _BLOCK.findall((PROJECT / "docs" / "terraform-cloud.md").read_text())


def test_shellcheck_finds_nothing_in_the_script() -> None:
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip("shellcheck is not installed here, so the script for Terraform Cloud is NOT checked")
    done = subprocess.run([program, "-"], input=SCRIPT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _run(machine: Machine, what: str, *run: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """The script, with a stand-in for ivc that ends with a status, and keeps what it was asked and the plan."""
    if not (shutil.which("jq") and shutil.which("curl")):
        pytest.skip("jq or curl is not installed, so the script for Terraform Cloud is NOT run")
    ivc = machine.folder / "ivc"
    keep = 'for plan; do case $plan in shop=*) cat "${plan#*=}" > reviewed;; esac; done'
    ivc.write_text(f'#!/bin/sh\necho "$*" > said\n{keep}\nexit {status}\n')
    ivc.chmod(0o755)
    said = {
        "TFC_TOKEN": TOKEN,
        "TFC_ORGANIZATION": "acme",
        "TFC_ADDRESS": f"https://{machine.service.host}",
        "TFC_PAUSE": "0.2",
        "FAIL_ON": "replace,destroy",
        "IVC": str(ivc),
        "CURL_CA_BUNDLE": str(machine.service.certificate),
    }
    return subprocess.run(
        ["bash", "-c", SCRIPT, "terraform-cloud.sh", what, "base", "cdktf.out", "shop", *run],
        cwd=machine.folder,
        env=machine.everything() | said,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.terraform
def test_a_pull_requests_plan_is_speculative_and_reviewed(machine: Machine, service: Service) -> None:
    service.workspace("shop")
    machine.synthesize(**ONE)
    (machine.stack / "userdata").mkdir()
    (machine.stack / "userdata" / "www-1").write_text("#cloud-config\n")
    (machine.stack / "left-over").write_text("not to be sent")
    done = _run(machine, "review", status=2)

    assert done.returncode == 2, done.stderr
    assert service.uploads == [["cdk.tf.json", "userdata/www-1"]]
    (run,) = service.runs
    assert (run.version.speculative, run.status) == (True, "planned_and_finished")
    assert "--base base --head cdktf.out --plan shop=" in (machine.folder / "said").read_text()
    reviewed = json.loads((machine.folder / "reviewed").read_text())
    assert [one["address"] for one in reviewed["resource_changes"]] == ["terraform_data.one"]


@pytest.mark.terraform
@pytest.mark.parametrize(("status", "becomes"), [(0, "applied"), (2, "discarded"), (1, "discarded")])
def test_only_the_plan_that_the_gate_lets_through_is_applied(
    machine: Machine, service: Service, status: int, becomes: str
) -> None:
    workspace = service.workspace("shop", auto_apply=True)
    machine.synthesize(**ONE)
    done = _run(machine, "apply", status=status)
    workspace.wait()

    assert done.returncode == status, done.stderr
    assert [run.status for run in service.runs] == [becomes]


@pytest.mark.terraform
def test_a_run_that_is_there_is_reviewed_and_applied_by_its_number(machine: Machine, service: Service) -> None:
    workspace = service.workspace("shop")
    machine.synthesize(**ONE)
    machine.run("init", "-input=false")
    machine.save_plan()
    done = _run(machine, "apply", service.runs[0].id)
    workspace.wait()

    assert done.returncode == 0, done.stderr
    assert [run.status for run in service.runs] == ["applied"]


@pytest.mark.terraform
def test_a_run_that_fails_there_fails_here(machine: Machine, service: Service) -> None:
    service.workspace("shop")
    machine.synthesize(resource={"terraform_data": {"one": {"input": "${var.nowhere}"}}})
    done = _run(machine, "apply")

    assert done.returncode == 1
    assert f"run {service.runs[0].id} did not plan" in done.stderr
    assert not (machine.folder / "said").exists()
