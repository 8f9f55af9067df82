"""What is read from Terraform's plan, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ivc.review import plan, reviewer
from ivc.review.model import Action, Danger, StackReview
from ivc.review.reviewer import PlanFile
from ivc.terraform.plan_file import PlanError
from tests.helpers import backend, new_stack, server, template

SERVER, PORT, GROUP = (
    "openstack_compute_instance_v2",
    "openstack_networking_port_v2",
    "openstack_networking_secgroup_v2",
)
STANDS: dict[str, Any] = {
    f"{SERVER}.www-1": {
        "id": "server-1",
        "name": "www-1",
        "image_id": "image-a",
        "flavor_id": "flavor-a",
        "user_data": "a" * 40,
        "metadata": {"ivc": "shop/www-1"},
        "network": [{"port": "port-1"}],
    },
    f"{PORT}.www-1_Ext-Net": {
        "id": "port-1",
        "network_id": "net-1",
        "all_fixed_ips": ["203.0.113.5"],
        "security_group_ids": ["group-1"],
    },
    f"{GROUP}.web": {"id": "group-1", "name": "web", "description": "ivc:shop/web"},
    "data.openstack_networking_network_v2.Ext-Net": {"id": "net-1", "name": "Ext-Net"},
}


def change(address: str, *actions: str, after: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    """One of a plan's changes; `after` is what differs from what stands."""
    before = STANDS.get(address)
    inner = {key: said.pop(key) for key in ("replace_paths", "after_unknown", "after_sensitive") if key in said}
    type_, _, name = address.partition(".")
    made = "create" in actions or "update" in actions or "no-op" in actions
    return {
        "address": address,
        "mode": "managed",
        "type": type_,
        "name": name,
        "change": {
            "actions": list(actions),
            "before": before,
            "after": {**(before or {}), **(after or {})} if made else None,
            **inner,
        },
        **said,
    }


