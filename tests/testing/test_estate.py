"""What a test of an estate sees: what the world reaches, what reaches what, what a server has."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc import (
    App,
    Cidr,
    FloatingIp,
    Icmp,
    Listener,
    LoadBalancer,
    Network,
    OpenStackStack,
    Pool,
    PortRange,
    Router,
    SecurityGroup,
    Tcp,
    Traffic,
    Udp,
    UserData,
    Vip,
    Volume,
)
from ivc.testing.estate import Estate
from tests.helpers import Json, backend, server, template
from tests.review.folders import GROUP, PORT, RULE, SERVER, write
from tests.review.folders import stack as hand_written


def read(stack: OpenStackStack) -> Estate:
    """What a test sees of the app of a stack."""
    stack.app.synth()
    return Estate.read(Path(stack.app.outdir))


def internet(stack: OpenStackStack) -> Network:
    return Network.lookup(stack, "Ext-Net", public=True)  # type: ignore[return-value]


# What the world reaches.


def test_what_the_world_reaches_is_told_port_by_port(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web")
    web.allow_from_anywhere(Tcp(80, "https"), Udp(53), Icmp())
    web.allow_from(Cidr("::/0"), Tcp(2222))
    server(shop, "www-1", nics=[internet(shop).nic(web)])
    server(shop, "db-1", backend(shop))

    assert read(shop).world_reaches == {"www-1": {"tcp 80", "tcp 443", "udp 53", "icmp", "tcp 2222 (IPv6 only)"}}


def test_what_a_looked_up_group_lets_in_is_not_known(shop: OpenStackStack) -> None:
    server(shop, "www-1", nics=[internet(shop).nic(SecurityGroup.lookup(shop, "default"))])

    assert read(shop).world_reaches == {"www-1": {"not known: default"}}


def test_a_network_of_which_nobody_says_whether_it_is_public_may_let_the_world_in(tmp_path: Path) -> None:
    assert Estate.read(write(tmp_path / "cdktf.out", hand_written())).world_reaches == {
        "a": {"perhaps tcp 80 (IPv4 only)"}
    }


def test_a_floating_ip_lets_the_world_in_where_it_leads(shop: OpenStackStack) -> None:
    outside, inside = internet(shop), backend(shop)
    Router(shop, "gate", external_network=outside).add_interface(inside)
    ssh = SecurityGroup(shop, "ssh")
    ssh.allow_from_anywhere(Tcp(2222))
    vip = Vip(shop, "web", network=inside, ip="10.0.0.100", floating_ip=FloatingIp(shop, "web", network=outside))
    server(shop, "bastion", nics=[inside.nic(ssh, floating_ip=FloatingIp(shop, "bastion", network=outside))])
    server(shop, "inner", nics=[inside.nic(ssh)])
    server(shop, "www-1", nics=[inside.nic(ssh, ip="10.0.0.11", vips=[vip])])

    assert read(shop).world_reaches == {"bastion": {"tcp 2222"}, "www-1": {"tcp 2222"}}


def test_what_the_world_reaches_of_a_load_balancer_is_told_of_the_load_balancer(shop: OpenStackStack) -> None:
    outside, inside, web = internet(shop), backend(shop), SecurityGroup(shop, "web")
    Router(shop, "gate", external_network=outside).add_interface(inside)
    one = server(shop, "www-1", nics=[inside.nic(web, ip="10.0.0.11")])
    vip = Vip(shop, "www", network=inside, floating_ip=FloatingIp(shop, "www", network=outside))
    www = LoadBalancer(shop, "www", vip=vip)
    pool = Pool(www, "web", protocol="HTTP", port=8080, members=[one])
    Listener(www, "http", protocol="HTTP", port=80, pool=pool)

    assert read(shop).world_reaches == {"load balancer www": {"tcp 80"}}


def test_groups_that_nobody_tells_may_let_anything_in(tmp_path: Path) -> None:
    nobody: Json = {"variable": {"g": {}}}
    untold = hand_written(resource={PORT: {"a": {"security_group_ids": "${var.g}"}}}, **nobody)
    estate = Estate.read(write(tmp_path / "groups", untold))
    assert estate.world_reaches == {"a": {"not known: ${var.g}"}}
    assert estate.reach("a", "a") == {"not known: ${var.g}"}

    elsewhere = hand_written(resource={SERVER: {"a": {"network": [{"port": "6b2f"}]}}})
    estate = Estate.read(write(tmp_path / "port", elsewhere))
    assert estate.world_reaches == {"a": {"not known: default"}}
    assert estate.reach("a", "a") == {"not known: default"}

    loose = hand_written(resource={RULE: {"web": {"security_group_id": "${var.g}"}}}, **nobody)
    estate = Estate.read(write(tmp_path / "rules", loose))
    assert estate.world_reaches == {"a": {"perhaps tcp 80 (IPv4 only)"}}
    assert estate.reach("a", "a") == {"not known: rules of groups that are not told here"}


def test_what_terraform_alone_tells_is_not_known_of_the_stack(tmp_path: Path) -> None:
    more: Json = {"variable": {"n": {}}, "module": {"mail": {"source": "./mail"}}}
    many = hand_written(resource={SERVER: {"b": {"name": "b", "count": "${var.n}"}}}, **more)

    assert Estate.read(write(tmp_path / "cdktf.out", many)).world_reaches["stack shop"] == {
        "not known: what the module mail makes stands in no folder: only a plan tells",
        f"not known: how many there will be of {SERVER}.b only a plan tells",
    }


# What reaches what.


def test_what_one_server_reaches_of_another_takes_both_groups(shop: OpenStackStack) -> None:
    inside = backend(shop)
    web, db = SecurityGroup(shop, "web", egress="closed"), SecurityGroup(shop, "db")
    db.allow_from(Cidr("10.0.0.0/24"), Tcp(22, "mysql"))
    web.allow_to(db, Tcp("mysql"))
    web.allow_to(db, Udp(53))
    web.allow_from(db, Icmp())
    server(shop, "www-1", nics=[inside.nic(web)])
    server(shop, "db-1", nics=[inside.nic(db)])
    estate = read(shop)

    assert estate.reach("www-1", "db-1") == {"tcp 3306 (IPv4 only)"}
    assert estate.reach("db-1", "www-1") == {"icmp"}


def test_what_a_looked_up_group_lets_through_between_servers_is_not_known(shop: OpenStackStack) -> None:
    inside, web = backend(shop), SecurityGroup(shop, "web")
    server(shop, "www-1", nics=[inside.nic(web)])
    server(shop, "db-1", nics=[inside.nic(SecurityGroup.lookup(shop, "default"))])

    assert read(shop).reach("www-1", "db-1") == {"not known: default"}


def test_a_router_that_is_not_told_may_join_a_looked_up_network(shop: OpenStackStack) -> None:
    db = SecurityGroup(shop, "db")
    db.allow_from(Cidr("10.0.0.0/8"), Tcp("mysql"))
    server(shop, "www-1", nics=[backend(shop).nic(db)])
    server(shop, "apart", nics=[backend(shop, "apart", cidr="10.3.0.0/24").nic(db)])
    server(shop, "db-1", nics=[Network.lookup(shop, "data", public=False).nic(db, ip="10.9.0.21")])
    estate = read(shop)

    assert estate.reach("www-1", "db-1") == {"perhaps tcp 3306 (IPv4 only)"}
    assert estate.reach("www-1", "apart") == set()


def test_servers_of_two_public_networks_may_reach_each_other_by_the_internet(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web")
    web.allow_from_anywhere(Tcp(80))
    server(shop, "a", nics=[internet(shop).nic(web)])
    server(shop, "b", nics=[Network.lookup(shop, "Other-Net", public=True).nic(web)])

    assert read(shop).reach("a", "b") == {"perhaps tcp 80"}


def test_a_port_that_only_apply_knows_may_be_any(tmp_path: Path) -> None:
    nobody: Json = {"variable": {"p": {}}}
    out = {"direction": "egress", "ethertype": "IPv4", "security_group_id": f"${{{GROUP}.web.id}}"}
    ports = {"port_range_min": "${var.p}", "port_range_max": "${var.p}"}
    rules = {"web": ports, "out": out}
    estate = Estate.read(write(tmp_path / "ports", hand_written(resource={RULE: rules}, **nobody)))
    assert estate.reach("a", "a") == {"perhaps tcp on every port (IPv4 only)"}

    unfiltered = hand_written(
        resource={PORT: {"a": {"port_security_enabled": "${var.p}"}}, RULE: {"out": out}}, **nobody
    )
    assert Estate.read(write(tmp_path / "filter", unfiltered)).reach("a", "a") == {
        "tcp 80 (IPv4 only)",
        "perhaps everything",
    }


def test_what_joins_two_stacks_is_not_known(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    for name in ("shop", "mail"):
        stack = OpenStackStack(app, name)
        server(stack, "a", backend(stack))
    server(stack, "mx", backend(stack, "other"))
    estate = read(stack)

    assert estate.reach("shop/a", "mail/a") == {"not known: what joins the networks of stacks shop and mail"}


# What a server has.

FILES = """\
#cloud-config
hostname: {{ instance.name }}
write_files:
  - {path: /etc/plain, content: "of {{ instance.name }}"}
  - {path: /etc/plain, content: ", and more", append: true}
  - {path: /etc/packed, encoding: b64, content: "aGVsbG8="}
  - {path: /etc/empty}
  - {path: /etc/fetched, source: {uri: "https://shop.example/x"}}
  - path: /etc/peer
    content: {{ peer }}
