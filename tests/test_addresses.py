"""Terraform addresses: each from its declaration's own name, and no two declarations at one address."""

from __future__ import annotations

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from ivc import Icmp, Network, OpenStackStack, SecurityGroup, Tcp, Volume
from ivc.declare.names import slug
from tests.helpers import (
    ATTACHMENT,
    FLAVOR,
    GROUP,
    IMAGE,
    INSTANCE,
    NETWORK,
    PORT,
    RULE,
    SUBNET,
    TRIGGER,
    VOLUME,
    backend,
    data_sources,
    resources,
    server,
    synth,
    template,
)


def test_an_address_reads_as_the_declaration_does(shop: OpenStackStack) -> None:
    internet = Network.lookup(shop, "Ext-Net", public=True)
    network, group = backend(shop), SecurityGroup(shop, "web")
    server(shop, "www-1", nics=[internet.nic(group), network.nic(group)])
    synthesized = synth(shop)
    assert list(resources(synthesized, INSTANCE)) == ["www-1"]
    assert list(resources(synthesized, PORT)) == ["www-1_Ext-Net", "www-1_backend"]
    assert list(resources(synthesized, NETWORK)) == ["backend"]
    assert list(resources(synthesized, SUBNET)) == ["backend"]
    assert list(resources(synthesized, GROUP)) == ["web"]
    assert list(resources(synthesized, TRIGGER)) == ["www-1__image", "www-1__user_data"]
    assert list(synthesized["check"]) == ["security_groups"]


def test_a_second_nic_in_a_network_is_numbered(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = server(shop, "www", nics=[network.nic(ip="10.0.0.9"), network.nic(ip="10.0.0.8"), network.nic()])
    synthesized = synth(shop)
    assert list(resources(synthesized, PORT)) == ["www_backend", "www_backend-2", "www_backend-3"]
    assert resources(synthesized, INSTANCE)["www"]["network"] == [
        {"port": f"${{{PORT}.www_backend.id}}"},
        {"port": f"${{{PORT}.www_backend-2.id}}"},
        {"port": f"${{{PORT}.www_backend-3.id}}"},
    ]
    assert list(www.addresses) == ["backend", "backend-2", "backend-3"]
    assert (www.addresses["backend"], www.addresses["backend-2"]) == ("10.0.0.9", "10.0.0.8")


def test_a_rules_address_tells_its_content(shop: OpenStackStack) -> None:
    web, db = SecurityGroup(shop, "web", egress="closed"), SecurityGroup(shop, "db", egress="closed")
    db.allow_from(web, Tcp("mysql"))
    web.allow_from_anywhere(Icmp())
    assert list(resources(synth(shop), RULE)) == [
        "db_ingress_tcp-3306_group-web_ipv4",
        "db_ingress_tcp-3306_group-web_ipv6",
        "web_egress_tcp-3306_group-db_ipv4",
        "web_egress_tcp-3306_group-db_ipv6",
        "web_ingress_icmp_anywhere_ipv4",
        "web_ingress_icmp_anywhere_ipv6",
    ]


def test_the_address_of_a_look_up_tells_what_is_looked_up(shop: OpenStackStack) -> None:
    network = Network.lookup(shop, "Ext-Net", public=True)
    volume = Volume.lookup(shop, "www-data")
    server(shop, "www", network, image="Debian 12", flavor="b2-7", volumes=[volume])
    synthesized = synth(shop)
    assert data_sources(synthesized, NETWORK) == {"Ext-Net": {"name": "Ext-Net"}}
    assert data_sources(synthesized, VOLUME) == {"www-data": {"name": "www-data"}}
    assert data_sources(synthesized, FLAVOR) == {"b2-7": {"name": "b2-7"}}
    assert data_sources(synthesized, IMAGE) == {"Debian_12_1711d4": {"name": "Debian 12", "most_recent": True}}


def test_a_look_up_is_made_once_for_each_distinct_name(shop: OpenStackStack) -> None:
    network = Network.lookup(shop, "Ext-Net", public=True)
    for number in range(5):
        server(shop, f"www-{number}", network, image="Debian 12", flavor="b2-7")
    Network.lookup(shop, "Ext-Net", public=True)
    synthesized = synth(shop)
    assert len(data_sources(synthesized, IMAGE)) == 1
    assert len(data_sources(synthesized, FLAVOR)) == 1
    assert len(data_sources(synthesized, NETWORK)) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("www.a", "www_a", "www a", "www-a", "wwwa"),
        ("Debian 12", "Debian-12", "Debian_12", "Debian 12 ", "debian 12"),
        ("1and1", "n1and1", "_1and1"),
        ("müller", "mller", "m-ller", "muller"),
        ("日本", "日木", "__", "_"),
        ("a/b", "a.b", "a:b", 'a"b', "a${b}"),
    ],
)
def test_two_names_in_the_cloud_never_become_one_address(names: tuple[str, ...]) -> None:
    assert len({slug(name) for name in names}) == len(names)


