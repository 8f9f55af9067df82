"""Everything we create says in its first call which stack and which declaration made it."""

from __future__ import annotations

from ivc import Network, OpenStackStack, SecurityGroup, Tcp, Volume
from tests.helpers import ATTACHMENT, GROUP, INSTANCE, NETWORK, PORT, RULE, SUBNET, TRIGGER, resources, server, synth

# They have no field for it, are nothing in the cloud, or (rules) would be replaced by a change of it.
UNMARKED = {ATTACHMENT, RULE, TRIGGER}


def test_everything_we_create_is_marked_in_the_call_that_creates_it(shop: OpenStackStack) -> None:
    network, group = Network(shop, "backend", cidr="10.0.0.0/24"), SecurityGroup(shop, "web")
    group.allow_from_anywhere(Tcp(80))
    volume = Volume.lookup(shop, "data").attach(live=True)
    server(shop, "www", nics=[network.nic(group)], volumes=[volume])
    synthesized = synth(shop)
    assert set(synthesized["resource"]) == UNMARKED | {INSTANCE, PORT, NETWORK, SUBNET, GROUP}
    for kind, named in synthesized["resource"].items():
        for name, resource in named.items():
            if kind == INSTANCE:
                assert resource["metadata"] == {"ivc": f"shop/{name}"}
            elif kind not in UNMARKED:
                assert resource["description"] == f"ivc:shop/{name}", kind


def test_a_persons_description_stands_before_the_mark(shop: OpenStackStack) -> None:
    Network(shop, "backend", cidr="10.0.0.0/24", description="Behind ${it}")
    SecurityGroup(shop, "web", description="In front")
    synthesized = synth(shop)
    assert resources(synthesized, NETWORK)["backend"]["description"] == "Behind $${it} [ivc:shop/backend]"
    assert resources(synthesized, GROUP)["web"]["description"] == "In front [ivc:shop/web]"


def test_the_mark_is_beside_ones_own_metadata(shop: OpenStackStack) -> None:
    network = Network(shop, "backend", cidr="10.0.0.0/24")
    server(shop, "www", network, metadata={"owner": "ops", "${key}": "%{value}"})
    assert resources(synth(shop), INSTANCE)["www"]["metadata"] == {
        "owner": "ops",
        "$${key}": "%%{value}",
        "ivc": "shop/www",
    }


def test_a_mark_from_before_a_rename_stays(shop: OpenStackStack) -> None:
    server(shop, "www", Network(shop, "backend", cidr="10.0.0.0/24"))
    synthesized = synth(shop)
    assert 'metadata["ivc"]' in resources(synthesized, INSTANCE)["www"]["lifecycle"]["ignore_changes"]
    assert resources(synthesized, PORT)["www_backend"]["lifecycle"] == {"ignore_changes": ["description"]}
