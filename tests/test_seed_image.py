"""`ivc seed`: the same bytes each time, and a network configuration that a guest without a cloud understands."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pycdlib
import pytest
import yaml
from typer.testing import CliRunner

from ivc import Network, OpenStackStack, seed_image
from ivc.__main__ import app
from tests.helpers import server, template

MAC = "52:54:00:12:34:56"
PLAIN = "#cloud-config\nhostname: www\n"


def held(image: Path, path: str) -> bytes | None:
    """A file of an image."""
    opened = pycdlib.PyCdlib()
    opened.open(str(image))
    content = BytesIO()
    try:
        opened.get_file_from_iso_fp(content, rr_path=path)
    except pycdlib.pycdlibexception.PyCdlibInvalidInput:
        return None
    finally:
        opened.close()
    return content.getvalue()


def seed(*arguments: str) -> tuple[int, str]:
    """Exit status, and what is said on stderr."""
    done = CliRunner().invoke(app, ("seed", *arguments, "-o", "x.iso"))
    error = done.exception if isinstance(done.exception, ValueError) else None
    return done.exit_code, done.stderr + (str(error) if error else "")


def of_image(path: str = "/network-config") -> Any:
    content = held(Path("x.iso"), path)
    return None if content is None else yaml.safe_load(content)


@pytest.fixture
def folder(shop: OpenStackStack, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A synthesized project with servers in one and in several networks."""
    routed = Network(shop, "routed", cidr="10.1.0.0/24", gateway="10.1.0.1", dns_nameservers=["10.1.0.2", "10.1.0.3"])
    second = Network(shop, "second", cidr="10.2.0.0/16", gateway="10.2.0.1")
    plain, outside = Network(shop, "plain", cidr="10.3.0.0/24"), Network.lookup(shop, "Ext-Net")
    data = template(shop, PLAIN)
    server(shop, "one", nics=[plain.nic(ip="10.3.0.11")], user_data=data)
    server(shop, "way", nics=[routed.nic(ip="10.1.0.11")], user_data=data)
    server(shop, "two", nics=[routed.nic(ip="10.1.0.12"), second.nic(ip="10.2.3.4"), plain.nic()], user_data=data)
    server(shop, "out", nics=[outside.nic()], user_data=data)
    server(shop, "far", nics=[outside.nic(ip="192.0.2.7")], user_data=data)
    shop.app.synth()
    folder = Path(shop.app.outdir).parent
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CDKTF_OUTDIR", str(shop.app.outdir))
    return folder


