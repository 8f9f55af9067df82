"""What a synthesized estate wants to find on a cloud is read off its JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from practice import wanted
from practice.errors import PracticeError

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
