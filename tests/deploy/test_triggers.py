"""What is only now made triggers no replacement, with Terraform and with any OpenTofu."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivc.deploy import triggers
from tests.deploy.outputs import Json, document, ivc, write
from tests.deploy.test_run import known, of
from tests.program import terraform


def compared_with(*of: str) -> Json:
    return {"input": "x", "lifecycle": {"replace_triggered_by": [*of]}}


def test_opentofu_reads_no_more_than_the_state_knows(tmp_path: Path) -> None:
    file, instead = tmp_path / "cdk.tf.json", tmp_path / "cdk.tofu.json"
    www = compared_with("terraform_data.a", "terraform_data.new", "terraform_data.b.output", "terraform_data.renamed")
    content = document(www=www, a={})
    content["moved"] = [{"from": "terraform_data.old", "to": "terraform_data.renamed"}]
    file.write_text(json.dumps(content) + "\n\n")
    before = file.read_bytes()
    known: Json = {"resources": [{"mode": "managed", "type": "terraform_data", "name": name} for name in ("a", "old")]}
    known["resources"].append({"mode": "managed", "type": "terraform_data", "name": "new", "module": "module.x"})
    with triggers.of_state(file, known):
        found = json.loads(instead.read_text())["resource"]["terraform_data"]
        assert file.read_bytes() == before
    assert found == {"www": compared_with("terraform_data.a", "terraform_data.renamed"), "a": {}}
    assert not instead.exists()


def test_where_nothing_stands_or_all_is_known_nothing_else_is_read(tmp_path: Path) -> None:
    """What a killed run left is no more read, either."""
    file, instead = tmp_path / "cdk.tf.json", tmp_path / "cdk.tofu.json"
    file.write_text(json.dumps(document(www=compared_with("terraform_data.a"), a={})))
    for state in ({}, {"resources": [{"mode": "managed", "type": "terraform_data", "name": "a"}]}):
        instead.write_text("{}")
        with triggers.of_state(file, state):
            assert not instead.exists()
        assert not instead.exists()


@pytest.mark.terraform
@pytest.mark.parametrize("kind", ["terraform", "tofu"])
def test_who_is_compared_from_now_on_is_kept_and_replaced_when_it_changes(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", terraform(kind).path)
    write(tmp_path / "cdktf.out", {"shop": document(www=compared_with())})
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    before = known(tmp_path)["www"]["id"]
    # Protected: a plan that would replace it fails.
    compared = compared_with("terraform_data.www__image")
    compared["lifecycle"]["prevent_destroy"] = True
    write(tmp_path / "cdktf.out", {"shop": document(www=compared, www__image={"input": "Debian 12"})})
    done = ivc(tmp_path, *of("deploy", "--yes"))
    assert done.returncode == 0, done.stderr
    assert (known(tmp_path)["www"]["id"], known(tmp_path)["www__image"]["input"]["value"]) == (before, "Debian 12")
    del compared["lifecycle"]["prevent_destroy"]
    assert "No changes.\n" in ivc(tmp_path, *of("plan")).stdout

    write(tmp_path / "cdktf.out", {"shop": document(www=compared, www__image={"input": "Debian 13"})})
    assert ivc(tmp_path, *of("plan")).returncode == 0
    assert ivc(tmp_path, *of("deploy", "--planned", "--yes")).returncode == 0
    assert known(tmp_path)["www"]["id"] != before
