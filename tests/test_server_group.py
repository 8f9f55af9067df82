"""Server groups: whether servers stand on one host or on several."""

from __future__ import annotations

from typing import Any

import pytest

from ivc import OpenStackStack, ServerGroup
from tests.helpers import SERVER_GROUP, resources, synth


def test_a_group_keeps_servers_apart_as_far_as_it_can(shop: OpenStackStack) -> None:
    ServerGroup(shop, "web")
    assert resources(synth(shop), SERVER_GROUP) == {"web": {"name": "web", "policies": ["soft-anti-affinity"]}}


def test_a_group_says_its_policy_and_how_many_a_host_may_have(shop: OpenStackStack) -> None:
    ServerGroup(shop, "web", policy="anti-affinity", max_server_per_host=2, name="Web ${tier}")
    assert resources(synth(shop), SERVER_GROUP)["web"] == {
        "name": "Web $${tier}",
        "policies": ["anti-affinity"],
        "rules": {"max_server_per_host": 2},
    }


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"policy": "anti_affinity"},
            "policy: 'anti_affinity' is not known; did you mean 'anti-affinity'\\? It is one",
        ),
        ({"max_server_per_host": 2}, "max_server_per_host: Nova takes it with policy='anti-affinity' alone"),
        (
            {"policy": "anti-affinity", "max_server_per_host": 0},
            "max_server_per_host: 0 is no number of servers; give 1 or more",
        ),
        (
            {"policy": "anti-affinity", "max_server_per_host": True},
            "max_server_per_host: True is a truth value; give a whole number",
        ),
        ({"renamed_from": "old"}, "renamed_from: its name in the cloud would change too, which replaces it; give the "),
    ],
)
def test_what_nova_would_refuse_is_refused_here(shop: OpenStackStack, said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^ServerGroup web: {sentence}"):
        ServerGroup(shop, "web", **said)


def test_a_rename_keeps_the_name_in_the_cloud(shop: OpenStackStack) -> None:
    ServerGroup(shop, "web", name="www", renamed_from="www")
    synthesized = synth(shop)
    assert resources(synthesized, SERVER_GROUP)["web"]["name"] == "www"
    assert synthesized["moved"] == [{"from": f"{SERVER_GROUP}.www", "to": f"{SERVER_GROUP}.web"}]
