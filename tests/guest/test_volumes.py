"""The library's own mounts on a real guest: all that a declaration says is `Volume.lookup(...).mount("/srv")`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from practice.errors import PracticeError
from practice.guest import Disk, Files, Guest, Image, Report
from practice.guest.machine import Bus

from ivc.userdata import UserData, volumes
from ivc.userdata.volumes import Mount
from tests.running import cannot_be_had

pytestmark = pytest.mark.guest

BLANK = "b1a4c000-1111-4222-8333-000000000001"
FULL = "f0110000-1111-4222-8333-000000000002"
LATE = "1a7e0000-1111-4222-8333-000000000003"
LEFT = "1ef70000-1111-4222-8333-000000000004"
ODD = "0dd00000-1111-4222-8333-000000000005"
GROUP = "960d0000-1111-4222-8333-000000000006"
UUID = "11111111-2222-4333-8444-555555555555"

LATER = 20
SECONDS = 40
"""How long this guest waits for a volume, so that the one that never comes right does not hold it for two minutes."""

MOUNTS = {
    BLANK: ("/srv/blank", "ext4", None),
    FULL: ("/srv/full", "ext4", None),
    LATE: ("/srv/late", None, None),
    LEFT: ("/srv/left", None, None),
    ODD: ("/srv/odd", "ext4", None),
    GROUP: ("/srv/group", None, "data/www"),
}
# The first boot makes the logical volume, so that the second finds what a volume would have brought.
TEMPLATE = """#cloud-config
bootcmd:
  - echo bootcmd >>/var/count
runcmd:
  - findmnt /srv/full && echo mounted before >>/var/count
  - echo new >/srv/blank/new
  - disk=$(ls /dev/disk/by-id/*{{ group }}*)
  - pvcreate -q $disk && vgcreate -q data $disk && lvcreate -q -n www -l 100%FREE data && mkfs.ext4 -q /dev/data/www
"""


@pytest.fixture(scope="module", params=["virtio", "scsi"])
def boots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Report]]:
    """Two boots of a guest with six volumes on virtio-blk, one on virtio-scsi."""
    bus: Bus = request.param
    folder = tmp_path_factory.mktemp("volumes")
    (folder / "t").write_text(TEMPLATE)
    odd = folder / "odd.img"
    odd.write_bytes(b"no file system, but somebody's bytes".ljust(2**23, b"\0"))
    mounts = [Mount(id_, id_[:20], place, format_, lvm) for id_, (place, format_, lvm) in MOUNTS.items()]  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volumes, "PATIENCE", SECONDS)
        text = UserData.template("t", group=GROUP[:20]).render(folder=folder, instance=None, mounts=mounts).readable
    disks = [
        Disk(BLANK),
        Disk(FULL, Files({"precious": b"do not lose me\n"}, uuid=UUID)),
        Disk(LATE, Files({"late": b"but here\n"}), arrives_after=LATER, late_from="init"),
        Disk(LEFT),
        Disk(ODD, Image(odd)),
        Disk(GROUP),
    ]
    files = ("/var/count", "/srv/full/precious", "/srv/late/late", "/srv/blank/new", "/var/log/cloud-init-output.log")
    try:
        with Guest(text.encode(), name=f"volumes-{bus}", disks=disks, bus=bus) as guest:
            reports = [guest.boot(files=files) for _ in range(2 if bus == "virtio" else 1)]
            assert odd.read_bytes().startswith(b"no file system, but somebody's bytes\0")
            yield reports
    except PracticeError as error:
        cannot_be_had("a guest", error)


def content(report: Report, path: str) -> str:
    file = report.file(path)
    return file.content.decode() if file else "not there"


def uuid(report: Report, volume_id: str) -> str | None:
    disk = report.disk(volume_id[:20])
    assert disk is not None
    return disk.uuid


@pytest.mark.parametrize("volume_id", [BLANK, FULL, LATE])
def test_a_volume_is_mounted_at_its_place(boots: list[Report], volume_id: str) -> None:
    for report in boots:
        mount = report.mount(MOUNTS[volume_id][0])
        assert mount is not None
        assert any(volume_id[:20] in link for link in mount.links)


def test_it_was_there_before_anything_else_was_done(boots: list[Report]) -> None:
    assert "mounted before" in content(boots[0], "/var/count")


def test_a_blank_volume_is_formatted_where_the_declaration_says_so(boots: list[Report]) -> None:
    mount = boots[0].mount("/srv/blank")
    assert mount is not None
    assert mount.fstype == "ext4"
    assert all(content(report, "/srv/blank/new") == "new\n" for report in boots)


def test_a_volume_with_files_keeps_them_and_its_file_system(boots: list[Report]) -> None:
    for report in boots:
        assert content(report, "/srv/full/precious") == "do not lose me\n"
        assert uuid(report, FULL) == UUID


def test_a_volume_that_comes_late_is_waited_for(boots: list[Report]) -> None:
    assert [event.what for event in boots[0].events if LATE in event.what] == [f"volume {LATE} arrives"]
    assert content(boots[0], "/srv/late/late") == "but here\n"


def test_a_blank_volume_is_left_blank_and_reported(boots: list[Report]) -> None:
    said = content(boots[0], "/var/log/cloud-init-output.log")
    assert f"/srv/left: volume {LEFT[:20]} is blank, and nothing says to format it (format_if_blank)" in said
    for report in boots:
        assert uuid(report, LEFT) is None
        assert report.mount("/srv/left") is None
        assert any("bootcmd" in problem for problem in report.problems)


def test_a_volume_that_holds_anything_is_left_as_it_is_and_reported(boots: list[Report]) -> None:
    said = content(boots[0], "/var/log/cloud-init-output.log")
    assert f"/srv/odd: volume {ODD[:20]} holds something that is no file system, so that it is left as it is" in said
    assert uuid(boots[0], ODD) is None


def test_a_second_boot_does_nothing_twice(boots: list[Report]) -> None:
    if len(boots) == 1:
        assert boots[0].name.endswith("scsi")
        return
    first, second = boots
    assert uuid(second, BLANK) == uuid(first, BLANK)
    assert [line for line in second.fstab if "/srv/" in line and "group" not in line] == [
        line for line in first.fstab if "/srv/" in line
    ]
    assert content(second, "/var/count").count("bootcmd") == content(first, "/var/count").count("bootcmd") + 1


def test_a_logical_volume_is_mounted_by_its_name(boots: list[Report]) -> None:
    assert boots[0].mount("/srv/group") is None
    if len(boots) > 1:
        mount = boots[1].mount("/srv/group")
        assert mount is not None
        assert mount.source.endswith("data-www")
