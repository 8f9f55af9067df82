"""examples/baked-or-booted in guests: one fetches the page, the other has it without a network; both serve it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from practice.guest import boot

from ivc.cli.options import declared
from tests.examples import pages
from tests.guest.examples.booting import boots
from tests.helpers import PROJECT, clean_environment

pytestmark = [pytest.mark.guest, pytest.mark.long]

NAME = "baked-or-booted"
PAGE = "<!doctype html><title>Page</title><p>Hello from the shop\n"
ASK = "curl -sS --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1/"
PROGRAM = "/usr/local/lib/page.py"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example's folder, where an image may be put."""
    folder = tmp_path / "examples" / NAME
    shutil.copytree(pages.FOLDER / NAME, folder, ignore=shutil.ignore_patterns("cdktf.out", "*.qcow2"))
    (tmp_path / "constructs").symlink_to(PROJECT / "constructs")
    return folder


def test_booted_it_fetches_the_page_and_serves_it(tmp_path: Path) -> None:
    report = boots(NAME, "page-1", tmp_path, commands=[ASK, f"cat {PROGRAM}"])
    assert (report.problems, report.answer(ASK).output) == ((), PAGE)
    assert report.answers[1].output == (pages.FOLDER / NAME / "page" / "page.py").read_text()


def test_baked_it_serves_the_same_page_and_its_user_data_has_it_not(example: Path) -> None:
    for way in ("booted", "baked"):
        environment = clean_environment(PAGE=way, PYTHONPATH=str(PROJECT / "constructs"))
        if way == "baked":
            bake = [sys.executable, "-m", "ivc", "bake", "page-1", "--from", str(example / "cdktf.out")]
            image = example / "images" / "page.qcow2"
            subprocess.run([*bake, "--output", str(image)], cwd=PROJECT, env=environment, check=True)
        subprocess.run([sys.executable, "main.py"], cwd=example, env=environment, check=True)
    text = declared("page-1", example / "cdktf.out").text({})
    assert "page.py" not in text
    report = boot(text.encode(), name="page-1", image=image, nics=(), commands=[ASK, f"test -f {PROGRAM}"])
    assert (report.problems, report.answer(ASK).output) == ((), PAGE)
    assert report.answers[1].exit_code == 0
    assert [stage.name for stage in report.stages] == ["init-local", "init", "modules-config", "modules-final"]
