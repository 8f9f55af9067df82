"""Policies at synthesis: what they refuse is not written, what is waived is, and the record says both."""

from __future__ import annotations

import json
import os
import runpy
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cdktf import AssetType, TerraformAsset, TerraformStack
from cdktf_cdktf_provider_openstack.networking_secgroup_rule_v2 import NetworkingSecgroupRuleV2
from cdktf_cdktf_provider_openstack.networking_secgroup_v2 import NetworkingSecgroupV2
from cdktf_cdktf_provider_openstack.provider import OpenstackProvider

from ivc import App, Cidr, Icmp, Network, OpenStackStack, Policy, SecurityGroup, Subnet, Tcp, Volume
from ivc.policies import STACK, Facts, Finding, GroupDescription
from ivc.policies.record import read
from tests.helpers import backend, server, template, tree

SSH = Tcp("ssh")


def output(stack: OpenStackStack) -> Path:
    return Path(stack.app.outdir)


def findings(stack: OpenStackStack) -> dict[str, list[str]]:
    """What the record says, by id: whom it is about."""
    found: dict[str, list[str]] = {}
    for finding in read(output(stack) / "stacks" / stack.name):
        found.setdefault(finding.id, []).append(finding.subject)
    return found


class Names(Policy):
    """Who is called at night must know whose server it is.

    Put the team's name first.
    """

    id = "ACME1"
    title = "A server's name does not begin with its team's"
    severity = "error"
    page = "https://acme.example/names"

    def check(self, facts: Facts) -> Iterator[Finding]:
        for instance in facts.instances:
            if not instance.name.startswith("shop-"):
                yield Finding(subject=instance.address, message="its name does not begin with shop-: rename it")


# Refused.


