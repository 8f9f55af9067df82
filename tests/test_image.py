"""Images that are made from a file."""

from __future__ import annotations

import struct
import tracemalloc
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ivc import S3, App, Image, OpenStackStack, RootVolume, TerraformCloud, Tier
from tests.helpers import IMAGE, INSTANCE, TRIGGER, VOLUME, a_disk, backend, new_stack, resources, server, synth, tree

GIB = 2**30


def qcow2(size: int, *, backing: int = 0, features: int = 0, version: int = 3) -> bytes:
    """The first bytes of such a disk."""
    header = struct.pack(">4sIQII Q", b"QFI\xfb", version, backing, 0, 16, size)
    return header.ljust(72, b"\0") + struct.pack(">Q", features) + bytes(1000)


def written(stack: OpenStackStack, content: bytes, name: str = "images/www.qcow2") -> str:
    file = stack.app.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return name


def test_it_says_all_that_a_plan_shows_and_no_path_of_this_machine(shop: OpenStackStack) -> None:
    content = qcow2(2 * GIB + 1)
    image = Image(shop, "www", file=written(shop, content), properties={"os_distro": "${debian}"}, min_ram=512)
    synthesized = synth(shop)
    checksum = sha256(content).hexdigest()
    assert image.sha256 == checksum
    made = resources(synthesized, IMAGE)["www"]
    file = 'format("sha256:%s", filesha256("${path.module}/images/www"))'
    condition = f"${{{file} == terraform_data.www__image_file.input.image_file}}"
    assert [one.pop("condition") for one in made["lifecycle"]["precondition"]] == [condition]
    (said,) = made["lifecycle"].pop("precondition")
    assert said["error_message"].startswith("Image www: its file has another content")
    assert made == {
        "name": "www",
        "local_file_path": "${path.module}/images/www",
        "container_format": "bare",
        "disk_format": "qcow2",
        "min_disk_gb": 3,
        "min_ram_mb": 512,
        "properties": {"os_distro": "$${debian}", "ivc": "shop/www"},
        "image_cache_path": ".terraform/image_cache",
        "lifecycle": {
            "create_before_destroy": True,
            "ignore_changes": ["local_file_path"],
            "replace_triggered_by": ["terraform_data.www__image_file"],
        },
    }
    assert resources(synthesized, TRIGGER) == {"www__image_file": {"input": {"image_file": f"sha256:{checksum}"}}}
    assert str(shop.app.folder) not in str(synthesized)


def test_the_file_is_linked_and_not_copied_wherever_the_output_is(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "images").mkdir(parents=True)
    for outdir in (project / "cdktf.out", tmp_path / "else" / "where"):
        app = App(folder=project, outdir=outdir)
        stack = OpenStackStack(app, "shop")
        Image(stack, "www", file=written(stack, qcow2(GIB)))
        app.synth()
        link = outdir / "stacks" / "shop" / "images" / "www"
        assert link.is_symlink()
        assert link.resolve() == project / "images" / "www.qcow2"
        assert not link.readlink().is_absolute()
    documents = [
        tree(outdir)["stacks/shop/cdk.tf.json"] for outdir in (project / "cdktf.out", tmp_path / "else" / "where")
    ]
    assert documents[0] == documents[1]


def test_what_is_declared_no_more_is_linked_no_more(tmp_path: Path) -> None:
    stack = new_stack(tmp_path)
    Image(stack, "www", file=written(stack, qcow2(GIB)))
    stack.app.synth()
    folder = Path(stack.app.outdir) / "stacks" / "shop" / "images"
    assert [link.name for link in folder.iterdir()] == ["www"]
    new_stack(tmp_path).app.synth()
    assert [*folder.iterdir()] == []


def test_another_content_replaces_its_servers_and_another_place_of_the_same_does_not(tmp_path: Path) -> None:
    inputs = []
    for name, content in (("a.qcow2", qcow2(GIB)), ("b.qcow2", qcow2(GIB)), ("a.qcow2", qcow2(GIB) + b"more")):
        stack = new_stack(tmp_path)
        image = Image(stack, "www", file=written(stack, content, name))
        server(stack, "www-1", backend(stack), image=image)
        RootVolume(stack, "root", image=image, size=20)
        synthesized = synth(stack)
        made = resources(synthesized, INSTANCE)["www-1"]
        assert made["image_id"] == "${openstack_images_image_v2.www.id}"
        assert "image_id" in made["lifecycle"]["ignore_changes"]
        assert made["lifecycle"]["replace_triggered_by"][0] == "terraform_data.www-1__image"
        assert resources(synthesized, VOLUME)["root"]["image_id"] == "${openstack_images_image_v2.www.id}"
        inputs.append({key: one["input"] for key, one in resources(synthesized, TRIGGER).items()})
    assert inputs[0] == inputs[1]
    changed = {key for key in inputs[0] if inputs[0][key] != inputs[2][key]}
    assert changed == {"www__image_file", "www-1__image", "root__volume_image"}


