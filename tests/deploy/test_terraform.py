"""Which program is Terraform, and how it is brought to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.deploy.errors import DeployError
from ivc.deploy.terraform import Terraform


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
        ("hello", r"terraform does not say its version, as Terraform and OpenTofu do: name another program$"),
    ],
)
def test_one_that_is_too_old_or_none_is_refused(path: Path, said: str, sentence: str) -> None:
    program(path, "terraform", said)
    with pytest.raises(DeployError, match=sentence):
        Terraform.find()


def test_none_at_all_is_refused(path: Path) -> None:
    with pytest.raises(DeployError, match=r"^terraform or tofu is not on PATH: install Terraform 1\.5 or newer"):
        Terraform.find()
