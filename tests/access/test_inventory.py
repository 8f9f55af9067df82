"""The inventory that Ansible reads."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ivc.access import inventory
from ivc.access.server import Server
from tests.access.samples import running, shop
from tests.helpers import Json, clean_environment
from tests.own_environment import NotToBeHadError, program
from tests.running import cannot_be_had

SHOP = """\
all:
  children:
    stack_shop:
      hosts:
        bastion:
          ansible_host: 203.0.113.5
          ivc_addresses:
            backend:
            - 10.0.0.5
          ivc_floating_ips:
            backend: 203.0.113.5
        db-1:
          ansible_host: 10.9.0.21
          ivc_addresses:
            store:
            - 10.9.0.21
            backend:
            - 10.0.0.21
        www-1:
          ansible_host: 198.51.100.7
          ivc_addresses:
            Ext-Net:
            - 198.51.100.7
            - 2001:db8::7
            backend:
            - 10.0.0.11
            - fd00::11
    tag_data_base:
      hosts:
        db-1: {}
    tag_slow:
      hosts:
        db-1: {}
    tag_web:
      hosts:
        www-1: {}
    tier_www:
      hosts:
        www-1: {}
"""


@pytest.fixture(scope="module")
def ansible() -> Path:
    try:
        return program("ansible", "ansible-inventory")
    except NotToBeHadError as error:
        cannot_be_had("ansible-inventory", error)


def hosts(servers: Sequence[Server], *, network: str | None = None) -> dict[str, str]:
    """Where Ansible reaches each."""
    read = yaml.safe_load(inventory.text(servers, network=network))
    return {name: one["ansible_host"] for name, one in read["all"]["children"]["stack_shop"]["hosts"].items()}


def test_servers_stand_in_groups_and_tell_their_addresses() -> None:
    assert inventory.text(shop()) == SHOP


def test_ansible_reads_it_without_a_word(ansible: Path, tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text(inventory.text(shop()))
    # Nobody's settings.
    (tmp_path / "ansible.cfg").touch()
    own = {"HOME": str(tmp_path), "ANSIBLE_CONFIG": "ansible.cfg", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [ansible, "-i", "hosts.yaml", "--list"],
        cwd=tmp_path,
        env=clean_environment(**own),
        capture_output=True,
        text=True,
        check=True,
    )
    read: Json = json.loads(done.stdout)
    assert done.stderr == ""
    variables = read.pop("_meta")["hostvars"]
    assert variables["bastion"] == {
        "ansible_host": "203.0.113.5",
        "ivc_addresses": {"backend": ["10.0.0.5"]},
        "ivc_floating_ips": {"backend": "203.0.113.5"},
    }
    assert variables["www-1"]["ivc_addresses"]["Ext-Net"] == ["198.51.100.7", "2001:db8::7"]
    assert {name: group["hosts"] for name, group in read.items() if "hosts" in group} == {
        "stack_shop": ["bastion", "db-1", "www-1"],
        "tag_data_base": ["db-1"],
        "tag_slow": ["db-1"],
        "tag_web": ["www-1"],
        "tier_www": ["www-1"],
    }


def test_a_network_is_where_those_that_are_on_it_are_reached() -> None:
    assert hosts(shop(), network="backend") == {"bastion": "10.0.0.5", "db-1": "10.0.0.21", "www-1": "10.0.0.11"}
    assert hosts(shop(), network="store") == {"bastion": "203.0.113.5", "db-1": "10.9.0.21", "www-1": "198.51.100.7"}


def test_by_name_no_address_to_reach_it_is_told() -> None:
    written = inventory.text(shop(), by_name=True)
    assert "ansible_host" not in written
    assert "10.9.0.21" in written


def test_servers_of_two_stacks_share_the_groups_of_their_tags() -> None:
    servers = [running("a", tags=["web"]), running("b", stack="my-lab", tags=["web"])]
    groups = yaml.safe_load(inventory.text(servers))["all"]["children"]
    assert {name: [*group["hosts"]] for name, group in groups.items()} == {
        "stack_my_lab": ["b"],
        "stack_shop": ["a"],
        "tag_web": ["a", "b"],
    }


@given(tags=st.sets(st.text(min_size=1, max_size=8), max_size=4))
def test_any_tag_is_a_group_that_ansible_takes_or_is_refused(tags: set[str]) -> None:
    """Ansible's rule: a name of Python's, in ASCII."""
    folded = {inventory.group_name("tag", tag) for tag in tags}
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", group) for group in folded)
    if len(folded) < len(tags):
        with pytest.raises(ValueError, match="rename one of them"):
            inventory.text([running(tags=sorted(tags))])
        return
    groups = yaml.safe_load(inventory.text([running(tags=sorted(tags))]))["all"]["children"]
    assert {*groups} == folded | {"stack_shop"}


@pytest.mark.parametrize(
    ("servers", "sentence"),
    [
        (
            [running("a", tags=["web-1"]), running("b", tags=["web.1"])],
            "the tag web-1 and the tag web.1 would both be the group tag_web_1 in Ansible; rename one of them",
        ),
        (
            [running("a", tier="www-1"), running("b", tier="www_1")],
            "the tier www-1 and the tier www_1 would both be the group tier_www_1 in Ansible; rename one of them",
        ),
        (
            [running("tag_web"), running("b", tags=["web"])],
            "stack shop: instance tag_web is called as the tag web is in Ansible, which would take one for the other; "
            "rename one of them",
        ),
        (
            [running("all")],
            "stack shop: instance all is called as a group of Ansible's own is in Ansible, which would take one for "
            "the other; rename one of them",
        ),
        (
            [running(addresses={})],
            "stack shop: instance www-1 has no address in the state; give its network a subnet, and deploy it anew",
        ),
    ],
)
def test_what_ansible_would_mix_up_is_refused(servers: list[Server], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        inventory.text(servers)


def test_a_network_that_nobody_is_on_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"^--network: no server is on 'lab'; there are Ext-Net, backend, store$"):
        inventory.text(shop(), network="lab")
    with pytest.raises(ValueError, match=r"^--network: no server is on 'lab'; there are none$"):
        inventory.text([], network="lab")
