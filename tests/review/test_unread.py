"""What could not be judged is said first, stops a pipeline, and is never said where all was read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console

from ivc.review import reviewer
from ivc.review.model import Review, StackReview
from ivc.review.output import html, markdown, terminal
from ivc.review.reviewer import PlanFile
from ivc.words.sentence import say
from tests.policies.documents import Json, group, instance, merged, resource, tcp
from tests.review.folders import write
from tests.review.planner import planned
from tests.review.test_command import review as command
from tests.review.test_dangers import FRAME, WEB, by_folders, by_plan, dangers

KEY, FIREWALL = "openstack_compute_keypair_v2", "openstack_fw_rule_v2"
MODULE = {"module": {"web": {"source": "./web", "servers": 2}}}
UNREAD: Mapping[str, tuple[Json, Json, str]] = {
    "a module comes": (WEB, merged(WEB, MODULE), "what the module web makes"),
    "an input of a module changes": (
        {"module": {"web": {"source": "example/web", "version": "1.0.0", "servers": 2}}},
        {"module": {"web": {"source": "example/web", "version": "1.0.0", "servers": 3}}},
        "what the module web makes",
    ),
    "nobody tells how many": (
        WEB,
        merged(WEB, resource(KEY, "k", name="k", for_each="${var.keys}")),
        "how many there will be of openstack_compute_keypair_v2.k",
    ),
    "a type that is not known": (
        WEB, merged(WEB, resource(FIREWALL, "r", action="allow")), "what a change of a openstack_fw_rule_v2 does",
    ),
    "a look-up that runs a command": (
        WEB, merged(WEB, {"data": {"external": {"x": {"program": ["sh"]}}}}), "data.external.x runs a command whenever",
    ),
    "commands": (
        WEB,
        merged(WEB, resource(KEY, "k", name="k", provisioner={"local-exec": {"command": "x"}})),
        "openstack_compute_keypair_v2.k runs commands of its own",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), UNREAD.values(), ids=UNREAD)
def test_what_was_not_judged_is_said(tmp_path: Path, before: Json, after: Json, said: str) -> None:
    (unread,) = map(str, by_folders(tmp_path, before, after).unread)
    assert said in unread


def test_where_nothing_is_unknown_nothing_is_unread(tmp_path: Path) -> None:
    module = {"module": {"web": {"source": "example/web", "version": "1.0.0", "servers": 2}}}
    assert by_folders(tmp_path, merged(WEB, module), merged(WEB, module, tcp(80))).unread == ()


def test_it_is_the_first_that_is_said() -> None:
    stack = StackReview("shop", unread=(say("what the module {} makes", "web"),))
    review = Review((stack,), "folders")
    assert terminal.render(review, Console(width=100)).startswith("1 not judged, and nothing dangerous in the rest.\n")
    assert "**1 not judged, and nothing dangerous in the rest**" in markdown.render(review)
    assert "1 not judged" in html.render(review)
    assert "the module `web`" in markdown.render(review)


def test_fail_on_stops_unless_that_is_allowed(tmp_path: Path) -> None:
    base, head = write(tmp_path / "base", merged(FRAME, WEB)), write(tmp_path / "head", merged(FRAME, WEB, MODULE))

    def status(*options: str) -> int:
        return command("--base", base, "--head", head, *options).returncode

    assert status() == 0
    assert status("--fail-on", "wipe") == 2
    assert status("--fail-on", "wipe", "--allow-unread") == 0


def plan_file(path: Path, before: Json, after: Json, **more: object) -> PlanFile:
    path.write_text(json.dumps(planned(before, after) | more))
    return PlanFile(path)


def test_a_plan_that_errored_stops_and_says_so_first(tmp_path: Path) -> None:
    plan = plan_file(tmp_path / "plan.json", WEB, WEB, errored=True)
    review = reviewer.review(plan=[plan])
    assert terminal.render(review, Console(width=100)).startswith("1 not judged")
    assert command("--plan", plan.path, "--fail-on", "destroy").returncode == 2


def test_a_failed_condition_and_a_check_are_told_as_what_they_are(tmp_path: Path) -> None:
    checks = [
        {
            "address": {"kind": kind, "to_display": name},
            "status": "fail",
            "instances": [{"status": "fail", "problems": [{"message": "It is too small."}]}],
        }
        for kind, name in (("check", "check.size"), ("resource", "openstack_compute_instance_v2.a"))
    ]
    plan = plan_file(tmp_path / "plan.json", WEB, WEB, checks=checks)
    (stack,) = reviewer.review(plan=[plan]).stacks
    assert [str(each) for each in stack.failing] == [
        "the check check.size fails: It is too small",
        "a condition of openstack_compute_instance_v2.a fails: It is too small",
    ]
    assert stack.outside == ()


def test_a_plan_alone_is_judged_by_policies(tmp_path: Path) -> None:
    stack = by_plan(tmp_path, merged(WEB, tcp(80)), merged(WEB, tcp(80), tcp(22, name="ssh")))
    found = {finding.id: finding.new for finding in stack.policies}
    assert found["IVC101"] is True
    assert not {"IVC132", "IVC401"} & {*found}


def test_whose_plan_it_is_the_marks_of_what_is_made_say(tmp_path: Path) -> None:
    looked_up = {
        "data": {"openstack_networking_network_v2": {"backend": {"name": "backend", "description": "ivc:shop/backend"}}}
    }
    marked = merged(instance("a", metadata={"ivc": "batch/a"}), looked_up)
    (stack,) = reviewer.review(plan=[plan_file(tmp_path / "plan.json", marked, marked)]).stacks
    assert stack.name == "batch"
    described = group("web", description="HTTP/HTTPS for all")
    (stack,) = reviewer.review(plan=[plan_file(tmp_path / "mine.json", described, described)]).stacks
    assert stack.name == "mine"


def test_two_plans_of_unmarked_stacks_find_their_folders(tmp_path: Path) -> None:
    head = write(tmp_path / "head", merged(FRAME, WEB))
    other = merged(FRAME, group("db"))
    (head / "stacks" / "other").mkdir()
    (head / "stacks" / "other" / "cdk.tf.json").write_text(json.dumps(other))
    entries = {name: {"name": name, "synthesizedStackPath": f"stacks/{name}/cdk.tf.json"} for name in ("shop", "other")}
    (head / "manifest.json").write_text(json.dumps({"stacks": entries}))
    plans = [plan_file(tmp_path / "a.json", WEB, WEB), plan_file(tmp_path / "b.json", {}, group("db"))]
    stacks = {stack.name: stack for stack in reviewer.review(head=head, plan=plans).stacks}
    assert not stacks["shop"].things
    assert [thing.id for thing in stacks["other"].things] == ["db"]


def test_servers_of_two_modules_are_two(tmp_path: Path) -> None:
    calls = {}
    for name in ("one", "two"):
        calls[name] = planned(merged(WEB, tcp(22)), merged(WEB, instance("a", "p", key_pair="new")), module=name)
    plan = calls["one"]
    for part in ("prior_state", "planned_values"):
        inner = [each[part].get("values", each[part])["root_module"]["child_modules"] for each in calls.values()]
        inner[0] += inner[1]
    plan["configuration"]["root_module"]["module_calls"] |= calls["two"]["configuration"]["root_module"]["module_calls"]
    plan["resource_changes"] += calls["two"]["resource_changes"]
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (stack,) = reviewer.review(plan=[PlanFile(tmp_path / "plan.json")]).stacks
    assert dangers(stack) == {("instance", "replace")}
    assert [thing.id for thing in stack.things if thing.kind == "instance"] == ["one.a", "two.a"]
