"""A secret, by each way that it is given: at the attribute that it is for, and in no file but the state and plans."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ivc import OpenStackStack, Secret
from ivc.deploy import secrets
from tests.canary import standing
from tests.helpers import INSTANCE, PROJECT, backend, clean_environment, server, synth, template
from tests.program import terraform

CANARY = "Canary-7c1f-in-the-mine"


def run(folder: Path, *command: str, **more: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(**more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert CANARY not in done.stderr
    return done.stdout


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
    document: dict[str, Any] = json.loads((folder / "cdk.tf.json").read_text())
    # What needs no cloud: the triggers, and what stands in for the server.
    held = document["resource"]["terraform_data"]
    db = document["resource"][INSTANCE]["db"]
    held["db"] = {"input": db["user_data"], "lifecycle": {"precondition": db["lifecycle"]["precondition"]}}
    few = {
        "terraform": {"backend": document["terraform"]["backend"]},
        "variable": document["variable"],
        "resource": {"terraform_data": held},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(few))
    store = tmp_path.with_name("secrets")
    store.mkdir(mode=0o700, exist_ok=True)
    given = {"TF_VAR_password": CANARY} if way == "environment" else {}
    (store / "password").write_text(f"{CANARY}\n")
    more = secrets.environment(
        document["variable"], stack="shop", folder=folder, store=store if way == "file" else None, environment=given
    )
    kept = tmp_path / ".ivc"
    kept.mkdir()

    program = terraform().path
    run(folder, program, "init", "-input=false")
    (kept / "plan.log").write_text(run(folder, program, "plan", "-json", f"-out={kept / 'plan'}", **given, **more))
    shown = run(folder, program, "show", "-json", str(kept / "plan"))
    (kept / "deploy.log").write_text(run(folder, program, "apply", "-json", str(kept / "plan"), **given, **more))

    state = json.loads((tmp_path / "terraform.shop.tfstate").read_text())
    (user_data,) = (one["instances"][0]["attributes"] for one in state["resources"] if one["name"] == "db")
    assert user_data["output"]["value"] == text.replace("{{ password }}", CANARY)
    assert standing(tmp_path, CANARY) == [".ivc/plan!tfplan", "terraform.shop.tfstate"]
    plan = tmp_path.with_name(f"{tmp_path.name}.json")
    plan.write_text(shown)
    review = [sys.executable, "-m", "ivc", "review", "--head", str(tmp_path / "cdktf.out"), "--plan", str(plan)]
    assert CANARY in shown
    assert CANARY not in run(tmp_path, *review, PYTHONPATH=str(PROJECT / "constructs"))


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
