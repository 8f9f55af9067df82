"""DNS zones and the names in them: what the JSON says, and what Designate would refuse."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivc import (
    App,
    Caa,
    FloatingIp,
    Instance,
    Mx,
    Network,
    OpenStackStack,
    Router,
    Secret,
    Srv,
    Subnet,
    Tier,
    Vip,
    Zone,
)
from ivc.cidr import parse_address
from ivc.declare.domain_name import owner_name, target_name, terraform_name, zone_name
from ivc.declare.record_data import quoted
from ivc.errors import DeclarationError
from ivc.source import Source
from ivc.terraform.circle import circle
from tests.helpers import Json, backend, data_sources, resources, run_program, server, shown_on, synth, written_stack

ZONE, RECORD_SET = "openstack_dns_zone_v2", "openstack_dns_recordset_v2"
EMAIL = "ops@example.com"


@pytest.fixture
def zone(shop: OpenStackStack) -> Zone:
    return Zone(shop, "example.com", email=EMAIL)


def sets(stack: OpenStackStack) -> Json:
    return resources(synth(stack), RECORD_SET)


def records(stack: OpenStackStack) -> dict[str, list[str]]:
    """By Terraform name, what stands in each record set."""
    return {name: one["records"] for name, one in sets(stack).items()}


def refused(sentence: str, declare: Callable[[], Any]) -> DeclarationError:
    with pytest.raises(DeclarationError, match=f"^{re.escape(sentence)}$") as raised:
        declare()
    return raised.value


def chosen(port: str, version: int) -> str:
    not_ = "!" if version == 4 else ""
    every = f"sort(openstack_networking_port_v2.{port}.all_fixed_ips)"
    return f'${{[for ip in {every} : ip if {not_}strcontains(ip, ":")][0]}}'


def tier(stack: OpenStackStack, count: int, *nics: Any) -> Tier:
    return Tier(stack, "web", count=count, image="Debian 12", flavor="b2-7", nics=nics)


# Zones.


def test_a_zone_is_protected_and_marked(shop: OpenStackStack) -> None:
    Zone(shop, "Example.COM", email=EMAIL, ttl=300, description="For ${us}")
    assert resources(synth(shop), ZONE) == {
        "example_com": {
            "name": "example.com.",
            "email": EMAIL,
            "ttl": 300,
            "description": "For $${us} [ivc:shop/example_com]",
            "lifecycle": {"prevent_destroy": True},
        }
    }


def test_a_zone_that_exists_is_looked_up_by_its_whole_name(shop: OpenStackStack) -> None:
    zone = Zone.lookup(shop, "example.com")
    zone.cname("blog", "www")
    synthesized = synth(shop)
    assert data_sources(synthesized, ZONE) == {"example_com": {"name": "example.com."}}
    assert resources(synthesized, ZONE) == {}
    assert resources(synthesized, RECORD_SET) == {
        "blog_example_com_CNAME": {
            "zone_id": f"${{data.{ZONE}.example_com.id}}",
            "name": "blog.example.com.",
            "type": "CNAME",
            "records": ["www.example.com."],
            "description": "ivc:shop/blog_example_com_CNAME",
        }
    }


def test_who_does_not_wait_for_the_name_servers_says_so(shop: OpenStackStack) -> None:
    Zone(shop, "a.example", email=EMAIL, disable_status_check=True, prevent_destroy=False).txt("@", "x")
    Zone.lookup(shop, "b.example", disable_status_check=True).txt("@", "x")
    Zone.lookup(shop, "c.example").txt("@", "x")
    synthesized = synth(shop)
    assert resources(synthesized, ZONE)["a_example"]["disable_status_check"] is True
    assert resources(synthesized, ZONE)["a_example"]["lifecycle"] == {}
    assert {name: one.get("disable_status_check") for name, one in resources(synthesized, RECORD_SET).items()} == {
        "a_example_TXT": True,
        "b_example_TXT": True,
        "c_example_TXT": None,
    }


def test_a_zone_below_another_goes_first(shop: OpenStackStack) -> None:
    """Designate deletes none that has one below it."""
    Zone(shop, "dev.shop.example.com", email=EMAIL)
    Zone(shop, "example.com", email=EMAIL)
    Zone(shop, "notexample.com", email=EMAIL)
    zones = resources(synth(shop), ZONE)
    assert {name: one.get("depends_on") for name, one in zones.items()} == {
        "dev_shop_example_com": [f"{ZONE}.example_com"],
        "example_com": None,
        "notexample_com": None,
    }


def test_what_waits_for_a_zone_waits_for_its_names(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("www", "192.0.2.1")
    server(shop, "a", backend(shop), depends_on=[zone])
    synthesized = synth(shop)
    waits = resources(synthesized, "openstack_compute_instance_v2")["a"]["depends_on"]
    assert {f"{ZONE}.example_com", f"{RECORD_SET}.www_example_com_A"} <= {*waits}


def test_in_a_scope_it_is_called_after_that(shop: OpenStackStack) -> None:
    Zone(Construct(shop, "site"), "example.com", email=EMAIL).txt("@", "x")
    assert [*sets(shop)] == ["site_example_com_TXT"]


# Addresses.


def test_a_server_has_the_types_that_its_addresses_have(shop: OpenStackStack, zone: Zone) -> None:
    network = Network(shop, "backend")
    zone.address("www", server(shop, "a", nics=[network.nic()]))
    zone.address("six", server(shop, "b", nics=[network.nic(ip="fd00:0::0B")]))
    # What is declared later counts, too.
    Subnet(shop, "four", network=network, cidr="10.0.0.0/24")
    Subnet(shop, "six", network=network, cidr="fd00::/64")
    assert records(shop) == {
        "six_example_com_AAAA": ["fd00::b"],
        "www_example_com_A": [chosen("a_backend", 4)],
        "www_example_com_AAAA": [chosen("a_backend", 6)],
    }


def test_a_tier_has_the_address_of_each_member(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("web", tier(shop, 3, backend(shop).nics(first="10.0.0.11")), ttl=60)
    made = sets(shop)["web_example_com_A"]
    assert (made["records"], made["ttl"]) == (["10.0.0.11", "10.0.0.12", "10.0.0.13"], 60)


def test_another_count_changes_one_record_set_alone(make_stack: Callable[..., OpenStackStack]) -> None:
    found = []
    for count in (2, 3):
        shop = make_stack()
        zone = Zone(shop, "example.com", email=EMAIL)
        zone.address("web", tier(shop, count, backend(shop).nic()))
        zone.cname("www", "web")
        found.append(synth(shop)["resource"])
    two, three = found
    assert {
        f"{kind}.{name}" for kind, named in three.items() for name, one in named.items() if two[kind].get(name) != one
    } == {
        "openstack_compute_instance_v2.web-3",
        "openstack_networking_port_v2.web-3_backend",
        "terraform_data.web-3__image",
        "terraform_data.web-3__user_data",
        f"{RECORD_SET}.web_example_com_A",
    }


def test_floating_ips_vips_and_texts_stand_together(shop: OpenStackStack, zone: Zone) -> None:
    internet, network = Network.lookup(shop, "Ext-Net"), backend(shop)
    Router(shop, "gate", external_network=internet).add_interface(network)
    outside = FloatingIp(shop, "web", network=internet)
    vip = Vip(shop, "web", network=network, ip="10.0.0.100", floating_ip=outside)
    zone.address("www", outside, FloatingIp.lookup(shop, "203.0.113.7"), "2001:DB8::1", "203.0.113.7")
    zone.address("inside", vip, network=network)
    zone.address("other", Vip(shop, "other", network=network))
    synthesized = synth(shop)
    assert records(shop) == {
        "inside_example_com_A": ["10.0.0.100"],
        "other_example_com_A": [chosen("other", 4)],
        "www_example_com_A": ["${openstack_networking_floatingip_v2.web.address}", "203.0.113.7"],
        "www_example_com_AAAA": ["2001:db8::1"],
    }
    assert circle(synthesized) == ()


def test_a_vip_that_the_cloud_chooses_is_one_of_ipv4_if_there_is_any(shop: OpenStackStack, zone: Zone) -> None:
    both, six = backend(shop), Network(shop, "six", cidr="fd00:1::/64")
    Subnet(shop, "backend-6", network=both, cidr="fd00::/64")
    zone.address("both", Vip(shop, "both", network=both))
    zone.address("six", Vip(shop, "six", network=six))
    assert [*records(shop)] == ["both_example_com_A", "six_example_com_AAAA"]


def test_of_a_looked_up_network_the_versions_are_said(shop: OpenStackStack, zone: Zone) -> None:
    www = server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic()])
    zone.address("www", www, ip_versions=[4, 6])
    zone.address("four", www, ip_versions=[4])
    assert [*records(shop)] == ["four_example_com_A", "www_example_com_A", "www_example_com_AAAA"]


def test_without_them_nobody_knows(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("www", server(shop, "www", nics=[Network.lookup(shop, "Ext-Net").nic()]))
    sentence = (
        "Zone example.com: address www: nobody here knows whether Instance www on network Ext-Net has an IPv4 address; "
        "say which it has, ip_versions=[4], [6] or [4, 6]"
    )
    refused(sentence, lambda: synth(shop))


def test_a_subnet_that_is_declared_of_it_tells(shop: OpenStackStack, zone: Zone) -> None:
    office = Network.lookup(shop, "office")
    Subnet.lookup(shop, "office-4", network=office, cidr="192.0.2.0/24")
    www = server(shop, "www", nics=[office.nic(ip=office.subnets[0])])
    zone.address("www", www)
    assert records(shop) == {"www_example_com_A": [chosen("www_office", 4)]}


def test_of_several_networks_one_is_said(shop: OpenStackStack, zone: Zone) -> None:
    first, second = backend(shop), backend(shop, "second", cidr="10.1.0.0/24")
    www = server(shop, "www", nics=[first.nic(ip="10.0.0.11"), second.nic(ip="10.1.0.11")])
    sentence = (
        "Zone example.com: address www: Instance www is reached on network backend or on network second; say network="
    )
    refused(sentence, lambda: zone.address("www", www))
    zone.address("www", www, network=second)
    zone.address("ww1", www, network="backend")
    assert records(shop) == {"ww1_example_com_A": ["10.0.0.11"], "www_example_com_A": ["10.1.0.11"]}


def test_an_address_behind_a_floating_ip_is_not_taken_for_it(shop: OpenStackStack, zone: Zone) -> None:
    internet, network = Network.lookup(shop, "Ext-Net"), backend(shop)
    outside = FloatingIp(shop, "out", network=internet)
    www = server(shop, "www", nics=[network.nic(floating_ip=outside)])
    vip = Vip(shop, "vip", network=network, floating_ip=FloatingIp(shop, "vip", network=internet))
    fix = "say network=, or give the floating IP itself"
    where = "Zone example.com: address www:"
    refused(
        f"{where} Instance www is reached on network backend or by FloatingIp out; {fix}",
        lambda: zone.address("www", www),
    )
    refused(
        f"{where} Vip vip is reached on network backend or by FloatingIp vip; {fix}", lambda: zone.address("www", vip)
    )


def test_a_vip_is_on_one_network(shop: OpenStackStack, zone: Zone) -> None:
    vip = Vip(shop, "web", network=backend(shop), ip="10.0.0.100")
    sentence = "Zone example.com: address www: network: Vip web is on network backend; give that"
    refused(sentence, lambda: zone.address("www", vip, network=Network.lookup(shop, "backend")))
    refused(sentence, lambda: zone.address("www", vip, network="Ext-Net"))
    zone.address("www", vip, network="backend")
    assert records(shop) == {"www_example_com_A": ["10.0.0.100"]}


# All other types.


def test_records_of_each_type(shop: OpenStackStack, zone: Zone) -> None:
    zone.cname("blog", "www")
    zone.cname("shop", "Shops.Example.NET.")
    zone.mx("@", Mx(10, "mail"), Mx(20, "mail.example.net."), Mx(10, "mail"))
    zone.mx("quiet", Mx(0, "."))
    zone.txt("@", "v=spf1 mx -all", 'say "${it}"')
    zone.srv("_sip._tcp", Srv(10, 60, 5060, "sip"))
    zone.caa("@", Caa("issue", "LetsEncrypt.org"), Caa("iodef", "mailto:ops@example.com"))
    assert records(shop) == {
        "_-sip_-tcp_example_com_SRV": ["10 60 5060 sip.example.com."],
        "blog_example_com_CNAME": ["www.example.com."],
        "example_com_CAA": ["0 issue letsencrypt.org", "0 iodef mailto:ops@example.com"],
        "example_com_MX": ["10 mail.example.com.", "20 mail.example.net."],
        "example_com_TXT": ['"v=spf1 mx -all"', '"say \\034$${it}\\034"'],
        "quiet_example_com_MX": ["0 ."],
        "shop_example_com_CNAME": ["shops.example.net."],
    }


def test_wildcards_and_whole_names(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("*", "192.0.2.1")
    zone.address("*.eu", "192.0.2.2")
    zone.address("a.b.EXAMPLE.com.", "192.0.2.3")
    zone.address("müller", "192.0.2.4")
    found = sets(shop)
    assert {name: one["name"] for name, one in found.items()} == {
        "a_b_example_com_A": "a.b.example.com.",
        "any-_eu_example_com_A": "*.eu.example.com.",
        "any-_example_com_A": "*.example.com.",
        "xn--mller-kva_example_com_A": "xn--mller-kva.example.com.",
    }


# What cannot be.


def run(folder: Path, *lines: str) -> OpenStackStack:
    """The stack of a program that has a zone in its third line, and these from its fourth on."""
    program = folder / "main.py"
    program.write_text(
        "from ivc import *\n"
        'shop = OpenStackStack(App(folder=FOLDER), "shop")\n'
        'zone = Zone(shop, "example.com", email="ops@example.com")\n' + "\n".join(lines)
    )
    found: dict[str, Any] = {"FOLDER": folder}
    exec(compile(program.read_text(), str(program), "exec"), found)  # noqa: S102 - that its lines have numbers
    stack: OpenStackStack = found["shop"]
    return stack


def test_a_second_set_of_a_name_and_type_names_both_places(tmp_path: Path) -> None:
    """Also under another spelling."""
    sentence = (
        "Zone example.com: txt A.example.com.: a.example.com. TXT is declared already, at main.py:4; a name has one "
        "record set of a type: give all its records there"
    )
    error = refused(sentence, lambda: run(tmp_path, 'zone.txt("a", "1")', 'zone.txt("A.example.com.", "2")'))
    assert error.line == 5


def test_a_record_set_stands_where_it_is_declared(tmp_path: Path) -> None:
    """Though it is made when all is declared."""
    stack = run(tmp_path, 'zone.txt("a", "1")', 'zone.address("b", *[f"192.0.2.{number}" for number in range(21)])')
    error = refused(
        "Zone example.com: address b: b.example.com. A has 21 records, and Designate takes 20; give it fewer",
        lambda: synth(stack),
    )
    assert error.line == 5
    assert stack._record.addresses.sources[f"{RECORD_SET}.a_example_com_TXT"] == Source("main.py", 4)


def test_an_address_may_be_declared_for_each_version_apart(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("www", "192.0.2.1", ip_versions=[4])
    zone.address("www", "2001:db8::1", ip_versions=[6])
    assert [*records(shop)] == ["www_example_com_A", "www_example_com_AAAA"]
    with pytest.raises(DeclarationError, match=r"www\.example\.com\. A is declared already"):
        zone.address("www", "192.0.2.2")


@pytest.mark.parametrize("alias_first", [True, False])
def test_an_alias_stands_alone(zone: Zone, alias_first: bool) -> None:
    both: Sequence[Callable[[], None]] = [lambda: zone.cname("www", "web"), lambda: zone.txt("www", "x")]
    first, second = both if alias_first else both[::-1]
    first()
    with pytest.raises(DeclarationError, match="an alias stands alone; give one of the two another name"):
        second()


def test_a_name_below_a_zone_of_the_stack_is_that_ones(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("www.dev", "192.0.2.1")
    Zone(shop, "dev.example.com", email=EMAIL)
    sentence = "Zone example.com: address www.dev: www.dev.example.com. is in zone dev.example.com.; declare it there"
    refused(sentence, lambda: synth(shop))


def test_twenty_records_are_the_most(shop: OpenStackStack, zone: Zone) -> None:
    zone.txt("twenty", *map(str, range(20)))
    synth(shop)
    zone.address("web", *(f"192.0.2.{number}" for number in range(1, 22)))
    sentence = "Zone example.com: address web: web.example.com. A has 21 records, and Designate takes 20; give it fewer"
    refused(sentence, lambda: synth(shop))


def test_a_zone_is_either_made_or_looked_up(shop: OpenStackStack, zone: Zone) -> None:
    sentence = (
        "Zone.lookup('example.com.'): zone example.com. is made here and looked up as well; leave the look-up out, and "
        "take the one that is made"
    )
    refused(sentence, lambda: Zone.lookup(shop, "example.com"))


def test_a_mark_that_designate_would_not_keep_is_said(shop: OpenStackStack) -> None:
    with pytest.raises(DeclarationError, match="description: with the mark of this stack it has 163 characters"):
        Zone(shop, "example.com", email=EMAIL, description="x" * 140)
    Zone(shop, "example.org", email=EMAIL, description="x" * 137)
    assert len(resources(synth(shop), ZONE)["example_org"]["description"]) == 160


WRONG: Mapping[str, tuple[Callable[[Zone], Any], str]] = {
    "outside": (lambda zone: zone.txt("www.example.org.", "x"), "www.example.org. is outside of zone example.com."),
    "a zone that ends alike": (
        lambda zone: zone.txt("www.notexample.com.", "x"), "www.notexample.com. is outside of zone example.com.",
    ),
    "no dot": (
        lambda zone: zone.txt("www.example.com", "x"),
        "'www.example.com' would be www.example.com.example.com., since it does not end with a dot; write 'www' or "
        "'www.example.com.'",
    ),
    "zone without dot": (lambda zone: zone.txt("example.com", "x"), "write '@' or 'example.com.'"),
    "a hyphen at an end": (lambda zone: zone.txt("-a", "x"), "'-a' is not made of letters, digits, '-' and '_'"),
    "a space": (lambda zone: zone.txt("a b", "x"), "'a b' is not made of letters"),
    "a long label": (lambda zone: zone.txt("a" * 64, "x"), "has 64 characters, and what stands between dots has 63"),
    "a long name": (lambda zone: zone.txt(".".join(["a" * 60] * 5), "x"), "a domain name has 254 at most"),
    "an empty name": (lambda zone: zone.txt("", "x"), "two dots follow one another, or it is empty"),
    "two dots": (lambda zone: zone.txt("a..b", "x"), "two dots follow one another"),
    "a * within": (lambda zone: zone.txt("a.*", "x"), "'*' has a '*': it stands alone, as the first label"),
    "no script's": (lambda zone: zone.txt("a\u2028ü", "x"), "is no domain name in any script"),
    "alias at the apex": (lambda zone: zone.cname("@", "www"), "the zone's own name has records beside it"),
    "alias to an address": (lambda zone: zone.cname("a", "192.0.2.1"), "target: 192.0.2.1 is an address"),
    "alias without a dot": (
        lambda zone: zone.cname("a", "www.example.net"),
        "target: 'www.example.net' does not end with a dot, and a whole name does; write 'www.example.net.', or "
        "'www.example.net.example.com.' for one in the zone",
    ),
    "alias to a *": (lambda zone: zone.cname("a", "*"), "only the name of a record has one"),
    "mail to an address": (lambda zone: zone.mx("@", Mx(10, "2001:db8::1")), "target: 2001:db8::1 is an address"),
    "preference": (lambda zone: zone.mx("@", Mx(65536, "a")), "Mx('a'): preference: 65536 cannot be"),
    "port": (lambda zone: zone.srv("_a._b", Srv(0, 0, -1, "a")), "Srv('a'): port: -1 cannot be"),
    "service's name": (lambda zone: zone.srv("sip._tcp", Srv(0, 0, 1, "a")), "a service's name begins with '_'"),
    "no records": (lambda zone: zone.mx("@"), "it has no records"),
    "no address": (lambda zone: zone.address("www"), "it has no address; give what it leads to"),
    "a host for an address": (lambda zone: zone.address("www", "web"), "'web' is no IP address"),
    "network of nothing": (
        lambda zone: zone.address("www", "192.0.2.1", network="backend"), "network: nothing of it is on a network",
    ),
    "an unknown version": (lambda zone: zone.address("www", "192.0.2.1", ip_versions=[5]), "there is no IPv5"),
    "quotes": (lambda zone: zone.txt("@", '"v=spf1"'), '"v=spf1" has quotes, which are put by themselves'),
    "no ttl": (lambda zone: zone.txt("@", "x", ttl=0), "ttl: 0 is no number of seconds from 1 to 2147483647"),
    "authority's parameters": (lambda zone: zone.caa("@", Caa("issue", "ca.org; a=b")), "loses what follows one"),
    "no authority": (lambda zone: zone.caa("@", Caa("issue", ";")), "Designate takes no ';' alone"),
    "iodef": (lambda zone: zone.caa("@", Caa("iodef", "https://example.com")), "it is no URL that Designate takes"),
    "zone's ttl": (lambda zone: Zone(zone._scope, "a.example", email=EMAIL, ttl=2**31), "ttl: 2147483648 is no number"),
    "top-level": (lambda zone: Zone(zone._scope, "com", email=EMAIL), "'com' is a top-level domain"),
    "no email": (lambda zone: Zone(zone._scope, "a.example", email="ops"), "email: 'ops' is none that Designate takes"),
    "email with a plus": (lambda zone: Zone(zone._scope, "a.example", email="a+b@example.com"), "email: 'a+b@ex"),
    "email of two": (lambda zone: Zone(zone._scope, "a.example", email="a@b@c.example"), "email: 'a@b@c.example' is"),
    "twice": (lambda zone: Zone(zone._scope, "EXAMPLE.com.", email=EMAIL), "is already declared as Zone in stack shop"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_designate_would_refuse_is_refused_before(zone: Zone, case: str) -> None:
    declare, words = WRONG[case]
    with pytest.raises(DeclarationError, match=re.escape(words)):
        declare(zone)


def test_a_version_that_a_thing_has_not_is_refused(shop: OpenStackStack, zone: Zone) -> None:
    zone.address("www", server(shop, "www", nics=[backend(shop).nic()]), ip_versions=[4, 6])
    sentence = (
        "Zone example.com: address www: Instance www on network backend has no IPv6 address; give it one, or leave it "
        "out"
    )
    refused(sentence, lambda: synth(shop))


def test_a_tier_without_members_has_no_address(shop: OpenStackStack, zone: Zone) -> None:
    sentence = "Zone example.com: address www: it has no address, since the tier has no members; leave the line out"
    refused(sentence, lambda: zone.address("www", tier(shop, 0, backend(shop).nic())))


# Several stacks.


def test_a_record_has_one_owner(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    one, two = OpenStackStack(app, "one"), OpenStackStack(app, "two")
    Zone(one, "example.com", email=EMAIL)
    shared = Zone.lookup(two, "example.com")
    shared.txt("a", "x")
    # Of one name, and of another type.
    shared.address("www", "192.0.2.1")
    Zone.lookup(OpenStackStack(app, "six"), "example.com").address("www", "2001:db8::1")
    elsewhere = OpenStackStack(app, "elsewhere", cloud="other")
    Zone(elsewhere, "example.com", email=EMAIL).txt("a", "x")
    app.synth()
    Zone.lookup(OpenStackStack(app, "three"), "example.com").txt("a", "x")
    sentence = (
        "Zone.lookup('example.com.'): txt a (stack three): the record a.example.com. TXT is taken by "
        "Zone.lookup('example.com.'): txt a (stack two) already; take another, or say the cloud= or project= of each "
        "where they are not in the same"
    )
    refused(sentence, app.synth)


@pytest.mark.parametrize("alias_first", [True, False])
def test_an_alias_stands_alone_among_all_stacks(alias_first: bool, tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    first, second = OpenStackStack(app, "first"), OpenStackStack(app, "second")
    alias, other = (first, second) if alias_first else (second, first)
    Zone.lookup(alias, "example.com").cname("www", "web")
    Zone.lookup(OpenStackStack(app, "elsewhere", cloud="other"), "example.com").txt("www", "x")
    app.synth()
    Zone.lookup(other, "example.com").address("www", "192.0.2.1")
    sentence = (
        f"Zone.lookup('example.com.'): cname www (stack {alias.name}): www.example.com. has other records already, by "
        f"Zone.lookup('example.com.'): address www (stack {other.name}), and an alias stands alone; give one of the "
        "two another name, or say which cloud or project each is in"
    )
    refused(sentence, app.synth)


def test_a_name_is_in_the_nearest_zone_of_all_stacks(tmp_path: Path) -> None:
    """Designate refuses a record set in a zone above the one that its name is in."""
    app = App(folder=tmp_path)
    one, two = OpenStackStack(app, "one"), OpenStackStack(app, "two")
    Zone(one, "example.com", email=EMAIL).txt("shop", "x")
    Zone(OpenStackStack(app, "elsewhere", cloud="other"), "shop.example.com", email=EMAIL)
    Zone(two, "www.example.com", email=EMAIL).txt("a", "x")
    app.synth()
    Zone(two, "shop.example.com", email=EMAIL)
    sentence = (
        "Zone example.com: txt shop (stack one): shop.example.com. is in zone shop.example.com. of stack two; look "
        "it up here and declare it there, or say which cloud or project each is in"
    )
    refused(sentence, app.synth)


def test_a_server_of_another_stack_is_refused(shop: OpenStackStack, zone: Zone) -> None:
    other = OpenStackStack(shop.app, "other")
    www = Instance(other, "www", image="i", flavor="f", nics=[backend(other).nic()])
    sentence = (
        "Zone example.com: address: leads_to[0]: Instance www is of stack other, and this is stack shop; declare one "
        "in stack shop"
    )
    refused(sentence, lambda: zone.address("www", www))


# For all inputs.


LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9_])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=2, max_size=5).map(".".join)


def read(record: str) -> bytes:
    """What a resolver reads in a TXT record of a zone file (RFC 1035, 5.1)."""
    found = b""
    for part in re.findall(r'"((?:[^"\\]|\\.)*)"', record):
        for number, character, plain in re.findall(r"\\([0-9]{3})|\\(.)|([^\\])", part):
            found += bytes([int(number)]) if number else (character or plain).encode()
    return found


@given(st.text(max_size=700))
@example('"')
@example("\\")
@example("a" * 253)
@example("a" * 254)
@example('\\"' * 130)
@example('" "' * 130)
def test_any_text_comes_back_from_its_record(text: str) -> None:
    text = text.encode(errors="replace").decode()  # half of a surrogate pair is in no text
    record = quoted(text)
    assert read(record) == text.encode()
    assert record.isascii()
    assert record.isprintable()
    # As Designate takes it apart (designate/objects/rrdata_txt.py).
    parts = record.strip('"').split('" "') if len(record) > 255 else [record.strip('"')]
    assert all(len(part) + 2 <= 255 and '"' not in part for part in parts)
    assert record == " ".join(f'"{part}"' for part in parts)


@given(NAMES, st.data())
def test_any_spelling_of_a_name_is_one_name(name: str, data: st.DataObject) -> None:
    spelled = "".join(data.draw(st.sampled_from([one, one.upper()])) for one in name)
    zone = zone_name("", name)
    assert zone == f"{name}."
    assert {zone_name("", spelled), zone_name("", f"{spelled}.")} == {zone}
    assert owner_name("", f"WWW.{spelled}.", zone) == owner_name("", "www", zone) == f"www.{zone}"
    assert target_name("", f"WWW.{spelled}.", zone) == target_name("", "Www", zone) == f"www.{zone}"


@settings(max_examples=300)
@given(NAMES, NAMES)
@example("a._b", "a_.b")
@example("a_b", "a._b")
@example("_1.a", "1.a")
@example("*.a", "any.a")
@example("any_.a", "*.a")
def test_no_two_names_are_one_in_terraform(one: str, other: str) -> None:
    slugs = [terraform_name(f"{name}.") for name in (one, other)]
    assert (slugs[0] == slugs[1]) == (one == other)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", each) for each in slugs)


@given(st.ip_addresses())
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=20)
def test_any_address_has_one_spelling(address: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = OpenStackStack(App(folder=Path(folder)), "shop")
        spelled = address.exploded.upper()
        Zone(stack, "example.com", email=EMAIL).address("a", spelled, str(address))
        (found,) = sets(stack).values()
    assert found["records"] == [str(parse_address("", spelled))]
    assert found["type"] == {4: "A", 6: "AAAA"}[address.version]


def test_the_page_s_example_is_what_it_says(tmp_path: Path) -> None:
    done = run_program(tmp_path, shown_on("docs/dns.md"))
    assert (done.returncode, done.stderr) == (0, "")
    written = written_stack(tmp_path / "cdktf.out")
    found = {one["name"]: one["records"] for one in resources(written, RECORD_SET).values() if one["type"] == "A"}
    assert found == {
        "example.com.": ["${openstack_networking_floatingip_v2.web.address}"],
        "vip.inside.example.com.": ["10.0.0.100"],
        "web.inside.example.com.": ["10.0.0.11", "10.0.0.12", "10.0.0.13"],
    }


def test_what_only_apply_knows_is_no_text_of_a_record(shop: OpenStackStack, zone: Zone) -> None:
    token: Any = Secret(shop, "token", description="x")
    refused(
        "Zone example.com: txt: texts: Secret token is a Secret; give a text that is known before the apply",
        lambda: zone.txt("@", token),
    )
    refused(
        "Zone example.com: txt: texts: '${var.token}' is a text; give a text that is known before the apply",
        lambda: zone.txt("@", token.as_terraform),
    )


def test_a_service_that_is_not_offered_has_a_dot_for_its_server(shop: OpenStackStack, zone: Zone) -> None:
    zone.srv("_imap._tcp", Srv(0, 0, 0, "."))
    assert [*records(shop).values()] == [["0 0 0 ."]]
