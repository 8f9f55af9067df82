"""Volumes that a guest mounts: where the command stands in user data, and what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ivc import Network, OpenStackStack, Volume
from ivc.estate.user_data import hash_of
from ivc.userdata import AtApply, Document, UserData, volumes
from ivc.userdata.volumes import Mount, add
from tests.helpers import INSTANCE, VOLUME, VOLUME_ID, backend, rendered, resources, server, synth, template, user_data

SRV = Mount("data", "3f2504e0-4f89-41d3-9", "/srv", None, None)
LATER = Mount("log", AtApply("x.y", "serial of volume log", 20), "/var/log", "xfs", "logs/all")


def bootcmd(text: str) -> list[object]:
    commands: list[object] = yaml.safe_load(text)["bootcmd"]
    return commands


def calls(command: str) -> list[str]:
    """The lines that say what is mounted where."""
    return [line.strip() for line in command.splitlines() if line.startswith("  one ")]


def test_the_command_stands_before_the_templates_own() -> None:
    for own in ("bootcmd:\n- [ls]\n# end\npackages: [a]\n", "packages: [a]\nbootcmd: # mine\n    - [ls]\n"):
        text = f"#cloud-config\n# é\n{own}"
        readable = add(Document((text,)), [SRV, LATER]).readable
        command, *others = bootcmd(readable)
        assert others == [["ls"]]
        assert yaml.safe_load(readable) | {"bootcmd": [["ls"]]} == yaml.safe_load(text)
        assert calls(str(command)) == [
            "one 3f2504e0-4f89-41d3-9 /srv '' '' '' '' '' '' ''",
            "one <serial of volume log> /var/log xfs logs/all '' '' '' '' ''",
        ]


@pytest.mark.parametrize(
    "text", ["#cloud-config\n", "#cloud-config", "#cloud-config\nhostname: a", "#cloud-config\nbootcmd:"]
)
def test_a_document_without_commands_gets_them_at_its_end(text: str) -> None:
    [command] = bootcmd(add(Document((text,)), [SRV]).readable)
    assert subprocess.run(["sh", "-n"], input=str(command), text=True, check=False).returncode == 0


def run(text: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the commands of a `#cloud-config` as cloud-init does, but for what they write on the guest."""
    script = "\n".join(map(str, bootcmd(text))).replace("/run/ivc-volumes", str(folder / "ivc-volumes"))
    shell = shutil.which("sh") or "sh"
    return subprocess.run([shell], input=script, capture_output=True, text=True, check=False, env=environment)


def test_what_fails_is_said_though_the_templates_own_commands_succeed(tmp_path: Path) -> None:
    own = "#cloud-config\nbootcmd:\n  - echo mine\n"
    gone = Mount("gone", "f0110000-1111-4222-8", "/nowhere", None, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volumes, "PATIENCE", 1)
        text = add(Document((own,)), [gone]).readable
    done = run(text, tmp_path, PATH=os.environ["PATH"])
    assert done.returncode == 1
    assert done.stdout == (
        "ivc: /nowhere: volume f0110000-1111-4222-8 did not come within 1 seconds, and is mounted when it does\nmine\n"
    )


