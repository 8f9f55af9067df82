"""Tiers: servers of one declaration, of which another count moves only those that come or go."""

from __future__ import annotations

import re
import tempfile
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivc import (
    AnyNetwork,
    EphemeralDisk,
    FloatingIp,
    ImageId,
    Instance,
    Member,
    Network,
    OpenStackStack,
    RootDisk,
    RootVolume,
    Router,
    SecurityGroup,
    ServerGroup,
    Tier,
    UserData,
    Vip,
    Volume,
    Volumes,
)
from ivc.declare.cdktf import Construct
from ivc.review import reviewer
from ivc.terraform.circle import circle
from tests.helpers import (
    IMAGE_ID,
    INSTANCE,
    PORT,
    SERVER_GROUP,
    TRIGGER,
    VOLUME,
    Json,
    addresses,
    backend,
    data_sources,
    new_stack,
    rendered,
    resources,
    run_program,
    server,
    shown_on,
    synth,
    template,
    written_stack,
)

PEERS = """\
#cloud-config
# {{ instance.name }}
{% for peer in instance.tier.peers %}
# {{ peer.name }} has {{ peer.address_on("Ext-Net") }} and {{ peer.addresses.backend }}
{% endfor %}
"""


DISKS: Any = {"root_disk": RootDisk(size=20), "ephemeral_disks": [EphemeralDisk(size=1)], "swap": 512}


def tier(stack: OpenStackStack, count: int, /, **said: Any) -> Tier:
    """A tier with as little said as can be, on a network of its own, and what the test says."""
    if "nics" not in said:
        said["nics"] = [backend(stack).nics(first="10.0.0.11")]
    given: dict[str, Any] = {"count": count, "image": "Debian 12", "flavor": "b2-7"}
    return Tier(stack, "web", **given | said)


def new_scope(stack: OpenStackStack) -> Construct:
    """Another scope, in which a name is free."""
    return Construct(stack, f"s{len(stack.node.children)}")


def addresses_of(synthesized: Json) -> list[str]:
    """The declared address of each port of a tier that has one."""
    ports = resources(synthesized, PORT)
    return [ports[name]["fixed_ip"][0]["ip_address"] for name in sorted(ports)]


def test_a_tier_and_its_members_take_what_an_instance_takes() -> None:
    """But where it is said otherwise for several."""
    of_instance, of_tier = ({*signature(one.__init__).parameters} for one in (Instance, Tier))
    assert of_instance - of_tier == {"availability_zone"}
    assert of_tier - of_instance == {"count", "members", "availability_zones"}
    assert {each.name for each in fields(Member)} <= of_instance


