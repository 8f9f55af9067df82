"""main.py on the practice cloud, deployed by `cdktf deploy` as a user does it, and asked back from the cloud."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud

from tests.cloud import witness
from tests.program import terraform

PROJECT = Path(__file__).parents[2]
EVERYWHERE = ("IPv4", "IPv6")


@dataclass
class Shop:
    """main.py, deployed."""

    folder: Path
    environment: dict[str, str]
    volumes: dict[str, str]

    def run(self, *command: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    @property
    def stack(self) -> Path:
        return self.folder / "cdktf.out" / "stacks" / "shop"


@pytest.fixture(scope="module")
def shop(
    cloud: Cloud, demo: Connection, free_volumes: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    for name in ("main.py", "cdktf.json"):
        shutil.copy(PROJECT / name, folder)
    for name in ("constructs", "userdata"):
        shutil.copytree(PROJECT / name, folder / name)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    volumes = {volume.name: volume.id for volume in demo.block_storage.volumes()}
    program = {"TERRAFORM_BINARY_NAME": terraform().path}
    mirror = Path.home() / ".terraform.d" / "plugins"
    if mirror.is_dir():
        # cdktf has a lock file made, for which the registry is asked even where a mirror is at hand.
        program["TF_CLI_ARGS_providers_lock"] = f"-fs-mirror={mirror}"
    made = Shop(folder, clean | cloud.credentials() | program, volumes)
    made.run("cdktf", "deploy", "--auto-approve", "shop")
    yield made
    if list(demo.compute.servers()):
        made.run(sys.executable, "-m", "ivc", "destroy", "--yes")


def test_every_server_is_as_declared(shop: Shop, demo: Connection) -> None:
    www_1, www_2, db_1 = (witness.running(demo, name) for name in ("www-1", "www-2", "db-1"))

    assert [one.status for one in (www_1, www_2, db_1)] == ["ACTIVE"] * 3
    assert www_1.networks == www_2.networks == ["Ext-Net", "backend"]
    assert db_1.networks == ["backend"]
    assert www_1.addresses[1] == ["10.0.0.11"]
    assert www_2.addresses[1] == ["10.0.0.12"]
    assert db_1.addresses == [["10.0.0.21"]]
    assert www_1.groups == www_2.groups == [["web"], ["web"]]
    assert db_1.groups == [["db"]]
    assert [one.config_drive for one in (www_1, www_2, db_1)] == [False, False, True]
    assert www_1.volumes == [shop.volumes["www-data"]]
    assert www_2.volumes == []
    assert db_1.volumes == [shop.volumes["db-data"]]
    assert [one.flavor for one in (www_1, www_2, db_1)] == ["b2-7", "b2-7", "b2-15"]
    assert [one.tags for one in (www_1, db_1)] == [["web"], ["database"]]


def test_the_groups_have_the_declared_rules_and_no_other(shop: Shop, demo: Connection) -> None:
    out = {("egress", family, None, None, None, None) for family in EVERYWHERE}

    assert witness.rules(demo, "web") == out | {
        ("ingress", "IPv4", "icmp", None, None, None),
        ("ingress", "IPv6", "ipv6-icmp", None, None, None),
        ("ingress", "IPv4", "icmp", None, None, "db"),
        ("ingress", "IPv6", "ipv6-icmp", None, None, "db"),
        *(("ingress", family, "tcp", port, port, None) for family in EVERYWHERE for port in (80, 443)),
    }
    assert witness.rules(demo, "db") == out | {
        ("ingress", "IPv4", "icmp", None, None, "web"),
        ("ingress", "IPv6", "ipv6-icmp", None, None, "web"),
        *(("ingress", family, "tcp", 3306, 3306, "web") for family in EVERYWHERE),
    }


def test_the_user_data_is_the_rendered_file_with_what_only_the_cloud_knew(
    shop: Shop, demo: Connection, admin: Connection
) -> None:
    for name in ("www-1", "www-2", "db-1"):
        server = witness.running(demo, name)
        outside = dict(zip(server.networks, server.addresses, strict=True)).get("Ext-Net", [])
        known = {f"<serial of volume {name}>": volume[:20] for name, volume in shop.volumes.items()}
        known |= {f"<address of {name} on Ext-Net>": ip for ip in outside if ":" not in ip}
        expected = (shop.stack / "userdata" / name).read_bytes().decode()
        for placeholder, value in known.items():
            expected = expected.replace(placeholder, value)

        assert witness.stored_user_data(admin, server.id) == expected
        assert not re.search(r"<(serial|address) of", expected)


def test_everything_carries_the_mark_of_what_made_it(shop: Shop, demo: Connection) -> None:
    assert witness.marked(demo, "shop") == {
        "networks": ["backend"],
        "subnets": ["backend"],
        "ports": ["db-1_backend", "www-1_Ext-Net", "www-1_backend", "www-2_Ext-Net", "www-2_backend"],
        "groups": ["db", "web"],
        "servers": ["db-1", "www-1", "www-2"],
    }


def test_a_second_plan_is_empty_by_cdktf_and_by_ivc(shop: Shop) -> None:
    assert "No changes" in shop.run("cdktf", "diff", "shop")
    assert "\nNo changes.\n" in shop.run(sys.executable, "-m", "ivc", "plan")


def test_terraform_shows_the_addresses(shop: Shop) -> None:
    shown = shop.run(terraform().path, "output", "-json", "instances", folder=shop.stack)

    assert '"backend":["10.0.0.21"]' in shown.replace(" ", "")


def test_after_destroy_only_the_volumes_are_left(shop: Shop, demo: Connection) -> None:
    shop.run(sys.executable, "-m", "ivc", "destroy", "--yes")

    assert list(demo.compute.servers()) == []
    assert witness.marked(demo, "shop") == {"networks": [], "subnets": [], "ports": [], "groups": [], "servers": []}
    left = {volume.name: (volume.id, volume.status) for volume in demo.block_storage.volumes()}
    assert left == {name: (volume, "available") for name, volume in shop.volumes.items()}