def test_an_image_without_lvm_is_said_at_once(tmp_path: Path) -> None:
    """The programs of a guest: here, those that every image has."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "cat", "cut", "mountpoint"):
        (programs / name).symlink_to(str(shutil.which(name)))
    mount = Mount("data", "f0110000-1111-4222-8", "/nowhere", lvm="data/www")
    done = run(add(Document(("#cloud-config\n",)), [mount]).readable, tmp_path, PATH=str(programs))
    assert (done.returncode, done.stdout) == (
        1,
        "ivc: /nowhere: the image has no lvm2, which the logical volume data/www needs: put it into the image, or "
        "install it\n",
    )


def test_what_stands_below_another_is_mounted_after_it() -> None:
    mounts = [Mount("a", "a", "/srv/www/data"), Mount("b", "b", "/var"), Mount("c", "c", "/srv")]
    (command,) = bootcmd(add(Document(("#cloud-config\n",)), mounts).readable)
    assert [line.split()[1:3] for line in calls(str(command))] == [["c", "/srv"], ["a", "/srv/www/data"], ["b", "/var"]]


def test_values_known_only_at_apply_stay_in_their_order() -> None:
    before, behind = AtApply("a.b", "before", 9), AtApply("c.d", "behind", 9)
    text = ("#cloud-config\nhostname: ", before, "\nbootcmd:\n- [", behind, "]\n")
    parts = add(Document(text), [LATER]).parts
    assert [part.label for part in parts if isinstance(part, AtApply)] == ["before", "serial of volume log", "behind"]


@pytest.mark.parametrize("text", ["#cloud-config\nbootcmd: [a]\n", "#cloud-config\nbootcmd: [\n"])
def test_commands_that_cannot_be_added_to_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text)
    with pytest.raises(ValueError, match=r"/t: (line 2 of the result: bootcmd is no list|it is not YAML)"):
        UserData.template("t").render(folder=tmp_path, instance=None, mounts=[SRV])


def test_a_script_gets_a_boothook_beside_it(tmp_path: Path) -> None:
    (tmp_path / "once.sh").write_text("#!/bin/sh\necho once\n")
    script = UserData.template("once.sh")
    for user_data_ in (script, UserData.multipart([script])):
        readable = user_data_.render(folder=tmp_path, instance=None, mounts=[SRV]).readable
        first, second = readable.index("#cloud-boothook\n#!/bin/sh\n"), readable.index("#!/bin/sh\necho once\n")
        assert first < second
        assert readable.count("Content-Type: text/") == 2


def test_a_server_without_user_data_of_its_own_mounts_its_volumes(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), volumes=[Volume.lookup(shop, "data").mount("/srv")])
    text = user_data(shop, "www")
    assert text.startswith("#cloud-config\nbootcmd:\n")
    assert f"one ${{substr(data.{VOLUME}.data.id, 0, 20)}} /srv '' ''" in text
    assert resources(synth(shop), INSTANCE)["www"]["config_drive"] is True


def test_a_volume_that_is_only_attached_is_left_to_the_guest(shop: OpenStackStack) -> None:
    data = template(shop, "#cloud-config\nhostname: www\n")
    server(shop, "www", backend(shop), volumes=[Volume.lookup(shop, id=VOLUME_ID).attach()], user_data=data)
    assert rendered(shop, "www") == b"#cloud-config\nhostname: www\n"


def test_the_output_tells_what_is_mounted_and_what_is_not_known_yet(shop: OpenStackStack) -> None:
    internet = Network.lookup(shop, "Ext-Net", public=True)
    volumes = [Volume.lookup(shop, "data").mount("/srv", format_if_blank="ext4", lvm="a/b")]
    data = template(shop, "#cloud-config\nhostname: {{ instance.addresses['Ext-Net'] }}\n")
    server(shop, "www", internet, volumes=volumes, user_data=data)
    server(shop, "plain", internet)
    shop._finish()
    assert shop.to_terraform()["//"]["ivc"] == {
        "data.openstack_networking_network_v2.Ext-Net": {"public": True, "port_security": True},
        "www": {
            "user_data": hash_of(shop._record.user_data["www"]),
            "unknown": ["address of www on Ext-Net", "serial of volume data"],
            "mounts": [
                {
                    "volume": "data",
                    "serial": "<serial of volume data>",
                    "mount_point": "/srv",
                    "format_if_blank": "ext4",
                    "lvm": "a/b",
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"path": "srv"}, "mount: 'srv' is no place for it; write an absolute path such as '/srv'"),
        ({"path": "/a b"}, "mount: '/a b' is no place for it; write an absolute path such as '/srv'"),
        ({"path": "/"}, "mount: '/' is no place for it; write an absolute path such as '/srv'"),
        (
            {"path": "/a", "format_if_blank": "ntfs"},
            "mount: format_if_blank: 'ntfs' is not known; it is 'ext4' or 'xfs'",
        ),
        ({"path": "/a", "lvm": "group"}, "mount: lvm: 'group' is no logical volume; write group/name"),
        (
            {"path": "/a", "lvm": "a/'; rm"},
            'mount: lvm: "a/\'; rm" is no logical volume; write group/name',
        ),
    ],
)
def test_a_wrong_mount_is_one_sentence(shop: OpenStackStack, said: dict[str, str], message: str) -> None:
    volume = Volume.lookup(shop, "data")
    with pytest.raises(ValueError, match="mount") as raised:
        volume.mount(said.pop("path"), **said)  # type: ignore[arg-type]
    assert str(raised.value) == f"Volume.lookup('data'): {message}"
