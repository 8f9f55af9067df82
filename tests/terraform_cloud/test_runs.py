"""Terraform's own commands against the stand-in: what a stack with a `cloud` block does, and what is sent there."""

from __future__ import annotations

import io
import json
import re
import shutil
import signal
import tarfile

import pytest
from typer.testing import CliRunner

from ivc.__main__ import app
from tests.helpers import Json
from tests.terraform_cloud.api import Service
from tests.terraform_cloud.machine import Machine

pytestmark = [
    pytest.mark.terraform,
]

SECRET = "canary-4f1d"
ONE: Json = {"resource": {"terraform_data": {"one": {"input": "of the first plan"}}}}
TWO: Json = {"resource": {"terraform_data": {"one": {"input": "of the first plan"}, "two": {"input": "later"}}}}
# Is not done as long as the folder has the file `wait`.
WAITS = [{"local-exec": {"command": "while [ -e wait ]; do sleep 0.1; done"}}]
SLOW: Json = {"resource": {"terraform_data": {"slow": {"provisioner": WAITS}}}}


def _initialized(machine: Machine, document: Json) -> None:
    machine.synthesize(**document)
    machine.run("init", "-input=false")


def test_a_saved_plan_is_reviewed_and_that_very_run_is_applied(machine: Machine, service: Service) -> None:
    _initialized(machine, ONE)
    machine.save_plan()
    (planned,) = service.runs
    assert json.loads(machine.plan.read_text())["run_id"] == planned.id
    assert planned.status == "planned_and_saved"

    shown = machine.folder / "shown.json"
    shown.write_text(machine.run("show", "-json", str(machine.plan)))
    reviewed = CliRunner().invoke(app, ["review", "--head", str(machine.output), "--plan", f"shop={shown}"])
    assert reviewed.exit_code == 0, reviewed.output
    assert "terraform_data.one" in reviewed.output

    said = machine.apply_plan()
    assert "1 added, 0 changed, 0 destroyed" in said
    assert [run.id for run in service.runs] == [planned.id], "no other run was made"
    assert planned.status == "applied"


def test_a_second_plan_is_empty_and_needs_no_apply(machine: Machine, service: Service) -> None:
    _initialized(machine, ONE)
    machine.save_plan()
    machine.apply_plan()

    assert "No changes" in machine.save_plan()
    shown = json.loads(machine.run("show", "-json", str(machine.plan)))
    assert [one["change"]["actions"] for one in shown["resource_changes"]] == [["no-op"]]
    assert "Saved plan has no changes" in machine.apply_plan(status=1)
    assert [run.status for run in service.runs] == ["applied", "planned_and_finished"]


def test_destroying_is_planned_and_applied_like_anything_else(machine: Machine, service: Service) -> None:
    _initialized(machine, ONE)
    machine.save_plan()
    machine.apply_plan()

    machine.save_plan("-destroy")
    assert "1 destroyed" in machine.apply_plan()
    assert json.loads(machine.run("state", "pull"))["resources"] == []


def test_a_saved_plan_holds_up_no_other_and_is_discarded_when_another_was_applied(
    machine: Machine, service: Service
) -> None:
    _initialized(machine, ONE)
    machine.save_plan()
    first = machine.plan.read_bytes()
    machine.save_plan()
    machine.apply_plan()

    machine.plan.write_bytes(first)
    assert "Saved plan is discarded" in machine.apply_plan(status=1)


def test_only_the_stacks_folder_is_sent_and_nothing_of_the_callers_environment(
    machine: Machine, service: Service
) -> None:
    machine.environment = {"OS_PASSWORD": SECRET, "TF_VAR_undeclared": SECRET}
    (machine.folder / ".env").write_text(SECRET)
    _initialized(machine, {**ONE, "variable": {"password": {"sensitive": True}}})
    (machine.stack / "userdata").mkdir()
    (machine.stack / "userdata" / "www-1").write_text("#cloud-config\n")
    service.workspaces["shop"].variables["password"] = "of the workspace"
    machine.save_plan()

    assert service.uploads == [["cdk.tf.json", "userdata/www-1"]]
    (version,) = service.workspaces["shop"].versions
    with tarfile.open(fileobj=io.BytesIO(version.archive or b"")) as archive:
        sent = b"".join(file.read() for one in archive if (file := archive.extractfile(one)))
    assert b"of the first plan" in sent
    assert SECRET.encode() not in sent
    assert SECRET not in json.dumps([run.asked for run in service.runs])


def test_a_variable_of_the_callers_environment_is_stored_with_the_run_in_clear(
    machine: Machine, service: Service
) -> None:
    """Why `check_variables` refuses it."""
    machine.environment = {"TF_VAR_password": SECRET}
    _initialized(machine, {**ONE, "variable": {"password": {"sensitive": True, "type": "string"}}})
    machine.save_plan()

    (run,) = service.runs
    assert run.asked["variables"] == [{"key": "password", "value": f'"{SECRET}"'}]


