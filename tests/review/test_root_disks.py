"""What becomes of root disks, and of what is on them, told with two folders and with a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ivc import EphemeralDisk, Instance, Network, OpenStackStack, RootDisk, RootVolume, UserData, Volume
from ivc.review import reviewer
from ivc.review.model import StackReview
from tests.helpers import IMAGE, backend, new_stack
from tests.policies.documents import Json, instance, merged, resource
from tests.review.test_dangers import BY_WAY, DATA, VOLUME, WEB, Way, attribute, by_folders, dangers, told
from tests.review.test_plan import change, document, headlines, review

LOCAL: Json = {"source_type": "image", "destination_type": "local", "boot_index": 0}
LOCAL["uuid"] = f"${{data.{IMAGE}.Debian.id}}"
MADE: Json = LOCAL | {"destination_type": "volume", "volume_size": 20}
BLANK: Json = {"source_type": "blank", "destination_type": "local", "boot_index": -1, "volume_size": 40}
SWAP: Json = BLANK | {"volume_size": 2048, "guest_format": "swap"}
OWN: Json = {
    "source_type": "volume",
    "destination_type": "volume",
    "uuid": attribute(VOLUME, "data"),
    "boot_index": 0,
    "delete_on_termination": False,
}


def on(*disks: Json, **said: Any) -> Json:
    """A server with these disks."""
    return merged(WEB, instance("a", "p", block_device=list(disks), **said))


def kept(**said: Any) -> Json:
    """A server that boots from a volume of the stack's."""
    return merged(DATA, on(OWN, **said))


GOES = MADE | {"delete_on_termination": True}
STAYS = "its root volume data"
Case = tuple[Json, Json, set[tuple[str, str]], tuple[str, ...], tuple[str, ...]]
CASES: Mapping[str, Case] = {
    "Nova's root disk goes with a server that is replaced": (
        on(GOES), on(GOES, key_pair="x"), {("instance", "replace")},
        ("its root disk of 20 GiB, a volume, goes with it, and what is on it is lost",), ("stays", "keeps its root"),
    ),
    "Nova's root disk goes with a server that goes": (
        on(GOES), {}, {("instance", "destroy"), ("security group", "destroy")},
        ("its root disk of 20 GiB, a volume, goes with it, and what is on it is lost",), ("stays behind",),
    ),
    "Nova's root disk is bigger": (
        on(GOES), on(GOES | {"volume_size": 30}), {("instance", "replace")},
        (
            "its root disk becomes a volume of 30 GiB that goes with it instead of a volume of 20 GiB that goes with",
            "and what is on it is lost",
        ),
        ("block_device",),
    ),
    "Nova's root disk is of another type": (
        on(GOES), on(GOES | {"volume_type": "fast"}), {("instance", "replace")},
        ("its root disk becomes a volume of 20 GiB of the type fast that goes",), ("block_device",),
    ),
    "the flavor's disk gives way to Nova's": (
        on(LOCAL), on(GOES), {("instance", "replace")},
        ("its root disk becomes a volume of 20 GiB that goes with it instead of the flavor's own", "root disk is lost"),
        ("image",),
    ),
    "the flavor's disk gives way to a volume": (
        merged(DATA, on(LOCAL)), kept(), {("instance", "replace")},
        ("its root disk becomes the volume data instead of the flavor's own", "what is on its root disk is lost"),
        ("volume data comes",),
    ),
    "a server is replaced and boots from its volume again": (
        kept(), kept(key_pair="x"), {("instance", "replace")}, (f"and {STAYS}",), ("lost",),
    ),
    "a server goes, and its root volume stays": (
        kept(), DATA, {("instance", "destroy"), ("security group", "destroy")},
        (f"{STAYS} stays, with its data",), ("lost", "goes with"),
    ),
    "a server goes with its root volume": (
        kept(), {}, {("instance", "destroy"), ("volume", "destroy"), ("security group", "destroy")},
        (f"{STAYS} (100 GiB) is destroyed, with its data",), (f"{STAYS} stays",),
    ),
    "a root volume that Nova deletes": (
        merged(DATA, on(OWN | {"delete_on_termination": True})),
        merged(DATA, on(OWN | {"delete_on_termination": True}, key_pair="x")),
        {("instance", "replace"), ("instance", "destroy")}, (f"Nova deletes {STAYS} with it",), (f"keeps {STAYS}",),
    ),
    "its ephemeral disks go with it": (
        on(LOCAL, BLANK, BLANK), on(LOCAL, BLANK, BLANK, key_pair="x"), {("instance", "replace")},
        ("what is on its root disk is lost", "what is on its ephemeral disks is lost"), (),
    ),
    "an ephemeral disk beside a root volume goes with it": (
        merged(DATA, on(OWN, BLANK)), DATA, {("instance", "destroy"), ("security group", "destroy")},
        (f"{STAYS} stays, with its data", "what is on its ephemeral disk is lost"), ("its root disk is lost",),
    ),
    "an ephemeral disk and a swap disk come": (
        on(LOCAL), on(LOCAL, BLANK, SWAP), {("instance", "replace")},
        (
            "its ephemeral disks become 40 GiB instead of all that its flavor has and its swap disk becomes 2,048 MiB "
            "instead of all that its flavor has",
        ),
        ("block_device",),
    ),
    "a rebuild takes the ephemeral disks with it": (
        on(LOCAL, BLANK, image_id="i"), on(LOCAL, BLANK, image_id="j"), {("instance", "wipe")},
        ("what is on its root disk is lost", "what is on its ephemeral disk is lost"), (),
    ),
    "a server with all kinds of disks comes": (
        {}, merged(WEB, instance("a", "p", block_device=[GOES, BLANK, SWAP])), set(),
        ("root disk is a volume of 20 GiB that goes with it", "the ephemeral disk 40 GiB", "a swap disk of 2,048 MiB"),
        (),
    ),
    "a server on a volume comes": (
        DATA, kept(), set(), ("its root disk is the volume data",), ("with the volume",),
    ),
}  # fmt: skip