def document(*changes: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A plan of the stack shop, whose resources are as they stand but for the changes."""

    def resource(address: str, values: dict[str, Any]) -> dict[str, Any]:
        type_, _, name = address.removeprefix("data.").partition(".")
        mode = "data" if address.startswith("data.") else "managed"
        return {"address": address, "mode": mode, "type": type_, "name": name, "values": values}

    will = {address: values for address, values in STANDS.items() if not address.startswith("data.")}
    for each in changes:
        if each["change"]["after"] is None:
            will.pop(each["address"], None)
        else:
            will[each["address"]] = each["change"]["after"]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [resource(*one) for one in will.items()]}},
        "prior_state": {"values": {"root_module": {"resources": [resource(*one) for one in STANDS.items()]}}},
        "configuration": {
            "root_module": {
                "resources": [
                    {"address": address, "expressions": {key: {} for key in values if key != "id"}}
                    for address, values in will.items()
                ]
            }
        },
        "resource_changes": list(changes),
        **said,
    }


def review(tmp_path: Path, content: dict[str, Any]) -> StackReview:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content))
    (stack,) = reviewer.review(plan=[PlanFile(file)]).stacks
    return stack


def headlines(stack: StackReview) -> list[str]:
    return [str(thing.headline) for thing in stack.things]


def test_an_empty_plan_has_nothing_to_say(tmp_path: Path) -> None:
    stack = review(tmp_path, document())

    assert (stack.name, stack.things, stack.outside, stack.unchanged) == ("shop", (), (), 1)


def test_an_image_that_changes_in_place_is_a_wipe(tmp_path: Path) -> None:
    stack = review(tmp_path, document(change(f"{SERVER}.www-1", "update", after={"image_id": "image-b"})))

    assert [(thing.action, thing.dangers) for thing in stack.things] == [(Action.WIPE, (Danger.WIPE,))]
    assert headlines(stack) == [
        "www-1: its root disk will be wiped in place: image image-a → image-b; keeps its address 203.0.113.5"
    ]


def test_a_replacement_names_what_forces_it_and_what_stays(tmp_path: Path) -> None:
    changes = change(
        f"{SERVER}.www-1",
        "delete",
        "create",
        after={"user_data": "b" * 40, "flavor_id": "flavor-b"},
        replace_paths=[["user_data"]],
    )
    stack = review(tmp_path, document(changes))

    assert headlines(stack) == ["www-1 will be replaced: user data changed; keeps its address 203.0.113.5"]
    assert "with it: flavor flavor-a → flavor-b" in [str(one) for one in stack.things[0].details]


def test_what_the_provider_fills_in_anew_is_no_change(tmp_path: Path) -> None:
    """A map that only apply tells, and a value within a block that nobody configured."""
    changes = change(
        f"{SERVER}.www-1",
        "delete",
        "create",
        after={"user_data": "b" * 40, "network": [{"port": "port-1"}]},
        after_unknown={"all_metadata": True, "network": [{"mac": True}]},
        replace_paths=[["user_data"]],
    )
    changes["change"]["before"] = {
        **changes["change"]["before"],
        "all_metadata": {"ivc": "shop/www-1"},
        "network": [{"port": "port-1", "mac": "fa:16:3e:70:be:46"}],
    }
    plan_ = document(changes)
    (server,) = (one for one in plan_["configuration"]["root_module"]["resources"] if one["address"].startswith(SERVER))
    server["expressions"]["network"] = [{"port": {"references": [f"{PORT}.www-1_Ext-Net.id"]}}]
    (thing,) = review(tmp_path, plan_).things
    (resource,) = thing.resources
    assert [one.path for one in resource.attributes] == ["user_data"]
    assert [str(one) for one in thing.details] == ["what is on its root disk is lost"]


def test_a_text_that_only_the_folder_of_before_holds_is_not_called_new(tmp_path: Path) -> None:
    def folder(text: str) -> Path:
        stack = new_stack(tmp_path / text)
        server(stack, "www-1", backend(stack), user_data=template(stack, f"#cloud-config\nfqdn: {text}\n"))
        stack.app.synth()
        return Path(stack.app.outdir)

    before, after = folder("a.example"), folder("b.example")
    written = json.loads((after / "stacks/shop/cdk.tf.json").read_text())["resource"]
    addresses = [f"{type_}.{name}" for type_, found in written.items() for name in found]
    replaced = change(
        f"{SERVER}.www-1", "delete", "create", after={"user_data": "b" * 40}, replace_paths=[["user_data"]]
    )
    content = document(replaced, configuration={"root_module": {"resources": [{"address": one} for one in addresses]}})
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content))
    alone, both = (
        next(
            one
            for one in reviewer.review(base=base, head=after, plan=[PlanFile(file, "shop")]).stacks[0].things
            if one.kind == "instance"
        )
        for base in (None, before)
    )
    said = "the lines of its user data that change are told where the folder of before is at hand (--base)"
    assert (alone.user_data, said in map(str, alone.details)) == ((), True)
    assert ([one.change for one in both.user_data], said in map(str, both.details)) == (["changed"], False)


def test_a_resize_that_is_a_replacement_says_that_the_flavor_is_gone(tmp_path: Path) -> None:
    changes = change(
        f"{SERVER}.www-1", "delete", "create", after={"flavor_id": "flavor-b"}, replace_paths=[["flavor_id"]]
    )

    (headline,) = headlines(review(tmp_path, document(changes)))

    assert "the one that it was made with is gone from the cloud, so that it cannot be resized" in headline


def test_a_trigger_of_the_library_is_named_with_its_values(tmp_path: Path) -> None:
    trigger = change("terraform_data.www-1__image", "update", after={"input": {"image": "Debian 13"}})
    trigger["change"]["before"] = {"input": {"image": "Debian 12"}}
    replaced = change(f"{SERVER}.www-1", "delete", "create", action_reason="replace_by_triggers")

    assert headlines(review(tmp_path, document(trigger, replaced)))[0].startswith(
        "www-1 will be replaced: image Debian 12 → Debian 13;"
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("replace_because_tainted", "an earlier apply did not finish it"),
        ("replace_by_request", "the plan was asked to"),
    ],
)
def test_other_reasons_are_said(tmp_path: Path, reason: str, words: str) -> None:
    replaced = change(f"{SERVER}.www-1", "delete", "create", action_reason=reason)

    assert words in headlines(review(tmp_path, document(replaced)))[0]


def test_a_port_that_is_made_anew_loses_its_address(tmp_path: Path) -> None:
    changes = [
        change(
            f"{PORT}.www-1_Ext-Net",
            "delete",
            "create",
            after={"dns_name": "www", "all_fixed_ips": None},
            replace_paths=[["dns_name"]],
        ),
        change(
            f"{SERVER}.www-1",
            "delete",
            "create",
            after={"network": [{}]},
            after_unknown={"network": [{"port": True}]},
            replace_paths=[["network", 0, "port"]],
        ),
    ]
    content = document(*changes)
    for each in content["configuration"]["root_module"]["resources"]:
        if each["address"] == f"{SERVER}.www-1":
            references = [f"{PORT}.www-1_Ext-Net.id", f"{PORT}.www-1_Ext-Net"]
            each["expressions"]["network"] = [{"port": {"references": references}}]

    assert "www-1 will be replaced: its port on Ext-Net is made anew; loses its address 203.0.113.5" in headlines(
        review(tmp_path, content)
    )


def test_moves_imports_and_what_is_forgotten_are_told(tmp_path: Path) -> None:
    content = document(
        change(f"{SERVER}.web-1", "no-op", previous_address=f"{SERVER}.www-1", after=STANDS[f"{SERVER}.www-1"]),
        change("openstack_compute_keypair_v2.ops", "forget"),
    )
    imported = change(f"{GROUP}.db", "no-op", after={"id": "group-2", "name": "db"})
    imported["change"]["importing"] = {"id": "group-2"}
    content["resource_changes"].append(imported)

    assert sorted(headlines(review(tmp_path, content))) == [
        "key pair ops will be forgotten: it stays in the cloud",
        "security group db will be imported",
        "web-1 is www-1 under another name: nothing else happens to it",
    ]


def test_drift_and_failed_checks_are_said_and_a_check_of_what_the_plan_changes_is_not(tmp_path: Path) -> None:
    def check(*ports: str) -> dict[str, Any]:
        sentence = "Instance x: its port {} has other security groups than the declared ones (web); somebody did."
        message = "\n".join(sentence.format(port) for port in ports)
        return {"status": "fail", "instances": [{"status": "fail", "problems": [{"message": message}]}]}

    content = document(
        change(f"{PORT}.www-1_Ext-Net", "update", after={"security_group_ids": ["group-2"]}),
        resource_drift=[
            change(f"{SERVER}.db-1", "delete"),
            change(f"{PORT}.www-1_Ext-Net", "update", after={"all_fixed_ips": ["203.0.113.6"], "revision": 3}),
        ],
        checks=[check("www-1_Ext-Net"), check("db-1_backend", "www-1_Ext-Net", "db-2_backend")],
    )

    assert [str(sentence) for sentence in review(tmp_path, content).outside] == [
        "the instance db-1 was deleted outside of Terraform",
        "the port www-1_Ext-Net was changed outside of Terraform: all_fixed_ips[0] from 203.0.113.5 to 203.0.113.6",
        "Instance x: its port db-1_backend has other security groups than the declared ones (web); somebody did",
        "Instance x: its port db-2_backend has other security groups than the declared ones (web); somebody did",
    ]


def test_what_terraform_calls_sensitive_is_not_shown(tmp_path: Path) -> None:
    content = document(
        change(
            f"{SERVER}.www-1",
            "update",
            after={"metadata": {"key": "hunter2"}},
            after_sensitive={"metadata": {"key": True}},
        )
    )
    stack = review(tmp_path, content)

    assert "hunter2" not in repr(stack)
    assert "(sensitive)" in repr(stack)


def test_what_is_forgotten_has_no_values_in_a_real_plan(tmp_path: Path) -> None:
    content = document(change(f"{SERVER}.www-1", "forget"))
    content["planned_values"]["root_module"]["resources"].append(
        {"address": f"{SERVER}.www-1", "mode": "managed", "type": SERVER, "name": "www-1"}
    )

    assert headlines(review(tmp_path, content)) == [
        "www-1 will be forgotten: it stays in the cloud, and Terraform lets go of it"
    ]


def test_what_an_earlier_apply_put_aside_is_another_than_the_server(tmp_path: Path) -> None:
    update = change(f"{SERVER}.www-1", "update", after={"tags": ["a"]})
    content = document(update)
    content["resource_changes"].append(change(f"{SERVER}.www-1", "delete", deposed="abcd"))
    stack = review(tmp_path, content)

    assert [(thing.id, thing.action, thing.dangers) for thing in stack.things] == [
        ("www-1 (deposed abcd)", Action.DESTROY, (Danger.DESTROY,)),
        ("www-1", Action.UPDATE, ()),
    ]


def test_keys_of_a_for_each_are_not_cut(tmp_path: Path) -> None:
    changes = [
        change(f'{SERVER}.www["{key}"]', "create", after={"name": key, "metadata": {"ivc": "shop/x"}})
        for key in ("a.b", "c.b")
    ]

    assert sorted(thing.id for thing in review(tmp_path, document(*changes)).things) == ['www["a.b"]', 'www["c.b"]']


def test_a_plan_that_does_not_tell_all_says_so(tmp_path: Path) -> None:
    later = {"reason": "provider_config_unknown", "resource_change": change(f"{SERVER}.www-1", "delete")}
    stack = review(tmp_path, document(complete=False, deferred_changes=[later]))

    assert [thing.dangers for thing in stack.things] == [(Danger.DESTROY,)]
    assert [str(each) for each in stack.unread] == [
        "the plan is not whole: it was made for some resources alone, or leaves some to a later one",
        f"left to a later plan, which may see it otherwise: {SERVER}.www-1",
    ]


def test_a_change_of_outputs_alone_is_named(tmp_path: Path) -> None:
    stack = review(tmp_path, document(output_changes={"instances": {"actions": ["update"]}}))

    assert [str(note) for note in stack.notes] == ["only outputs change: instances"]


def test_a_plan_that_failed_half_way_says_so(tmp_path: Path) -> None:
    (unread,) = review(tmp_path, document(errored=True)).unread

    assert "the plan is not whole" in str(unread)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (json.dumps(document())[:-20], "is no whole JSON"),
        ("[]", "is no plan"),
        ("{}", "is no plan"),
        ("\xff", "is no whole JSON"),
        (json.dumps({"format_version": "2.0", "planned_values": {}}), "is a plan of format 2.0"),
        (json.dumps({"format_version": "1.0", "values": {}}), "is a state and no plan"),
        (json.dumps(document(change(f"{SERVER}.www-1", "explode"))), "has the actions ['explode']"),
        (json.dumps(document() | {"resource_changes": [{"mode": "managed"}]}), "is not as Terraform writes a plan"),
        (json.dumps(document() | {"resource_changes": "x"}), "is not as Terraform writes a plan"),
        (json.dumps(document() | {"prior_state": [1]}), "is not as Terraform writes a plan"),
        ("[" * 100_000, "is no whole JSON"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content.encode("latin-1"))

    with pytest.raises(PlanError, match=r"^[^\n]*plan\.json[^\n]*$") as caught:
        plan.read(file)

    assert sentence in str(caught.value)


def test_a_plan_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"cannot be read: No such file"):
        plan.read(tmp_path / "missing.json")
