"""What is waited for before anything is made in the cloud, and how long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, create_autospec

import pytest
from openstack.block_storage.v3._proxy import Proxy as BlockStorage
from openstack.block_storage.v3.service import Service as CinderService
from openstack.block_storage.v3.stats import Pools
from openstack.compute.v2._proxy import Proxy as Compute
from openstack.compute.v2.hypervisor import Hypervisor
from openstack.compute.v2.service import Service as NovaService
from openstack.exceptions import HttpException
from openstack.network.v2._proxy import Proxy as Network
from openstack.network.v2.agent import Agent
from openstack.placement.v1._proxy import Proxy as Placement
from openstack.placement.v1.resource_provider import ResourceProvider
from openstack.placement.v1.resource_provider_inventory import ResourceProviderInventory
from practice import ready
from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import Extra, Service, services
from practice.supervise import State, Supervisor

SINCE = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
REPORTED = (SINCE + timedelta(seconds=4)).strftime("%Y-%m-%dT%H:%M:%S.000000")
BEFORE = (SINCE - timedelta(seconds=4)).strftime("%Y-%m-%dT%H:%M:%S.000000")
HOSTS = ("practice", "practice-2")
POOL = Pools(name="practice@fake#fake")


class AllRun(Supervisor):
    """A supervisor of whose services each runs."""

    def __init__(self, table: Iterable[Service]) -> None:
        super().__init__(Folder(Path("/nowhere")))
        self._table = table

    def states(self) -> dict[str, State]:
        return {one.name: State("RUNNING", 1) for one in self._table}


def nova(binary: str, updated_at: str | None = REPORTED, host: str = "practice") -> NovaService:
    return NovaService(binary=binary, host=host, state="up", updated_at=updated_at)


def cinder(binary: str, updated_at: str | None = REPORTED) -> CinderService:
    return CinderService(binary=binary, state="up", updated_at=updated_at)


@pytest.fixture
def admin() -> Any:
    """An administrator's connection to a cloud that is ready."""
    block_storage = create_autospec(BlockStorage, instance=True)
    block_storage.services.return_value = [cinder("cinder-scheduler"), cinder("cinder-volume")]
    block_storage.backend_pools.return_value = [POOL]
    compute = create_autospec(Compute, instance=True)
    compute.services.return_value = [
        nova("nova-conductor"),
        nova("nova-scheduler"),
        *(nova("nova-compute", host=host) for host in HOSTS),
    ]
    compute.hypervisors.return_value = [Hypervisor(name=host) for host in HOSTS]
    placement = create_autospec(Placement, instance=True)
    placement.resource_providers.return_value = [ResourceProvider(id=host, name=host) for host in HOSTS]
    placement.resource_provider_inventories.return_value = [
        ResourceProviderInventory(resource_class=name) for name in ("VCPU", "MEMORY_MB", "DISK_GB")
    ]
    network = create_autospec(Network, instance=True)
    network.agents.return_value = [Agent(host=host, alive=True) for host in HOSTS]
    return SimpleNamespace(block_storage=block_storage, compute=compute, placement=placement, network=network)


def wait(admin: Any) -> None:
    table = services(Folder(Path("/nowhere")))
    ready.wait_for_workers(AllRun(table), table, admin, SINCE)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "PATIENCE", 0.1)


def test_a_cloud_that_is_ready_is_waited_for_no_longer(admin: Any, impatient: None) -> None:
    wait(admin)


def test_cinders_scheduler_must_know_a_pool(admin: Any) -> None:
    admin.block_storage.backend_pools.side_effect = [[], [], [POOL]]
    wait(admin)
    assert admin.block_storage.backend_pools.call_count == 3


@pytest.mark.parametrize("updated_at", [None, BEFORE], ids=["none yet", "one from before the last stop"])
def test_a_worker_without_a_report_of_this_start_is_not_there(
    admin: Any, impatient: None, updated_at: str | None
) -> None:
    admin.block_storage.services.return_value = [cinder("cinder-scheduler", updated_at), cinder("cinder-volume")]
    admin.compute.services.return_value = [nova("nova-conductor"), nova("nova-scheduler", updated_at)]
    with pytest.raises(PracticeError, match=r"for want of: cinder-scheduler, nova-scheduler, nova-compute of practice"):
        wait(admin)


