"""What a test of a change sees: what happens to which server, and what of it is dangerous."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivc import App, Network, OpenStackStack, SecurityGroup, Tcp, Volume
from ivc.estate import EstateError
from ivc.testing.change import Change
from ivc.testing.estate import Estate
from tests.helpers import Json, backend, server
from tests.review.folders import PORT, RULE, SERVER, stack, write
from tests.testing.test_estate import read

Declare = Callable[[OpenStackStack], object]


def change(folder: Path, before: Declare, after: Declare) -> Change:
    """The change from what one function declares in a stack to what another does."""
    sides = []
    for name, declare in (("before", before), ("after", after)):
        (folder / name).mkdir()
        made = OpenStackStack(App(folder=folder / name), "shop")
        declare(made)
        sides.append(read(made))
    return Change.between(*sides)


def by_hand(folder: Path, **after: object) -> Change:
    """The change of the stack that is written by hand."""
    sides = [write(folder / "before", stack()), write(folder / "after", stack(**after))]
    return Change.between(*map(Estate.read, sides))


def pair(shop: OpenStackStack, *, flavor: str = "b2-7", image: str = "Debian 12", also: str | None = None) -> None:
    inside = backend(shop)
    server(shop, "www-1", inside, image=image)
    server(shop, "db-1", inside, flavor=flavor, volumes=[Volume.lookup(shop, "db-data")])
    if also:
        server(shop, also, inside)


def test_a_server_that_comes_is_created_and_the_others_are_not_told(tmp_path: Path) -> None:
    it = change(tmp_path, pair, lambda shop: pair(shop, also="www-2"))

    assert it.servers == {"www-2": "create"}
    assert it.resources == {
        f"{SERVER}.www-2": "create",
        f"{PORT}.www-2_backend": "create",
        "terraform_data.www-2__image": "create",
        "terraform_data.www-2__user_data": "create",
    }
    assert it.dangers == {}
    assert "\n* created: www-2 will be made\n" in it.text
    assert repr(it) == "<Change from <Estate of shop: db-1, www-1> to <Estate of shop: db-1, www-1, www-2>>"


def test_what_happens_to_servers_is_told_with_its_dangers(tmp_path: Path) -> None:
    it = change(tmp_path, pair, lambda shop: pair(shop, flavor="b2-15", image="Debian 13"))

    assert it.servers == {"www-1": "replace", "db-1": "update"}
    assert it.dangers == {"www-1": {"replace"}, "db-1": {"stop"}}
    assert {address: it.resources[address] for address in (f"{SERVER}.www-1", f"{SERVER}.db-1")} == {
        f"{SERVER}.www-1": "replace",
        f"{SERVER}.db-1": "update",
    }


def test_no_change_is_nothing(tmp_path: Path) -> None:
    it = change(tmp_path, pair, pair)

    assert (it.servers, it.resources, it.dangers) == ({}, {}, {})
    assert it.text.startswith("No changes")


def test_what_opens_to_the_world_is_told_of_the_group_and_of_no_server(tmp_path: Path) -> None:
    def shop(stack: OpenStackStack, *ports: int) -> None:
        web = SecurityGroup(stack, "web")
        web.allow_from_anywhere(Tcp(80, *ports))
        server(stack, "www-1", nics=[Network.lookup(stack, "Ext-Net", public=True).nic(web)])

    it = change(tmp_path, shop, lambda stack: shop(stack, 8080))

    assert it.servers == {}
    assert it.dangers == {"security group web": {"open"}}


def test_what_only_apply_tells_is_perhaps(tmp_path: Path) -> None:
    nobody: Json = {"variable": {"v": {}}}
    it = by_hand(tmp_path, resource={RULE: {"web": {"port_range_max": "${var.v}"}}}, **nobody)

    assert it.dangers == {"security group web": {"perhaps open"}}


def test_over_what_could_not_be_judged_no_test_is_green(tmp_path: Path) -> None:
    it = by_hand(tmp_path, module={"web": {"source": "./web"}})

    said = it.servers["stack shop"]
    assert said.startswith("not known: what the module web makes")
    assert it.servers == it.resources == {"stack shop": said}
    assert it.dangers == {"stack shop": {said}}


def test_servers_that_stand_in_for_one_another_and_go_at_once_are_told_of_their_stack(tmp_path: Path) -> None:
    def shop(stack: OpenStackStack, image: str) -> None:
        inside = backend(stack)
        for number in (1, 2):
            server(stack, f"www-{number}", inside, image=image)

    it = change(tmp_path, lambda stack: shop(stack, "Debian 12"), lambda stack: shop(stack, "Debian 13"))

    assert it.dangers == {"www-1": {"replace"}, "www-2": {"replace"}, "stack shop": {"stop"}}
    assert [str(said) for (of,) in [it.review.stacks] for said in of.at_once] != []


def test_of_two_stacks_each_is_told_and_one_alone_where_one_is_given(tmp_path: Path) -> None:
    sides = []
    for name, image in (("before", "Debian 12"), ("after", "Debian 13")):
        (tmp_path / name).mkdir()
        app = App(folder=tmp_path / name)
        for stack_name in ("prod", "staging"):
            made = OpenStackStack(app, stack_name)
            server(made, "www-1", backend(made), image=image)
        sides.append(read(made))

    before, after = sides
    both = Change.between(before, after)
    assert both.servers == {"prod/www-1": "replace", "staging/www-1": "replace"}
    assert both.resources[f"prod/{SERVER}.www-1"] == "replace"
    one = Change.between(before.stacks["prod"], after.stacks["prod"])
    assert one.servers == {"www-1": "replace"}
    assert [each.name for each in one.review.stacks] == ["prod"]


def test_estates_with_no_stack_in_common_are_refused(tmp_path: Path) -> None:
    sides = []
    for name in ("shop", "mail"):
        (tmp_path / name).mkdir()
        made = OpenStackStack(App(folder=tmp_path / name), name)
        server(made, "a", backend(made))
        sides.append(read(made))

    with pytest.raises(EstateError, match="have no stack in common"):
        Change.between(*sides)