class TestMembers:
    def test_they_come_in_the_order_of_their_numbers(self, shop: OpenStackStack) -> None:
        web = tier(shop, 11)
        servers: list[Instance] = [*web]
        assert [one.name for one in servers] == [f"web-{number}" for number in range(1, 12)]
        assert web.member(2) in web

    def test_a_tier_is_what_its_servers_would_be_alone(self, tmp_path: Path) -> None:
        def surroundings(stack: OpenStackStack) -> tuple[AnyNetwork, AnyNetwork, SecurityGroup, UserData]:
            internet = Network.lookup(stack, "Ext-Net", public=True)
            text = template(stack, "#cloud-config\n# {{ instance.name }} {{ site }}\n", site="shop.example")
            return internet, backend(stack), SecurityGroup(stack, "web"), text

        loop = new_stack(tmp_path / "loop")
        internet, private, web, text = surroundings(loop)
        for number in (1, 2, 3):
            server(
                loop,
                f"web-{number}",
                nics=[internet.nic(web), private.nic(web, ip=f"10.0.0.{10 + number}")],
                volumes=[Volume.lookup(loop, f"web-{number}-data").mount("/srv", format_if_blank="ext4")],
                user_data=text,
                tags=["web"],
                availability_zone="ab"[(number - 1) % 2],
                **DISKS,
            )

        stack = new_stack(tmp_path / "tier")
        internet, private, web, text = surroundings(stack)
        tier(
            stack,
            3,
            nics=[internet.nic(web), private.nics(web, first="10.0.0.11")],
            volumes=[Volumes("web-{n}-data").mount("/srv", format_if_blank="ext4")],
            user_data=text,
            **DISKS,
            tags=["web"],
            availability_zones=["a", "b"],
            server_group=None,
        )
        as_tier, as_loop = synth(stack), synth(loop)
        outputs = as_tier["output"]["instances"]["value"]
        assert [outputs[name].pop("tier") for name in sorted(outputs)] == ["web", "web", "web"]
        assert as_tier == as_loop

    @pytest.mark.parametrize("exist", [True, False])
    def test_root_disks_that_are_kept_are_what_they_would_be_alone(self, tmp_path: Path, exist: bool) -> None:
        def root(stack: OpenStackStack, number: int) -> RootVolume | Volume:
            if exist:
                return Volume.lookup(stack, f"web-{number}-boot")
            return RootVolume(stack, f"web-{number}-root", image="Debian 12", size=20)

        loop, stack = new_stack(tmp_path / "loop"), new_stack(tmp_path / "tier")
        private = backend(loop)
        for number in (1, 2):
            server(loop, f"web-{number}", private, image=None, root_disk=root(loop, number))
        if not exist:
            root(loop, 3)
        roots: Any = Volumes("web-{n}-boot") if exist else [root(stack, number) for number in (1, 2, 3)]
        tier(stack, 2, image=None, root_disk=roots, nics=[backend(stack).nic()], server_group=None)
        as_tier, as_loop = synth(stack), synth(loop)
        for output in as_tier["output"]["instances"]["value"].values():
            del output["tier"]
        assert as_tier == as_loop

    def test_root_disks_that_cannot_be(self, shop: OpenStackStack) -> None:
        inside = backend(shop)
        root = RootVolume(shop, "root", image="Debian 12", size=20)
        other = RootVolume(shop, "other", image="Debian 12", size=20)
        cases: list[tuple[dict[str, Any], str]] = [
            ({"root_disk": root}, "root_disk: RootVolume root stands alone; give a list, root_disk=[RootVolume root]"),
            ({"root_disk": [root]}, "root_disk: they are 1, and count is 2; give one for each member"),
            ({"root_disk": [root, other], "image": "Debian 12"}, "image: its root disk, RootVolume root, is made of "
             "its own; leave it out"),
            ({"root_disk": Volumes("w-{n}").mount("/srv")}, "root_disk: Volumes('w-{n}') is mounted, and a server "
             "boots from its root disk; leave the mount out"),
        ]  # fmt: skip
        for said, sentence in cases:
            with pytest.raises(ValueError, match=f"^{re.escape(f'Tier web: {sentence}')}$"):
                Tier(new_scope(shop), "web", count=2, flavor="b2-7", nics=[inside.nic()], **said)
        with pytest.raises(ValueError, match=r"^Tier web: member 2: root_disk: volume root is already attached to"):
            Tier(new_scope(shop), "web", count=2, flavor="b2-7", nics=[inside.nic()], root_disk=[root, root])
        with pytest.raises(ValueError, match=r"^Tier web: image: it is missing; give the image's name, or a root_disk"):
            Tier(new_scope(shop), "web", count=2, flavor="b2-7", nics=[inside.nic()])

    def test_its_group_is_there_before_the_first_member(self, shop: OpenStackStack) -> None:
        web = tier(shop, 0)
        assert resources(synth(shop), SERVER_GROUP) == {"web": {"name": "web", "policies": ["soft-anti-affinity"]}}
        assert resources(synth(shop), INSTANCE) == {}
        assert (web.instances, web.server_group is not None) == ((), True)

    @pytest.mark.parametrize("own", [True, False])
    def test_its_members_are_in_the_group(self, shop: OpenStackStack, own: bool) -> None:
        tier(shop, 2, server_group="anti-affinity" if own else ServerGroup(shop, "apart", policy="anti-affinity"))
        synthesized = synth(shop)
        (group,) = resources(synthesized, SERVER_GROUP)
        assert resources(synthesized, SERVER_GROUP)[group]["policies"] == ["anti-affinity"]
        hints = [one["scheduler_hints"] for one in resources(synthesized, INSTANCE).values()]
        assert hints == [[{"group": f"${{{SERVER_GROUP}.{'web' if own else 'apart'}.id}}"}]] * 2

    def test_members_take_turns_in_the_zones(self, shop: OpenStackStack) -> None:
        tier(shop, 5, availability_zones=["a", "b"], members={5: Member(availability_zone="c")})
        made = resources(synth(shop), INSTANCE)
        assert [made[f"web-{number}"]["availability_zone"] for number in range(1, 6)] == ["a", "b", "a", "b", "c"]

    def test_one_member_has_otherwise_what_it_says(self, shop: OpenStackStack) -> None:
        private = backend(shop)
        own = Member(
            image="Debian 13",
            flavor="b2-15",
            nics=[private.nic(ip="10.0.0.99")],
            key_pair="other",
            user_data=UserData.text("#cloud-config\n# of its own\n"),
            volumes=[Volume.lookup(shop, "kept")],
            name="web-two",
            metadata={"own": "yes"},
            tags=["own"],
        )
        tier(
            shop,
            2,
            nics=[private.nics(first="10.0.0.11")],
            key_pair="ops",
            user_data=UserData.text("#cloud-config\n"),
            volumes=[Volumes("web-{n}-data")],
            tags=["web"],
            members={2: own},
        )
        synthesized = synth(shop)
        first, second = (resources(synthesized, INSTANCE)[name] for name in ("web-1", "web-2"))
        assert (first["name"], first["key_pair"], first["tags"]) == ("web-1", "ops", ["web"])
        assert (second["name"], second["key_pair"], second["tags"]) == ("web-two", "other", ["own"])
        assert second["metadata"] == {"own": "yes", "ivc": "shop/web-2"}
        assert "Debian_13" in second["image_id"]
        assert "b2-15" in second["flavor_id"]
        assert shop._record.user_data["web-2"] == "#cloud-config\n# of its own\n"
        assert addresses_of(synthesized) == ["10.0.0.11", "10.0.0.99"]
        # Nobody looks for what it has not.
        assert [*data_sources(synthesized, VOLUME)] == ["kept", "web-1-data"]

    def test_the_cloud_shows_names_by_a_rule(self, shop: OpenStackStack) -> None:
        tier(shop, 2, name="www{n:02}.{{shop}}.example")
        made = resources(synth(shop), INSTANCE)
        assert [made[name]["name"] for name in ("web-1", "web-2")] == ["www01.{shop}.example", "www02.{shop}.example"]

    def test_all_else_is_for_each_member(self, shop: OpenStackStack) -> None:
        db = server(shop, "db", backend(shop))
        tier(
            shop,
            1,
            nics=[Network.lookup(shop, "Ext-Net", public=True).nic()],
            image=ImageId(IMAGE_ID),
            image_update_policy="rebuild",
            flavor_update_policy="ignore",
            user_data=UserData.text("#cloud-config\n"),
            user_data_update_policy="ignore",
            config_drive=True,
            prevent_destroy=True,
            metadata={"of": "web"},
            depends_on=[db],
        )
        (made,) = (one for name, one in resources(synth(shop), INSTANCE).items() if name == "web-1")
        assert made["lifecycle"] == {
            "prevent_destroy": True,
            "ignore_changes": ['metadata["ivc"]', "user_data", "flavor_id"],
        }
        assert (made["config_drive"], made["metadata"]["of"]) == (True, "web")
        assert f"{INSTANCE}.db" in made["depends_on"]

    def test_members_stand_where_their_tier_does(self, shop: OpenStackStack) -> None:
        nics = [backend(shop).nics(first="10.0.0.11")]
        scope = Construct(shop, "front")
        Tier(scope, "web", count=1, image="Debian 12", flavor="b2-7", nics=nics)
        synthesized = synth(shop)
        assert [*resources(synthesized, INSTANCE)] == ["front_web-1"]
        assert [*resources(synthesized, PORT)] == ["front_web-1_backend"]
        assert synthesized["output"]["instances"]["value"]["front_web-1"]["tier"] == "front_web"

    def test_a_rename_moves_all_that_belongs_to_it(self, shop: OpenStackStack) -> None:
        group = ServerGroup(shop, "web", name="www", renamed_from="www")
        tier(shop, 1, renamed_from="www", server_group=group, user_data=UserData.text("#cloud-config\n"))
        synthesized = synth(shop)
        assert synthesized["moved"] == [
            {"from": f"{kind}.www{rest}", "to": f"{kind}.web{rest}"}
            for kind, rest in [
                (INSTANCE, "-1"),
                (SERVER_GROUP, ""),
                (PORT, "-1_backend"),
                (TRIGGER, "-1__image"),
                (TRIGGER, "-1__user_data"),
            ]
        ]

    def test_more_members_than_nova_s_quota_are_told(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for count, warns in ((10, False), (11, True)):
            stack = new_stack(tmp_path / str(count))
            tier(stack, count)
            stack.app.synth()
            assert ("server group web: it has 11 servers" in capsys.readouterr().err) == warns

    def test_who_may_have_more_says_so_with_the_group(
        self, shop: OpenStackStack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        group = ServerGroup(shop, "web").waive("IVC208", reason="the cloud allows 50")
        tier(shop, 11, server_group=group)
        shop.app.synth()
        assert capsys.readouterr().err == ""


class TestAddresses:
    def test_each_member_has_the_next_address(self, shop: OpenStackStack) -> None:
        tier(shop, 3, nics=[backend(shop).nics(first="10.0.0.11")])
        assert addresses_of(synth(shop)) == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]

    def test_by_a_rule_in_both_families(self, shop: OpenStackStack) -> None:
        tier(shop, 3, nics=[Network.lookup(shop, "office").nics(first=["10.0.0.255", "fd00::ffff"])])
        ports = resources(synth(shop), PORT)
        assert [[one["ip_address"] for one in ports[f"web-{number}_office"]["fixed_ip"]] for number in (1, 2, 3)] == [
            ["10.0.0.255", "fd00::ffff"],
            ["10.0.1.0", "fd00::1:0"],
            ["10.0.1.1", "fd00::1:1"],
        ]

    def test_by_a_list_that_may_be_longer(self, shop: OpenStackStack) -> None:
        tier(shop, 2, nics=[backend(shop).nics(ips=["10.0.0.5", "10.0.0.9", "10.0.0.7"])])
        assert addresses_of(synth(shop)) == ["10.0.0.5", "10.0.0.9"]

    def test_what_all_have_alike_is_said_once(self, shop: OpenStackStack) -> None:
        private, web = backend(shop), SecurityGroup(shop, "web")
        shared = Vip(shop, "shared", network=private, ip="10.0.0.100")
        tier(shop, 2, nics=[private.nics(web, first="10.0.0.11", vips=[shared], port_security=True)])
        ports = resources(synth(shop), PORT)
        for number in (1, 2):
            port = ports[f"web-{number}_backend"]
            assert port["allowed_address_pairs"] == [{"ip_address": "10.0.0.100"}]
            assert port["security_group_ids"] == ["${openstack_networking_secgroup_v2.web.id}"]
            assert port["port_security_enabled"] is True

    def test_each_member_has_a_floating_ip_of_its_own(self, shop: OpenStackStack) -> None:
        internet, private = Network.lookup(shop, "Ext-Net"), backend(shop)
        Router(shop, "gate", external_network=internet).add_interface(private)
        outside = [FloatingIp(shop, f"web-{number}", network=internet) for number in (1, 2)]
        web = tier(shop, 2, nics=[private.nics(floating_ips=outside)])
        leads = resources(synth(shop), "openstack_networking_floatingip_associate_v2")
        assert {name: one["port_id"] for name, one in leads.items()} == {
            f"web-{number}": f"${{{PORT}.web-{number}_backend.id}}" for number in (1, 2)
        }
        assert [one.floating_ips["backend"] for one in web.instances] == [one.address for one in outside]


class TestAsked:
    """What can be asked of a tier."""

    def test_its_members_are_instances(self, shop: OpenStackStack) -> None:
        web = tier(shop, 2)
        assert [type(one) for one in web.instances] == [Instance, Instance]
        assert [one.key for one in web.instances] == ["web-1", "web-2"]
        assert web.member(2) is web.instances[1]

    def test_its_addresses(self, shop: OpenStackStack) -> None:
        private, internet = backend(shop), Network.lookup(shop, "Ext-Net", public=True)
        web = tier(shop, 2, nics=[private.nics(first="10.0.0.11"), internet.nic()])
        assert web.address_on(private) == web.ipv4_on("backend") == ("10.0.0.11", "10.0.0.12")
        assert web.ipv6_on(internet) == tuple(one.ipv6_on(internet) for one in web.instances)

    def test_others_wait_for_all_of_it(self, shop: OpenStackStack) -> None:
        private = backend(shop)
        web = tier(shop, 2, nics=[private.nics(first="10.0.0.11")])
        server(shop, "after", private, depends_on=[web])
        waits = resources(synth(shop), INSTANCE)["after"]["depends_on"]
        made = {f"{INSTANCE}.web-1", f"{INSTANCE}.web-2", f"{PORT}.web-1_backend", f"{SERVER_GROUP}.web"}
        assert made <= {*waits}

    def test_a_finding_of_all_members_is_accepted(self, shop: OpenStackStack) -> None:
        web = tier(shop, 2, volumes=[Volumes("web-{n}-data")])
        assert web.waive("IVC202", reason="they are made anew each night") is web
        shop.app.synth()

    def test_what_it_has_not_is_said(self, shop: OpenStackStack) -> None:
        web = tier(shop, 2)
        with pytest.raises(
            AttributeError, match=r"^Tier web: it has no attribute 'adress_on'; did you mean address_on\?"
        ):
            web.adress_on  # type: ignore[attr-defined]  # noqa: B018
        with pytest.raises(ValueError, match=r"^Tier web: count: it is set where it is declared"):
            web.count = 3


ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"count": -1}, "count: -1 is no number of servers; give 0 or more"),
    ({"count": True}, "count: True is a truth value; give a whole number"),
    ({"members": {3: Member()}}, "members: there is no member 3; they are 1 to 2, which count says"),
    ({"members": {0: Member()}}, "members: there is no member 0; they are 1 to 2, which count says"),
    ({"count": 1, "members": {2: Member()}}, "members: there is no member 2; count is 1, and the one is 1"),
    ({"count": 0, "members": {1: Member()}}, "members: there is no member 1; count is 0"),
    ({"members": {1: {"image": "Debian 13"}}}, "members: {'image': 'Debian 13'}, at 1, is a dict; give Member("),
    ({"server_group": "anti_affinity"}, "server_group: 'anti_affinity' is not known; did you mean 'anti-affinity'"),
    ({"name": "web"}, "name: 'web' is the same for each member; write {n} where the member's number is to stand"),
    ({"name": "web-{m}"}, "name: 'web-{m}' is no rule; write {n} where the member's number is to stand"),
    ({"name": "web-{n:c}"}, "name: 'web-{n:c}' is no rule; write {n} where the member's number is to stand"),
    ({"name": "web-{n.real}"}, "name: 'web-{n.real}' is no rule; write {n} where the member's number is to stand"),
    ({"name": "web-{n!r}"}, "name: 'web-{n!r}' is no rule; write {n} where the member's number is to stand"),
    ({"name": "web-{n:>3}"}, "name: 'web-{n:>3}' is no rule; write {n} where the member's number is to stand"),
    ({"availability_zones": ["a", " "]}, "availability_zones: one is empty; give its name"),
    ({"renamed_from": "web"}, "renamed_from: 'web' is its name; give the one it had before"),
    (
        {"renamed_from": "www"},
        "renamed_from: the name of its server group in the cloud would change too, which replaces it and all members; "
        "give server_group=ServerGroup(..., 'web', name='www', renamed_from='www')",
    ),
    ({"volumes": [Volume]}, 'volumes: item 1, Volume, is a class, and nothing that was made of it; give Volumes("'),
]


