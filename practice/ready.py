"""Waits: until a service answers, and until the workers behind the APIs have reported."""

import http.client
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from practice.errors import PracticeError
from practice.processes import listens
from practice.services import HOST, Service
from practice.supervise import Supervisor

if TYPE_CHECKING:
    from openstack.connection import Connection

_LONGEST_START = 120

_COMPUTE_WORKERS = frozenset({"nova-conductor", "nova-scheduler", "nova-compute"})
_VOLUME_WORKERS = frozenset({"cinder-scheduler", "cinder-volume"})


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


def wait_for_workers(supervisor: Supervisor, services: Iterable[Service], admin: "Connection", since: datetime) -> None:
    """Return once every worker of Nova and Cinder has reported after `since` (UTC) and Placement has the host.

    An older report is no sign of life: it may come from before the last stop. A worker that has none yet is new.
    """
    from openstack.exceptions import SDKException

    missing: list[str] = []

    def check() -> bool:
        _check_alive(supervisor, services)
        try:
            missing[:] = _missing(admin, since)
        except SDKException as error:
            missing[:] = [str(error)]
        return not missing

    _wait(check, lambda: f"The cloud runs but is not ready, for want of: {', '.join(missing)}.", pause=0.5)


def _check_alive(supervisor: Supervisor, services: Iterable[Service]) -> None:
    states = supervisor.states()
    for one in services:
        state = states.get(one.name)
        if state is None or state.name not in ("STARTING", "RUNNING"):
            raise PracticeError(f"{one.name} does not run: see {supervisor.log_of(one)}.")


def _missing(admin: "Connection", since: datetime) -> list[str]:
    oldest = since.strftime("%Y-%m-%dT%H:%M:%S")

    def alive(worker: object) -> bool:
        updated: str | None = getattr(worker, "updated_at", None)
        return getattr(worker, "state", None) == "up" and (updated is None or updated[:19] >= oldest)

    compute = {one.binary for one in admin.compute.services() if alive(one)}
    volume = {one.binary for one in admin.block_storage.services() if alive(one)}
    missing = sorted((_COMPUTE_WORKERS - compute) | (_VOLUME_WORKERS - volume))
    if not list(admin.compute.hypervisors()):
        missing.append("a hypervisor")
    if not list(admin.placement.resource_providers()):
        missing.append("a resource provider")
    if not any(one.is_alive for one in admin.network.agents()):
        missing.append("Neutron's agent")
    return missing


def _wait(check: Callable[[], bool], sentence: Callable[[], str], *, pause: float) -> None:
    retrying = Retrying(
        retry=retry_if_result(lambda done: not done),
        stop=stop_after_delay(_LONGEST_START),
        wait=wait_fixed(pause),
    )
    try:
        retrying(check)
    except RetryError:
        raise PracticeError(sentence()) from None
