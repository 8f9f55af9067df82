"""docs/other-services.md declares with the bindings' own classes what it says that it does, and Terraform takes it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cloud.terraform import needs_provider
from tests.helpers import PROJECT, Json, run_program, shown_on
from tests.program import terraform

pytestmark = pytest.mark.terraform
PAGE = (PROJECT / "docs" / "other-services.md").read_text()
INIT = ("init", "-input=false", "-no-color", "-backend=false")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stack that the page's program writes."""
    folder = tmp_path_factory.mktemp("page")
    done = run_program(folder, shown_on("docs/other-services.md"))
    assert done.returncode == 0, done.stderr
    return folder / "cdktf.out" / "stacks" / "shop"


@pytest.fixture(scope="module")
def declared(stack: Path) -> Json:
    written: Json = json.loads((stack / "cdk.tf.json").read_text())
    return {kind: one for kind, named in written["resource"].items() for one in named.values()}


def test_a_database_instance_is_protected_and_says_the_type_of_its_volume(declared: Json) -> None:
    instance = declared["openstack_db_instance_v1"]
    assert (instance["size"], instance["volume_type"]) == (20, "classic")
    assert instance["lifecycle"] == {"prevent_destroy": True}
    assert instance["network"] == [{"uuid": "${openstack_networking_network_v2.backend.id}"}]
    assert {"database", "user"} & {*instance} == set()
    assert declared["openstack_db_user_v1"]["password"] == "${var.database_password}"


def test_a_heat_stack_says_what_the_provider_or_heat_would_fill_in(declared: Json) -> None:
    made = declared["openstack_orchestration_stack_v1"]
    assert (made["environment_opts"], made["disable_rollback"]) == ({"Bin": "\n"}, True)
    parameters = re.findall(r"^  (\w+): \{type", made["template_opts"]["Bin"], re.MULTILINE)
    assert [*made["parameters"]] == [one for one in parameters if one not in ("network", "subnet")] == ["range"]


def test_terraform_finds_it_valid(stack: Path, tmp_path: Path) -> None:
    program = terraform()
    needs_provider(program, tmp_path)
    for arguments in (INIT, ("validate", "-no-color")):
        done = program.run(*arguments, folder=stack, environment={})
        assert done.returncode == 0, done.stdout + done.stderr
