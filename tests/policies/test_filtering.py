"""What stands between a port and its network: each policy finds its case, and leaves the near miss alone."""

from __future__ import annotations

from ivc.policies.facts import GROUP, INSTANCE, NETWORK
from tests.policies.documents import Json, data, group, ids, instance, merged, port, resource, rule, said

DEFAULT = data(GROUP, "default", name="default")
PRIVATE = resource(NETWORK, "backend", name="backend", port_security_enabled=True)
EGRESS = rule("out", direction="egress", protocol=None, remote_ip_prefix="0.0.0.0/0")


def grave(*documents: Json) -> list[str]:
    return ids(*documents, at_least="warning")


def private(*groups: str) -> Json:
    """A server in a network that is made here."""
    ports = port("p", *groups, network=f"{NETWORK}.backend")
    return merged(PRIVATE, ports, instance("db-1", "p"))


def test_a_server_that_has_its_own_group_is_fine() -> None:
    assert grave(group(), port("p", "web"), instance("www", "p")) == []


def test_port_security_off_on_a_port_is_said_of_its_server() -> None:
    documents = [port("p", port_security_enabled=False), instance("www", "p")]
    assert said("IVC140", *documents) == [
        "instance www: its port p has no port security, so that no security group filters: leave it on"
    ]
    assert grave(*documents) == ["IVC140"]


def test_port_security_off_on_a_network() -> None:
    off = resource(NETWORK, "backend", name="back", port_security_enabled=False)
    assert said("IVC140", off)[0].startswith("network backend: network back has no port security")
    assert grave(PRIVATE) == []


def test_the_default_group_looked_up() -> None:
    assert said("IVC141", DEFAULT)[0].startswith("look-up of security group default: it is the project's own group")
    assert grave(data(GROUP, "other", name="other")) == []


def test_a_port_without_groups_gets_the_default_one_unless_it_says_none() -> None:
    bare = port("p")
    assert grave(bare) == ["IVC141"]
    assert said("IVC141", bare)[0].startswith("port p: its port p names no group")
    assert grave(port("p", no_security_groups=True)) == []
    assert grave(group(), port("p", "web")) == []


def test_a_server_that_names_a_network_gets_the_default_group() -> None:
    assert grave(instance("www", network=[{"name": "Ext-Net"}])) == ["IVC141"]
    assert grave(instance("www", network=[{"name": "Ext-Net"}], security_groups=["mine"])) == []
    assert grave(instance("www", network=[{"name": "Ext-Net"}], security_groups=["default", "mine"])) == ["IVC141"]


def test_a_public_server_that_has_only_others_groups() -> None:
    groups = [f"${{data.{GROUP}.theirs.id}}"]
    worn = port("p", security_group_ids=groups)
    theirs = data(GROUP, "theirs", name="theirs")
    assert said("IVC142", worn, theirs, instance("www", "p")) == [
        "instance www: its public port p has no group of this stack, only theirs: give it a group that is declared here"
    ]
    assert grave(port("p", public=False, security_group_ids=groups), theirs, instance("www", "p")) == []


def test_a_public_server_that_has_none() -> None:
    bare = port("p", no_security_groups=True)
    assert said("IVC142", bare, instance("www", "p")) == [
        "instance www: its public port p has no group at all: give it a group that is declared here"
    ]
    assert grave(PRIVATE, port("p", network=f"{NETWORK}.backend", no_security_groups=True), instance("db", "p")) == []


def test_a_floating_ip_makes_a_port_public() -> None:
    bare = merged(PRIVATE, port("p", network=f"{NETWORK}.backend", no_security_groups=True), instance("db", "p"))
    by_port = resource("openstack_networking_floatingip_v2", "f", port_id="${openstack_networking_port_v2.p.id}")
    by_instance = resource("openstack_compute_floatingip_associate_v2", "f", instance_id=f"${{{INSTANCE}.db.id}}")
    assert grave(bare) == []
    assert grave(bare, by_port) == ["IVC142"]
    assert grave(bare, by_instance) == ["IVC142"]


def test_a_group_without_a_description_where_that_is_asked_for() -> None:
    assert grave(group(description=None)) == ["IVC143"]
    assert grave(group(description="ivc:shop/web")) == ["IVC143"]
    assert grave(group(description="Web servers [ivc:shop/web]")) == []


def test_egress_all_open_on_a_private_tier() -> None:
    assert said("IVC150", EGRESS, private("web"))[0].startswith("security group web: only servers without a public")
    assert "IVC151" not in ids(EGRESS, private("web"))
    assert "IVC150" not in ids(EGRESS, port("p", "web"), instance("www", "p"))
    some = rule("out", direction="egress", port_range_min=443, port_range_max=443, remote_ip_prefix="0.0.0.0/0")
    assert "IVC150" not in ids(some, private("web"))


def test_egress_to_the_world_is_told() -> None:
    assert said("IVC151", EGRESS) == [
        "security group web: its servers reach the whole world by every protocol and port"
    ]
    halves = [
        rule(name, direction="egress", protocol=None, remote_ip_prefix=half)
        for name, half in (("low", "0.0.0.0/1"), ("high", "128.0.0.0/1"))
    ]
    assert said("IVC151", *halves) != []
    assert said("IVC151", rule("out", direction="egress", protocol=None, remote_ip_prefix="10.0.0.0/8")) == []
