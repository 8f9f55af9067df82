"""The library's own mounts on a real guest: all that a declaration says is `Volume.lookup(...).mount("/srv")`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from practice.errors import PracticeError
from practice.guest import Disk, Files, Guest, Image, Report
from practice.guest.disk import Bus

from ivc.userdata import UserData, volumes
from ivc.userdata.volumes import Mount
from tests.running import cannot_be_had

pytestmark = pytest.mark.guest

# Each of these hangs on virtio-blk, and another one of its kind on virtio-scsi.
BLANK = {"virtio": "b1a4c000-1111-4222-8333-000000000001", "scsi": "b1a4c000-2222-4222-8333-000000000001"}
FULL = {"virtio": "f0110000-1111-4222-8333-000000000002", "scsi": "f0110000-2222-4222-8333-000000000002"}
LATE = {"virtio": "1a7e0000-1111-4222-8333-000000000003", "scsi": "1a7e0000-2222-4222-8333-000000000003"}
LEFT = "1ef70000-1111-4222-8333-000000000004"
ODD = "0dd00000-1111-4222-8333-000000000005"
GROUP = "960d0000-1111-4222-8333-000000000006"
FOLDERS = "f01de400-1111-4222-8333-000000000007"
OWNED = "0b4ed000-1111-4222-8333-000000000008"
PATIENT = "9a71e470-1111-4222-8333-000000000009"
UUID = {"virtio": "11111111-2222-4333-8444-555555555555", "scsi": "22222222-2222-4333-8444-555555555555"}
BUSES: tuple[Bus, ...] = ("virtio", "scsi")

LATER = 10
SECONDS = 40
"""How long this guest waits for volumes, so that the one that never comes right does not hold it for two minutes."""
MOUNTS = {
    # First, so that the guest waits for them before it has anything else to do: mounts go by their places.
    **{LATE[bus]: [Mount("", LATE[bus][:20], f"/srv/0/{bus}")] for bus in BUSES},
    **{BLANK[bus]: [Mount("", BLANK[bus][:20], f"/srv/{bus}/blank", "ext4")] for bus in BUSES},
    **{FULL[bus]: [Mount("", FULL[bus][:20], f"/srv/{bus}/full", "ext4")] for bus in BUSES},
    LEFT: [Mount("", LEFT[:20], "/srv/left")],
    ODD: [Mount("", ODD[:20], "/srv/odd", "ext4")],
    FOLDERS: [
        Mount("", FOLDERS[:20], "/srv/shop", folder="www/shop"),
        Mount("", FOLDERS[:20], "/var/shop", folder="logs", options=("ro", "noexec")),
    ],
    OWNED: [Mount("", OWNED[:20], "/srv/owned", "ext4", options=("noatime",), owner="app:app", mode="0750")],
    GROUP: [Mount("", GROUP[:20], "/srv/y/group", lvm="data/www"), Mount("", GROUP[:20], "/srv/y/log", lvm="data/log")],
    PATIENT: [Mount("", PATIENT[:20], "/srv/z/patient")],
}
# The first boot makes the logical volume, so that the second finds what a volume would have brought.
TEMPLATE = """#cloud-config
users: [default, {name: app, system: true}]
bootcmd:
  - echo bootcmd >>/var/count
