"""What an earlier version of the library made stays as it is: `former/` keeps the JSON that 0.1.0 wrote of this estate.

A new release that must replace something says so, and offers the old; this is where it would be seen first.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openstack.connection import Connection

from ivc import Icmp, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData, Volume
from tests.cloud import witness
from tests.cloud.terraform import Deployment

FORMER = Path(__file__).parent / "former"
# All that Terraform, JSON, YAML and shells give a meaning to, and a value that only apply tells between such signs.
TEMPLATE = (
    "#cloud-config\nwrite_files:\n- path: /etc/odd\n  content: |\n"
    "    ${HOME} %{http_code} $$ $${a} 'q' \"d\" \\n \ttab é → 𝄞 <EOT>\n"
    "    $<{{ instance.addresses['Ext-Net'] }}> %{{ instance.volumes[0].id }}$\r\n"
)


def declare(stack: OpenStackStack) -> None:
    """One of everything that version 0.1.0 could declare; what it meant then it means now."""
    internet = Network.lookup(stack, "Ext-Net", public=True)
    inside = Network(stack, "former", cidr="10.44.0.0/24", description="Inside")
    web = SecurityGroup(stack, "former-web", description="In front")
    db = SecurityGroup(stack, "former-db", egress="closed")
    web.allow_from_anywhere(Tcp(443), Icmp())
    db.allow_from(web, Tcp("mysql"))
    Instance(
        stack,
        "former-1",
        image="Debian 12",
        flavor="d2-2",
        key_pair="ops",
        nics=[internet.nic(web), inside.nic(web, ip="10.44.0.11")],
        user_data=UserData.template("odd.yaml.jinja"),
        volumes=[Volume.lookup(stack, "former-data").mount("/srv")],
        tags=["former"],
    )
    Instance(
        stack,
        "former-2",
        image="Debian 12",
        flavor="d2-2",
        nics=[inside.nic(db)],
        volumes=[Volume.lookup(stack, "former-live").attach(live=True)],
    )


@pytest.fixture(scope="module")
def former(volume: Callable[[str], str], deployment: Deployment) -> Deployment:
    """The estate as the earlier version made it."""
    for name in ("former-data", "former-live"):
        volume(name)
    deployment.stack_folder.mkdir(parents=True)
    shutil.copy(FORMER / "cdk.tf.json", deployment.stack_folder)
    deployment.run("init", "-input=false")
    deployment.apply()
    return deployment


def test_a_state_of_an_earlier_version_plans_empty(former: Deployment, demo: Connection, admin: Connection) -> None:
    before = witness.stored_user_data(admin, witness.running(demo, "former-1").id)
    former.template("odd.yaml.jinja", TEMPLATE)
    former.declare(declare)
    # What is compared of user data stands in the state from now on.
    compared = {f"terraform_data.{name}__user_data": ["create"] for name in ("former-1", "former-2")}
    assert former.plan().changes == compared

    former.apply()
    former.run("apply", "-input=false", "-auto-approve", "-replace=openstack_compute_instance_v2.former-1")
    server = witness.running(demo, "former-1")
    # The command that mounts volumes is the library's own, and may be another one by now.
    users_own = [text.partition("bootcmd:")[0] for text in (before, witness.stored_user_data(admin, server.id))]
    assert users_own[0] == users_own[1]
    assert former.plan().changes == {}


def test_the_folder_of_a_stack_is_complete_in_itself(former: Deployment, tmp_path: Path) -> None:
    """A run elsewhere, such as one of Terraform Cloud, has no more than this folder, and the state."""
    former.template("odd.yaml.jinja", TEMPLATE)
    former.declare(declare)
    former.apply()
    elsewhere = tmp_path / "a" / "b" / "c"
    shutil.copytree(former.stack_folder, elsewhere, ignore=shutil.ignore_patterns(".terraform*", "plan"))
    (state,) = former.folder.glob("*.tfstate")
    shutil.copy(state, tmp_path)
    former.run("init", "-input=false", folder=elsewhere)
    assert "No changes." in former.run("plan", "-input=false", "-no-color", folder=elsewhere)