class TestErrors:
    @pytest.mark.parametrize(("said", "sentence"), ERRORS, ids=[sentence for _, sentence in ERRORS])
    def test_what_cannot_be(self, shop: OpenStackStack, said: dict[str, Any], sentence: str) -> None:
        with pytest.raises(ValueError, match=r"^Tier web: ") as raised:
            tier(shop, 2, **said)
        assert str(raised.value).startswith(f"Tier web: {sentence}")

    @pytest.mark.parametrize(
        ("nic", "sentence"),
        [
            ({"ip": "10.0.0.11"}, "ip: 10.0.0.11 is the address of one server; write nics(..., first='10.0.0.11') of "),
            ({"floating_ip": True}, "floating_ip: it leads to one server; write nics(..., floating_ips=[...]) of "),
        ],
    )
    def test_a_nic_of_one_server_is_none_of_a_tier(
        self, shop: OpenStackStack, nic: dict[str, Any], sentence: str
    ) -> None:
        if "floating_ip" in nic:
            nic = {"floating_ip": FloatingIp(shop, "f", network=Network.lookup(shop, "Ext-Net"))}
        with pytest.raises(ValueError, match=r"^Tier web: nics") as raised:
            tier(shop, 1, nics=[backend(shop).nic(**nic)])
        assert str(raised.value).startswith(f"Tier web: nics[0].{sentence}network backend")

    def test_a_list_that_is_shorter_than_the_count(self, shop: OpenStackStack) -> None:
        private = backend(shop)
        with pytest.raises(
            ValueError, match=r"^Tier web: nics\[0\].ips: there are 2 addresses, and count is 3; give one for each"
        ):
            tier(shop, 3, nics=[private.nics(ips=["10.0.0.5", "10.0.0.6"])])

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({}, "there is nothing that one member has and another has not; give first=, ips= or floating_ips=, or "),
            ({"first": "10.0.0.11", "ips": ["10.0.0.12"]}, "first: there are ips=, too; give one of the two"),
            ({"first": "backend"}, "first: 'backend' is no IP address; write one such as 10.0.0.11"),
            ({"ips": ["10.0.0.300"]}, "ips: '10.0.0.300' is no IP address; write one such as 10.0.0.11"),
            ({"first": ["10.0.0.1", "10.0.0.2"]}, "first: 10.0.0.1 and 10.0.0.2 are of one family; give one of each "),
        ],
    )
    def test_nics_that_tell_no_member_from_another(
        self, shop: OpenStackStack, said: dict[str, Any], sentence: str
    ) -> None:
        with pytest.raises(ValueError, match=r"^Network backend: nics: ") as raised:
            backend(shop).nics(**said)
        assert str(raised.value).startswith(f"Network backend: nics: {sentence}")

    def test_more_members_than_the_range_has_addresses(self, shop: OpenStackStack) -> None:
        private = backend(shop)
        with pytest.raises(ValueError, match=r"^Tier web: member 2: nics\[0\]\.ip: .*10\.0\.0\.255"):
            tier(shop, 2, nics=[private.nics(first="10.0.0.254")])

    def test_more_members_than_there_are_addresses(self, shop: OpenStackStack) -> None:
        office = Network.lookup(shop, "office")
        with pytest.raises(
            ValueError, match=r"from 255.255.255.255 on there is no address for member 2; begin with a "
        ):
            tier(shop, 2, nics=[office.nics(first="255.255.255.255")])

    @pytest.mark.parametrize("rule", ["data", "{}", "{0}", "{n", "{m}-data", "{n.a}"])
    def test_a_rule_of_names_that_is_none(self, rule: str) -> None:
        with pytest.raises(
            ValueError, match=r"^Volumes\('.*'\): '.*' is (no rule|the same for each member); write {n}"
        ):
            Volumes(rule)

    def test_a_mount_that_cannot_be(self, shop: OpenStackStack) -> None:
        with pytest.raises(ValueError, match=r"^Volumes\('web-{n}'\): mount: paht: there is no such argument; did you"):
            Volumes("web-{n}").mount(paht="/srv")  # type: ignore[call-arg]
        with pytest.raises(ValueError, match=r"^Volume.lookup\('web-1'\): mount: .*'srv'"):
            tier(shop, 1, volumes=[Volumes("web-{n}").mount("srv")])

    @pytest.mark.parametrize("number", [0, 3])
    def test_a_member_that_is_not_there(self, shop: OpenStackStack, number: int) -> None:
        web = tier(shop, 2)
        with pytest.raises(ValueError, match=f"^Tier web: member: there is no member {number}; they are 1 to 2"):
            web.member(number)

    def test_two_tiers_of_one_name(self, shop: OpenStackStack) -> None:
        tier(shop, 0)
        with pytest.raises(ValueError, match=r"^Tier web: 'web' is already declared as Tier in stack shop"):
            tier(shop, 0, nics=[])


