"""`ivc plan`, `deploy`, `destroy` and `outputs` with a real Terraform, on stacks that need no cloud."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.outputs import Json, command, document, environment, ivc, write
from tests.program import terraform

pytestmark = pytest.mark.terraform
CANARY = "canary-of-a-secret-9d2f"


def known(folder: Path, stack: str = "shop") -> dict[str, Json]:
    """What the state knows, by name."""
    state = folder / f"terraform.{stack}.tfstate"
    found = json.loads(state.read_text())["resources"] if state.exists() else []
    return {one["name"]: one["instances"][0]["attributes"] for one in found}


def of(*arguments: str) -> tuple[str, ...]:
    return (*arguments, "--from", "cdktf.out")


def slow(seconds: float) -> Json:
    return {"input": "x", "provisioner": [{"local-exec": {"command": f"sleep {seconds}"}}]}


def held(file: Path) -> Json:
    """A resource that is being made for as long as a file is there."""
    file.touch()
    return {"input": "x", "provisioner": [{"local-exec": {"command": f"while [ -e {file} ]; do sleep 0.1; done"}}]}


@contextmanager
def deploying(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`ivc deploy` of the stack shop, with something under way."""
    with subprocess.Popen(
        command(*of("deploy", "--yes")),
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        log = folder / ".ivc/shop/apply.log"
        while not (log.exists() and "provision_start" in log.read_text()):
            assert running.poll() is None
            time.sleep(0.1)
        yield running


def test_what_was_reviewed_is_what_is_applied(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    planned = ivc(tmp_path, *of("plan"))
    assert (planned.returncode, known(tmp_path)) == (0, {}), planned.stderr
    assert "created: terraform data a will be made" in planned.stdout
    deployed = ivc(tmp_path, "deploy", "--planned", "--yes")
    assert deployed.returncode == 0, deployed.stderr
    assert deployed.stdout.startswith(planned.stdout)
    assert {name: one["output"]["value"] for name, one in known(tmp_path).items()} == {"a": "1"}
    again = ivc(tmp_path, "deploy", "--planned", "--yes")
    assert (again.returncode, again.stderr) == (
        1,
        "ivc: stack shop: its plan failed, or was applied; run `ivc plan shop` for another\n",
    )


def test_the_review_is_that_of_ivc_review(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"}), "other": document(b={"input": "1"})})
    planned = ivc(tmp_path, *of("plan", "shop"))
    shown = subprocess.run(
        [terraform().path, "show", "-json", str(tmp_path / ".ivc/shop/plan")],
        cwd=tmp_path / "cdktf.out/stacks/shop",
        capture_output=True,
        text=True,
        check=True,
    )
    (tmp_path / "plan.json").write_text(shown.stdout)
    reviewed = ivc(tmp_path, "review", "--head", "cdktf.out", "--plan", "shop=plan.json")
    assert (planned.returncode, planned.stdout) == (0, reviewed.stdout)
    assert "Stack other" not in planned.stdout


def test_a_plan_of_another_synthesis_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    assert ivc(tmp_path, *of("plan")).returncode == 0
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "2"})})
    done = ivc(tmp_path, "deploy", "--planned", "--yes")
    assert (done.returncode, done.stderr) == (
        1,
        "ivc: stack shop: it was synthesized anew since its plan was made, and is another now; run `ivc plan shop`\n",
    )
    assert known(tmp_path) == {}


