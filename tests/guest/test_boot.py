"""Real guests: user data is booted, and what it makes is looked at. Each boot takes a minute or more without KVM."""

import base64
import gzip
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from practice.errors import PracticeError
from practice.guest import Disk, Files, Guest, Image, Report, boot
from practice.guest.machine import Bus

pytestmark = pytest.mark.guest

BLANK = "b1a4c000-1111-4222-8333-000000000001"
FULL = "f0110000-1111-4222-8333-000000000002"
LATE = "1a7e0000-1111-4222-8333-000000000003"
ODD = "0dd00000-1111-4222-8333-000000000004"
UUID = "11111111-2222-4333-8444-555555555555"
LINK = {"virtio": "virtio-", "scsi": "scsi-0QEMU_QEMU_HARDDISK_"}
ALL_BYTES = bytes(range(256)) * 4
LATER = 20


@dataclass(frozen=True)
class Boots:
    """A guest's boots, and the link of each of its volumes."""

    bus: Bus
    reports: tuple[Report, ...]
    odd: Path

    @property
    def first(self) -> Report:
        return self.reports[0]

    def link(self, volume_id: str) -> str:
        return link(self.bus, volume_id)


def link(bus: Bus, volume_id: str) -> str:
    return f"/dev/disk/by-id/{LINK[bus]}{volume_id[:20]}"


def device_unit(path: str) -> str:
    # systemd-escape --path, for the characters that are in a link.
    return path.strip("/").replace("-", "\\x2d").replace("/", "-") + ".device"


def user_data(bus: Bus) -> bytes:
    late = link(bus, LATE)
    return f"""#cloud-config
users:
  - default
  - name: shop
write_files:
  - path: /etc/plain
    content: "written by cloud-init\\n"
    permissions: '0640'
    owner: root:adm
  - path: /etc/binary
    encoding: b64
    content: {base64.b64encode(ALL_BYTES).decode()}
  - path: /etc/packed
    encoding: gz+b64
    content: {base64.b64encode(gzip.compress(b"packed" * 99, mtime=0)).decode()}
  - path: /etc/hosts
    content: "# appended\\n"
    append: true
mounts:
  - [ {link(bus, BLANK)}, /srv/blank, ext4, "defaults,nofail", "0", "2" ]
  - [ {link(bus, FULL)}, /srv/full, auto, "defaults,nofail,x-systemd.device-timeout=60s", "0", "2" ]
  - [ {late}, /srv/late, auto, 'defaults,nofail,x-systemd.wanted-by={device_unit(late)}', "0", "2" ]
bootcmd:
  - echo bootcmd >>/var/count
  - |
    # Before the mounts are made, and at each boot. blkid's 2 is "nothing that I know", which any other bytes are too.
    for disk in {link(bus, BLANK)} {link(bus, FULL)} {link(bus, ODD)}; do
      blkid -p $disk >/dev/null
      code=$?
      echo "$disk $code" >>/var/blkid
      [ $code = 2 ] || continue
      [ "$(head -c 4194304 $disk | tr -d '\\000' | head -c 1 | wc -c)" = 0 ] && mkfs.ext4 -q $disk
    done
    true
runcmd:
  - echo runcmd >>/var/count
  - echo new >/srv/blank/new
""".encode()


@pytest.fixture(scope="module", autouse=True)
def can_boot() -> None:
    """Skips where there can be no guest."""
    try:
        with Guest(b"#cloud-config\n", name="can-boot"):
            pass
    except PracticeError as error:
        pytest.skip(f"no guest can be booted here: {error}")


@pytest.fixture(scope="module", params=["virtio", "scsi"])
def boots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boots]:
    """A guest with four volumes: two boots with virtio-blk disks, one with virtio-scsi's."""
    bus: Bus = request.param
    odd = tmp_path_factory.mktemp("odd") / "odd.img"
    odd.write_bytes(b"no file system, but somebody's bytes".ljust(2**23, b"\0"))
    disks = (
        Disk(BLANK, mounted_at="/srv/blank"),
        Disk(FULL, Files({"precious": b"do not lose me\n"}, uuid=UUID), mounted_at="/srv/full"),
        Disk(LATE, Files({"late": b"but here\n"}), arrives_after=LATER, mounted_at="/srv/late"),
        Disk(ODD, Image(odd)),
    )
    files = ("/var/count", "/var/blkid", "/srv/full/precious", "/srv/late/late", "/srv/blank/new")
    with Guest(user_data(bus), name=f"test-{bus}", disks=disks, bus=bus) as guest:
        yield Boots(bus, tuple(guest.boot(files=files) for _ in range(2 if bus == "virtio" else 1)), odd)


def content(report: Report, path: str) -> bytes:
    file = report.file(path)
    return file.content if file else b"not there"


