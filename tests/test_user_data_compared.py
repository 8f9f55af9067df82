"""What of user data replaces a server: what its declaration says, and not how the library writes that."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cdktf import TerraformVariable

from ivc import AtApply, FileTree, OpenStackStack, UserData, Volume
from ivc.review import reviewer
from ivc.review.model import Action, StackReview
from ivc.userdata import write_files
from tests.helpers import (
    INSTANCE,
    TRIGGER,
    VOLUME,
    VOLUME_ID,
    backend,
    new_stack,
    rendered,
    resources,
    server,
    synth,
    template,
)

CONFIG = "#cloud-config\npackages: [nginx]\n"
BINARY = bytes(range(256)) * 40


def compared(folder: Path, declare: Callable[[OpenStackStack], dict[str, Any]]) -> str:
    """What Terraform compares of the user data of a server that is declared so."""
    stack = new_stack(folder)
    (stack.app.templates / "tree" / "etc").mkdir(parents=True, exist_ok=True)
    (stack.app.templates / "tree" / "etc" / "blob").write_bytes(BINARY)
    server(stack, "www", backend(stack), **declare(stack))
    found: str = resources(synth(stack), TRIGGER)["www__user_data"]["input"]["user_data"]
    return found


def mounting(stack: OpenStackStack, *, path: str = "/srv", **said: Any) -> dict[str, Any]:
    return {
        "user_data": template(stack, CONFIG),
        "volumes": [Volume.lookup(stack, id=VOLUME_ID).mount(path, **said)],
    }


def with_tree(stack: OpenStackStack, **said: Any) -> dict[str, Any]:
    return {"user_data": template(stack, CONFIG, files=[FileTree("tree", **said)])}


def several(stack: OpenStackStack, *texts: str) -> dict[str, Any]:
    return {"user_data": UserData.multipart([UserData.text(text) for text in texts])}


SCRIPT = "#!/bin/sh\ntrue\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda _: {"user_data": UserData.text("#cloud-config\n")}, lambda _: {}),
        (
            lambda stack: {"user_data": template(stack, CONFIG)},
            lambda stack: {"user_data": template(stack, "#!/bin/sh")},
        ),
        (mounting, lambda stack: mounting(stack, path="/srv/www")),
        (mounting, lambda stack: mounting(stack, format_if_blank="ext4")),
        (mounting, lambda stack: mounting(stack, lvm="data/www")),
        (mounting, lambda stack: mounting(stack, partition=2)),
        (mounting, lambda stack: mounting(stack, folder="www")),
        (mounting, lambda stack: mounting(stack, options=["ro"])),
        (mounting, lambda stack: mounting(stack, owner="app:app")),
        (mounting, lambda stack: mounting(stack, mode="0750")),
        (mounting, lambda stack: {"user_data": template(stack, CONFIG)}),
        (with_tree, lambda stack: with_tree(stack, permissions="0600")),
        (with_tree, lambda stack: with_tree(stack, owner="www-data")),
        (with_tree, lambda stack: {"user_data": template(stack, CONFIG)}),
        (lambda stack: several(stack, CONFIG, SCRIPT), lambda stack: several(stack, SCRIPT, CONFIG)),
        (lambda stack: several(stack, CONFIG, SCRIPT), lambda stack: several(stack, CONFIG)),
    ],
    ids=[
        "none at all",
        "another text",
        "another mount point",
        "a file system",
        "a logical volume",
        "a partition",
        "a folder of a volume",
        "an option",
        "the owner of a mount point",
        "the mode of a mount point",
        "no mount",
        "permissions of a file",
        "the owner of a file",
        "no file",
        "another order",
        "a part less",
    ],
)
def test_what_a_declaration_says_is_compared(tmp_path: Path, before: Any, after: Any) -> None:
    assert compared(tmp_path / "a", before) != compared(tmp_path / "b", after)


def test_a_file_is_compared_by_its_content(tmp_path: Path) -> None:
    def other(stack: OpenStackStack) -> dict[str, Any]:
        (stack.app.templates / "tree" / "etc" / "blob").write_bytes(BINARY + b"\0")
        return with_tree(stack)

    assert compared(tmp_path / "a", with_tree) != compared(tmp_path / "b", other)


def test_another_zlib_packs_to_other_bytes_and_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, packed = compared(tmp_path / "a", with_tree), packed_by(tmp_path / "a")
    write_files._encode.cache_clear()
    made = zlib.compressobj
    monkeypatch.setattr(zlib, "compressobj", lambda level, wbits: made(level - 8, wbits=wbits))
    assert compared(tmp_path / "b", with_tree) == ours
    assert packed_by(tmp_path / "b") != packed


def packed_by(folder: Path) -> bytes:
    stack = new_stack(folder)
    server(stack, "www", backend(stack), **with_tree(stack))
    return rendered(stack, "www")


def test_whether_a_file_is_packed_replaces_nothing(tmp_path: Path) -> None:
    def packed(stack: OpenStackStack) -> dict[str, Any]:
        (stack.app.templates / "tree" / ".files.yaml").write_text("/etc/blob: {compress: true}\n")
        return with_tree(stack)

    assert compared(tmp_path / "a", with_tree) == compared(tmp_path / "b", packed)


def test_of_a_value_known_only_at_apply_a_hash_is_compared(tmp_path: Path) -> None:
    def declare(stack: OpenStackStack) -> dict[str, Any]:
        secret = AtApply("var.secret", "the secret", 40)
        return {"user_data": template(stack, "#cloud-config\n# {{ a }} {{ b }} {{ a }}\n", a=secret, b=secret)}

    assert compared(tmp_path, declare) == (
        '${sha256(jsonencode(["30338669bdeb7e56a607c5ec3813dd03a1ab8341ee3dd292f386109be967c8cf", var.secret]))}'
    )


def test_a_volume_is_compared_by_its_id_and_not_by_its_name(tmp_path: Path) -> None:
    def declare(stack: OpenStackStack) -> dict[str, Any]:
        return {"volumes": [Volume.lookup(stack, "data").mount("/srv")]}

    said = compared(tmp_path, declare)
    assert said.endswith(f", substr(data.{VOLUME}.data.id, 0, 20)]))}}")


def test_what_is_compared_stays_the_same_from_release_to_release(tmp_path: Path) -> None:
    """A change here replaces each server of whoever upgrades: never write these anew, find what changed."""

    def all_kinds(stack: OpenStackStack) -> dict[str, Any]:
        return mounting(stack, format_if_blank="xfs") | with_tree(stack, owner="app:app")

    assert {
        "none": compared(tmp_path / "1", lambda _: {}),
        "text": compared(tmp_path / "2", lambda _: {"user_data": UserData.text(CONFIG)}),
        "files and a mount": compared(tmp_path / "3", all_kinds),
        "parts": compared(tmp_path / "4", lambda stack: several(stack, CONFIG, SCRIPT)),
    } == {
        "none": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "text": "fb22a7db4937e16d8c1f002ad4615691cc512e4e898a47a1fd1e0dc9df5e3ff4",
        "files and a mount": "607f9931370c275b13e406353b4f3ebeec22917858a13ab0248545d160c4507f",
        "parts": "8cc927e6d0aeba76b4e080cb667971f5d9b63bae317ba70e9baccb9db46c2e4c",
    }


def as_before(folder: Path) -> None:
    """Have the JSON be as versions wrote it that had Terraform compare the text itself."""
    path = folder / "stacks" / "shop" / "cdk.tf.json"
    document = json.loads(path.read_text())
    del document["resource"]["terraform_data"]["www__user_data"]
    lifecycle = document["resource"][INSTANCE]["www"]["lifecycle"]
    lifecycle["ignore_changes"].remove("user_data")
    lifecycle["replace_triggered_by"].remove("terraform_data.www__user_data")
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("own", [None, CONFIG])
def test_user_data_that_is_set_on_the_resource_itself_is_told(
    tmp_path: Path, own: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = new_stack(tmp_path)
    www = server(stack, "www", backend(stack), user_data=None if own is None else UserData.text(own))
    stack.app.synth()
    assert "IVC206" not in capsys.readouterr().err
    www.l1.add_override("user_data", "#cloud-config\nhostname: www\n")
    stack.app.synth()
    assert (
        "instance www: its user data is set on the resource itself, where a change of it replaces nothing: set "
        "user_data=UserData.text(...) in its declaration (IVC206)"
    ) in capsys.readouterr().err


@pytest.mark.parametrize("sensitive", [True, False])
def test_a_variable_with_a_default_in_it_is_no_user_data_of_the_resource_s_own(
    tmp_path: Path, sensitive: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = new_stack(tmp_path)
    site = TerraformVariable(stack, "site", type="string", default="shop.example", sensitive=sensitive)
    text = template(stack, "#cloud-config\nhostname: {{ site }}\n", site=site.string_value)
    server(stack, "www", backend(stack), user_data=text)
    stack.app.synth()
    assert capsys.readouterr().err == ""


class TestReview:
    """What a review says of a change of the text."""

    def written(self, folder: Path, **said: Any) -> Path:
        stack = new_stack(folder)
        server(stack, "www", backend(stack), **mounting(stack) | said)
        stack.app.synth()
        return Path(stack.app.outdir)

    def reviewed(self, before: Path, after: Path) -> StackReview:
        (found,) = reviewer.review(base=before, head=after).stacks
        return found

    def test_another_version_of_the_librarys_own_text_is_no_change(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = self.written(tmp_path / "a")
        monkeypatch.setattr("ivc.userdata.volumes.PATIENCE", 121)
        after = self.written(tmp_path / "b")
        assert "121" in (after / "stacks" / "shop" / "userdata" / "www").read_text()
        assert self.reviewed(before, after).things == ()

    def test_it_is_told_where_something_else_replaces_the_server(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = self.written(tmp_path / "a")
        monkeypatch.setattr("ivc.userdata.volumes.PATIENCE", 121)
        (thing,) = self.reviewed(before, self.written(tmp_path / "b", key_pair="ops")).things
        assert "with it: its user data as it is written now" in [str(one) for one in thing.details]
        assert thing.user_data != ()

    def test_and_where_something_else_changes_it_in_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = self.written(tmp_path / "a")
        monkeypatch.setattr("ivc.userdata.volumes.PATIENCE", 121)
        (thing,) = self.reviewed(before, self.written(tmp_path / "b", tags=["web"])).things
        assert [str(one) for one in thing.details] == [
            "its user data is written otherwise where nothing is compared (by another version of the library, or of "
            "other members of a tier), which replaces nothing: a server reads it when something else replaces it"
        ]

    def test_an_estate_that_compared_the_text_goes_over_without_a_replacement(self, tmp_path: Path) -> None:
        before, after = self.written(tmp_path / "a"), self.written(tmp_path / "b")
        as_before(before)
        (thing,) = self.reviewed(before, after).things
        assert thing.action is Action.UPDATE
        assert str(thing.headline) == (
            "www stays as it is: only what a later change of its image, flavor or user data does is declared anew"
        )
        assert (thing.details, thing.dangers, thing.user_data) == ((), (), ())

    def test_a_change_of_user_data_in_that_same_plan_is_told(self, tmp_path: Path) -> None:
        before, after = self.written(tmp_path / "a"), self.written(tmp_path / "b", user_data=UserData.text(SCRIPT))
        as_before(before)
        (thing,) = self.reviewed(before, after).things
        assert thing.action is Action.UPDATE
        assert [str(one) for one in thing.details] == [
            "its user data changed too, and this change does not bring it, since what is compared of it is only told "
            "from now on: have `ivc replace` make the server anew if it is to read it"
        ]
        assert thing.user_data != ()