def test_a_plan_that_failed_is_not_kept_nor_is_the_one_before_it(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": '${file("../../../read")}'})})
    (tmp_path / "read").write_text("1")
    assert ivc(tmp_path, *of("plan")).returncode == 0
    (tmp_path / "read").unlink()
    assert ivc(tmp_path, *of("plan")).returncode == 1
    done = ivc(tmp_path, "deploy", "--planned", "--yes")
    assert (done.returncode, done.stderr) == (
        1,
        "ivc: stack shop: its plan failed, or was applied; run `ivc plan shop` for another\n",
    )


def test_a_plan_that_the_state_has_left_behind_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    assert ivc(tmp_path, *of("plan")).returncode == 0
    kept = (tmp_path / ".ivc/shop/plan").read_bytes()
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    (tmp_path / ".ivc/shop/plan").write_bytes(kept)
    done = ivc(tmp_path, "deploy", "--planned", "--yes")
    assert done.returncode == 1
    assert "error: stack shop: Saved plan is stale: " in done.stderr
    assert "; plan and review anew\n" in done.stderr


def test_a_plan_of_the_other_program_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    one, other = ({"TERRAFORM_BINARY_NAME": terraform(name).path} for name in ("terraform", "tofu"))
    assert ivc(tmp_path, *of("plan"), **one).returncode == 0
    done = ivc(tmp_path, "deploy", "--planned", "--yes", **other)
    assert (done.returncode, known(tmp_path)) == (1, {})
    assert re.fullmatch(
        r"ivc: stack shop: .* plan files cannot be transferred between .*; plan and review anew",
        done.stderr.splitlines()[-1],
    )


def test_what_opentofu_says_before_its_json_is_read_over(tmp_path: Path) -> None:
    """It warns on stdout."""
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    settings = {"TERRAFORM_BINARY_NAME": terraform("tofu").path, "TF_CLI_CONFIG_FILE": f"{tmp_path}/not-there"}
    done = ivc(tmp_path, *of("deploy", "--yes"), **settings)
    assert (done.returncode, {*known(tmp_path)}) == (0, {"a"}), done.stderr
    assert ivc(tmp_path, "outputs", **settings).returncode == 0


def test_the_json_of_plans_is_taken_away_also_where_a_later_one_fails(tmp_path: Path) -> None:
    failing = document(b={"input": '${file("nowhere")}'})
    write(tmp_path / "cdktf.out", {"a": document(a={"input": CANARY}), "b": failing})
    assert ivc(tmp_path, *of("plan")).returncode == 1
    assert (tmp_path / ".ivc/a/plan").is_file()
    assert not (tmp_path / ".ivc/a/plan.json").exists()


def test_nobody_at_a_terminal_is_asked(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    done = ivc(tmp_path, *of("deploy"))
    assert (done.returncode, done.stderr) == (
        1,
        "ivc: there is no terminal to ask whether to go on: give --yes\n",
    )


def answered(folder: Path, answer: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `ivc` with somebody at a terminal who answers its question."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(),
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("answer", "status", "names"), [("n", 1, set()), ("y", 0, {"a"})])
def test_who_is_asked_decides(tmp_path: Path, answer: str, status: int, names: set[str]) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    done = answered(tmp_path, answer, *of("deploy"))
    assert "Deploy shop (nothing dangerous)? [y/N]: " in done.stdout
    assert (done.returncode, {*known(tmp_path)}) == (status, names), done.stderr


def test_what_was_confirmed_before_stands_though_a_later_stack_is_not(tmp_path: Path) -> None:
    """Of what is deployed nobody says that nothing was changed."""
    stacks = {"web": document(b={"input": "1"}), "net": document(a={"input": "1"})}
    write(tmp_path / "cdktf.out", stacks, {"web": ["net"]})
    done = answered(tmp_path, "y\nn", *of("deploy"))
    assert (done.returncode, {*known(tmp_path, "net")}, known(tmp_path, "web")) == (1, {"a"}, {})
    assert done.stderr.splitlines()[-1] == "ivc: web: not confirmed, and nothing of it was changed"


def test_a_plan_to_destroy_that_was_not_confirmed_is_never_deployed(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    assert answered(tmp_path, "n", *of("destroy")).returncode == 1
    done = ivc(tmp_path, "deploy", "--planned", "--yes")
    assert (done.returncode, done.stderr, {*known(tmp_path)}) == (
        1,
        "ivc: stack shop: the plan that is kept was made by `ivc destroy`, which alone applies it; run `ivc plan "
        "shop`\n",
        {"a"},
    )


def test_a_plan_to_destroy_is_reviewed_without_what_is_declared(tmp_path: Path) -> None:
    """That does not come: it opens nothing, and the policies have nothing to say of it."""
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    destroyed = ivc(tmp_path, *of("destroy", "--yes"))
    assert "Read from Terraform's plan; the synthesized folders were not at hand.\n" in destroyed.stdout
    assert ivc(tmp_path, *of("destroy", "--yes")).stdout.startswith("No changes.\n")


def test_a_stack_without_outputs_says_so(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    found = ivc(tmp_path, "outputs")
    assert (found.returncode, found.stdout) == (0, "")
    assert found.stderr.endswith("shop: the state has no outputs; deploy it first.\n")


def test_what_could_not_be_judged_stops_before_anything_happens(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a=slow(0))})
    done = ivc(tmp_path, *of("deploy", "--yes", "--fail-on", "destroy"))
    assert (done.returncode, known(tmp_path)) == (2, {})
    assert "ivc: --fail-on: not all could be judged; --allow-unread lets that pass.\n" in done.stderr
    assert ivc(tmp_path, *of("deploy", "--yes", "--fail-on", "destroy", "--allow-unread")).returncode == 0
    assert {*known(tmp_path)} == {"a"}


def test_plan_says_by_its_status_whether_anything_changes(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    assert ivc(tmp_path, *of("plan", "--exit-code")).returncode == 2
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    unchanged = ivc(tmp_path, *of("plan", "--exit-code"))
    assert (unchanged.returncode, unchanged.stdout.splitlines()[0]) == (0, "No changes.")


def test_a_stack_is_deployed_after_those_that_it_needs_and_destroyed_before_them(tmp_path: Path) -> None:
    """What the second one asks for is there only when the first one is deployed."""
    made, order = tmp_path / "made", {"web": ["net"]}
    net = document(a={"input": "1", "provisioner": [{"local-exec": {"command": f"echo here > {made}"}}]})
    web = document(b={"input": f'${{file("{made}")}}'})
    write(tmp_path / "cdktf.out", {"web": web, "net": net}, order)
    done = ivc(tmp_path, *of("deploy", "--yes", "--json", "-"))
    assert done.returncode == 0, done.stderr
    assert [(name, one["status"]) for name, one in json.loads(done.stdout)["stacks"].items()] == [
        ("net", "deployed"),
        ("web", "deployed"),
    ]
    assert "Stack web\n" in done.stderr, "the review is shown all the same"
    destroyed = ivc(tmp_path, *of("destroy", "--yes", "--json", "-"))
    assert [*json.loads(destroyed.stdout)["stacks"]] == ["web", "net"]
    assert (known(tmp_path, "web"), known(tmp_path, "net")) == ({}, {})


def test_what_comes_after_a_failure_is_not_begun(tmp_path: Path) -> None:
    failing = document(a={"input": "1", "provisioner": [{"local-exec": {"command": "exit 3"}}]})
    write(tmp_path / "cdktf.out", {"a": failing, "b": document(b={"input": "1"})})
    done = ivc(tmp_path, *of("deploy", "--yes", "--json", "-"))
    found = json.loads(done.stdout)["stacks"]
    assert (done.returncode, {name: one["status"] for name, one in found.items()}) == (
        1,
        {"a": "failed", "b": "not begun"},
    )
    assert "exit status 3" in found["a"]["errors"][0]
    assert "b: not begun.\n" in done.stderr
    assert known(tmp_path, "b") == {}


def test_what_was_deployed_is_told_though_a_later_stack_cannot_be_planned(tmp_path: Path) -> None:
    later = document(b={"input": '${file("nowhere")}'})
    write(tmp_path / "cdktf.out", {"web": later, "net": document(a={"input": "1"})}, {"web": ["net"]})
    done = ivc(tmp_path, *of("deploy", "--yes", "--json", "-"))
    assert done.returncode == 1
    assert {name: one["status"] for name, one in json.loads(done.stdout)["stacks"].items()} == {"net": "deployed"}
    assert "ivc: terraform data b: Invalid function argument: " in done.stderr


def test_what_is_protected_is_not_destroyed(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1", "lifecycle": {"prevent_destroy": True}})})
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    done = ivc(tmp_path, *of("destroy", "--yes"))
    assert (done.returncode, {*known(tmp_path)}) == (1, {"a"})
    (said,) = (line for line in done.stderr.splitlines() if line.startswith("ivc: "))
    assert said == (
        "ivc: terraform data a: the plan would destroy or replace it, and it is protected; say prevent_destroy=False "
        "where it is declared, if you mean it"
    )


def test_ctrl_c_lets_it_end_what_it_began_and_begin_nothing_more(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    begun = {"input": "x", "provisioner": [{"local-exec": {"command": f"sleep 3; echo a >> {ended}"}}]}
    estate = document(a=begun, b={**slow(0), "depends_on": ["terraform_data.a"]})
    write(tmp_path / "cdktf.out", {"shop": estate})
    with deploying(tmp_path) as running:
        running.send_signal(signal.SIGINT)
        said = running.communicate()[0]
    assert (running.returncode, ended.read_text()) == (1, "a\n")
    assert "shop: stopping: what was begun is brought to its end" in said
    assert "shop: interrupted after " in said
    assert "`ivc deploy shop` goes on from there." in said
    assert {*known(tmp_path)} == {"a"}
    assert not (tmp_path / ".terraform.shop.tfstate.lock.info").exists()
    again = ivc(tmp_path, *of("deploy", "--yes"))
    assert (again.returncode, {*known(tmp_path)}) == (0, {"a", "b"}), again.stderr


def test_two_at_once_in_a_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a=held(tmp_path / "wait"))})
    with deploying(tmp_path) as first:
        second = ivc(tmp_path, *of("deploy", "--yes"))
        (tmp_path / "wait").unlink()
        said = first.communicate()[0]
    assert (first.returncode, second.returncode) == (0, 1), said + second.stderr
    assert second.stderr == f"ivc: stack shop: another ivc is at work on it in {tmp_path}; wait for its end\n"
    assert {*known(tmp_path)} == {"a"}


def test_a_state_that_a_run_without_ivc_has_locked_is_one_sentence(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "x"})})
    assert ivc(tmp_path, *of("deploy", "--yes")).returncode == 0
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "x"}, b=held(tmp_path / "wait"))})
    with subprocess.Popen(
        [terraform().path, "apply", "-auto-approve"],
        cwd=tmp_path / "cdktf.out/stacks/shop",
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert any("Creating..." in line for line in other.stdout)
        done = ivc(tmp_path, *of("plan"))
        (tmp_path / "wait").unlink()
        other.communicate()
    assert (other.returncode, done.returncode) == (0, 1)
    assert re.search(
        r"^ivc: stack shop: its state is locked by another run \(apply by \S+@\S+, since .* UTC\); wait for its end$",
        done.stderr,
        re.MULTILINE,
    )


def test_a_secret_is_in_nothing_that_is_printed_or_written_but_the_state_and_the_plan(tmp_path: Path) -> None:
    estate = document(a={"input": "${var.password}"})
    estate["variable"] = {"password": {"type": "string", "sensitive": True}}
    estate["output"] = {"secret": {"value": "${var.password}", "sensitive": True}, "plain": {"value": "seen"}}
    write(tmp_path / "cdktf.out", {"shop": estate})
    secret = {"TF_VAR_password": CANARY}
    runs = [
        ivc(tmp_path, *of("plan"), **secret),
        ivc(tmp_path, *of("plan", "--json", "-"), **secret),
        ivc(tmp_path, "deploy", "--planned", "--yes", **secret),
        ivc(tmp_path, "outputs"),
        ivc(tmp_path, "outputs", "--json", "-"),
    ]
    assert [done.returncode for done in runs] == [0] * 5, [done.stderr for done in runs]
    assert [CANARY in done.stdout + done.stderr for done in runs] == [False] * 5
    assert json.loads(runs[-1].stdout) == {"shop": {"plain": "seen", "secret": "(sensitive)"}}
    holding = {path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()}
    assert holding == {tmp_path / "terraform.shop.tfstate"}


def test_a_warning_of_the_programs_own_settings_is_no_part_of_what_it_says(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})})
    missing = {"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}
    runs = [ivc(tmp_path, *of("deploy", "--yes"), **missing), ivc(tmp_path, "outputs", **missing)]
    assert [done.returncode for done in runs] == [0, 0], [done.stderr for done in runs]


def test_a_state_that_stands_elsewhere_is_taken_along(tmp_path: Path) -> None:
    estate = document(a={"input": "x"})
    write(tmp_path / "cdktf.out", {"shop": estate})
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')  # what is written stays as it is
    assert ivc(tmp_path, "deploy", "--yes").returncode == 0
    file = tmp_path / "cdktf.out/stacks/shop/cdk.tf.json"
    file.write_text(file.read_text().replace("terraform.shop.tfstate", "states/shop.tfstate"))
    refused = ivc(tmp_path, "plan")
    assert refused.returncode == 1
    assert "take it there with `ivc move-state shop`" in refused.stderr
    moved = ivc(tmp_path, "move-state", "shop")
    assert moved.returncode == 0, moved.stderr
    assert "terraform.shop.tfstate is now called terraform.shop.tfstate.moved" in moved.stdout
    assert ivc(tmp_path, "plan", "--exit-code").returncode == 0
    again = ivc(tmp_path, "move-state", "shop")
    assert (again.returncode, again.stderr.startswith("ivc: stack shop: nothing tells of another place")) == (1, True)


def test_a_login_that_cannot_be_is_told_before_anything_is_planned(tmp_path: Path) -> None:
    """Terraform stands aside here: it would want a provider, and notes what it is asked."""
    write(tmp_path / "cdktf.out", {"shop": {**document(), "provider": {"openstack": [{"cloud": "nowhere"}]}}})
    fake, asked = tmp_path / "terraform", tmp_path / "asked"
    fake.write_text(f'#!/bin/sh\necho "$1" >> {asked}\necho Terraform v1.11.4\n')
    fake.chmod(0o755)
    done = ivc(tmp_path, *of("plan"), TERRAFORM_BINARY_NAME=str(fake), OS_CLIENT_CONFIG_FILE=str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ivc: cloud 'nowhere': ")
    assert asked.read_text().split() == ["version", "init"]


def test_a_program_that_is_too_old_for_a_stack_is_one_sentence(tmp_path: Path) -> None:
    """OpenTofu does not look at it in JSON."""
    estate = document(a={"input": "1"})
    estate["terraform"]["required_version"] = ">= 99.1"
    write(tmp_path / "cdktf.out", {"shop": estate})
    done = ivc(tmp_path, *of("plan"))
    assert done.returncode == 1
    assert re.fullmatch(
        r"ivc: stack shop: it needs (Terraform|OpenTofu) 99\.1 or newer, and \S+ is 1\.\d+: install a newer one\n",
        done.stderr,
    )


def test_what_terraform_refuses_at_init_is_one_sentence(tmp_path: Path) -> None:
    estate = document(a={"input": "1"})
    estate["terraform"]["backend"] = {"nowhere": {}}
    write(tmp_path / "cdktf.out", {"shop": estate})
    done = ivc(tmp_path, *of("plan"))
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            "shop: initializing ...",
            'ivc: stack shop: Unsupported backend type: There is no backend type named "nowhere"',
        ],
    )