class TestVolumes:
    def test_each_member_mounts_its_own(self, shop: OpenStackStack) -> None:
        data = Volumes("web-{n}-data").mount("/srv", lvm="data/www").mount("/var/log", lvm="data/log")
        tier(shop, 2, volumes=[data, Volumes("{n:02}-more")])
        synthesized = synth(shop)
        asked = [one["name"] for one in data_sources(synthesized, VOLUME).values()]
        assert asked == ["01-more", "02-more", "web-1-data", "web-2-data"]
        text = shop._record.user_data["web-2"]
        assert "one <serial of volume web-2-data> /srv '' data/www" in text
        assert "one <serial of volume web-2-data> /var/log '' data/log" in text

    def test_a_volume_may_be_attached_to_the_running_server(self, shop: OpenStackStack) -> None:
        tier(shop, 1, volumes=[Volumes("web-{n}-data").mount("/srv", live=True)])
        assert "openstack_compute_volume_attach_v2.web-1_web-1-data" in addresses(synth(shop))


class TestPeers:
    """What a member's user data may know of the others."""

    def declared(self, folder: Path, count: int, text: str = PEERS, **said: Any) -> OpenStackStack:
        stack = new_stack(folder)
        internet = Network.lookup(stack, "Ext-Net", public=True)
        nics = [internet.nic(), backend(stack).nics(first="10.0.0.11")]
        tier(stack, count, nics=nics, user_data=template(stack, text), **said)
        return stack

    def test_they_are_told_with_their_addresses(self, tmp_path: Path) -> None:
        assert rendered(self.declared(tmp_path, 3), "web-2").decode() == (
            "#cloud-config\n# web-2\n\n"
            "# web-1 has <address of web-1 on Ext-Net> and 10.0.0.11\n\n"
            "# web-3 has <address of web-3 on Ext-Net> and 10.0.0.13\n\n"
        )

    def test_a_member_knows_its_number_and_all_members(self, tmp_path: Path) -> None:
        text = (
            "#cloud-config\n# {{ 100 - instance.tier.number }} of {{ instance.tier.name }}\n"
            "# {{ instance.tier.members | map(attribute='number') | join(', ') }}: "
            "{{ instance.tier.members | map(attribute='addresses.backend') | join(', ') }}\n"
        )
        stack = self.declared(tmp_path, 2, text, name="{n}.example", members={2: Member(name="two")})
        assert rendered(stack, "web-2").decode() == "#cloud-config\n# 98 of web\n# 1, 2: 10.0.0.11, 10.0.0.12\n"

    def test_a_server_alone_has_no_tier(self, shop: OpenStackStack) -> None:
        with pytest.raises(ValueError, match="has no attribute 'tier'"):
            server(shop, "www", backend(shop), user_data=template(shop, PEERS))

    def test_automatic_addresses_and_floating_ips_of_peers_are_no_circle(self, shop: OpenStackStack) -> None:
        internet, private = Network.lookup(shop, "Ext-Net"), backend(shop)
        Router(shop, "gate", external_network=internet).add_interface(private)
        outside = [FloatingIp(shop, f"web-{number}", network=internet) for number in (1, 2, 3)]
        text = (
            "#cloud-config\n{% for peer in instance.tier.peers %}\n"
            "# {{ peer.addresses.backend }} {{ peer.floating_ips.backend }}\n{% endfor %}\n"
        )
        tier(shop, 3, nics=[private.nics(floating_ips=outside)], user_data=template(shop, text))
        synthesized = synth(shop)
        said = resources(synthesized, INSTANCE)["web-1"]["user_data"]
        assert f"{PORT}.web-2_backend.all_fixed_ips" in said
        assert "openstack_networking_floatingip_v2.web-3.address" in said
        assert circle(synthesized) == ()

    def test_what_is_told_of_them_is_not_compared(self, tmp_path: Path) -> None:
        def compared(count: int) -> object:
            made = resources(synth(self.declared(tmp_path / str(count), count)), TRIGGER)
            return made["web-1__user_data"]["input"]

        assert compared(1) == compared(2) == compared(3)

    def test_all_else_is_compared(self, tmp_path: Path) -> None:
        def compared(folder: str, text: str) -> object:
            made = resources(synth(self.declared(tmp_path / folder, 2, text)), TRIGGER)
            return made["web-1__user_data"]["input"]

        assert compared("a", PEERS) != compared("b", f"{PEERS}# more\n")

    def test_a_template_that_does_not_do_without_peers_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"^Tier web: user_data: .*t.jinja, line 2: .*; so it is where a tier"):
            self.declared(tmp_path, 2, "#cloud-config\n# {{ instance.tier.peers[0].name }}\n")

    def test_who_stays_is_not_replaced_and_the_review_says_nothing_of_it(self, tmp_path: Path) -> None:
        outdirs = []
        for count in (2, 3):
            stack = self.declared(tmp_path / str(count), count)
            stack.app.synth()
            outdirs.append(Path(stack.app.outdir))
        (found,) = reviewer.review(base=outdirs[0], head=outdirs[1]).stacks
        assert [(one.id, one.action.name) for one in found.things] == [("web-3", "CREATE")]

    def test_that_only_their_texts_are_written_otherwise_is_told(self, tmp_path: Path) -> None:
        outdirs = []
        for folder, text in (("a", PEERS), ("b", PEERS.replace(" has ", " serves "))):
            stack = self.declared(tmp_path / folder, 2, text)
            stack.app.synth()
            outdirs.append(Path(stack.app.outdir))
        (found,) = reviewer.review(base=outdirs[0], head=outdirs[1]).stacks
        assert (found.things, found.unchanged) == ((), 2)
        (note,) = map(str, found.notes)
        assert note.startswith("the user data of web-1 and web-2 is written otherwise where nothing is compared (by ")

    def test_what_a_member_that_changes_otherwise_will_not_read_is_told(self, tmp_path: Path) -> None:
        outdirs = []
        for count, tags in ((2, []), (3, ["web"])):
            stack = self.declared(tmp_path / str(count), count, tags=tags)
            stack.app.synth()
            outdirs.append(Path(stack.app.outdir))
        (found,) = reviewer.review(base=outdirs[0], head=outdirs[1]).stacks
        (first,) = (one for one in found.things if one.id == "web-1")
        assert [str(one) for one in first.details] == [
            "its user data is written otherwise where nothing is compared (by another version of the library, or of "
            "other members of a tier), which replaces nothing: a server reads it when something else replaces it"
        ]


