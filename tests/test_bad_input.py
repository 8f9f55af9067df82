"""Each wrong declaration is one sentence: who, which field, what was said, and what to say instead."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cdktf import App as CdktfApp
from constructs import Construct

from ivc import (
    AnyTraffic,
    Cidr,
    Icmp,
    ImageId,
    Network,
    OpenStackStack,
    PortRange,
    Protocol,
    SecurityGroup,
    Subnet,
    Tcp,
    TerraformCloud,
    Udp,
    UserData,
    Volume,
)
from ivc.declare.traffic import WELL_KNOWN_PORTS
from ivc.errors import DeclarationError
from tests.helpers import (
    PROJECT,
    VOLUME_ID,
    backend,
    copy_of_project,
    new_stack,
    run_cdktf_synth,
    run_main,
    server,
    synth,
    template,
    tree,
)


@dataclass
class Given:
    """What each wrong declaration has at hand."""

    shop: OpenStackStack
    net: Network
    web: SecurityGroup


Wrong = Callable[[Given], Any]


def _said(given: Given, text: str, /, **variables: object) -> UserData:
    return template(given.shop, text, **variables)


CASES: dict[str, tuple[Wrong, str]] = {
    # Names
    "two instances of one name": (
        lambda g: [server(g.shop, "www", g.net), server(g.shop, "www", g.net)],
        "Instance www: 'www' is already declared as Instance in stack shop; give one of the two another name",
    ),
    "two networks of one name": (
        lambda g: backend(g.shop),
        "Network backend: 'backend' is already declared as Network in stack shop; give one of the two another name",
    ),
    "two groups of one name": (
        lambda g: SecurityGroup(g.shop, "web"),
        "SecurityGroup web: 'web' is already declared as SecurityGroup in stack shop; give one of the two another name",
    ),
    "two subnets of one name": (
        lambda g: Subnet(g.shop, "backend", network=g.net, cidr="10.1.0.0/24"),
        "Subnet backend: 'backend' is already declared as Subnet in stack shop; give one of the two another name",
    ),
    "two stacks of one name": (
        lambda g: OpenStackStack(g.shop.app, "shop"),
        "OpenStackStack shop: the app already has a stack of that name; give one another",
    ),
    "a name with a dot": (
        lambda g: server(g.shop, "www.a", g.net),
        "Instance: Terraform cannot carry the name 'www.a': use letters, digits and '-', beginning with a letter, "
        "at most 100, such as 'www-a'; what the cloud shows may be anything (name='www.a')",
    ),
    "a name with an underscore, which joins scopes": (
        lambda g: server(g.shop, "www_a", g.net),
        "Instance: Terraform cannot carry the name 'www_a': use letters, digits and '-', beginning with a letter, "
        "at most 100, such as 'www-a'; what the cloud shows may be anything (name='www_a')",
    ),
    "a name that begins with a digit": (
        lambda g: Network(g.shop, "1and1"),
        "Network: Terraform cannot carry the name '1and1': use letters, digits and '-', beginning with a letter, "
        "at most 100, such as 'n1and1'; what the cloud shows may be anything (name='1and1')",
    ),
    "a name beyond ASCII": (
        lambda g: SecurityGroup(g.shop, "müller"),
        "SecurityGroup: Terraform cannot carry the name 'müller': use letters, digits and '-', beginning with a "
        "letter, at most 100, such as 'm-ller'; what the cloud shows may be anything (name='müller')",
    ),
    "an empty name": (
        lambda g: server(g.shop, "", g.net),
        "Instance: Terraform cannot carry the name '': use letters, digits and '-', beginning with a letter, "
        "at most 100, such as 'server'; what the cloud shows may be anything (name='')",
    ),
    "a name with a line end": (
        lambda g: server(g.shop, "www\n", g.net),
        "Instance: Terraform cannot carry the name 'www\\n': use letters, digits and '-', beginning with a letter, "
        "at most 100, such as 'www'; what the cloud shows may be anything (name='www\\n')",
    ),
    "a scope whose name Terraform cannot carry": (
        lambda g: server(Construct(g.shop, "paris 1"), "www", g.net),
        "Instance www: a scope it stands in: Terraform cannot carry the name 'paris 1': use letters, digits and '-', "
        "beginning with a letter, at most 100, such as 'paris-1'; what the cloud shows may be anything "
        "(name='paris 1')",
    ),
    "no stack": (
        lambda g: server(g.shop.app, "www", g.net),
        "Instance www: it stands in no OpenStackStack; give it one, or a scope in one, first",
    ),
    "another app": (
        lambda _: OpenStackStack(CdktfApp(), "other"),  # type: ignore[arg-type]
        "OpenStackStack other: app: it is an App of cdktf; give ivc.App() or one of Environment.read(app, Settings)",
    ),
    # Renames
    "renamed from its own name": (
        lambda g: server(g.shop, "www", g.net, renamed_from="www"),
        "Instance www: renamed_from: 'www' is its name; give the one it had before",
    ),
    "renamed from what is still declared": (
        lambda g: [server(g.shop, "old", g.net), server(g.shop, "www", g.net, renamed_from="old"), synth(g.shop)],
        "Instance www: renamed_from: openstack_networking_port_v2.old_backend is declared, by Instance old, so it "
        "cannot have become www_backend; take renamed_from away, or the declaration of the old name",
    ),
    "two renamed from the same": (
        lambda g: [server(g.shop, name, g.net, renamed_from="old") for name in ("one", "two")],
        "Instance two: renamed_from: Instance one says that it was openstack_networking_port_v2.old_backend, too; "
        "take renamed_from away from one of the two",
    ),
    "renamed from a name that never was": (
        lambda g: server(g.shop, "www", g.net, renamed_from="www.a"),
        "Instance www: renamed_from: Terraform cannot carry the name 'www.a': use letters, digits and '-', beginning "
        "with a letter, at most 100, such as 'www-a'; what the cloud shows may be anything (name='www.a')",
    ),
    # Addresses
    "an address outside its subnet": (
        lambda g: server(g.shop, "www", nics=[g.net.nic(), g.net.nic(ip="10.0.1.11")]),
        "Instance www: nics[1].ip: 10.0.1.11 is outside of the subnets of network backend (10.0.0.0/24); "
        "take an address in one, or add a Subnet",
    ),
    "an address in a network that has no subnet": (
        lambda g: server(g.shop, "www", nics=[Network(g.shop, "new").nic(ip="10.0.1.11")]),
        "Instance www: nics[0].ip: 10.0.1.11 is outside of the subnets of network new (it has none); "
        "take an address in one, or add a Subnet",
    ),
    "an address outside a looked-up subnet": (
        lambda g: _in_office(g, "192.0.2.1"),
        "Instance www: nics[0].ip: 192.0.2.1 is outside of the subnets of network office (198.51.100.0/24); "
        "take an address in one, or add a Subnet",
    ),
    "an address used twice": (
        lambda g: [server(g.shop, name, nics=[g.net.nic(ip="10.0.0.11")]) for name in ("www", "db")],
        "Instance db: nics[0].ip: the address 10.0.0.11 in network backend is already Instance www: nics[0].ip's; "
        "give one of the two another",
    ),
    "an address used twice by one server, spelled otherwise": (
        lambda g: server(g.shop, "www", nics=[_six(g).nic(ip="2001:db8::1:0"), _six(g).nic(ip="2001:DB8:0::1:0")]),
        "Instance www: nics[1].ip: the address 2001:db8::1:0 in network office is already "
        "Instance www: nics[0].ip's; give one of the two another",
    ),
    "no address": (
        lambda g: server(g.shop, "www", nics=[g.net.nic(ip="10.0.0.256")]),
        "Instance www: nics[0].ip: '10.0.0.256' is no IP address; write one such as 10.0.0.11",
    ),
    "the network's own address": (
        lambda g: server(g.shop, "www", nics=[g.net.nic(ip="10.0.0.0")]),
        "Instance www: nics[0].ip: 10.0.0.0 is the network's own address in 10.0.0.0/24 of subnet backend; "
        "take another, such as 10.0.0.1",
    ),
    "the broadcast address": (
        lambda g: server(g.shop, "www", nics=[g.net.nic(ip="10.0.0.255")]),
        "Instance www: nics[0].ip: 10.0.0.255 is its broadcast address in 10.0.0.0/24 of subnet backend; "
        "take another, such as 10.0.0.1",
    ),
    "the gateway's address": (
        lambda g: server(
            g.shop, "www", nics=[backend(g.shop, "b", cidr="10.1.0.0/24", gateway="10.1.0.1").nic(ip="10.1.0.1")]
        ),
        "Instance www: nics[0].ip: 10.1.0.1 is its gateway in 10.1.0.0/24 of subnet b; take another, such as 10.1.0.2",
    ),
    "no nic": (
        lambda g: server(g.shop, "www", nics=[]),
        "Instance www: nics: there are none; give it one in a network, such as network.nic(group)",
    ),
    # Ranges
    "a malformed range": (
        lambda g: Network(g.shop, "n", cidr="10.0.0/24"),
        "Network n: cidr: '10.0.0/24' is no CIDR; write a network and its mask, such as 10.0.0.0/24",
    ),
    "a range with host bits": (
        lambda g: Network(g.shop, "n", cidr="10.0.0.1/24"),
        "Network n: cidr: '10.0.0.1/24' has address bits behind its mask; did you mean 10.0.0.0/24?",
    ),
    "a range without a mask": (
        lambda _: Cidr("203.0.113.7"),
        "Cidr('203.0.113.7'): '203.0.113.7' has no mask; for that one address write 203.0.113.7/32",
    ),
    "a range in a rule with host bits": (
        lambda g: g.web.allow_from(Cidr("2001:db8::1/32"), Tcp(22)),
        "Cidr('2001:db8::1/32'): '2001:db8::1/32' has address bits behind its mask; did you mean 2001:db8::/32?",
    ),
    "ranges that overlap": (
        lambda g: Subnet(g.shop, "more", network=g.net, cidr="10.0.0.128/25"),
        "Subnet more: cidr: 10.0.0.128/25 overlaps 10.0.0.0/24 of subnet backend; take another range",
    ),
    "a gateway outside": (
        lambda g: Network(g.shop, "n", cidr="10.1.0.0/24", gateway="10.2.0.1"),
        "Subnet n: gateway: 10.2.0.1 is outside of 10.1.0.0/24; take an address in it",
    ),
    "no name server": (
        lambda g: Network(g.shop, "n", cidr="10.1.0.0/24", dns_nameservers=["dns.example"]),
        "Subnet n: dns_nameservers: 'dns.example' is no IP address; write one such as 10.0.0.11",
    ),
    "a gateway without a range": (
        lambda g: Network(g.shop, "n", gateway="10.2.0.1"),
        "Network n: cidr: it is missing, and gateway needs it; give it",
    ),
    # Traffic
    "a protocol by a name that Neutron has none of": (
        lambda _: Protocol("carp"),
        "Protocol('carp'): no such protocol; write the number, or one of ah, dccp, egp, esp, gre, igmp, ipip, "
        "ipv6-encap, ipv6-frag, ipv6-nonxt, ipv6-opts, ipv6-route, ospf, pgm, rsvp, sctp, udplite, vrrp",
    ),
    "a protocol's number in quotes": (
        lambda _: Protocol("112"),
        "Protocol('112'): it is a text; write the number, 112",
    ),
    "a protocol's number that no packet carries": (
        lambda _: Protocol(256),
        "Protocol(256): 256 is no protocol; they go from 0 to 255",
    ),
    "TCP by its number": (lambda _: Protocol(6), "Protocol(6): it is said otherwise; write Tcp(...)"),
    "ICMPv6 by its name": (
        lambda _: Protocol("icmpv6"),
        "Protocol('icmpv6'): it is said otherwise; write Icmp()",
    ),
    "protocol 0": (lambda _: Protocol(0), "Protocol(0): it is said otherwise; write AnyTraffic()"),
    "ports of a protocol without": (
        lambda _: Protocol("vrrp", 80),
        "Protocol('vrrp', 80): vrrp has no ports; write Protocol('vrrp')",
    ),
    "a port of SCTP that is none": (
        lambda _: Protocol("sctp", 0),
        "Protocol('sctp', 0): 0 is no port; ports go from 1 to 65535",
    ),
    "a type of ICMP by a name that is none": (
        lambda _: Icmp("ping"),
        "Icmp('ping'): type: no such name; write the number, or one of destination-unreachable, echo-reply, "
        "echo-request, multicast-listener-done, multicast-listener-query, multicast-listener-report, "
        "neighbor-advertisement, neighbor-solicitation, packet-too-big, parameter-problem, redirect, "
        "router-advertisement, router-solicitation, source-quench, time-exceeded, timestamp-reply, timestamp-request",
    ),
    "a type of ICMP in quotes": (lambda _: Icmp("8"), "Icmp('8'): type: it is a text; write the number, 8"),
    "a type of ICMP beyond 255": (
        lambda _: Icmp(256),
        "Icmp(256): type: 256 is no type; they go from 0 to 255",
    ),
    "a type of ICMP that is another in each family": (
        lambda _: Icmp(3),
        "Icmp(3): type: 3 is destination-unreachable in IPv4 and time-exceeded in IPv6; write the name",
    ),
    "the type of ICMP that is left out": (
        lambda _: Icmp("echo-reply"),
        "Icmp('echo-reply'): type: it is 0, which the provider leaves out, so that every type would be let through; "
        "an answer to what went out needs no rule",
    ),
    "a code of ICMP without a type": (
        lambda _: Icmp(code=4),
        "Icmp(code=4): code: it is one of a type; name the type, too",
    ),
    "a code of ICMP that is another in each family": (
        lambda _: Icmp("destination-unreachable", code=4),
        "Icmp('destination-unreachable', code=4): code: 4 is fragmentation-needed in IPv4 and port-unreachable in "
        "IPv6; write the name",
    ),
    "the code of ICMP that is left out": (
        lambda _: Icmp("echo-request", code=0),
        "Icmp('echo-request', code=0): code: it is 0, which the provider leaves out, so that every code would be let "
        "through; leave the code out",
    ),
    "a code of ICMP by name where none has one": (
        lambda _: Icmp("echo-request", code="none"),
        "Icmp('echo-request', code='none'): code: no such name; write the number, or leave it out",
    ),
    "traffic of IPv6 from a range of IPv4": (
        lambda g: g.web.allow_from(Cidr("10.0.0.0/8"), Icmp("packet-too-big")),
        "SecurityGroup web: allow_from: IPv4 knows no Icmp('packet-too-big'); give a range of the other family, or "
        "leave it out",
    ),
    "a booting profile of an open group": (
        lambda g: g.web.allow_booting(),
        "SecurityGroup web: allow_booting: its egress is open already, to everything; declare the group with "
        "egress='closed' to list what it may reach",
    ),
    "no DNS server at all": (
        lambda g: SecurityGroup(g.shop, "db", egress="closed").allow_booting(dns=[]),
        "SecurityGroup db: allow_booting: dns: the list is empty; give a group or a range, or leave the line out",
    ),
    "port 0": (lambda _: Tcp(0), "Tcp(0): 0 is no port; ports go from 1 to 65535"),
    "port 70000": (lambda _: Udp(70000), "Udp(70000): 70000 is no port; ports go from 1 to 65535"),
    "port True": (
        lambda _: Tcp(True),
        "Tcp: ports: True is a truth value; give a whole number or a text or PortRange(8000, 8010)",
    ),
    "a reversed range of ports": (
        lambda _: Tcp(PortRange(90, 80)),
        "PortRange(90, 80): it is reversed; write PortRange(80, 90)",
    ),
    "a range with port 0": (
        lambda _: PortRange(0, 80),
        "PortRange(0, 80): 0 is no port; ports go from 1 to 65535",
    ),
    "a port's name that nobody knows": (
        lambda _: Tcp("htpp"),
        f"Tcp('htpp'): no such well-known name; write the number, or one of {', '.join(WELL_KNOWN_PORTS)}",
    ),
    "no port": (
        lambda _: Tcp(),
        "Tcp(): no port is given; name the ports, or write Tcp.all() for every one",
    ),
    "no traffic": (
        lambda g: g.web.allow_from(g.web),
        "SecurityGroup web: allow_from: no traffic is given; name it, such as Tcp(22) or AnyTraffic()",
    ),
    "a listed egress of an open group": (
        lambda g: g.web.allow_to_anywhere(AnyTraffic()),
        "SecurityGroup web: allow_to_anywhere: its egress is open already, to everything; declare the group with "
        "egress='closed' to list what it may reach",
    ),
    "an egress that nobody knows": (
        lambda g: SecurityGroup(g.shop, "g", egress="none"),  # type: ignore[arg-type]
        "SecurityGroup g: egress: 'none' is not known; it is 'open' or 'closed'",
    ),
    # Groups
    "a group where the network has no port security": (
        lambda g: server(g.shop, "www", nics=[backend(g.shop, "b", port_security=False).nic(g.web)]),
        "Instance www: nics[0]: groups: web cannot apply on network b without port security; "
        "set port_security=True, or give it no groups",
    ),
    "a group where the nic has no port security": (
        lambda g: server(g.shop, "www", nics=[g.net.nic(), g.net.nic(g.web, port_security=False)]),
        "Instance www: nics[1]: groups: web cannot apply on network backend without port security; "
        "set port_security=True, or give it no groups",
    ),
    # Volumes
    "a volume on two instances": (
        lambda g: [server(g.shop, name, g.net, volumes=[Volume.lookup(g.shop, "data")]) for name in ("www", "db")],
        "Instance db: volumes: volume data is already attached to Instance www; a volume is attached once",
    ),
    "a volume twice on one instance, once live": (
        lambda g: server(
            g.shop,
            "www",
            g.net,
            volumes=[Volume.lookup(g.shop, id=VOLUME_ID).attach(live=live) for live in (False, True)],
        ),
        f"Instance www: volumes: volume {VOLUME_ID} is already attached to Instance www; a volume is attached once",
    ),
    "a mount point that is none": (
        lambda g: Volume.lookup(g.shop, "data").mount("srv"),
        "Volume.lookup('data'): mount: 'srv' is no place for it; write an absolute path such as '/srv'",
    ),
    "two volumes at one mount point": (
        lambda g: server(
            g.shop, "www", g.net, volumes=[Volume.lookup(g.shop, name).mount("/srv") for name in ("one", "two")]
        ),
        "Instance www: volumes: both one and two are mounted at '/srv'; give one of the two another place",
    ),
    # Look-ups
    "a look-up by nothing": (
        lambda g: Network.lookup(g.shop),
        "Network.lookup(None): give either its name or its id=, not neither",
    ),
    "a look-up by name and id": (
        lambda g: Volume.lookup(g.shop, "data", id=VOLUME_ID),
        "Volume.lookup('data'): give either its name or its id=, not both",
    ),
    "an empty name to look up": (
        lambda g: SecurityGroup.lookup(g.shop, ""),
        "SecurityGroup.lookup(None): the name is empty; give the one to look up",
    ),
    "an id that is none": (
        lambda g: Network.lookup(g.shop, id="Ext-Net"),
        "Network.lookup('Ext-Net'): 'Ext-Net' is not an id (a UUID such as 00000000-0000-0000-0000-000000000000)",
    ),
    "an image id that is none": (
        lambda _: ImageId("Debian 12"),
        "ImageId: 'Debian 12' is not an id (a UUID such as 00000000-0000-0000-0000-000000000000)",
    ),
    "an empty image": (
        lambda g: server(g.shop, "www", g.net, image=""),
        "Instance www: image: it is empty; give the image's name, or ImageId(...)",
    ),
    "an empty flavor": (
        lambda g: server(g.shop, "www", g.net, flavor=""),
        "Instance www: flavor: it is empty; give the flavor's name",
    ),
    # Policies
    "a policy that nobody knows": (
        lambda g: server(g.shop, "www", g.net, flavor_update_policy="rebuild"),
        "Instance www: flavor_update_policy: 'rebuild' is not known; it is one of 'resize', 'replace', 'ignore'",
    ),
    "rebuild with an image by name": (
        lambda g: server(g.shop, "www", g.net, image_update_policy="rebuild"),
        "Instance www: image_update_policy: 'rebuild' with the image name 'Debian 12' would wipe the disk whenever "
        "the cloud gives the name a new image; give the image as ImageId(...)",
    ),
    "our own metadata key": (
        lambda g: server(g.shop, "www", g.net, metadata={"ivc": "mine"}),
        "Instance www: metadata: the key 'ivc' is the mark that we set ourselves; choose another",
    ),
    "no config drive with user data on private networks only": (
        lambda g: server(g.shop, "www", g.net, config_drive=False, user_data=_said(g, "#cloud-config\n")),
        "Instance www: config_drive: it is False, and on private networks only, with no router that is declared, "
        "nothing else may bring the server its user data; leave it out, or set it to True",
    ),
    # User data
    "a template that does not exist": (
        lambda g: [_said(g, "x"), server(g.shop, "www", g.net, user_data=UserData.template("www.jinja"))],
        "Instance www: user_data: www.jinja is not among the templates in {folder} (t.jinja)",
    ),
    "a parent that does not exist": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, '{% extends "base.jinja" %}')),
        "Instance www: user_data: base.jinja, which t.jinja asks for, is not among the templates in {folder} (t.jinja)",
    ),
    "a variable that does not exist": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, "#cloud-config\n\na: {{ nmae }}\n")),
        "Instance www: user_data: {folder}/t.jinja, line 3: 'nmae' is undefined: give it in the declaration, or "
        "correct its name",
    ),
    "a network that the instance is not on": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, "#cloud-config\n{{ instance.addresses['x'] }}\n")),
        "Instance www: user_data: {folder}/t.jinja, line 2: Instance www: it is not on a network 'x', but on backend; "
        "take one of these",
    ),
    "a template with a mistake": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, "#cloud-config\n{% for %}\n")),
        "Instance www: user_data: {folder}/t.jinja, line 2: Expected an expression, got 'end of statement block'",
    ),
    "a filter that does not exist": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, "#cloud-config\n{{ 'a' | b64 }}\n")),
        "Instance www: user_data: {folder}/t.jinja, line 2: No filter named 'b64'.",
    ),
    "a variable called instance": (
        lambda g: _said(g, "x", instance=1),
        "UserData.template('t.jinja'): the name `instance` is taken by the facts of the instance itself; give the "
        "variable another name",
    ),
    "user data over Nova's limit": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, "#!/bin/sh\n#" + "a" * 49_139)),
        "Instance www: user_data: {folder}/t.jinja: 49,150 bytes are over Nova's limit of 49,149: take something "
        "out, or let the guest fetch it",
    ),
    "a first line that cloud-init does not know": (
        lambda g: server(g.shop, "www", g.net, user_data=_said(g, "# ours\n#cloud-config\n")),
        "Instance www: user_data: {folder}/t.jinja: the first line is '# ours', and cloud-init ignores what it does "
        "not know: begin with #cloud-config, #!/bin/sh or another of its headers, with nothing above it",
    ),
    # Terraform Cloud
    "an empty organization": (
        lambda _: TerraformCloud(" "),
        "TerraformCloud: organization is empty; give its name",
    ),
}


def _in_office(given: Given, ip: str) -> None:
    office = Network.lookup(given.shop, "office")
    Subnet.lookup(given.shop, "floor", network=office, cidr="198.51.100.0/24")
    server(given.shop, "www", nics=[office.nic(ip=ip)])


def _six(given: Given) -> Any:
    return Network.lookup(given.shop, "office")


@pytest.mark.parametrize(("wrong", "sentence"), CASES.values(), ids=CASES)
def test_a_wrong_declaration_is_one_sentence(tmp_path: Path, wrong: Wrong, sentence: str) -> None:
    shop = new_stack(tmp_path)
    given = Given(shop, backend(shop), SecurityGroup(shop, "web"))
    with pytest.raises(ValueError, match=r".") as raised:
        _synthesize(wrong, given)
    assert raised.type is DeclarationError
    assert str(raised.value) == sentence.replace("{folder}", str(shop.app.templates))
    assert "\n" not in sentence
    assert raised.value.__suppress_context__ or raised.value.__context__ is None, "two stacked tracebacks"


def _synthesize(wrong: Wrong, given: Given) -> None:
    """Declare it, and say that all is declared: some of it is wrong only then."""
    wrong(given)
    given.shop._finish()


def test_broken_programs_exit_non_zero_and_leave_the_old_output(tmp_path: Path) -> None:
    """By `python main.py` and by `cdktf synth`; found while declaring, or only when all is declared."""
    outside = copy_of_project(tmp_path / "outside")
    assert run_main(outside).wait(timeout=120) == 0
    old = tree(outside / "cdktf.out")
    contradiction = Path(shutil.copytree(outside, tmp_path / "contradiction"))
    sentences = {
        outside: "Instance www-1: nics[1].ip: 10.0.0.255 is its broadcast address in 10.0.0.0/24 of subnet backend; "
        "take another, such as 10.0.0.1",
        contradiction: "Instance extra: renamed_from: openstack_networking_port_v2.db-1_backend is declared, by "
        "Instance db-1, so it cannot have become extra_backend; take renamed_from away, or the declaration of the old "
        "name",
    }
    _edit(outside / "main.py", '"10.0.0.11"', '"10.0.0.255"')
    extra = 'Instance(shop, "extra", image=IMAGE, flavor="b2-7", nics=[backend.nic()], renamed_from="db-1")'
    _edit(contradiction / "main.py", "app.synth()", f"{extra}\napp.synth()")
    runs = [(outside, run_main(outside)), (contradiction, run_main(contradiction))]
    if (PROJECT / "toolchain" / "node_modules" / ".set-up").exists():
        again = Path(shutil.copytree(outside, tmp_path / "by cdktf"))
        sentences[again] = sentences[outside]
        runs.append((again, run_cdktf_synth(again)))
    for project, run in runs:
        out, error = run.communicate(timeout=120)
        assert run.returncode != 0, project.name
        assert sentences[project] in out + error
        if "python" in str(run.args):
            assert re.fullmatch(r"main\.py:\d+: " + re.escape(sentences[project]) + "\n", error)
        assert "Traceback" not in out + error
        assert tree(project / "cdktf.out") == old


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
