"""What the declarations take of a quota."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc import (
    App,
    Instance,
    Listener,
    LoadBalancer,
    Network,
    OpenStackStack,
    Pool,
    SecurityGroup,
    Tcp,
    Tier,
    Vip,
    Zone,
    estate,
)
from ivc.estate import EstateError
from ivc.review import quota, reviewer
from ivc.terraform.document import Document

LIMITS = """
limits: {instances: 1, cores: 4, ram_mib: 10240, ports: -1, security_group_rules: 10}
flavors:
  small: {cores: 2, ram_mib: 4096}
  large: {cores: 4, ram_mib: 8192}
"""


def folder(tmp_path: Path, name: str, *flavors: str) -> Path:
    app = App(folder=tmp_path, outdir=tmp_path / name)
    stack = OpenStackStack(app, "shop")
    network = Network(stack, "backend", cidr="10.0.0.0/24")
    group = SecurityGroup(stack, "web")
    group.allow_from_anywhere(Tcp(443))
    for number, flavor in enumerate(flavors):
        Instance(stack, f"www-{number}", image="Debian 12", flavor=flavor, nics=[network.nic(group)])
    app.synth()
    return tmp_path / name


def counted(tmp_path: Path, limits: quota.Limits | None, *flavors: str) -> dict[str, tuple[object, ...]]:
    base = folder(tmp_path, "base", "small")
    (stack,) = reviewer.review(base=base, head=folder(tmp_path, "head", *flavors), limits=limits).stacks
    return {count.what: (count.before, count.after, count.limit, count.unit, count.exceeded) for count in stack.counts}


def read(tmp_path: Path, text: str) -> quota.Limits:
    (tmp_path / "limits.yaml").write_text(text)
    return quota.read(tmp_path / "limits.yaml")


def test_what_is_declared_is_counted_against_what_may_be(tmp_path: Path) -> None:
    assert counted(tmp_path, read(tmp_path, LIMITS), "small", "large") == {
        "instances": (1, 2, 1, "", True),
        "cores": (2, 6, 4, "", True),
        "RAM": (4, 12, 10, "GiB", True),
        "servers of a server group": (0, 0, None, "", False),
        "ports": (1, 2, None, "", False),
        "security groups": (1, 1, None, "", False),
        "rules": (4, 4, 10, "", False),
        "floating IPs": (0, 0, None, "", False),
    }


def test_a_limit_that_is_just_reached_is_not_exceeded(tmp_path: Path) -> None:
    found = counted(tmp_path, read(tmp_path, "limits: {instances: 2, ports: 1}"), "small", "large")

    assert found["instances"] == (1, 2, 2, "", False)
    assert found["ports"] == (1, 2, 1, "", True)


def test_of_server_groups_the_fullest_counts(tmp_path: Path) -> None:
    folders = []
    for count in (2, 11):
        app = App(folder=tmp_path, outdir=tmp_path / str(count))
        stack = OpenStackStack(app, "shop")
        network = Network(stack, "backend", cidr="10.0.0.0/24")
        for name, size in (("web", count), ("db", 3)):
            Tier(stack, name, count=size, image="Debian 12", flavor="small", nics=[network.nic()])
        app.synth()
        folders.append(tmp_path / str(count))
    limits = read(tmp_path, "limits: {server_group_members: 10}")
    (stack_review,) = reviewer.review(base=folders[0], head=folders[1], limits=limits).stacks
    (found,) = (one for one in stack_review.counts if one.what == "servers of a server group")
    assert (found.before, found.after, found.limit, found.exceeded) == (3, 11, 10, True)


def test_of_zones_the_one_with_most_record_sets_counts(tmp_path: Path) -> None:
    folders = []
    for count in (1, 3):
        app = App(folder=tmp_path, outdir=tmp_path / str(count))
        stack = OpenStackStack(app, "shop")
        Zone(stack, "example.com", email="ops@example.com").txt("@", "x")
        there = Zone.lookup(stack, "example.org")
        for number in range(count):
            there.address(f"www-{number}", "192.0.2.1", "192.0.2.2", "2001:db8::1")
        app.synth()
        folders.append(tmp_path / str(count))
    limits = read(tmp_path, "limits: {zones: 10, zone_recordsets: 5}")
    (stack_review,) = reviewer.review(base=folders[0], head=folders[1], limits=limits).stacks
    found = {one.what: (one.before, one.after, one.limit, one.exceeded) for one in stack_review.counts}
    assert found["DNS zones"] == (1, 1, 10, False)
    assert found["record sets of a DNS zone"] == (2, 6, 5, True)
    assert found["records of a DNS zone"] == (3, 9, None, False)
    assert found["records of a record set"] == (2, 2, None, False)


def test_what_load_balancers_are_made_of_is_counted(tmp_path: Path) -> None:
    folders = []
    for count in (2, 3):
        app = App(folder=tmp_path, outdir=tmp_path / str(count))
        stack = OpenStackStack(app, "shop")
        network = Network(stack, "backend", cidr="10.0.0.0/24")
        nics = [network.nics(SecurityGroup(stack, "web"), first="10.0.0.11")]
        tier = Tier(stack, "web", count=count, image="Debian 12", flavor="small", nics=nics)
        www = LoadBalancer(stack, "www", vip=Vip(stack, "www", network=network, ip="10.0.0.100"))
        web = Pool(www, "web", protocol="HTTP", port=8080, members=tier)
        api = Pool(www, "api", protocol="HTTP", port=8081, members=tier, monitor=None)
        Listener(www, "http", protocol="HTTP", port=80, pool=web).route("api", to=api, host="a.example", path="/v1")
        app.synth()
        folders.append(tmp_path / str(count))
    limits = read(tmp_path, "limits: {load_balancers: 1, members: 5, pools: -1, l7_rules: 1}")
    (stack_review,) = reviewer.review(base=folders[0], head=folders[1], limits=limits).stacks
    found = {one.what: (one.before, one.after, one.limit, one.exceeded) for one in stack_review.counts}
    assert list(found.items())[-7:] == [
        ("load balancers", (1, 1, 1, False)),
        ("listeners", (1, 1, None, False)),
        ("L7 policies", (1, 1, None, False)),
        ("L7 rules", (2, 2, 1, True)),
        ("pools", (2, 2, None, False)),
        ("monitors of pools", (1, 1, None, False)),
        # A server is a member in each of its pools.
        ("members of pools", (4, 6, 5, True)),
    ]


def test_members_that_only_apply_knows_are_not_counted(tmp_path: Path) -> None:
    members = {
        "web": {"pool_id": "a", "member": "${var.members}"},
        "api": {"pool_id": "b", "member": [{"address": "c"}]},
    }
    document = Document.of("shop", {"resource": {"openstack_lb_members_v2": members}})
    stack = estate.stack_of(document)
    found = {one.what: one.after for one in quota.counts(stack, stack, document, document, quota.Limits())}
    assert found["members of pools"] is None


def test_without_limits_nothing_is_counted(tmp_path: Path) -> None:
    assert counted(tmp_path, None, "small", "large") == {}


def test_a_flavor_that_the_file_has_not_makes_cores_unknown(tmp_path: Path) -> None:
    found = counted(tmp_path, read(tmp_path, LIMITS), "unheard-of")

    assert found["cores"] == (2, None, 4, "", False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("limits: [", "is no YAML"),
        ("", "the whole is None: write a mapping"),
        ("limits: {servers: 3}", "limits.servers is not known"),
        ("limits: {cores: many}", "limits.cores is 'many': write a whole number"),
        ("limits: {cores: true}", "limits.cores is True: write a whole number"),
        ("limits: 3", "limits is 3: write a mapping"),
        ("flavors: {small: {cores: 2}}", "flavors.small is not whole"),
        ("quota: {}", "'quota' is not known"),
    ],
)
def test_what_is_no_file_of_limits_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(EstateError, match=r"^--limits: [^\n]*limits\.yaml[^\n]*$") as caught:
        read(tmp_path, text)

    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match="cannot be read: No such file"):
        quota.read(tmp_path / "missing.yaml")
