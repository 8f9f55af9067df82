"""What a review says of routers and floating IPs, beside the edits of the corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ivc import App, FloatingIp, Network, OpenStackStack, Route, Router
from ivc.review import reviewer
from ivc.review.model import StackReview
from tests.helpers import backend, server

Declare = Callable[[OpenStackStack, Network], object]


def reviewed(folder: Path, before: Declare, after: Declare) -> StackReview:
    outputs = []
    for side, declare in (("before", before), ("after", after)):
        app = App(folder=folder, outdir=folder / side)
        stack = OpenStackStack(app, "shop")
        declare(stack, backend(stack))
        app.synth()
        outputs.append(folder / side)
    (review,) = reviewer.review(base=outputs[0], head=outputs[1]).stacks
    return review


def gate(stack: OpenStackStack, network: Network, *routes: Route, outside: bool = True) -> None:
    external = Network.lookup(stack, "Ext-Net")
    Router(stack, "gate", external_network=external if outside else None, routes=routes).add_interface(network)


def test_a_router_keeps_its_way_out_though_the_declaration_says_none(tmp_path: Path) -> None:
    review = reviewed(tmp_path, gate, lambda stack, network: gate(stack, network, outside=False))
    assert review.things == ()
    sentence = "openstack_networking_router_v2.gate says no more of external_network_id: what is there stays"
    assert sentence in map(str, review.notes)


def test_a_route_that_comes_and_one_that_goes_are_told_with_the_router(tmp_path: Path) -> None:
    one, other = Route("10.8.0.0/16", next_hop="10.0.0.8"), Route("10.9.0.0/16", next_hop="10.0.0.9")
    review = reviewed(
        tmp_path, lambda stack, network: gate(stack, network, one), lambda stack, network: gate(stack, network, other)
    )
    (thing,) = review.things
    assert f"{thing.kind} {thing.id}" == "router gate"
    assert {str(detail) for detail in thing.details} == {
        "route gate_10-8-0-0-16 goes",
        "route gate_10-9-0-0-16 comes",
    }


def test_a_floating_ip_that_goes_is_told_as_lost(tmp_path: Path) -> None:
    def leads(stack: OpenStackStack, network: Network) -> None:
        gate(stack, network)
        address = FloatingIp(stack, "bastion", network=Network.lookup(stack, "Ext-Net"))
        server(stack, "bastion", nics=[network.nic(floating_ip=address)])

    def leads_not(stack: OpenStackStack, network: Network) -> None:
        gate(stack, network)
        server(stack, "bastion", nics=[network.nic()])

    review = reviewed(tmp_path, leads, leads_not)
    said = {f"{thing.kind} {thing.id}": str(thing.headline) for thing in review.things}
    assert said["floating IP bastion"] == ("floating IP bastion will be destroyed; lost with it: its address")
