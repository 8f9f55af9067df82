"""Disks in commands and files: what would end the data of existing volumes, and names that mean another disk at times.

Each case of a command is a line of shell text, which is tried in each place where the guest runs some.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from ivc.rendered_user_data import of_template
from ivc.userdata import UserData
from ivc.userdata.checks import findings
from ivc.userdata.volumes import Mount, add, boothook
from tests.userdata.test_checks import config, document, said

ADVICE = (
    "and this instance has existing volumes, whose data that would end; mount them by `Volume.lookup(...).mount(...)`, "
    "and format here only an ephemeral disk by its link, /dev/disk/by-label/ephemeral0"
)
LINK = (
    "which may be another one at the next boot; name it by its link, /dev/disk/by-id/virtio- and the first 20 "
    "characters of its volume's id, by LABEL= or by UUID="
)
BY_ID = "/dev/disk/by-id/virtio-11111111-2222-3333-4"

# Each: shell text, and what it may write over.
WRITES = {
    "mkfs.ext4 -F /dev/vdb": ["/dev/vdb"],
    "mkfs -t xfs /dev/vdb": ["/dev/vdb"],
    "mkfs -t vfat -n DATA /dev/vdb": ["/dev/vdb"],
    "/sbin/mke2fs -L data /dev/vdb": ["/dev/vdb"],
    "mkfs.vfat -n DATA /dev/vdb1": ["/dev/vdb1"],
    f"mkfs.xfs -f {BY_ID}": [BY_ID],
    "mkfs.$kind /dev/vdb": ["/dev/vdb"],
    "mkswap /dev/sdb": ["/dev/sdb"],
    "wipefs -a /dev/nvme1n1": ["/dev/nvme1n1"],
    "wipefs --all --force /dev/vdb": ["/dev/vdb"],
    "wipefs -fa /dev/vdb": ["/dev/vdb"],
    "parted -s /dev/vdb mklabel gpt mkpart data 0% 100%": ["/dev/vdb"],
    "parted --script -- /dev/vdb mkpart primary 1 -1": ["/dev/vdb"],
    "fdisk /dev/vdb <<END\nn\np\nw\nEND": ["/dev/vdb"],
    "echo ',,L' | sfdisk /dev/vdb": ["/dev/vdb"],
    "sgdisk --zap-all /dev/vdb": ["/dev/vdb"],
    "sgdisk -n 1:0:0 /dev/vdb": ["/dev/vdb"],
    "pvcreate /dev/vdb /dev/vdc": ["/dev/vdb", "/dev/vdc"],
    "vgcreate data /dev/vdb": ["/dev/vdb"],
    "vgextend data /dev/vdb": ["/dev/vdb"],
    "vgremove -y data": ["data"],
    "lvremove -f data/www": ["data/www"],
    "lvm vgremove data": ["data"],
    "mkfs.ext4 /dev/data/www": ["/dev/data/www"],
    "mkfs.ext4 /dev/mapper/data-www": ["/dev/mapper/data-www"],
    "dd if=/dev/zero of=/dev/vdb bs=1M count=1": ["/dev/vdb"],
    "cryptsetup -q luksFormat /dev/vdb /root/key": ["/dev/vdb"],
    "mdadm --create /dev/md0 --level=1 --raid-devices=2 /dev/vdb /dev/vdc": ["/dev/md0", "/dev/vdb", "/dev/vdc"],
    "zpool create tank /dev/vdb": ["/dev/vdb"],
    "blkdiscard /dev/vdb": ["/dev/vdb"],
    "shred -n 1 /dev/vdb": ["/dev/vdb"],
    "badblocks -w /dev/vdb": ["/dev/vdb"],
    "cp disk.img /dev/vdb": ["/dev/vdb"],
    "qemu-img convert -O raw a.qcow2 /dev/vdb": ["/dev/vdb"],
    "zcat disk.gz > /dev/vdb": ["/dev/vdb"],
    "zcat disk.gz >/dev/vdb": ["/dev/vdb"],
    'zcat disk.gz > "/dev/vdb"': ["/dev/vdb"],
    "zcat disk.gz | tee /dev/vdb": ["/dev/vdb"],
    # However the program is called.
    "sudo -u root nohup mkfs.ext4 /dev/vdb": ["/dev/vdb"],
    "cloud-init-per once mymkfs mkfs /dev/vdb": ["/dev/vdb"],
    "timeout -k 5 60 mkfs.ext4 /dev/vdb": ["/dev/vdb"],
    "LANG=C nice -n 19 mkfs.ext4 /dev/vdb": ["/dev/vdb"],
    "yes | mkfs.ext4 /dev/vdb": ["/dev/vdb"],
    "blkid /dev/vdb || mkfs.ext4 /dev/vdb": ["/dev/vdb"],
    "if ! mkfs.ext4 /dev/vdb; then exit 1; fi": ["/dev/vdb"],
    "(cd /srv && mkfs.ext4 /dev/vdb)": ["/dev/vdb"],
    "prepare() {\n  mkfs.ext4 /dev/vdb\n}": ["/dev/vdb"],
    "out=$(mkfs.ext4 /dev/vdb 2>&1)": ["/dev/vdb"],
    "bash -c 'mkfs.ext4 /dev/vdb'": ["/dev/vdb"],
    "su - root -c 'mkfs.ext4 /dev/vdb'": ["/dev/vdb"],
    "eval mkfs.ext4 /dev/vdb": ["/dev/vdb"],
    "bash <<END\nmkfs.ext4 /dev/vdb\nEND": ["/dev/vdb"],
    "mkfs.ext4 \\\n  -F /dev/vdb": ["/dev/vdb"],
    # However the disk is named.
    'disk=/dev/vdb\nmkfs.ext4 "${disk}1"': ["/dev/vdb"],
    "base=/dev/vdb; export disk=$base; mkfs.ext4 $disk": ["/dev/vdb"],
    "for disk in /dev/vd[b-d]; do mkfs.ext4 $disk; done": ["/dev/vd[b-d]"],
    "mkfs.ext4 ${1:-/dev/vdb}": ["/dev/vdb"],
    f"mkfs.ext4 $(readlink -f {BY_ID})": [BY_ID],
    'mkfs.ext4 "$1"': ["$1"],
    "mkfs.ext4 $(lsblk -ndo PATH | tail -n 1)": ["$(lsblk -ndo PATH | tail -n 1)"],
    "vgcreate data /dev/vdb; mkfs.ext4 /dev/data/www": ["/dev/vdb", "/dev/data/www"],
}  # fmt: skip

HARMLESS = [
    "mkfs.ext4 -n " + BY_ID,
    "mkfs.xfs -N " + BY_ID,
    "mkfs.ext4 -V",
    "mkfs.ext4 /srv/disk.img",
    'image=/srv/disk.img\nmkfs.ext4 -L "$name" "$image"',
    "mkswap /swapfile && swapon /swapfile",
    "mkswap /dev/zram0",
    f"wipefs {BY_ID}",
    f"wipefs -n -a {BY_ID}",
    "parted -l",
    f"parted -s {BY_ID} unit s print",
    f"fdisk -l {BY_ID}",
    f"sfdisk --dump {BY_ID} > /root/table",
    f"sgdisk --print {BY_ID}",
    f"sgdisk --pretend --zap-all {BY_ID}",
    f"blkid {BY_ID}",
    f"dd if={BY_ID} of=/root/backup bs=1M",
    'dd if=/dev/zero of="$file" count=1',
    f"cp {BY_ID} /root/backup",
    f"cryptsetup open {BY_ID} data --key-file /root/key",
    "mdadm --assemble --scan",
    "zpool import tank",
    "ls > /dev/null 2>/dev/null",
    "echo up > /dev/tty1 | tee /dev/console /dev/stderr",
    "echo x > /dev/tcp/10.0.0.1/80",
    "echo mkfs.ext4 /dev/vdb",
    "echo 'run: mkfs.ext4 /dev/vdb > /dev/vdb'",
    "# mkfs.ext4 /dev/vdb",
    "ls # > /dev/vdb",
    "cat > /root/notes <<END\nmkfs.ext4 /dev/vdb\nsay > /dev/vdb\nEND",
    "command -v mkfs.ext4 || apt-get install -y e2fsprogs parted cryptsetup",
    "growpart /dev/vda 1 && resize2fs /dev/vda1",
    "mkfs.ext4 /dev/disk/by-label/ephemeral0",
    "disk=$(blkid -L ephemeral0)\nmkfs.ext4 $disk",
    "pvcreate /dev/disk/by-label/ephemeral0\nvgcreate -s 4M scratch /dev/disk/by-label/ephemeral0\n"
    "mkswap /dev/scratch/swap\nmkfs.ext4 /dev/mapper/scratch-tmp\nlvremove -y scratch/tmp\nvgremove scratch",
    f"mount {BY_ID} /srv",
    "shutdown -h now > /dev/kmsg",
]


def block(key: str, text: str, indent: str = "  ") -> list[str]:
    return [key, *(f"{indent}{line}" if line else "" for line in text.split("\n"))]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLACES: dict[str, Callable[[str], str]] = {
    "bootcmd": lambda text: config("bootcmd:", *block("- |", text)),
    "runcmd": lambda text: config("runcmd:", "- ls", *block("- |", text)),
    "a list": lambda text: config("runcmd:", *block("- - sh\n  - -c\n  - |", text, "    ")),
    "a script": lambda text: f"#!/bin/bash\n{text}\n",
    "a boothook": lambda text: f"#cloud-boothook\n#!/bin/sh\n{text}\n",
    "a part": lambda text: (
        "Content-Type: multipart/mixed; boundary=B\nMIME-Version: 1.0\n\n--B\n"
        f"Content-Type: text/x-shellscript\n\n#!/bin/sh\n{text}\n\n--B--\n"
    ),
    "an encoded part": lambda text: (
        "MIME-Version: 1.0\nContent-Type: text/x-shellscript\n"
        "Content-Transfer-Encoding: base64\n\n" + encoded(f"#!/bin/sh\n{text}\n") + "\n"
    ),
    "a file that may be run": lambda text: config(
        "write_files:", "- path: /usr/local/sbin/a", "  permissions: '0755'", *block("  content: |", text, "    ")
    ),
    "a file that is called": lambda text: config(
        "write_files:", "- path: /root/a", *block("  content: |", text, "    "), "runcmd: [ sh /root/a ]"
    ),
    "an encoded script": lambda text: config(
        "write_files:", "- path: /root/a", "  encoding: b64", f"  content: {encoded(f'#!/bin/sh{chr(10)}{text}')}"
    ),
}


def subjects(text: str, id_: str = "formats-volume", *, existing_volumes: bool = True) -> list[str]:
    found = findings(document(text), existing_volumes=existing_volumes)
    return [finding.subject for finding in found if finding.id == id_]


@pytest.mark.parametrize("text", WRITES)
def test_what_writes_over_a_disk_is_found(text: str) -> None:
    assert subjects(PLACES["a script"](text)) == WRITES[text]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_found_wherever_the_guest_runs_it(place: str) -> None:
    assert {text: subjects(PLACES[place](text)) for text in WRITES} == WRITES


@pytest.mark.parametrize("text", WRITES)
def test_an_instance_without_volumes_may_format_what_it_likes(text: str) -> None:
    assert subjects(PLACES["a script"](text), existing_volumes=False) == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_reads_or_means_no_volume_is_left_alone(text: str) -> None:
    assert said(PLACES["a script"](text), existing_volumes=True) == []


def test_a_command_s_finding_is_one_sentence() -> None:
    text = config(
        "bootcmd: [mkfs.ext4 -F /dev/vdb]",
        "runcmd:",
        "- ls",
        "- |",
        "  set -e",
        "  cat a > /dev/vdb",
        "swap: { filename: /dev/vdb2, size: 1G }",
        "lxd: { init: { storage_create_device: /dev/vdc } }",
    )
    assert said(text, existing_volumes=True) == [
        "error formats-volume: line 2 of the result: 'mkfs.ext4 -F /dev/vdb' may write over '/dev/vdb', " + ADVICE,
        "error formats-volume: line 7 of the result: '> /dev/vdb' may write over '/dev/vdb', " + ADVICE,
        "error formats-volume: line 8 of the result: swap.filename may format '/dev/vdb2', " + ADVICE,
        "error formats-volume: line 9 of the result: lxd.init.storage_create_device may format '/dev/vdc', " + ADVICE,
    ]


def test_a_command_that_is_a_list_is_found_with_its_line() -> None:
    assert said(config("runcmd:", "- [ ls ]", f"- [ mkfs.ext4, -F, {BY_ID} ]"), existing_volumes=True) == [
        f"error formats-volume: line 4 of the result: 'mkfs.ext4 -F {BY_ID}' may write over '{BY_ID}', {ADVICE}"
    ]


def test_a_logical_volume_is_one_of_an_ephemeral_disk_where_all_its_disks_are() -> None:
    ephemeral = "/dev/disk/by-label/ephemeral0"
    text = f"vgcreate my-scratch {ephemeral}\nmkswap /dev/mapper/my--scratch-swap\nmkswap /dev/mapper/my-scratch"
    assert subjects(PLACES["a script"](text)) == ["/dev/mapper/my-scratch"]
    mixed = f"vgcreate data {ephemeral} {BY_ID}\nmkswap /dev/data/swap"
    assert subjects(PLACES["a script"](mixed)) == [BY_ID, "/dev/data/swap"]


@pytest.mark.parametrize("name", ["/swapfile", "/dev/disk/by-label/ephemeral0", "/dev/scratch/swap"])
def test_swap_elsewhere_is_none_of_a_volume_s(name: str) -> None:
    text = config(
        "bootcmd: [ vgcreate scratch /dev/disk/by-label/ephemeral0 ]", f"swap: {{ filename: {name}, size: 1G }}"
    )
    assert said(text, existing_volumes=True) == []


def test_variables_of_one_command_are_known_in_the_next() -> None:
    assert subjects(config("runcmd:", "- disk=/dev/vdb", "- mkfs.ext4 $disk")) == ["/dev/vdb"]


def test_a_program_of_another_language_and_a_unit_that_run_one_are_found() -> None:
    python = '#!/usr/bin/env python3\nimport subprocess\nsubprocess.run(["mkfs.ext4", "/dev/vdb"])\n'
    unit = config("write_files:", "- path: /etc/systemd/system/a.service", "  content: |", "    [Service]",
                  "    ExecStartPre=-/sbin/mkfs.ext4 /dev/vdc")  # fmt: skip
    assert [subjects(python), subjects(unit)] == [["/dev/vdb"], ["/dev/vdc"]]


CALLS = [
    "- sh -e /root/a", "- . /root/a", "- source /root/a", "- /root/a", "- [ /root/a ]", "- [ bash, /root/a ]",
    "- ls && /root/a", "- 'sudo /root/a'", "- x=1 && exec /root/a",
]  # fmt: skip


@pytest.mark.parametrize(
    ("commands", "called"),
    [*((call, True) for call in CALLS), ("- cat /root/a", False), ("- sh /root/a2", False), ("- ls", False)],
)
def test_a_file_that_nobody_runs_is_data(commands: str, called: bool) -> None:
    text = config("write_files:", "- path: /root/a", "  content: mkfs.ext4 /dev/data/www", "runcmd:", commands)
    assert subjects(text) == ["/dev/data/www"] * called


def test_it_is_waived_by_the_disk_s_name(tmp_path: Path) -> None:
    data = UserData.text("#!/bin/sh\nmkfs.ext4 /dev/disk/by-id/virtio-a\n")
    data = data.waive("formats-volume:/dev/disk/by-id/virtio-a", reason="a disk for scratch")
    rendered = data.render(folder=tmp_path, instance={}, existing_volumes=True)
    assert [waiver.id for waiver in rendered.accepted] == ["formats-volume:/dev/disk/by-id/virtio-a"]


def test_volumes_that_variables_give_are_as_a_declaration_s(tmp_path: Path) -> None:
    path = tmp_path / "t.sh"
    path.write_text("#!/bin/sh\nmkfs.ext4 /dev/vdb\n")
    volumes = [{"id": "11111111-2222-3333-4444-555555555555"}]
    judged = of_template(path, folder=None, name="www", variables={"instance": {"volumes": volumes}})
    assert [(one.finding.id, one.line) for one in judged.found] == [("formats-volume", 2)]
    assert of_template(path, folder=None, name="www", variables={}).found == ()


@pytest.mark.parametrize("piece", ["a", "-._", "$(", "a=$a;", "/dev/vdb,", "{{", "'", "vgcreate "])
def test_a_long_text_of_one_sign_hides_nothing(piece: str) -> None:
    assert "/dev/vdb" in subjects(PLACES["a script"]("mkfs.ext4 /dev/vdb\n" + piece * (48_000 // len(piece))))


def test_commands_that_are_written_into_a_file_are_found_where_the_text_runs_it() -> None:
    written = "cat >/run/make-disks <<'end'\nmkfs.ext4 /dev/vdb\nend\n"
    assert subjects(PLACES["a script"](written)) == []
    assert subjects(PLACES["a script"](f"{written}sh /run/make-disks\n")) == ["/dev/vdb"]
    assert subjects(PLACES["a script"](f"{written}chmod +x /run/make-disks; /run/make-disks\n")) == ["/dev/vdb"]


class TestTheLibrarysOwnCommand:
    MOUNT = Mount("data", "11111111-2222-3333-4", "/srv", "ext4", None)

    def test_it_is_none_of_the_user_s(self) -> None:
        documents = [add(document(config("hostname: www")), [self.MOUNT]), boothook([self.MOUNT])]
        assert [findings(each, existing_volumes=True) for each in documents] == [(), ()]

    def test_what_the_user_adds_to_it_is_found(self) -> None:
        text = add(document(config("bootcmd: ", "- mkfs.ext4 /dev/vdb")), [self.MOUNT]).readable
        assert subjects(text) == ["/dev/vdb"]

    def test_a_copy_that_somebody_changed_is_not_it(self) -> None:
        text = boothook([self.MOUNT]).readable.replace('wipefs -n "$disk"', "true")
        assert subjects(text) == ["/dev/disk/by-id/*", "/dev/$4"]


class TestDisksByTheirOrder:
    @pytest.mark.parametrize(
        ("line", "what"),
        [
            ("mount /dev/vdb /srv", "'mount /dev/vdb /srv'"),
            ("disk=/dev/vdb", "'disk=/dev/vdb'"),
            ("while [ ! -b /dev/vdb ]; do sleep 1; done", "'while [ ! -b /dev/vdb ]'"),
            ("resize2fs /dev/vdb", "'resize2fs /dev/vdb'"),
            ("echo '/dev/vdb /srv ext4 defaults 0 2' >> /etc/fstab", "a line of fstab"),
        ],
    )
    def test_they_are_named_in_commands(self, line: str, what: str) -> None:
        assert said(PLACES["a script"](line), existing_volumes=True) == [
            f"warning unstable-device: line 2 of the result: {what} names the disk '/dev/vdb', {LINK}"
        ]

    def test_they_are_named_in_files(self) -> None:
        text = config("write_files:", "- path: /etc/app.conf", "  content: |", "    # /dev/vdc", "    disk = /dev/vdb",
                      "    again = /dev/vdb")  # fmt: skip
        assert said(text) == []
        assert said(text, existing_volumes=True) == [
            f"warning unstable-device: line 6 of the result: /etc/app.conf names the disk '/dev/vdb', {LINK}"
        ]

    @pytest.mark.parametrize(
        "text",
        [
            PLACES["a script"]("mount /dev/vdb /srv"),
            PLACES["a script"]("cat >> /etc/fstab <<END\n/dev/vdb /srv ext4 defaults 0 2\nEND"),
            config("write_files:", "- path: /etc/fstab", "  content: |", "    /dev/vdb /srv auto defaults 0 2"),
            config("mounts:", "- [ vdb, /srv ]"),
        ],
    )
    def test_without_a_volume_what_mounts_them_is_told_alone(self, text: str) -> None:
        assert [finding.id for finding in findings(document(text))] == ["unstable-device"]

    @pytest.mark.parametrize(
        "line",
        ["ls > /dev/null", "# mount /dev/sda1 /mnt", "growpart /dev/vda 1", "mount /dev/sr0 /mnt", "lsblk /dev/vdb",
         "mount /dev/data/www /srv", "echo /dev/vdb", "mount /dev/disk/by-path/pci-vdb /srv"],
    )  # fmt: skip
    def test_what_means_no_such_disk_is_left_alone(self, line: str) -> None:
        assert said(PLACES["a script"](line), existing_volumes=True) == []

    def test_a_disk_is_told_once_and_not_beside_an_error(self) -> None:
        text = PLACES["a script"]("mount /dev/vdb /a\nmount /dev/vdb /b\nmkfs.ext4 /dev/vdc\nmount /dev/vdc /c")
        found = findings(document(text), existing_volumes=True)
        assert [(finding.id, finding.line, finding.subject) for finding in found] == [
            ("formats-volume", 4, "/dev/vdc"), ("unstable-device", 2, "/dev/vdb"),
        ]  # fmt: skip
