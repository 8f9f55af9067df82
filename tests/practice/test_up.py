"""What `up` leaves where it fails, without a cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from keystoneauth1.exceptions import ConnectFailure
from openstack.exceptions import HttpException
from practice import extras as behind
from practice import processes, ready, seed
from practice.cloud import Cloud
from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import Extra
from practice.supervise import Supervisor


@pytest.fixture
def started() -> list[subprocess.Popen[bytes]]:
    """What a cloud of these tests has started."""
    return []


@pytest.fixture
def cloud(folder: Folder, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A cloud of one process, which comes up, and cannot be filled where a test says why."""

    def launch(self: Cloud, extras: object) -> None:
        environment = os.environ | processes.mark(folder)
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=environment))

    for name in ("install", "_start", "_seed"):
        monkeypatch.setattr(Cloud, name, lambda *_: None)
    monkeypatch.setattr(Cloud, "is_up", lambda *_: True)
    monkeypatch.setattr(Cloud, "_launch", launch)
    yield Cloud(folder.root)
    for one in started:
        one.kill()
        one.wait()


def fails(monkeypatch: pytest.MonkeyPatch, reason: BaseException) -> None:
    def seed(self: Cloud) -> None:
        raise reason

    monkeypatch.setattr(Cloud, "_seed", seed)


@pytest.mark.parametrize(
    "reason",
    [PracticeError("no"), RuntimeError("a fault of ours"), KeyboardInterrupt()],
    ids=["refused", "a fault", "Ctrl-C"],
)
def test_a_cloud_that_was_down_and_does_not_come_up_is_down_again(
    cloud: Cloud, folder: Folder, monkeypatch: pytest.MonkeyPatch, reason: BaseException
) -> None:
    fails(monkeypatch, reason)
    with pytest.raises(type(reason)):
        cloud.up()
    assert processes.marked(folder) == []
    assert folder.log.exists()


def test_one_that_comes_up_stays(cloud: Cloud, folder: Folder) -> None:
    cloud.up()
    assert len(processes.marked(folder)) == 1


def test_one_that_ran_before_goes_on_running(cloud: Cloud, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.up()
    monkeypatch.setattr(Supervisor, "is_running", lambda _: True)
    fails(monkeypatch, PracticeError("no"))
    with pytest.raises(PracticeError):
        cloud.up()
    assert len(processes.marked(folder)) == 1


@pytest.mark.parametrize("reason", [HttpException("500:\nno"), ConnectFailure("500:\nno")], ids=["sdk", "keystone"])
def test_what_an_api_says_is_one_sentence_with_the_place_of_the_logs(
    cloud: Cloud, folder: Folder, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    fails(monkeypatch, reason)
    with pytest.raises(PracticeError) as error:
        cloud.up()
    assert str(error.value) == f"The cloud cannot be filled (500: no): see the logs in {folder.log}."


def test_a_first_start_that_was_cut_off_before_its_tables_were_made_begins_anew(cloud: Cloud, folder: Folder) -> None:
    folder.make_state()
    half = folder.data / "mysql" / "half.ibd"
    half.parent.mkdir()
    half.touch()
    cloud.up()
    assert not half.exists()


def test_once_they_were_made_the_data_stays(cloud: Cloud, folder: Folder) -> None:
    folder.make_state()
    table = folder.data / "mysql" / "table.ibd"
    table.parent.mkdir()
    table.touch()
    (folder.data / "synced").write_text("of an older lock")
    cloud.up()
    assert table.exists()


@pytest.fixture
def stopped(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is stopped of a cloud that runs, and to which no extra can be added."""
    cloud.up()
    names: list[str] = []

    def make(folder: Folder, extras: list[Extra]) -> None:
        raise PracticeError("no")

    monkeypatch.setattr(Supervisor, "is_running", lambda _: True)
    monkeypatch.setattr(Supervisor, "stop", lambda _, service: names.append(service.name))
    monkeypatch.setattr(behind, "make", make)
    monkeypatch.setattr(Cloud, "is_up", lambda _, extras=(): not extras)
    return names


def test_an_extra_that_does_not_come_up_is_stopped_again_and_nothing_else_is(
    cloud: Cloud, folder: Folder, stopped: list[str]
) -> None:
    with pytest.raises(PracticeError, match=r"^no$"):
        cloud.up(["secrets", "objects"])
    assert stopped == ["barbican", "swift-proxy", "swift-object", "swift-container", "swift-account"]
    assert cloud.extras == ()
    assert len(processes.marked(folder)) == 1


def test_one_that_ran_before_another_was_added_goes_on(cloud: Cloud, folder: Folder, stopped: list[str]) -> None:
    (folder.run / "extras").write_text("secrets")
    with pytest.raises(PracticeError, match=r"^no$"):
        cloud.up(["objects"])
    assert "barbican" not in stopped
    assert "swift-proxy" in stopped
    assert cloud.extras == ("secrets",)


def test_a_cloud_that_is_down_has_no_extras(cloud: Cloud, folder: Folder) -> None:
    folder.make_state()
    (folder.run / "extras").write_text("secrets")
    assert cloud.extras == ()
    assert {one.name for one in cloud.status()}.isdisjoint({"barbican"})


def test_an_unknown_extra_is_told_before_anything_is_done(cloud: Cloud, folder: Folder) -> None:
    with pytest.raises(PracticeError, match=r"no extra 'object': did you mean objects\?"):
        cloud.up(["object"])
    assert not folder.root.exists()


def test_an_extra_that_answers_nobody_is_none(
    cloud: Cloud, folder: Folder, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Extra] = []

    def call_first(_: object, extras: list[Extra]) -> None:
        called.extend(extras)
        raise PracticeError("An extra answers nobody.")

    monkeypatch.setattr(behind, "make", lambda *_: None)
    monkeypatch.setattr(behind, "finish", lambda *_: None)
    monkeypatch.setattr(Cloud, "_start_services", lambda *_: None)
    monkeypatch.setattr(seed, "catalogue", lambda *_: None)
    monkeypatch.setattr(ready, "call_first", call_first)
    with pytest.raises(PracticeError, match=r"^An extra answers nobody\.$"):
        cloud.up(["secrets"])
    assert (called, stopped, cloud.extras) == ([Extra.SECRETS], ["barbican"], ())
