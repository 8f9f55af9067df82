"""Which program is Terraform, and how it is brought to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.__main__ import app
from ivc.deploy.errors import DeployError
from ivc.deploy.terraform import Terraform
from tests.deploy.outputs import document, write


def program(folder: Path, name: str, said: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{said}'\n")
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    return tmp_path


def test_terraform_goes_before_opentofu(path: Path) -> None:
    program(path, "tofu", "OpenTofu v1.12.6")
    assert Terraform.find() == Terraform(str(path / "tofu"), "tofu", (1, 12))
    program(path, "terraform", "Terraform v1.11.4\non linux_amd64")
    assert Terraform.find() == Terraform(str(path / "terraform"), "terraform", (1, 11))


def test_a_binary_may_be_named_as_cdktf_has_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path, "terraform", "Terraform v1.11.4")
    program(path, "mine", "OpenTofu v1.9.0")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "mine")
    assert Terraform.find().name == "OpenTofu"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Terraform v1.4.6", r"terraform is Terraform 1\.4, and 1\.5 or newer is needed: install a newer one$"),
        ("OpenTofu v1.5.0-alpha1", r"terraform is OpenTofu 1\.5, and 1\.6 or newer is needed: install a newer one$"),
        ("hello", r"terraform does not say its version, as Terraform and OpenTofu do: name another program$"),
    ],
)
def test_one_that_is_too_old_or_none_is_refused(path: Path, said: str, sentence: str) -> None:
    program(path, "terraform", said)
    with pytest.raises(DeployError, match=sentence):
        Terraform.find()


def test_one_of_another_machine_is_refused(path: Path) -> None:
    program(path, "terraform", "")
    (path / "terraform").write_bytes(b"\x7fELF of another machine")
    with pytest.raises(DeployError, match=r"terraform cannot be run \(Exec format error\): install one for this mach"):
        Terraform.find()


@pytest.mark.parametrize(
    "arguments",
    [["plan"], ["deploy", "--yes"], ["destroy", "--yes"], ["outputs"], ["move-state", "shop"]],
    ids=lambda arguments: arguments[0],
)
def test_each_command_says_one_sentence_of_a_program_that_is_too_old_for_it_or_for_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """OpenTofu 1.12 does not look at what a stack needs, in JSON."""
    output = write(tmp_path / "cdktf.out", {"shop": document()})
    stack = output / "stacks/shop/cdk.tf.json"
    stack.write_text(stack.read_text().replace(">= 1.5", ">= 1.10"))
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')  # it was synthesized
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", f"{tmp_path}/mine")
    said = {}
    for version in ("Terraform v1.4.7", "OpenTofu v1.5.0", "Terraform v1.9.8", "OpenTofu v1.9.4"):
        program(tmp_path, "mine", version)
        with pytest.raises(DeployError) as refused:
            app(arguments, standalone_mode=False)
        said[version] = str(refused.value).replace(f"{tmp_path}/", "")
    assert said == {
        "Terraform v1.4.7": "mine is Terraform 1.4, and 1.5 or newer is needed: install a newer one",
        "OpenTofu v1.5.0": "mine is OpenTofu 1.5, and 1.6 or newer is needed: install a newer one",
        "Terraform v1.9.8": "stack shop: it needs Terraform 1.10 or newer, and mine is 1.9: install a newer one",
        "OpenTofu v1.9.4": "stack shop: it needs OpenTofu 1.10 or newer, and mine is 1.9: install a newer one",
    }


def test_none_at_all_is_refused(path: Path) -> None:
    with pytest.raises(DeployError, match=r"^terraform or tofu is not on PATH: install Terraform 1\.5 or newer"):
        Terraform.find()
