"""Load balancers: their address, listeners, pools and members, and who lets whom in."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc import (
    AnyKeyManagerSecret,
    Certificate,
    Cidr,
    FloatingIp,
    KeyManagerSecret,
    Listener,
    LoadBalancer,
    LookedUpCertificate,
    Monitor,
    Network,
    OpenStackStack,
    Pool,
    PoolMember,
    Router,
    SecurityGroup,
    Subnet,
    Tcp,
    Tier,
    Vip,
)
from ivc.declare.octavia import POOLS_OF, ListenerProtocol, PoolProtocol
from ivc.diagram.composition import of_stack
from ivc.estate import Stack, stack_of
from ivc.estate.reach import Reach, of_load_balancer, of_nic
from ivc.terraform.circle import circle
from ivc.terraform.document import Document
from tests.helpers import (
    ASSOCIATION,
    INSTANCE,
    NETWORK,
    PORT,
    RULE,
    SUBNET,
    TRIGGER,
    Json,
    addresses,
    backend,
    new_stack,
    resources,
    run_program,
    server,
    shown_on,
    synth,
    written_stack,
)
from tests.test_key_manager_secret import certificate, secret

BALANCER, LISTENER, POOL, MEMBERS, MONITOR, L7_POLICY, L7_RULE = (
    f"openstack_lb_{name}_v2"
    for name in ("loadbalancer", "listener", "pool", "members", "monitor", "l7policy", "l7rule")
)
UUID = "7f3a1c52-93c8-4c1a-9a53-0f7d7c1d2a1{}"
PKCS_12 = "https://keys.example.com/v1/secrets/7f3a1c52-93c8-4c1a-9a53-0f7d7c1d2a10"
HREF = "https://keys.example.com/v1/containers/" + UUID


def balancer(stack: OpenStackStack, network: Network | None = None, **said: Any) -> LoadBalancer:
    """A load balancer at 10.0.0.100."""
    vip = Vip(stack, "www", network=network or backend(stack), ip="10.0.0.100")
    return LoadBalancer(stack, "www", vip=vip, **said)


def web(stack: OpenStackStack, network: Network, count: int = 2) -> Tier:
    group = SecurityGroup(stack, "web")
    return Tier(
        stack, "web", count=count, image="Debian 12", flavor="b2-7", nics=[network.nics(group, first="10.0.0.11")]
    )


def pool(www: LoadBalancer, id_: str = "web", **said: Any) -> Pool:
    given: dict[str, Any] = {"protocol": "HTTP", "port": 8080}
    return Pool(www, id_, **(given | said))


def listener(www: LoadBalancer, id_: str = "http", **said: Any) -> Listener:
    given: dict[str, Any] = {"protocol": "HTTP", "port": 80}
    return Listener(www, id_, **(given | said))


def of(www: LoadBalancer) -> OpenStackStack:
    found = www.node.scope
    assert isinstance(found, OpenStackStack)
    return found


def refused(sentence: str, declare: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        declare()


def test_a_load_balancer_has_a_port_of_the_stack_s_own_as_its_address(shop: OpenStackStack) -> None:
    internet, network = Network.lookup(shop, "Ext-Net"), backend(shop)
    Router(shop, "gate", external_network=internet).add_interface(network)
    floating = FloatingIp(shop, "www", network=internet)
    vip = Vip(shop, "www", network=network, ip="10.0.0.100", floating_ip=floating)
    www = LoadBalancer(shop, "www", vip=vip, name="www.example", description="For the shop", prevent_destroy=True)
    synthesized = synth(shop)
    assert www.address == "10.0.0.100"
    assert resources(synthesized, BALANCER) == {
        "www": {
            "name": "www.example",
            "description": "For the shop [ivc:shop/www]",
            "vip_port_id": f"${{{PORT}.www.id}}",
            "vip_subnet_id": f"${{{SUBNET}.backend.id}}",
            "timeouts": {"create": "20m", "update": "20m", "delete": "20m"},
            "lifecycle": {"prevent_destroy": True},
            "depends_on": ["local.addresses_before_vips_in_backend"],
        }
    }
    assert resources(synthesized, ASSOCIATION)["www"]["port_id"] == f"${{{PORT}.www.id}}"
    assert "security_groups_of_ports" not in synthesized["locals"]
    assert circle(synthesized) == ()


def test_its_own_servers_take_no_address_that_is_declared(shop: OpenStackStack) -> None:
    network = backend(shop)
    balancer(shop, network)
    server(shop, "db", nics=[network.nic(ip="10.0.0.21")])
    assert synth(shop)["locals"]["addresses_before_vips_in_backend"] == [
        f"${{{PORT}.db_backend.id}}",
        f"${{{PORT}.www.id}}",
        f"${{{SUBNET}.backend.id}}",
    ]


def test_members_come_when_all_else_in_their_load_balancer_is_there_and_wait_for_no_other_one(
    shop: OpenStackStack,
) -> None:
    network = backend(shop)
    www = balancer(shop, network)
    first, second = (Pool(www, name, protocol="HTTP", port=8080) for name in ("first", "second"))
    http = Listener(www, "http", protocol="HTTP", port=80, pool=first)
    http.route("second", path="/second", to=second)
    # It says itself that it comes after members.
    Listener(www, "later", protocol="HTTP", port=81, pool=second, depends_on=[second])
    other = LoadBalancer(shop, "other", vip=Vip(shop, "other", network=network, ip="10.0.0.101"))
    Pool(other, "third", protocol="TCP", port=8080, monitor=None)
    found = {name: one.get("depends_on") for name, one in resources(synth(shop), MEMBERS).items()}
    else_ = [f"{L7_POLICY}.www_http_second", f"{L7_RULE}.www_http_second_path", f"{LISTENER}.www_http"]
    monitors = [f"{MONITOR}.www_first", f"{MONITOR}.www_second"]
    assert found == {
        "www_first": [*else_, *monitors, f"{POOL}.www_second"],
        "www_second": [*else_, *monitors, f"{POOL}.www_first"],
        "other_third": [],
    }


def test_a_pool_follows_a_tier(shop: OpenStackStack) -> None:
    network = backend(shop)
    monitor = Monitor("HTTP", url_path="/health", expected_codes="200-204")
    pool(balancer(shop, network), members=web(shop, network), monitor=monitor, persistence="HTTP_COOKIE")
    synthesized = synth(shop)
    times = {"create": "20m", "update": "20m", "delete": "20m"}
    assert resources(synthesized, POOL) == {
        "www_web": {
            "name": "web",
            "description": "ivc:shop/www_web",
            "loadbalancer_id": f"${{{BALANCER}.www.id}}",
            "protocol": "HTTP",
            "lb_method": "ROUND_ROBIN",
            "persistence": {"type": "HTTP_COOKIE"},
            "timeouts": times,
        }
    }
    assert resources(synthesized, MEMBERS) == {
        "www_web": {
            "pool_id": f"${{{POOL}.www_web.id}}",
            "member": [
                {
                    "name": f"web-{number}",
                    "address": f"10.0.0.1{number}",
                    "protocol_port": 8080,
                    "subnet_id": f"${{{SUBNET}.backend.id}}",
                    "weight": 1,
                    "backup": False,
                }
                for number in (1, 2)
            ],
            "depends_on": [f"{INSTANCE}.web-1", f"{INSTANCE}.web-2", f"{MONITOR}.www_web"],
            "timeouts": times,
        }
    }
    assert resources(synthesized, MONITOR) == {
        "www_web": {
            "name": "web",
            "pool_id": f"${{{POOL}.www_web.id}}",
            "type": "HTTP",
            "delay": 5,
            "timeout": 3,
            "max_retries": 3,
            "max_retries_down": 3,
            "url_path": "/health",
            "http_method": "GET",
            "expected_codes": "200-204",
            "timeouts": times,
        }
    }


def test_members_are_servers_with_what_each_has_otherwise_in_any_order(shop: OpenStackStack) -> None:
    network = backend(shop)
    servers = {name: server(shop, name, nics=[network.nic(SecurityGroup(shop, name))]) for name in ("b", "a")}
    www = balancer(shop, network)
    pool(www, members=[PoolMember(servers["b"], weight=0, backup=True, port="http"), servers["a"]])
    given = resources(synth(shop), MEMBERS)["www_web"]["member"]
    assert [(one["name"], one["weight"], one["backup"], one["protocol_port"]) for one in given] == [
        ("a", 1, False, 8080),
        ("b", 0, True, 80),
    ]
    every = f"sort({PORT}.a_backend.all_fixed_ips)"
    assert given[0]["address"] == f'${{concat([for ip in {every} : ip if !strcontains(ip, ":")], {every})[0]}}'
    assert circle(synth(shop)) == ()


@pytest.mark.parametrize(
    ("protocol", "monitor", "rules"),
    [
        ("HTTP", Monitor(), ["tcp-8080"]),
        ("HTTP", None, ["tcp-8080"]),
        ("HTTP", Monitor("PING"), ["icmp-echo-request", "tcp-8080"]),
        ("UDP", Monitor(), ["udp-8080"]),
        ("UDP", Monitor("HTTP"), ["tcp-8080", "udp-8080"]),
    ],
)
def test_the_members_group_lets_the_load_balancer_in(
    shop: OpenStackStack, protocol: PoolProtocol, monitor: Monitor | None, rules: list[str]
) -> None:
    network = backend(shop)
    pool(balancer(shop, network), protocol=protocol, monitor=monitor, members=web(shop, network))
    found = {name: rule for name, rule in resources(synth(shop), RULE).items() if rule["direction"] == "ingress"}
    assert sorted(found) == [f"web_ingress_{one}_10-0-0-0-24_ipv4" for one in rules]
    assert {rule["remote_ip_prefix"] for rule in found.values()} == {"10.0.0.0/24"}


def test_what_is_said_by_hand_as_well_is_one_rule(shop: OpenStackStack) -> None:
    network = backend(shop)
    group = SecurityGroup(shop, "web")
    group.allow_from(Cidr("10.0.0.0/24"), Tcp(8080))
    pool(balancer(shop, network), members=[server(shop, "www-1", nics=[network.nic(group)])])
    assert [name for name in resources(synth(shop), RULE) if "ingress" in name] == [
        "web_ingress_tcp-8080_10-0-0-0-24_ipv4"
    ]


def test_members_in_another_network_let_in_both_ranges(shop: OpenStackStack) -> None:
    inside = backend(shop, "inside", cidr="10.1.0.0/24")
    network = backend(shop)
    nics = [network.nic(), inside.nic(SecurityGroup(shop, "web"), ip="10.1.0.11")]
    members = [server(shop, "www-1", nics=nics)]
    pool(balancer(shop, network), members=members, network=inside)
    synthesized = synth(shop)
    assert sorted(name for name in resources(synthesized, RULE) if "ingress" in name) == [
        "web_ingress_tcp-8080_10-0-0-0-24_ipv4",
        "web_ingress_tcp-8080_10-1-0-0-24_ipv4",
    ]
    members_said = resources(synthesized, MEMBERS)["www_web"]
    assert members_said["member"][0]["subnet_id"] == f"${{{SUBNET}.inside.id}}"
    assert "local.addresses_before_vips_in_inside" in members_said["depends_on"]


def test_the_group_that_is_named_gets_the_rule(shop: OpenStackStack) -> None:
    network = backend(shop)
    one, two = SecurityGroup(shop, "one"), SecurityGroup(shop, "two")
    pool(balancer(shop, network), members=[server(shop, "a", nics=[network.nic(one, two)])], security_group=two)
    assert [name for name in resources(synth(shop), RULE) if "ingress" in name] == [
        "two_ingress_tcp-8080_10-0-0-0-24_ipv4"
    ]


def test_nothing_is_done_to_a_group_that_is_looked_up_or_where_nothing_filters(shop: OpenStackStack) -> None:
    network = backend(shop)
    looked_up = server(shop, "a", nics=[network.nic(SecurityGroup.lookup(shop, "office"))])
    pool(balancer(shop, network), members=[looked_up, server(shop, "b", nics=[network.nic(port_security=False)])])
    assert resources(synth(shop), RULE) == {}


def test_a_rule_s_place_in_the_program_is_its_pool_s(tmp_path: Path) -> None:
    program = (
        "from ivc import *\n"
        "app = App()\nshop = OpenStackStack(app, 'shop')\nnet = Network(shop, 'n', cidr='10.0.0.0/24')\n"
        "one = Instance(shop, 'a', image='i', flavor='f', nics=[net.nic(SecurityGroup(shop, 'web'))])\n"
        "www = LoadBalancer(shop, 'www', vip=Vip(shop, 'www', network=net, ip='10.0.0.9'))\n"
        "Pool(www, 'web', protocol='TCP', port=22, members=[one])\n"
        "app.synth()\n"
    )
    done = run_program(tmp_path, program)
    assert (done.returncode, done.stderr) == (0, "")
    sources = json.loads((tmp_path / "cdktf.out" / "stacks" / "shop" / "sources.json").read_text())
    assert sources[f"{RULE}.web_ingress_tcp-22_10-0-0-0-24_ipv4"] == "main.py:7"


def test_listeners_say_all_that_the_cloud_would_say_otherwise(shop: OpenStackStack) -> None:
    www = balancer(shop)
    ranges = [Cidr("9.0.0.0/8"), Cidr("10.0.0.0/8"), Cidr("9.0.0.0/8")]
    listener(www, pool=pool(www), allowed_cidrs=ranges)
    assert resources(synth(shop), LISTENER)["www_http"] == {
        "name": "http",
        "description": "ivc:shop/www_http",
        "loadbalancer_id": f"${{{BALANCER}.www.id}}",
        "protocol": "HTTP",
        "protocol_port": 80,
        "default_pool_id": f"${{{POOL}.www_web.id}}",
        # As texts, which is the order that Octavia gives them back in.
        "allowed_cidrs": ["10.0.0.0/8", "9.0.0.0/8"],
        "insert_headers": {"X-Forwarded-For": "true", "X-Forwarded-Port": "true", "X-Forwarded-Proto": "true"},
        "timeouts": {"create": "20m", "update": "20m", "delete": "20m"},
    }


def bought(stack: OpenStackStack, number: int) -> LookedUpCertificate:
    return Certificate.lookup(stack, container_ref=HREF.format(number))


def bundle(stack: OpenStackStack) -> AnyKeyManagerSecret:
    return KeyManagerSecret.lookup(stack, PKCS_12)


def unread(stack: OpenStackStack) -> AnyKeyManagerSecret:
    """A bundle that says who reads it: nobody."""
    return secret(stack, "bundle", payload_content_encoding="base64", readers=[])


def test_certificates_go_by_their_addresses_in_one_order(shop: OpenStackStack) -> None:
    www = balancer(shop)
    both = {"protocol": "TERMINATED_HTTPS", "pool": pool(www)}
    further = [bought(shop, 2), bundle(shop), bought(shop, 1)]
    listener(www, "a", port=443, certificate=bought(shop, 0), sni_certificates=further, **both)
    made = certificate(shop, "own")
    listener(www, "b", port=8443, certificate=made, sni_certificates=[made, bought(shop, 0)], **both)
    found = resources(synth(shop), LISTENER)
    assert found["www_a"]["default_tls_container_ref"] == HREF.format(0)
    assert found["www_a"]["sni_container_refs"] == [HREF.format(1), HREF.format(2), PKCS_12]
    reference = "openstack_keymanager_container_v1.own.container_ref"
    assert found["www_b"]["default_tls_container_ref"] == f"${{{reference}}}"
    assert found["www_b"]["sni_container_refs"] == f'${{sort(["{HREF.format(0)}", {reference}])}}'


def test_a_redirect_to_where_nothing_listens_is_told(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    www = balancer(shop)
    listener(www, redirect_to_https=["www.example.com", "api.example.com"])
    shop.app.synth()
    said = (
        "it sends requests to https://api.example.com and https://www.example.com, and the load balancer does not "
        "listen on port 443: add a listener there"
    )
    assert said in capsys.readouterr().err
    listener(www, "https", protocol="HTTPS", port=443, pool=pool(www, protocol="HTTPS", port=8443))
    shop.app.synth()
    assert "it sends requests to" not in capsys.readouterr().err


def test_a_redirect_to_another_place_can_be_accepted(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    listener(balancer(shop), redirect_to_https="new.example.com").waive("IVC167", reason="the shop has moved")
    shop.app.synth()
    assert "it sends requests to" not in capsys.readouterr().err


def test_http_goes_to_https_with_its_path(shop: OpenStackStack) -> None:
    listener(balancer(shop), redirect_to_https=["www.example.com", "api.example.com"])
    synthesized = synth(shop)
    assert "default_pool_id" not in resources(synthesized, LISTENER)["www_http"]
    policies = resources(synthesized, L7_POLICY)
    assert [
        (name, one["position"], one["action"], one["redirect_prefix"], one["redirect_http_code"])
        for name, one in policies.items()
    ] == [
        ("www_http_api-example-com", 1, "REDIRECT_PREFIX", "https://api.example.com", 301),
        ("www_http_www-example-com", 2, "REDIRECT_PREFIX", "https://www.example.com", 301),
    ]
    assert {
        name: (one["type"], one["compare_type"], one["value"]) for name, one in resources(synthesized, L7_RULE).items()
    } == {
        "www_http_api-example-com_host": ("HOST_NAME", "EQUAL_TO", "api.example.com"),
        "www_http_www-example-com_path": ("PATH", "STARTS_WITH", "/"),
    }


def test_routes_are_asked_in_the_order_of_their_declaration(shop: OpenStackStack) -> None:
    www = balancer(shop)
    main, api = pool(www), pool(www, "api")
    http = listener(www, pool=main)
    http.route("api", to=api, host="api.example.com")
    http.route("all", to=api, host="*.example.com", path="/v1")
    synthesized = synth(shop)
    policies = resources(synthesized, L7_POLICY)
    assert policies["www_http_api"] == {
        "name": "api",
        "description": "ivc:shop/www_http_api",
        "listener_id": f"${{{LISTENER}.www_http.id}}",
        "action": "REDIRECT_TO_POOL",
        "redirect_pool_id": f"${{{POOL}.www_api.id}}",
        "position": 1,
        "timeouts": {"create": "20m", "update": "20m", "delete": "20m"},
    }
    assert (policies["www_http_all"]["position"], policies["www_http_all"]["depends_on"]) == (
        2,
        [f"{L7_POLICY}.www_http_api"],
    )
    rules = resources(synthesized, L7_RULE)
    assert {name: (one["type"], one["compare_type"], one["value"]) for name, one in rules.items()} == {
        "www_http_api_host": ("HOST_NAME", "EQUAL_TO", "api.example.com"),
        "www_http_all_host": ("HOST_NAME", "ENDS_WITH", ".example.com"),
        "www_http_all_path": ("PATH", "STARTS_WITH", "/v1"),
    }
    assert rules["www_http_all_path"]["l7policy_id"] == f"${{{L7_POLICY}.www_http_all.id}}"


def test_all_that_stands_in_a_load_balancer_is_renamed_with_it(shop: OpenStackStack) -> None:
    vip = Vip(shop, "www", network=backend(shop))
    www = LoadBalancer(shop, "front", vip=vip, renamed_from="www")
    web = pool(www, "site", renamed_from="web")
    http = listener(www, pool=web)
    http.route("v1", to=web, path="/v1", renamed_from="old")
    assert {one["from"]: one["to"] for one in synth(shop)["moved"]} == {
        f"{BALANCER}.www": f"{BALANCER}.front",
        f"{POOL}.www_web": f"{POOL}.front_site",
        f"{MEMBERS}.www_web": f"{MEMBERS}.front_site",
        f"{MONITOR}.www_web": f"{MONITOR}.front_site",
        f"{LISTENER}.www_http": f"{LISTENER}.front_http",
        f"{L7_POLICY}.www_http_old": f"{L7_POLICY}.front_http_v1",
        f"{L7_RULE}.www_http_old_path": f"{L7_RULE}.front_http_v1_path",
    }


def test_who_waits_for_a_load_balancer_waits_for_all_of_it(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = balancer(shop, network)
    server(shop, "client", network, depends_on=[www])
    listener(www, pool=pool(www)).route("a", to=pool(www, "api"), path="/a")
    waits = resources(synth(shop), INSTANCE)["client"]["depends_on"]
    kinds = {one.split(".")[0] for one in waits}
    assert kinds >= {BALANCER, LISTENER, POOL, MEMBERS, MONITOR, L7_POLICY, L7_RULE}


def test_a_subnet_that_is_declared_later_is_known_all_the_same(shop: OpenStackStack) -> None:
    network = Network(shop, "backend")
    group = SecurityGroup(shop, "web")
    www = LoadBalancer(shop, "www", vip=Vip(shop, "www", network=network))
    pool(www, members=[server(shop, "a", nics=[network.nic(group)])])
    Subnet(shop, "low", network=network, cidr="10.5.0.0/24")
    synthesized = synth(shop)
    assert resources(synthesized, BALANCER)["www"]["vip_subnet_id"] == f"${{{SUBNET}.low.id}}"
    assert "web_ingress_tcp-8080_10-5-0-0-24_ipv4" in resources(synthesized, RULE)
    assert synth(shop) == synthesized


# The provider OVN.


def test_ovn_picks_by_the_only_way_that_it_knows(shop: OpenStackStack) -> None:
    www = balancer(shop, provider="ovn")
    listener(www, protocol="TCP", pool=pool(www, protocol="TCP"))
    synthesized = synth(shop)
    assert resources(synthesized, BALANCER)["www"]["loadbalancer_provider"] == "ovn"
    assert resources(synthesized, POOL)["www_web"]["lb_method"] == "SOURCE_IP_PORT"


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (
            pool,
            "Pool web of LoadBalancer www: protocol: load balancers of the provider 'ovn' know TCP and UDP alone, and "
            "it is HTTP; give one of these, or leave the provider out",
        ),
        (
            lambda www: listener(www, protocol="HTTPS"),
            "Listener http of LoadBalancer www: protocol: load balancers of the provider 'ovn' know TCP and UDP alone, "
            "and it is HTTPS; give one of these, or leave the provider out",
        ),
        (
            lambda www: pool(www, protocol="TCP", algorithm="ROUND_ROBIN"),
            "Pool web of LoadBalancer www: algorithm: the provider 'ovn' knows SOURCE_IP_PORT alone, and it is "
            "ROUND_ROBIN; leave it out",
        ),
        (
            lambda www: pool(www, protocol="TCP", monitor=Monitor("PING")),
            "Pool web of LoadBalancer www: monitor: PING is none that the provider 'ovn' has; give one of TCP, "
            "UDP-CONNECT",
        ),
        (
            lambda www: listener(www, protocol="TCP", allowed_cidrs=[Cidr("10.0.0.0/8")]),
            "Listener http of LoadBalancer www: allowed_cidrs: the provider 'ovn' has none, so that everybody would "
            "come in; let the ranges in with the members' security groups, which see the clients' own addresses there",
        ),
        (
            lambda www: pool(
                www, protocol="TCP", members=[PoolMember(server(of(www), "a", www.vip.network), weight=2)]
            ),
            "Pool web of LoadBalancer www: members: Instance a: weight: members of the provider 'ovn' have none; leave "
            "it out",
        ),
    ],
)
def test_what_ovn_has_not_is_refused(
    shop: OpenStackStack, declare: Callable[[LoadBalancer], object], sentence: str
) -> None:
    www = balancer(shop, provider="ovn")
    refused(sentence, lambda: declare(www))


def test_ovn_runs_in_no_zone(shop: OpenStackStack) -> None:
    sentence = "LoadBalancer www: availability_zone: load balancers of provider 'ovn' have none; leave it out"
    refused(sentence, lambda: balancer(shop, provider="ovn", availability_zone="a"))


# What Octavia would answer with 409, or refuse.


PAIRS = [(one, other) for one in get_args(ListenerProtocol) for other in get_args(PoolProtocol)]


@pytest.mark.parametrize(("protocol", "of_pool"), PAIRS)
def test_protocols_that_do_not_fit_are_refused(
    shop: OpenStackStack, protocol: ListenerProtocol, of_pool: PoolProtocol
) -> None:
    www = balancer(shop)
    web = pool(www, protocol=of_pool)
    said: dict[str, Any] = {"certificate": bought(shop, 0)} if protocol == "TERMINATED_HTTPS" else {}

    def declare() -> None:
        listener(www, protocol=protocol, pool=web, **said)

    if of_pool in POOLS_OF[protocol]:
        declare()
        return
    sentence = (
        f"Listener http of LoadBalancer www: pool: a listener of {protocol} leads to no pool of {of_pool}, which Pool "
        f"web of LoadBalancer www is; give one of {', '.join(POOLS_OF[protocol])}"
    )
    refused(sentence, declare)


def test_a_port_is_listened_on_once_by_tcp_and_once_by_udp(shop: OpenStackStack) -> None:
    www = balancer(shop)
    listener(www, "tcp", protocol="TCP", port=53, pool=pool(www, "a", protocol="TCP"))
    listener(www, "udp", protocol="UDP", port="dns", pool=pool(www, "b", protocol="UDP"))
    sentence = (
        "Listener http of LoadBalancer www: port: Listener tcp of LoadBalancer www listens on TCP 53 already, and "
        "Octavia takes it once; give one of the two another port, or leave it out"
    )
    refused(sentence, lambda: listener(www, port=53, pool=pool(www)))


def test_a_pool_of_another_load_balancer_is_refused(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = balancer(shop, network)
    other = LoadBalancer(shop, "api", vip=Vip(shop, "api", network=network, ip="10.0.0.101"))
    sentence = (
        "Listener http of LoadBalancer www: pool: Pool web of LoadBalancer api is of another load balancer; give one "
        "of www"
    )
    refused(sentence, lambda: listener(www, pool=pool(other)))


def test_a_vip_is_of_one_load_balancer_or_of_servers(shop: OpenStackStack) -> None:
    network = backend(shop)
    www = balancer(shop, network)
    sentence = "LoadBalancer api: vip: VIP www is that of LoadBalancer www already; declare another one"
    refused(sentence, lambda: LoadBalancer(shop, "api", vip=www.vip))
    server(shop, "a", nics=[network.nic(vips=[www.vip])])
    sentence = (
        "Instance a: nics[0].vips: VIP www is that of LoadBalancer www, and of no server; declare another one, or "
        "leave it out"
    )
    refused(sentence, lambda: synth(shop))


def test_a_vip_in_one_of_several_subnets_says_its_address(shop: OpenStackStack) -> None:
    network = backend(shop)
    Subnet(shop, "high", network=network, cidr="10.0.1.0/24")
    LoadBalancer(shop, "www", vip=Vip(shop, "www", network=network))
    sentence = (
        "Vip www: ip: it is missing, and the cloud may choose an address in subnet backend or subnet high of network "
        "backend, which LoadBalancer www must know; give it"
    )
    refused(sentence, lambda: synth(shop))


MISTAKES: dict[str, tuple[Callable[[LoadBalancer, Network], object], str]] = {
    "no certificate": (
        lambda www, _: listener(www, protocol="TERMINATED_HTTPS"),
        "Listener http of LoadBalancer www: certificate: it is missing; give a Certificate, or the protocol HTTPS, "
        "where the members have it",
    ),
    "a certificate too many": (
        lambda www, _: listener(www, certificate=bought(of(www), 0)),
        "Listener http of LoadBalancer www: certificate: a listener of HTTP has none; give it the protocol "
        "TERMINATED_HTTPS, or leave it out",
    ),
    "a certificate twice": (
        lambda www, _: listener(
            www,
            protocol="TERMINATED_HTTPS",
            certificate=bought(of(www), 0),
            sni_certificates=[bought(of(www), 1), bought(of(www), 1)],
        ),
        f"Listener http of LoadBalancer www: sni_certificates: Certificate.lookup('{UUID.format(1)}') is there twice; "
        "give it once",
    ),
    "a bundle that says who reads it": (
        lambda www, _: listener(
            www,
            protocol="TERMINATED_HTTPS",
            certificate=unread(of(www)),
        ),
        "Listener http of LoadBalancer www: certificate: KeyManagerSecret bundle says who reads it, and Octavia adds "
        "its own user there, which the next plan would take away; leave its readers and project_access out",
    ),
    "a secret that is no bundle": (
        lambda www, _: listener(www, protocol="TERMINATED_HTTPS", certificate=secret(of(www), "text")),
        "Listener http of LoadBalancer www: certificate: KeyManagerSecret text is a text, and a secret alone must be a "
        "PKCS 12 bundle, with payload_content_encoding='base64'; give a Certificate of it and its key",
    ),
    "nobody is allowed": (
        lambda www, _: listener(www, pool=pool(www), allowed_cidrs=[]),
        "Listener http of LoadBalancer www: allowed_cidrs: the list is empty, which lets everybody in; give a range, "
        "or leave it out where that is meant",
    ),
    "a header that nobody can insert": (
        lambda www, _: listener(www, protocol="TCP", insert_headers=["X-Forwarded-For"]),
        "Listener http of LoadBalancer www: insert_headers: a listener of TCP sees no requests; leave it out",
    ),
    "a redirect of TCP": (
        lambda www, _: listener(www, protocol="TCP", redirect_to_https="www.example.com"),
        "Listener http of LoadBalancer www: redirect_to_https: only a listener of HTTP can, and this is TCP; leave it "
        "out",
    ),
    "a redirect beside a pool": (
        lambda www, _: listener(www, pool=pool(www), redirect_to_https="www.example.com"),
        "Listener http of LoadBalancer www: redirect_to_https: every request is sent away, so that the pool gets none; "
        "leave one out",
    ),
    "a redirect to an address with its scheme": (
        lambda www, _: listener(www, redirect_to_https="https://www.example.com"),
        "Listener http of LoadBalancer www: redirect_to_https: 'https://www.example.com' is no name of a host; write "
        "it in small letters and without a port, such as 'www.example.com'",
    ),
    "a redirect to any": (
        lambda www, _: listener(www, redirect_to_https="*.example.com"),
        "Listener http of LoadBalancer www: redirect_to_https: '*.example.com' is no name to send to; give each by "
        "itself",
    ),
    "a redirect twice": (
        lambda www, _: listener(www, redirect_to_https=["a.example", "a.example"]),
        "Listener http of LoadBalancer www: redirect_to_https: a.example is there twice; give it once",
    ),
    "a route on what is redirected": (
        lambda www, _: listener(www, redirect_to_https="a.example").route("x", to=pool(www), path="/x"),
        "Listener http of LoadBalancer www: route x: redirect_to_https sends every request away; put the route on the "
        "listener that it sends to",
    ),
    "a route of TCP": (
        lambda www, _: listener(www, protocol="TCP").route("x", to=pool(www), path="/x"),
        "Listener http of LoadBalancer www: route x: a listener of TCP sees no requests; give it the protocol HTTP or "
        "TERMINATED_HTTPS",
    ),
    "a route of everything": (
        lambda www, _: listener(www).route("x", to=pool(www)),
        "Listener http of LoadBalancer www: route x: host: it is missing; give it, or a path, or a pool to the "
        "listener",
    ),
    "a route with a query": (
        lambda www, _: listener(www).route("x", to=pool(www), path="/x?y"),
        "Listener http of LoadBalancer www: route x: path: '/x?y' is none; write how it begins, from '/' on, "
        "in ASCII and without '?' and '*', such as '/v1'",
    ),
    "a route with a wildcard": (
        lambda www, _: listener(www).route("x", to=pool(www), path="/v1/*"),
        "Listener http of LoadBalancer www: route x: path: '/v1/*' is none; write how it begins, from '/' on, in ASCII "
        "and without '?' and '*', such as '/v1'",
    ),
    "a cookie that is none": (
        lambda www, _: pool(www, persistence="APP_COOKIE", cookie_name="a b"),
        "Pool web of LoadBalancer www: cookie_name: 'a b' is no cookie's name; give the application's, such as "
        "'session'",
    ),
    "a route to a host in capitals": (
        lambda www, _: listener(www).route("x", to=pool(www), host="WWW.example.com"),
        "Listener http of LoadBalancer www: route x: host: 'WWW.example.com' is no name of a host; write it in small "
        "letters and without a port, such as 'www.example.com'",
    ),
    "a route to a pool of TCP": (
        lambda www, _: listener(www).route("x", to=pool(www, protocol="TCP"), path="/x"),
        "Listener http of LoadBalancer www: route x: to: a listener of HTTP leads to no pool of TCP, which Pool web of "
        "LoadBalancer www is; give one of HTTP, PROXY, PROXYV2",
    ),
    "a cookie where there are no requests": (
        lambda www, _: pool(www, protocol="TCP", persistence="HTTP_COOKIE"),
        "Pool web of LoadBalancer www: persistence: HTTP_COOKIE needs requests, and a pool of TCP has none; give "
        "SOURCE_IP",
    ),
    "a cookie without a name": (
        lambda www, _: pool(www, persistence="APP_COOKIE"),
        "Pool web of LoadBalancer www: cookie_name: it is missing; give that of the application's cookie",
    ),
    "the name of no cookie": (
        lambda www, _: pool(www, cookie_name="session"),
        "Pool web of LoadBalancer www: cookie_name: only APP_COOKIE takes one; write persistence='APP_COOKIE', or "
        "leave it out",
    ),
    "a monitor of UDP": (
        lambda www, _: pool(www, monitor=Monitor("UDP-CONNECT")),
        "Pool web of LoadBalancer www: monitor: UDP-CONNECT watches pools of UDP alone; give Monitor('TCP')",
    ),
    "a monitor that cannot watch UDP": (
        lambda www, _: pool(www, protocol="UDP", monitor=Monitor("PING")),
        "Pool web of LoadBalancer www: monitor: PING cannot watch a pool of UDP; give one of UDP-CONNECT, TCP, HTTP",
    ),
    "a member twice": (
        lambda www, network: pool(www, members=[one := server(of(www), "a", network), PoolMember(one)]),
        "Pool web of LoadBalancer www: members: Instance a: it is there twice with port 8080; give it once",
    ),
    "a member that is elsewhere": (
        lambda www, _: pool(www, members=[server(of(www), "a", backend(of(www), "other"))]),
        "Pool web of LoadBalancer www: members: Instance a: it is not on network backend, where the pool reaches its "
        "members, but on other; say which network that is, with network=",
    ),
    "a port that is none": (
        lambda www, _: pool(www, port=0),
        "Pool web of LoadBalancer www: port: 0 is no port; ports go from 1 to 65535",
    ),
    "a port that nobody knows": (
        lambda www, _: listener(www, port="web"),
        "Listener http of LoadBalancer www: port: 'web': no such well-known name; write the number, or one of ssh, "
        "smtp, dns, http, ntp, imap, ldap, https, submission, ldaps, imaps, nfs, mysql, rdp, postgresql, redis, "
        "memcached, mongodb",
    ),
    "a weight that is none": (
        lambda www, network: PoolMember(server(of(www), "a", network), weight=257),
        "PoolMember(a): weight: 257 is none; give 0 to 256",
    ),
    "OVN's algorithm elsewhere": (
        lambda www, network: pool(
            LoadBalancer(of(www), "b", vip=Vip(of(www), "b", network=network), provider="amphora"),
            algorithm="SOURCE_IP_PORT",
        ),
        "Pool web of LoadBalancer b: algorithm: SOURCE_IP_PORT is one of the provider 'ovn', and this is 'amphora'; "
        "give SOURCE_IP",
    ),
}
LATE: dict[str, tuple[Callable[[LoadBalancer, Network], object], str]] = {
    "a listener that leads nowhere": (
        lambda www, _: listener(www),
        "Listener http of LoadBalancer www: pool: there is none, and no route, so that nothing answers there; give a "
        "pool",
    ),
    "a range of the other family": (
        lambda www, _: listener(www, pool=pool(www), allowed_cidrs=[Cidr("2001:db8::/32")]),
        "Listener http of LoadBalancer www: allowed_cidrs: 2001:db8::/32 is IPv6, and the VIP has an IPv4 address; "
        "leave it out",
    ),
    "a member with several groups": (
        lambda www, network: pool(
            www,
            members=[
                server(
                    of(www),
                    "a",
                    nics=[network.nic(SecurityGroup(of(www), "x"), SecurityGroup(of(www), "y"))],
                )
            ],
        ),
        "Pool web of LoadBalancer www: members: Instance a: its NIC in network backend has the security groups x, y; "
        "say which one lets the load balancer in, with security_group=",
    ),
    "a member with no group": (
        lambda www, network: pool(www, members=[server(of(www), "a", network)]),
        "Pool web of LoadBalancer www: members: Instance a: its NIC in network backend has no security group, so that "
        "nothing reaches it; give it one",
    ),
    "a group that a member has not": (
        lambda www, network: pool(
            www,
            members=[server(of(www), "a", network)],
            security_group=SecurityGroup(of(www), "x"),
        ),
        "Pool web of LoadBalancer www: members: Instance a: its NIC in network backend does not have the security "
        "group x, which the pool names; give the NIC that group, or leave security_group out",
    ),
    "a member that waits for its load balancer": (
        lambda www, network: pool(
            www, members=[server(of(www), "a", nics=[network.nic(SecurityGroup(of(www), "x"))], depends_on=[www])]
        ),
        "Pool web of LoadBalancer www: members: Instance a: it waits for LoadBalancer www, of which the members wait "
        "for it; take that out of its depends_on",
    ),
    "a member in no subnet that is declared": (
        lambda www, _: pool(
            www,
            members=[server(of(www), "a", nics=[Network.lookup(of(www), "office").nic(port_security=False)])],
            network=Network.lookup(of(www), "office"),
        ),
        "Pool web of LoadBalancer www: members: Instance a: which subnet of network office its address lies in is not "
        "declared; look it up with Subnet.lookup(..., cidr=...)",
    ),
}


@pytest.mark.parametrize(("declare", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_where_it_is_made(
    shop: OpenStackStack, declare: Callable[[LoadBalancer, Network], object], sentence: str
) -> None:
    network = backend(shop)
    www = balancer(shop, network)
    refused(sentence, lambda: declare(www, network))


@pytest.mark.parametrize(("declare", "sentence"), LATE.values(), ids=LATE)
def test_a_mistake_that_only_all_declarations_tell_is_refused_too(
    shop: OpenStackStack, declare: Callable[[LoadBalancer, Network], object], sentence: str
) -> None:
    network = backend(shop)
    declare(balancer(shop, network), network)
    refused(sentence, lambda: synth(shop))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"delay": 0}, "Monitor(): delay: 0 is no time; give 1 second or more"),
        (
            {"timeout": 5},
            "Monitor(): timeout: 5 s is not less than the delay, 5 s; give a shorter one, or a longer delay",
        ),
        ({"max_retries": 11}, "Monitor(): max_retries: 11 is none; give 1 to 10"),
        (
            {"type": "TCP", "url_path": "/"},
            "Monitor('TCP'): url_path: only requests have one; give the type 'HTTP' or 'HTTPS', or leave it out",
        ),
        (
            {"type": "HTTP", "url_path": "health"},
            "Monitor('HTTP'): url_path: 'health' is no path; write one that begins with '/', such as '/health'",
        ),
        (
            {"type": "HTTP", "expected_codes": "2xx"},
            "Monitor('HTTP'): expected_codes: '2xx' are none; write '200', '200,302' or '200-204'",
        ),
    ],
)
def test_a_monitor_that_cannot_be_is_refused(said: dict[str, Any], sentence: str) -> None:
    refused(sentence, lambda: Monitor(**said))


# What the readers make of it.


def exposed(stack: OpenStackStack, **said: Any) -> Stack:
    """A load balancer that a floating IP leads to, as it is read from the JSON."""
    internet, network = Network.lookup(stack, "Ext-Net"), backend(stack)
    Router(stack, "gate", external_network=internet).add_interface(network)
    floating = FloatingIp(stack, "www", network=internet)
    vip = Vip(stack, "www", network=network, ip="10.0.0.100", floating_ip=floating)
    www = LoadBalancer(stack, "www", vip=vip)
    listener(www, pool=pool(www, members=web(stack, network)), **said)
    return stack_of(Document.of("shop", synth(stack)))


def test_its_port_is_its_own_and_no_vip_of_servers(shop: OpenStackStack) -> None:
    read = exposed(shop)
    (found,) = read.load_balancers
    assert (found.port, found.ips, found.network.name) == (f"{PORT}.www", ("10.0.0.100",), "backend")
    assert found.members == ("10.0.0.11", "10.0.0.12")
    assert read.vips == ()


def test_the_world_reaches_its_listeners_by_the_floating_ip_and_the_members_by_it_alone(shop: OpenStackStack) -> None:
    read = exposed(shop)
    assert {(one.protocol, one.low) for one in of_load_balancer(read, read.load_balancers[0]).openings} == {("tcp", 80)}
    assert [of_nic(read, nic) for server in read.instances for nic in server.nics] == [Reach(), Reach()]


def test_allowed_ranges_keep_the_world_out(shop: OpenStackStack) -> None:
    read = exposed(shop, allowed_cidrs=[Cidr("203.0.113.0/24")])
    assert not of_load_balancer(read, read.load_balancers[0])


def test_the_diagram_draws_the_way_to_the_members(shop: OpenStackStack) -> None:
    boxes = {box.title: box for box in of_stack(exposed(shop)).boxes}
    assert [box.kind for box in boxes.values()] == ["router", "load balancer", "servers"]
    ties = [(tie.words, tie.more) for tie in boxes["www"].ties]
    assert ties[0] == (("10.0.0.100", "listens on HTTP 80"), ())
    assert ties[1] == (("an address that the cloud chooses",), ("floating IP",))
    # The members are on its network, and may ask it as everybody may.
    asking = [(passage.sources, passage.words) for passage in boxes["www"].reached or ()]
    assert asking == [(("world",), "tcp 80"), (("s0",), "tcp 80")]
    leads = [passage.words for box in boxes.values() for passage in box.reached or ()]
    assert "as members of pool web by tcp 8080" in leads


# For all counts, and as a person's own program.


def _everything(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        shop = new_stack(Path(folder))
        network = backend(shop)
        www = balancer(shop, network)
        web_pool = pool(www, members=web(shop, network, count))
        listener(www, pool=web_pool).route("v1", to=web_pool, path="/v1")
        synthesized = synth(shop)
    found: Json = {}
    for block in ("resource", "data"):
        for kind, named in synthesized.get(block, {}).items():
            found |= {f"{kind}.{name}": one for name, one in named.items()}
    return found


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(count=st.integers(1, 20), other=st.integers(1, 20))
def test_another_count_changes_the_members_alone(count: int, other: int) -> None:
    before, after = _everything(count), _everything(other)
    changed = {address for address in before.keys() & after.keys() if before[address] != after[address]}
    assert changed == ({f"{MEMBERS}.www_web"} if count != other else set())
    come_or_go = before.keys() ^ after.keys()
    of_servers = {INSTANCE, PORT, TRIGGER}
    assert {address.split(".")[0] for address in come_or_go} <= of_servers
    assert len(after[f"{MEMBERS}.www_web"]["member"]) == other


def test_the_page_s_example_is_what_it_says(tmp_path: Path) -> None:
    done = run_program(tmp_path, shown_on("docs/load-balancers.md"))
    assert (done.returncode, done.stderr) == (0, "")
    written = written_stack(tmp_path / "cdktf.out")
    assert sorted(one for one in addresses(written) if "_lb_" in one) == [
        f"{L7_POLICY}.www_http_www-example-com",
        f"{L7_RULE}.www_http_www-example-com_path",
        f"{LISTENER}.www_http",
        f"{LISTENER}.www_https",
        f"{BALANCER}.www",
        f"{MEMBERS}.www_web",
        f"{MONITOR}.www_web",
        f"{POOL}.www_web",
    ]
    assert "web_ingress_tcp-8080_10-0-0-0-24_ipv4" in resources(written, RULE)
    assert [*resources(written, NETWORK)] == ["backend"]