runcmd:
  - findmnt /srv/virtio/full && findmnt /srv/scsi/full && echo mounted before >>/var/count
  - echo new >/srv/virtio/blank/new && echo new >/srv/scsi/blank/new
  - disk=$(ls /dev/disk/by-id/*{{ group }}*)
  - pvcreate -q $disk && vgcreate -q data $disk
  - lvcreate -q -n www -l 50%FREE data && mkfs.ext4 -q /dev/data/www
  - lvcreate -q -n log -l 100%FREE data && mkfs.ext4 -q /dev/data/log
"""


@pytest.fixture(scope="module")
def boots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Report]]:
    """Two boots of one guest with all those volumes."""
    folder = tmp_path_factory.mktemp("volumes")
    (folder / "t").write_text(TEMPLATE)
    odd = folder / "odd.img"
    odd.write_bytes(b"no file system, but somebody's bytes".ljust(2**23, b"\0"))
    mounts = [mount for each in MOUNTS.values() for mount in each]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volumes, "PATIENCE", SECONDS)
        text = UserData.template("t", group=GROUP[:20]).render(folder=folder, instance=None, mounts=mounts).readable
    disks = [
        Disk(LEFT),
        Disk(ODD, Image(odd)),
        Disk(GROUP),
        Disk(FOLDERS, Files({"www/shop/index": b"shop\n"}), mounted_at=("/srv/shop", "/var/shop")),
        Disk(OWNED, mounted_at=("/srv/owned",)),
        Disk(
            PATIENT,
            Files({"late": b"and here\n"}),
            arrives_after=5,
            mounted_at=("/srv/z/patient",),
        ),
    ]
    for bus in BUSES:
        late = Files({"late": b"but here\n"})
        disks += [
            Disk(BLANK[bus], bus=bus),
            Disk(FULL[bus], Files({"precious": b"do not lose me\n"}, uuid=UUID[bus]), bus=bus),
            Disk(LATE[bus], late, arrives_after=LATER, late_from="init", bus=bus),
        ]
    names = [
        name for bus in BUSES for name in (f"/srv/{bus}/full/precious", f"/srv/0/{bus}/late", f"/srv/{bus}/blank/new")
    ]
    more = ("/srv/shop/index", "/srv/owned", "/srv/z/patient/late")
    files = ("/var/count", "/var/log/cloud-init-output.log", *names, *more)
    try:
        with Guest(text.encode(), name="volumes", disks=disks) as guest:
            reports = [guest.boot(files=files), guest.boot(files=files)]
            assert odd.read_bytes().startswith(b"no file system, but somebody's bytes\0")
            yield reports
    except PracticeError as error:
        cannot_be_had("a guest", error)


@pytest.fixture
def first(boots: list[Report]) -> Report:
    return boots[0]


@pytest.fixture
def second(boots: list[Report]) -> Report:
    return boots[1]


ON_EACH_BUS = pytest.mark.parametrize("bus", BUSES)
AT_EACH_BOOT = pytest.mark.parametrize("boot", [0, 1], ids=["first boot", "second boot"])


def content(report: Report, path: str) -> str:
    file = report.file(path)
    return file.content.decode() if file else "not there"


def uuid(report: Report, volume_id: str) -> str | None:
    disk = report.disk(volume_id[:20])
    assert disk is not None
    return disk.uuid


@ON_EACH_BUS
@AT_EACH_BOOT
@pytest.mark.parametrize("ids", [BLANK, FULL, LATE], ids=["blank", "full", "late"])
def test_a_volume_is_mounted_at_its_place(boots: list[Report], boot: int, ids: dict[Bus, str], bus: Bus) -> None:
    mount = boots[boot].mount(MOUNTS[ids[bus]][0].mount_point)
    assert mount is not None
    (link,) = [link for link in mount.links if ids[bus][:20] in link]
    assert ("/virtio-" in link) == (bus == "virtio")


def test_it_was_there_before_anything_else_was_done(first: Report) -> None:
    assert "mounted before" in content(first, "/var/count")


@ON_EACH_BUS
def test_a_blank_volume_is_formatted_where_the_declaration_says_so(boots: list[Report], bus: Bus) -> None:
    mount = boots[0].mount(f"/srv/{bus}/blank")
    assert mount is not None
    assert mount.fstype == "ext4"
    assert [content(report, f"/srv/{bus}/blank/new") for report in boots] == ["new\n", "new\n"]


@ON_EACH_BUS
@AT_EACH_BOOT
def test_a_volume_with_files_keeps_them_and_its_file_system(boots: list[Report], boot: int, bus: Bus) -> None:
    assert content(boots[boot], f"/srv/{bus}/full/precious") == "do not lose me\n"
    assert uuid(boots[boot], FULL[bus]) == UUID[bus]


@ON_EACH_BUS
def test_a_volume_that_comes_late_is_waited_for(first: Report, bus: Bus) -> None:
    order = [event.what for event in first.events]
    assert (
        order.index("init begins") < order.index(f"volume {LATE[bus]} arrives") < order.index("modules:config begins")
    )
    assert content(first, f"/srv/0/{bus}/late") == "but here\n"


def test_a_blank_volume_is_left_blank_and_reported(first: Report) -> None:
    said = content(first, "/var/log/cloud-init-output.log")
    assert f"ivc: /srv/left: volume {LEFT[:20]} is blank, and nothing says to format it (format_if_blank)" in said


@AT_EACH_BOOT
def test_it_is_blank_at_the_next_boot_too_and_a_problem(boots: list[Report], boot: int) -> None:
    assert uuid(boots[boot], LEFT) is None
    assert boots[boot].mount("/srv/left") is None
    assert any("bootcmd" in problem for problem in boots[boot].problems)


def test_a_volume_that_holds_anything_is_left_as_it_is_and_reported(first: Report) -> None:
    said = content(first, "/var/log/cloud-init-output.log")
    assert (
        f"ivc: /srv/odd: volume {ODD[:20]} holds something that is no file system, so that it is left as it is" in said
    )
    assert uuid(first, ODD) is None


def test_a_second_boot_does_nothing_twice(first: Report, second: Report) -> None:
    assert [uuid(second, BLANK[bus]) for bus in BUSES] == [uuid(first, BLANK[bus]) for bus in BUSES]
    mounted = [line for line in first.fstab if "/srv/" in line and "/srv/y/" not in line]
    assert len(mounted) == 9
    assert [line for line in second.fstab if "/srv/" in line and "/srv/y/" not in line] == mounted
    assert content(second, "/var/count").count("bootcmd") == content(first, "/var/count").count("bootcmd") + 1


def test_several_logical_volumes_of_one_volume_are_mounted_by_their_names(first: Report, second: Report) -> None:
    places = ("/srv/y/group", "/srv/y/log")
    said = content(first, "/var/log/cloud-init-output.log")
    assert [f"ivc: {place}: the logical volume data/" in said for place in places] == [True, True]
    mounts = [second.mount(place) for place in places]
    assert [mount.source.rpartition("/")[2] for mount in mounts if mount] == ["data-www", "data-log"]


@AT_EACH_BOOT
def test_folders_of_one_volume_are_mounted_each_with_its_options(boots: list[Report], boot: int) -> None:
    shop, logs = (boots[boot].mount(place) for place in ("/srv/shop", "/var/shop"))
    assert shop is not None
    assert logs is not None
    assert (shop.source.partition("[")[2], logs.source.partition("[")[2]) == ("/www/shop]", "/logs]")
    assert ({"rw"} <= {*shop.options.split(",")}, {"ro", "noexec"} <= {*logs.options.split(",")}) == (True, True)
    assert content(boots[boot], "/srv/shop/index") == "shop\n"


@AT_EACH_BOOT
def test_a_mount_point_has_its_owner_and_its_mode_though_the_user_came_later(boots: list[Report], boot: int) -> None:
    folder = boots[boot].file("/srv/owned")
    assert folder is not None
    assert (folder.owner, f"{folder.mode:04o}") == ("app:app", "0750")
    mount = boots[boot].mount("/srv/owned")
    assert mount is not None
    assert "noatime" in mount.options


def test_a_volume_that_comes_when_the_boot_has_gone_on_is_mounted_when_it_comes(first: Report) -> None:
    said = (
        f"ivc: /srv/z/patient: volume {PATIENT[:20]} did not come within {SECONDS} seconds, and is mounted when it does"
    )
    assert said in content(first, "/var/log/cloud-init-output.log")
    order = [event.what for event in first.events]
    assert order.index("modules:config begins") < order.index(f"volume {PATIENT} arrives")
    assert content(first, "/srv/z/patient/late") == "and here\n"
