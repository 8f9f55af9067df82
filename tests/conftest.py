"""Fixtures of all tests: an app in a folder of its own, in an environment that says nothing; and the practice cloud,
for those that need it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies
from practice.cloud import Cloud
from practice.errors import PracticeError

from ivc import OpenStackStack
from tests import helpers
from tests.running import cannot_be_had, does_not_work, note_start, take_down_if_started, was_up_before

pytest_plugins = ["tests.running"]

# Else OpenTofu says on stdout that they are not there, before what it is asked for.
if not Path(os.environ.get("TF_CLI_CONFIG_FILE", "/")).exists():
    del os.environ["TF_CLI_CONFIG_FILE"]

# A shell's background command ignores it, and so would all that is started and interrupted here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is slow, and that is no fault of what is tested.
settings.register_profile("ivc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ivc")

StackFactory = Callable[..., OpenStackStack]


@pytest.fixture(scope="session", autouse=True)
def _unicode_table() -> None:
    """Builds what Hypothesis draws texts from: in a fresh clone that takes seconds, and the first test to draw one
    would be called slow for it.
    """
    strategies.text().validate()


@pytest.fixture(autouse=True)
def _environment_says_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("cloud"):
        return
    for name in ("IVC_BACKEND", "TF_CLOUD_ORGANIZATION", "TF_CLOUD_HOSTNAME", "CDKTF_OUTDIR", "IVC_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_stack(tmp_path: Path) -> StackFactory:
    """Makes a stack in an app of its own; its templates stand in the test's folder."""

    def make(name: str = "shop", **settings: Any) -> OpenStackStack:
        return helpers.new_stack(tmp_path, name, **settings)

    return make


@pytest.fixture
def shop(make_stack: StackFactory) -> OpenStackStack:
    """An empty stack called `shop`."""
    return make_stack()


@pytest.fixture(scope="session")
def practice_cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """The practice cloud, up. One that was down is taken down again."""
    cloud = Cloud()
    try:
        cloud.install()
    except PracticeError as error:
        cannot_be_had("the practice cloud", error)
    if not was_up_before(cloud):
        note_start(cloud)
    try:
        # Takes down what it started, where it fails.
        cloud.up()
    except BaseException as error:
        does_not_work(request.session, "cloud", error)
        raise
    yield cloud
    take_down_if_started(cloud)
