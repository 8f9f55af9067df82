"""The table of services."""

from practice.folder import Folder
from practice.services import Stage, environment, ports, services


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


def test_caches_and_temporary_files_stay_in_the_folder(folder: Folder) -> None:
    for name in ("HOME", "TMPDIR"):
        assert environment(folder)[name].startswith(str(folder.data))
