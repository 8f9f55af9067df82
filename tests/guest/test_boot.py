"""Real guests: user data is booted, and what it makes is looked at. Each boot takes a minute or more without KVM."""

from __future__ import annotations

import base64
import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from practice.errors import PracticeError
from practice.guest import Answer, Disk, Files, Guest, Report, boot

from tests.helpers import PROJECT
from tests.running import cannot_be_had

pytestmark = pytest.mark.guest

BLANK = "b1a4c000-1111-4222-8333-000000000001"
LATE = "1a7e0000-1111-4222-8333-000000000003"
LINK = f"/dev/disk/by-id/virtio-{BLANK[:20]}"
ALL_BYTES = bytes(range(256)) * 4
# A mount of a template's own is made when its disk arrives where the disk's device wants it.
LATE_LINK = f"/dev/disk/by-id/virtio-{LATE[:20]}"
LATE_UNIT = LATE_LINK.strip("/").replace("-", "\\x2d").replace("/", "-") + ".device"
COMMANDS = ("cat /srv/late/late; echo odd >&2; exit 3", "sleep 900")
USER_DATA = f"""#cloud-config
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
  - [ {LATE_LINK}, /srv/late, auto, 'defaults,nofail,x-systemd.wanted-by={LATE_UNIT}', "0", "2" ]
"""


@pytest.fixture(scope="module", autouse=True)
def can_boot() -> None:
    """Skips where there can be no guest."""
    try:
        with Guest(b"#cloud-config\n", name="can-boot"):
            pass
    except PracticeError as error:
        cannot_be_had("a guest", error)


@pytest.fixture(scope="module")
def report() -> Report:
    """A boot of all that."""
    late = Disk(LATE, Files({"late": b"but here\n"}), arrives_after=20, mounted_at=("/srv/late",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("practice.guest.guest._OF_A_COMMAND", 5.0)
        return boot(USER_DATA.encode(), name="test-boot", disks=[late], files=["/srv/late/late"], commands=COMMANDS)


def content(report: Report, path: str) -> bytes:
    file = report.file(path)
    return file.content if file else b"not there"


def test_nothing_is_wrong(report: Report) -> None:
    assert report.problems == ()
    assert "shop" in report.users


def test_each_stage_of_cloud_init_came_to_its_end(report: Report) -> None:
    assert [stage.name for stage in report.stages] == ["init-local", "init", "modules-config", "modules-final"]
    assert all(stage.seconds is not None for stage in report.stages)
    assert "ConfigDrive" in report.datasource


def test_files_are_there_byte_for_byte(report: Report) -> None:
    plain = report.file("/etc/plain")
    assert plain is not None
    assert (plain.content, plain.mode, plain.owner) == (b"written by cloud-init\n", 0o640, "root:adm")
    assert content(report, "/etc/binary") == ALL_BYTES
    assert content(report, "/etc/packed") == b"packed" * 99
    assert content(report, "/etc/hosts").endswith(b"# appended\n")


def test_a_late_volume_came_after_cloud_init_had_made_its_mounts(report: Report) -> None:
    order = [event.what for event in report.events]
    assert order.index("modules:config begins") < order.index(f"volume {LATE} arrives")
    assert content(report, "/srv/late/late") == b"but here\n"


def test_a_command_is_answered_when_all_is_there_and_one_that_does_not_end_is_cut_off(report: Report) -> None:
    assert report.answers == (
        Answer(COMMANDS[0], exit_code=3, output="but here\nodd\n"),
        Answer(COMMANDS[1], exit_code=None, output=""),
    )


@pytest.mark.parametrize(
    ("instance", "bus", "place"),
    [
        ("db-1", "virtio", "/var/lib/mysql"),
        # It builds an image of its own first, with the packages that www-1 asks for.
        pytest.param("www-1", "scsi", "/srv", marks=pytest.mark.long),
    ],
)
def test_ivc_boot_boots_an_instance_of_main_py(instance: str, bus: str, place: str, tmp_path: Path) -> None:
    environment = os.environ | {"CDKTF_OUTDIR": str(tmp_path), "PYTHONPATH": str(PROJECT / "constructs")}
    subprocess.run([sys.executable, "main.py"], cwd=PROJECT, env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "ivc", "boot", instance, "--bus", bus],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    link = {"virtio": "virtio-", "scsi": "scsi-0QEMU_QEMU_HARDDISK_"}[bus]
    (mounted,) = [line for line in done.stdout.splitlines() if line.strip().startswith(f"{place} is ")]
    assert f"/dev/disk/by-id/{link}" in mounted
    assert "all that was asked for is there" in done.stdout


def test_a_command_that_fails_and_a_blank_volume_are_problems() -> None:
    text = f"""#cloud-config
write_files:
  - {{path: /etc/later, content: x, owner: 'nobody:nogroup'}}
mounts:
  - [ {LINK}, /srv, auto, "defaults,nofail", "0", "2" ]
runcmd:
  - [ touch, /tmp/one ]
  - [ ls, /nowhere ]
  - [ chmod, '0600', /etc/later ]
  - 'exit 7'
"""
    report = boot(text.encode(), name="test-failing", disks=[Disk(BLANK, mounted_at=("/srv",))])
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


@pytest.mark.long
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


def test_a_guest_that_says_nothing_is_switched_on_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # No kernel says anything so early: each start looks like one that hangs.
    monkeypatch.setattr("practice.guest.guest._SILENT", 2.0)
    before = _our_children()
    report = boot(b"#cloud-config\n", name="test-silent", timeout=5)
    assert [event.what for event in report.events] == ["switched off and on again"] * 2
    assert report.problems[0].startswith("The guest had not ended after 5 s and was killed")
    assert _our_children() == before


@pytest.mark.long
def test_a_guest_that_was_switched_on_again_boots_as_for_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practice.guest.guest._SILENT", 2.0)

    def be_patient_after_the_first(line: str) -> None:
        if line.startswith("nothing said"):
            monkeypatch.setattr("practice.guest.guest._SILENT", 240.0)

    late = Disk(LATE, Files({"late": b"but here\n"}), arrives_after=20, mounted_at=("/srv/late",))
    report = boot(USER_DATA.encode(), name="test-again", disks=[late], progress=be_patient_after_the_first)
    assert report.problems == ()
    assert report.events[0].what == "switched off and on again"
    assert [stage.name for stage in report.stages] == ["init-local", "init", "modules-config", "modules-final"]


def _our_children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
