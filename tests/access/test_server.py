"""Servers as the outputs of their stack tell of them, and which of their addresses is whose way."""

from __future__ import annotations

from typing import Any

import pytest

from ivc import FloatingIp, Network, OpenStackStack, Router
from ivc.access import server as access
from ivc.access.server import Server
from tests.access.samples import ID, running
from tests.helpers import Json, backend, synth
from tests.helpers import server as declare


def read(**instances: Any) -> list[Server]:
    return access.read("shop", {"instances": instances}, declares_servers=True)


def said(**more: Any) -> Json:
    """What the output says of one server."""
    return {"id": ID, "name": "www", "addresses": {}, "networks": [], "public": [], "tags": [], **more}


def test_what_is_declared_is_what_is_read(shop: OpenStackStack) -> None:
    """But for what Terraform works out."""
    internet, network = Network.lookup(shop, "Ext-Net", public=True), backend(shop)
    gate = Router(shop, "gate", external_network=internet)
    gate.add_interface(network)
    address = FloatingIp.lookup(shop, "203.0.113.5")
    declare(shop, "www", nics=[network.nic(floating_ip=address), internet.nic()], tags=["web", "a:b"])
    value = synth(shop)["output"]["instances"]["value"]
    value["www"] |= {"id": ID, "addresses": {"Ext-Net": ["198.51.100.7"], "backend": ["10.0.0.11"]}}

    (found,) = read(**value)

    assert found == Server(
        stack="shop",
        name="www",
        id=ID,
        addresses={"backend": ["10.0.0.11"], "Ext-Net": ["198.51.100.7"]},
        public=["Ext-Net"],
        floating_ips={"backend": "203.0.113.5"},
        tags=["a:b", "web"],
    )
    assert [*found.addresses] == ["backend", "Ext-Net"]


def test_servers_come_in_the_order_in_which_people_count() -> None:
    assert [one.name for one in read(**{"www-10": said(), "www-9": said()})] == ["www-9", "www-10"]


def test_a_tier_is_read_where_there_is_one() -> None:
    assert [one.tier for one in read(**{"a": said(), "www-1": said(tier="www")})] == [None, "www"]


def test_a_state_of_an_older_ivc_is_read_and_known_as_such() -> None:
    older = {"id": ID, "name": "www", "addresses": {"backend": ["10.0.0.11"]}}
    (found,) = read(www=older)
    assert (found.addresses, found.public, found.tags) == ({"backend": ["10.0.0.11"]}, (), ())
    assert access.lacks_notes({"instances": {"www": older}})
    assert not access.lacks_notes({"instances": {"www": said()}})
    assert not access.lacks_notes({})


def test_a_stack_that_declares_no_server_has_none() -> None:
    assert access.read("net", {"range": "10.0.0.0/24"}, declares_servers=False) == []


def test_a_stack_that_was_never_deployed_is_named() -> None:
    with pytest.raises(ValueError, match=r"^stack shop: its state knows of no servers: deploy it first, or name"):
        access.read("shop", {}, declares_servers=True)


@pytest.mark.parametrize(
    ("instances", "what"),
    [
        ("(sensitive)", "string indices must be integers, not 'str'"),
        (["www"], "list indices must be integers or slices, not str"),
        ({"www": "203.0.113.7"}, "string indices must be integers, not 'str'"),
        ({"www": {"id": ID}}, "addresses is missing"),
        ({"www": said(addresses={"backend": ["10.0.0.300"]})}, "'10.0.0.300' does not appear to be an IPv4 or IPv6"),
        ({"www": said(networks=["store"])}, "store is missing"),
        ({"www\n  ProxyCommand x": said()}, r"'www\n  ProxyCommand x' is no name that it gives"),
        ({"www": said(id="1 2")}, "'1 2' is no name that it gives"),
        ({"www": said(addresses={"{{ x }}": []}, networks=["{{ x }}"])}, "'{{ x }}' is no name that it gives"),
    ],
)
def test_an_output_of_somebody_elses_is_refused(instances: Any, what: str) -> None:
    with pytest.raises(ValueError, match=r"^stack shop: its output instances is not as ivc writes it: ") as caught:
        access.read("shop", {"instances": instances}, declares_servers=True)
    assert what in str(caught.value)


def test_servers_of_one_name_are_not_taken_for_one() -> None:
    access.refuse_namesakes([running("a"), running("b")])
    with pytest.raises(ValueError, match=r"^www-1: there is one in stack shop and one in stack staging, which would"):
        access.refuse_namesakes([running(), running(stack="staging")])


OUTSIDE, INSIDE = {"Ext-Net": ["2001:db8::7", "198.51.100.7"]}, {"backend": ["10.0.0.11"]}


@pytest.mark.parametrize(
    ("one", "address"),
    [
        (running(), None),
        (running(addresses=INSIDE | OUTSIDE, public=["Ext-Net"]), "198.51.100.7"),
        (running(addresses={"Ext-Net": ["2001:db8::7"]}, public=["Ext-Net"]), "2001:db8::7"),
        (
            running(addresses=OUTSIDE | INSIDE, public=["Ext-Net"], floating_ips={"backend": "203.0.113.5"}),
            "203.0.113.5",
        ),
        (running(addresses={"Ext-Net": []}, public=["Ext-Net"]), None),
        (running(addresses={"Ext-Net": [], "Net-2": ["198.51.100.8"]}, public=["Ext-Net", "Net-2"]), "198.51.100.8"),
    ],
)
def test_a_floating_ip_goes_before_a_public_address_and_ipv4_before_ipv6(one: Server, address: str | None) -> None:
    assert one.reached_at == address


def test_inside_the_first_network_counts_unless_another_is_wanted() -> None:
    one = running(addresses={"store": ["10.9.0.21"], "backend": ["10.0.0.21"], "empty": []})
    assert one.inner_address() == "10.9.0.21"
    assert one.inner_address(["lab", "backend"]) == "10.0.0.21"
    assert one.inner_address(["empty"]) == "10.9.0.21"


def test_a_server_without_any_address_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^stack shop: instance www-1 has no address in the state; give its network"):
        running(addresses={"backend": []}).inner_address()
