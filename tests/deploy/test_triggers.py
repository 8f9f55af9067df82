"""What is only now made triggers no replacement, with Terraform and with any OpenTofu."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivc.deploy import triggers
from tests.deploy.outputs import Json, document, ivc, write
from tests.deploy.test_run import known, of
from tests.program import terraform

MADE = ["create"]
REPLACED = ["delete", "create"]


def compared_with(*of: str) -> Json:
    return {"input": "x", "lifecycle": {"replace_triggered_by": [*of]}}


def change(address: str, actions: list[str], reason: str | None = None) -> Json:
    return {"address": address, "change": {"actions": actions}} | ({"action_reason": reason} if reason else {})


def test_what_a_plan_makes_is_left_out_where_it_replaces_for_triggers() -> None:
    new = change("terraform_data.www__image", MADE)
    changes = [new, change("terraform_data.www__flavor", ["update"]), change("terraform_data.old", REPLACED)]
    assert triggers.only_made({"resource_changes": changes}) == frozenset()
    assert triggers.only_made({}) == frozenset()
    replaced = change("openstack_compute_instance_v2.www", REPLACED, "replace_by_triggers")
    assert triggers.only_made({"resource_changes": [*changes, replaced]}) == {"terraform_data.www__image"}


def test_the_file_is_another_for_as_long_and_the_same_bytes_again(tmp_path: Path) -> None:
    file = tmp_path / "cdk.tf.json"
    text = json.dumps(
        document(www=compared_with("terraform_data.a", "terraform_data.ab", "terraform_data.b.output"), a={})
    )
    file.write_text(text + "\n\n")
    with triggers.left_out(file, frozenset(["terraform_data.c"])) as is_other:
        assert (is_other, file.read_text()) == (False, text + "\n\n")
    with triggers.left_out(file, frozenset(["terraform_data.a", "terraform_data.b"])) as is_other:
        found = json.loads(file.read_text())["resource"]["terraform_data"]
        assert (is_other, found) == (True, {"www": compared_with("terraform_data.ab"), "a": {}})
    assert file.read_text() == text + "\n\n"


@pytest.mark.terraform
@pytest.mark.parametrize("kind", ["terraform", "tofu"])
def test_who_is_compared_from_now_on_is_kept_and_replaced_when_it_changes(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", terraform(kind).path)
    write(tmp_path / "cdktf.out", {"shop": document(www=compared_with())})
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    before = known(tmp_path)["www"]["id"]
    compared = compared_with("terraform_data.www__image")
    write(tmp_path / "cdktf.out", {"shop": document(www=compared, www__image={"input": "Debian 12"})})
    done = ivc(tmp_path, *of("deploy", "--yes"))
    assert done.returncode == 0, done.stderr
    assert (known(tmp_path)["www"]["id"], known(tmp_path)["www__image"]["input"]["value"]) == (before, "Debian 12")
    assert "No changes.\n" in ivc(tmp_path, *of("plan")).stdout

    write(tmp_path / "cdktf.out", {"shop": document(www=compared, www__image={"input": "Debian 13"})})
    assert ivc(tmp_path, *of("plan")).returncode == 0
    assert ivc(tmp_path, *of("deploy", "--planned", "--yes")).returncode == 0
    assert known(tmp_path)["www"]["id"] != before
