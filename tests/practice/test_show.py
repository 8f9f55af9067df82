"""What `show` says of the extras, with stand-ins in the shape of openstacksdk."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from openstack.dns.v2.recordset import Recordset
from openstack.dns.v2.zone import Zone
from openstack.key_manager.v1.secret import Secret
from openstack.load_balancer.v2.listener import Listener
from openstack.load_balancer.v2.load_balancer import LoadBalancer
from openstack.object_store.v1.container import Container
from openstack.orchestration.v1.stack import Stack
from practice.services import Extra
from practice.show import contents
from rich.console import Console

_RECORDS = [
    Recordset(name="www.shop.example.", type="A", records=["203.0.113.9", "203.0.113.10"]),
    Recordset(name="shop.example.", type="NS", records=["ns1.example.net."]),
]


def _gives(**things: list[Any]) -> SimpleNamespace:
    return SimpleNamespace(**{name: lambda *_, found=found: iter(found) for name, found in things.items()})


CLOUD: Any = SimpleNamespace(
    compute=_gives(servers=[]),
    network=_gives(networks=[], security_groups=[], ports=[]),
    block_storage=_gives(volumes=[]),
    object_store=SimpleNamespace(
        containers=lambda: iter([Container(name="application", count=0, bytes=0)]),
        get_container_metadata=lambda name: Container(name=name, object_count=2, bytes_used=300),
    ),
    key_manager=_gives(secrets=[Secret(name="[certificate]", secret_type="opaque", status="ACTIVE")]),
    dns=_gives(zones=[Zone(id="z", name="shop.example.", status="ACTIVE")], recordsets=_RECORDS),
    load_balancer=_gives(
        load_balancers=[LoadBalancer(id="b", name="web", provisioning_status="ACTIVE", vip_address="10.0.0.5")],
        listeners=[Listener(name="https", protocol="TCP", protocol_port=443, load_balancers=[{"id": "b"}])],
    ),
    orchestration=_gives(stacks=[Stack(name="book", status="CREATE_COMPLETE")]),
)


def _shown(*extras: Extra) -> str:
    console = Console(width=200)
    with console.capture() as said:
        console.print(contents(CLOUD, extras))
    return "\n".join(" ".join(line.split()) for line in said.get().splitlines())


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        (Extra.OBJECTS, "application 2 300 B"),
        (Extra.SECRETS, "[certificate] opaque ACTIVE"),
        (Extra.DNS, "shop.example. ACTIVE www.shop.example. A 203.0.113.9, 203.0.113.10"),
        (Extra.LOADBALANCER, "web ACTIVE 10.0.0.5 TCP 443"),
        (Extra.ORCHESTRATION, "book CREATE_COMPLETE"),
    ],
)
def test_each_extra_shows_what_stands_in_it_and_only_where_it_runs(extra: Extra, line: str) -> None:
    assert line in _shown(extra).splitlines()
    assert line in _shown(*Extra).splitlines()
    assert line not in _shown()
