"""The table of services."""

import re

import pytest
from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import Extra, Stage, environment, ports, services


def test_no_name_and_no_port_is_used_twice(folder: Folder) -> None:
    names = [one.name for one in services(folder)]
    assert len(set(names)) == len(names)
    assert len(set(ports(folder))) == len(ports(folder))


def test_the_table_stands_in_the_order_of_the_stages_and_uses_each(folder: Folder) -> None:
    stages = [one.stage for one in services(folder)]
    assert stages == sorted(stages)
    assert set(stages) == set(Stage)


def test_the_compute_starts_when_conductor_and_placement_answer(folder: Folder) -> None:
    stage = {one.name: one.stage for one in services(folder)}
    assert stage["nova-conductor"] < stage["nova-compute"]
    assert stage["placement"] < stage["nova-compute"]


def test_each_host_has_a_folder_of_its_own_for_what_it_is_known_by(folder: Folder) -> None:
    compute = next(one for one in services(folder) if one.name == "nova-compute")
    assert compute.command[-2:] == (
        f"practice={folder.data}/nova",
        f"practice-2={folder.data}/nova/practice-2",
    )


def test_extras_are_named_in_any_order_and_each_stands_once() -> None:
    assert Extra.named(["dns", "objects", "dns"]) == (Extra.OBJECTS, Extra.DNS)
    assert Extra.named(()) == ()


@pytest.mark.parametrize(("name", "near"), [("object", "objects"), ("Loadbalancers", "loadbalancer")])
def test_an_extra_that_there_is_none_of_is_one_sentence_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(PracticeError, match=rf"^The practice cloud has no extra {name!r}: .*{near}\?") as error:
        Extra.named(["dns", name])
    assert re.fullmatch(r"[^\n]* There are objects, secrets, .*\.", str(error.value))


def test_a_cloud_without_extras_holds_none_of_their_ports(folder: Folder) -> None:
    extra = {one.port for one in services(folder) if one.extra and one.port}
    assert extra.isdisjoint(ports(folder, ()))
    assert extra <= set(ports(folder))
    assert {15353, 19953} <= set(ports(folder, [Extra.DNS]))
    assert 18080 not in ports(folder, [Extra.DNS])


def test_every_extra_has_services_and_they_start_after_the_core(folder: Folder) -> None:
    extras = [one for one in services(folder) if one.extra]
    assert {one.extra for one in extras} == set(Extra)
    assert {one.stage for one in extras} == {Stage.EXTRA, Stage.LAST}
    assert all(one.port or one.queue for one in extras)


def test_caches_and_temporary_files_stay_in_the_folder(folder: Folder) -> None:
    for name in ("HOME", "TMPDIR"):
        assert environment(folder)[name].startswith(str(folder.data))
