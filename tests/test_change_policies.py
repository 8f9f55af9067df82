"""What a change of image, user data or flavor does; and renames, which change nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ivc import Cidr, ImageId, Network, OpenStackStack, SecurityGroup, Subnet, Tcp, Volume
from tests.helpers import (
    ATTACHMENT,
    GROUP,
    IMAGE_ID,
    INSTANCE,
    NETWORK,
    PORT,
    RULE,
    SUBNET,
    TRIGGER,
    Json,
    backend,
    new_stack,
    resources,
    server,
    synth,
)

MARK = 'metadata["ivc"]'
NO_USER_DATA = {"user_data": hashlib.sha256(b"").hexdigest()}


def lifecycle(stack: OpenStackStack) -> Json:
    found: Json = resources(synth(stack), INSTANCE)["www"]["lifecycle"]
    return found


@pytest.mark.parametrize(
    ("said", "ignored", "triggers"),
    [
        ({}, ["image_id"], {"image": "Debian 12"} | NO_USER_DATA),
        ({"image_update_policy": "replace"}, ["image_id"], {"image": "Debian 12"} | NO_USER_DATA),
        ({"image_update_policy": "ignore"}, ["image_id"], NO_USER_DATA),
        ({"image": ImageId(IMAGE_ID)}, ["image_id"], {"image": IMAGE_ID} | NO_USER_DATA),
        ({"image": ImageId(IMAGE_ID), "image_update_policy": "rebuild"}, [], NO_USER_DATA),
        ({"image": ImageId(IMAGE_ID), "image_update_policy": "ignore"}, ["image_id"], NO_USER_DATA),
        ({"user_data_update_policy": "ignore"}, ["image_id"], {"image": "Debian 12"}),
        ({"user_data_update_policy": "replace"}, ["image_id"], {"image": "Debian 12"} | NO_USER_DATA),
        ({"flavor_update_policy": "resize"}, ["image_id"], {"image": "Debian 12"} | NO_USER_DATA),
        ({"flavor_update_policy": "ignore"}, ["image_id", "flavor_id"], {"image": "Debian 12"} | NO_USER_DATA),
        ({"flavor_update_policy": "replace"}, ["image_id"], {"image": "Debian 12", "flavor": "b2-7"} | NO_USER_DATA),
    ],
)
def test_a_policy_says_what_terraform_compares_and_what_replaces(
    shop: OpenStackStack, said: dict[str, Any], ignored: list[str], triggers: dict[str, str]
) -> None:
    server(shop, "www", backend(shop), **said)
    synthesized = synth(shop)
    www = resources(synthesized, INSTANCE)["www"]["lifecycle"]
    assert www["ignore_changes"] == [MARK, "user_data", *ignored]
    assert www.get("replace_triggered_by", []) == [f"terraform_data.www__{what}" for what in triggers]
    assert resources(synthesized, TRIGGER) == {
        f"www__{what}": {"input": {what: value}} for what, value in triggers.items()
    }


def test_a_volume_at_birth_does_not_make_a_rotated_image_a_change(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), volumes=[Volume.lookup(shop, "data")])
    assert lifecycle(shop)["ignore_changes"] == [MARK, "user_data", "image_id", "block_device[0].uuid"]


def test_a_trigger_holds_the_declared_text(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), image="Debian ${12}")
    assert resources(synth(shop), TRIGGER)["www__image"] == {"input": {"image": "Debian $${12}"}}


def moved(stack: OpenStackStack) -> set[tuple[str, str]]:
    return {(block["from"], block["to"]) for block in synth(stack).get("moved", [])}


def test_without_a_rename_nothing_is_moved(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop))
    assert "moved" not in synth(shop)


def test_a_renamed_instance_takes_along_all_that_belongs_to_it(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(
        shop,
        "new",
        nics=[network.nic(), network.nic()],
        volumes=[Volume.lookup(shop, "data").attach(live=True)],
        flavor_update_policy="replace",
        renamed_from="old",
    )
    assert moved(shop) == {
        (f"{INSTANCE}.old", f"{INSTANCE}.new"),
        (f"{PORT}.old_backend", f"{PORT}.new_backend"),
        (f"{PORT}.old_backend-2", f"{PORT}.new_backend-2"),
        (f"{ATTACHMENT}.old_data", f"{ATTACHMENT}.new_data"),
        (f"{TRIGGER}.old__image", f"{TRIGGER}.new__image"),
        (f"{TRIGGER}.old__flavor", f"{TRIGGER}.new__flavor"),
        (f"{TRIGGER}.old__user_data", f"{TRIGGER}.new__user_data"),
    }


def test_a_renamed_network_takes_along_its_subnet_and_all_ports_in_it(shop: OpenStackStack) -> None:
    network = backend(shop, "front", renamed_from="backend")
    server(shop, "www", network)
    assert moved(shop) == {
        (f"{NETWORK}.backend", f"{NETWORK}.front"),
        (f"{SUBNET}.backend", f"{SUBNET}.front"),
        (f"{PORT}.www_backend", f"{PORT}.www_front"),
    }


def test_a_renamed_instance_in_a_renamed_network_has_one_move_a_port(shop: OpenStackStack) -> None:
    network = backend(shop, "front", renamed_from="backend")
    server(shop, "new", network, renamed_from="old")
    assert (f"{PORT}.old_backend", f"{PORT}.new_front") in moved(shop)
    assert len(moved(shop)) == 6


def test_a_renamed_group_takes_along_its_rules_and_those_of_others_that_mention_it(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web", egress="closed", renamed_from="www")
    db = SecurityGroup(shop, "db", egress="closed")
    web.allow_from(Cidr("10.0.0.0/8"), Tcp(80))
    web.allow_from(web, Tcp(81))
    db.allow_from(web, Tcp(82))
    db.allow_from(Cidr("10.0.0.0/8"), Tcp(83))
    assert moved(shop) == {
        (f"{GROUP}.www", f"{GROUP}.web"),
        (f"{RULE}.www_ingress_tcp-80_10-0-0-0-8_ipv4", f"{RULE}.web_ingress_tcp-80_10-0-0-0-8_ipv4"),
        (f"{RULE}.www_ingress_tcp-81_group-www_ipv4", f"{RULE}.web_ingress_tcp-81_group-web_ipv4"),
        (f"{RULE}.www_ingress_tcp-81_group-www_ipv6", f"{RULE}.web_ingress_tcp-81_group-web_ipv6"),
        (f"{RULE}.db_ingress_tcp-82_group-www_ipv4", f"{RULE}.db_ingress_tcp-82_group-web_ipv4"),
        (f"{RULE}.db_ingress_tcp-82_group-www_ipv6", f"{RULE}.db_ingress_tcp-82_group-web_ipv6"),
        (f"{RULE}.www_egress_tcp-81_group-www_ipv4", f"{RULE}.web_egress_tcp-81_group-web_ipv4"),
        (f"{RULE}.www_egress_tcp-81_group-www_ipv6", f"{RULE}.web_egress_tcp-81_group-web_ipv6"),
        (f"{RULE}.www_egress_tcp-82_group-db_ipv4", f"{RULE}.web_egress_tcp-82_group-db_ipv4"),
        (f"{RULE}.www_egress_tcp-82_group-db_ipv6", f"{RULE}.web_egress_tcp-82_group-db_ipv6"),
    }


def test_a_renamed_subnet_is_moved_alone(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    Subnet(shop, "six", network=network, cidr="2001:db8::/64", renamed_from="v6")
    server(shop, "www", network)
    assert moved(shop) == {(f"{SUBNET}.v6", f"{SUBNET}.six")}


def renamed(folder: Path, names: dict[str, str]) -> Json:
    """A small estate whose declarations are called otherwise than the cloud calls what they made."""

    def called(id_: str) -> tuple[str, dict[str, Any]]:
        new = names.get(id_, id_)
        return new, {"name": id_} | ({"renamed_from": id_} if new != id_ else {})

    stack = new_stack(folder)
    id_, said = called("backend")
    network = backend(stack, id_, **said)
    id_, said = called("web")
    web = SecurityGroup(stack, id_, **said)
    id_, said = called("www")
    server(stack, id_, nics=[network.nic(web)], **said)
    return synth(stack)


def with_former_names(synthesized: Json) -> Json:
    """The resources as Terraform compares them: at the addresses that they are moved from."""
    text = json.dumps(synthesized["resource"])
    for block in sorted(synthesized.get("moved", []), key=lambda block: -len(block["to"])):
        text = text.replace(block["to"], block["from"])
    at_new: Json = json.loads(text)
    old_of = {block["to"]: block["from"].split(".")[1] for block in synthesized.get("moved", [])}
    return {
        kind: {old_of.get(f"{kind}.{name}", name): resource for name, resource in named.items()}
        for kind, named in at_new.items()
    }


def without_ignored(tree: Json) -> Json:
    for kind, named in tree.items():
        for resource in named.values():
            ignored = resource.get("lifecycle", {}).get("ignore_changes", [])
            if "description" in ignored:
                del resource["description"]
            if MARK in ignored:
                del resource["metadata"]["ivc"]
            if kind == PORT:
                del resource["depends_on"]
            resource.get("lifecycle", {}).pop("replace_triggered_by", None)
    return tree


@pytest.mark.parametrize("declaration", ["www", "backend", "web"])
def test_a_rename_changes_nothing_in_the_cloud(tmp_path: Path, declaration: str) -> None:
    before = without_ignored(with_former_names(renamed(tmp_path, {})))
    after = without_ignored(with_former_names(renamed(tmp_path, {declaration: "other"})))
    assert after == before
