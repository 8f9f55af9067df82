"""What the extras are good for, as the user demo asks for it; and their life beside the core's."""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from keystoneauth1.session import Session
from openstack.connection import Connection
from practice import processes
from practice.cloud import Cloud
from practice.folder import Folder
from practice.ready import PATIENCE
from practice.services import BIND_PORT, HOST, Extra
from tenacity import retry, stop_after_delay, wait_fixed

pytestmark = [pytest.mark.cloud, pytest.mark.long]

EVERY = tuple(Extra)


@pytest.fixture(scope="module")
def cloud(practice_cloud: Cloud) -> Cloud:
    """The cloud with all extras."""
    practice_cloud.up(EVERY)
    return practice_cloud


@pytest.fixture(scope="module")
def demo(cloud: Cloud) -> Connection:
    return cloud.connect()


@pytest.fixture
def name() -> str:
    """One that nothing else has."""
    return f"extra-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def undo() -> Iterator[Callable[..., None]]:
    """Takes what is to be called when the test has ended, the last first."""
    calls: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []
    yield lambda call, *arguments, **named: calls.append((call, arguments, named))
    for call, arguments, named in reversed(calls):
        call(*arguments, **named)


@pytest.fixture
def subnet(demo: Connection, name: str, undo: Callable[..., None]) -> Any:
    network = demo.network.create_network(name=name)
    undo(demo.network.delete_network, network)
    return demo.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.77.0.0/24")


@pytest.fixture
def balancer(demo: Connection, name: str, subnet: Any, undo: Callable[..., None]) -> Any:
    made = demo.load_balancer.create_load_balancer(name=name, vip_subnet_id=subnet.id)
    undo(_delete_balancer, demo, made)
    return _active(demo, made)


def _active(demo: Connection, balancer: Any) -> Any:
    return demo.load_balancer.wait_for_load_balancer(balancer.id, interval=1, wait=PATIENCE)


def _delete_balancer(demo: Connection, balancer: Any) -> None:
    demo.load_balancer.delete_load_balancer(balancer, cascade=True)
    demo.load_balancer.wait_for_delete(balancer, interval=0.3, wait=PATIENCE)


def test_a_load_balancer_and_all_its_parts_become_active(demo: Connection, balancer: Any, subnet: Any) -> None:
    octavia = demo.load_balancer
    listener = octavia.create_listener(load_balancer_id=balancer.id, protocol="HTTP", protocol_port=80)
    _active(demo, balancer)
    pool = octavia.create_pool(listener_id=listener.id, protocol="HTTP", lb_algorithm="ROUND_ROBIN")
    _active(demo, balancer)
    member = octavia.create_member(pool, address="10.77.0.9", protocol_port=8080, subnet_id=subnet.id)
    _active(demo, balancer)
    monitor = octavia.create_health_monitor(pool_id=pool.id, type="TCP", delay=5, timeout=3, max_retries=3)
    _active(demo, balancer)
    states = [
        octavia.get_listener(listener).provisioning_status,
        octavia.get_pool(pool).provisioning_status,
        octavia.get_member(member, pool).provisioning_status,
        octavia.get_health_monitor(monitor).provisioning_status,
    ]
    assert states == ["ACTIVE"] * 4
    port = demo.network.get_port(balancer.vip_port_id)
    assert [ip["ip_address"] for ip in port.fixed_ips] == [balancer.vip_address]


def test_octavias_own_port_goes_with_the_load_balancer_and_anothers_stays(
    demo: Connection, balancer: Any, subnet: Any, name: str, undo: Callable[..., None]
) -> None:
    ours = demo.network.create_port(network_id=subnet.network_id)
    undo(demo.network.delete_port, ours)
    other = demo.load_balancer.create_load_balancer(name=f"{name}-2", vip_port_id=ours.id)
    _active(demo, other)
    _delete_balancer(demo, other)
    assert demo.network.get_port(ours.id).fixed_ips == ours.fixed_ips

    third = _active(demo, demo.load_balancer.create_load_balancer(name=f"{name}-3", vip_subnet_id=subnet.id))
    _delete_balancer(demo, third)
    assert demo.network.find_port(third.vip_port_id) is None


def test_a_listener_takes_its_certificate_from_barbican(
    demo: Connection, balancer: Any, name: str, tmp_path: Path, undo: Callable[..., None]
) -> None:
    key, certificate, bundle = (str(tmp_path / one) for one in ("key", "certificate", "bundle"))
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=shop.example")
    for command in (
        ("openssl", "req", "-x509", *made, "-keyout", key, "-out", certificate),
        ("openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-passout", "pass:", "-out", bundle),
    ):
        subprocess.run(command, check=True, capture_output=True)
    secret = demo.key_manager.create_secret(
        name=name,
        payload=base64.b64encode(Path(bundle).read_bytes()).decode(),
        payload_content_type="application/octet-stream",
        payload_content_encoding="base64",
    )
    undo(demo.key_manager.delete_secret, secret.secret_id)
    listener = demo.load_balancer.create_listener(
        load_balancer_id=balancer.id,
        protocol="TERMINATED_HTTPS",
        protocol_port=443,
        default_tls_container_ref=secret.secret_ref,
    )
    _active(demo, balancer)
    assert demo.load_balancer.get_listener(listener).provisioning_status == "ACTIVE"


def test_a_listener_whose_certificate_is_not_there_is_refused(demo: Connection, balancer: Any) -> None:
    from openstack.exceptions import HttpException

    nowhere = f"http://{HOST}:9311/v1/secrets/{uuid.uuid4()}"
    with pytest.raises(HttpException):
        demo.load_balancer.create_listener(
            load_balancer_id=balancer.id,
            protocol="TERMINATED_HTTPS",
            protocol_port=443,
            default_tls_container_ref=nowhere,
        )


