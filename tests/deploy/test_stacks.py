"""Which stacks are meant, and in which order they are deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.deploy import stacks
from ivc.deploy.errors import DeployError
from tests.deploy.outputs import document, write

NEEDS = {"web": ["net", "db"], "db": ["net"], "net": []}


def test_a_stack_comes_after_those_that_it_needs(tmp_path: Path) -> None:
    output = write(tmp_path / "cdktf.out", dict.fromkeys(("web", "db", "other", "net"), document()), NEEDS)
    found = stacks.read(output)
    assert [one.name for one in found] == ["net", "db", "other", "web"]
    assert [[one.name for one in wave] for wave in stacks.waves(found)] == [["net", "other"], ["db"], ["web"]]


def test_patterns_pick_stacks_and_those_alone(tmp_path: Path) -> None:
    output = write(tmp_path / "cdktf.out", dict.fromkeys(("web", "db", "net"), document()), NEEDS)
    assert [one.name for one in stacks.read(output, ["w*", "net"])] == ["net", "web"]
    assert [[one.name for one in wave] for wave in stacks.waves(stacks.read(output, ["web"]))] == [["web"]]


def test_a_pattern_that_names_none_is_refused(tmp_path: Path) -> None:
    output = write(tmp_path / "cdktf.out", {"shop": document()})
    with pytest.raises(DeployError, match=r"^no stack is called shpo: the program declares shop$"):
        stacks.read(output, ["shop", "shpo"])


def test_what_a_plan_is_made_of_is_the_json_and_the_user_data(tmp_path: Path) -> None:
    (stack,) = stacks.read(write(tmp_path / "cdktf.out", {"shop": document()}))
    first = stack.digest()
    (stack.folder / "policies.json").write_text("{}")
    assert stack.digest() == first
    (stack.folder / "userdata").mkdir()
    (stack.folder / "userdata" / "www-1").write_text("#cloud-config\n")
    second = stack.digest()
    assert second != first
    (stack.folder / "userdata" / "www-1").write_text("#cloud-config\n\n")
    assert stack.digest() != second


def test_plans_and_logs_stand_beside_the_output_for_this_user_alone(tmp_path: Path) -> None:
    (stack,) = stacks.read(write(tmp_path / "cdktf.out", {"shop": document()}))
    assert stack.workspace == tmp_path / ".ivc" / "shop"
    assert oct((tmp_path / ".ivc").stat().st_mode & 0o777) == "0o700"
    assert (tmp_path / ".ivc" / ".gitignore").read_text() == "*\n"


def test_a_program_without_a_stack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cdktf.out").mkdir()
    output = write(tmp_path / "cdktf.out", {})
    with pytest.raises(DeployError, match=r"^the program declares no stack: declare one; .* in IVC_ENVIRONMENT$"):
        stacks.read(output)
