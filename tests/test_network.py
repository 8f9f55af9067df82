"""Networks, subnets, and NICs as ports of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct

from ivc import Network, OpenStackStack, SecurityGroup, Subnet
from tests.helpers import (
    GROUP,
    INSTANCE,
    NETWORK,
    PORT,
    SUBNET,
    Json,
    backend,
    data_sources,
    resources,
    server,
    synth,
)
from tests.program import terraform

NETWORK_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


def port(stack: OpenStackStack, name: str = "www_backend") -> Json:
    found: Json = resources(synth(stack), PORT)[name]
    return found


def test_a_network_is_made_with_its_subnet(shop: OpenStackStack) -> None:
    Network(shop, "backend", cidr="10.0.0.0/24")
    synthesized = synth(shop)
    assert resources(synthesized, NETWORK) == {
        "backend": {"name": "backend", "description": "ivc:shop/backend", "port_security_enabled": True}
    }
    assert resources(synthesized, SUBNET) == {
        "backend": {
            "name": "backend",
            "description": "ivc:shop/backend",
            "network_id": f"${{{NETWORK}.backend.id}}",
            "cidr": "10.0.0.0/24",
            "ip_version": 4,
            "enable_dhcp": True,
            "no_gateway": True,
        }
    }


def test_what_the_cloud_shows_may_be_anything(shop: OpenStackStack) -> None:
    Network(shop, "backend", cidr="10.0.0.0/24", name="back.end ${x}")
    synthesized = synth(shop)
    assert resources(synthesized, NETWORK)["backend"]["name"] == "back.end $${x}"
    assert resources(synthesized, SUBNET)["backend"]["name"] == "back.end $${x}"


def test_a_subnet_has_the_settings_that_are_said(shop: OpenStackStack) -> None:
    Network(shop, "backend", cidr="10.0.0.0/24", gateway="10.0.0.1", dhcp=False, dns_nameservers=["9.9.9.9", "1.1.1.1"])
    subnet = resources(synth(shop), SUBNET)["backend"]
    assert subnet["gateway_ip"] == "10.0.0.1"
    assert "no_gateway" not in subnet
    assert subnet["enable_dhcp"] is False
    assert subnet["dns_nameservers"] == ["9.9.9.9", "1.1.1.1"]


def test_a_network_without_a_range_gets_subnets_of_both_families(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    Subnet(shop, "four", network=network, cidr="10.0.0.0/24")
    Subnet(shop, "six", network=network, cidr="2001:DB8::/64")
    subnets = resources(synth(shop), SUBNET)
    assert {name: (subnet["cidr"], subnet["ip_version"]) for name, subnet in subnets.items()} == {
        "four": ("10.0.0.0/24", 4),
        "six": ("2001:db8::/64", 6),
    }


def test_a_look_up_goes_by_name_or_by_id(shop: OpenStackStack) -> None:
    Network.lookup(shop, "Ext-Net")
    Network.lookup(shop, id=NETWORK_ID.upper())
    assert data_sources(synth(shop), NETWORK) == {
        "Ext-Net": {"name": "Ext-Net"},
        f"id_{NETWORK_ID}": {"network_id": NETWORK_ID},
    }


def test_a_subnet_is_looked_up_in_its_network(shop: OpenStackStack) -> None:
    network = Network.lookup(shop, "office")
    Subnet.lookup(shop, "floor-1", network=network, cidr="192.0.2.0/24")
    server(shop, "www", nics=[network.nic(ip="192.0.2.9")])
    synthesized = synth(shop)
    assert data_sources(synthesized, SUBNET) == {
        "floor-1": {"name": "floor-1", "network_id": f"${{data.{NETWORK}.office.id}}", "cidr": "192.0.2.0/24"}
    }
    assert resources(synthesized, PORT)["www_office"]["fixed_ip"] == [
        {"ip_address": "192.0.2.9", "subnet_id": f"${{data.{SUBNET}.floor-1.id}}"}
    ]


def test_nics_keep_their_declared_order(shop: OpenStackStack) -> None:
    networks = [Network(shop, name, cidr=f"10.{n}.0.0/24") for n, name in enumerate(("zebra", "ant", "mole"))]
    server(shop, "www", nics=[network.nic() for network in networks])
    assert resources(synth(shop), INSTANCE)["www"]["network"] == [
        {"port": f"${{{PORT}.www_zebra.id}}"},
        {"port": f"${{{PORT}.www_ant.id}}"},
        {"port": f"${{{PORT}.www_mole.id}}"},
    ]


def test_a_fixed_address_names_its_subnet(shop: OpenStackStack) -> None:
    network = backend(shop)
    Subnet(shop, "six", network=network, cidr="2001:db8::/64")
    server(shop, "www", nics=[network.nic(ip=["10.0.0.11", "2001:DB8:0::11"])])
    assert port(shop)["fixed_ip"] == [
        {"ip_address": "10.0.0.11", "subnet_id": f"${{{SUBNET}.backend.id}}"},
        {"ip_address": "2001:db8::11", "subnet_id": f"${{{SUBNET}.six.id}}"},
    ]


@pytest.mark.parametrize(
    ("cidr", "usable"),
    [
        ("10.9.0.0/31", ["10.9.0.0", "10.9.0.1"]),
        ("10.9.0.0/30", ["10.9.0.1", "10.9.0.2"]),
        ("2001:db8::/127", ["2001:db8::", "2001:db8::1"]),
        ("2001:db8::/126", ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
    ],
)
def test_of_a_narrow_range_all_but_its_own_addresses_are_servers(
    shop: OpenStackStack, cidr: str, usable: list[str]
) -> None:
    network = backend(shop, "narrow", cidr=cidr)
    server(shop, "www", nics=[network.nic(ip=ip) for ip in usable])
    assert len(resources(synth(shop), INSTANCE)["www"]["network"]) == len(usable)


@pytest.mark.parametrize(
    ("cidr", "taken"), [("10.9.0.0/30", "10.9.0.0"), ("10.9.0.0/30", "10.9.0.3"), ("2001:db8::/126", "2001:db8::")]
)
def test_a_narrow_ranges_own_addresses_are_nobodys(shop: OpenStackStack, cidr: str, taken: str) -> None:
    with pytest.raises(ValueError, match=rf"{taken} is (the network's own|its broadcast) address"):
        server(shop, "www", nics=[backend(shop, "narrow", cidr=cidr).nic(ip=taken)])


def test_an_address_in_a_network_whose_subnets_are_unknown_is_left_to_the_cloud(shop: OpenStackStack) -> None:
    network = Network.lookup(shop, "office")
    server(shop, "www", nics=[network.nic(ip="192.0.2.9")])
    assert port(shop, "www_office")["fixed_ip"] == [{"ip_address": "192.0.2.9"}]


def test_groups_are_on_the_port_and_never_on_the_instance(shop: OpenStackStack) -> None:
    network, web, ssh = backend(shop), SecurityGroup(shop, "web"), SecurityGroup(shop, "ssh")
    server(shop, "www", nics=[network.nic(web, ssh, web)])
    synthesized = synth(shop)
    www = resources(synthesized, PORT)["www_backend"]
    assert www["security_group_ids"] == [f"${{{GROUP}.web.id}}", f"${{{GROUP}.ssh.id}}"]
    assert "no_security_groups" not in www
    assert "security_groups" not in resources(synthesized, INSTANCE)["www"]


def test_a_nic_without_groups_has_none_and_not_the_projects_default(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop))
    www = port(shop)
    assert www["no_security_groups"] is True
    assert "security_group_ids" not in www


def test_the_projects_default_group_is_had_by_declaration(shop: OpenStackStack) -> None:
    default = SecurityGroup.lookup(shop, "default")
    server(shop, "www", nics=[backend(shop).nic(default)])
    assert port(shop)["security_group_ids"] == [f"${{data.{GROUP}.default.id}}"]


@pytest.mark.parametrize("said", [True, False])
def test_port_security_of_a_nic_is_said_where_the_declaration_says_it(shop: OpenStackStack, said: bool) -> None:
    server(shop, "www", nics=[backend(shop).nic(port_security=said)])
    assert port(shop)["port_security_enabled"] is said


def test_port_security_of_a_nic_is_the_networks_otherwise(shop: OpenStackStack) -> None:
    network = backend(shop, port_security=False)
    server(shop, "www", network)
    synthesized = synth(shop)
    assert resources(synthesized, NETWORK)["backend"]["port_security_enabled"] is False
    www = resources(synthesized, PORT)["www_backend"]
    assert "port_security_enabled" not in www
    assert www["no_security_groups"] is True


def test_groups_apply_on_a_nic_that_turns_port_security_on(shop: OpenStackStack) -> None:
    network, web = backend(shop, port_security=False), SecurityGroup(shop, "web")
    server(shop, "www", nics=[network.nic(web, port_security=True)])
    www = port(shop)
    assert www["port_security_enabled"] is True
    assert www["security_group_ids"] == [f"${{{GROUP}.web.id}}"]


def test_automatic_addresses_wait_for_the_subnet_and_for_declared_ones(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "first", network)
    server(shop, "second", nics=[network.nic(ip="10.0.0.2")])
    server(shop, "third", nics=[network.nic(), network.nic(ip="10.0.0.3")])
    synthesized = synth(shop)
    assert synthesized["locals"] | {"security_groups_of_ports": None} == {
        "security_groups_of_ports": None,
        "automatic_addresses_in_backend": [
            f"${{{PORT}.second_backend.id}}",
            f"${{{PORT}.third_backend-2.id}}",
            f"${{{SUBNET}.backend.id}}",
        ],
    }
    assert {name: port.get("depends_on") for name, port in resources(synthesized, PORT).items()} == {
        "first_backend": ["local.automatic_addresses_in_backend"],
        "second_backend": None,
        "third_backend": ["local.automatic_addresses_in_backend"],
        "third_backend-2": None,
    }


def test_automatic_addresses_in_a_looked_up_network_wait_for_declared_ones(shop: OpenStackStack) -> None:
    network = Network.lookup(shop, "Ext-Net", public=True)
    server(shop, "first", network)
    server(shop, "second", nics=[network.nic(ip="192.0.2.2")])
    synthesized = synth(shop)
    [(name, waited_for)] = (each for each in synthesized["locals"].items() if each[0].startswith("automatic_"))
    assert waited_for == [f"${{{PORT}.second_Ext-Net.id}}"]
    ports = resources(synthesized, PORT)
    assert ports["first_Ext-Net"]["depends_on"] == [f"local.{name}"]
    assert "depends_on" not in ports["second_Ext-Net"]


def test_nothing_waits_where_nothing_is_to_be_waited_for(shop: OpenStackStack) -> None:
    server(shop, "www", Network.lookup(shop, "Ext-Net", public=True))
    synthesized = synth(shop)
    assert list(synthesized["locals"]) == ["security_groups_of_ports"]
    assert "depends_on" not in resources(synthesized, PORT)["www_Ext-Net"]


def test_the_waiting_of_two_networks_never_becomes_one(shop: OpenStackStack) -> None:
    """A looked-up network `Ext`, and one called `Ext` that is made in a scope `data`."""
    made = backend(Construct(shop, "data"), "Ext")
    found = Network.lookup(shop, "Ext")
    server(shop, "a", made)
    server(shop, "b", found)
    server(shop, "c", nics=[found.nic(ip="192.0.2.2")])
    synthesized = synth(shop)
    ports, waits = resources(synthesized, PORT), synthesized["locals"]
    assert waits[ports["a_data_Ext"]["depends_on"][0].removeprefix("local.")] == [f"${{{SUBNET}.data_Ext.id}}"]
    assert waits[ports["b_Ext"]["depends_on"][0].removeprefix("local.")] == [f"${{{PORT}.c_Ext.id}}"]


def test_the_check_of_groups_knows_those_declared_and_those_that_each_port_has(shop: OpenStackStack) -> None:
    network, web, ssh = backend(shop), SecurityGroup(shop, "web"), SecurityGroup(shop, "ssh", name="${ssh}")
    server(shop, "www", nics=[network.nic(web, ssh), network.nic()])
    assert synth(shop)["locals"]["security_groups_of_ports"] == {
        "www_backend": {
            "called": "Instance www: its port www_backend",
            "groups": "web, $${ssh}",
            "declared": [f"${{{GROUP}.web.id}}", f"${{{GROUP}.ssh.id}}"],
            "found": f"${{{PORT}.www_backend.all_security_group_ids}}",
        },
        "www_backend-2": {
            "called": "Instance www: its port www_backend-2",
            "groups": "none",
            "declared": [],
            "found": f"${{{PORT}.www_backend-2.all_security_group_ids}}",
        },
    }


def test_one_check_serves_all_servers(shop: OpenStackStack) -> None:
    network = backend(shop)
    for number in range(5):
        server(shop, f"www-{number}", network)
    assert list(synth(shop)["check"]) == ["security_groups"]


@pytest.mark.terraform
def test_terraform_names_each_port_whose_groups_are_others(shop: OpenStackStack, tmp_path: Path) -> None:
    """The check as it is, on ports that have what the cloud would say."""
    network, web, ssh = backend(shop), SecurityGroup(shop, "web", name='The "${web}"'), SecurityGroup(shop, "ssh")
    server(shop, "fine", nics=[network.nic(web, ssh), network.nic()])
    server(shop, "more", nics=[network.nic(web), network.nic()])
    synthesized = synth(shop)
    ports = synthesized["locals"]["security_groups_of_ports"]
    found = {"fine_backend": ["2", "1"], "fine_backend-2": [], "more_backend": ["1", "3"], "more_backend-2": ["3"]}
    declared = {f"${{{GROUP}.web.id}}": "1", f"${{{GROUP}.ssh.id}}": "2"}
    for name, port_ in ports.items():
        port_ |= {"found": found[name], "declared": [declared[group] for group in port_["declared"]]}
    folder = tmp_path / "terraform"
    folder.mkdir()
    document = {"locals": {"security_groups_of_ports": ports}, "check": synthesized["check"]}
    (folder / "main.tf.json").write_text(json.dumps(document))
    for command in (["init"], ["plan", "-out=plan"]):
        subprocess.run([terraform().path, *command, "-input=false"], cwd=folder, check=True, capture_output=True)
    shown = subprocess.run([terraform().path, "show", "-json", "plan"], cwd=folder, check=True, capture_output=True)
    (check,) = json.loads(shown.stdout)["checks"]
    (problem,) = check["instances"][0]["problems"]
    assert problem["message"].splitlines() == [
        'Instance more: its port more_backend has other security groups than the declared ones (The "${web}"); '
        "somebody changed them, or this plan does.",
        "Instance more: its port more_backend-2 has other security groups than the declared ones (none); somebody "
        "changed them, or this plan does.",
    ]


def test_the_port_is_named_after_what_the_cloud_calls_its_server(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop), name="www.example.com")
    www = port(shop)
    assert www["name"] == "www.example.com_backend"
    assert www["description"] == "ivc:shop/www_backend"


def test_the_l1_of_each_construct_is_there_and_takes_overrides(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    subnet = Subnet(shop, "four", network=network, cidr="10.0.0.0/24")
    www = server(shop, "www", network)
    network.l1.add_override("mtu", 1400)
    subnet.l1.add_override("allocation_pool", [{"start": "10.0.0.100", "end": "10.0.0.200"}])
    www.ports[0].add_override("mac_address", "fa:16:3e:00:00:01")
    synthesized = synth(shop)
    assert resources(synthesized, NETWORK)["backend"]["mtu"] == 1400
    assert resources(synthesized, SUBNET)["four"]["allocation_pool"][0]["start"] == "10.0.0.100"
    assert resources(synthesized, PORT)["www_backend"]["mac_address"] == "fa:16:3e:00:00:01"


def test_what_only_the_declaration_knows_of_a_looked_up_network_stands_in_the_output(shop: OpenStackStack) -> None:
    Network.lookup(shop, "Ext-Net", public=True)
    Network.lookup(shop, "bare", port_security=False)
    shop._finish()
    assert shop.to_terraform()["//"]["ivc"] == {
        f"data.{NETWORK}.Ext-Net": {"public": True, "port_security": True},
        f"data.{NETWORK}.bare": {"public": False, "port_security": False},
    }


@pytest.mark.parametrize("said", [{"public": True}, {"port_security": False}])
def test_two_look_ups_that_say_different_things_of_one_network_are_refused(
    shop: OpenStackStack, said: dict[str, Any]
) -> None:
    Network.lookup(shop, "Ext-Net")
    (key, value) = next(iter(said.items()))
    sentence = (
        rf"^Network\.lookup\('Ext-Net'\): it is looked up twice in stack shop, once with {key}={not value} and once "
        rf"with {key}={value}; look it up once and use that$"
    )
    with pytest.raises(ValueError, match=sentence):
        Network.lookup(shop, "Ext-Net", **said)