def test_images_whose_names_differ_in_a_sign_are_two(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "a", network, image="www.a")
    server(shop, "b", network, image="wwwa")
    synthesized = synth(shop)
    images = data_sources(synthesized, IMAGE)
    assert sorted(image["name"] for image in images.values()) == ["www.a", "wwwa"]
    instances = resources(synthesized, INSTANCE)
    assert instances["a"]["image_id"] != instances["b"]["image_id"]


def test_names_are_unique_per_kind_and_no_wider(shop: OpenStackStack) -> None:
    network = backend(shop, "db")
    group = SecurityGroup(shop, "db")
    server(shop, "db", nics=[network.nic(group)])
    synthesized = synth(shop)
    for kind in (NETWORK, SUBNET, GROUP, INSTANCE):
        assert list(resources(synthesized, kind)) == ["db"]
    assert list(resources(synthesized, PORT)) == ["db_db"]


@pytest.mark.parametrize("name", ["backend", "instances", "openstack", "Default", "Resource", "shop", "Stack", "App"])
def test_an_instance_may_have_a_name_that_something_else_uses(shop: OpenStackStack, name: str) -> None:
    network = backend(shop)
    server(shop, name, network, volumes=[Volume.lookup(shop, "v").attach(live=True)])
    synthesized = synth(shop)
    assert list(resources(synthesized, INSTANCE)) == [name]
    assert list(resources(synthesized, PORT)) == [f"{name}_backend"]
    assert list(resources(synthesized, TRIGGER)) == [f"{name}__image", f"{name}__user_data"]
    assert list(resources(synthesized, ATTACHMENT)) == [f"{name}_v"]
    assert list(synthesized["output"]["instances"]["value"]) == [name]
    assert synthesized["terraform"]["backend"]["local"]["path"] == "../../../terraform.shop.tfstate"


@pytest.mark.parametrize("name", ["Default", "Resource", "backend"])
def test_a_network_and_a_group_may_have_a_name_that_cdktf_uses(shop: OpenStackStack, name: str) -> None:
    backend(shop, name)
    SecurityGroup(shop, name)
    synthesized = synth(shop)
    for kind in (NETWORK, SUBNET, GROUP):
        assert list(resources(synthesized, kind)) == [name]


