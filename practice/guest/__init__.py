"""A real guest on this machine: boots user data as a cloud would, and says what of it holds.

A virtual machine (qemu, with KVM where it works) runs Debian 12 and its cloud-init. It gets the user data on a config
drive as Nova writes it, and a disk for each volume, which it finds by the volume's id. It has no way out: what user
data installs with `packages` stands in its image before it boots, and the report says what could not be tried.

From the project's root: `python -m practice.guest --help`. From a test:

    from practice.guest import Disk, Files, Guest

    with Guest(user_data, name="db-1", disks=[Disk(volume_id, Files({"precious": b"data"}))]) as guest:
        first, second = guest.boot(), guest.boot()
    assert not first.problems

Its disk can become an image, without what is of that one server, and another guest can start from that, or from any
image of a cloud:

    with Guest(user_data, name="www-1", to_bake=True) as guest:
        if guest.boot().holds:
            guest.write_image(Path("www.qcow2"))
    boot(other_user_data, name="www-2", image=Path("www.qcow2"))
"""

from practice.guest.asked import ExpectedFile, expected_files
from practice.guest.config_drive import Nic
from practice.guest.disk import Blank, Disk, Files, Image
from practice.guest.guest import Guest, boot
from practice.guest.report import Answer, Report

__all__ = [
    "Answer",
    "Blank",
    "Disk",
    "ExpectedFile",
    "Files",
    "Guest",
    "Image",
    "Nic",
    "Report",
    "boot",
    "expected_files",
]
