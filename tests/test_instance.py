"""Instances: what Terraform is told of a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivc import ImageId, KeyPair, Network, OpenStackStack, SecurityGroup, ServerGroup, Volume
from tests.helpers import (
    FLAVOR,
    IMAGE,
    IMAGE_ID,
    INSTANCE,
    KEY_PAIR,
    PORT,
    PUBLIC_KEY,
    SERVER_GROUP,
    Json,
    backend,
    data_sources,
    resources,
    server,
    synth,
    template,
)


def instance(stack: OpenStackStack, name: str = "www") -> Json:
    found: Json = resources(synth(stack), INSTANCE)[name]
    return found


def test_an_instance_with_little_said_says_no_more_than_that(shop: OpenStackStack) -> None:
    server(shop, "www", Network.lookup(shop, "Ext-Net", public=True))
    assert instance(shop) == {
        "name": "www",
        "image_id": f"${{data.{IMAGE}.Debian_12_1711d4.id}}",
        "flavor_id": f"${{data.{FLAVOR}.b2-7.id}}",
        "network": [{"port": f"${{{PORT}.www_Ext-Net.id}}"}],
        "metadata": {"ivc": "shop/www"},
        "lifecycle": {
            "ignore_changes": ['metadata["ivc"]', "user_data", "image_id"],
            "replace_triggered_by": ["terraform_data.www__image", "terraform_data.www__user_data"],
        },
    }


def test_what_is_declared_arrives_as_it_is(shop: OpenStackStack) -> None:
    server(
        shop,
        "www",
        backend(shop),
        key_pair="ops",
        name="www.example.com",
        availability_zone="nova",
        tags=["b", "a", "${x}"],
        metadata={"owner": "ops"},
    )
    www = instance(shop)
    assert www["key_pair"] == "ops"
    assert www["name"] == "www.example.com"
    assert www["availability_zone"] == "nova"
    assert www["tags"] == ["b", "a", "$${x}"]
    assert www["metadata"]["owner"] == "ops"


def test_a_key_pair_is_passed_by_name_and_not_looked_up(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), key_pair="ops")
    assert set(synth(shop)["data"]) == {IMAGE, FLAVOR}


def test_an_image_by_id_is_not_looked_up(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), image=ImageId(IMAGE_ID.upper()))
    synthesized = synth(shop)
    assert data_sources(synthesized, IMAGE) == {}
    assert resources(synthesized, INSTANCE)["www"]["image_id"] == IMAGE_ID


def test_several_images_of_one_name_give_the_newest(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), image="Debian ${12}")
    [image] = data_sources(synth(shop), IMAGE).values()
    assert image == {"name": "Debian $${12}", "most_recent": True}


@pytest.mark.parametrize("declared", [None, True, False])
@pytest.mark.parametrize("has_user_data", [True, False])
@pytest.mark.parametrize("networks", ["private", "public", "both", "looked up"])
def test_a_config_drive_is_there_where_nothing_else_may_bring_the_user_data(
    shop: OpenStackStack, networks: str, has_user_data: bool, declared: bool | None
) -> None:
    private, public = backend(shop), Network.lookup(shop, "Ext-Net", public=True)
    nics = {
        "private": [private.nic()],
        "public": [public.nic()],
        "both": [private.nic(), public.nic()],
        "looked up": [Network.lookup(shop, "office").nic()],
    }[networks]
    only_private = networks in ("private", "looked up")
    user_data = template(shop, "#cloud-config\n") if has_user_data else None
    if only_private and has_user_data and declared is False:
        server(shop, "www", nics=nics, user_data=user_data, config_drive=declared)
        with pytest.raises(ValueError, match=r"^Instance www: config_drive: it is False, and on private networks only"):
            synth(shop)
        return
    server(shop, "www", nics=nics, user_data=user_data, config_drive=declared)
    expected = declared if declared is not None else (True if only_private else None)
    assert instance(shop).get("config_drive") is expected


def test_protection_makes_a_plan_fail_that_would_destroy_it(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "www", network, prevent_destroy=True)
    server(shop, "other", network)
    assert instance(shop)["lifecycle"]["prevent_destroy"] is True
    assert "prevent_destroy" not in instance(shop, "other")["lifecycle"]


def test_a_server_is_stopped_before_it_is_destroyed_where_it_has_a_volume(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "www", network)
    server(shop, "db", network, volumes=[Volume.lookup(shop, "db-data")])
    server(shop, "log", network, volumes=[Volume.lookup(shop, "log-data").attach(live=True)])
    instances = resources(synth(shop), INSTANCE)
    assert {name: said.get("stop_before_destroy") for name, said in instances.items()} == {
        "www": None,
        "db": True,
        "log": True,
    }


def test_cdktf_shows_the_output_after_a_deploy(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop))
    shop.app.synth()
    written = json.loads((Path(shop.app.outdir) / "stacks" / "shop" / "cdk.tf.json").read_text())
    assert written["//"]["outputs"] == {"shop": {"stack settings": {"instances": "instances"}}}


def test_the_output_tells_each_servers_id_name_addresses_and_tags(shop: OpenStackStack) -> None:
    network = backend(shop)
    internet = Network.lookup(shop, "Ext-Net", public=True)
    server(
        shop,
        "www",
        nics=[internet.nic(), network.nic(ip="10.0.0.11"), network.nic()],
        name="www.${x}",
        tags=["${y}", "b", "a"],
    )
    assert synth(shop)["output"] == {
        "instances": {
            "value": {
                "www": {
                    "id": f"${{{INSTANCE}.www.id}}",
                    "name": "www.$${x}",
                    "addresses": {
                        "Ext-Net": f"${{sort({PORT}.www_Ext-Net.all_fixed_ips)}}",
                        "backend": f"${{sort({PORT}.www_backend.all_fixed_ips)}}",
                        "backend-2": f"${{sort({PORT}.www_backend-2.all_fixed_ips)}}",
                    },
                    "networks": ["Ext-Net", "backend", "backend-2"],
                    "public": ["Ext-Net"],
                    "tags": ["$${y}", "a", "b"],
                }
            }
        }
    }


def test_a_stack_without_instances_has_no_output(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web")
    assert "output" not in synth(shop)


def test_the_output_holds_what_was_declared_after_a_first_synth_as_well(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "a", network)
    synth(shop)
    server(shop, "b", network)
    synthesized = synth(shop)
    assert list(synthesized["output"]["instances"]["value"]) == ["a", "b"]
    assert list(synthesized["check"]) == ["security_groups"]
    assert list(synthesized["locals"]["security_groups_of_ports"]) == ["a_backend", "b_backend"]


def test_an_instance_knows_its_addresses(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = server(shop, "www", nics=[network.nic(ip=["10.0.0.11", "10.0.0.12"])])
    assert www.addresses == {"backend": "10.0.0.11"}


def test_the_l1_takes_overrides(shop: OpenStackStack) -> None:
    www = server(shop, "www", backend(shop))
    www.l1.add_override("force_delete", True)
    www.l1.add_override("lifecycle.create_before_destroy", True)
    said = instance(shop)
    assert said["force_delete"] is True
    assert said["lifecycle"]["create_before_destroy"] is True
    assert said["lifecycle"]["replace_triggered_by"] == ["terraform_data.www__image", "terraform_data.www__user_data"]


def test_a_key_pair_that_the_stack_makes_goes_by_its_name(shop: OpenStackStack) -> None:
    ops = KeyPair(shop, "ops", public_key=PUBLIC_KEY, name="The ops")
    server(shop, "www", backend(shop), key_pair=ops)
    assert resources(synth(shop), INSTANCE)["www"]["key_pair"] == f"${{{KEY_PAIR}.ops.name}}"


def test_a_server_stands_in_a_server_group(shop: OpenStackStack) -> None:
    apart = ServerGroup(shop, "web")
    server(shop, "www", backend(shop), server_group=apart)
    assert resources(synth(shop), INSTANCE)["www"]["scheduler_hints"] == [{"group": f"${{{SERVER_GROUP}.web.id}}"}]