# Another count moves only those that come or go.


def of_members(synthesized: Json, numbers: set[int]) -> Json:
    """What belongs to some members of the tier, by its address."""
    names = tuple(f"web-{number}" for number in numbers)
    return {
        f"{block}.{kind}.{name}": one
        for block in ("resource", "data")
        for kind, named in synthesized[block].items()
        for name, one in named.items()
        if name in names or name.startswith(tuple(f"{each}{end}" for each in names for end in "_-"))
    }


def everything(synthesized: Json) -> set[str]:
    return {
        f"{block}.{kind}.{name}"
        for block in ("resource", "data")
        for kind, named in synthesized[block].items()
        for name in named
    }


@st.composite
def tiers(draw: st.DrawFn) -> dict[str, Any]:
    """What a tier says, but for its count."""
    return {
        "network": draw(st.sampled_from(["rule", "list", "automatic"])),
        "public": draw(st.booleans()),
        "volumes": draw(st.booleans()),
        "zones": draw(st.sampled_from([[], ["a"], ["a", "b"], ["a", "b", "c"]])),
        "group": draw(st.sampled_from(["soft-anti-affinity", "affinity", None])),
        "text": draw(
            st.sampled_from([None, "#cloud-config\n# {{ instance.name }} {{ instance.tier.number }}\n", PEERS])
        ),
        "other": draw(st.integers(1, 7)),
    }


