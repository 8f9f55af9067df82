"""Adding, removing and reordering instances changes nothing in the resources of all others."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc import FloatingIp, Network, Route, Router, SecurityGroup, Tcp, Vip, Volume
from tests.helpers import INSTANCE, PORT, Json, new_stack, server, synth, template

NAMES = ["a", "b", "c", "www-1", "www-2", "db", "backend", "front"]


@st.composite
def _servers(draw: st.DrawFn) -> Json:
    """What each of some instances says; its number makes its addresses and volumes its own."""
    return {
        name: {
            "fixed": draw(st.lists(st.booleans(), min_size=1, max_size=3)),
            "public": draw(st.booleans()),
            "groups": draw(st.integers(0, 2)),
            "volumes": draw(st.lists(st.booleans(), max_size=2)),
            "image": draw(st.sampled_from(["Debian 12", "Debian 13"])),
            "has_user_data": draw(st.booleans()),
        }
        for name in NAMES
    }


def _declare(order: list[str], said: Json) -> Json:
    with tempfile.TemporaryDirectory() as folder:
        stack = new_stack(Path(folder))
        internet = Network.lookup(stack, "Ext-Net", public=True)
        backend = Network(stack, "backend", cidr="10.0.0.0/16")
        groups = [SecurityGroup(stack, "web"), SecurityGroup(stack, "db")]
        groups[1].allow_from(groups[0], Tcp("mysql"))
        for name in order:
            one, number = said[name], NAMES.index(name) + 1
            nics = [
                backend.nic(*groups[: one["groups"]], ip=f"10.0.{number}.{nth}" if fixed else ())
                for nth, fixed in enumerate(one["fixed"], start=1)
            ]
            if one["public"]:
                nics.insert(0, internet.nic(groups[0]))
            more: dict[str, Any] = {}
            if one["has_user_data"]:
                more["user_data"] = template(
                    stack, "#cloud-config\n{% for n in instance.networks %}# {{ n.ip }}\n{% endfor %}"
                )
            server(
                stack,
                name,
                nics=nics,
                image=one["image"],
                volumes=[
                    Volume.lookup(stack, f"{name}-{nth}").attach(live=live)
                    for nth, live in enumerate(one["volumes"], start=1)
                ],
                **more,
            )
        return synth(stack)


def _of(synthesized: Json, name: str) -> Json:
    """All that Terraform compares for one instance."""

    def is_its(kind: str, address: str) -> bool:
        return address == name if kind == INSTANCE else address.startswith(f"{name}_")

    return {
        "resources": {
            f"{kind}.{address}": resource
            for kind, named in synthesized["resource"].items()
            for address, resource in named.items()
            if is_its(kind, address)
        },
        "groups": {
            port: worn for port, worn in synthesized["locals"]["security_groups_of_ports"].items() if is_its(PORT, port)
        },
        "output": synthesized["output"]["instances"]["value"][name],
    }


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=_servers(), before=st.permutations(NAMES), after=st.permutations(NAMES), data=st.data())
def test_random_edits_leave_all_other_instances_as_they_were(
    said: Json, before: list[str], after: list[str], data: st.DataObject
) -> None:
    before = before[: data.draw(st.integers(1, 5), label="instances before")]
    after = after[: data.draw(st.integers(1, 5), label="instances after")]
    old, new = _declare(before, said), _declare(after, said)
    for name in set(before) & set(after):
        assert _of(new, name) == _of(old, name)
    # And what belongs to none of them: the networks and groups.
    shared = ("openstack_networking_network_v2", "openstack_networking_subnet_v2", "openstack_networking_secgroup_v2",
              "openstack_networking_secgroup_rule_v2")  # fmt: skip
    for kind in shared:
        assert new["resource"][kind] == old["resource"][kind]


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=_servers(), order=st.permutations(NAMES[:4]))
def test_the_order_of_declaration_changes_nothing_at_all(said: Json, order: list[str]) -> None:
    assert _declare(order, said) == _declare(NAMES[:4], said)


def test_a_changed_instance_changes_no_other() -> None:
    one: Json = {"fixed": [True], "public": True, "groups": 1, "volumes": [False], "image": "Debian 12"}
    said = {name: one | {"has_user_data": True} for name in NAMES}
    changed = said | {"b": said["b"] | {"image": "Debian 13", "volumes": [], "groups": 2}}
    old, new = _declare(["a", "b", "c"], said), _declare(["a", "b", "c"], changed)
    assert _of(new, "b") != _of(old, "b")
    for name in ("a", "c"):
        assert _of(new, name) == _of(old, name)


def test_a_router_with_all_that_belongs_to_it_changes_nothing_for_servers_elsewhere() -> None:
    def declared(is_routed: bool) -> Json:
        with tempfile.TemporaryDirectory() as folder:
            stack = new_stack(Path(folder))
            internet = Network.lookup(stack, "Ext-Net", public=True)
            backend = Network(stack, "backend", cidr="10.0.0.0/16")
            web = SecurityGroup(stack, "web")
            if is_routed:
                inner = Network(stack, "inner", cidr="10.1.0.0/24")
                gate = Router(stack, "gate", external_network=internet, routes=[Route("10.9.0.0/16", "10.1.0.9")])
                gate.add_interface(inner)
                vip = Vip(stack, "vip", network=inner, floating_ip=FloatingIp(stack, "address", network=internet))
                server(stack, "inside", nics=[inner.nic(web, vips=[vip])])
            server(stack, "a", nics=[internet.nic(web), backend.nic(web)])
            server(stack, "b", nics=[backend.nic(web, ip="10.0.0.9")])
            return synth(stack)

    old, new = declared(False), declared(True)
    assert [_of(new, name) for name in ("a", "b")] == [_of(old, name) for name in ("a", "b")]
    waits = "automatic_addresses_in_backend"
    assert new["locals"][waits] == old["locals"][waits]
