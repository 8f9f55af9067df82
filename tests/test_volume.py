"""Existing volumes: looked up, attached, and never a resource."""

from __future__ import annotations

from ivc import OpenStackStack, Volume
from tests.helpers import (
    ATTACHMENT,
    IMAGE,
    INSTANCE,
    VOLUME,
    VOLUME_ID,
    Json,
    backend,
    data_sources,
    rendered,
    resources,
    server,
    synth,
    template,
    user_data,
)

ROOT_DISK = {
    "source_type": "image",
    "destination_type": "local",
    "boot_index": 0,
    "uuid": f"${{data.{IMAGE}.Debian_12_1711d4.id}}",
    "delete_on_termination": True,
}


def disk(uuid: str) -> Json:
    return {
        "source_type": "volume",
        "destination_type": "volume",
        "boot_index": -1,
        "uuid": uuid,
        "delete_on_termination": False,
    }


def test_volumes_are_attached_at_birth_in_declared_order(shop: OpenStackStack) -> None:
    volumes = [
        Volume.lookup(shop, "zebra"),
        Volume.lookup(shop, "ant").mount("/ant"),
        Volume.lookup(shop, id=VOLUME_ID),
    ]
    server(shop, "www", backend(shop), volumes=volumes)
    synthesized = synth(shop)
    www = resources(synthesized, INSTANCE)["www"]
    assert www["block_device"] == [
        ROOT_DISK,
        disk(f"${{data.{VOLUME}.zebra.id}}"),
        disk(f"${{data.{VOLUME}.ant.id}}"),
        disk(VOLUME_ID),
    ]
    assert "block_device[0].uuid" in www["lifecycle"]["ignore_changes"]
    assert resources(synthesized, ATTACHMENT) == {}


def test_an_instance_without_volumes_says_no_disks(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop))
    www = resources(synth(shop), INSTANCE)["www"]
    assert "block_device" not in www
    assert "block_device[0].uuid" not in www["lifecycle"]["ignore_changes"]


def test_live_volumes_are_attached_one_after_the_other(shop: OpenStackStack) -> None:
    volumes = [Volume.lookup(shop, name).attach(live=True) for name in ("zebra", "ant", "mole")]
    server(shop, "www", backend(shop), volumes=volumes)
    synthesized = synth(shop)
    assert resources(synthesized, ATTACHMENT) == {
        "www_zebra": {
            "instance_id": f"${{{INSTANCE}.www.id}}",
            "volume_id": f"${{data.{VOLUME}.zebra.id}}",
        },
        "www_ant": {
            "instance_id": f"${{{INSTANCE}.www.id}}",
            "volume_id": f"${{data.{VOLUME}.ant.id}}",
            "depends_on": [f"{ATTACHMENT}.www_zebra"],
        },
        "www_mole": {
            "instance_id": f"${{{INSTANCE}.www.id}}",
            "volume_id": f"${{data.{VOLUME}.mole.id}}",
            "depends_on": [f"{ATTACHMENT}.www_ant"],
        },
    }
    assert "block_device" not in resources(synthesized, INSTANCE)["www"]


def test_some_volumes_may_be_live_and_others_there_at_birth(shop: OpenStackStack) -> None:
    born, live = Volume.lookup(shop, "born"), Volume.lookup(shop, "live").mount("/live", live=True)
    server(shop, "www", backend(shop), volumes=[live, born])
    synthesized = synth(shop)
    assert resources(synthesized, INSTANCE)["www"]["block_device"] == [ROOT_DISK, disk(f"${{data.{VOLUME}.born.id}}")]
    assert list(resources(synthesized, ATTACHMENT)) == ["www_live"]


def test_no_volume_is_ever_a_resource(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "a", network, volumes=[Volume.lookup(shop, "one"), Volume.lookup(shop, id=VOLUME_ID)])
    server(shop, "b", network, volumes=[Volume.lookup(shop, "two").attach(live=True)])
    synthesized = synth(shop)
    assert not [kind for kind in synthesized["resource"] if "blockstorage" in kind]
    for instance in resources(synthesized, INSTANCE).values():
        for device in instance.get("block_device", []):
            assert device["source_type"] in ("image", "volume")
            assert device["delete_on_termination"] is (device["source_type"] == "image")
            assert "volume_size" not in device
            assert "guest_format" not in device


def test_a_volume_by_id_asks_the_cloud_nothing(shop: OpenStackStack) -> None:
    volume = Volume.lookup(shop, id=VOLUME_ID.upper())
    assert (volume.id, volume.serial, volume.l1) == (VOLUME_ID, VOLUME_ID[:20], None)
    assert data_sources(synth(shop), VOLUME) == {}


def test_a_look_up_of_a_volume_asks_for_its_name_alone(shop: OpenStackStack) -> None:
    Volume.lookup(shop, "www data ${x}")
    [(address, said)] = data_sources(synth(shop), VOLUME).items()
    assert address.startswith("www_data_x_")
    assert said == {"name": "www data $${x}"}


def test_the_guest_is_told_how_to_find_the_disk(shop: OpenStackStack) -> None:
    text = (
        "#part-handler\n{% for volume in instance.volumes %}{{ volume.name }}|{{ volume.id }}|{{ volume.serial }}|"
        "{{ volume.mount_point is none }}\n{% endfor %}"
    )
    volumes = [Volume.lookup(shop, "data").attach(), Volume.lookup(shop, id=VOLUME_ID).attach(live=True)]
    server(shop, "www", backend(shop), volumes=volumes, user_data=template(shop, text))
    address = f"data.{VOLUME}.data.id"
    known = f"{VOLUME_ID}|{VOLUME_ID}|11111111-2222-3333-4|True\n"
    assert user_data(shop, "www") == f"#part-handler\ndata|${{{address}}}|${{substr({address}, 0, 20)}}|True\n" + known
    assert rendered(shop, "www").decode() == (
        "#part-handler\ndata|<id of volume data>|<serial of volume data>|True\n" + known
    )
