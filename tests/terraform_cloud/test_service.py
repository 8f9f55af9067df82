"""`ivc.deploy.terraform_cloud`: where a stack runs, and what is said before a plan is made there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc.deploy import terraform_cloud
from ivc.deploy.errors import DeployError
from ivc.deploy.terraform_cloud import Service, Workspace, check_variables, saved_run
from tests.terraform_cloud import api
from tests.terraform_cloud.machine import Machine


def test_a_stacks_workspace_is_that_of_its_cloud_block() -> None:
    block = {"hostname": "tf.example.com", "organization": "acme", "workspaces": {"name": "production"}}
    found = Workspace.of("shop", {"cloud": block}, {})

    assert found == Workspace("shop", "tf.example.com", "acme", "production")
    assert found is not None
    assert found.address("run-1") == "https://tf.example.com/app/acme/production/runs/run-1"


def test_a_stack_with_another_backend_runs_here() -> None:
    assert Workspace.of("shop", {"backend": {"local": {"path": "x"}}}, {}) is None
    assert Workspace.of("shop", {}, {"TF_CLOUD_ORGANIZATION": "acme"}) is None


def test_what_the_block_leaves_out_is_the_environments() -> None:
    said = {"TF_CLOUD_ORGANIZATION": "acme", "TF_CLOUD_HOSTNAME": "tf.example.com", "TF_WORKSPACE": "prod"}

    assert Workspace.of("shop", {"cloud": {}}, said) == Workspace("shop", "tf.example.com", "acme", "prod")
    assert Workspace.of("shop", {"cloud": {"organization": "a", "workspaces": {"name": "b"}}}, {}) == Workspace(
        "shop", "app.terraform.io", "a", "b"
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"cloud": {"workspaces": {"name": "shop"}}},
            "stack shop: its `cloud` block names no organization; name it there",
        ),
        (
            {"cloud": {"organization": "acme", "workspaces": {"tags": ["web"]}}},
            "stack shop: its `cloud` block names no workspace; name one, or set TF_WORKSPACE",
        ),
        (
            {"backend": {"remote": {"organization": "acme"}}},
            "stack shop: its backend `remote` can save no plan to be reviewed; use backend=TerraformCloud(...), which "
            "keeps the same workspace",
        ),
    ],
)
def test_a_stack_that_leads_to_no_one_workspace_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(DeployError) as error:
        Workspace.of("shop", settings, {})
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".terraformrc", 'credentials "tf.example.com" {\n  token = "abc"\n}\n'),
        (".terraform.d/credentials.tfrc.json", '{"credentials": {"tf.example.com": {"token": "abc"}}}'),
    ],
)
def test_the_token_is_where_terraform_has_it(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)

    assert terraform_cloud._token("tf.example.com", {"HOME": str(tmp_path)}) == "abc"
    assert terraform_cloud._token("other.example.com", {"HOME": str(tmp_path)}) is None
    named = {"HOME": str(tmp_path), "TF_TOKEN_tf_example_com": "def", "TF_TOKEN_a__b_example_com": "ghi"}
    assert terraform_cloud._token("tf.example.com", named) == "def"
    assert terraform_cloud._token("a-b.example.com", named) == "ghi"
    elsewhere = {"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(tmp_path / "none")}
    assert terraform_cloud._token("tf.example.com", elsewhere) is None


def test_no_token_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DeployError) as error:
        Service.sign_in(Workspace("shop", "tf.example.com", "acme", "shop"), {"HOME": str(tmp_path)})
    assert str(error.value) == (
        "stack shop: there is no token for tf.example.com; run `terraform login tf.example.com`, or set "
        "TF_TOKEN_tf_example_com"
    )


def test_a_wrong_token_is_one_sentence(machine: Machine, trusted: api.Service) -> None:
    machine.token = "wrong"
    with pytest.raises(DeployError) as error:
        machine.sign_in()
    assert str(error.value) == (
        f"stack shop: {trusted.host} refuses the token; make a new one with `terraform login {trusted.host}`"
    )


def test_an_organization_that_is_not_there_is_one_sentence(machine: Machine, trusted: api.Service) -> None:
    with pytest.raises(DeployError) as error:
        machine.sign_in(organization="acne")
    assert str(error.value) == (
        f"stack shop: there is no organization acne on {trusted.host} that the token may see; correct the name, or "
        "take a token of one of its members"
    )


def test_a_server_that_nobody_vouches_for_gets_no_token(machine: Machine, service: api.Service) -> None:
    with pytest.raises(DeployError, match=r"^stack shop: localhost:\d+ cannot be reached: .*CERTIFICATE_VERIFY_FAILED"):
        machine.sign_in()
    assert service.asked == []


def test_a_server_that_is_not_there_is_one_sentence(machine: Machine, trusted: api.Service) -> None:
    machine.service.host = "localhost:1"
    with pytest.raises(DeployError, match=r"^stack shop: localhost:1 cannot be reached: .*; is it called so"):
        machine.sign_in()


def test_a_workspace_says_where_its_runs_are_made(machine: Machine, trusted: api.Service) -> None:
    signed_in = machine.sign_in()
    workspace = trusted.workspace("shop")

    assert signed_in.runs_there() is True
    workspace.settings["execution-mode"] = "local"
    assert signed_in.runs_there() is False


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"vcs_repo": {"identifier": "acme/servers"}},
            "stack shop: workspace shop is connected to the repository acme/servers, and applies no plan from "
            "elsewhere; merge there, or disconnect it",
        ),
        (
            {"working_directory": "cdktf.out/stacks/shop"},
            "stack shop: workspace shop has the working directory cdktf.out/stacks/shop, so that Terraform would send "
            "it the folders above the stack's as well; empty it in the workspace's settings",
        ),
    ],
)
def test_a_workspace_that_could_not_apply_or_would_get_too_much_is_refused(
    machine: Machine, trusted: api.Service, settings: dict[str, Any], said: str
) -> None:
    trusted.workspace("shop", **settings)
    with pytest.raises(DeployError) as error:
        machine.sign_in().runs_there()
    assert str(error.value) == said


def test_a_workspace_that_is_not_there_is_one_sentence(machine: Machine, trusted: api.Service) -> None:
    with pytest.raises(DeployError, match=r"^stack shop: there is no workspace shop in acme that the token may see; "):
        machine.sign_in().runs_there()


def test_a_plan_of_terraforms_own_is_no_saved_run(tmp_path: Path) -> None:
    (tmp_path / "plan").write_bytes(b"PK\x03\x04\x8f")
    (tmp_path / "other").write_text("[]")

    assert saved_run(tmp_path / "plan") is None
    assert saved_run(tmp_path / "other") is None


def test_a_secret_that_would_be_stored_with_the_run_is_refused() -> None:
    document = {"variable": {"password": {"sensitive": True}, "size": {}}}

    check_variables("shop", document, {"TF_VAR_size": "small", "TF_VAR_other": "x"})
    with pytest.raises(DeployError) as error:
        check_variables("shop", document, {"TF_VAR_password": "canary-4f1d"})
    assert str(error.value) == (
        "stack shop: TF_VAR_password holds a sensitive variable, which Terraform would store with the run in clear; "
        "make it a sensitive variable of the workspace, and unset it here"
    )