def test_nothing_is_wrong(boots: Boots) -> None:
    assert [report.problems for report in boots.reports] == [()] * len(boots.reports)


def test_each_stage_of_cloud_init_came_to_its_end(boots: Boots) -> None:
    assert [stage.name for stage in boots.first.stages] == ["init-local", "init", "modules-config", "modules-final"]
    assert all(stage.seconds is not None for stage in boots.first.stages)
    assert "ConfigDrive" in boots.first.datasource


def test_files_are_there_byte_for_byte(boots: Boots) -> None:
    plain = boots.first.file("/etc/plain")
    assert plain is not None
    assert (plain.content, plain.mode, plain.owner) == (b"written by cloud-init\n", 0o640, "root:adm")
    assert content(boots.first, "/etc/binary") == ALL_BYTES
    assert content(boots.first, "/etc/packed") == b"packed" * 99
    assert content(boots.first, "/etc/hosts").endswith(b"# appended\n")


@pytest.mark.parametrize(("target", "volume_id"), [("/srv/blank", BLANK), ("/srv/full", FULL), ("/srv/late", LATE)])
def test_a_volume_is_mounted_through_its_link(boots: Boots, target: str, volume_id: str) -> None:
    for report in boots.reports:
        mount = report.mount(target)
        assert mount is not None
        assert boots.link(volume_id) in mount.links


def test_a_volume_with_files_keeps_them_and_its_file_system(boots: Boots) -> None:
    for report in boots.reports:
        assert content(report, "/srv/full/precious") == b"do not lose me\n"
        disk = report.disk(FULL[:20])
        assert disk is not None
        assert disk.uuid == UUID


def test_a_disk_with_bytes_that_no_tool_knows_is_left_alone(boots: Boots) -> None:
    # blkid itself takes it for a blank one.
    assert f"{boots.link(ODD)} 2" in content(boots.first, "/var/blkid").decode()
    assert boots.odd.read_bytes().startswith(b"no file system, but somebody's bytes\0")


def test_a_late_volume_came_after_cloud_init_had_made_its_mounts(boots: Boots) -> None:
    order = [event.what for event in boots.first.events]
    assert order.index("modules:config begins") < order.index(f"volume {LATE} arrives")
    assert content(boots.first, "/srv/late/late") == b"but here\n"


def test_a_second_boot_does_nothing_twice(boots: Boots) -> None:
    assert content(boots.first, "/var/count") == b"bootcmd\nruncmd\n"
    assert content(boots.first, "/srv/blank/new") == b"new\n"
    if len(boots.reports) > 1:
        first, second = boots.reports
        assert content(second, "/var/count") == b"bootcmd\nruncmd\nbootcmd\n"
        assert content(second, "/srv/blank/new") == b"new\n"
        assert [one.uuid for one in second.block_devices if one.serial] == [
            one.uuid for one in first.block_devices if one.serial
        ]


def test_a_command_that_fails_and_a_blank_volume_are_problems() -> None:
    text = f"""#cloud-config
write_files:
  - {{path: /etc/later, content: x, owner: 'nobody:nogroup'}}
mounts:
  - [ {link("virtio", BLANK)}, /srv, auto, "defaults,nofail", "0", "2" ]
runcmd:
  - [ touch, /tmp/one ]
  - [ ls, /nowhere ]
  - [ chmod, '0600', /etc/later ]
  - 'exit 7'
"""
    report = boot(text.encode(), name="test-failing", disks=[Disk(BLANK, mounted_at="/srv")])
    assert not report.holds
    disk = report.disk(BLANK[:20])
    assert disk is not None
    assert disk.fstype is None
    assert f"Nothing is mounted at /srv: volume {BLANK} is blank, and nothing formatted it." in report.problems
    assert "The file /etc/later has the mode 0600, and the user data says 0644." in report.problems
    assert "runcmd, command 2, `'ls' '/nowhere'`: exit code 2." in report.problems
    assert "runcmd, command 4, `exit 7`: the script ended in it, and no later command ran." in report.problems
    assert any("scripts-user" in problem for problem in report.problems)
    assert report.console.stat().st_size > 0


def test_yaml_that_does_not_parse_is_a_problem() -> None:
    report = boot(b'#cloud-config\nhostname: a\nruncmd: [ sh -c "oops\n', name="test-broken")
    # cloud-init itself says that it is done, with no errors.
    assert all(stage.seconds is not None and not stage.errors for stage in report.stages)
    assert any(problem.startswith("The user data is not YAML: line ") for problem in report.problems)
    assert any("Failed loading yaml blob" in problem for problem in report.problems)


def test_a_guest_that_does_not_end_is_killed() -> None:
    before = _our_children()
    report = boot(b"#cloud-config\n", name="test-slow", timeout=5)
    assert report.problems[0].startswith("The guest had not ended after 5 s and was killed")
    assert _our_children() == before


def _our_children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