def declared(count: int, said: dict[str, Any]) -> tuple[Json, Json]:
    """The JSON of a tier of some count, and the notes of its members."""
    with tempfile.TemporaryDirectory() as folder:
        stack = new_stack(Path(folder))
        internet, private = Network.lookup(stack, "Ext-Net", public=True), backend(stack)
        group = SecurityGroup(stack, "web")
        own = {
            "rule": private.nics(group, first="10.0.0.11"),
            "list": private.nics(group, ips=[f"10.0.0.{90 - number}" for number in range(8)]),
            "automatic": private.nic(group),
        }[said["network"]]
        needs_internet = said["public"] or said["text"] == PEERS
        tier(
            stack,
            count,
            nics=[*([internet.nic(group)] if needs_internet else []), own],
            volumes=[Volumes("web-{n}-data").mount("/srv")] if said["volumes"] else [],
            availability_zones=said["zones"],
            server_group=said["group"],
            user_data=None if said["text"] is None else template(stack, said["text"]),
            members={said["other"]: Member(image="Debian 13")} if said["other"] <= count else {},
        )
        return synth(stack), dict(stack._record.notes)


@settings(max_examples=30, deadline=None)
@given(said=tiers(), counts=st.tuples(st.integers(0, 7), st.integers(0, 7)))
def test_another_count_moves_only_those_that_come_or_go(said: dict[str, Any], counts: tuple[int, int]) -> None:
    few, many = sorted(counts)
    (small, notes_then), (large, notes_now) = declared(few, said), declared(many, said)
    stay = {*range(1, few + 1)}
    then, now = of_members(small, stay), of_members(large, stay)
    if said["text"] == PEERS:
        # What is told of peers, which Terraform is told not to compare.
        for one in (*then.values(), *now.values()):
            one.pop("user_data", None)
    else:
        assert all(notes_then.get(f"web-{number}") == notes_now.get(f"web-{number}") for number in stay)
    assert then == now
    assert not few or f"resource.{INSTANCE}.web-1" in then
    # And all that comes belongs to those that come, but for what they alone ask the cloud for.
    shared = {"data.openstack_images_image_v2", "data.openstack_flavor_v2", "data.openstack_compute_flavor_v2"}
    come = everything(large) - everything(small) - {*of_members(large, {*range(few + 1, many + 1)})}
    assert {one.rpartition(".")[0] for one in come} <= {*shared, "data.openstack_networking_network_v2"}
    assert everything(small) <= everything(large)