def test_a_record_is_answered_by_bind(cloud: Cloud, demo: Connection, name: str, undo: Callable[..., None]) -> None:
    zone = demo.dns.create_zone(name=f"{name}.example.", email="ops@shop.example", ttl=60)
    undo(demo.dns.delete_zone, zone)
    record = demo.dns.create_recordset(zone, name=f"www.{name}.example.", type="A", records=["203.0.113.9"])
    _wait_for(lambda: demo.dns.get_zone(zone.id).status == "ACTIVE")
    _wait_for(lambda: demo.dns.get_recordset(record.id, zone).status == "ACTIVE")
    assert _asked(cloud, f"www.{name}.example.", "A") == "203.0.113.9"

    demo.dns.update_recordset(record, records=["203.0.113.10"])
    _wait_for(lambda: _asked(cloud, f"www.{name}.example.", "A") == "203.0.113.10")


def test_an_object_is_kept_and_everybody_may_read_it_where_that_is_said(
    demo: Connection, name: str, undo: Callable[..., None]
) -> None:
    demo.object_store.create_container(name)
    undo(demo.object_store.delete_container, name)
    demo.object_store.upload_object(name, "hello.txt", data=b"hello")
    undo(demo.object_store.delete_object, "hello.txt", container=name)
    assert demo.object_store.download_object("hello.txt", container=name) == b"hello"
    address = f"{demo.object_store.get_endpoint()}/{name}/hello.txt"
    assert Session().get(address, raise_exc=False).status_code == 401
    demo.object_store.put(f"/{name}", headers={"X-Container-Read": ".r:*"})
    assert Session().get(address).text == "hello"


def test_a_secret_is_kept(demo: Connection, name: str, undo: Callable[..., None]) -> None:
    secret = demo.key_manager.create_secret(name=name, payload="hush", payload_content_type="text/plain")
    undo(demo.key_manager.delete_secret, secret.secret_id)
    assert demo.key_manager.get_secret(secret.secret_id).payload == "hush"


def test_a_stack_becomes_complete(demo: Connection, name: str, undo: Callable[..., None]) -> None:
    template = {
        "heat_template_version": "2021-04-16",
        "resources": {
            "network": {"type": "OS::Neutron::Net", "properties": {"name": name}},
            "subnet": {
                "type": "OS::Neutron::Subnet",
                "properties": {"network": {"get_resource": "network"}, "cidr": "10.78.0.0/24"},
            },
            "server": {
                "type": "OS::Nova::Server",
                "depends_on": "subnet",
                "properties": {
                    "name": name,
                    "image": "Debian 12",
                    "flavor": "d2-2",
                    "networks": [{"network": {"get_resource": "network"}}],
                },
            },
        },
        "outputs": {"server": {"value": {"get_resource": "server"}}},
    }
    stack = demo.orchestration.create_stack(name=name, template=template)
    undo(demo.orchestration.wait_for_delete, stack, interval=0.3, wait=PATIENCE)
    undo(demo.orchestration.delete_stack, stack)
    stack = demo.orchestration.wait_for_status(stack, "CREATE_COMPLETE", ["CREATE_FAILED"], interval=0.3, wait=PATIENCE)
    (output,) = demo.orchestration.get_stack(stack.id).outputs
    assert demo.compute.get_server(output["output_value"]).status == "ACTIVE"


def test_everything_listens_on_loopback_only(cloud: Cloud) -> None:
    listening = [
        connection
        for process in processes.marked(Folder(cloud.folder))
        for connection in process.net_connections("inet")
        if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
    ]
    assert {connection.laddr.port for connection in listening} >= {BIND_PORT}
    assert {connection.laddr.ip for connection in listening} <= {"127.0.0.1", "::1"}


def test_extras_come_to_a_cloud_that_runs_go_on_by_themselves_and_keep_their_data(
    cloud: Cloud, name: str, undo: Callable[..., None]
) -> None:
    """Last, as it takes the cloud down."""
    demo = cloud.connect()
    demo.object_store.create_container(name)
    undo(demo.object_store.delete_container, name)
    cloud.down()
    cloud.up()
    core = {one.name: one.pid for one in cloud.status()}
    assert not cloud.extras
    assert not _in_catalogue(cloud, "object-store")

    cloud.up([Extra.OBJECTS])
    assert cloud.extras == (Extra.OBJECTS,)
    with_objects = {one.name: one.pid for one in cloud.status()}
    assert with_objects.items() > core.items()
    assert name in [one.name for one in cloud.connect().object_store.containers()]

    cloud.up()
    assert {one.name: one.pid for one in cloud.status()} == with_objects
    cloud.up([Extra.SECRETS])
    assert {one.name: one.pid for one in cloud.status()}.items() > with_objects.items()
    assert cloud.is_up(["objects", "secrets"])
    assert not cloud.is_up(["dns"])


def _in_catalogue(cloud: Cloud, type: str) -> bool:
    return any(one["type"] == type for one in cloud.connect().service_catalog)


def _asked(cloud: Cloud, name: str, type: str) -> str:
    """What BIND answers, by the library that Designate has for it."""
    ask = (
        "import sys, dns.resolver\n"
        "it = dns.resolver.Resolver(configure=False)\n"
        "it.nameservers, it.port = [sys.argv[1]], int(sys.argv[2])\n"
        "print(it.resolve(sys.argv[3], sys.argv[4])[0])"
    )
    command = (Folder(cloud.folder).program("python"), "-c", ask, HOST, str(BIND_PORT), name, type)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@retry(stop=stop_after_delay(PATIENCE), wait=wait_fixed(0.5), reraise=True)
def _wait_for(holds: Callable[[], bool]) -> None:
    assert holds()