def test_a_scope_stands_before_the_name(shop: OpenStackStack) -> None:
    tier = Construct(Construct(shop, "paris"), "web")
    network, group = backend(tier), SecurityGroup(tier, "web", egress="closed")
    group.allow_from(group, Tcp(80))
    server(tier, "www-1", nics=[network.nic(group)], user_data=template(shop, "#cloud-config\n"))
    synthesized = synth(shop)
    assert list(resources(synthesized, INSTANCE)) == ["paris_web_www-1"]
    assert list(resources(synthesized, PORT)) == ["paris_web_www-1_paris_web_backend"]
    assert list(resources(synthesized, NETWORK)) == ["paris_web_backend"]
    assert list(resources(synthesized, SUBNET)) == ["paris_web_backend"]
    assert list(resources(synthesized, GROUP)) == ["paris_web_web"]
    assert list(resources(synthesized, TRIGGER)) == ["paris_web_www-1__image", "paris_web_www-1__user_data"]
    assert list(resources(synthesized, RULE)) == [
        "paris_web_web_egress_tcp-80_group-paris_web_web_ipv4",
        "paris_web_web_egress_tcp-80_group-paris_web_web_ipv6",
        "paris_web_web_ingress_tcp-80_group-paris_web_web_ipv4",
        "paris_web_web_ingress_tcp-80_group-paris_web_web_ipv6",
    ]
    assert list(synthesized["locals"]["security_groups_of_ports"]) == ["paris_web_www-1_paris_web_backend"]
    assert list(synthesized["output"]["instances"]["value"]) == ["paris_web_www-1"]
    assert shop._record.user_data.keys() == {"paris_web_www-1"}


def test_equal_names_in_nested_scopes_stay_apart(shop: OpenStackStack) -> None:
    network = backend(shop)
    one, two = Construct(shop, "one"), Construct(shop, "two")
    for scope in (shop, one, two, Construct(one, "two")):
        server(scope, "www", network)
        SecurityGroup(scope, "www")
    synthesized = synth(shop)
    names = ["one_two_www", "one_www", "two_www", "www"]
    assert list(resources(synthesized, INSTANCE)) == names
    assert list(resources(synthesized, GROUP)) == names
    assert list(resources(synthesized, PORT)) == [f"{name}_backend" for name in names]


def test_scopes_and_names_are_not_joined_into_the_same_word(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(Construct(shop, "a-b"), "c", network)
    server(Construct(shop, "a"), "b-c", network)
    server(shop, "a-b-c", network)
    assert list(resources(synth(shop), INSTANCE)) == ["a-b-c", "a-b_c", "a_b-c"]


def test_an_instance_beside_a_scope_of_its_name_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(Construct(shop, "web"), "www", network)
    with pytest.raises(ValueError, match=r"^Instance web: shop already holds another construct called 'web'; give"):
        server(shop, "web", network)


def test_an_output_of_ones_own_beside_ours_is_refused(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop))
    TerraformOutput(shop, "instances", value="mine")
    with pytest.raises(ValueError, match=r"^OpenStackStack shop: it has an output called 'instances', as"):
        synth(shop)


def test_scopes_called_default_or_resource_stay_in_the_address(shop: OpenStackStack) -> None:
    network = backend(shop)
    for scope in ("Default", "Resource"):
        server(Construct(shop, scope), "www", network)
    assert list(resources(synth(shop), INSTANCE)) == ["Default_www", "Resource_www"]


def test_ports_that_would_have_one_name_are_refused(shop: OpenStackStack) -> None:
    one, two = backend(shop, "net"), backend(shop, "net-2", cidr="10.1.0.0/24")
    with pytest.raises(ValueError, match=r"^Instance www: openstack_networking_port_v2\.www_net-2 is already declared"):
        server(shop, "www", nics=[one.nic(), one.nic(), two.nic()])


def test_names_of_any_length_that_is_allowed_stay_whole(shop: OpenStackStack) -> None:
    long = "w" * 100
    network = backend(shop, "n" * 100)
    server(shop, long, network)
    synthesized = synth(shop)
    assert list(resources(synthesized, INSTANCE)) == [long]
    assert list(resources(synthesized, PORT)) == [f"{long}_{'n' * 100}"]


def test_two_stacks_of_an_app_do_not_know_each_others_names(shop: OpenStackStack) -> None:
    other = OpenStackStack(shop.app, "other")
    for stack in (shop, other):
        server(stack, "www", backend(stack), volumes=[Volume.lookup(stack, "v")])
    assert resources(synth(shop), INSTANCE).keys() == resources(synth(other), INSTANCE).keys() == {"www"}
