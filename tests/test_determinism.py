"""main.py as a whole process: the same bytes on any machine, in any folder, under any hash seed, by either command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.helpers import PROJECT, copy_of_project, run_cdktf_synth, run_main, tree

TOOLCHAIN = PROJECT / "toolchain" / "node_modules" / ".set-up"

Outputs = dict[str, dict[str, bytes]]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """Each run's whole output. All of them at once: most of the time is Node's start."""
    base = tmp_path_factory.mktemp("determinism")
    folders = {
        "seed 1": copy_of_project(base / "a"),
        "seed 2, another folder, another current directory": copy_of_project(base / "b" / "much deeper ünd odd"),
        "run twice": copy_of_project(base / "c"),
    }
    elsewhere = base / "elsewhere"
    elsewhere.mkdir()
    runs = [
        run_main(folders["seed 1"], env={"PYTHONHASHSEED": "1"}),
        run_main(
            folders["seed 2, another folder, another current directory"],
            cwd=elsewhere,
            env={"PYTHONHASHSEED": "2", "HOME": str(elsewhere), "LC_ALL": "C", "TZ": "Asia/Tokyo"},
        ),
        run_main(folders["run twice"]),
    ]
    if TOOLCHAIN.exists():
        folders["cdktf synth"] = copy_of_project(base / "d")
        runs.append(run_cdktf_synth(folders["cdktf synth"]))
    for run in runs:
        out, err = run.communicate(timeout=120)
        assert run.returncode == 0, out + err
    again = run_main(folders["run twice"])
    assert again.wait(timeout=120) == 0
    assert not list(elsewhere.glob("**/cdktf.out")), "the output depends on the current directory"
    return {name: tree(folder / "cdktf.out") for name, folder in folders.items()}


def test_every_run_writes_the_same_bytes(outputs: Outputs) -> None:
    first = outputs["seed 1"]
    assert set(first) == {
        "manifest.json",
        "stacks/shop/cdk.tf.json",
        "stacks/shop/policies.json",
        "stacks/shop/sources.json",
        "stacks/shop/userdata/db-1",
        "stacks/shop/userdata/www-1",
        "stacks/shop/userdata/www-2",
    }
    for name, files in outputs.items():
        assert files.keys() == first.keys(), name
        for file, content in files.items():
            assert content == first[file], f"{file} differs: {name}"


def test_cdktf_synth_writes_what_python_writes(outputs: Outputs) -> None:
    if "cdktf synth" not in outputs:
        pytest.skip("the toolchain is not set up (make setup): `cdktf synth` was NOT compared with `python main.py`")
    assert outputs["cdktf synth"] == outputs["seed 1"]


def test_the_output_holds_no_path_of_this_machine(outputs: Outputs) -> None:
    assert all(outputs.values())
    assert len(outputs) > 1
    for name, files in outputs.items():
        for file, content in files.items():
            for path in (str(PROJECT), "/tmp", str(Path.home()) + "/", "pytest-"):  # noqa: S108
                assert path.encode() not in content, f"{file} of {name} holds {path}"


def test_the_written_user_data_is_what_terraform_gets(outputs: Outputs) -> None:
    files = outputs["seed 1"]
    instances = json.loads(files["stacks/shop/cdk.tf.json"])["resource"]["openstack_compute_instance_v2"]
    assert instances
    for name, said in instances.items():
        readable = files[f"stacks/shop/userdata/{name}"].decode()
        assert readable.splitlines()[0] == "#cloud-config"
        assert f'file("${{path.module}}/userdata/{name}")' in said["user_data"]
        placeholders = set(re.findall(r"<(?:address|serial) of .+?>", readable))
        assert set(re.findall(r'"(<.+?>)"', said["user_data"])) == placeholders
