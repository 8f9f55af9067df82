"""The config drive is what Nova writes."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pycdlib
import pytest
from practice.guest import Nic, config_drive


@pytest.fixture
def drive(tmp_path: Path) -> Any:
    path = tmp_path / "config.iso"
    nics = [Nic("10.0.0.11/24", mac="fa:16:3e:00:00:0b"), Nic("2001:db8::2/64", gateway="2001:db8::1")]
    config_drive.write(path, user_data=b"#cloud-config\n\xc3\xa9", name="www-1", instance_id="an-id", nics=nics)
    iso = pycdlib.PyCdlib()
    iso.open(str(path))
    yield iso
    iso.close()


def content(drive: Any, name: str, tree: str) -> bytes:
    found = BytesIO()
    drive.get_file_from_iso_fp(found, **{tree: f"/openstack/latest/{name}"})
    return found.getvalue()


def test_its_label_is_the_one_that_cloud_init_looks_for(drive: Any) -> None:
    assert drive.pvd.volume_identifier.rstrip() == b"config-2"


@pytest.mark.parametrize("tree", ["rr_path", "joliet_path"])
def test_the_user_data_is_on_it_byte_for_byte(drive: Any, tree: str) -> None:
    assert content(drive, "user_data", tree) == b"#cloud-config\n\xc3\xa9"


def test_the_guest_learns_its_name_and_its_addresses(drive: Any) -> None:
    meta = json.loads(content(drive, "meta_data.json", "rr_path"))
    assert (meta["uuid"], meta["name"]) == ("an-id", "www-1")
    first, second = json.loads(content(drive, "network_data.json", "rr_path"))["networks"]
    assert (first["ip_address"], first["netmask"], first["routes"]) == ("10.0.0.11", "255.255.255.0", [])
    assert (second["type"], second["routes"][0]["gateway"]) == ("ipv6", "2001:db8::1")
