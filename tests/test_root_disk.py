"""Root disks: one that Nova makes, one that is kept, one that exists already; ephemeral and swap disks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from ivc import (
    EphemeralDisk,
    ImageId,
    Instance,
    OpenStackStack,
    RootDisk,
    RootVolume,
    SecurityGroup,
    UserData,
    Volume,
)
from tests.helpers import (
    IMAGE,
    IMAGE_ID,
    INSTANCE,
    TRIGGER,
    VOLUME,
    VOLUME_ID,
    Json,
    backend,
    resources,
    server,
    synth,
)

DEBIAN = f"${{data.{IMAGE}.Debian_12_1711d4.id}}"
KEPT = {"source_type": "volume", "destination_type": "volume", "delete_on_termination": False}
BLANK = {"source_type": "blank", "destination_type": "local", "delete_on_termination": True, "boot_index": -1}
LOCAL = {
    "source_type": "image",
    "destination_type": "local",
    "boot_index": 0,
    "uuid": DEBIAN,
    "delete_on_termination": True,
}


def booting(stack: OpenStackStack, root_disk: RootVolume | Volume, id_: str = "db", /, **said: Any) -> Instance:
    """A server that boots from a volume of its own."""
    given: dict[str, Any] = {"flavor": "b2-7", "nics": [backend(stack, f"net-{id_}").nic()]}
    return Instance(stack, id_, root_disk=root_disk, **given | said)


def made(stack: OpenStackStack, name: str = "db") -> Json:
    found: Json = resources(synth(stack), INSTANCE)[name]
    return found


def test_nova_makes_a_root_disk_of_the_image_and_deletes_it_with_the_server(shop: OpenStackStack) -> None:
    server(shop, "db", backend(shop), root_disk=RootDisk(size=20, type="fast ${x}"))
    db = made(shop)
    assert db["block_device"] == [
        LOCAL | {"destination_type": "volume", "volume_size": 20, "volume_type": "fast $${x}"},
    ]
    # The provider tells no image of what boots from a volume: one that is said would be a change at every plan.
    assert "image_id" not in db
    assert "stop_before_destroy" not in db
    assert db["lifecycle"]["ignore_changes"][-1] == "block_device[0].uuid"
    assert db["lifecycle"]["replace_triggered_by"][0] == "terraform_data.db__image"


def test_a_root_disk_of_the_clouds_own_type_says_none(shop: OpenStackStack) -> None:
    server(shop, "db", backend(shop), root_disk=RootDisk(20), image_update_policy="ignore")
    db = made(shop)
    assert "volume_type" not in db["block_device"][0]
    assert db["lifecycle"]["replace_triggered_by"] == ["terraform_data.db__user_data"]


def test_a_root_volume_is_named_marked_protected_and_grows(shop: OpenStackStack) -> None:
    RootVolume(shop, "db-root", image="Debian 12", size=20, type="fast", description="Of ${db}", name="root of db")
    synthesized = synth(shop)
    assert resources(synthesized, VOLUME)["db-root"] == {
        "name": "root of db",
        "description": "Of $${db} [ivc:shop/db-root]",
        "size": 20,
        "volume_type": "fast",
        "image_id": DEBIAN,
        "enable_online_resize": True,
        "lifecycle": {
            "prevent_destroy": True,
            "ignore_changes": ["image_id"],
            "replace_triggered_by": ["terraform_data.db-root__volume_image"],
        },
    }
    assert resources(synthesized, TRIGGER) == {"db-root__volume_image": {"input": {"image": "Debian 12"}}}


def test_an_image_that_is_ignored_and_a_protection_that_is_off_leave_a_rotated_image_alone(
    shop: OpenStackStack,
) -> None:
    RootVolume(
        shop,
        "db",
        image=ImageId(IMAGE_ID),
        size=20,
        availability_zone="b",
        image_update_policy="ignore",
        prevent_destroy=False,
    )
    synthesized = synth(shop)
    volume = resources(synthesized, VOLUME)["db"]
    assert (volume["image_id"], volume["availability_zone"]) == (IMAGE_ID, "b")
    assert volume["lifecycle"] == {"ignore_changes": ["image_id"]}
    assert resources(synthesized, TRIGGER) == {}


def test_a_server_boots_from_a_root_volume_and_is_shut_down_before_it_leaves(shop: OpenStackStack) -> None:
    # They may have one name, since they are not of one kind.
    booting(shop, RootVolume(shop, "db", image="Debian 12", size=20))
    synthesized = synth(shop)
    db = resources(synthesized, INSTANCE)["db"]
    assert db["block_device"] == [KEPT | {"boot_index": 0, "uuid": f"${{{VOLUME}.db.id}}"}]
    assert db["stop_before_destroy"] is True
    assert "image_id" not in db
    # Another volume is another disk: its id is compared.
    assert "block_device[0].uuid" not in db["lifecycle"]["ignore_changes"]
    assert db["lifecycle"]["replace_triggered_by"] == ["terraform_data.db__user_data"]
    assert set(resources(synthesized, TRIGGER)) == {"db__user_data", "db__volume_image"}


def test_a_server_boots_from_a_volume_that_exists(shop: OpenStackStack) -> None:
    booting(shop, Volume.lookup(shop, "boot"))
    booting(shop, Volume.lookup(shop, id=VOLUME_ID), "other")
    synthesized = synth(shop)
    assert [one["block_device"] for one in resources(synthesized, INSTANCE).values()] == [
        [KEPT | {"boot_index": 0, "uuid": f"${{data.{VOLUME}.boot.id}}"}],
        [KEPT | {"boot_index": 0, "uuid": VOLUME_ID}],
    ]
    assert resources(synthesized, VOLUME) == {}


def test_ephemeral_and_swap_disks_stand_before_the_volumes_and_are_never_booted_from(shop: OpenStackStack) -> None:
    server(
        shop,
        "db",
        backend(shop),
        ephemeral_disks=[EphemeralDisk(size=40), EphemeralDisk(10)],
        swap=2048,
        volumes=[Volume.lookup(shop, id=VOLUME_ID)],
    )
    db = made(shop)
    assert db["block_device"] == [
        LOCAL,
        BLANK | {"volume_size": 40},
        BLANK | {"volume_size": 10},
        # Nova counts it in MiB (nova/virt/libvirt/driver.py, `_create_image`).
        BLANK | {"volume_size": 2048, "guest_format": "swap"},
        KEPT | {"boot_index": -1, "uuid": VOLUME_ID},
    ]
    assert (db["image_id"], db["lifecycle"]["ignore_changes"][-1]) == (DEBIAN, "block_device[0].uuid")


def test_a_swap_disk_alone_stands_behind_the_root_disk(shop: OpenStackStack) -> None:
    server(shop, "db", backend(shop), swap=64)
    assert [one["boot_index"] for one in made(shop)["block_device"]] == [0, -1]


def test_no_volume_that_is_kept_is_ever_deleted_with_its_server(shop: OpenStackStack) -> None:
    booting(shop, RootVolume(shop, "kept", image="Debian 12", size=20), volumes=[Volume.lookup(shop, "data")])
    devices = made(shop)["block_device"]
    assert [device["source_type"] for device in devices] == ["volume", "volume"]
    assert [device["delete_on_termination"] for device in devices] == [False, False]


def test_a_renamed_root_volume_is_moved_with_what_its_image_is_compared_by(shop: OpenStackStack) -> None:
    RootVolume(shop, "new", image="Debian 12", size=20, renamed_from="old", name="old")
    assert synth(shop)["moved"] == [
        {"from": f"{VOLUME}.old", "to": f"{VOLUME}.new"},
        {"from": "terraform_data.old__volume_image", "to": "terraform_data.new__volume_image"},
    ]
    assert resources(synth(shop), VOLUME)["new"]["description"] == "ivc:shop/old"


def test_a_root_volume_waits_for_what_it_is_told_to(shop: OpenStackStack) -> None:
    group = SecurityGroup(shop, "first")
    RootVolume(shop, "db", image="Debian 12", size=20, depends_on=[group])
    assert "openstack_networking_secgroup_v2.first" in resources(synth(shop), VOLUME)["db"]["depends_on"]


def test_user_data_may_format_nothing_where_the_root_disk_is_kept(shop: OpenStackStack) -> None:
    format_it = UserData.text("#cloud-config\nfs_setup:\n- {device: /dev/vdb, filesystem: ext4}\n")
    server(shop, "cattle", backend(shop), root_disk=RootDisk(size=20), user_data=format_it)
    with pytest.raises(ValueError, match=r"^Instance db: user_data: .*fs_setup.* existing volumes, whose data"):
        booting(shop, RootVolume(shop, "root", image="Debian 12", size=20), user_data=format_it)


SAID: Mapping[str, tuple[Any, str]] = {
    "no image": ({"image": None}, "image: it is missing; give the image's name, or a root_disk that is made already"),
    "no image for Nova's disk": ({"image": None, "root_disk": RootDisk(size=20)}, "image: it is missing; give the im"),
    "a rebuild of Nova's disk": (
        {"image": ImageId(IMAGE_ID), "image_update_policy": "rebuild", "root_disk": RootDisk(size=20)},
        "image_update_policy: 'rebuild' writes a disk of the flavor's anew, and the root disk is a volume",
    ),
    "a swap disk in GiB": ({"swap": 2}, "swap: 2 MiB are too little for one, and Nova counts it in MiB; give 64 or"),
    "a text": ({"root_disk": "boot"}, 'root_disk: \'boot\' is a text; give Volume.lookup(stack, "boot")'),
    "a number": (
        {"root_disk": 20},
        'root_disk: 20 is a number; give RootDisk(size=20) or RootVolume(stack, ...) or Volume.lookup(stack, "www-',
    ),
    "a disk alone": (
        {"ephemeral_disks": EphemeralDisk(size=1)},
        "ephemeral_disks: EphemeralDisk(size=1) stands alone; give a list",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "sentence"), SAID.values(), ids=SAID)
def test_what_cannot_be_is_one_sentence(shop: OpenStackStack, said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - what it says is compared below
        server(shop, "db", backend(shop), **said)
    assert str(raised.value).startswith(f"Instance db: {sentence}")


NO_IMAGE = "image_update_policy: it has no image of its own, since its root disk, {}"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"image": "Debian 12"}, "image: its root disk, {}, {}; leave it out"),
        ({"image_update_policy": "ignore"}, NO_IMAGE),
        ({"image_update_policy": "rebuild"}, NO_IMAGE),
    ],
)
def test_an_image_beside_a_disk_that_is_made_already_is_refused(
    shop: OpenStackStack, said: dict[str, Any], sentence: str
) -> None:
    root, boot = RootVolume(shop, "root", image="Debian 12", size=20), Volume.lookup(shop, "boot")
    made_here, there = (
        sentence.format(root._called, "is made of its own"),
        sentence.format(boot._called, "exists already"),
    )
    with pytest.raises(ValueError, match=rf"^Instance a: {re.escape(made_here)}"):
        booting(shop, root, "a", **said)
    with pytest.raises(ValueError, match=rf"^Instance b: {re.escape(there)}"):
        booting(shop, boot, "b", **said)


def test_a_volume_is_the_root_disk_of_one_server_and_nothing_else_of_it(shop: OpenStackStack) -> None:
    root, boot = RootVolume(shop, "root", image="Debian 12", size=20), Volume.lookup(shop, "root")
    booting(shop, root, "one")
    with pytest.raises(ValueError, match="Instance two: root_disk: volume root is already attached to Instance one; "):
        booting(shop, root, "two")
    # Another volume, which the cloud calls as the first one is declared.
    booting(shop, boot, "three")
    data = Volume.lookup(shop, "data")
    with pytest.raises(ValueError, match="Instance four: root_disk: volume data is already attached to Instance four"):
        booting(shop, data, "four", volumes=[data.mount("/srv")])


@pytest.mark.parametrize(
    ("kind", "said", "sentence"),
    [
        (RootDisk, {"size": 0}, "RootDisk: size: 0 is no size in GiB; give 1 or more"),
        (RootDisk, {"size": 20, "type": " "}, "RootDisk: type: it is empty; give the name of the volume's type, or"),
        (RootDisk, {"size": "20"}, "RootDisk: size: '20' is a text; give a whole number"),
        (EphemeralDisk, {"size": -1}, "EphemeralDisk: size: -1 is no size in GiB; give 1 or more"),
    ],
)
def test_a_disk_that_cannot_be_is_one_sentence(kind: Any, said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - what it says is compared below
        kind(**said)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"image": ""}, "image: it is empty; give the image's name, or ImageId(...)"),
        ({"size": 0}, "size: 0 is no size in GiB; give 1 or more"),
        ({"type": ""}, "type: it is empty; give the name of the volume's type, or leave it out"),
        ({"availability_zone": ""}, "availability_zone: it is empty; give its name, or leave it out"),
        ({"image_update_policy": "rebuild"}, "image_update_policy: 'rebuild' is not known; it is 'replace' or 'igno"),
    ],
)
def test_a_root_volume_that_cannot_be_is_one_sentence(
    shop: OpenStackStack, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - what it says is compared below
        RootVolume(shop, "r", **dict[str, Any](image="i", size=20) | said)
    assert str(raised.value).startswith(f"RootVolume r: {sentence}")
