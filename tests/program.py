"""Terraform or OpenTofu: the program that a run of the tests uses, as `ivc` and cdktf would."""

from __future__ import annotations

import os
from functools import cache
from unittest import mock

from ivc.deploy.errors import DeployError
from ivc.deploy.terraform import Terraform
from tests.running import cannot_be_had


@cache
def terraform(name: str | None = None) -> Terraform:
    """What TERRAFORM_BINARY_NAME names, or else `terraform` or `tofu` on PATH; skips the test where there is none.

    name: `terraform` or `tofu`, for a test of that one, whatever the run uses.
    """
    wanted = {"TERRAFORM_BINARY_NAME": name} if name else {}
    try:
        with mock.patch.dict(os.environ, wanted):
            return Terraform.find()
    except DeployError as error:
        cannot_be_had("OpenTofu" if name == "tofu" else "Terraform", error)
