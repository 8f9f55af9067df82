"""A guest without a cloud: `ivc seed` writes an image with the user data and the declared addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from practice.errors import PracticeError
from practice.guest import Guest, Nic

from ivc import Cidr, Network, OpenStackStack, SecurityGroup, Subnet, Tcp, UserData
from tests.helpers import new_stack, server
from tests.running import cannot_be_had
from tests.test_summary import ivc

pytestmark = pytest.mark.guest

MAC = "52:54:00:12:34:56"
TEXT = """#cloud-config
runcmd:
  - ip -br -4 address show scope global >/var/addresses
  - ip route >/var/routes
"""


@pytest.fixture
def declared(tmp_path: Path) -> OpenStackStack:
    """A server with a declared address in a network with a gateway."""
    stack = new_stack(tmp_path)
    network = Network(stack, "office")
    Subnet(stack, "office", network=network, cidr="192.0.2.0/24", gateway="192.0.2.1")
    group = SecurityGroup(stack, "web")
    group.allow_from(Cidr("192.0.2.0/24"), Tcp("http"))
    server(stack, "mail", nics=[network.nic(group, ip="192.0.2.77")], user_data=UserData.text(TEXT))
    stack.app.synth()
    return stack


def test_a_guest_without_a_cloud_has_the_declared_address(declared: OpenStackStack, tmp_path: Path) -> None:
    image = tmp_path / "seed.iso"
    done = ivc("seed", "mail", "--from", declared.app.outdir, "--nic", f"office={MAC}", "-o", image)
    assert done.returncode == 0, done.stderr
    text = (Path(declared.app.outdir) / "stacks" / "shop" / "userdata" / "mail").read_bytes()
    try:
        with Guest(text, name="seed", nics=[Nic("192.0.2.77/24", mac=MAC)], seed=image) as guest:
            report = guest.boot(files=["/var/addresses", "/var/routes"])
    except PracticeError as error:
        cannot_be_had("a guest", error)
    assert (report.problems, "NoCloud" in report.datasource, report.hostname) == ((), True, "mail")
    contents = [file.content.decode() for path in ("/var/addresses", "/var/routes") if (file := report.file(path))]
    assert ["192.0.2.77/24" in contents[0], "default via 192.0.2.1" in contents[1]] == [True, True]