TAGGED = Member(tags=["a,b"])
TAG = "tags: 'a,b' is none for Nova: 1 to 60 characters, without ',' and '/'; change it"
OF_TWO = "#cloud-config\n# {% if instance.tier.number == 2 %}{{ x }}{% endif %}\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"tags": ["a,b"]}, f"Tier web: {TAG}"),
        ({"key_pair": " "}, "Tier web: key_pair: it is empty; give its name, or leave it out"),
        ({"members": {2: TAGGED}}, f"Tier web: member 2: {TAG}"),
        ({"members": {1: TAGGED}}, f"Tier web: member 1: {TAG}"),
        # The first that has it as the tier says.
        ({"tags": ["a,b"], "members": {1: Member(tags=["a"])}}, f"Tier web: {TAG}"),
        ({"nics": []}, "Tier web: nics: there are none; give it one in a network, such as network.nic(group)"),
        # All have the same, and one of them cannot.
        (
            {"volumes": [Volumes("web-{n}-data")]},
            "Tier web: member 2: volumes: volume web-2-data is already attached to Instance a; a volume is attached "
            "once",
        ),
        (
            {"config_drive": False, "user_data": UserData.text("#!/bin/sh\n")},
            "Tier web: config_drive: it is False, and on private networks only, with no router that is declared, "
            "nothing else may bring the server its user data; leave it out, or set it to True",
        ),
        (
            {"renamed_from": "www", "server_group": None},
            f"Tier web: member 2: renamed_from: {PORT}.www-2_backend is declared, by Instance www-2, so it cannot have "
            "become web-2_backend; take renamed_from away, or the declaration of the old name",
        ),
    ],
)
def test_a_mistake_is_the_tier_s_or_that_of_the_member_that_is_meant(
    said: dict[str, Any], sentence: str, shop: OpenStackStack
) -> None:
    inside = backend(shop)
    for name in ("a", "www-2"):
        server(shop, name, inside, volumes=[Volume.lookup(shop, f"{name.replace('a', 'web-2')}-data")])

    def declare() -> None:
        tier(shop, 3, **{"nics": [inside.nics(first="10.0.0.11")]} | said)
        synth(shop)

    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        declare()


