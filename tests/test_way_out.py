"""Packages are found where a server cannot fetch them: no network leads out, or no rule of its groups lets them in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivc import AnyTraffic, Cidr, Network, OpenStackStack, Protocol, SecurityGroup, Tcp, Udp
from ivc.estate.folder import read
from ivc.rendered_user_data import instances
from tests.helpers import backend, server, template

INSTALLS = "#cloud-config\npackages: [nginx]\n"
ADVICE = "; let the image bring it, or name a mirror that it reaches under `apt:` or `yum_repos:`"


def why(stack: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> str:
    """Why no package comes, as synthesis says it; empty where nothing keeps them away."""
    stack.app.synth()
    said = capsys.readouterr().err
    before = "warning: shop/www: user_data: line 2 of the result: packages (nginx) needs the Internet, and "
    assert said == "" or said.startswith(before)
    return said.removeprefix(before).removesuffix(f"{ADVICE}\n")


CLOSED = "the closed egress of security group web lets no {} out, which allow_booting() does"
NO_HTTP, NO_DNS = CLOSED.format("HTTP"), CLOSED.format("DNS")
NOTHING = CLOSED.format("HTTP and no DNS")
Rules = Callable[[SecurityGroup], None]

EGRESS: dict[str, tuple[Rules, str]] = {
    "nothing": (lambda _: None, NOTHING),
    "the booting profile": (lambda web: web.allow_booting(), ""),
    "the booting profile with an inner resolver": (lambda web: web.allow_booting(dns=Cidr("10.0.0.2/32")), ""),
    "the booting profile with an inner mirror": (lambda web: web.allow_booting(http=Cidr("10.0.0.8/32")), NO_HTTP),
    "everything": (lambda web: web.allow_to_anywhere(AnyTraffic()), ""),
    "all of TCP": (lambda web: web.allow_to_anywhere(Tcp.all()), ""),
    "HTTPS to the world": (lambda web: web.allow_to_anywhere(Tcp(443)), NO_DNS),
    "HTTPS to a mirror of the world": (lambda web: web.allow_to(Cidr("151.101.0.0/16"), Tcp(53, 443)), ""),
    "names alone": (lambda web: web.allow_to_anywhere(Udp(53)), NO_HTTP),
    "HTTP to a group": (lambda web: web.allow_to(web, Tcp(80), Udp(53)), NO_HTTP),
    "another protocol": (lambda web: web.allow_to_anywhere(Protocol("esp"), Udp(80, 443, 53)), NO_HTTP),
}


@pytest.mark.parametrize("last", ["the rules", "the server"])
@pytest.mark.parametrize("egress", EGRESS)
def test_what_closed_egress_lets_out(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str], egress: str, last: str
) -> None:
    rules, expected = EGRESS[egress]
    web = SecurityGroup(shop, "web", egress="closed")
    if last == "the server":
        rules(web)
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic(web)], user_data=template(shop, INSTALLS))
    if last == "the rules":
        rules(web)
    assert why(shop, capsys) == expected


def test_no_network_is_the_first_reason(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    web = SecurityGroup(shop, "web", egress="closed")
    server(shop, "www", nics=[backend(shop).nic(web)], user_data=template(shop, INSTALLS))
    assert why(shop, capsys) == "this instance has no network that leads there"


def test_a_port_without_a_group_lets_nothing_out(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic()], user_data=template(shop, INSTALLS))
    assert why(shop, capsys) == "its port in network Ext-Net has no security group, so that nothing passes"


def test_one_way_out_is_enough(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    web, out = SecurityGroup(shop, "web", egress="closed"), SecurityGroup(shop, "out")
    nics = [Network.lookup(shop, name).nic(group) for name, group in (("Ext-Net", web), ("Other-Net", out))]
    server(shop, "www", nics=nics, user_data=template(shop, INSTALLS))
    assert why(shop, capsys) == ""


def test_groups_of_one_port_let_out_together(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    web, names = (SecurityGroup(shop, name, egress="closed") for name in ("web", "names"))
    web.allow_to_anywhere(Tcp(80))
    names.allow_to_anywhere(Udp(53))
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic(web, names)], user_data=template(shop, INSTALLS))
    assert why(shop, capsys) == ""


def test_two_closed_groups_are_both_named(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    web, names = (SecurityGroup(shop, name, egress="closed") for name in ("web", "names"))
    names.allow_to_anywhere(Udp(53))
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic(web, names)], user_data=template(shop, INSTALLS))
    assert why(shop, capsys) == NO_HTTP.replace("group web", "groups web, names")


def test_what_a_looked_up_group_lets_out_nobody_knows(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    web, office = SecurityGroup(shop, "web", egress="closed"), SecurityGroup.lookup(shop, "office")
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic(web, office)], user_data=template(shop, INSTALLS))
    assert why(shop, capsys) == ""


def test_without_port_security_all_goes_out(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    nics = [Network.lookup(shop, "Ext-Net").nic(port_security=False)]
    server(shop, "www", nics=nics, user_data=template(shop, INSTALLS)).waive("IVC140", reason="It routes.")
    assert why(shop, capsys) == ""


def test_a_mirror_of_ones_own_is_no_question(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    web = SecurityGroup(shop, "web", egress="closed")
    text = f"{INSTALLS}apt: {{http_proxy: 'http://10.0.0.8:3128'}}\n"
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic(web)], user_data=template(shop, text))
    assert why(shop, capsys) == ""


@pytest.mark.parametrize("waived", [False, True])
def test_who_reads_the_output_finds_the_same(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str], waived: bool
) -> None:
    web = SecurityGroup(shop, "web", egress="closed")
    data = template(shop, INSTALLS)
    if waived:
        data = data.waive("no-way-out", reason="The proxy stands in the image.")
    server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic(web)], user_data=data)
    assert why(shop, capsys) == ("" if waived else NOTHING)
    (declared,) = instances(read(Path(shop.app.outdir)))
    found = [placed.finding.text for placed in declared.judged().found]
    assert found == [f"line 2 of the result: packages (nginx) needs the Internet, and {NOTHING}{ADVICE}"]
