"""A guest becomes an image: what is in its file, and what a server of it is like. `ivc bake` is this program's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from practice.errors import PracticeError
from practice.guest import Guest, Report, boot
from practice.guest.host import program

from tests.helpers import a_disk
from tests.running import cannot_be_had

# A bake takes minutes.
pytestmark = [pytest.mark.guest, pytest.mark.long]

SECRET, DELETED = "only-of-the-user-data-4f8a", "written-and-deleted-9c1b"
USER_DATA = f"""#cloud-config
# {SECRET}
write_files:
  - path: /opt/page/index.html
    content: "the page\\n"
  - path: /etc/systemd/system/page.service
    content: |
      [Service]
      ExecStart=/usr/bin/python3 -m http.server --directory /opt/page 80
      [Install]
      WantedBy=multi-user.target
runcmd:
  - [sh, -c, "echo {DELETED} >/root/gone; sync; rm /root/gone"]
  - [systemctl, enable, --now, page]
"""
OTHER = """#cloud-config
write_files:
  - path: /etc/other
    content: "of the second server\\n"
runcmd:
  - [sh, -c, "echo ran >/etc/ran"]
"""
_AT_ONCE = 2**22


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image of a guest with that user data."""
    path = tmp_path_factory.mktemp("baked") / "page.qcow2"
    try:
        with Guest(USER_DATA.encode(), name="test-baked", to_bake=True) as guest:
            report = guest.boot()
            assert report.problems == ()
            guest.write_image(path)
    except PracticeError as error:
        cannot_be_had("a guest", error)
    return path


@pytest.fixture(scope="module")
def disk(baked: Path) -> Path:
    """The same, unpacked."""
    raw = baked.with_suffix(".img")
    subprocess.run([program("qemu-img"), "convert", "-O", "raw", baked, raw], check=True)
    return raw


def in_it(disk: Path, command: str) -> str:
    return subprocess.run(["debugfs", "-R", command, disk], capture_output=True, text=True, check=True).stdout


def names(disk: Path, folder: str) -> set[str]:
    return {line.split("/")[5] for line in in_it(disk, f"ls -p {folder}").splitlines() if line} - {".", ".."}


def test_no_byte_of_the_user_data_or_of_what_was_deleted_is_on_the_disk(disk: Path) -> None:
    found, before = set(), b""
    with disk.open("rb") as file:
        while part := file.read(_AT_ONCE):
            found |= {text for text in (SECRET, DELETED, "the page") if text.encode() in before + part}
            before = part[-100:]
    assert found == {"the page"}


def test_what_is_of_one_server_is_not_in_it(disk: Path) -> None:
    assert names(disk, "/var/lib/cloud") == set()
    assert names(disk, "/var/lib/apt/lists") == set()
    assert not [name for name in names(disk, "/etc/ssh") if name.startswith("ssh_host_")]
    assert in_it(disk, "cat /etc/machine-id") == ""
    assert "hostname" not in names(disk, "/etc")
    assert names(disk, "/etc/systemd/network") == set()
    assert in_it(disk, "cat /var/log/cloud-init.log") == ""


def test_nothing_of_the_practice_guest_is_in_it(disk: Path) -> None:
    units = names(disk, "/etc/systemd/system")
    assert "page.service" in units
    assert [name for name in units | names(disk, "/etc/cloud/cloud.cfg.d") if "ivc" in name] == []


def test_a_server_of_it_boots_as_for_the_first_time_without_a_network(baked: Path) -> None:
    keys = "cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id"
    report = boot(
        OTHER.encode(),
        name="test-of-baked",
        image=baked,
        nics=(),
        files=["/etc/other", "/etc/ran"],
        commands=["curl -sS http://127.0.0.1/", keys, "ls /var/lib/cloud/instances", "cloud-init status"],
    )
    assert report.problems == ()
    assert [stage.name for stage in report.stages] == ["init-local", "init", "modules-config", "modules-final"]
    assert "ConfigDrive" in report.datasource
    assert report.hostname == "test-of-baked"
    page, own, instances, status = (answer.output for answer in report.answers)
    assert page == "the page\n"
    assert len(instances.split()) == 1
    assert status.strip() == "status: done"
    assert ran(report) == "ran\n"
    other = boot(OTHER.encode(), name="test-of-baked-too", image=baked, nics=(), commands=[keys])
    assert other.problems == ()
    assert other.answers[0].output.split()[1] != own.split()[1]
    assert other.answers[0].output.split()[-1] != own.split()[-1]


def ran(report: Report) -> str:
    file = report.file("/etc/ran")
    return "" if file is None else file.content.decode()


def test_a_disk_on_which_nothing_starts_is_one_sentence(tmp_path: Path) -> None:
    try:
        report = boot(b"#cloud-config\n", name="test-nothing", image=a_disk(tmp_path / "nothing.img"), timeout=5)
    except PracticeError as error:
        cannot_be_had("a guest", error)
    assert report.problems == (
        "The guest had not ended after 5 s and was killed: cloud-init said nothing on its serial line: has the image "
        "nothing.img cloud-init, a kernel and a boot loader that a PC's BIOS starts, and console=ttyS0; its console's "
        "last line: nothing",
    )


def test_a_guest_that_could_not_be_cleaned_is_not_to_be_an_image(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cleaning = tmp_path / "cleaning.sh"
    cleaning.write_text("set -eu\necho 'no more room' >&2\nfalse\n")
    monkeypatch.setattr("practice.guest.guest._CLEANING", cleaning)
    with Guest(b"#cloud-config\n", name="test-not-cleaned", to_bake=True) as guest:
        report = guest.boot()
    assert report.problems == ("What is of this one server could not be taken away: no more room.",)
