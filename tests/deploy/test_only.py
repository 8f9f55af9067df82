"""What `--only` leaves, told from the review of all and that of some."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from ivc import FloatingIp, Network, Router
from ivc.cli.progress_view import Lines
from ivc.deploy import stacks
from ivc.deploy.only import declaring, left_out, targets
from ivc.deploy.run import Run
from ivc.deploy.stacks import Stack
from ivc.review.model import Action, Resource, Review, StackReview, Thing
from ivc.words.sentence import say
from tests.deploy.outputs import document, write
from tests.helpers import INSTANCE, backend, new_stack, server
from tests.program import terraform

GROUP, RULE = "openstack_networking_secgroup_v2", "openstack_networking_secgroup_rule_v2"


def reviewed(*things: Thing) -> Review:
    return Review((StackReview("shop", things=things),), source="both")


def thing(kind: str, id: str, *addresses: str) -> Thing:
    made = tuple(Resource(address, Action.CREATE) for address in addresses)
    return Thing(kind, id, Action.CREATE, say(f"{id} will be made"), resources=made)


@pytest.fixture
def both(tmp_path: Path) -> list[Stack]:
    web = document()
    web["resource"] = {INSTANCE: {"www-1": {"name": "www-1"}}}
    return stacks.read(write(tmp_path / "cdktf.out", {"net": document(), "web": web}))


def test_stacks_that_declare_no_such_server_are_not_meant(both: list[Stack]) -> None:
    assert [stack.name for stack in declaring(both, ["www-1"])] == ["web"]


def test_a_server_that_no_stack_declares_is_an_error(both: list[Stack]) -> None:
    with pytest.raises(ValueError, match=r"^--only: stack net or web declares no server www-2; did you mean www-1$"):
        declaring(both, ["www-2"], option="--only")


def test_what_leads_to_a_server_goes_with_it_and_nothing_of_another(tmp_path: Path) -> None:
    stack = new_stack(tmp_path)
    internet = Network.lookup(stack, "Ext-Net", public=True)
    network = backend(stack)
    gate = Router(stack, "gate", external_network=internet)
    gate.add_interface(network)
    for name in ("www-1", "www-2"):
        server(stack, name, nics=[network.nic(floating_ip=FloatingIp(stack, name, network=internet))])
    stack.app.synth()
    (written,) = stacks.read(tmp_path / "cdktf.out")
    assert targets(written, ["www-1"]) == [
        f"{INSTANCE}.www-1",
        "openstack_networking_floatingip_associate_v2.www-1",
        "openstack_networking_port_v2.www-1_backend",
        "terraform_data.www-1__image",
        "terraform_data.www-1__user_data",
    ]


def test_what_is_done_is_not_left() -> None:
    server = thing("instance", "www-1", "openstack_compute_instance_v2.www-1")
    assert left_out(reviewed(server), reviewed(server)) == []


def test_another_server_is_left_as_a_whole() -> None:
    www_1, www_2 = (thing("instance", name, f"openstack_compute_instance_v2.{name}") for name in ("www-1", "www-2"))
    assert left_out(reviewed(www_1, www_2), reviewed(www_1)) == ["www-2 will be made"]


def test_a_group_whose_rules_are_left_is_told() -> None:
    """Terraform makes what a server refers to, its group, and not what refers to that."""
    whole = thing("security group", "web", f"{GROUP}.web", *(f"{RULE}.web_{number}" for number in range(8)))
    (left,) = left_out(reviewed(whole), reviewed(thing("security group", "web", f"{GROUP}.web")))
    assert left.startswith("security group web, in part: security group rule web_0, security group rule web_1, ")
    assert left.endswith("security group rule web_5 and 2 more")


@pytest.mark.terraform
def test_a_plan_that_is_kept_knows_what_it_is_limited_to(tmp_path: Path) -> None:
    """So that `--planned --one-at-a-time` does no more than was reviewed."""
    (shop,) = stacks.read(write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"}, b={"input": "1"})}))
    run = Run(terraform(), Lines(Console(quiet=True)), calls_at_a_time=1)
    assert run.plan(shop, targets=["terraform_data.a"]).targets == ("terraform_data.a",)
    kept = run.planned(shop)
    assert kept.targets == ("terraform_data.a",)
    run.forget(kept)
    run.forget(kept)
    with pytest.raises(ValueError, match=r"^stack shop: its plan failed, or was applied"):
        run.planned(shop)


@pytest.mark.terraform
def test_what_a_plan_saw_is_told_before_it_is_applied(tmp_path: Path) -> None:
    (shop,) = stacks.read(write(tmp_path / "cdktf.out", {"shop": document(a={"input": "1"})}))
    run = Run(terraform(), Lines(Console(quiet=True)), calls_at_a_time=1)
    first = run.plan(shop)
    assert run.state(shop, seen_by=first).get("values") in (None, {"root_module": {}})
    assert run.apply(first).succeeded
    second = run.plan(shop, replace=["terraform_data.a"])
    for state in (run.state(shop), run.state(shop, seen_by=second)):
        (resource,) = state["values"]["root_module"]["resources"]
        assert (resource["address"], resource["values"]["input"]) == ("terraform_data.a", "1")
    assert second.has_changes
