"""A secret, by each way that it is given: at the attribute that it is for, and in no file but the state and a plan."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ivc import OpenStackStack, Secret
from tests.canary import standing
from tests.deploy.outputs import document, ivc, write
from tests.helpers import INSTANCE, backend, server, synth, template

CANARY = "Canary-7c1f-in-the-mine"


@pytest.mark.terraform
@pytest.mark.parametrize("way", ["environment", "file"])
def test_a_secret_comes_to_its_attribute_and_stands_in_state_and_plan_alone(
    shop: OpenStackStack, tmp_path: Path, way: str
) -> None:
    password = Secret(shop, "password", description="Of MySQL", pattern="[A-Za-z0-9-]{16,64}")
    text = "#cloud-config\nwrite_files:\n- {path: /p, content: '{{ password }}'}\n"
    server(shop, "db", backend(shop), user_data=template(shop, text, password=password))
    shop.app.synth()
    folder = tmp_path / "cdktf.out" / "stacks" / "shop"
    written: dict[str, Any] = json.loads((folder / "cdk.tf.json").read_text())
    # What needs no cloud: the triggers, and what stands in for the server.
    held = written["resource"]["terraform_data"]
    db = written["resource"][INSTANCE]["db"]
    held["db"] = {"input": db["user_data"], "lifecycle": {"precondition": db["lifecycle"]["precondition"]}}
    few = {
        "terraform": {"backend": written["terraform"]["backend"]},
        "variable": written["variable"],
        "resource": {"terraform_data": held},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(few))
    store = tmp_path.with_name("secrets")
    store.mkdir(mode=0o700, exist_ok=True)
    (store / "password").write_text(f"{CANARY}\n")
    given = {"TF_VAR_password": CANARY} if way == "environment" else {"IVC_SECRETS": str(store)}

    planned = ivc(tmp_path, "plan", "--from", "cdktf.out", **given)
    assert planned.returncode == 0, planned.stderr
    assert standing(tmp_path, CANARY) == [".ivc/shop/plan!tfplan"]
    deployed = ivc(tmp_path, "deploy", "--planned", "--yes", **given)
    assert deployed.returncode == 0, deployed.stderr
    state = json.loads((tmp_path / "terraform.shop.tfstate").read_text())
    (user_data,) = (one["instances"][0]["attributes"] for one in state["resources"] if one["name"] == "db")
    assert user_data["output"]["value"] == text.replace("{{ password }}", CANARY)
    assert standing(tmp_path, CANARY) == ["terraform.shop.tfstate"]
    assert [CANARY in done.stdout + done.stderr for done in (planned, deployed)] == [False, False]


@pytest.mark.terraform
def test_a_value_that_terraform_itself_shows_is_in_no_log(tmp_path: Path) -> None:
    """Where the rule of a sensitive variable fails, Terraform 1.11 writes the value into its lines of JSON."""
    password = {
        "type": "string",
        "sensitive": True,
        "validation": {"condition": "${length(var.password) < 3}", "error_message": "It is too long."},
    }
    write(tmp_path / "cdktf.out", {"shop": {**document(a={"input": "x"}), "variable": {"password": password}}})
    done = ivc(tmp_path, "plan", "--from", "cdktf.out", TF_VAR_password=CANARY)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "ivc: stack shop: It is too long")
    assert CANARY not in done.stdout + done.stderr
    assert standing(tmp_path, CANARY) == []


def test_nothing_that_is_synthesized_needs_the_value(
    shop: OpenStackStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_password", CANARY)
    password = Secret(shop, "password", description="Of MySQL")
    server(shop, "db", backend(shop), user_data=template(shop, "#!/bin/sh\necho {{ password }}\n", password=password))
    assert synth(shop)["variable"]["password"]["sensitive"] is True
    shop.app.synth()
    assert (tmp_path / "cdktf.out" / "stacks" / "shop" / "userdata" / "db").is_file()
    assert standing(tmp_path, CANARY) == []


def test_a_canary_is_found_wherever_it_stands(tmp_path: Path) -> None:
    assert standing(tmp_path, CANARY) == []
    (tmp_path / "in").mkdir()
    for number, before in enumerate(("", "x", "xx")):
        (tmp_path / "in" / f"{number}").write_bytes(base64.b64encode(f"{before}{CANARY} and more".encode()))
    with zipfile.ZipFile(tmp_path / "plan", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", f"x{CANARY}" * 3)
        archive.writestr("tfstate", "nothing")
    (tmp_path / "log").write_text(f"it is {CANARY}.")
    assert standing(tmp_path, CANARY) == ["in/0", "in/1", "in/2", "log", "plan!tfplan"]
