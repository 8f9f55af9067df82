"""What a file says of an instance without a declaration is checked as a declaration is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ivc.rendered_user_data import of_template

ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def described(folder: Path, instance: str, text: str = "#cloud-config\n") -> Any:
    (folder / "t").write_text(text)
    return of_template(folder / "t", folder=None, name="www", variables=yaml.safe_load(f"instance: {instance}"))


def test_a_volume_is_mounted_and_templates_see_it_as_a_declared_one(tmp_path: Path) -> None:
    volume = f"{{volumes: [{{id: {ID}, mount_point: /srv, format_if_blank: ext4}}]}}"
    judged = described(tmp_path, volume, "#cloud-config\n# {{ instance.volumes[0].serial }}\n")
    assert "# 3f2504e0-4f89-41d3-9\n" in judged.document.readable
    assert "one 3f2504e0-4f89-41d3-9 /srv ext4 '' '' '' '' '' ''\n" in judged.document.readable
    assert judged.found == ()


def test_a_volume_may_be_the_templates_own_business(tmp_path: Path) -> None:
    assert described(tmp_path, f"{{volumes: [{{id: {ID}, name: data}}]}}").document.readable == "#cloud-config\n"


def test_a_volume_with_data_is_not_formatted(tmp_path: Path) -> None:
    text = "#cloud-config\nfs_setup:\n  - {device: /dev/vdb, filesystem: ext4}\n"
    found = [described(tmp_path, instance, text).found for instance in ("{}", f"{{volumes: [{{id: {ID}}}]}}")]
    assert [[(one.finding.id, one.line) for one in each] for each in found] == [[], [("formats-volume", 3)]]


@pytest.mark.parametrize("instance", ["", "{}", "{networks: []}", "{addresses: {backend: 10.0.0.1}}"])
def test_little_may_be_said(tmp_path: Path, instance: str) -> None:
    assert described(tmp_path, instance).found == ()


WHERE = "variable instance: "
NO_ID = "is none; write the volume's id, or the serial number of the disk, of letters, digits and -, in quotes where "


@pytest.mark.parametrize(
    ("instance", "sentence"),
    [
        ("5", "5 is no mapping; write its name, addresses, networks or volumes"),
        ("[a]", "['a'] is no mapping; "),
        ("{addresses: [10.0.0.1]}", "addresses: ['10.0.0.1'] is no mapping; write `NETWORK: ADDRESS` for each"),
        ("{networks: backend}", "networks: 'backend' is no list of mappings; write an item for each, such"),
        ("{volumes: 5}", f"volumes: 5 is no list of mappings; write an item for each, such as `- {{id: {ID}}}`"),
        ("{volumes: [data]}", "volumes: ['data'] is no list of mappings; "),
        ("{volumes: {id: a}}", "volumes: {'id': 'a'} is no list of mappings; "),
        ("{volumes: [{}]}", f"a volume: its id None {NO_ID}"),
        ("{volumes: [{id: 12}]}", f"a volume: its id 12 {NO_ID}"),
        ('{volumes: [{id: "x; rm -rf /", mount_point: /srv}]}', f"a volume: its id 'x; rm -rf /' {NO_ID}"),
        ('{volumes: [{id: "$(reboot)"}]}', f"a volume: its id '$(reboot)' {NO_ID}"),
        ('{volumes: [{id: "-x"}]}', f"a volume: its id '-x' {NO_ID}"),
        ("{volumes: [{id: a, mount_pont: srv}]}", "a volume: a: there is no mount_pont; write mount_point"),
        ("{volumes: [{id: a, serial: '; ls'}]}", "a volume: a: there is no serial; use id, name, mount_point, "),
        ("{volumes: [{id: a, mount_point: srv}]}", "volume a: 'srv' is no place for it; write an "),
        ("{volumes: [{id: a, mount_point: /srv/../etc}]}", "volume a: '/srv/../etc' is no place for it"),
        ("{volumes: [{id: a, mount_point: 5}]}", "volume a: mount_point: 5 is a number; give a text"),
        ("{volumes: [{id: a, mount_point: /srv, lvm: 'a b'}]}", "volume a: lvm: 'a b' is no logical"),
        ("{volumes: [{id: a, mount_point: /srv, format_if_blank: vfat}]}",
         "volume a: format_if_blank: 'vfat' is not known; it is 'ext4' or 'xfs'"),
        ("{volumes: [{id: a, mount_point: /srv, options: ro}]}", "volume a: options: 'ro' stands alone; give a list"),
        ("{volumes: [{id: a, mount_point: /srv, partition: x}]}", "volume a: partition: 'x' is a text; give a whole"),
        ("{volumes: [{id: a, mount_point: /srv, owner: 'a b'}]}", "volume a: owner: 'a b' is not a user"),
        ("{volumes: [{id: a, format_if_blank: ext4}]}", "volume a: it has format_if_blank and no mount_point"),
        ("{volumes: [{id: a, mount_point: /srv}, {id: b, mount_point: /srv}]}",
         "volume b: a is mounted at '/srv' already; give it another mount_point"),
    ],
)  # fmt: skip
def test_what_a_declaration_could_not_say_is_one_sentence(tmp_path: Path, instance: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as raised:
        described(tmp_path, instance)
    assert str(raised.value).startswith(WHERE + sentence)
    assert "\n" not in str(raised.value)