def test_an_error_refuses_and_writes_nothing(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web").allow_from_anywhere(SSH)
    with pytest.raises(ValueError, match="the world reaches SSH") as raised:
        shop.app.synth()
    assert str(raised.value) == (
        "shop: security group web: the world reaches SSH (tcp 22): let only those in that use it, a group or Cidr(...) "
        "(IVC101); or accept it where it is declared, with waive('IVC101', reason=...)"
    )
    assert tree(output(shop)) == {}
    assert not list(output(shop).iterdir())


def test_of_several_the_first_is_said_and_the_others_are_its_notes(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web").allow_from_anywhere(SSH, Tcp("rdp"), Tcp("redis"))
    with pytest.raises(ValueError, match=r"reaches SSH .* \(and 2 more\)") as raised:
        shop.app.synth()
    assert [note.split(": ")[2] for note in raised.value.__notes__] == [
        "the world reaches RDP (tcp 3389)",
        "the world reaches Redis and Valkey (tcp 6379)",
    ]


def test_the_old_output_is_untouched(tmp_path: Path) -> None:
    def declare(*traffic: Tcp) -> None:
        stack = OpenStackStack(App(folder=tmp_path), "shop")
        SecurityGroup(stack, "web").allow_from_anywhere(*traffic)
        server(stack, "www", backend(stack), user_data=template(stack, f"#cloud-config\n# {len(traffic)}\n"))
        stack.app.synth()

    declare(Tcp("https"))
    stack_folder = tmp_path / "cdktf.out" / "stacks" / "shop"
    (stack_folder / ".terraform").mkdir()
    (stack_folder / ".terraform" / "mine").write_text("kept")
    (stack_folder / ".terraform.lock.hcl").write_text("kept")
    before = tree(tmp_path / "cdktf.out")

    with pytest.raises(ValueError, match="the world reaches SSH"):
        declare(Tcp("https"), SSH)
    assert tree(tmp_path / "cdktf.out") == before

    declare(Tcp("https"), Tcp("http"))
    after = tree(tmp_path / "cdktf.out")
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} == {
        "stacks/shop/cdk.tf.json",
        "stacks/shop/policies.json",
        "stacks/shop/userdata/www",
    }


def test_what_is_set_by_hand_does_not_escape(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web").allow_from(Cidr("203.0.113.0/24"), SSH)
    shop.add_override("provider.openstack.0.insecure", True)
    with pytest.raises(ValueError, match="does not check the cloud's certificate"):
        shop.app.synth()


def test_a_plain_stack_of_cdktf_does_not_escape(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    OpenstackProvider(TerraformStack(app, "plain"), "openstack", insecure=True)
    with pytest.raises(ValueError, match=r"^plain: stack plain: .*\(IVC402\)"):
        app.synth()


def test_hcl_cannot_be_read(shop: OpenStackStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_HCL_OUTPUT", "true")
    with pytest.raises(ValueError, match="synthesize without --hcl"):
        shop.app.synth()


# Written.


def test_a_warning_is_said_and_written(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    SecurityGroup(shop, "web").allow_from_anywhere(Tcp("ldap"))
    shop.app.synth()
    assert capsys.readouterr().err == (
        "warning: shop: security group web: the world reaches LDAP (tcp 389): let only those in that use it, a group "
        "or Cidr(...) (IVC122)\n"
    )
    assert findings(shop)["IVC122"] == ["security group web"]


def test_what_is_only_to_be_known_is_written_and_not_said(
    shop: OpenStackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    SecurityGroup(shop, "web").allow_from_anywhere(Tcp("https"), Icmp())
    shop.app.synth()
    assert capsys.readouterr().err == ""
    assert findings(shop)["IVC134"] == ["security group web"]


def test_the_record_is_there_though_nothing_was_found(shop: OpenStackStack) -> None:
    shop.app.synth()
    assert (output(shop) / "stacks/shop/policies.json").read_text() == '{\n  "findings": [],\n  "version": 1\n}\n'


def test_assets_and_others_files_are_where_they_belong(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text("{}")
    asset = tmp_path / "asset"
    (asset / "empty").mkdir(parents=True)

    def declare(text: str) -> None:
        (asset / "file").write_text(text)
        stack = OpenStackStack(App(folder=tmp_path), "shop")
        TerraformAsset(stack, "it", path=str(asset), type=AssetType.DIRECTORY)
        stack.app.synth()

    declare("old")
    (old,) = (tmp_path / "cdktf.out/stacks/shop/assets/it").iterdir()
    declare("new")
    (new,) = (tmp_path / "cdktf.out/stacks/shop/assets/it").iterdir()
    assert old != new
    assert (new / "file").read_text() == "new"
    assert (new / "empty").is_dir()


def test_a_folder_that_a_killed_synthesis_left_goes_and_a_running_one_s_stays(shop: OpenStackStack) -> None:
    for name, age in ((".new-1", 7200), (".new-2", 10)):
        (output(shop) / name / "stacks").mkdir(parents=True)
        os.utime(output(shop) / name, (time.time() - age, time.time() - age))
    shop.app.synth()
    assert sorted(path.name for path in output(shop).glob(".new-*")) == [".new-2"]


def test_the_output_folder_is_what_was_said_relative_to_where_the_program_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = App(folder=tmp_path, outdir="out/deep")
    OpenStackStack(app, "shop")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    app.synth()
    assert Path(app.outdir) == tmp_path / "out" / "deep"
    assert (tmp_path / "out" / "deep" / "stacks" / "shop" / "cdk.tf.json").is_file()


# Waived.


def test_what_is_waived_is_written_with_its_reason(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    bastion = SecurityGroup(shop, "bastion").waive("IVC101", reason="the way in; keys only")
    bastion.allow_from_anywhere(SSH)
    shop.app.synth()
    (found,) = (finding for finding in read(output(shop) / "stacks/shop") if finding.id == "IVC101")
    assert (found.subject, found.waived, found.severity) == ("security group bastion", "the way in; keys only", "error")
    assert capsys.readouterr().err == ""


def test_a_waiver_is_about_its_own_declaration(shop: OpenStackStack) -> None:
    for name in ("bastion", "web"):
        SecurityGroup(shop, name).allow_from_anywhere(SSH)
    shop.waive("IVC101", of="openstack_networking_secgroup_v2.bastion", reason="the way in")
    with pytest.raises(ValueError, match=r"^shop: security group web: the world reaches SSH") as raised:
        shop.app.synth()
    assert "more" not in str(raised.value)


class Everything(Policy):
    """Finds each thing that is declared.

    Nothing to mend.
    """

    id = "ACME2"
    title = "There is something"
    severity = "error"

    def check(self, facts: Facts) -> Iterator[Finding]:
        yield Finding(subject=STACK, message="it is there")
        for address in facts.elements:
            yield Finding(subject=facts.declaration(address), message="it is there", cause=address)


def test_every_declaration_can_waive_what_is_found_about_it(tmp_path: Path) -> None:
    shop = OpenStackStack(App(folder=tmp_path, policies=[Everything()]), "shop").waive("ACME2", reason="stack")
    for kind, name in (("images_image", "Debian_12_1711d4"), ("compute_flavor", "b2-7")):
        shop.waive("ACME2", of=f"data.openstack_{kind}_v2.{name}", reason=kind)
    internet = Network.lookup(shop, "Ext-Net", public=True).waive("ACME2", reason="network look-up")
    Subnet.lookup(shop, "Ext-Sub", network=internet).waive("ACME2", reason="subnet look-up")
    web = SecurityGroup(shop, "web").waive("ACME2", reason="group")
    default = SecurityGroup.lookup(shop, "default").waive("ACME2", reason="group look-up")
    volume = Volume.lookup(shop, "www-data").waive("ACME2", reason="volume look-up")
    vpn = Network(shop, "vpn", cidr="10.9.0.0/24").waive("ACME2", reason="network")
    www = server(shop, "www", nics=[internet.nic(web, default), vpn.nic(web)], volumes=[volume])
    assert www.waive("ACME2", reason="instance") is www
    shop.app.synth()
    waived = {finding.waived for finding in read(output(shop) / "stacks/shop") if finding.id == "ACME2"}
    assert waived == {
        "stack", "images_image", "compute_flavor", "network look-up", "subnet look-up", "group", "group look-up",
        "volume look-up", "network", "instance",
    }  # fmt: skip


def test_what_is_made_by_hand_is_waived_on_the_stack(shop: OpenStackStack) -> None:
    group = NetworkingSecgroupV2(shop, "mine", name="mine")
    NetworkingSecgroupRuleV2(
        shop,
        "ssh",
        security_group_id=group.id,
        direction="ingress",
        ethertype="IPv4",
        protocol="tcp",
        port_range_min=22,
        port_range_max=22,
        remote_ip_prefix="0.0.0.0/0",
    )
    with pytest.raises(
        ValueError,
        match=r"or accept it with stack\.waive\('IVC101', of='openstack_networking_secgroup_v2\.mine', reason=",
    ):
        shop.app.synth()
    shop.waive("IVC101", of="openstack_networking_secgroup_v2.mine", reason="a training")
    shop.app.synth()


def test_a_waiver_of_one_of_a_tier_is_one_of_all(shop: OpenStackStack) -> None:
    network = backend(shop)
    for name in ("www-1", "www-2", "www-3"):
        server(shop, name, network)
    shop.waive("IVC205", of="openstack_compute_instance_v2.www-2", reason="a cloud with one host")
    shop.app.synth()
    (found,) = (finding for finding in read(output(shop) / "stacks/shop") if finding.id == "IVC205")
    assert found.waived == "a cloud with one host"


def test_a_waiver_that_nothing_needs_is_an_error(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web").waive("IVC101", reason="it was a bastion once")
    with pytest.raises(
        ValueError, match=r"^SecurityGroup web: the waiver of IVC101 waives nothing: take it away \(it was"
    ):
        shop.app.synth()
    assert tree(output(shop)) == {}


@pytest.mark.parametrize(
    ("id_", "reason", "message"),
    [
        ("IVC1O1", "why", r"^SecurityGroup web: waive: 'IVC1O1' is no policy's id; did you mean 'IVC101'\?$"),
        ("", "why", "^SecurityGroup web: waive: '' is no policy's id; did you mean "),
        ("IVC101", "", "^SecurityGroup web: waive: 'IVC101' has no reason; say why it is right here$"),
        ("IVC101", " \n", "^SecurityGroup web: waive: 'IVC101' has no reason"),
    ],
)
def test_a_waiver_names_a_policy_and_a_reason(shop: OpenStackStack, id_: str, reason: str, message: str) -> None:
    group = SecurityGroup(shop, "web")
    with pytest.raises(ValueError, match=message):
        group.waive(id_, reason=reason)


def test_a_waiver_is_given_once(shop: OpenStackStack) -> None:
    group = SecurityGroup(shop, "web").waive("IVC101", reason="one")
    with pytest.raises(ValueError, match="'IVC101' is waived twice"):
        group.waive("IVC101", reason="two")


def test_user_data_has_its_own_waivers_alone(shop: OpenStackStack) -> None:
    secret = "#!/bin/sh\nexport OS_PASSWORD=" + "hunter2" * 2 + "\n"
    data = template(shop, secret).waive("secret", reason="of the training cloud")
    server(shop, "www", backend(shop), user_data=data)
    shop.app.synth()
    assert "IVC404" not in findings(shop)


# A team's own.


def test_an_own_policy_looks_at_every_stack(tmp_path: Path) -> None:
    app = App(folder=tmp_path, policies=[Names()])
    shop = OpenStackStack(app, "shop")
    server(shop, "www", backend(shop))
    with pytest.raises(
        ValueError, match=r"^shop: instance www: its name does not begin with shop-: rename it \(ACME1\)"
    ):
        app.synth()


def test_an_own_policy_is_waived_as_any_other(tmp_path: Path) -> None:
    app = App(folder=tmp_path, policies=[Names()])
    shop = OpenStackStack(app, "shop")
    server(shop, "www", backend(shop)).waive("ACME1", reason="from before the merger")
    app.synth()
    (found,) = (finding for finding in read(output(shop) / "stacks/shop") if finding.id == "ACME1")
    assert (found.page, found.waived) == ("https://acme.example/names", "from before the merger")


def test_descriptions_are_asked_for_where_an_app_wants_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = OpenStackStack(App(folder=tmp_path, policies=[GroupDescription()]), "shop")
    SecurityGroup(shop, "web", description="Web servers")
    SecurityGroup(shop, "db")
    shop.app.synth()
    assert (
        capsys.readouterr().err
        == "warning: shop: security group db: it has no description: say what it is for (IVC143)\n"
    )


def _changed(**fields: object) -> Policy:
    made: Policy = type("Changed", (Names,), fields)()
    return made


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            Names,
            r"^App: policies: item 1, Names, is a class, and nothing that was made of it; give an ",
        ),
        (_changed(id="IVC101"), r"id: 'IVC101' is ServiceFromAnywhere's already"),
        (_changed(id="A B"), "id: 'A B' is no word of letters, digits and '-'"),
        (_changed(severity="fatal"), "severity: 'fatal' is not known; take error, warning or info"),
        (_changed(title=" "), "its title is missing"),
    ],
)
def test_what_is_no_policy(tmp_path: Path, policy: Policy, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        App(folder=tmp_path, policies=[policy])


# Where it stands.

PROGRAM = """
from ivc import App, OpenStackStack, SecurityGroup, Tcp
from estate.groups import group

app = App(folder={folder!r})
shop = OpenStackStack(
    app,
    "shop",
)
web = SecurityGroup(shop, "web")
web.allow_from_anywhere(Tcp("https"))
group(shop)
app.synth()
"""
MODULE = """
from ivc import SecurityGroup, Tcp

def group(scope):
    made = SecurityGroup(scope, "mail")

    made.allow_from_anywhere(Tcp("smtp"))
"""


def test_the_record_says_where_a_declaration_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "groups.py").write_text(MODULE)
    (tmp_path / "main.py").write_text(PROGRAM.format(folder=str(tmp_path)))
    monkeypatch.syspath_prepend(str(tmp_path))
    runpy.run_path(str(tmp_path / "main.py"), run_name="__main__")
    found = {
        (finding.id, finding.subject): (finding.file, finding.line)
        for finding in read(tmp_path / "cdktf.out" / "stacks" / "shop")
    }
    assert found["IVC134", "security group web"] == ("main.py", 11)
    assert found["IVC151", "security group web"] == ("main.py", 10)
    assert found["IVC134", "security group mail"] == ("estate/groups.py", 7)
    assert str(tmp_path) not in (tmp_path / "cdktf.out/stacks/shop/policies.json").read_text()


def test_outside_of_the_app_s_folder_it_stands_nowhere(shop: OpenStackStack) -> None:
    SecurityGroup(shop, "web")
    shop.app.synth()
    written = json.loads((output(shop) / "stacks/shop/policies.json").read_text())
    assert {(finding["file"], finding["line"]) for finding in written["findings"]} == {(None, None)}
