"""A server's addresses, asked for by the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ivc import Network, OpenStackStack, Subnet
from ivc.errors import DeclarationError
from ivc.userdata import AtApply
from tests.helpers import backend, new_stack, rendered, server, template


@pytest.fixture
def shop(tmp_path: Path) -> OpenStackStack:
    return new_stack(tmp_path)


def test_by_the_network_itself_or_by_its_name(shop: OpenStackStack) -> None:
    network, internet = backend(shop), Network.lookup(shop, "Ext-Net")
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    www = server(shop, "www", nics=[internet.nic(), network.nic(ip=["10.0.0.9", "fd00::9"])])
    assert www.address_on(network) == www.address_on("backend") == www.addresses["backend"] == "10.0.0.9"
    assert (www.ipv4_on(network), www.ipv6_on("backend")) == ("10.0.0.9", "fd00::9")
    # Looked up twice, it is the same network.
    assert www.address_on(Network.lookup(shop, "Ext-Net")) == www.addresses["Ext-Net"]


def test_what_the_cloud_chooses_is_known_at_apply(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = server(shop, "www", network)
    four, six = www.ipv4_on(network), www.ipv6_on(network)
    assert isinstance(four, AtApply)
    assert isinstance(six, AtApply)
    assert (four.placeholder, four.longest) == ("<IPv4 address of www on backend>", 15)
    assert (six.placeholder, six.longest) == ("<IPv6 address of www on backend>", 39)
    ips = "sort(openstack_networking_port_v2.www_backend.all_fixed_ips)"
    assert four.expression == f'[for ip in {ips} : ip if !strcontains(ip, ":")][0]'
    assert six.expression == f'[for ip in {ips} : ip if strcontains(ip, ":")][0]'


def test_a_network_that_it_is_not_on_is_a_sentence(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = server(shop, "www", nics=[network.nic(), Network.lookup(shop, "Ext-Net").nic()])
    other = backend(shop, "other", cidr="10.9.0.0/24")
    cases: Mapping[str, Callable[[], object]] = {
        "'Ext-net', but on backend, Ext-Net; did you mean 'Ext-Net'?": lambda: www.addresses["Ext-net"],
        "'x', but on backend, Ext-Net; take one of these": lambda: www.address_on("x"),
        "'other', but on backend, Ext-Net; take one of these": lambda: www.ipv4_on(other),
    }
    for rest, ask in cases.items():
        with pytest.raises(DeclarationError, match=re.escape(f"Instance www: it is not on a network {rest}") + "$"):
            ask()
    assert "Ext-net" not in www.addresses
    assert www.addresses.get("Ext-net") is None


def test_an_address_of_the_other_kind_is_a_sentence(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = server(shop, "www", nics=[network.nic(ip="10.0.0.9")])
    sentence = "Instance www: it has no IPv6 address on backend, but 10.0.0.9; declare one with .nic(ip=[...])"
    with pytest.raises(DeclarationError, match=f"^{re.escape(sentence)}$"):
        www.ipv6_on(network)


def test_one_of_another_stack_is_refused(tmp_path: Path, shop: OpenStackStack) -> None:
    www = server(shop, "www", backend(shop))
    theirs = backend(OpenStackStack(shop.app, "theirs"))
    with pytest.raises(DeclarationError, match=r"^Instance www: address_on: network: .* is of stack theirs"):
        www.address_on(theirs)


def test_templates_ask_their_own_server_and_others(shop: OpenStackStack) -> None:
    network, internet = backend(shop), Network.lookup(shop, "Ext-Net")
    db = server(shop, "db", nics=[network.nic(ip="10.0.0.21")])
    text = (
        "#cloud-config\nhostname: a\n"
        "# {{ instance.address_on('backend') }} {{ instance.ipv6_on('Ext-Net') }} {{ db.address_on('backend') }}\n"
        "# {{ 'yes' if instance.addresses['other'] is defined else 'no' }} {{ instance.addresses.get('other', '-') }}\n"
    )
    www = server(shop, "www", nics=[network.nic(ip="10.0.0.9"), internet.nic()], user_data=template(shop, text, db=db))
    assert www.address_on(network) == "10.0.0.9"
    assert rendered(shop, "www").decode().splitlines()[2:] == [
        "# 10.0.0.9 <IPv6 address of www on Ext-Net> 10.0.0.21",
        "# no -",
    ]


@pytest.mark.parametrize(
    "asked", ["instance.addresses['bakend']", "instance.addresses.bakend", "instance.address_on('bakend')"]
)
def test_a_wrong_network_in_a_template_is_that_sentence_too(shop: OpenStackStack, asked: str) -> None:
    data = template(shop, "#cloud-config\nhostname: {{ " + asked + " }}\n")
    sentence = "t.jinja, line 2: Instance www: it is not on a network 'bakend', but on backend; did you mean 'backend'?"
    with pytest.raises(DeclarationError, match=f"{re.escape(sentence)}$"):
        server(shop, "www", backend(shop), user_data=data)
