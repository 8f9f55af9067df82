"""Whatever somebody sets by hand, policies read it or leave it: a document never makes them stumble."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ivc.estate import EstateError
from ivc.policies.facts import GROUP, IMAGE, INSTANCE, NETWORK, PORT, RULE, SUBNET, VOLUME
from tests.policies.documents import judged

KINDS = (GROUP, IMAGE, INSTANCE, NETWORK, PORT, RULE, SUBNET, VOLUME, "openstack_compute_secgroup_v2", "terraform_data")
REFERENCES = [f"${{{kind}.{name}.id}}" for kind in KINDS for name in "ab"]
KEYS = (
    "name", "description", "network", "port", "block_device", "source_type", "uuid", "security_group_ids", "metadata",
    "security_group_id", "direction", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "for_each",
    "remote_group_id", "remote_address_group_id", "rule", "from_port", "cidr", "lifecycle", "prevent_destroy",
    "scheduler_hints", "group", "image_id", "user_data", "admin_pass", "network_id", "tags", "config_drive", "version",
    "required_providers", "default", "openstack", "insecure", "password", "port_security_enabled", "availability_zone",
)  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.text(max_size=8),
    st.sampled_from(
        [*REFERENCES, "ingress", "egress", "tcp", "22", "0.0.0.0/0", "${var.a}", "${each.value}", "volume"]
    ),
)
values = st.recursive(
    leaves, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS), below, max_size=4)
)
given_ = st.dictionaries(st.sampled_from(KEYS), values, max_size=8)
elements = st.dictionaries(st.sampled_from(KINDS), st.dictionaries(st.sampled_from("ab"), given_ | leaves) | leaves)
documents = st.fixed_dictionaries(
    {},
    optional={
        "resource": elements | leaves,
        "data": elements | leaves,
        "provider": values,
        "terraform": values,
        "variable": st.dictionaries(st.sampled_from("ab"), values) | leaves,
        "locals": values,
        "output": values,
    },
)


@given(documents)
def test_any_document_is_judged_or_refused_in_a_sentence(document: dict[str, Any]) -> None:
    with suppress(EstateError):
        assert judged(document) == judged(document)
