"""The real cloud's life: up, a crash, down, up again with its data."""

import os
import signal
import uuid
from collections.abc import Iterator

import psutil
import pytest
from practice import processes
from practice.cloud import Cloud
from practice.folder import Folder
from practice.ready import PATIENCE

pytestmark = pytest.mark.cloud


@pytest.fixture
def cloud(practice_cloud: Cloud) -> Iterator[Cloud]:
    """The cloud, up before the test and after it."""
    practice_cloud.up()
    yield practice_cloud
    practice_cloud.up()


@pytest.fixture
def keepsake(cloud: Cloud) -> Iterator[str]:
    """The name of a volume by which the data is known again."""
    name = f"keepsake-{uuid.uuid4().hex[:8]}"
    volume = cloud.connect().block_storage.create_volume(name=name, size=1)
    cloud.connect().block_storage.wait_for_status(volume, "available", failures=["error"], wait=PATIENCE)
    yield name
    cloud.up()
    cloud.connect().block_storage.delete_volume(volume.id)


def test_everything_listens_on_loopback_only(cloud: Cloud) -> None:
    listening = [
        connection
        for process in processes.marked(Folder(cloud.folder))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {connection.laddr.ip for connection in listening} <= {"127.0.0.1", "::1"}


def test_up_on_a_running_cloud_changes_nothing(cloud: Cloud) -> None:
    before = [one.pid for one in cloud.status()]
    cloud.up()
    assert [one.pid for one in cloud.status()] == before


def test_what_is_offered_stands_there_once(cloud: Cloud) -> None:
    cloud.up()
    demo = cloud.connect()
    names = [one.name for one in demo.network.networks()]
    assert names.count("Ext-Net") == 1
    names = [one.name for one in demo.image.images()]
    assert (names.count("Debian 12"), names.count("Ubuntu 24.04")) == (1, 1)
    assert [one.name for one in demo.compute.keypairs()].count("ops") == 1


def test_demo_is_no_administrator_and_gets_what_the_cloud_chooses_outside(cloud: Cloud) -> None:
    demo = cloud.connect()
    outside = demo.network.find_network("Ext-Net", ignore_missing=False)
    assert outside.project_id != demo.current_project_id
    port = demo.network.create_port(network_id=outside.id)
    try:
        assert sorted(":" in one["ip_address"] for one in port.fixed_ips) == [False, True]
    finally:
        demo.network.delete_port(port)


def test_after_a_crash_down_ends_the_orphans_and_up_finds_the_data(cloud: Cloud, keepsake: str) -> None:
    folder = Folder(cloud.folder)
    supervisord = int((folder.run / "supervisord.pid").read_text())
    os.kill(supervisord, signal.SIGKILL)

    assert not cloud.is_up()
    assert cloud.orphans()
    assert cloud.down() > 0
    assert not processes.marked(folder)
    assert cloud.down() == 0

    cloud.up()
    assert cloud.is_up()
    assert cloud.connect().block_storage.find_volume(keepsake) is not None


def test_down_stops_everything_and_keeps_the_data(cloud: Cloud, keepsake: str) -> None:
    cloud.down()
    assert not processes.marked(Folder(cloud.folder))
    cloud.up()
    assert cloud.connect().block_storage.find_volume(keepsake) is not None
