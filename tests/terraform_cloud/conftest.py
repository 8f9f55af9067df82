"""The stand-in, up for a test, and a machine that knows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import cannot_be_had
from tests.terraform_cloud import api
from tests.terraform_cloud.machine import Machine


@pytest.fixture
def service(tmp_path: Path) -> Iterator[api.Service]:
    """The stand-in for Terraform Cloud, with nothing in it."""
    if shutil.which("openssl") is None:
        cannot_be_had("a stand-in for Terraform Cloud", "openssl is not on PATH")
    folder = tmp_path / "service"
    folder.mkdir()
    with api.service(folder) as service:
        yield service


@pytest.fixture
def machine(service: api.Service, tmp_path: Path) -> Machine:
    """A person's machine, with the right token."""
    folder = tmp_path / "machine"
    folder.mkdir()
    return Machine(service, folder)


@pytest.fixture
def trusted(service: api.Service, monkeypatch: pytest.MonkeyPatch) -> api.Service:
    """The stand-in, which this process believes to be who it says."""
    monkeypatch.setenv("SSL_CERT_FILE", str(service.certificate))
    monkeypatch.setenv("no_proxy", "localhost")
    return service