def test_the_scheduler_is_not_asked_before_it_listens(admin: Any, impatient: None) -> None:
    admin.block_storage.services.return_value = [cinder("cinder-scheduler", None), cinder("cinder-volume")]
    with pytest.raises(PracticeError):
        wait(admin)
    admin.block_storage.backend_pools.assert_not_called()


@pytest.mark.parametrize("named", [(), ("VCPU", "MEMORY_MB")], ids=["nothing", "half of them"])
def test_placement_must_know_what_the_host_has(admin: Any, impatient: None, named: tuple[str, ...]) -> None:
    admin.placement.resource_provider_inventories.return_value = [
        ResourceProviderInventory(resource_class=name) for name in named
    ]
    with pytest.raises(PracticeError, match=r"for want of: resources in Placement of practice, .* of practice-2\."):
        wait(admin)


@pytest.mark.parametrize(
    ("proxy", "asked", "found", "sentence"),
    [
        ("compute", "services", ["nova-conductor", "nova-scheduler", "nova-compute"], "nova-compute of practice-2"),
        ("compute", "hypervisors", [Hypervisor(name="practice")], "a hypervisor of practice-2"),
        (
            "placement",
            "resource_providers",
            [ResourceProvider(id="1", name="practice")],
            "resources in Placement of practice-2",
        ),
        (
            "network",
            "agents",
            [Agent(host="practice", alive=True), Agent(host="practice-2", alive=False)],
            "Neutron's agent of practice-2",
        ),
    ],
)
def test_each_host_must_be_there(
    admin: Any, impatient: None, proxy: str, asked: str, found: list[Any], sentence: str
) -> None:
    found = [nova(one) if isinstance(one, str) else one for one in found]
    getattr(getattr(admin, proxy), asked).return_value = found
    with pytest.raises(PracticeError, match=rf"for want of: {sentence}\.$"):
        wait(admin)


def test_an_api_that_says_no_for_a_while_is_asked_again(admin: Any) -> None:
    from keystoneauth1.exceptions import ConnectFailure

    admin.block_storage.backend_pools.side_effect = [HttpException("RPC\ntimeout"), ConnectFailure("gone"), [POOL]]
    wait(admin)


def test_an_api_that_says_no_for_too_long_is_quoted_in_the_one_sentence(admin: Any, impatient: None) -> None:
    admin.block_storage.backend_pools.side_effect = HttpException("RPC\ntimeout")
    with pytest.raises(PracticeError, match=r"for want of: RPC timeout\.$"):
        wait(admin)


def test_a_service_that_died_is_named_at_once(admin: Any) -> None:
    table = services(Folder(Path("/nowhere")))
    with pytest.raises(PracticeError, match=r"^glance does not run: see /nowhere/log/glance\.log\.$"):
        ready.wait_for_workers(AllRun([one for one in table if one.name != "glance"]), table, admin, SINCE)


def test_a_busy_machine_is_given_its_time() -> None:
    """An idle one takes 5 to 40 s for the longest of the waits."""
    assert ready.PATIENCE >= 600


@pytest.fixture
def user() -> Any:
    """A user's connection to a cloud with all extras."""
    return MagicMock()


def test_each_extra_is_called_once_before_anybody_else_calls(user: Any) -> None:
    ready.call_first(user, tuple(Extra))
    assert [name for name, _, _ in user.method_calls] == [
        "object_store.containers",
        "key_manager.secrets",
        "dns.zones",
        "load_balancer.load_balancers",
        "orchestration.stacks",
    ]


def test_an_extra_that_refuses_is_asked_again(user: Any) -> None:
    user.key_manager.secrets.side_effect = [HttpException("policy not registered"), iter([])]
    ready.call_first(user, [Extra.SECRETS])
    assert user.key_manager.secrets.call_count == 2


def test_an_extra_that_refuses_for_too_long_is_quoted(user: Any, impatient: None) -> None:
    user.key_manager.secrets.side_effect = HttpException("policy not registered")
    with pytest.raises(PracticeError, match=r"^An extra answers nobody: .*policy not registered"):
        ready.call_first(user, [Extra.SECRETS])
