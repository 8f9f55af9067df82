"""The Heat stack of docs/other-services.md, on the practice cloud."""

from __future__ import annotations

import re

import pytest
from cdktf_cdktf_provider_openstack.orchestration_stack_v1 import OrchestrationStackV1
from openstack.connection import Connection
from practice.cloud import Cloud

from ivc import OpenStackStack
from tests.cloud.terraform import Deployment
from tests.helpers import PROJECT

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def deployed(cloud: Cloud, deployment: Deployment) -> Deployment:
    cloud.up(["orchestration"])
    page = (PROJECT / "docs" / "other-services.md").read_text()
    found = re.search(r'^TEMPLATE = """.*?^\)$', page, re.DOTALL | re.MULTILINE)
    assert found is not None

    def declare(stack: OpenStackStack) -> None:
        exec(found[0], {"shop": stack, "OrchestrationStackV1": OrchestrationStackV1})  # noqa: S102 - the page's own

    deployment.declare(declare)
    deployment.apply()
    return deployment


def test_heat_makes_what_its_template_says(deployed: Deployment, demo: Connection) -> None:
    (stack,) = demo.orchestration.stacks()
    assert (stack.name, stack.status) == ("shop-heat", "CREATE_COMPLETE")
    (network,) = demo.network.networks(name="from-heat")
    assert [one.cidr for one in demo.network.subnets(network_id=network.id)] == ["10.9.0.0/24"]


def test_a_second_plan_is_empty(deployed: Deployment) -> None:
    assert deployed.plan().changes == {}