def test_the_worker_has_the_workspaces_variables_and_no_other(
    machine: Machine, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_REGION_NAME", "of-the-tests")
    says = [{"local-exec": {"command": "echo OS_CLOUD is $OS_CLOUD in $${OS_REGION_NAME:-no region}"}}]
    data = {"terraform_data": {"one": {"input": "${var.size}", "provisioner": says}}}
    machine.environment = {"OS_CLOUD": "of the caller"}
    _initialized(machine, {"resource": data, "variable": {"size": {}}, "output": {"size": {"value": "${var.size}"}}})
    service.workspaces["shop"].variables["size"] = "small"
    service.workspaces["shop"].environment["OS_CLOUD"] = "of-the-workspace"
    machine.save_plan()

    assert "OS_CLOUD is of-the-workspace in no region" in machine.apply_plan()
    assert json.loads(machine.run("output", "-json"))["size"]["value"] == "small"


def test_the_json_holds_sensitive_values_in_clear_and_is_for_admins(machine: Machine, service: Service) -> None:
    data = {"terraform_data": {"one": {"input": "${var.password}"}}}
    _initialized(machine, {"resource": data, "variable": {"password": {"sensitive": True}}})
    service.workspaces["shop"].variables["password"] = SECRET

    printed = machine.save_plan()
    assert SECRET not in printed
    assert SECRET in machine.run("show", "-json", str(machine.plan))
    service.workspaces["shop"].admin = False
    assert "admin" in machine.run("show", "-json", str(machine.plan), status=1)


@pytest.mark.parametrize(
    "settings", [{"structured_run_output_enabled": True}, {"structured_run_output_enabled": False}]
)
def test_machine_readable_output_has_text_for_people_between(
    machine: Machine, service: Service, settings: dict[str, bool]
) -> None:
    """Why the lines of a run are read from its log."""
    service.workspace("shop", **settings)
    _initialized(machine, ONE)
    lines = machine.save_plan("-json").splitlines()

    read = [json.loads(line) for line in lines if line.startswith("{")]
    assert [one["type"] for one in read] == ["version"]
    assert any("will be created" in line for line in lines)


def test_how_many_calls_at_a_time_is_not_the_callers_to_say(machine: Machine, service: Service) -> None:
    _initialized(machine, ONE)
    said = machine.run("plan", "-input=false", "-no-color", f"-out={machine.plan}", "-parallelism=40", status=1)

    assert "not supported" in " ".join(said.split())
    assert service.runs == []


def test_targets_and_a_plan_without_refresh_go_along(machine: Machine, service: Service) -> None:
    _initialized(machine, TWO)
    machine.save_plan("-target=terraform_data.two", "-refresh=false")

    (run,) = service.runs
    assert run.asked["target-addrs"] == ["terraform_data.two"]
    assert [one["address"] for one in run.plan_json["resource_changes"]] == ["terraform_data.two"]


@pytest.mark.usefixtures("trusted")
def test_an_interrupt_here_leaves_the_run_there_alone_and_one_that_is_cancelled_can_be_gone_on_with(
    machine: Machine, service: Service
) -> None:
    """Terraform asks whether to cancel it, where nobody answers."""
    machine.synthesize(**SLOW)
    (machine.stack / "wait").write_text("")
    machine.run("init", "-input=false")
    machine.save_plan()
    apply = machine.start("apply", "-input=false", "-no-color", str(machine.plan))
    assert apply.stdout is not None
    assert any("Provisioning" in line for line in apply.stdout)
    apply.send_signal(signal.SIGINT)
    apply.communicate()

    (run,) = service.runs
    assert run.status == "applying"
    assert machine.sign_in().cancel(run.id)
    service.workspaces["shop"].wait()
    assert run.status == "canceled"
    (machine.stack / "wait").unlink()
    machine.save_plan()
    assert "1 added, 0 changed, 1 destroyed" in machine.apply_plan(), "what was half made is made anew"


def test_terraform_says_of_a_wrong_token_that_the_organization_cannot_be_read(
    machine: Machine, service: Service
) -> None:
    machine.token = "wrong"
    machine.synthesize(**ONE)
    said = " ".join(machine.run("init", "-input=false", "-no-color", status=1).split())

    assert re.search(r"Failed to read organization .acme. at host .*unauthorized", said)


def test_a_state_kept_here_moves_there_by_pull_and_push(machine: Machine, service: Service) -> None:
    """`init` would ask, and takes no option that answers."""
    machine.synthesize(**ONE)
    document = json.loads((machine.stack / "cdk.tf.json").read_text())
    local = document | {"terraform": {"backend": {"local": {"path": str(machine.folder / "terraform.tfstate")}}}}
    (machine.stack / "cdk.tf.json").write_text(json.dumps(local))
    machine.run("init", "-input=false")
    machine.run("apply", "-input=false", "-auto-approve")
    state = machine.folder / "pulled"
    state.write_text(machine.run("state", "pull"))
    (machine.stack / "cdk.tf.json").write_text(json.dumps(document))
    assert "not applicable" in machine.run("init", "-input=false", "-force-copy", "-no-color", status=1)
    shutil.rmtree(machine.stack / ".terraform")
    machine.run("init", "-input=false")
    machine.run("state", "push", str(state))

    assert "No changes" in machine.save_plan()
    assert not service.workspaces["shop"].locked
