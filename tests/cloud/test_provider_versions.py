"""The provider that the bindings were made for, and the way from it to the one that we ask for."""

from __future__ import annotations

from openstack.connection import Connection

from tests.cloud import witness
from tests.cloud.terraform import Deployment
from tests.cloud.test_guards import small


def test_what_provider_3_0_0_made_is_as_declared_and_3_4_0_changes_nothing(
    deployment: Deployment, demo: Connection
) -> None:
    deployment.declare(small("old-1"), provider_version="3.0.0")
    deployment.apply()
    server = witness.running(demo, "old-1")
    assert (server.status, server.networks, server.groups) == ("ACTIVE", ["Ext-Net", "small"], [["small"], ["small"]])
    assert deployment.plan().changes == {}

    deployment.declare(small("old-1"))
    assert deployment.plan().changes == {}
