"""main.py on the practice cloud, by runs in a stand-in for Terraform Cloud; only its workspace has the credentials."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.helpers import PROJECT, copy_of_project
from tests.running import cannot_be_had
from tests.terraform_cloud import api
from tests.terraform_cloud.machine import Machine


@dataclass
class Shop:
    """main.py, deployed there by `ivc deploy`. printed: all that was said of it."""

    machine: Machine
    printed: str

    def ivc(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "ivc", *arguments],
            cwd=self.machine.folder,
            env=self.machine.everything() | {"PYTHONPATH": str(PROJECT / "constructs")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.printed += done.stdout
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def shop(
    cloud: Cloud, demo: Connection, free_volumes: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    if shutil.which("openssl") is None:
        cannot_be_had("a stand-in for Terraform Cloud", "openssl is not on PATH")
    folder = copy_of_project(tmp_path_factory.mktemp("shop"))
    with api.service(tmp_path_factory.mktemp("service")) as service:
        workspace = service.workspace("shop")
        workspace.environment |= cloud.credentials() | {"TF_CLI_ARGS_apply": "-parallelism=40"}
        said = {"TF_CLOUD_ORGANIZATION": "acme", "TF_CLOUD_HOSTNAME": service.host}
        made = Shop(Machine(service, folder, environment=said), "")
        made.ivc("deploy", "--yes")
        yield made
        if list(demo.compute.servers()):
            made.ivc("destroy", "--yes")


def test_its_servers_run(shop: Shop, demo: Connection) -> None:
    servers = [witness.running(demo, name) for name in ("www-1", "www-2", "db-1")]

    assert [one.status for one in servers] == ["ACTIVE"] * 3
    assert [run.status for run in shop.machine.service.runs] == ["applied"]


def test_a_second_plan_there_is_empty(shop: Shop) -> None:
    assert "No changes" in shop.ivc("plan")
    assert shop.machine.service.runs[-1].status == "planned_and_finished"


def test_the_outputs_are_read_from_there(shop: Shop) -> None:
    instances = json.loads(shop.ivc("outputs", "--json", "-"))["shop"]["instances"]

    assert instances["db-1"]["addresses"]["backend"] == ["10.0.0.21"]


def test_only_the_stack_was_sent_and_no_credential_is_on_this_machine(shop: Shop, cloud: Cloud) -> None:
    sent = shop.machine.service.uploads
    # Of all credentials here this one alone stands nowhere else.
    told = cloud.credentials()["OS_AUTH_URL"]
    written = [path for path in shop.machine.folder.rglob("*") if path.is_file() and told.encode() in path.read_bytes()]

    assert sent[0] == [
        ".terraform.lock.hcl",
        "cdk.tf.json",
        "policies.json",
        "sources.json",
        *(f"userdata/{name}" for name in ("db-1", "www-1", "www-2")),
    ]
    assert written == []
    assert told not in shop.printed


def test_after_destroy_only_the_volumes_are_left(shop: Shop, demo: Connection) -> None:
    shop.ivc("destroy", "--yes")

    assert list(demo.compute.servers()) == []
    assert {volume.status for volume in demo.block_storage.volumes()} == {"available"}
