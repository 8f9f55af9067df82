"""What a synthesized estate wants to find on a cloud is read off its JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from practice import wanted
from practice.errors import PracticeError
from practice.services import Extra

VOLUME = "openstack_blockstorage_volume_v3"


def written(folder: Path, *stacks: dict[str, Any]) -> Path:
    for number, stack in enumerate(stacks):
        place = folder / "stacks" / str(number) / "cdk.tf.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(stack))
    return folder


def test_volumes_are_those_that_are_looked_up_by_name(tmp_path: Path) -> None:
    first = {"data": {VOLUME: {"b": {"name": "beta"}, "c": {"volume_id": "some-id"}}}}
    second = {"data": {VOLUME: {"a": {"name": "alpha"}, "b": {"name": "beta"}}}}
    assert wanted.volumes(written(tmp_path, first, second)) == ["alpha", "beta"]


def test_extras_are_those_whose_things_are_made_or_looked_up(tmp_path: Path) -> None:
    first: dict[str, Any] = {"resource": {"openstack_lb_loadbalancer_v2": {}, "openstack_compute_instance_v2": {}}}
    second: dict[str, Any] = {"data": {"openstack_dns_zone_v2": {}}, "resource": {"openstack_lb_pool_v2": {}}}
    assert wanted.extras(written(tmp_path, first, second)) == ("dns", "loadbalancer")


def test_an_estate_of_servers_wants_no_extra(tmp_path: Path) -> None:
    assert wanted.extras(written(tmp_path, {"resource": {"openstack_networking_network_v2": {}}})) == ()


@pytest.mark.parametrize("extra", Extra)
def test_every_extra_has_things_that_want_it(tmp_path: Path, extra: Extra) -> None:
    kinds = {
        "objects": "openstack_objectstorage_container_v1",
        "secrets": "openstack_keymanager_secret_v1",
        "dns": "openstack_dns_recordset_v2",
        "loadbalancer": "openstack_lb_monitor_v2",
        "orchestration": "openstack_orchestration_stack_v1",
    }
    assert wanted.extras(written(tmp_path, {"resource": {kinds[extra]: {}}})) == (extra,)


def test_only_a_secret_without_a_value_gets_one(tmp_path: Path) -> None:
    variables = {
        "password": {"sensitive": True},
        "known": {"sensitive": True, "default": "x"},
        "site": {"type": "string"},
    }
    assert wanted.secrets(written(tmp_path, {"variable": variables})) == (
        "export TF_VAR_password=practice-cloud-password\n"
    )


def test_a_folder_without_a_stack_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match=r"^There is no stack in .*: name the folder"):
        wanted.volumes(tmp_path)


@pytest.mark.parametrize(
    "backend",
    [
        {"local": {"path": "../../../../terraform.tfstate"}},
        {"local": {}},
        {"s3": {"bucket": "states"}},
    ],
)
def test_what_is_tried_touches_no_other_state(tmp_path: Path, backend: dict[str, Any]) -> None:
    output = written(tmp_path / "cdktf.out", {"terraform": {"backend": backend}})
    with pytest.raises(
        PracticeError, match=r"^stack 0 does not keep its state in .*: give it the default local backend"
    ):
        wanted.check_state(output)


def test_a_state_beside_the_output_is_its_own(tmp_path: Path) -> None:
    backend = {"local": {"path": "../../../terraform.shop.tfstate"}}
    wanted.check_state(written(tmp_path / "cdktf.out", {"terraform": {"backend": backend}}))
