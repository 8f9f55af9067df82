"""Waits: until a service answers, and until all that stands behind the APIs can be used."""

import http.client
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from practice.databases import inside
from practice.errors import PracticeError
from practice.folder import Folder
from practice.processes import listens
from practice.services import HOST, RABBITMQ_PORT, ZONES, Extra, Service
from practice.supervise import Supervisor

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Seconds after which a wait is given up. A service that dies ends a wait at once, so that this is for one that
#: hangs; a machine that is busy with other things may take many times what an idle one takes.
PATIENCE = 600

_COMPUTE_WORKERS = frozenset({"nova-conductor", "nova-scheduler"})
_VOLUME_WORKERS = frozenset({"cinder-scheduler", "cinder-volume"})
_RESOURCES = frozenset({"VCPU", "MEMORY_MB", "DISK_GB"})
_FIRST_CALLS: Mapping[Extra, Callable[["Connection"], Iterable[object]]] = {
    Extra.OBJECTS: lambda cloud: cloud.object_store.containers(),
    Extra.SECRETS: lambda cloud: cloud.key_manager.secrets(),
    Extra.DNS: lambda cloud: cloud.dns.zones(),
    Extra.LOADBALANCER: lambda cloud: cloud.load_balancer.load_balancers(),
    Extra.ORCHESTRATION: lambda cloud: cloud.orchestration.stacks(),
}


def answers(service: Service) -> bool:
    """Whether the service does on its port what it is there for; true for one without a port."""
    if service.port is None:
        return True
    if service.path is None:
        return listens(service.port)
    connection = http.client.HTTPConnection(HOST, service.port, timeout=30)
    try:
        connection.request("GET", service.path)
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_service(supervisor: Supervisor, service: Service) -> None:
    """Return once the service answers; raise a PracticeError when it died or takes too long."""

    def check() -> bool:
        _check_alive(supervisor, [service])
        return answers(service)

    _wait(check, lambda: f"{service.name} does not answer: see {supervisor.log_of(service)}.", pause=0.2)


def wait_for_listeners(supervisor: Supervisor, folder: Folder, services: Iterable[Service]) -> None:
    """Return once each service that has a queue listens on it; what is sent there before is lost."""
    waited = [one for one in services if one.queue]
    queues = [one.queue for one in waited if one.queue]
    command = (*inside(folder, "queues.py"), f"{HOST}:{RABBITMQ_PORT}", *queues)

    def check() -> bool:
        _check_alive(supervisor, waited)
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    if queues:
        _wait(check, lambda: f"Nobody listens on one of RabbitMQ's queues {', '.join(queues)}.", pause=0.2)


def wait_for_workers(supervisor: Supervisor, services: Iterable[Service], admin: "Connection", since: datetime) -> None:
    """Return once servers and volumes can be made.

    Every worker of Nova and Cinder has then reported after `since` (UTC), Cinder's scheduler knows a pool, and
    Placement the resources of every host. An older report is no sign of life, as it may come from before the last stop;
    nor is a worker's mere row, which it writes before it listens.
    """
    missing: list[str] = []

    def check() -> bool:
        _check_alive(supervisor, services)
        try:
            missing[:] = _missing(admin, since)
        except refusals() as error:
            missing[:] = [" ".join(str(error).split())]
        return not missing

    _wait(check, lambda: f"The cloud runs but is not ready, for want of: {', '.join(missing)}.", pause=0.5)


def call_first(cloud: "Connection", extras: Iterable[Extra]) -> None:
    """Call each extra's API once, and return when each has answered a user.

    Barbican and Designate read who may do what at the first call, and refuse one that comes at the same time.
    """
    said = ""

    def check() -> bool:
        nonlocal said
        try:
            for extra in extras:
                next(iter(_FIRST_CALLS[extra](cloud)), None)
        except refusals() as error:
            said = " ".join(str(error).split())
            return False
        return True

    _wait(check, lambda: f"An extra answers nobody: {said}.", pause=0.5)


def refusals() -> tuple[type[Exception], ...]:
    """What openstacksdk raises where an API says no, or nothing at all."""
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    return SDKException, ClientException


def _check_alive(supervisor: Supervisor, services: Iterable[Service]) -> None:
    states = supervisor.states()
    for one in services:
        state = states.get(one.name)
        if state is None or state.name not in ("STARTING", "RUNNING"):
            raise PracticeError(f"{one.name} does not run: see {supervisor.log_of(one)}.")


def _missing(admin: "Connection", since: datetime) -> list[str]:
    oldest = since.strftime("%Y-%m-%dT%H:%M:%S")

    def reported(workers: Iterable[Any]) -> list[Any]:
        return [one for one in workers if one.state == "up" and (one.updated_at or "")[:19] >= oldest]

    nova = reported(admin.compute.services())
    compute = _COMPUTE_WORKERS - {one.binary for one in nova}
    volume = _VOLUME_WORKERS - {one.binary for one in reported(admin.block_storage.services())}
    missing = sorted(compute | volume)
    missing += _absent("nova-compute", (one.host for one in nova if one.binary == "nova-compute"))
    # One that does not listen yet would leave us waiting for its answer for a minute.
    if not volume and not list(admin.block_storage.backend_pools()):
        missing.append("a pool that Cinder's scheduler knows")
    missing += _absent("a hypervisor", (one.name for one in admin.compute.hypervisors()))
    missing += _absent("resources in Placement", _with_resources(admin))
    missing += _absent("Neutron's agent", (one.host for one in admin.network.agents() if one.is_alive))
    return missing


def _absent(what: str, there: Iterable[str]) -> list[str]:
    """A thing that each host must have, for each one that has it not."""
    found = set(there)
    return [f"{what} of {host}" for host in ZONES if host not in found]


def _with_resources(admin: "Connection") -> Iterator[str]:
    # A provider comes first, and what it has afterwards.
    for provider in admin.placement.resource_providers():
        if {one.resource_class for one in admin.placement.resource_provider_inventories(provider)} >= _RESOURCES:
            yield provider.name


def _wait(check: Callable[[], bool], sentence: Callable[[], str], *, pause: float) -> None:
    retrying = Retrying(
        retry=retry_if_result(lambda done: not done),
        stop=stop_after_delay(PATIENCE),
        wait=wait_fixed(pause),
    )
    try:
        retrying(check)
    except RetryError:
        raise PracticeError(sentence()) from None
