"""What a check finds does not synthesize, unless the declaration says why it is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivc import Network, OpenStackStack, SecurityGroup, UserData, Volume
from ivc.estate.user_data import HASH
from tests.helpers import backend, server, template

SECRET = "#cloud-config\nwrite_files:\n  - path: /etc/openrc\n    content: export OS_PASSWORD=hunter2hunter2\n"


def notes(stack: OpenStackStack) -> object:
    written = Path(stack.app.outdir) / "stacks" / stack.name / "cdk.tf.json"
    said = json.loads(written.read_text())["//"].get("ivc", {}).get("www")
    return {key: value for key, value in said.items() if key != HASH}


def test_a_cloud_password_does_not_synthesize(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match=r"^Instance www: user_data: .*/t\.jinja: line 4 of the result: ") as raised:
        server(shop, "www", backend(shop), user_data=template(shop, SECRET))
    assert "OS_PASSWORD" in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert not list(Path(shop.app.outdir).rglob("cdk.tf.json"))


@pytest.mark.parametrize("id_", ["secret", "secret:OS_PASSWORD"])
def test_with_a_waiver_it_does_and_the_output_says_why(shop: OpenStackStack, id_: str) -> None:
    data = template(shop, SECRET).waive(id_, reason="of the training cloud, which is open to all")
    server(shop, "www", backend(shop), user_data=data)
    shop.app.synth()
    reason = "of the training cloud, which is open to all"
    assert notes(shop) == {"accepted": [{"id": id_, "reason": reason, "severity": "error"}]}


def test_a_part_of_several_is_waived_by_its_own_waiver(shop: OpenStackStack) -> None:
    data = template(shop, SECRET).waive("secret", reason="of the training cloud")
    several = UserData.multipart([data, template(shop, "#!/bin/sh\nls\n", "once.sh")])
    server(shop, "www", backend(shop), user_data=several)
    shop.app.synth()
    assert notes(shop) == {"accepted": [{"id": "secret", "reason": "of the training cloud", "severity": "error"}]}


def test_a_waiver_that_nothing_needs_is_an_error(shop: OpenStackStack) -> None:
    data = template(shop, "#cloud-config\n").waive("secret", reason="once there was one")
    with pytest.raises(ValueError, match=r"the waiver of 'secret' waives nothing: take it away \(once there was one\)"):
        server(shop, "www", backend(shop), user_data=data)


def test_a_waiver_has_a_reason(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match="the waiver of 'secret' has no reason"):
        template(shop, SECRET).waive("secret", reason=" ")


def test_a_warning_is_written_and_said(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    server(shop, "www", backend(shop), user_data=template(shop, "#cloud-config\npackages: [nginx]\n"))
    shop.app.synth()
    said = capsys.readouterr().err
    assert said.startswith("warning: shop/www: user_data: line 2 of the result: ")
    assert notes(shop) == {"warnings": [said.removeprefix("warning: shop/www: user_data: ").rstrip("\n")]}


def test_packages_are_no_question_where_there_is_a_way_out(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    data = template(shop, "#cloud-config\npackages: [nginx]\n")
    web = SecurityGroup(shop, "web")
    routed = Network(shop, "routed", cidr="10.1.0.0/24", gateway="10.1.0.1")
    server(shop, "a", nics=[routed.nic(web)], user_data=data)
    server(shop, "b", nics=[backend(shop).nic(), Network.lookup(shop, "Ext-Net").nic(web)], user_data=data)
    shop.app.synth()
    assert capsys.readouterr().err == ""


def test_a_volume_with_data_is_not_formatted_by_user_data(shop: OpenStackStack) -> None:
    text = "#cloud-config\nfs_setup:\n  - {device: /dev/vdb, filesystem: ext4}\n"
    volumes = [Volume.lookup(shop, "data").attach()]
    with pytest.raises(ValueError, match="fs_setup"):
        server(shop, "www", backend(shop), volumes=volumes, user_data=template(shop, text))
