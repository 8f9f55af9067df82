"""Elements that are made without their constructors, whose checks take as long as all the rest."""

from pathlib import Path
from typing import Any

import pytest
from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_openstack.networking_port_v2 import NetworkingPortV2, NetworkingPortV2FixedIp

from ivc import OpenStackStack
from ivc.declare.cdktf import create, struct
from tests.helpers import PORT, new_stack, synth


@pytest.fixture
def stack(tmp_path: Path) -> OpenStackStack:
    return new_stack(tmp_path)


def port_of(document: Any, name: str) -> Any:
    return {key: value for key, value in document["resource"][PORT][name].items() if key != "//"}


def test_they_are_what_their_constructors_make(stack: OpenStackStack) -> None:
    common: dict[str, Any] = {
        "network_id": "n",
        "admin_state_up": None,
        "security_group_ids": ["a", "b"],
        "value_specs": {"k": "v"},
    }
    NetworkingPortV2(
        stack,
        "plain",
        fixed_ip=[NetworkingPortV2FixedIp(subnet_id="s", ip_address="10.0.0.9")],
        lifecycle=TerraformResourceLifecycle(ignore_changes=["description"], prevent_destroy=True),
        **common,
    )
    create(
        NetworkingPortV2,
        stack,
        "ours",
        fixed_ip=[struct(NetworkingPortV2FixedIp, subnet_id="s", ip_address="10.0.0.9")],
        lifecycle=struct(TerraformResourceLifecycle, ignore_changes=["description"], prevent_destroy=True),
        **common,
    )
    document = synth(stack)
    assert port_of(document, "ours") == port_of(document, "plain")
    assert port_of(document, "ours")["fixed_ip"] == [{"ip_address": "10.0.0.9", "subnet_id": "s"}]


def test_one_is_the_same_object_wherever_the_tree_gives_it(stack: OpenStackStack) -> None:
    port = create(NetworkingPortV2, stack, "p", network_id="n")
    assert stack.node.find_child("p") is port


def test_an_argument_that_it_does_not_have_is_refused(stack: OpenStackStack) -> None:
    with pytest.raises(TypeError, match="NetworkingPortV2Config has not all of network_id, adress"):
        create(NetworkingPortV2, stack, "p", network_id="n", adress="10.0.0.9")