def test_what_a_template_says_to_one_member_is_that_member_s(shop: OpenStackStack) -> None:
    with pytest.raises(ValueError, match=r"^Tier web: member 2: user_data: .*t\.jinja, line 2: 'x' is undefined"):
        tier(shop, 3, user_data=template(shop, OF_TWO))


def test_a_server_group_and_questions_of_a_tier_are_the_tier_s(shop: OpenStackStack) -> None:
    web = tier(shop, 2)
    with pytest.raises(ValueError, match=r"^Tier web: it is not on a network 'office', but on backend; take one of"):
        web.address_on("office")
    with pytest.raises(ValueError, match=r"^Tier web: waive: 'IVC2' is no policy's id"):
        web.waive("IVC2", reason="x")
    with pytest.raises(ValueError, match=r"^Instance web-1: it is not on a network 'office'"):
        web.member(1).address_on("office")
    ServerGroup(shop, "api")
    with pytest.raises(ValueError, match=r"^Tier api: server_group: 'api' is already declared as ServerGroup in stack"):
        Tier(shop, "api", count=1, image="i", flavor="f", nics=[backend(shop, "other", cidr="10.1.0.0/24").nic()])


def test_from_eight_to_nine_to_seven() -> None:
    said = {
        "network": "rule",
        "public": True,
        "volumes": True,
        "zones": ["a", "b"],
        "group": "soft-anti-affinity",
        "text": PEERS,
        "other": 2,
    }

    def belongs(number: int) -> set[str]:
        return {
            f"resource.{INSTANCE}.web-{number}",
            f"resource.{PORT}.web-{number}_Ext-Net",
            f"resource.{PORT}.web-{number}_backend",
            f"resource.{TRIGGER}.web-{number}__image",
            f"resource.{TRIGGER}.web-{number}__user_data",
            f"data.{VOLUME}.web-{number}-data",
        }

    eight, nine, seven = (everything(declared(count, said)[0]) for count in (8, 9, 7))
    assert (nine - eight, eight - nine) == (belongs(9), set())
    assert (nine - seven, seven - nine) == (belongs(8) | belongs(9), set())


def test_the_page_s_example_is_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "web.yaml.jinja").write_text("#cloud-config\n")
    done = run_program(tmp_path, shown_on("docs/tiers.md"))
    assert (done.returncode, done.stderr) == (0, "")
    assert [*resources(written_stack(tmp_path / "cdktf.out"), INSTANCE)] == ["web-1", "web-2", "web-3"]
