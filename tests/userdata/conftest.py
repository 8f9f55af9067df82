"""Debian's own cloud-init, unpacked and not installed: what its code says of a document is the verdict."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.running import cannot_be_had

DEBIAN = "22.4.2"
"""Debian 12's, by whose verdicts the tests stand."""
_PACKAGES = (
    "cloud-init python3-attr python3-certifi python3-chardet python3-charset-normalizer python3-configobj python3-idna "
    "python3-jinja2 python3-json-pointer python3-jsonpatch python3-jsonschema python3-markupsafe python3-netifaces "
    "python3-oauthlib python3-pkg-resources python3-pyrsistent python3-requests python3-serial python3-setuptools "
    "python3-six python3-typing-extensions python3-urllib3 python3-yaml"
)


@pytest.fixture(scope="session")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its cloud-init and of what that imports."""
    folder = tmp_path_factory.mktemp("debian")
    try:
        subprocess.run(["apt-get", "download", *_PACKAGES.split()], cwd=folder, capture_output=True, check=True)
        for package in sorted(folder.glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", package.name, "."], cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        cannot_be_had("Debian's cloud-init", error)
    if not [*folder.glob(f"cloud-init_{DEBIAN}-*.deb")]:
        cannot_be_had("Debian's cloud-init", f"this one is not {DEBIAN}, which the verdicts are of")
    return folder / "usr" / "lib" / "python3" / "dist-packages"
