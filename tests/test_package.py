"""What is uploaded to a package index: the wheel and the source are whole, and say what they are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from ivc.pages import REPOSITORY
from tests.helpers import PROJECT, clean_environment

SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
LIBRARY = PROJECT / "constructs" / "ivc"


def built(source: Path, kind: str, into: Path) -> Path:
    """What setuptools builds of a source as an installer has it do, without the network: `wheel` or `sdist`."""
    program = f"from setuptools import build_meta; print(build_meta.build_{kind}({str(into)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=source,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return into / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, in a place where a build may leave what it likes; some tests, since they are to stay out."""
    copy = tmp_path_factory.mktemp("project")
    for file in ("pyproject.toml", "MANIFEST.in", "LICENSE", "README.md"):
        shutil.copy(PROJECT / file, copy)
    left = shutil.ignore_patterns("*.egg-info", "__pycache__")
    for folder in ("constructs", "docs", "tests/access"):
        shutil.copytree(PROJECT / folder, copy / folder, ignore=left, symlinks=True)
    shutil.copy(PROJECT / "tests" / "test_package.py", copy / "tests")
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(source, "sdist", tmp_path_factory.mktemp("sdist"))


def library_of(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist() if ".dist-info/" not in name}


def about(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as file:
        (name,) = (name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(file.read(name).decode())


def test_the_wheel_holds_every_file_of_the_library(wheel: Path) -> None:
    files = (path for path in LIBRARY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    ours = {path.relative_to(LIBRARY.parent).as_posix(): path.read_bytes() for path in files}
    assert {
        "ivc/policies/policies.md",
        "ivc/py.typed",
        "ivc/review/output/review.schema.json",
        "ivc/terraform/openstack_provider.json",
        "ivc/userdata/checks/user-data-findings.md",
        "ivc/userdata/partials/users.jinja",
    } <= set(ours)
    assert library_of(wheel) == ours


def test_the_source_holds_no_tests_and_makes_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as file:
        file.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert not (unpacked / "tests").exists(), "half of the tests, which cannot run, are worse than none"
    again = tmp_path / "again"
    again.mkdir()
    assert library_of(built(unpacked, "wheel", again)) == library_of(wheel)


def test_it_says_what_it_is(wheel: Path) -> None:
    said = about(wheel)
    assert (said["Name"], said["License-Expression"]) == ("ivc-openstack", "Apache-2.0")
    assert said["Author"]
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    urls = dict(url.split(", ") for url in said.get_all("Project-URL", []))
    assert urls == {"Source": f"{REPOSITORY}/", "Documentation": f"{REPOSITORY}/docs/"}


def test_its_description_has_no_link_that_leads_nowhere_outside_of_the_repository(wheel: Path) -> None:
    text = about(wheel).get_payload()
    assert isinstance(text, str)
    assert text.startswith("# IvC: infrastructure via code for OpenStack\n")
    assert [link for link in re.findall(r"\]\(([^)]*)\)", text) if not link.startswith("https://")] == []


def test_an_index_would_take_both(wheel: Path, sdist: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


def test_its_name_is_not_too_near_to_one_that_an_index_has() -> None:
    """PyPI refuses a name that reads like another: it takes i and l for 1 and o for 0, and drops the signs."""

    def read(name: str) -> str:
        return re.sub("[._-]", "", name.lower()).replace("o", "0").replace("i", "1").replace("l", "1")

    taken = {"lvc", "openstack", "openstacksdk", "python-openstackclient", "ivcap-client-sdk"}
    assert read("ivc") in {read(name) for name in taken}
    assert read(SETTINGS["name"]) not in {read(name) for name in taken}


def test_every_way_to_install_that_is_told_is_by_that_name() -> None:
    pages = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")), *sorted(LIBRARY.rglob("*.py"))]
    told = [named for page in pages for named in re.findall(r"pip install '?(ivc[a-z-]*)(\[\w+\])?", page.read_text())]
    assert ("ivc-openstack", "[cloud]") in told
    extras = {"", *(f"[{name}]" for name in SETTINGS["optional-dependencies"])}
    assert {(name, extra) for name, extra in told if name != SETTINGS["name"] or extra not in extras} == set()