@BY_WAY
@pytest.mark.parametrize(("before", "after", "expected", "said", "unsaid"), CASES.values(), ids=CASES)
def test_what_becomes_of_a_root_disk_is_told(
    tmp_path: Path,
    way: Way,
    before: Json,
    after: Json,
    expected: set[tuple[str, str]],
    said: tuple[str, ...],
    unsaid: tuple[str, ...],
) -> None:
    stack = way(tmp_path, before, after)
    assert dangers(stack) == expected
    words = told(stack, "instance")
    assert [one for one in said if one not in words] == [], words
    assert [one for one in unsaid if one in words] == [], words


@pytest.mark.parametrize(
    ("deleted", "said"),
    [
        (None, "its root volume of 20 GiB stays behind, with its data, and nothing uses it"),
        (False, "its root volume of 20 GiB stays behind, with its data, and nothing uses it"),
        ("${var.x}", "goes with it, and what is on it is lost, unless delete_on_termination is false"),
    ],
)
def test_what_only_a_run_tells_of_a_root_disk_stays_unknown(tmp_path: Path, deleted: object, said: str) -> None:
    variable: Json = {"variable": {"x": {}}}
    disk = MADE | ({} if deleted is None else {"delete_on_termination": deleted})
    words = told(by_folders(tmp_path, merged(on(disk), variable), merged(on(disk, key_pair="x"), variable)), "instance")
    assert said in words
    assert ("stays behind" in words) is (deleted in (None, False))


@BY_WAY
def test_a_root_volume_that_is_replaced_is_as_dangerous_as_one_that_is_destroyed(tmp_path: Path, way: Way) -> None:
    elsewhere = merged(kept(), resource(VOLUME, "data", availability_zone="b"))
    stack = way(tmp_path, merged(kept(), resource(VOLUME, "data", availability_zone="a")), elsewhere)
    assert dangers(stack) == {("instance", "replace"), ("volume", "replace"), ("volume", "destroy")}
    assert f"{STAYS} (100 GiB) is destroyed, with its data" in told(stack, "instance")
    assert "lost with it: its data, 100 GiB" in told(stack, "volume")


# As the library declares them.

Declare = Callable[[OpenStackStack, Network], object]


def folders(folder: Path, before: Declare, after: Declare) -> StackReview:
    sides = []
    for name, declare in (("base", before), ("head", after)):
        stack = new_stack(folder / name)
        declare(stack, backend(stack))
        stack.app.synth()
        sides.append(Path(stack.app.outdir))
    (found,) = reviewer.review(base=sides[0], head=sides[1]).stacks
    return found


def root(image: str = "Debian 12", size: int = 20, **said: Any) -> Declare:
    return lambda stack, _: RootVolume(stack, "db-root", image=image, size=size, **said)


def one_server(**said: Any) -> Declare:
    def declare(stack: OpenStackStack, network: Network) -> None:
        given = {key: value(stack, network) if callable(value) else value for key, value in said.items()}
        Instance(stack, "db", **dict[str, Any](flavor="b2-7", nics=[network.nic()]) | given)

    return declare


def sentences(stack: StackReview) -> list[str]:
    return [str(one) for thing in stack.things for one in (thing.headline, *thing.details)]


