"""Each example is a program that synthesizes without a word, and its page says what it is."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import pages
from tests.helpers import PROJECT, clean_environment, tree

EACH = pytest.mark.parametrize("name", pages.NAMES)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples' folder, at another path."""
    folder = tmp_path_factory.mktemp("project") / "examples"
    shutil.copytree(pages.FOLDER, folder, ignore=shutil.ignore_patterns("cdktf.out", "*.tfstate*", "__pycache__"))
    (folder.parent / "constructs").symlink_to(PROJECT / "constructs")
    return folder


def run(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, *command]
    return subprocess.run(
        program, cwd=folder, env=clean_environment(**more), capture_output=True, text=True, check=False
    )


def test_there_are_the_examples() -> None:
    assert pages.NAMES == [
        "baked-or-booted",
        "cluster",
        "four-nodes",
        "hello",
        "hosting-shop",
        "load-balanced-site",
        "private-cloud",
        "server-and-volume",
        "three-tiers",
    ]


@pytest.fixture(scope="module", params=pages.NAMES)
def synthesized(request: pytest.FixtureRequest, example: Path) -> Path:
    """An example's folder, with what its program wrote there without a word."""
    folder: Path = example / request.param
    done = run(folder, "main.py", PYTHONHASHSEED="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_it_synthesizes_twice_the_same(synthesized: Path, tmp_path: Path) -> None:
    done = run(synthesized, "main.py", PYTHONHASHSEED="2", CDKTF_OUTDIR=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert tree(synthesized / "cdktf.out") == tree(tmp_path)


def test_its_page_draws_what_it_declares(synthesized: Path) -> None:
    assert pages.drawn(synthesized.name) == pages.declared(synthesized.name, synthesized / "cdktf.out")


@EACH
def test_its_page_says_how_to_try_it(name: str) -> None:
    made = [line for line in pages.commands(name) if line.startswith("make ")]
    assert made == [f"make example NAME={name}", f"make example-down NAME={name}"]
    assert len(pages.page(name).splitlines()) <= 80


def test_what_its_page_says_to_type_without_a_cloud_works(synthesized: Path) -> None:
    lines = [shlex.split(line)[1:] for line in pages.commands(synthesized.name) if line.startswith("../../run ")]
    typed = [words for words in lines if words[1] not in ("boot", "bake", "plan", "deploy")]
    # That was typed already.
    assert typed.pop(0) == ["python", "main.py"]
    for words in typed:
        command = words[1:] if words[0] == "python" else ["-m", *words]
        done = run(synthesized, *command, PYTHONPATH=str(PROJECT / "constructs"))
        assert done.returncode == 0, (words, done.stderr)


def test_the_makefile_has_the_targets_that_the_pages_name() -> None:
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert {"example", "example-down"} <= {*targets}


@pytest.mark.parametrize("name", ["", "nonsense", "../tests"])
def test_a_name_that_is_none_is_one_sentence_with_those_that_there_are(name: str) -> None:
    done = subprocess.run(
        ["sh", "toolchain/demo", "example", name], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"make example: NAME='{name}' is no example: use one of {', '.join(pages.NAMES)}.\n"


@pytest.mark.parametrize(
    ("name", "parameter", "value", "sentence"),
    [
        ("server-and-volume", "FLAVOR", "b2-120", "FLAVOR: 'b2-120' is none of d2-2, d2-4, b2-7"),
        ("load-balanced-site", "MEMBERS", "1", "MEMBERS: '1' is no whole number from 2 to 5"),
        ("load-balanced-site", "MEMBERS", "6", "MEMBERS: '6' is no whole number from 2 to 5"),
        ("load-balanced-site", "MEMBERS", "2.5", "MEMBERS: '2.5' is no whole number from 2 to 5"),
        ("load-balanced-site", "MEMBERS", "", "MEMBERS: '' is no whole number from 2 to 5"),
    ],
)
def test_a_parameter_that_is_none_of_those_that_it_may_be_is_one_sentence(
    name: str, parameter: str, value: str, sentence: str, tmp_path: Path
) -> None:
    assert pages.refusal(name, tmp_path, **{parameter: value}) == sentence