def test_a_raw_disk_is_known_by_its_boot_sector(shop: OpenStackStack) -> None:
    Image(shop, "www", file=a_disk(shop.app.folder / "www.img"), min_disk=0, name="Web ${tier}")
    made = resources(synth(shop), IMAGE)["www"]
    assert (made["disk_format"], made["min_disk_gb"], made["name"]) == ("raw", 0, "Web $${tier}")


def test_a_rename_keeps_the_image_and_its_servers(shop: OpenStackStack) -> None:
    image = Image(shop, "site", file=a_disk(shop.app.folder / "www.img"), name="www", renamed_from="www")
    server(shop, "www-1", backend(shop), image=image)
    synthesized = synth(shop)
    assert {(one["from"], one["to"]) for one in synthesized["moved"]} == {
        (f"{IMAGE}.www", f"{IMAGE}.site"),
        ("terraform_data.www__image_file", "terraform_data.site__image_file"),
    }
    assert resources(synthesized, IMAGE)["site"]["properties"] == {"ivc": "shop/www"}
    assert image.sha256 in str(resources(synthesized, TRIGGER)["www-1__image"])


def test_a_large_file_is_never_read_as_a_whole(shop: OpenStackStack) -> None:
    file = shop.app.folder / "large.img"
    with a_disk(file).open("r+b") as opened:
        opened.truncate(256 * 2**20)
    tracemalloc.start()
    Image(shop, "large", file=file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "file: 'images/www.qcow2' cannot be read \\(No such file or directory\\); name an image's file"),
        (
            b"",
            "file: 'images/www.qcow2' is neither in the format qcow2 nor a raw disk with a boot sector; unpack it, or",
        ),
        (b"\x1f\x8b" + bytes(1000), "file: 'images/www.qcow2' is neither in the format qcow2 nor a raw disk"),
        (bytes(510) + b"\x55", "file: 'images/www.qcow2' is neither in the format qcow2 nor a raw disk"),
        (
            qcow2(GIB, backing=512),
            "file: 'images/www.qcow2' is whole only together with another file; make it one, with",
        ),
        (qcow2(GIB, features=4), "file: 'images/www.qcow2' is whole only together with another file"),
    ],
)
def test_a_file_that_nothing_starts_from_is_refused(shop: OpenStackStack, content: bytes | None, sentence: str) -> None:
    if content is not None:
        written(shop, content)
    with pytest.raises(ValueError, match=f"^Image www: {sentence}"):
        Image(shop, "www", file="images/www.qcow2")


def test_an_old_qcow2_has_no_features(shop: OpenStackStack) -> None:
    Image(shop, "www", file=written(shop, qcow2(GIB, version=2, features=4)))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"min_disk": -1}, "min_disk: -1 is no size; give 0, for none, or more"),
        ({"min_ram": -1}, "min_ram: -1 is no size; give 0, for none, or more"),
        ({"properties": {"ivc": "mine"}}, "properties: the key 'ivc' is the mark that we set ourselves; choose"),
    ],
)
def test_what_cannot_be_is_refused(shop: OpenStackStack, said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^Image www: {sentence}"):
        Image(shop, "www", file=a_disk(shop.app.folder / "www.img"), **said)


def test_a_disk_is_not_wiped_in_place_by_another_file(shop: OpenStackStack) -> None:
    image = Image(shop, "www", file=a_disk(shop.app.folder / "www.img"))
    with pytest.raises(ValueError, match=r"^Instance www-1: image_update_policy: 'rebuild' with Image www would wipe"):
        server(shop, "www-1", backend(shop), image=image, image_update_policy="rebuild")


def test_a_run_of_terraform_cloud_has_not_the_file(tmp_path: Path) -> None:
    stack = OpenStackStack(App(folder=tmp_path), "shop", backend=TerraformCloud("acme"))
    Image(stack, "www", file=a_disk(tmp_path / "www.img"))
    with pytest.raises(
        ValueError, match=r"^Image www: file: the runs of stack shop are made in Terraform Cloud, which"
    ):
        stack.app.synth()
    elsewhere = OpenStackStack(App(folder=tmp_path), "shop", backend=S3("states", region="gra"))
    Image(elsewhere, "www", file="www.img")
    elsewhere.app.synth()


def test_a_tier_is_made_of_it(shop: OpenStackStack) -> None:
    image = Image(shop, "www", file=a_disk(shop.app.folder / "www.img"))
    Tier(shop, "www", count=2, image=image, flavor="b2-7", nics=[backend(shop).nic()])
    made = resources(synth(shop), INSTANCE)
    assert {one["image_id"] for one in made.values()} == {"${openstack_images_image_v2.www.id}"}
