"""`ivc` with OpenTofu on the practice cloud, and a stack that goes from Terraform to OpenTofu and back.

`make test-long` runs all tests of the cloud with OpenTofu; these run wherever it is on PATH.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.cloud.project import Project
from tests.cloud.terraform import needs_provider
from tests.program import terraform

GONE: dict[str, list[str]] = {"networks": [], "subnets": [], "ports": [], "groups": [], "servers": []}


@pytest.fixture(scope="module")
def tofu(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of OpenTofu, where it can have the provider."""
    found = terraform("tofu")
    needs_provider(found, tmp_path_factory.mktemp("provider"))
    return found.path


@pytest.fixture
def project(tofu: str, cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path, cloud.credentials(), "tofu", tofu)
    yield project
    if project.state.exists():
        project.ivc("destroy", "--yes")


def test_a_stack_is_planned_deployed_interrupted_deployed_again_and_destroyed(
    project: Project, demo: Connection
) -> None:
    project.declare(servers=4)
    assert "created: tofu-1 will be made; the same happens to 3 more" in project.ivc("plan")
    assert project.in_cloud(demo) == {}
    said = project.deploy_until_ctrl_c()
    assert "tofu: stopping: what was begun is brought to its end" in said
    assert "`ivc deploy tofu` goes on from there." in said
    before = project.in_cloud(demo)
    assert before == project.in_state()
    assert not (project.folder / f".{project.state.name}.lock.info").exists()
    project.ivc("deploy", "--yes")
    assert {*project.in_cloud(demo)} == {"tofu-1", "tofu-2", "tofu-3", "tofu-4"}
    assert before.items() <= project.in_cloud(demo).items()
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")
    outputs = json.loads(project.ivc("outputs", "--json", "-"))
    assert outputs["tofu"]["instances"]["tofu-1"]["addresses"] == {"tofu": ["10.0.0.11"]}
    project.ivc("destroy", "--yes")
    assert project.in_cloud(demo) == {}
    assert witness.marked(demo, "tofu") == GONE


def test_a_stack_goes_from_terraform_to_opentofu_and_back(project: Project, demo: Connection, tofu: str) -> None:
    project.declare(servers=1)
    project.use(terraform("terraform").path)
    project.ivc("deploy", "--yes")
    first = project.in_cloud(demo)
    assert {*first} == {"tofu-1"}

    project.use(tofu)
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")
    project.declare(servers=2)
    project.ivc("deploy", "--yes")
    assert "registry.opentofu.org/terraform-provider-openstack" in project.state.read_text()

    project.use(terraform("terraform").path)
    assert "\nNo changes.\n" in project.ivc("plan", "--exit-code")
    both = project.in_cloud(demo)
    assert {*both} == {"tofu-1", "tofu-2"}
    assert first.items() <= both.items()
    project.ivc("destroy", "--yes")
    assert witness.marked(demo, "tofu") == GONE