"""


@pytest.fixture
def database(shop: OpenStackStack) -> Estate:
    inside = backend(shop)
    peer = server(shop, "peer", inside)
    data = Volume.lookup(shop, "db-data")
    server(
        shop,
        "db-1",
        nics=[internet(shop).nic(), inside.nic(ip="10.0.0.21")],
        user_data=template(shop, FILES, peer=peer.address_on(inside)),
        volumes=[data.mount("/var/lib/mysql"), Volume.lookup(shop, "logs").mount("/srv", partition=1, folder="www")],
    )
    return read(shop)


def test_volumes_and_mounts_go_by_their_names(database: Estate) -> None:
    assert database.servers["db-1"].mounts == {"/var/lib/mysql": "db-data", "/srv": "logs, partition 1, folder www"}
    assert database.servers["db-1"].volumes == ["db-data", "logs"]
    assert database.servers["peer"].mounts == {}
    assert repr(database.servers["peer"]) == "<Server peer of shop>"


def test_networks_have_the_addresses_that_are_declared(database: Estate) -> None:
    assert database.servers["db-1"].networks == {"Ext-Net": ["automatic"], "backend": ["10.0.0.21"]}


def test_files_are_decoded_and_what_is_not_known_of_them_is_none(database: Estate) -> None:
    assert database.servers["db-1"].files == {
        "/etc/plain": "of db-1, and more",
        "/etc/packed": "hello",
        "/etc/empty": "",
        "/etc/fetched": None,
        "/etc/peer": "<address of peer on backend>",
    }
    assert database.servers["peer"].files == {}


def test_a_cloud_config_is_its_yaml(database: Estate) -> None:
    config = database.servers["db-1"].cloud_config
    assert [*config] == ["hostname", "write_files", "bootcmd"]
    assert config["hostname"] == "db-1"
    assert database.servers["peer"].cloud_config == {}
    assert database.servers["peer"].user_data == ""


def test_several_cloud_configs_are_not_taken_for_one(shop: OpenStackStack) -> None:
    template(shop, "#cloud-config\nhostname: a\n", "a.jinja")
    template(shop, "#cloud-config\ntimezone: Etc/UTC\n", "b.jinja")
    parts = UserData.multipart([UserData.template("a.jinja"), UserData.template("b.jinja")])
    server(shop, "two", backend(shop), user_data=parts)

    with pytest.raises(ValueError, match=r"^two: its user data has 2 cloud-configs, which the guest merges; look at"):
        assert read(shop).servers["two"].cloud_config


# Names, findings.


def test_a_server_that_is_not_there_is_told_with_those_that_are(database: Estate) -> None:
    with pytest.raises(KeyError, match="there is no server 'db'; there is db-1, peer"):
        database.reach("peer", "db")


def test_each_stack_is_an_estate_of_its_own(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    for name in ("shop-prod", "shop-staging"):
        stack = OpenStackStack(app, name)
        web = SecurityGroup(stack, "web")
        web.allow_from_anywhere(Tcp(80))
        server(stack, "www-1", nics=[internet(stack).nic(web)])
    server(stack, "extra", backend(stack))
    estate = read(stack)

    assert {*estate.servers} == {"shop-prod/www-1", "shop-staging/www-1", "shop-staging/extra"}
    assert {*estate.world_reaches} == {"shop-prod/www-1", "shop-staging/www-1"}
    assert estate.stacks["shop-prod"].world_reaches == {"www-1": {"tcp 80"}}


def test_findings_are_what_is_warned_of(shop: OpenStackStack) -> None:
    db = SecurityGroup(shop, "db")
    server(shop, "a", nics=[backend(shop).nic(db)], user_data=template(shop, "#cloud-config\npackages: [nginx]\n"))
    estate = read(shop)

    assert {*estate.findings} == {"user-data: user data of a"}
    assert "packages (nginx) needs the Internet" in estate.findings["user-data: user data of a"]
    assert {*estate.remarks} == {"IVC150: security group db"}


def test_what_is_accepted_is_no_remark(shop: OpenStackStack) -> None:
    web = SecurityGroup(shop, "web")
    web.allow_from_anywhere(Tcp(80))
    web.waive("IVC134", reason="the shop is for everybody")
    server(shop, "a", nics=[internet(shop).nic(web)])

    assert "IVC134: security group web" not in read(shop).remarks


@pytest.mark.parametrize(
    ("traffic", "is_all"), [(Tcp(8091, 8092), False), (Tcp(PortRange(8090, 8095)), False), (Tcp.all(), True)]
)
def test_whether_a_port_is_open_goes_by_what_the_texts_mean(
    shop: OpenStackStack, traffic: Traffic, is_all: bool
) -> None:
    open_ = SecurityGroup(shop, "open")
    open_.allow_from_anywhere(traffic)
    if is_all:
        open_.waive("IVC130", reason="a test")
    server(shop, "a", nics=[internet(shop).nic(open_)])
    reached = read(shop).servers["a"].world_reaches

    assert len(reached) == 1
    asked = ("tcp 8091", "tcp 8092", "tcp 8091-8092", "tcp 9000", "udp 8091", "icmp")
    assert [each in reached for each in asked] == [True, True, True, is_all, False, False]
    if not is_all:
        with pytest.raises(ValueError, match=r"^tcp 8000-9000 is open in part: ask for each port"):
            assert "tcp 8000-9000" not in reached


def test_whether_a_port_is_open_that_only_the_cloud_knows_is_no_answer(shop: OpenStackStack) -> None:
    server(shop, "a", nics=[internet(shop).nic(SecurityGroup.lookup(shop, "default"))])
    reached = read(shop).servers["a"].world_reaches

    assert reached == {"not known: default"}
    assert "not known: default" in reached
    with pytest.raises(
        ValueError, match=r"^whether tcp 22 is open is not known \(not known: default\): compare all of"
    ):
        assert "tcp 22" not in reached
