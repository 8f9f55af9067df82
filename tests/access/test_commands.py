"""`ivc inventory` and `ivc ssh-config` with a real Terraform, on stacks that need no cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.access.samples import ID
from tests.deploy.outputs import Json, document, ivc, write
from tests.terraform import state_servers

pytestmark = pytest.mark.terraform


def instance(address: str, network: str = "backend", **more: Any) -> Json:
    """What the output says of one server."""
    said = {"networks": [network], "public": [], "tags": [], **more}
    return {"id": ID, "name": "x", "addresses": {network: [address]}, **said}


def stack(**instances: Json) -> Json:
    """A stack with the output of such servers."""
    return document(a={"input": "1"}) | {"output": {"instances": {"value": instances}}}


SHOP = stack(
    bastion=instance("10.0.0.5", floating_ips={"backend": "203.0.113.5"}),
    **{"www-1": instance("10.0.0.11", tags=["web"]), "www-2": instance("10.0.0.12", tags=["web"])},
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stacks: two are deployed, and not one that declares no server, nor one that does."""
    folder = tmp_path_factory.mktemp("project")
    lab, later = stack(**{"www-1": instance("10.0.0.11")}), stack(db=instance("10.0.0.21"))
    write(folder / "cdktf.out", {"shop": SHOP, "lab": lab, "net": document(a={"input": "1"}), "later": later})
    done = ivc(folder, "deploy", "--yes", "--from", "cdktf.out", "shop", "lab")
    assert done.returncode == 0, done.stderr
    return folder


def said(folder: Path, *arguments: str) -> str:
    """What a command prints that does what it is asked."""
    done = ivc(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(folder: Path, *arguments: str) -> str:
    """The sentence of a command that does not, and prints nothing else."""
    done = ivc(folder, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()[-1]


def test_the_inventory_is_what_the_state_says(project: Path) -> None:
    read = yaml.safe_load(said(project, "inventory", "shop", "net"))["all"]["children"]
    assert {name: [*group["hosts"]] for name, group in read.items()} == {
        "stack_shop": ["bastion", "www-1", "www-2"],
        "tag_web": ["www-1", "www-2"],
    }
    assert [one["ansible_host"] for one in read["stack_shop"]["hosts"].values()] == [
        "203.0.113.5",
        "10.0.0.11",
        "10.0.0.12",
    ]


def test_an_address_is_left_out_or_chosen_and_not_both(project: Path) -> None:
    assert "ansible_host" not in said(project, "inventory", "shop", "--by-name")
    assert refused(project, "inventory", "shop", "--by-name", "--network", "backend") == (
        "ivc: --by-name: no address is told then, and --network chooses one; leave one of the two out"
    )


def test_ssh_goes_by_the_jump(project: Path) -> None:
    written = said(project, "ssh-config", "shop", "--jump", "bastion", "--user", "debian")
    assert written.splitlines()[:10] == [
        "Host bastion",
        "    HostName 203.0.113.5",
        f"    HostKeyAlias bastion.{ID}",
        "    User debian",
        "",
        "Host www-1",
        "    HostName 10.0.0.11",
        f"    HostKeyAlias www-1.{ID}",
        "    User debian",
        "    ProxyJump bastion",
    ]


def test_servers_of_one_name_in_two_stacks_are_refused(project: Path) -> None:
    assert refused(project, "inventory", "shop", "lab") == (
        "ivc: www-1: there is one in stack lab and one in stack shop, which would be taken for the same; name the "
        "stack that is meant"
    )


def test_a_stack_that_was_never_deployed_is_refused(project: Path) -> None:
    assert refused(project, "ssh-config", "later") == (
        "ivc: stack later: its state knows of no servers: deploy it first, or name the stacks meant"
    )


def test_what_is_asked_for_and_is_not_there_is_refused(project: Path) -> None:
    assert refused(project, "inventory", "shop", "--network", "lab") == (
        "ivc: --network: no server is on 'lab'; there are backend"
    )
    assert refused(project, "ssh-config", "shop", "--jump", "gate") == (
        "ivc: --jump: no server is called 'gate'; there are bastion, www-1, www-2"
    )


def test_a_state_that_is_kept_elsewhere_is_read_as_well(tmp_path: Path) -> None:
    with state_servers.http() as address:
        elsewhere = SHOP | {"terraform": {"backend": {"http": {"address": f"{address}/shop"}}}}
        write(tmp_path / "cdktf.out", {"shop": elsewhere})
        assert ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out").returncode == 0
        assert [*tmp_path.glob("*.tfstate")] == []
        assert "Host www-2\n    HostName 10.0.0.12\n" in said(tmp_path, "ssh-config")


def test_a_state_of_an_older_ivc_works_and_a_deploy_brings_what_it_lacks(tmp_path: Path) -> None:
    """The review sees no danger in it: nothing but the output changes."""
    older = {"id": ID, "name": "x", "addresses": {"Ext-Net": ["198.51.100.7"], "backend": ["10.0.0.11"]}}
    write(tmp_path / "cdktf.out", {"shop": stack(www=older)})
    assert ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out").returncode == 0
    now = older | {"networks": ["backend", "Ext-Net"], "public": ["Ext-Net"], "tags": ["web"]}
    write(tmp_path / "cdktf.out", {"shop": stack(www=now)})

    before = ivc(tmp_path, "inventory")
    every = "destroy,wipe,replace,detach,stop,open"
    deployed = ivc(tmp_path, "deploy", "--yes", "--from", "cdktf.out", "--fail-on", every)
    after = ivc(tmp_path, "inventory")

    assert "ansible_host: 198.51.100.7" in before.stdout
    assert before.stderr.splitlines()[-1] == (
        "shop: its state was written by an IvC that did not note tags, the order of networks and which of them are "
        "public: `ivc deploy` notes them."
    )
    assert deployed.returncode == 0, deployed.stderr
    assert "only outputs change: instances" in deployed.stdout
    assert (after.returncode, after.stderr.count("an IvC that")) == (0, 0)
    assert "tag_web" in after.stdout
