"""`ivc` on a stack whose state OpenTofu encrypts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc import Secret, StateEncryption
from tests.canary import standing
from tests.deploy.outputs import document, ivc, write
from tests.helpers import new_stack, synth
from tests.program import terraform

pytestmark = pytest.mark.terraform

PASSPHRASE, PASSWORD = "correct-horse-2b7d-battery", "Canary-of-a-password-91c4"
SECRETS = {"TF_VAR_state_passphrase": PASSPHRASE, "TF_VAR_password": PASSWORD}


@pytest.fixture
def tofu() -> dict[str, str]:
    """The environment in which `ivc` runs OpenTofu."""
    return {"TERRAFORM_BINARY_NAME": terraform("tofu").path}


def declare(folder: Path, encryption: StateEncryption | None) -> None:
    """A stack with a secret, and `terraform_data` that holds it."""
    stack = new_stack(folder, encryption=encryption)
    Secret(stack, "password", description="Of MySQL")
    synthesized = synth(stack)
    estate = document(db={"input": "${var.password}"})
    estate["terraform"] = {name: one for name, one in synthesized["terraform"].items() if name != "required_providers"}
    for provider in estate["terraform"].get("encryption", {}).get("key_provider", {}).get("pbkdf2", {}).values():
        provider["iterations"] = 200_000  # as few as OpenTofu takes: it makes the key anew many times
    write(folder / "cdktf.out", {"shop": estate | {"variable": synthesized["variable"]}})


def test_a_state_in_clear_is_encrypted_by_the_next_deploy_even_when_nothing_changes(
    tmp_path: Path, tofu: dict[str, str]
) -> None:
    declare(tmp_path, None)
    assert ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", **SECRETS).returncode == 0
    assert standing(tmp_path, PASSWORD) == ["terraform.shop.tfstate"]

    declare(tmp_path, StateEncryption(former_unencrypted=True))
    encrypted = ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", **SECRETS, **tofu)
    assert encrypted.returncode == 0, encrypted.stderr
    assert encrypted.stdout.startswith("No changes.\n")
    assert "shop: its state is encrypted now; take former_passphrase or former_unencrypted away.\n" in encrypted.stderr
    assert (standing(tmp_path, PASSWORD), standing(tmp_path, PASSPHRASE)) == ([], [])

    declare(tmp_path, StateEncryption())
    again = ivc(tmp_path, "plan", "--exit-code", "--from", "cdktf.out", **SECRETS, **tofu)
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "No changes."), again.stderr


def test_the_passphrase_and_what_it_keeps_stand_nowhere_whoever_gives_them(
    tmp_path: Path, tofu: dict[str, str]
) -> None:
    store = tmp_path.with_name(f"{tmp_path.name}-secrets")
    store.mkdir(mode=0o700)
    (store / "state_passphrase").write_text(f"{PASSPHRASE}\n")
    (store / "password").write_text(f"{PASSWORD}\n")
    declare(tmp_path, StateEncryption())
    runs = [
        ivc(tmp_path, "plan", "--from", "cdktf.out", "--secrets", str(store), **tofu),
        ivc(tmp_path, "deploy", "--planned", "--yes", "--secrets", str(store), **tofu),
        ivc(tmp_path, "plan", "--from", "cdktf.out", **SECRETS, **tofu),
        # Who only reads the state needs no other secret.
        ivc(tmp_path, "outputs", "--json", "-", TF_VAR_state_passphrase=PASSPHRASE, **tofu),
    ]
    assert [one.returncode for one in runs] == [0] * 4, [one.stderr for one in runs]
    assert (tmp_path / ".ivc/shop/plan").is_file()
    assert (tmp_path / "terraform.shop.tfstate").is_file()
    assert [standing(tmp_path, one) for one in (PASSPHRASE, PASSWORD)] == [[], []]
    said = "".join(one.stdout + one.stderr for one in runs)
    assert [one in said for one in (PASSPHRASE, PASSWORD)] == [False, False]


@pytest.mark.long
def test_an_encrypted_state_that_cannot_be_read_is_one_sentence(tmp_path: Path, tofu: dict[str, str]) -> None:
    declare(tmp_path, StateEncryption())
    assert ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", **SECRETS, **tofu).returncode == 0
    another = {**SECRETS, "TF_VAR_state_passphrase": f"{PASSPHRASE}-of-others"}
    wrong = ivc(tmp_path, "plan", "--from", "cdktf.out", **another, **tofu)
    missing = ivc(tmp_path, "outputs", **tofu)
    declare(tmp_path, None)
    undeclared = ivc(tmp_path, "plan", "--from", "cdktf.out", **SECRETS, **tofu)
    by_terraform = ivc(
        tmp_path, "plan", "--from", "cdktf.out", TERRAFORM_BINARY_NAME=terraform("terraform").path, **SECRETS
    )
    assert [one.returncode for one in (wrong, missing, undeclared, by_terraform)] == [1] * 4
    said = [one.stderr.splitlines()[-1] for one in (wrong, missing, undeclared, by_terraform)]
    assert [one.partition("; ")[2] for one in said] == [
        "give the passphrase that it was encrypted with",
        "set TF_VAR_state_passphrase, or name a folder that has a file state_passphrase with --secrets",
        *["if it is encrypted, declare encryption=StateEncryption(...) again, and run OpenTofu"] * 2,
    ]


def test_a_state_in_clear_where_that_is_not_declared_is_one_sentence(tmp_path: Path, tofu: dict[str, str]) -> None:
    declare(tmp_path, None)
    assert ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", **SECRETS).returncode == 0
    declare(tmp_path, StateEncryption())
    done = ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", **SECRETS, **tofu)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "; it stands in clear: declare StateEncryption(former_unencrypted=True) until it was written once\n"
    )


def test_a_state_that_could_not_be_encrypted_is_not_said_to_be(tmp_path: Path, tofu: dict[str, str]) -> None:
    declare(tmp_path, None)
    assert ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", **SECRETS).returncode == 0
    declare(tmp_path, StateEncryption(former_unencrypted=True))
    said = '{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "The disk is full", "detail": ""}}'
    broken = tmp_path / "broken"
    broken.write_text(f'#!/bin/sh\n[ "$1" = apply ] && echo \'{said}\' && exit 1\nexec {tofu.popitem()[1]} "$@"\n')
    broken.chmod(0o755)
    done = ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", TERRAFORM_BINARY_NAME=str(broken), **SECRETS)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "ivc: stack shop: The disk is full")
    assert "is encrypted now" not in done.stderr


@pytest.mark.parametrize("arguments", [["plan", "--from", "cdktf.out"], ["outputs"], ["destroy", "--yes"]])
def test_terraform_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    declare(tmp_path, StateEncryption())
    program = {"TERRAFORM_BINARY_NAME": terraform("terraform").path}
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')  # it was synthesized
    done = ivc(tmp_path, *arguments, **program, **SECRETS)
    assert (done.returncode, done.stderr) == (
        1,
        "ivc: stack shop: its state is encrypted, which OpenTofu does and Terraform does not; run it with OpenTofu 1.8 "
        "or newer (TERRAFORM_BINARY_NAME=tofu), or take encryption= away and leave the state in clear\n",
    )
