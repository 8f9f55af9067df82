"""Files that run as their owner, and places that are no files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.userdata import FileTree, UserData
from ivc.userdata.checks import findings
from tests.userdata.test_checks import config, document, said


def judged(*lines: str) -> list[tuple[str, str, int | None]]:
    """Id, severity and line of what is found about special files."""
    found = findings(document(config("write_files:", *lines)))
    special = ("write-files-place", "write-files-setuid")
    return [(one.id, one.severity, one.line) for one in found if one.id in special]


@pytest.mark.parametrize(
    ("permissions", "is_said"),
    [('"4755"', True), ('"2755"', True), ('"06755"', True), ("0o4755", True), ("04755", True), ('"0755"', False),
     ('"1777"', False), ('"0644"', False), ('"755"', False)],
)  # fmt: skip
def test_a_mode_that_runs_as_the_owner_is_said(permissions: str, is_said: bool) -> None:
    found = judged("- path: /usr/local/bin/a", f"  permissions: {permissions}", "  content: a")
    assert found == [("write-files-setuid", "warning", 4)] * is_said


def test_it_is_said_of_a_folder_of_files_too(tmp_path: Path) -> None:
    (tmp_path / "www" / "bin").mkdir(parents=True)
    (tmp_path / "www" / "bin" / "a").write_text("#!/bin/sh\n")
    (tmp_path / "www" / ".files.yaml").write_text('/bin/a: {permissions: "4755"}\n')
    data = UserData.files(FileTree("www"))
    assert data.render(folder=tmp_path, instance=None).warnings == (
        "line 4 of the result: with the permissions 4755 whoever runs /bin/a does it as its owner or its group; take "
        "the first digit away, or say in a waiver why it must be so",
    )


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("/dev/vdb", "error"),
        ("/dev/disk/by-id/virtio-x", "error"),
        ("//dev/../dev/vdb", "error"),
        ("/dev/shm/a", "warning"),  # noqa: S108
        ("/run/a", "warning"),
        ("/var/run/a.pid", "warning"),
        ("/proc/sys/net/ipv4/ip_forward", "error"),
        ("/proc/sysrq-trigger", "warning"),
        ("/sys/class/net/eth0/mtu", "warning"),
        ("/etc/shadow", "error"),
        ("/etc/passwd", "error"),
        ("/etc/shadow.d", None),
        ("/device", None),
        ("/srv/run/a", None),
        ("/opt/dev/vdb", None),
    ],
)
def test_a_place_that_is_no_file_is_said(path: str, severity: str | None) -> None:
    found = judged(f"- path: {path}", "  content: a")
    assert found == ([] if severity is None else [("write-files-place", severity, 3)])


def test_added_accounts_are_a_warning() -> None:
    assert judged("- {path: /etc/passwd, append: true, content: a}") == [("write-files-place", "warning", 3)]


@pytest.mark.parametrize("command", ["- sh /run/once.sh", "- [sh, /run/once.sh]", "- |\n  cd /\n  sh /run/once.sh"])
def test_what_the_commands_of_this_boot_use_may_be_in_memory(command: str) -> None:
    assert judged("- {path: /run/once.sh, content: ls}", "runcmd:", command) == []


def test_the_sentence_says_what_to_do() -> None:
    text = config("write_files:", "- {path: /proc/sys/vm/swappiness, content: '1'}")
    assert [one for one in said(text) if "swappiness" in one] == [
        "error write-files-place: line 3 of the result: /proc/sys/vm/swappiness is the kernel's, which refuses "
        "the mode that cloud-init sets: this file and all after it fail; write the setting to a file in /etc/sysctl.d"
    ]
