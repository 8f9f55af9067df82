"""The servers of a stack as its state has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc import FloatingIp, Network, Router
from ivc.deploy import stacks
from ivc.deploy.stacks import Stack
from ivc.deploy.standing import Standing, networks, standing
from tests.helpers import INSTANCE, backend, new_stack, server


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    stack = new_stack(tmp_path)
    internet = Network.lookup(stack, "Ext-Net", public=True)
    network = backend(stack)
    Router(stack, "gate", external_network=internet).add_interface(network)
    server(stack, "www-1", nics=[network.nic(floating_ip=FloatingIp(stack, "www-1", network=internet))])
    stack.app.synth()
    (written,) = stacks.read(tmp_path / "cdktf.out")
    return written


def resource(type_: str, name: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name, "values": values, **more}


def state(*resources: dict[str, Any], modules: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"values": {"root_module": {"resources": [*resources], "child_modules": modules or []}}}


PORT = resource("openstack_networking_port_v2", "www-1_backend", {"all_fixed_ips": ["fd00::1", "10.0.0.11"]})
FLOATING = resource("openstack_networking_floatingip_v2", "www-1", {"address": "198.51.100.7"})


def test_addresses_are_those_of_its_ports_as_they_are_now(stack: Stack) -> None:
    found = standing(stack, state(resource(INSTANCE, "www-1", {"power_state": "active"}), PORT, FLOATING))
    assert found == {
        "www-1": Standing(
            id="www-1", addresses={"backend": ("10.0.0.11", "fd00::1")}, floating_ips={"backend": "198.51.100.7"}
        )
    }
    assert networks(stack) == {"www-1": ["backend"]}


def test_what_was_not_made_whole_is_told(stack: Stack) -> None:
    found = standing(stack, state(resource(INSTANCE, "www-1", {"power_state": "error"}, tainted=True), PORT))
    assert (found["www-1"].is_whole, found["www-1"].status, found["www-1"].floating_ips) == (False, "error", {})


def test_a_server_that_the_output_does_not_have_is_there_without_addresses(stack: Stack) -> None:
    inside = {**resource(INSTANCE, "a", {"power_state": "active"}), "address": f"module.lab.{INSTANCE}.a"}
    many = {**resource(INSTANCE, "b", {"power_state": None}), "address": f'{INSTANCE}.b["x"]', "index": "x"}
    found = standing(stack, state(many, modules=[{"resources": [inside]}]))
    assert found == {"lab.a": Standing(id="lab.a"), 'b["x"]': Standing(id='b["x"]', status="")}


def test_a_state_that_holds_nothing_yet_has_no_servers(stack: Stack) -> None:
    assert standing(stack, {"format_version": "1.0"}) == {}