def test_a_volume_of_another_declared_image_is_refused_while_it_is_protected(tmp_path: Path) -> None:
    stack = folders(tmp_path, one_server(root_disk=root()), one_server(root_disk=root("Debian 13")))
    words = sentences(stack)
    assert "volume db-root will be replaced: image changed; lost with it: its data, 20 GiB" in words
    assert "image Debian 12 → Debian 13" in words
    assert "it is protected (prevent_destroy), so that Terraform will refuse the whole plan" in words
    assert dangers(stack) == {("instance", "replace"), ("volume", "replace"), ("volume", "destroy")}


def test_a_volume_that_ignores_its_image_stays_with_another_one(tmp_path: Path) -> None:
    former = one_server(root_disk=root(image_update_policy="ignore"))
    stack = folders(tmp_path, former, one_server(root_disk=root("Debian 13", image_update_policy="ignore")))
    assert sentences(stack) == []


def test_a_policy_of_a_volume_that_changes_alone_does_nothing_to_it(tmp_path: Path) -> None:
    former, latter = one_server(root_disk=root()), one_server(root_disk=root(image_update_policy="ignore"))
    for name, sides in {"ignored": (former, latter), "compared": (latter, former)}.items():
        stack = folders(tmp_path / name, *sides)
        said = "volume db-root stays as it is: only what a later change of its image does is declared anew"
        assert (sentences(stack), dangers(stack)) == ([said], set())


def test_a_volume_whose_declaration_goes_is_not_saved(tmp_path: Path) -> None:
    stack = folders(tmp_path, root(), lambda *_: None)
    assert sentences(stack) == [
        "volume db-root will be destroyed; lost with it: its data, 20 GiB",
        "prevent_destroy does not save it: with its declaration its protection is gone",
    ]
    assert dangers(stack) == {("volume", "destroy")}


def test_a_volume_that_grows_and_one_that_cannot_shrink(tmp_path: Path) -> None:
    first = "volume db-root will be changed in place"
    assert sentences(folders(tmp_path / "more", root(), root(size=30))) == [first, "size 20 → 30"]
    fails = "the cloud makes no volume smaller: the apply will fail"
    assert sentences(folders(tmp_path / "less", root(), root(size=10))) == [first, "size 20 → 10", fails]


def test_a_protection_that_is_taken_away_is_noted(tmp_path: Path) -> None:
    stack = folders(tmp_path, root(), root(prevent_destroy=False))
    assert "volume db-root is protected no longer (prevent_destroy)" in map(str, stack.notes)


def test_a_server_that_is_replaced_on_its_root_volume_says_that_it_stays(tmp_path: Path) -> None:
    former = one_server(root_disk=root())
    stack = folders(tmp_path, former, one_server(root_disk=root(), user_data=UserData.text("#!/bin/sh\n")))
    (thing,) = stack.things
    assert str(thing.headline) == (
        "db will be replaced: user data changed; keeps its address (automatic, on backend) and its root volume db-root"
    )
    assert list(map(str, thing.details)) == []


def test_what_stands_no_more_because_the_server_is_replaced_is_not_said_to_stay(tmp_path: Path) -> None:
    former = one_server(image="Debian 12")
    stack = folders(tmp_path, former, one_server(image="Debian 12", root_disk=RootDisk(size=20)))
    assert "image_id" not in " ".join(map(str, stack.notes))


def test_a_boot_volume_that_exists_is_told_as_a_root_volume(tmp_path: Path) -> None:
    former = one_server(root_disk=lambda stack, _: Volume.lookup(stack, "boot"), swap=2048)
    stack = folders(tmp_path, former, one_server(image="Debian 12", ephemeral_disks=[EphemeralDisk(size=1)]))
    (thing,) = stack.things
    headline = str(thing.headline)
    assert "its root disk becomes the flavor's own instead of the volume boot" in headline
    assert "its ephemeral disks become 1 GiB instead of all that its flavor has" in headline
    assert "volume boot leaves it after it was shut down; its data stays" in map(str, thing.details)
    assert thing.dangers == ("replace", "detach")


def test_a_plan_names_what_a_volumes_trigger_holds(tmp_path: Path) -> None:
    trigger = change("terraform_data.www-1__volume_image", "update", after={"input": {"image": "Debian 13"}})
    trigger["change"]["before"] = {"input": {"image": "Debian 12"}}
    replaced = change(f"{VOLUME}.www-1", "delete", "create", action_reason="replace_by_triggers")

    assert headlines(review(tmp_path, document(trigger, replaced))) == ["volume www-1 will be replaced: image changed"]
