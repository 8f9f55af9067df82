"""Servers, data and look-ups: each policy finds its case, and leaves the near miss alone."""

from __future__ import annotations

import pytest

from ivc.policies.facts import GROUP, IMAGE, INSTANCE, NETWORK, SUBNET, VOLUME
from tests.policies.documents import Json, data, group, ids, instance, judged, merged, port, resource, said

UUID = "99999999-8888-7777-6666-555555555555"
AT_BIRTH = {"source_type": "volume", "destination_type": "volume", "uuid": f"${{data.{VOLUME}.www-data.id}}"}
WWW_DATA = data(VOLUME, "www-data", name="www-data")
HINTS = {"scheduler_hints": [{"group": "${openstack_compute_servergroup_v2.web.id}"}]}


def test_an_admin_password() -> None:
    assert ids(instance("www", admin_pass="${var.secret}")) == ["IVC201"]
    assert ids(instance("www")) == []


def test_a_server_with_a_volume_that_nothing_protects() -> None:
    assert ids(instance("www", block_device=[AT_BIRTH])) == ["IVC202"]
    assert ids(instance("www", block_device=[AT_BIRTH], lifecycle={"prevent_destroy": True})) == []
    assert ids(instance("www", block_device=[{"source_type": "image", "uuid": "${data.x.y.id}"}])) == []
    live = resource("openstack_compute_volume_attach_v2", "a", instance_id=f"${{{INSTANCE}.www.id}}", volume_id="v")
    assert ids(instance("www"), live) == ["IVC202"]


def test_a_volume_that_goes_with_its_server() -> None:
    deleted = instance("www", block_device=[AT_BIRTH | {"delete_on_termination": True}])
    assert said("IVC203", deleted, WWW_DATA) == [
        "instance www: Nova deletes its volume www-data when the server goes or is replaced: say "
        "delete_on_termination = false"
    ]
    root = {"source_type": "image", "uuid": "${data.x.y.id}", "delete_on_termination": True}
    assert "IVC203" not in ids(instance("www", block_device=[root, AT_BIRTH | {"delete_on_termination": False}]))


def test_a_volume_that_is_a_resource() -> None:
    assert ids(resource(VOLUME, "data", size=10)) == ["IVC204"]
    assert ids(resource(VOLUME, "data", size=10, lifecycle=[{"prevent_destroy": True}])) == []


def test_a_root_volume_is_protected_unless_its_declaration_says_otherwise() -> None:
    kept, loose = (
        resource(VOLUME, "root", size=10, image_id="${data.x.y.id}", lifecycle={"prevent_destroy": protected})
        for protected in (True, False)
    )
    assert ids(kept) == []
    assert ids(loose) == ["IVC204"]


def test_the_servers_of_a_tier_may_stand_on_one_host() -> None:
    assert said("IVC205", instance("www-1"), instance("www-2")) == [
        "instance www-1: www-1 and www-2 may all stand on one host: put them into a server group"
    ]
    many = [instance(f"www-{number}") for number in range(1, 7)]
    assert said("IVC205", *many)[0].startswith("instance www-1: www-1, www-2, www-3 and 3 more may all stand")


def test_a_tier_is_also_what_is_made_of_the_same() -> None:
    def alike(name: str, **given: object) -> Json:
        return merged(group(), port(f"{name}-p", "web"), instance(name, f"{name}-p", **given))

    assert "IVC205" in ids(alike("red"), alike("blue"))
    assert "IVC205" not in ids(alike("red"), alike("blue", flavor_name="b2-15"))


@pytest.mark.parametrize(
    "documents",
    [
        [instance("www-1"), instance("db-1")],
        [instance("www-1", **HINTS), instance("www-2", **HINTS)],
        [instance("www-1", availability_zone="a"), instance("www-2", availability_zone="b")],
        [instance("red"), instance("blue")],
    ],
)
def test_servers_that_are_no_tier_or_stand_apart(documents: list[Json]) -> None:
    assert ids(*documents) == []


def test_more_servers_in_a_group_than_nova_takes() -> None:
    group = resource("openstack_compute_servergroup_v2", "web", name="web", policies=["anti-affinity"])
    members = [instance(f"www-{number}", **HINTS) for number in range(11)]
    assert said("IVC208", group, *members) == [
        "server group web: it has 11 servers, and Nova's quota is 10 unless the cloud allows more: ask it, with ivc "
        "limits"
    ]
    assert ids(group, *members[1:]) == []


def test_an_image_by_its_id() -> None:
    assert said("IVC301", instance("www", image_id=UUID)) == [
        f"instance www: its image is given by the id {UUID} alone: give its name"
    ]
    assert ids(instance("www", image_id=UUID, image_name="Debian 12")) == []
    assert "IVC301" in ids(resource(VOLUME, "root", size=10, image_id=UUID))
    assert "IVC301" not in ids(resource(VOLUME, "root", size=10, image_id="${data.x.y.id}"))
    assert "IVC301" in ids(instance("www", image_id=None, block_device=[{"source_type": "image", "uuid": UUID}]))


@pytest.mark.parametrize("kind", [IMAGE, NETWORK, SUBNET, GROUP, VOLUME])
def test_a_look_up_by_name_may_match_more_than_one(kind: str) -> None:
    assert ids(data(kind, "x", name="x")) == ["IVC302"]


def test_the_newest_image_or_none_at_all() -> None:
    assert said("IVC302", data(IMAGE, "d", name="Debian 12", most_recent=True)) == [
        "look-up of image Debian 12: several may be called Debian 12, and then the newest is taken, whoever made it"
    ]
    assert said("IVC302", data(NETWORK, "n", name="net"))[0].endswith("and then the plan fails")


def test_the_library_s_own_look_ups_are_as_it_says() -> None:
    document = data(NETWORK, "x", name="x")
    assert judged(document, declared={f"data.{NETWORK}.x"}) == []
    assert [finding.id for finding in judged(document)] == ["IVC302"]


def test_look_ups_that_match_one() -> None:
    assert ids(data(NETWORK, "x", network_id=UUID)) == []
    assert ids(data(IMAGE, "x", name="Debian 12", most_recent=True, owner=UUID)) == []
    assert ids(data("openstack_compute_flavor_v2", "x", name="b2-7")) == []
    assert ids(data("openstack_identity_auth_scope_v3", "x", name="x")) == []


def test_a_look_up_of_anything() -> None:
    assert ids(data(NETWORK, "x", external=True)) == ["IVC303"]
    assert ids(data("openstack_compute_flavor_v2", "x", vcpus=2)) == ["IVC303"]
    assert ids(data("openstack_compute_flavor_v2", "x", flavor_id="7")) == []
