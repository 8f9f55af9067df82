"""`ivc review` as a person runs it: what it reads, its exit status, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ivc import App, OpenStackStack
from tests.review.edits import World, synthesize
from tests.review.test_plan import SERVER, change, document


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`before` and `after`: all edits of the corpus; `empty`: a stack of another name, that declares nothing."""
    folder = tmp_path_factory.mktemp("folders")
    for side in ("before", "after"):
        synthesize(folder, side, World())
    app = App(folder=folder, outdir=folder / "other")
    OpenStackStack(app, "other")
    app.synth()
    return folder


def review(*options: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivc", "review", *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


def refused(*options: str | Path) -> str:
    """What it says where it fails: one sentence, and exit status 1."""
    done = review(*options)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.strip().split("\n")
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_equal_folders_have_no_changes(folders: Path) -> None:
    done = review("--base", folders / "before", "--head", folders / "before", "--fail-on", "destroy,replace")

    assert done.returncode == 0
    assert "No changes." in done.stdout


def test_what_fail_on_names_is_exit_status_2_and_all_outputs_are_written(folders: Path, tmp_path: Path) -> None:
    written = {kind: tmp_path / kind for kind in ("markdown", "html", "json", "sarif")}
    options = [text for kind, path in written.items() for text in (f"--{kind}", str(path))]

    done = review("--base", folders / "before", "--head", folders / "after", "--fail-on", "wipe, detach", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "ivc: --fail-on: stopped by wipe, detach."
    assert written["markdown"].read_text().startswith("<!-- ivc-review -->\n")
    assert "<!doctype html>" in written["html"].read_text().lower()
    assert json.loads(written["json"].read_text())["version"] == 2
    assert json.loads(written["sarif"].read_text())["version"] == "2.1.0"


def test_only_what_is_there_and_named_stops(folders: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(document(change(f"{SERVER}.www-1", "update", after={"image_id": "image-b"}))))

    assert review("--plan", plan).returncode == 0
    assert review("--plan", plan, "--fail-on", "destroy,replace,detach,open").returncode == 0
    assert review("--plan", plan, "--fail-on", "wipe").returncode == 2


def test_an_output_may_go_to_stdout(folders: Path) -> None:
    done = review("--base", folders / "before", "--head", folders / "before", "--json", "-")

    assert json.loads(done.stdout)["version"] == 2


def test_the_project_s_own_output_is_the_head(folders: Path, tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text("{}")
    shutil.copytree(folders / "after", tmp_path / "cdktf.out")

    done = review("--base", folders / "before", cwd=tmp_path)

    assert done.returncode == 0
    assert "goes will be destroyed" in " ".join(done.stdout.split())


def test_a_stack_that_is_declared_no_longer_is_said_to_stay(folders: Path, tmp_path: Path) -> None:
    both = shutil.copytree(folders / "before", tmp_path / "both")
    manifest = json.loads((both / "manifest.json").read_text())
    manifest["stacks"] |= json.loads((folders / "other" / "manifest.json").read_text())["stacks"]
    (both / "manifest.json").write_text(json.dumps(manifest))
    shutil.copytree(folders / "other" / "stacks" / "other", both / "stacks" / "other")

    done = review("--base", both, "--head", folders / "before")

    assert "stack other is not declared any more: that destroys nothing of it" in " ".join(done.stdout.split())


class TestRefused:
    def test_a_folder_of_another_project(self, folders: Path) -> None:
        assert "have no stack in common (estate and other)" in refused(
            "--base", folders / "before", "--head", folders / "other"
        )

    def test_a_folder_that_no_synthesis_wrote(self, folders: Path, tmp_path: Path) -> None:
        assert "it has no manifest.json" in refused("--base", tmp_path, "--head", folders / "after")
        assert "There is no folder" in refused("--base", tmp_path / "x", "--head", folders / "after")

    def test_a_folder_that_is_not_whole(self, folders: Path, tmp_path: Path) -> None:
        broken = shutil.copytree(folders / "after", tmp_path / "broken")
        path = broken / "stacks" / "estate" / "cdk.tf.json"
        path.write_bytes(path.read_bytes()[:-100])

        assert "is no whole JSON" in refused("--base", folders / "before", "--head", broken)

    def test_a_plan_that_is_cut_off(self, folders: Path, tmp_path: Path) -> None:
        plan = tmp_path / "plan.json"
        plan.write_text(json.dumps(document())[:-5])

        assert "is no whole JSON" in refused("--plan", plan)

    def test_a_plan_of_another_stack(self, folders: Path, tmp_path: Path) -> None:
        plan = tmp_path / "plan.json"
        plan.write_text(json.dumps(document()))

        assert "is a plan of stack shop, which" in refused("--head", folders / "after", "--plan", plan)
        assert "was not made from the folder given" in refused("--head", folders / "after", "--plan", f"estate={plan}")

    def test_a_danger_that_is_not_known(self) -> None:
        assert "'replaces' is not known: give one or more of destroy,wipe,replace,detach,stop,open" in refused(
            "--fail-on", "replaces"
        )

    def test_an_option_that_is_not_known(self) -> None:
        assert "--nonsense" in refused("--nonsense")

    def test_an_output_that_cannot_be_written(self, folders: Path, tmp_path: Path) -> None:
        said = refused("--base", folders / "before", "--head", folders / "before", "--html", tmp_path / "no" / "page")

        assert "--html:" in said
        assert "cannot be written: No such file" in said