@pytest.mark.parametrize("kind", ["nocloud", "config-2"])
def test_an_image_is_the_same_at_any_time_in_any_time_zone(
    tmp_path: Path, kind: seed_image.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = []
    for number, (zone, now) in enumerate([("UTC", 1e9), ("Asia/Tokyo", 2e9), ("America/St_Johns", 2e9)]):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setattr("time.time", lambda now=now: now)
        path = tmp_path / f"{number}.iso"
        seed_image.write(path, kind, name="www", user_data=PLAIN.encode(), network=b"version: 2")
        images.append(path.read_bytes())
    assert images[0] == images[1] == images[2]


def test_the_date_is_pycdlibs_alone_and_only_while_it_writes(tmp_path: Path) -> None:
    import time

    from pycdlib import dates

    before = time.time()
    seed_image.write(tmp_path / "a.iso", "nocloud", name="www", user_data=b"")
    assert time.time() >= before
    assert dates.time is time  # type: ignore[attr-defined]


def test_other_network_another_first_boot(tmp_path: Path) -> None:
    ids = [
        json.loads(seed_image.files("nocloud", name="www", user_data=b"a", network=network)["meta-data"])["instance-id"]
        for network in (None, b"a", b"b")
    ]
    assert len({*ids}) == 3


def test_declared_addresses_go_to_the_card_that_is_named(folder: Path) -> None:
    assert seed("one", "--nic", f"plain={MAC.upper()}")[0] == 0
    assert of_image() == {
        "version": 2,
        "ethernets": {"nic0": {"match": {"macaddress": MAC}, "addresses": ["10.3.0.11/24"]}},
    }
    assert seed("way", "--nic", "routed=ens3")[0] == 0
    assert of_image()["ethernets"] == {
        "ens3": {
            "addresses": ["10.1.0.11/24"],
            "routes": [{"to": "0.0.0.0/0", "via": "10.1.0.1"}],
            "nameservers": {"addresses": ["10.1.0.2", "10.1.0.3"]},
        }
    }


def test_of_several_ways_out_the_first_is_taken_and_an_address_of_the_clouds_is_asked_for(folder: Path) -> None:
    assert seed("two", "--nic", "routed=ens3", "--nic", "second=ens4", "--nic", "plain=ens5")[0] == 0
    ethernets = of_image()["ethernets"]
    assert [ethernets["ens3"]["routes"], ethernets["ens4"], ethernets["ens5"]] == [
        [{"to": "0.0.0.0/0", "via": "10.1.0.1"}],
        {"addresses": ["10.2.3.4/16"]},
        {"dhcp4": True},
    ]


def test_without_cards_the_guest_asks_and_that_is_said(folder: Path) -> None:
    status, said = seed("one")
    assert (status, said.splitlines()[1:]) == (0, ["ivc: its addresses (10.3.0.11) are not in the image: see --nic."])
    assert of_image() is None
    assert len(seed("out")[1].splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("two", "--nic", "routed=ens3"), "--nic: give the card in second too, as --nic second=MAC"),
        (("one", "--nic", "other=ens3"), "--nic: one is not in 'other'; it is in plain"),
        (("one", "--nic", "plain=5"), "--nic: '5' is neither a MAC address, such as 52:54:00:12:34:56, nor the "),
        (("one", "--nic", "plain"), "--nic: 'plain' has no sign =; write NAME=VALUE"),
        (("far", "--nic", "Ext-Net=ens3"), "--nic: no subnet of Ext-Net is known that has 192.0.2.7: give "),
        (("one", "--nic", "plain=ens3", "--kind", "config-2"), "--nic is for an instance, --kind nocloud and no --net"),
        (("userdata/t.jinja", "--nic", "plain=ens3"), "--nic is for an instance, --kind nocloud and no --net"),
        (("one", "--network-config", "none"), "--network-config: none cannot be read: No such file or directory"),
        (("one", "--network-config", "bad"), "--network-config: bad is no YAML: "),
        (("one", "--network-config", "odd"), "--network-config: odd has no version, and cloud-init would not take"),
        (("one", "--network-config", "net", "--kind", "config-2"), "--network-config: net has no links, and"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_writes_nothing(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (folder / "bad").write_text("a: [")
    (folder / "odd").write_text("ethernets: {}")
    (folder / "net").write_text("version: 2")
    status, said = seed(*arguments)
    assert (status, said.startswith(sentence), said.count("\n")) == (1, True, 0)
    assert not Path("x.iso").exists()


@pytest.mark.parametrize(
    "text", ["version: 2\nethernets: {}\n", "network: {version: 1, config: []}", "{config: disabled}"]
)
def test_a_configuration_that_is_given_goes_in_as_it_is(folder: Path, text: str) -> None:
    (folder / "net").write_text(text)
    assert seed("one", "--network-config", "net")[0] == 0
    assert held(Path("x.iso"), "/network-config") == text.encode()


def test_a_config_drive_takes_openstacks(folder: Path) -> None:
    (folder / "net").write_text('{"links": [], "networks": []}')
    assert seed("userdata/t.jinja", "--kind", "config-2", "--network-config", "net")[0] == 0
    assert of_image("/openstack/latest/network_data.json") == {"links": [], "networks": []}
